"""One person in all systems: the tree left, the record and the line of time right; answers appear as they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from db.errors import QuaestorError
from screens import acting, keys, later, whotree
from screens.acting import Acting, Targets
from screens.bar import Bar
from screens.base import COMMON
from screens.desk import Desk, Link, Standing
from screens.lines import Line, Lines
from screens.places import Place
from screens.reading import job
from screens.whotree import Answers, Heading, Leaf, source_of

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.model import Entity
    from db.who import Found, Part, Person, Trail, Who
    from screens.running import Run

WIDE = 110
"""Cells from which record and line of time stand beside the tree."""
PATIENCE = 5.0
"""Seconds that a system has for each round of the search."""


class WhoScreen(Acting):
    """Everything that belongs to whom a text leads to."""

    DEFAULT_CSS = """
    WhoScreen Horizontal { height: 1fr; }
    WhoScreen #aside { width: 2fr; border-left: solid $surface-lighten-2; }
    WhoScreen #tree { width: 3fr; }
    WhoScreen #detail { height: 2fr; }
    WhoScreen #trail { height: 3fr; }
    WhoScreen.-narrow Horizontal { layout: vertical; }
    WhoScreen.-narrow #tree { width: 1fr; height: 3fr; }
    WhoScreen.-narrow #aside { width: 1fr; height: 2fr; border-left: none; }
    WhoScreen.-narrow #detail { display: none; }
    WhoScreen.-narrow #trail { height: 1fr; }
    WhoScreen.-narrow.-detail #detail { display: block; height: 1fr; }
    WhoScreen.-narrow.-detail #trail, WhoScreen.-narrow.-detail #when { display: none; }
    """
    VERBS = (*COMMON, *acting.VERBS, "detail", "left", "right")
    BINDINGS = [*keys.bindings("detail", "left", "right")]
    FOOTER = ("open", "act", "right", "detail", "refresh", "back")

    class Heard(Message):
        """A system answered."""

        def __init__(self, text: str, part: Part) -> None:
            super().__init__()
            self.text = text
            self.part = part

    INNER = ("#tree", "#detail", "#trail")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self._parts: dict[str, Part] = {}
        self._people: Sequence[Person] = ()
        self._loose: Sequence[Found] = ()
        self._trails: dict[int, Trail] = {}
        self._seconds: float | None = None
        self._asked: tuple[str, ...] = ()
        self._again = False
        """Whether somebody is shown already while it is asked anew."""

    def body(self) -> ComposeResult:
        """The tree, and beside it what the cursor is on."""
        yield Bar(id="summary")
        with Horizontal():
            yield Lines(id="tree")
            with Vertical(id="aside"):
                yield Lines(id="detail")
                yield Bar(id="when")
                yield Lines(id="trail")

    @property
    def lines(self) -> Lines:
        """The people."""
        return self.query_one("#tree", Lines)

    @property
    def trail(self) -> Lines:
        """The line of time of the person under the cursor."""
        return self.query_one("#trail", Lines)

    @property
    def settled(self) -> bool:
        """Whether every system has answered, and the line of time of the first person is there."""
        asked = self._seconds is not None and (not self._people or 0 in self._trails)
        return asked and all(link.standing is not Standing.CONNECTING for link in self.desk.links)

    def refocus(self) -> None:
        """The tree has the keys."""
        self.lines.focus()

    def on_mount(self) -> None:
        """Ask."""
        self.query_one("#detail", Lines).aside = True
        self.lines.focus()
        self.query_one("#when", Bar).show([(" Line of time ", "title")], [("→ goes there  ", "faint")])
        self.search()

    def takes(self, place: Place) -> bool:
        """Another text on the same screen."""
        return place.screen == "who"

    def turn_to(self, place: Place) -> None:
        """Look for somebody else."""
        self.place, self._people, self._loose = place, (), ()
        self._trails.clear()
        self.search()

    def link_changed(self, link: Link) -> None:
        """A system was opened meanwhile, or cannot be: it belongs to the answer."""
        super().link_changed(link)
        if self.drawn and link.standing in (Standing.OPEN, Standing.FAILED):
            self.search()

    def action_refresh(self) -> None:
        """Ask anew; connect where that failed, or was not tried."""
        for link in self.desk.links:
            if link.standing in (Standing.FAILED, Standing.CLOSED):
                self.app.run_worker(job(self.desk.open, link))
        self.search()

    async def on_resize(self, event: events.Resize) -> None:
        """Beside the tree where there is room, below it where there is not."""
        await super().on_resize(event)
        self.set_class(event.size.width < WIDE, "-narrow")
        self.call_after_refresh(self.draw)

    def settings_changed(self) -> None:
        """Times in another zone."""
        super().settings_changed()
        self.draw()

    # Asking

    def search(self) -> None:
        """Ask; who is shown already stays until the whole answer is there."""
        self._parts.clear()
        self._seconds, self._again = None, bool(self._people)
        self._search()

    @work(exclusive=True, group="who")
    async def _search(self) -> None:
        """All open systems at once; one that is not open is told."""
        text, links = self.place.filter, list(self.desk.links)
        self._asked = tuple(link.name for link in links)
        if not text:  # what somebody looked for is never kept on disk
            self._asked, self._seconds = (), 0.0
            self.draw()
            return
        self.draw()

        def read(cancel: Cancel) -> Who:
            asked = [source_of(link) for link in links]
            return later.who.search(
                asked, text, patience=PATIENCE, cancel=cancel, told=lambda part: self._hear(text, part)
            )

        try:
            found = await self.load(read)
        except QuaestorError as error:
            self._seconds = 0.0
            self.complain(error)
            return
        self._people, self._loose, self._seconds = found.people, found.loose, found.seconds
        self.draw()
        self.show_keys()
        for number, person in enumerate(self._people[:5]):
            self.follow(number, person)

    def _hear(self, text: str, part: Part) -> None:
        self.post_message(self.Heard(text, part))

    def on_who_screen_heard(self, message: Heard) -> None:
        """Show what is known by now."""
        if message.text != self.place.filter:
            return
        self._parts[message.part.source] = message.part
        if self._seconds is None and not self._again:
            self._people, self._loose = later.who.people(self._parts.values())
        self.draw()

    @work(group="trail")
    async def follow(self, number: int, person: Person) -> None:
        """Read somebody's line of time."""
        sessions = [link.session for link in self.desk.links if link.session is not None]

        def read(cancel: Cancel) -> Trail:
            return later.who.trail(sessions, person, cancel=cancel)

        try:
            self._trails[number] = await self.load(read)
        except QuaestorError as error:
            self.complain(error)
            return
        self._show_aside()

    # Drawing

    @property
    def _zone(self) -> tzinfo | None:
        return None if self.desk.settings.local else UTC

    def draw(self) -> None:
        """Everything, as far as it is known."""
        if not self.drawn:
            return
        self._summary()
        answered = set(self._parts)
        notes = [(p.source, note) for p in self._parts.values() for note in p.notes]
        errors = [(p.source, p.error) for p in self._parts.values() if p.error]
        waiting = [name for name in self._asked if name not in answered] if self._seconds is None else []
        made = list(
            whotree.tree(self._people, self._loose, Answers(waiting, errors, notes), self.lines.size.width)
        )
        if not self._people and not self._loose and self._seconds is not None:
            made.insert(
                0,
                Line(
                    (
                        (
                            " Nobody: :who TEXT finds values, by email, phone, DID, user name, number or id.",
                            "wait",
                        ),
                    )
                ),
            )
        self.lines.show(made, keep=bool(self.lines.lines))
        self._show_aside()

    def _summary(self) -> None:
        sure = [person for person in self._people if person.sure]
        told = f"{len(sure)} person" if len(sure) == 1 else f"{len(sure)} people"
        took = f"   {self._seconds * 1e3:.0f} ms" if self._seconds is not None else "   asking …"
        self.query_one("#summary", Bar).show(
            [(" Who is ", "title"), (self.place.filter, "accent"), (f"   {told}", "")],
            [(f"{took} ", "faint")],
        )

    def _show_aside(self) -> None:
        if not self.drawn:
            return
        target = self.lines.current.target if self.lines.current is not None else None
        number = target.number if isinstance(target, Heading | Leaf) else 0
        detail: list[Line] = []
        if isinstance(target, Leaf) and (found := self._found(target)) is not None:
            detail = list(whotree.full(found, self._entity(found), self._zone))
        elif 0 <= number < len(self._people):
            detail = list(whotree.person_told(self._people[number]))
        self.query_one("#detail", Lines).show(detail)
        shown = 0 <= number < len(self._people)
        self.trail.show(
            list(whotree.time_line(self._trails.get(number), self._zone, self.trail.size.width))
            if shown
            else [],
            keep=True,
        )

    def _found(self, target: Leaf) -> Found | None:
        records = (
            self._people[target.number].records if 0 <= target.number < len(self._people) else self._loose
        )
        return next((found for found in records if found.ref == target.ref), None)

    def _entity(self, found: Found) -> Entity | None:
        link = whotree.system_of(self.desk.links, found.source)
        session = link.session if link is not None else None
        return session.system.by_name.get(found.entity) if session is not None else None

    # Keys

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if verb == "act" and not isinstance(self._current(), Leaf):
            if not any(person.sure for person in self._people):
                return "Nobody is found whose access could be taken away."
            person = self._person()
            return (
                None if person is None or person.sure else "The telephone alone says that they are the same."
            )
        return super().why_not(verb)

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """The record under the cursor, the banner of its system."""
        line = self.lines.current
        if message.line is not line:  # what stands beside the tree moves with it
            return
        target = line.target if line is not None else None
        if isinstance(target, Leaf) and (found := self._found(target)) is not None:
            link = whotree.system_of(self.desk.links, found.source)
            self.link = self.banner.link = link or self.link
            self.tick()
        self.show_keys()
        self._show_aside()

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """Open the record in its own system."""
        target = message.line.target
        if isinstance(target, Leaf) and (found := self._found(target)) is not None:
            self.go(Place("record", found.source, found.entity, record=found.id))
        elif isinstance(target, str):
            source, _, id_ = target.partition("/")
            name, _, entity = source.rpartition(":")
            self.go(Place("record", name, entity, record=id_))

    def action_right(self) -> None:
        """To the line of time."""
        self.trail.focus()

    def action_left(self) -> None:
        """To the tree."""
        self.lines.focus()

    def action_detail(self) -> None:
        """The record in place of the line of time, where there is room for one."""
        self.toggle_class("-detail")

    @work(exclusive=True, group="choose")
    async def action_act(self) -> None:
        """What can be done to the record; on a person's line all of their access is taken away, the plan first."""
        if isinstance(self._current(), Leaf):
            super().action_act()
            return
        person, sure = self._person(), [one for one in self._people if one.sure]
        text = person.subjects[0].id if person is not None and len(sure) > 1 else self.place.filter
        self.go(Place("contain", self.place.at, filter=text))

    def _current(self) -> object:
        line = self.lines.current if self.drawn else None
        return line.target if line is not None else None

    def _person(self) -> Person | None:
        """Whose line the cursor is on."""
        target = self._current()
        known = isinstance(target, Heading) and target.number < len(self._people)
        return self._people[target.number] if known and isinstance(target, Heading) else None

    def targets(self) -> Targets | None:
        """The record under the cursor, in its own system."""
        target = self._current()
        found = self._found(target) if isinstance(target, Leaf) else None
        link = whotree.system_of(self.desk.links, found.source) if found is not None else None
        if found is None or link is None or link.session is None:
            return None
        return Targets(link, link.session.entity(found.entity), (found.id,))

    def reflect(self, run: Run) -> None:
        """Look for them anew."""
        self.search()
