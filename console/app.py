"""The app: which screen shows which place, how it starts, and how it ends."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence

from rich.console import RenderableType

from console import crash
from console.starting import Start, begin
from db.model import Profile
from screens import walls
from screens.base import Frame
from screens.desk import Desk, Link
from screens.listing import Listing
from screens.overview import Overview
from screens.paint import Painted, Painter
from screens.places import Open, Place
from screens.reading import settle
from screens.record import RecordScreen

ROUTES: Mapping[str, type[Frame]] = {"overview": Overview, "list": Listing, "record": RecordScreen}
"""Which screen shows which kind of place."""


def run(profiles: Sequence[Profile], at: str = "", *, choose: bool = False) -> int:
    """Run the console on these profiles until the operator leaves; its exit code."""
    gc.disable()  # 20 to 60 ms until the first rows; Console.settle() turns it on again
    walls.raise_walls()
    start = Start(profiles)
    app = Console(start.desk, begin(start.desk, at, choose=choose), start.keymap, start.news)
    app.run(mouse=start.desk.settings.mouse)
    settle(2.5)
    if app.incident:
        print(f"quaestor: {app.incident}", file=sys.stderr)  # noqa: T201 - the last word of the program
    return app.return_code or 0


class Console(Painted[None]):
    """Places go in, screens come out."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []

    def __init__(
        self, desk: Desk, place: Place, keymap: Mapping[str, str] | None = None, news: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.painter = Painter(scrolls=desk.settings.scroll_region and os.environ.get("TERM") != "dumb")
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self.incident = ""
        """What is said of a crash, once the terminal is itself again."""
        self._desk = desk
        self._start = place
        self._news = news
        self._wanted_keys = dict(keymap or {})

    async def on_mount(self) -> None:
        """Show the place where it begins; connect, once the first frame is on the screen."""
        self.set_keymap(self._wanted_keys)
        self._desk.watch = self._changed
        await self.push_screen(ROUTES[self._start.screen](self._desk, self._start))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        for text in self._news:
            self.frame.say(text, "wait")
        for link in self._desk.links:
            self.run_worker(self._desk.open(link), group="links")
        self.set_timer(3.0, _collect)

    @property
    def frame(self) -> Frame:
        """The screen that shows a place, under whatever lies over it."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, Frame))

    def _changed(self, link: Link) -> None:
        self.frame.link_changed(link)
        if link.standing == "lost" and link.again is None:
            self.run_worker(self._desk.open(link), group="links")

    async def on_open(self, message: Open) -> None:
        """Go to a place."""
        frame, place = self.frame, message.place
        if message.step:
            self._desk.history.left(frame.here(), place)
        self._desk.at(frame.here())
        self._desk.at(place)
        if frame.takes(place):
            frame.turn_to(place)
        else:
            await self.switch_screen(ROUTES[place.screen](self._desk, place))

    def on_unmount(self) -> None:
        """Let go of everything."""
        self._desk.close()

    def action_redraw(self) -> None:
        """Paint everything anew."""
        self.painter.forget()
        self.refresh(layout=True)

    # Crashes: Textual would print the values of local variables.

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = 1
        if not self.incident:
            self.incident = crash.record(error)
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """End without showing what is handed over."""
        self._return_code = 1
        self.incident = self.incident or "The terminal's input could not be read any more."
        self._close_messages_no_wait()


def _collect() -> None:
    """Collect garbage from now on, but not what came with the start."""
    gc.freeze()
    gc.enable()
