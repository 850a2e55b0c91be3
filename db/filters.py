"""What an operator types behind ``/`` and ``--filter``: text → Filters and a search; Filters → conditions.

Grammar: ``name=value`` ``name!=value`` ``name<value`` ``<=`` ``>`` ``>=`` ``name~prefix`` ``name=low..high``;
several values by commas; an empty value means NULL; quotes keep spaces together; every other word is
searched for. Times: ISO 8601, ``now``, ``today``, ``-7d``, ``+2h`` (s m h d w), read as UTC without an offset.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from ipaddress import ip_interface
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, not_, or_

from db.errors import Usage, unknown
from db.model import Column, Entity, Filter, Kind, Operator
from db.types import Id

_TERM = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<operator>!=|<=|>=|=|<|>|~)(?P<value>.*)", re.S)
_WORD = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*")+')
_SHIFT = re.compile(r"([+-])(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_TRUE, _FALSE = {"true", "yes", "on", "1", "t", "y"}, {"false", "no", "off", "0", "f", "n"}
_CLOSED = {
    Kind.MASKED: "is masked",
    Kind.JSON: "holds JSON",
    Kind.LIST: "holds a list",
    Kind.BYTES: "holds bytes",
}


class FilterError(Usage):
    """A filter that cannot be read; ``position`` is where in the text."""

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(sentence)
        self.position = position


def parse(entity: Entity, text: str) -> tuple[tuple[Filter, ...], str]:
    """The filters and the searched words of a text; raises FilterError."""
    if text.count('"') % 2:
        raise FilterError("A quotation mark is not closed.", text.rindex('"'))
    filters: list[Filter] = []
    search: list[str] = []
    for match in _WORD.finditer(text):
        word = match.group()
        term = None if word.startswith('"') else _TERM.fullmatch(word)
        if term is None:
            search.append(_unquoted(word))
            continue
        try:
            filters.append(one(entity, term["name"], term["operator"], _unquoted(term["value"])))
        except Usage as error:
            raise FilterError(str(error), match.start()) from None
    return tuple(filters), " ".join(search)


def _unquoted(word: str) -> str:
    return re.sub(r'"((?:[^"\\]|\\.)*)"', lambda m: re.sub(r"\\(.)", r"\1", m[1]), word)


def term(entity: Entity, text: str) -> Filter:
    """One filter as ``--filter`` gives it: everything behind the operator is the value; raises Usage."""
    match = _TERM.fullmatch(text)
    if match is None:
        raise Usage(
            f"'{text}' is no filter; it looks like status=FROZEN, amount>=100 or created_at=-7d..now."
        )
    return one(entity, match["name"], match["operator"], match["value"])


def one(entity: Entity, name: str, operator: str, value: str) -> Filter:
    """A filter, checked against its column; raises Usage."""
    column = entity.by_name.get(name)
    if column is None:
        raise unknown(f"column of {entity.name}", name, entity.by_name)
    if reason := _CLOSED.get(column.kind):
        raise Usage(f"{name} {reason}; it cannot be filtered.")
    if operator == "=" and ".." in value and column.kind is not Kind.TEXT:
        low, _, high = value.partition("..")
        made = Filter(name, Operator.RANGE, low, high)
    else:
        made = Filter(name, Operator(operator), value)
    if made.operator is Operator.PREFIX and not _is_text(column):
        raise Usage(f"{name} is no text; ~ looks for the beginning of a text.")
    condition(column, made, "sqlite")  # reads the value once, so that a wrong one is told before it runs
    return made


def _is_text(column: Column) -> bool:
    return column.kind in (Kind.TEXT, Kind.STATUS, Kind.ID) and not isinstance(column.expression.type, Id)


def moment(text: str, now: datetime | None = None) -> datetime:
    """The moment that a text means, aware UTC; raises Usage."""
    now = now or datetime.now(UTC)
    if text == "now":
        return now
    if text == "today":
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    if shift := _SHIFT.fullmatch(text):
        try:
            return now + timedelta(**{_UNITS[shift[3]]: int(shift[1] + shift[2])})
        except OverflowError:
            raise Usage(f"'{text}' is before or after all time.") from None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Usage(
            f"'{text}' is no time; write 2025-03-01, 2025-03-01T14:00+01:00, now, today, -7d or -2h."
        ) from None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def whole_day(text: str) -> bool:
    """Whether a text means a day, not a moment."""
    return text == "today" or re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None


def value_of(column: Column, text: str) -> Any:
    """The Python value that a text means in a column; raises Usage."""
    try:
        match column.kind:
            case Kind.TIME:
                return moment(text)
            case Kind.INTEGER:
                return int(text)
            case Kind.MONEY | Kind.AMOUNT | Kind.PERCENT:
                return Decimal(text)
            case Kind.BOOLEAN:
                return _boolean(text)
            case Kind.ADDRESS:
                ip_interface(text)  # or PostgreSQL's inet would refuse the whole statement
    except (ValueError, InvalidOperation):
        raise Usage(f"{column.name} wants {_WANTS[column.kind]}, not '{text}'.") from None
    if isinstance(column.expression.type, Id):
        try:
            return str(uuid.UUID(text))
        except ValueError:
            raise Usage(f"{column.name} wants a UUID, not '{text}'.") from None
    return text


_WANTS = {
    Kind.INTEGER: "a whole number",
    Kind.MONEY: "an amount",
    Kind.AMOUNT: "a number",
    Kind.PERCENT: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.ADDRESS: "an IP address",
}


def _boolean(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError(text)


def condition(column: Column, filter_: Filter, dialect: str) -> ColumnElement[bool]:  # noqa: PLR0911 - one a comparison
    """The SQL condition of a filter; its values are read when the statement runs."""
    subject = column.expression
    match filter_.operator:
        case Operator.EQ:
            return _equal(column, filter_.value)
        case Operator.NE:
            equal = _equal(column, filter_.value)
            return not_(equal) if not filter_.value else or_(not_(equal), subject.is_(None))
        case Operator.PREFIX:
            return prefix(subject, filter_.value, dialect)
        case Operator.RANGE:
            ends = []
            if filter_.value:
                ends.append(subject >= _bound(column, filter_.value))
            if filter_.high:
                ends.append(_up_to(column, filter_.high))
            if not ends:
                raise Usage(
                    f"A range of {column.name} needs one end at least: {column.name}=10.. or {column.name}=..20."
                )
            return and_(*ends)
        case Operator.LE:
            return _up_to(column, filter_.value)
        case Operator.GT if column.kind is Kind.TIME and whole_day(filter_.value):
            return subject >= _bound(column, filter_.value, timedelta(days=1))
        case _:
            compare: dict[Operator, Callable[[Any], Any]] = {
                Operator.LT: subject.__lt__,
                Operator.GT: subject.__gt__,
                Operator.GE: subject.__ge__,
            }
            return compare[filter_.operator](_bound(column, filter_.value))  # type: ignore[no-any-return] # SQLAlchemy's operators return Any here


def _up_to(column: Column, text: str) -> ColumnElement[bool]:
    if column.kind is Kind.TIME and whole_day(text):
        return column.expression < _bound(column, text, timedelta(days=1))
    return column.expression <= _bound(column, text)


def _equal(column: Column, text: str) -> ColumnElement[bool]:
    subject = column.expression
    if text == "":
        return subject.is_(None)
    if column.kind is Kind.TIME and whole_day(text):
        return and_(subject >= _bound(column, text), subject < _bound(column, text, timedelta(days=1)))
    parts = [part for part in text.split(",") if part]
    if len(parts) < 2 or column.kind is Kind.TEXT:
        return subject == _bound(column, text)
    return or_(*(subject == _bound(column, part) for part in parts))


def _bound(column: Column, text: str, plus: timedelta = timedelta(0)) -> ColumnElement[Any]:
    """A parameter whose value is read when the statement runs: ``-7d`` moves with the clock."""
    first = value_of(column, text)
    if column.kind is Kind.TIME:
        return bindparam(
            None, type_=column.expression.type, unique=True, callable_=lambda: moment(text) + plus
        )
    return bindparam(None, first, type_=column.expression.type, unique=True)


def prefix(subject: ColumnElement[Any], text: str, dialect: str) -> ColumnElement[bool]:
    """The texts that begin so; SQLite's LIKE ignores case and so its indexes, a range does not."""
    if dialect == "sqlite":
        return and_(subject >= text, subject < text + "\U0010ffff")
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    return (
        subject.like(escaped + "%", escape="\\") if dialect == "postgresql" else subject.like(escaped + "%")
    )


def look_up(columns: list[tuple[Column, bool]], text: str, dialect: str) -> ColumnElement[bool]:
    """The condition of a free-text search over (column, whether a prefix may be looked for)."""
    terms: list[ColumnElement[bool]] = []
    for column, by_prefix in columns:
        try:
            value = value_of(column, text)
        except Usage:
            continue  # a word that is no number cannot be in a column of numbers
        subject = column.expression
        terms.append(
            prefix(subject, text, dialect)
            if by_prefix and _is_text(column)
            else subject == bindparam(None, value, type_=subject.type, unique=True)
        )
    return or_(*terms) if terms else false()
