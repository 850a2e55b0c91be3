"""Server defaults that mean the same on every engine."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from db.types import Amount, Id, TextList, Time


class random_id(GenericFunction[str]):  # noqa: N801 - a SQL construct
    """A new random UUID, made by the server."""

    inherit_cache = True
    type = Id()


@compiles(random_id)
def _random_id(element: Any, compiler: Any, **kw: Any) -> str:
    return "gen_random_uuid()"


@compiles(random_id, "sqlite")
def _random_id_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    def bits(octets: int) -> str:
        return f"lower(hex(randomblob({octets})))"

    variant = "substr('89ab', 1 + (random() & 3), 1)"
    return (
        f"{bits(4)} || '-' || {bits(2)} || '-4' || substr({bits(2)}, 2) || '-' || "
        f"{variant} || substr({bits(2)}, 2) || '-' || {bits(6)}"
    )


class this_moment(GenericFunction[Any]):  # noqa: N801 - a SQL construct
    """The time of the server, in the form that ``Time`` keeps."""

    inherit_cache = True
    type = Time()


@compiles(this_moment)
def _this_moment(element: Any, compiler: Any, **kw: Any) -> str:
    return "now()"


@compiles(this_moment, "sqlite")
def _this_moment_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"


class empty_list(GenericFunction[Any]):  # noqa: N801 - a SQL construct
    """No texts, in the form that ``TextList`` keeps."""

    inherit_cache = True
    type = TextList()


@compiles(empty_list)
def _empty_list(element: Any, compiler: Any, **kw: Any) -> str:
    return "'[]'"


@compiles(empty_list, "postgresql")
def _empty_list_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return "'{}'"


class zero(GenericFunction[Any]):  # noqa: N801 - a SQL construct
    """Nothing, in the form that ``Amount`` keeps."""

    inherit_cache = True
    type = Amount()


@compiles(zero)
def _zero(element: Any, compiler: Any, **kw: Any) -> str:
    return "0"


@compiles(zero, "sqlite")
def _zero_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"'{Amount.pack(Decimal(0))}'"
