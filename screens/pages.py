"""Where a table's rows come from: the keyset reader, or a figure that is computed once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from db.errors import Unreachable
from db.model import Column, Count, Counted, Entity, Figure, Filter, Kind, Operator, Page, Position, Query
from screens import later
from screens.desk import Link

if TYPE_CHECKING:
    from db.read import Cancel
    from db.session import Session


class Load(Protocol):
    """A screen's way to read off the event loop."""

    def __call__(self, work: Callable[[Cancel], Page], /) -> Awaitable[Page]:
        """Do the work in a thread."""


def session_of(link: Link) -> Session:
    """The link's session; raises Unreachable where it has none."""
    if link.session is None:
        raise Unreachable(f"{link.name} is not open.")
    return link.session


class Pages:
    """A query's pages."""

    def __init__(self, load: Load, link: Link, query: Query) -> None:
        self._load = load
        self._link = link
        self.query = query

    async def read(
        self,
        *,
        after: Position | None = None,
        before: Position | None = None,
        end: bool = False,
        limit: int = 50,
    ) -> Page:
        """A page; raises QuaestorError."""
        return await self._load(
            lambda cancel: later.read.page(
                session_of(self._link),
                self.query,
                after=after,
                before=before,
                end=end,
                limit=limit,
                cancel=cancel,
            )
        )

    async def locate(self, id_: str) -> Position | None:
        """Where the record with that id stands in the list; None where it is not in it."""
        parts = [unquote(part) for part in id_.split("/")]
        if len(parts) != len(self.query.entity.key):
            return None
        keys = tuple(
            Filter(name, Operator.EQ, part) for name, part in zip(self.query.entity.key, parts, strict=True)
        )
        narrow = replace(self.query, filters=self.query.filters + keys)
        page = await self._load(
            lambda cancel: later.read.page(session_of(self._link), narrow, limit=1, cancel=cancel)
        )
        return page.rows[0].position if page.rows else None


class Computed:
    """A figure: all of its rows are one page."""

    def __init__(
        self, load: Load, link: Link, entity: Entity, figure: Figure, parameters: Mapping[str, str]
    ) -> None:
        self._load = load
        self._link = link
        self._entity = entity
        self._figure = figure
        self._parameters = parameters

    async def read(
        self,
        *,
        after: Position | None = None,
        before: Position | None = None,
        end: bool = False,
        limit: int = 50,
    ) -> Page:
        """All rows, computed anew; raises QuaestorError."""
        return await self._load(
            lambda cancel: later.read.figure(
                session_of(self._link), self._entity, self._figure, self._parameters, cancel
            )
        )

    async def locate(self, id_: str) -> Position | None:
        """A figure's rows are no records."""
        return None


def counted(count: Count) -> str:
    """A count as it is shown: ``1 234``, ``10 000+``, ``≈ 12.4 M``."""
    if count.how is Counted.ESTIMATE:
        return "≈ " + rough(count.value)
    return f"{count.value:,}".replace(",", " ") + ("+" if count.how is Counted.CAPPED else "")


def rough(value: int) -> str:
    """A number to three digits."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if value >= size:
            scaled = value / (1000 if unit == "k" else size)
            return f"{scaled:.0f} {unit}" if scaled >= 100 else f"{scaled:.1f} {unit}"
    return f"{value:,}".replace(",", " ")


def distinct(columns: tuple[Column, ...], rows: list[tuple[object, ...]]) -> dict[str, list[str]]:
    """Values of columns with few of them: what a filter may complete."""
    found = {}
    for n, column in enumerate(columns):
        if column.kind in (Kind.TEXT, Kind.STATUS, Kind.ADDRESS):
            values = dict.fromkeys(str(row[n]) for row in rows if row[n] is not None)
            if len(values) <= max(8, len(rows) // 4):
                found[column.name] = sorted(value for value in values if len(value) <= 60)[:30]
    return found
