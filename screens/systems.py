"""The open systems, to go to one of them."""

from __future__ import annotations

from screens.desk import Desk, Link, Standing
from screens.lines import Line, Lines
from screens.popup import Popup

MOODS = {
    Standing.OPEN: ("●", "good"),
    Standing.CONNECTING: ("◌", "wait"),
    Standing.CLOSED: ("○", "faint"),
    Standing.LOST: ("✕", "bad"),
    Standing.FAILED: ("✕", "bad"),
}
"""How a standing is shown: a sign, so that colour is not needed, and a tone."""


class Systems(Popup[str]):
    """Choose a system."""

    TITLE_TEXT = "Systems"

    def __init__(self, desk: Desk, here: Link | None) -> None:
        self._desk, self._here = desk, here
        super().__init__(self._standings())

    def _standings(self) -> list[Line]:
        return [_line(link, link is self._here) for link in self._desk.links]

    def link_changed(self, link: Link) -> None:
        """Show how it stands now."""
        self.renew(self._standings())

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """Go there."""
        _ = self.dismiss(str(message.line.target))


def _line(link: Link, here: bool) -> Line:
    sign, tone = MOODS[link.standing]
    session = link.session
    what = (
        f"{session.system.title}  {session.server.dialect} {session.server.host}"
        if session
        else link.sentence
    )
    return Line(
        (
            (f" {sign} ", tone),
            (f"{link.name:<20}", "accent" if here else ""),
            (f"{link.profile.label:<6}", "title"),
            (f" {link.standing:<11}", tone),
            (what, "faint"),
        ),
        link.name,
    )
