"""Times counted back from a moment by what a row says, and ranges that figures ask for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from db.figures import day, since_parameter
from db.model import Kind, Parameter
from db.types import Time

__all__ = ["FROM", "SINCE", "TO", "between", "day", "days_before", "recent", "seconds_before"]


class moment_before(GenericFunction[Any]):  # noqa: N801 - a SQL construct
    """``moment_before(time, days, seconds)``: earlier by so much."""

    inherit_cache = True
    type = Time()


@compiles(moment_before, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    moment, days, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({moment} - make_interval(days => {days}, secs => {seconds}))"


@compiles(moment_before, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    moment, days, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"strftime('%Y-%m-%d %H:%M:%f', {moment}, -({days}) || ' days', -({seconds}) || ' seconds')"


def seconds_before(moment: ColumnElement[Any], seconds: int) -> ColumnElement[Any]:
    """A time earlier by a fixed number of seconds."""
    return moment_before(moment, literal_column("0"), literal_column(str(seconds)))


def days_before(moment: ColumnElement[Any], days: ColumnElement[int]) -> ColumnElement[Any]:
    """A time earlier by as many days as the row says; they must be within what a calendar holds."""
    return moment_before(moment, days, literal_column("0"))


FROM = Parameter("from", Kind.TIME, "-30d")
TO = Parameter("to", Kind.TIME, "now")
SINCE = Parameter("since", Kind.TIME, "-30d")


def between(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Within the range of the parameters ``from`` and ``to``, both included."""
    return and_(column >= bindparam("from", type_=Time()), column <= bindparam("to", type_=Time()))


def recent(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Not before the parameter ``since``."""
    return column >= since_parameter()
