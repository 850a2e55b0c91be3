"""Column types that mean the same on PostgreSQL, MySQL, MariaDB and SQLite, and survive what others stored.

Python values: str, int, bool, Decimal, aware UTC datetime, tuple of str, bytes, None; ``Raw`` where the
stored value does not fit its type. SQLite keeps money as INTEGER of its smallest unit, wide decimals as
text of fixed width that sorts, times as ISO text in UTC.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Boolean, DateTime, Dialect, Integer, LargeBinary, Numeric, String, Text, Uuid
from sqlalchemy import types as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import functions
from sqlalchemy.sql.elements import ColumnElement

from db.model import Kind, Raw

__all__ = [
    "Amount",
    "Blob",
    "Boolean",
    "Id",
    "Inet",
    "Integer",
    "Json",
    "Key",
    "LargeBinary",
    "Money",
    "Status",
    "String",
    "Text",
    "TextList",
    "Time",
    "as_written",
    "kind_of",
    "naive_zone",
    "total",
]

naive_zone: ContextVar[tzinfo] = ContextVar("naive_zone", default=UTC)
"""The zone of times stored without one; set by the reader and the writer from the profile."""


def _postgresql() -> Any:
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - 17 ms that no other engine waits for

    return postgresql


def Key(length: int = 36) -> String:  # noqa: N802 - reads as a type beside Id()
    """An id that the system keeps as text on every engine (TrustSphere)."""
    return String(length)


class Id(sa.TypeDecorator[str]):
    """A UUID as its lower-case text; PostgreSQL's ``uuid``, elsewhere VARCHAR(36)."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """``uuid`` where the engine has it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_postgresql().UUID(as_uuid=False))
        return dialect.type_descriptor(String(36))


class Blob(LargeBinary):
    """Bytes beyond the 64 KB of MySQL's BLOB."""

    __visit_name__ = "quaestor_blob"


@compiles(Blob)
@compiles(Blob, "sqlite")
@compiles(Blob, "postgresql")
def _blob(type_: Blob, compiler: Any, **given: Any) -> str:
    return str(compiler.visit_large_binary(type_, **given))


@compiles(Blob, "mysql")
@compiles(Blob, "mariadb")
def _medium_blob(_type: Blob, _compiler: Any, **_: Any) -> str:
    return "MEDIUMBLOB"  # without importing SQLAlchemy's MySQL for every engine


class _MysqlEnum(sa.UserDefinedType[str]):
    """MySQL's ENUM without SQLAlchemy's refusal of values that it does not know."""

    cache_ok = True

    def __init__(self, values: tuple[str, ...]) -> None:
        self.values = values

    def get_col_spec(self, **_: Any) -> str:
        """The type in DDL."""
        return "ENUM(" + ", ".join("'" + value.replace("'", "''") + "'" for value in self.values) + ")"


class Status(sa.TypeDecorator[str]):
    """One of a few known texts; unknown ones come through as they are. ENUM on MySQL where asked."""

    impl = String
    cache_ok = True

    def __init__(self, *values: str, length: int = 20, enum: bool = False) -> None:
        super().__init__(length)
        self.values = values
        self.length = length
        self.enum = enum

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """ENUM on MySQL and MariaDB where the system has one."""
        if self.enum and dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(_MysqlEnum(self.values))
        return dialect.type_descriptor(String(self.length))


class Time(sa.TypeDecorator[datetime]):
    """A moment, aware UTC in Python; ``zone`` says whether PostgreSQL's column has one (TIMESTAMPTZ)."""

    impl = DateTime
    cache_ok = True

    def __init__(self, zone: bool = False) -> None:
        super().__init__()
        self.zone = zone

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """TIMESTAMP, TIMESTAMPTZ, or ISO text on SQLite."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_postgresql().TIMESTAMP(timezone=self.zone))
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(sa.TIMESTAMP())
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: datetime | str | None, dialect: Dialect) -> Any:
        """Texts pass as they are: they are positions that the engine itself wrote."""
        if not isinstance(value, datetime):
            return value
        aware = value if value.tzinfo else value.replace(tzinfo=naive_zone.get())
        if dialect.name == "postgresql":
            return aware if self.zone else aware.astimezone(naive_zone.get()).replace(tzinfo=None)
        stored = aware.astimezone(naive_zone.get() if dialect.name == "sqlite" and not self.zone else UTC)
        if dialect.name in ("mysql", "mariadb"):
            return stored.replace(tzinfo=None)
        return (
            stored.strftime("%Y-%m-%d %H:%M:%S.%f")
            if stored.year >= 1000
            else stored.replace(tzinfo=None).isoformat(" ")
        )

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | Raw | None:  # type: ignore[override] # Raw: what no datetime holds
        """Aware UTC, or Raw."""
        if value is None or isinstance(value, Raw):
            return value
        if isinstance(value, datetime):
            moment = value
        else:
            try:
                moment = datetime.fromisoformat(str(value))
            except ValueError:
                return Raw(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC if dialect.name in ("mysql", "mariadb") else naive_zone.get())
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            return Raw(value)


class Money(sa.TypeDecorator[Decimal]):
    """An exact decimal of up to 18 digits; SQLite keeps it as INTEGER of its smallest unit."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int = 15, scale: int = 2) -> None:
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """NUMERIC, or INTEGER on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Decimal | int | str | None, dialect: Dialect) -> Any:
        """Scaled exactly; more decimals than the column has are an error, not a rounding."""
        if value is None or isinstance(value, str) or dialect.name != "sqlite":
            return value
        scaled = Decimal(value).scaleb(self.scale)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.scale} decimals")
        return int(scaled)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | Raw | None:  # type: ignore[override] # Raw: what no Decimal holds
        """Decimal, or Raw."""
        if value is None or isinstance(value, Decimal):
            return value
        if dialect.name == "sqlite":
            if isinstance(value, int):
                return Decimal(value).scaleb(-self.scale)
            if isinstance(value, float):  # an average of integers
                return Decimal(repr(value)).scaleb(-self.scale)
            return Raw(value)
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return Raw(value)


class Amount(sa.TypeDecorator[Decimal]):
    """A numeric(38,18); on SQLite text of fixed width that sorts as the numbers do.

    SQLite's form: ``+`` and 20 digits, a point, 18 digits; a negative one begins with ``!`` (which sorts
    before ``+``) and has each digit's complement to nine.
    """

    impl = Numeric
    cache_ok = True
    whole, scale = 20, 18
    _COMPLEMENT = str.maketrans("0123456789", "9876543210")

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """NUMERIC(38,18), or text on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(self.whole + self.scale + 2))
        return dialect.type_descriptor(Numeric(self.whole + self.scale, self.scale))

    @classmethod
    def pack(cls, value: Decimal) -> str:
        """The text that SQLite keeps."""
        exact = Decimal(value).copy_abs()  # abs() would round to the 28 digits of Python's context
        digits = f"{exact:0{cls.whole + cls.scale + 1}.{cls.scale}f}" if exact.is_finite() else ""
        if len(digits) != cls.whole + cls.scale + 1 or Decimal(digits) != exact:
            raise ValueError(f"{value} does not fit numeric(38,18)")
        return "+" + digits if value >= 0 else "!" + digits.translate(cls._COMPLEMENT)

    @classmethod
    def unpack(cls, text: str) -> Decimal:
        """The number of a text that SQLite keeps."""
        if text.startswith("!"):
            return Decimal(text[1:].translate(cls._COMPLEMENT)).copy_negate()
        return Decimal(text[1:])

    @classmethod
    def read(cls, value: Any) -> Decimal:
        """The number of what is stored, in our form or another; NaN where it is none."""
        try:
            return cls.unpack(value) if isinstance(value, str) and value[:1] in "+!" else Decimal(str(value))
        except InvalidOperation:
            return Decimal("NaN")

    def process_bind_param(self, value: Decimal | int | str | None, dialect: Dialect) -> Any:
        """Packed for SQLite; NaN, which only others store, as its text."""
        if value is None or dialect.name != "sqlite" or isinstance(value, str):
            return value
        exact = Decimal(value)
        return self.pack(exact) if exact.is_finite() else str(exact)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | Raw | None:  # type: ignore[override] # Raw: what no Decimal holds
        """Decimal, or Raw."""
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return self.unpack(value) if isinstance(value, str) and value[:1] in "+!" else Decimal(str(value))
        except InvalidOperation:
            return Raw(value)


class _Jsonb(sa.UserDefinedType[str]):
    """PostgreSQL's JSONB, carried as text in both directions: no float ever stands for a number."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type in DDL."""
        return "JSONB"


class Json(sa.TypeDecorator[str]):
    """JSON as its text, valid or not: JSONB on PostgreSQL, TEXT elsewhere."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """JSONB or TEXT."""
        return dialect.type_descriptor(_Jsonb() if dialect.name == "postgresql" else Text())

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Read as text: the driver would make floats of numbers."""
        return as_written(column)

    def bind_expression(self, bindparam: Any) -> ColumnElement[Any]:
        """Written as text that the server parses."""
        return _json_in(bindparam)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Texts pass; anything else is written as JSON."""
        return value if value is None or isinstance(value, str) else json.dumps(value, default=str)


class TextList(sa.TypeDecorator[tuple[str, ...]]):
    """A list of texts: TEXT[] on PostgreSQL, a JSON array elsewhere."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """TEXT[] or TEXT."""
        return dialect.type_descriptor(
            _postgresql().ARRAY(Text()) if dialect.name == "postgresql" else Text()
        )

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """A list for the driver, JSON elsewhere."""
        if value is None or isinstance(value, str):
            return value
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | Raw | None:  # type: ignore[override] # Raw: what is no list
        """A tuple, or Raw."""
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                return Raw(value)
            if not isinstance(value, list):
                return Raw(json.dumps(value))
        return None if value is None else tuple("" if item is None else str(item) for item in value)


class Inet(sa.TypeDecorator[str]):
    """An address as text: PostgreSQL's INET, elsewhere VARCHAR(45)."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.TypeEngine[Any]:
        """INET or VARCHAR(45)."""
        return dialect.type_descriptor(_postgresql().INET() if dialect.name == "postgresql" else String(45))

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """The text; the driver may hand over an address object."""
        return None if value is None else str(value)


class as_written(functions.GenericFunction[str]):  # noqa: N801 - a SQL construct
    """A column's value as the engine's own text where the driver's value could not be sent back unchanged."""

    inherit_cache = True
    type = Text()


@compiles(as_written)
def _as_written(element: Any, compiler: Any, **kw: Any) -> str:
    return str(
        compiler.process(
            element.clauses,
            within_columns_clause=False,
            **{k: v for k, v in kw.items() if k != "within_columns_clause"},
        )
    )


@compiles(as_written, "postgresql")
def _as_written_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"{_as_written(element, compiler, **kw)}::text"


@compiles(as_written, "mysql")
@compiles(as_written, "mariadb")
def _as_written_mysql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST({_as_written(element, compiler, **kw)} AS CHAR)"


class _json_in(functions.GenericFunction[str]):  # noqa: N801 - a SQL construct
    inherit_cache = True


@compiles(_json_in)
def _json_in_any(element: Any, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


@compiles(_json_in, "postgresql")
def _json_in_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} AS JSONB)"


class total(functions.ReturnTypeFromArgs[Any]):  # noqa: N801 - a SQL construct
    """The exact sum of MONEY or AMOUNT columns on every engine; SQLite's is an aggregate that the program adds."""

    inherit_cache = True


@compiles(total)
def _total(element: Any, compiler: Any, **kw: Any) -> str:
    return f"sum({compiler.process(element.clauses, **kw)})"


@compiles(total, "sqlite")
def _total_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    name = "quaestor_total" if isinstance(element.type, Amount) else "sum"
    return f"{name}({compiler.process(element.clauses, **kw)})"


class Total:
    """SQLite's aggregate over the texts of AMOUNT; what is no number makes the sum NaN, as PostgreSQL does."""

    _exact = Context(prec=100, traps=[])

    def __init__(self) -> None:
        self.sum: Decimal | None = None

    def step(self, value: Any) -> None:
        """Add one value; NULL adds nothing."""
        if value is not None:
            self.sum = self._exact.add(self.sum or Decimal(0), Amount.read(value))

    def finalize(self) -> str | None:
        """The sum in the same form, or as it is where that has no place for it."""
        try:
            return None if self.sum is None else Amount.pack(self.sum)
        except ValueError:
            return str(self.sum)


_KINDS: tuple[tuple[type[sa.TypeEngine[Any]], Kind], ...] = (
    (Id, Kind.ID),
    (Uuid, Kind.ID),
    (Status, Kind.STATUS),
    (Time, Kind.TIME),
    (Money, Kind.MONEY),
    (Amount, Kind.AMOUNT),
    (Json, Kind.JSON),
    (TextList, Kind.LIST),
    (Inet, Kind.ADDRESS),
    (Boolean, Kind.BOOLEAN),
    (sa.Integer, Kind.INTEGER),
    (Numeric, Kind.AMOUNT),
    (LargeBinary, Kind.BYTES),
    (DateTime, Kind.TIME),
)


def kind_of(type_: sa.TypeEngine[Any]) -> Kind:
    """The kind of a column of that type."""
    return next((kind for class_, kind in _KINDS if isinstance(type_, class_)), Kind.TEXT)
