"""What is around every screen: banner above, footer below."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.types import CSSPathType
from textual.widget import Widget

from db.errors import QuaestorError
from screens import themes
from screens.desk import Desk, Link
from screens.frame import Banner, Footer
from screens.places import Place
from screens.room import Room


class Chrome(Room[None]):
    """A screen of a place, in its frame."""

    CSS_PATH: ClassVar[CSSPathType | None] = "frame.tcss"
    AUTO_FOCUS = ""
    INNER: ClassVar[tuple[str, ...]] = ()
    """What stands inside of the body's boxes, as selectors: it comes after the footer."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__()
        self.desk = desk
        self.place = place
        """Where this screen began; ``here()`` is where it is now."""
        self.link: Link | None = desk.named(place.at) if place.at else None
        self.banner = Banner()
        """The line at the top."""
        self.footer = Footer()
        """The line at the bottom."""
        self._complete = False

    def compose(self) -> ComposeResult:
        """Banner, body, footer."""
        yield self.banner
        yield from self.body()
        yield self.footer

    def body(self) -> ComposeResult:
        """What stands between banner and footer."""
        yield _Nothing(id="body")

    @property
    def drawn(self) -> bool:
        """Whether all of it is there: a screen is attached before it is composed, and work may end in between."""
        if not (self.is_attached and self.footer.is_attached):
            return False
        self._complete = self._complete or all(self.query(one) for one in self.INNER)
        return self._complete

    def on_mount(self) -> None:
        """Begin to tick."""
        self.dress()
        self.banner.link = self.link
        self.tick()
        self.set_interval(1.0, self.tick)

    def dress(self) -> None:
        """The theme's ground, where no widget is."""
        self.styles.background = themes.current().ground or "ansi_default"

    def tick(self) -> None:
        """Once a second: clock, age of the data."""
        if not self.drawn:
            return
        self.banner.settings, self.banner.operator = self.desk.settings, self.desk.operators.name
        self.banner.renew()
        self.footer.tick()

    def say(self, text: str, tone: str = "note") -> None:
        """Say something in the footer, and keep it for ``:messages``."""
        self.desk.said.append(text)
        if self.drawn:
            self.footer.say(text, tone)

    def complain(self, error: QuaestorError) -> None:
        """Say what went wrong."""
        self.say(str(error), "error")


class _Nothing(Widget):
    """Room for what is not there yet."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blank lines."""
        return [Strip.blank(crop.width, themes.style(""))] * crop.height
