"""Spans of time in SQL, the same on every engine: a time so many seconds earlier, its hour, and its place in a grid."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class seconds_earlier(GenericFunction[Any]):  # noqa: N801 - a SQL construct
    """``seconds_earlier(time, seconds)``, of the time's own type."""

    inherit_cache = True

    def __init__(self, time: ColumnElement[Any], seconds: ColumnElement[Any]) -> None:
        super().__init__(time, seconds)
        self.type = time.type


@compiles(seconds_earlier, "postgresql")
def _earlier_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    time, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({time} - make_interval(secs => {seconds}))"


@compiles(seconds_earlier, "sqlite")
def _earlier_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    time, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"strftime('%Y-%m-%d %H:%M:%f', {time}, '-{seconds} seconds')"


@compiles(seconds_earlier, "mysql")
@compiles(seconds_earlier, "mariadb")
def _earlier_mysql(element: Any, compiler: Any, **kw: Any) -> str:
    time, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({time} - INTERVAL {seconds} SECOND)"


class hour_of(GenericFunction[int]):  # noqa: N801 - a SQL construct
    """The hour of a time, 0 to 23, in the zone that the column keeps."""

    inherit_cache = True
    type = Integer()


@compiles(hour_of, "postgresql")
def _hour_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"extract(hour FROM {compiler.process(element.clauses, **kw)})"


@compiles(hour_of, "sqlite")
def _hour_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST(substr({compiler.process(element.clauses, **kw)}, 12, 2) AS INTEGER)"


@compiles(hour_of, "mysql")
@compiles(hour_of, "mariadb")
def _hour_mysql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"hour({compiler.process(element.clauses, **kw)})"


class slot_of(GenericFunction[int]):  # noqa: N801 - a SQL construct
    """``slot_of(time, width)``: how many whole spans of so many seconds lie between the epoch and the time, as the column keeps it."""

    inherit_cache = True
    type = Integer()


@compiles(slot_of, "postgresql")
def _slot_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    time, width = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(floor(extract(epoch FROM {time}) / {width}) AS bigint)"


@compiles(slot_of, "sqlite")
def _slot_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    time, width = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(strftime('%s', {time}) AS INTEGER) / {width}"


@compiles(slot_of, "mysql")
@compiles(slot_of, "mariadb")
def _slot_mysql(element: Any, compiler: Any, **kw: Any) -> str:
    time, width = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"floor(timestampdiff(SECOND, '1970-01-01', {time}) / {width})"


def earlier(time: ColumnElement[Any], seconds: int) -> ColumnElement[Any]:
    """A time earlier by a fixed number of seconds."""
    return seconds_earlier(time, literal_column(str(int(seconds))))


def slot(time: ColumnElement[Any], width: int) -> ColumnElement[int]:
    """The number of the time's span of so many seconds."""
    return slot_of(time, literal_column(str(int(width))))
