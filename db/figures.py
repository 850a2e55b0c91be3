"""What grouped statistics are made of: the same rows on every engine, and a short form to declare them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Dialect, Numeric, Select, Text, bindparam, case, func
from sqlalchemy import types as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from db.model import Column, Figure, Kind, Parameter, Raw
from db.types import Money, Time, kind_of


class Ratio(sa.TypeDecorator[Decimal]):
    """A computed number: an average, a share; Decimal in Python, whatever the engine computes with."""

    impl = Numeric
    cache_ok = True

    def __init__(self, decimals: int) -> None:
        super().__init__()
        self.decimals = decimals

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """NUMERIC, or SQLite's REAL as it comes."""
        return dialect.type_descriptor(sa.Float() if dialect.name == "sqlite" else Numeric())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | Raw | None:  # type: ignore[override] # Raw: what no Decimal holds
        """Decimal, or Raw."""
        if value is None:
            return None
        try:
            return Decimal(str(value)).quantize(Decimal(1).scaleb(-self.decimals))
        except InvalidOperation:
            return Raw(value)


class average(GenericFunction[Any]):  # noqa: N801 - a SQL construct
    """The mean of integers or of MONEY, to two decimals."""

    inherit_cache = True

    def __init__(self, argument: ColumnElement[Any]) -> None:
        super().__init__(argument)
        self.type = Money(18, 2) if isinstance(argument.type, Money) else Ratio(2)


@compiles(average)
def _average(element: Any, compiler: Any, **kw: Any) -> str:
    return f"round(avg({compiler.process(element.clauses, **kw)}), 2)"


@compiles(average, "sqlite")
def _average_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    if isinstance(element.type, Money):
        return f"CAST(round(avg({compiler.process(element.clauses, **kw)})) AS INTEGER)"
    return _average(element, compiler, **kw)


class percentage(GenericFunction[Any]):  # noqa: N801 - a SQL construct
    """``percentage(part, whole)`` to one decimal; NULL of nothing."""

    inherit_cache = True
    type = Ratio(1)


@compiles(percentage)
def _percentage(element: Any, compiler: Any, **kw: Any) -> str:
    part, whole = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"round(100.0 * ({part}) / nullif({whole}, 0), 1)"


class day(GenericFunction[str]):  # noqa: N801 - a SQL construct
    """The date of a time as text, ``2025-11-03``, in the zone that the column keeps."""

    inherit_cache = True
    type = Text()


@compiles(day, "sqlite")
def _day_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"substr({compiler.process(element.clauses, **kw)}, 1, 10)"


@compiles(day, "postgresql")
def _day_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kw)}, 'YYYY-MM-DD')"


@compiles(day, "mysql")
@compiles(day, "mariadb")
def _day_mysql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"date_format({compiler.process(element.clauses, **kw)}, '%%Y-%%m-%%d')"


def count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of the group fulfil it."""
    return func.count(case((condition, 1)))


def since_parameter(name: str = "since") -> BindParameter[Any]:
    """A parameter of a figure that is a time without zone."""
    return bindparam(name, type_=Time())


def figure(
    name: str,
    summary: str,
    statement: Select[*tuple[Any, ...]],
    *parameters: Parameter,
    kinds: Mapping[str, Kind] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """A figure whose columns are those of its statement, their kinds by type where none is given."""
    columns = tuple(
        Column(
            name=column.name,
            kind=(kinds or {}).get(column.name) or kind_of(column.type),
            expression=column,
            label=(labels or {}).get(column.name, ""),
        )
        for column in statement.selected_columns
    )
    return Figure(name, summary, statement, columns, parameters)
