"""All systems on the desk: how they are doing, and where their areas lead."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult

from screens import keys
from screens.base import COMMON, Frame
from screens.desk import Desk, Link, Standing
from screens.lines import Line, Lines
from screens.places import Place
from screens.systems import MOODS

AREAS = ("accounts", "reviews", "credentials", "audit", "fleet")


class Overview(Frame):
    """The first screen: choose a system, or go straight to one of its lists."""

    VERBS = COMMON
    FOOTER = ("open", "systems", "refresh", "help", "quit")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self._chosen = place.at

    def body(self) -> ComposeResult:
        """One block of lines a system."""
        yield Lines(id="lines")

    @property
    def lines(self) -> Lines:
        """The blocks."""
        return self.query_one(Lines)

    def refocus(self) -> None:
        """The lines have the keys."""
        self.lines.focus()

    def on_mount(self) -> None:
        """Show all of them."""
        self.lines.focus()
        self._renew()

    def link_changed(self, link: Link) -> None:
        """A system stands differently."""
        super().link_changed(link)
        if self.is_attached:
            self._renew()

    def _renew(self) -> None:
        made = [line for link in self.desk.links for line in _block(link, self.size.width)]
        self.lines.show(made, keep=bool(self.lines.lines))

    def action_refresh(self) -> None:
        """Connect where that failed, or was not tried."""
        for link in self.desk.links:
            if link.standing in (Standing.FAILED, Standing.CLOSED):
                self.app.run_worker(self.desk.open(link))

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """The keys of the areas mean the system under the cursor."""
        place = message.line.target if message.line is not None else None
        self.link = self.desk.named(place.at) if isinstance(place, Place) else None
        self.show_keys()

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """Go there, or connect first."""
        place = message.line.target
        assert isinstance(place, Place)
        link = self.desk.named(place.at)
        if link.standing in (Standing.FAILED, Standing.CLOSED):
            self.app.run_worker(self.desk.open(link))
        kept = self.desk.kept.places.get(link.name)
        self.go(kept if kept is not None and not place.entity else place)

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if verb == "refresh" and all(link.standing is Standing.OPEN for link in self.desk.links):
            return "All systems are open."
        return super().why_not(verb)


def _block(link: Link, cells: int) -> Iterator[Line]:
    """A system: how it stands, and its areas with their lists."""
    sign, tone = MOODS[link.standing]
    session = link.session
    yield Line(())
    title = session.system.title if session is not None else link.profile.system
    lag = f"{max(1, round(link.lag * 1000))} ms " if link.lag is not None else ""
    yield Line(
        (
            (f" {sign} ", tone), (f"{link.name:<16} ", "title"),
            (f"{link.profile.label:<6} ", "wait"), (f"{title}   ", ""),
            (f"{session.server.dialect} {session.server.version_text}  {session.server.host}" if session else "", "faint"),
        ),
        Place("list", link.name),
        ((lag, "faint"), (f"{link.standing} ", tone)),
    )
    if link.sentence:
        yield Line(((f"   {link.sentence}", "bad"),))
    if session is None:
        return
    for area in AREAS:
        if paths := session.system.areas.get(area, ()):
            entity, _, view = paths[0].partition("/")
            yield Line(
                (
                    (f"   {keys.sign(keys.keys_of(area)[0])} ", "key"), (f"{area:<13}", "label"),
                    (paths[0], ""), ("".join(f"  · {path}" for path in paths[1:]), "faint"),
                ),
                Place("list", link.name, entity, view),
            )
