"""One credential in full: its life on a line, who holds it, where it was used, what its token says, then its record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import work

from db.errors import QuaestorError
from screens import gauges, later, sheet, tree
from screens.cells import fit
from screens.desk import Desk
from screens.detail import Detail
from screens.formats import Look, age
from screens.lines import Line
from screens.pages import session_of
from screens.places import Place
from screens.record import RecordScreen
from screens.sheet import Past
from screens.whotree import singular

if TYPE_CHECKING:
    from db.access import Decoded, Life
    from db.cancel import Cancel

CLAIMS = 14
"""Lines of a token that are shown."""


class Lived(Detail):
    """A credential's lines."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.life: Life | None = None

    def show_life(self, found: Life) -> None:
        """Show a credential; the cursor stays where it was if it is the same one."""
        self.life = found
        self.show_record(found.record)

    def _draw_record(self, *, keep: bool) -> None:
        if self.record is None or self.life is None:
            self.show(())
        elif self.size.width:
            cells = self.size.width - 1
            told = sheet.lines(self.record, self.look, cells, self._folding, self.history)
            self.show([*lines(self.life, self.look, cells), *told[1:]], keep=keep)


class Credential(RecordScreen):
    """A credential, a session, an attestation, or a user with a password."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.lived = Lived(id="detail")
        self.detail = self.lived

    def takes(self, place: Place) -> bool:
        """Another one of the same system."""
        return place.screen == "credential" and self.link is not None and place.at == self.link.name

    @work(exclusive=True, group="record")
    async def read(self) -> None:
        """The credential as it is now."""
        try:
            found = await self.load(self._life)
        except QuaestorError as error:
            self.complain(error)
            return
        if self.link is not None:
            self.link.read_at = found.at
        self.lived.show_life(found)
        self.tick()
        self.show_keys()

    def _life(self, cancel: Cancel) -> Life:
        assert self.link is not None
        found: Life = later.access.life(session_of(self.link), self.place.entity, self.place.record, cancel)
        return found


def lines(found: Life, look: Look, cells: int) -> Iterator[Line]:
    """What its own record does not say by itself."""
    record = found.record
    name = "   ".join(str(v) for n in record.entity.title if (v := record.value(n)) is not None)
    status = record.value("status")
    yield Line(
        (
            (f" {singular(record.entity.name)}   ", "accent"), (name, "title"),
            (f"   {status}" if status is not None else "", "wait" if status in ("SUSPENDED", "locked") else "faint"),
        )
    )  # fmt: skip
    if found.holder is not None:
        yield _holder(found)
    if found.place:
        yield Line((("   ", ""), (found.place, "")))
    yield Line(())
    yield from gauges.life(found.events, found.at, look, cells)
    yield from _used(found)
    if found.jwt:
        yield from _token(found.jwt)


def _holder(found: Life) -> Line:
    holder = found.holder
    assert holder is not None
    name = "   ".join(str(v) for n in holder.entity.title if (v := holder.value(n)) is not None)
    status = holder.value("status")
    return Line(
        (("   held by ", "label"), (name, ""), (f"   {status}" if status is not None else "", "faint")),
        Past(holder.entity.name, holder.id),
    )


def _used(found: Life) -> Iterator[Line]:
    if not found.used:
        return
    yield Line(((" Where it was used", "title"),))
    for address, count, last in found.used[:8]:
        yield Line(
            (
                ("   ", ""), (fit(address, 40) + " ", ""), (f"{count:>4} × ", "faint"),
                (f"last {age(last, found.at)} ago" if last <= found.at else f"last {age(last, found.at)}", "faint"),
            )
        )  # fmt: skip
    if len(found.used) > 8:
        yield Line(((f"   and {len(found.used) - 8} more addresses", "faint"),))


def _token(found: Decoded | str) -> Iterator[Line]:
    yield Line(((" Its JWT", "title"), ("   decoded, not verified", "wait")))
    if isinstance(found, str):
        yield Line((("   ✕ ", "bad"), (found, "bad")))
        return
    for name, told in (("header", found.header), ("claims", found.claims)):
        yield Line(((f"   {name}", "label"),))
        branches = list(tree.branches(tree.parse(json.dumps(told)), set()))
        for branch in branches[:CLAIMS]:
            yield Line((("     " + "  " * branch.depth, ""), *branch.parts))
        if len(branches) > CLAIMS:
            yield Line(((f"     and {len(branches) - CLAIMS} more", "faint"),))
    said = f"{found.signature} octets, not verified here" if found.signature else "none"
    yield Line((("   signature  ", "label"), (said, "faint")))
