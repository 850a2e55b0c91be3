"""What gives access, in all open systems: what is lost, locked, ending, never used or live, each down to its record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events, work

from db.errors import QuaestorError, Unreachable
from db.model import Kind
from db.severity import Severity
from screens import acting, asking, keys, later
from screens.acting import Acting, Targets
from screens.bar import Bar, Part
from screens.base import COMMON
from screens.cellmap import SIGNS
from screens.cells import fit, safe, text_of
from screens.desk import Desk, Link, Standing
from screens.formats import Look, tone
from screens.lined import Lined
from screens.lines import Line, Lines
from screens.pages import session_of
from screens.places import Place
from screens.reading import job
from screens.whotree import singular

if TYPE_CHECKING:
    from db.access import Ask, Number, Section
    from db.cancel import Cancel
    from db.model import Page
    from screens.running import Run

FULL = frozenset({"credentials", "multipass_credentials", "multipass_sessions", "attestations", "users"})
"""The entities whose records have a screen as a credential; passes have theirs as devices."""


@dataclass(frozen=True)
class Count:
    """A line with a number."""

    at: str
    ask: Ask


@dataclass(frozen=True)
class One:
    """A line with a record."""

    at: str
    ask: Ask
    id: str


class Credentials(Lined, Acting):
    """The access of all open systems."""

    VERBS = (*COMMON, *acting.VERBS, "left", "right")
    BINDINGS = [*keys.bindings("left", "right")]
    FOOTER = ("open", "right", "left", "act", "refresh", "back")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self._numbers: dict[str, dict[Ask, Number]] = {}
        self._asking: set[str] = set()
        self._unfolded: dict[tuple[str, Ask], Page | None] = {}
        """What is unfolded, and its rows once they were read."""

    @property
    def settled(self) -> bool:
        """Whether everything that is open was counted, and what is unfolded was read."""
        connecting = any(link.standing is Standing.CONNECTING for link in self.desk.links)
        counted = all(link.name in self._numbers for link in self.desk.links if link.session is not None)
        return (
            counted
            and not (connecting or self._asking or self._readings)
            and None not in self._unfolded.values()
        )

    def on_mount(self) -> None:
        """Count."""
        self.lines.focus()
        self._draw()
        self._look()

    def takes(self, place: Place) -> bool:
        """The same screen for all systems."""
        return place.screen == "credentials"

    def link_changed(self, link: Link) -> None:
        """A system more is counted."""
        super().link_changed(link)
        if self.drawn:
            self._draw()
            if link.standing is Standing.OPEN and link.name not in self._numbers:
                self._look()

    def action_refresh(self) -> None:
        """Count anew; connect where that failed."""
        for link in self.desk.links:
            if link.standing in (Standing.FAILED, Standing.CLOSED):
                self.app.run_worker(job(self.desk.open, link))
        self._numbers.clear()
        self._look()

    async def on_resize(self, event: events.Resize) -> None:
        """Draw it for another width."""
        await super().on_resize(event)
        self.call_after_refresh(self._draw)

    # Reading

    def _look(self) -> None:
        for link in self.desk.links:
            if link.session is not None and link.standing is Standing.OPEN and link.name not in self._asking:
                self._asking.add(link.name)
                self.ask_system(link)

    @work(group="access")
    async def ask_system(self, link: Link) -> None:
        """Count one system's lists, shown as they come; then what is unfolded there."""
        try:
            asks = list(await self.load(lambda cancel: list(later.access.asks(session_of(link))), link))
            for ask in asks:
                found = await self.load(
                    lambda cancel, ask=ask: later.access.count(session_of(link), ask, cancel),  # type: ignore[misc] # the default binds it
                    link,
                )
                self._numbers.setdefault(link.name, {})[ask] = found
                self._draw()
        except QuaestorError as error:
            self.complain(error)
        finally:
            self._numbers.setdefault(link.name, {})
            self._asking.discard(link.name)
        for at, ask in list(self._unfolded):
            if at == link.name:
                self.unfold(link, ask)
        self._draw()

    @work(group="rows")
    async def unfold(self, link: Link, ask: Ask) -> None:
        """Read the first rows of a list."""
        key = link.name, ask

        def read(cancel: Cancel) -> Page:
            page: Page = later.access.rows(session_of(link), ask, cancel)
            return page

        try:
            page = await self.load(read, link)
        except QuaestorError as error:
            self._unfolded.pop(key, None)
            self.complain(error)
        else:
            if key in self._unfolded:
                self._unfolded[key] = page
        self._draw()

    # Drawing

    def _draw(self) -> None:
        if not self.drawn:
            return
        opened = [link for link in self.desk.links if link.session is not None]
        missing = [link for link in self.desk.links if link.session is None]
        left: list[Part] = [
            (" Credentials ", "title"),
            (f"what gives access, in {len(opened)} system{'s' * (len(opened) != 1)}", ""),
        ]
        right: list[Part] = [(f"{link.name} {link.standing} ", "bad") for link in missing]
        self.query_one("#summary", Bar).show(left, right)
        made = (
            [line for section in later.access.SECTIONS for line in self._section(section)] if opened else []
        )
        first = next((n for n, line in enumerate(self.lines.lines) if line.target is not None), 0)
        self.lines.show(made, keep=self.lines.cursor > first)  # what comes later may stand above it
        self.show_keys()

    def _section(self, section: Section) -> Iterator[Line]:
        found = [
            (link, number)
            for link in self.desk.links
            for ask, number in self._numbers.get(link.name, {}).items()
            if ask.section == section.name
        ]
        asked = [(link, number) for link, number in found if number.value != 0]
        nothing = [f"{link.name} {words(number.ask)}" for link, number in found if number.value == 0]
        if not found:
            return
        yield Line(((f" {section.title}", "title"), ("   none" if not asked else "", "good")))
        for link, number in asked:
            yield self._number(link, number, section)
            yield from self._rows(link, number.ask)
        if nothing and asked:
            yield Line(((f"     none: {', '.join(nothing)}", "faint"),))

    def _number(self, link: Link, number: Number, section: Section) -> Line:
        sign, mood = SIGNS[section.severity if number.value else Severity.NOTICE]
        folded = "▾" if (link.name, number.ask) in self._unfolded else "▸"
        return Line(
            (
                (f"   {sign} ", mood), (f"{folded} ", "accent"), (f"{link.name:<14}", "accent"), (fit(words(number.ask), 20), "label"),
                (fit(number.shown, 9, True) + "  ", "title"), (number.text, "faint"),
            ),
            Count(link.name, number.ask),
        )  # fmt: skip

    def _rows(self, link: Link, ask: Ask) -> Iterator[Line]:
        page = self._unfolded.get((link.name, ask))
        if (link.name, ask) in self._unfolded and page is None:
            yield Line((("       reading …", "faint"),))
        if page is None:
            return
        look = Look(page.at, None, False)
        for row in page.rows:
            parts: list[Part] = [("       ", "")]
            for column, value in list(zip(page.columns, row.values, strict=True))[:6]:
                if column.kind is not Kind.MASKED and value not in (None, ""):
                    size = 10 if column.kind in (Kind.TIME, Kind.STATUS, Kind.BOOLEAN, Kind.INTEGER) else 24
                    parts.append(
                        (fit(safe(text_of(value, column.kind, look)), size) + " ", tone(value, column.kind))
                    )
            yield Line(tuple(parts), One(link.name, ask, row.id))
        if page.more_after:
            yield Line((("       and more: enter on the line above opens the list", "faint"),))

    # Keys

    def _current(self) -> object:
        line = self.lines.current if self.drawn else None
        return line.target if line is not None else None

    def targets(self) -> Targets | None:
        """The record under the cursor."""
        target = self._current()
        if not isinstance(target, One):
            return None
        link = self.desk.named(target.at)
        if link.session is None:
            return None
        return Targets(link, link.session.entity(target.ask.entity), (target.id,))

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if verb in ("act", "undo") and self.targets() is None:
            return "Unfold a line, and choose a record."
        return super().why_not(verb)

    def reflect(self, run: Run) -> None:
        """Count that system anew."""
        self._numbers.pop(run.link.name, None)
        self._look()

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """The banner is that of the line's system."""
        target = message.line.target if message.line is not None else None
        if isinstance(target, Count | One):
            self.link = self.banner.link = self.desk.named(target.at)
            self.tick()
        self.show_keys()

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """The list behind a number; a record in full."""
        target = message.line.target
        if isinstance(target, Count):
            try:
                query = later.access.query_of(session_of(self.desk.named(target.at)), target.ask)
            except Unreachable as error:
                self.complain(error)
                return
            order = query.order.column if query.order is not None else ""
            filter_ = asking.written(query.filters)
            self.go(Place("list", target.at, target.ask.entity, target.ask.view, filter=filter_, order=order))
        elif isinstance(target, One):
            entity = target.ask.entity
            screen = "device" if entity == "hardware_passes" else "credential" if entity in FULL else "record"
            self.go(Place(screen, target.at, entity, record=target.id))

    def action_right(self) -> None:
        """Unfold a line."""
        target = self._current()
        if isinstance(target, Count) and (target.at, target.ask) not in self._unfolded:
            self._unfolded[target.at, target.ask] = None
            self.unfold(self.desk.named(target.at), target.ask)
            self._draw()

    def action_left(self) -> None:
        """Fold it again."""
        target = self._current()
        if isinstance(target, Count | One) and self._unfolded.pop((target.at, target.ask), None) is not None:
            line = next(
                (n for n, line in enumerate(self.lines.lines) if line.target == Count(target.at, target.ask)),
                0,
            )
            self.lines.go_to(line)
            self._draw()


def words(ask: Ask) -> str:
    """What a list is of, in the plural."""
    one = singular(ask.entity)
    return one + ("es" if one.endswith("s") else "s")
