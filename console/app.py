"""The app: which screen shows which place, how it starts, and how it ends."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from rich.console import RenderableType
from textual import events
from textual._styles_cache import StylesCache
from textual.reactive import Reactive
from textual.screen import Screen

from console import asking, crash
from console.headless.text import whole
from console.keyboard import Input, Keyboard
from console.locking import Locking
from console.starting import Start, begin
from db.errors import QuaestorError
from db.profile import Profile
from screens import walls
from screens.base import Frame
from screens.desk import Desk, Link, Standing
from screens.operators import Operators
from screens.over import Over
from screens.paint import Painted, Painter
from screens.painted import ready
from screens.places import Open, Place
from screens.reading import in_thread, job, settle

ROUTES: Mapping[str, tuple[str, str]] = {
    "overview": ("screens.overview", "Overview"),
    "list": ("screens.listing", "Listing"),
    "record": ("screens.record", "RecordScreen"),
    "review": ("screens.review", "Review"),
    "ledger": ("screens.ledger", "Ledger"),
    "audit": ("screens.audit", "Audit"),
    "fleet": ("screens.fleet", "Fleet"),
    "device": ("screens.device", "Device"),
    "database": ("screens.database", "Database"),
    "checks": ("screens.checks", "Checks"),
    "who": ("screens.who", "WhoScreen"),
    "contain": ("screens.contain", "Contain"),
    "credentials": ("screens.credentials", "Credentials"),
    "credential": ("screens.credential", "Credential"),
}
"""Which screen shows which kind of place; imported when it is needed, so that the first frame need not wait."""


def screen_of(place: Place) -> type[Frame]:
    """The screen for a place."""
    module, name = ROUTES[place.screen]
    found: type[Frame] = getattr(import_module(module), name)
    return found


def run(
    profiles: Sequence[Profile], at: str = "", *, choose: bool = False, operators: Operators | None = None
) -> int:
    """Run the console on these profiles until the operator leaves; its exit code."""
    gc.disable()  # 20 to 60 ms until the first rows; _collect() turns it on again
    walls.raise_walls()
    for name in ("COLUMNS", "LINES"):  # they would be believed before the terminal, whose size changes
        os.environ.pop(name, None)
    start = Start(profiles)
    start.desk.operators = operators or start.desk.operators
    app = Console(start.desk, begin(start.desk, at, choose=choose), start.keymap, start.news)
    app.run(mouse=start.desk.settings.mouse)
    settle(2.5)
    if app.incident:
        print(f"quaestor: {app.incident}", file=sys.stderr)  # noqa: T201 - the last word of the program
    return app.return_code or 0


class Console(Painted[None], inherit_bindings=False):
    """Places go in, screens come out."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []
    theme: Reactive[str] = Reactive("ansi-dark")
    """Textual's; set once it stands, every style sheet would be read twice."""

    def __init__(
        self, desk: Desk, place: Place, keymap: Mapping[str, str] | None = None, news: Sequence[str] = ()
    ) -> None:
        super().__init__()
        term = os.environ.get("TERM", "")
        self.painter = Painter(
            scrolls=desk.settings.scroll_region and term != "dumb", poor=term in ("linux", "vt100", "vt220")
        )
        self.animation_level = "none"
        self.incident = ""
        """What is said of a crash, once the terminal is itself again."""
        self._desk = desk
        self._start = place
        self._news = news
        self._wanted_keys = dict(keymap or {})
        self.keyboard = Keyboard(self, desk, self._press)
        """What was pressed and is not heard yet."""
        self.locking = Locking(self, desk)

    def get_default_screen(self) -> Screen[Any]:
        """An empty frame, on the screen before anything else is imported."""
        return Frame(self._desk, self._start)

    def on_mount(self) -> None:
        """Then connect, and show the place where it begins."""
        self.set_keymap(self._wanted_keys)
        self._desk.watch, self._desk.tell = self._changed, self._tell
        self.call_after_refresh(self.call_later, self._begin)

    async def _begin(self) -> None:
        self.connect()
        made = await in_thread(lambda: screen_of(self._start))
        if type(self.frame) is Frame:  # nobody went elsewhere meanwhile
            await self.push_screen(made(self._desk, self._start))
        for text in self._news:
            self.frame.say(text, "wait")
        self.set_timer(3.0, _collect)
        self.locking.watch()

    def connect(self) -> None:
        """Open every system, each by itself."""
        for link in self._desk.links:
            self.run_worker(job(self._desk.open, link), group="links")

    @property
    def frame(self) -> Frame:
        """The screen that shows a place, under whatever lies over it."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, Frame))

    def _changed(self, link: Link) -> None:
        self.frame.link_changed(link)
        for screen in self.screen_stack:
            if isinstance(screen, Over):
                screen.link_changed(link)
        if link.standing is Standing.FAILED and "password" in link.sentence and asking.lacks(link.profile):
            self.call_later(self._ask, link)
        if link.standing is Standing.LOST and not link.trying:
            self.run_worker(job(self._desk.open, link), group="links")

    def _ask(self, link: Link) -> None:
        """Ask for a password on the bare terminal: no widget ever holds it."""
        with self.suspend():
            print(whole(link.sentence), file=sys.stderr)  # noqa: T201 - the terminal is not Textual's here
            try:
                asking.prompt(link.profile)
            except (QuaestorError, KeyboardInterrupt, EOFError):
                return  # the sentence on the screen says how to try again
            finally:
                self.painter.forget()
        self.run_worker(job(self._desk.open, link), group="links")

    def _tell(self, text: str, tone: str) -> None:
        self.frame.say(text, tone)

    async def on_event(self, event: events.Event) -> None:
        """Somebody is there; what is typed goes its way in its order."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._desk.touched()
            await self.keyboard.take(event)
        else:
            await super().on_event(event)

    async def _press(self, event: Input) -> None:
        """Hand it over; a key that was pressed before what it is meant for was painted is dropped."""
        _collect()
        if isinstance(event, events.Paste) or ready(self.screen, event):
            await super().on_event(event)

    async def replace(self, screen: Screen[Any]) -> None:
        """Show this one instead of what is there and of whatever lies over it."""
        frame = self.frame
        while self.screen is not frame:
            await self.screen.dismiss(None)
        if type(frame) is Frame:  # the empty one stays, below
            await self.push_screen(screen)
            return
        frame.left = True
        for node in frame.walk_children(with_self=True):  # before its widgets are gone
            self.workers.cancel_node(node)
        await self.switch_screen(screen)
        StylesCache.get_inner_outer.cache_clear()  # it would keep the lines of the last 500 screens: 40 MB

    def screen_for(self, place: Place) -> Frame:
        """The screen that shows a place."""
        return screen_of(place)(self._desk, place)

    async def on_open(self, message: Open) -> None:
        """Go to a place."""
        if self.locking.locked:
            return
        frame, place = self.frame, message.place
        if message.step:
            self._desk.history.left(frame.here(), place)
        self._desk.at(frame.here())
        self._desk.at(place)
        while self.screen is not frame:  # what lies over a place goes with it
            await self.screen.dismiss(None)
        if frame.takes(place):
            frame.turn_to(place)
        else:
            await self.replace(self.screen_for(place))
        self._desk.going = False

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
    """Collect garbage from now on, but not what came with the start: what a key leaves must not count as that."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
