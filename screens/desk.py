"""The systems that are on the desk: each a link to its database, with how well it is doing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import QuaestorError, Unreachable, Usage, unknown
from db.profile import Profile
from screens import later, state
from screens.arming import Arming
from screens.operators import Nobody, Operators
from screens.places import History, Place
from screens.reading import in_thread
from screens.settings import Settings

if TYPE_CHECKING:
    from db.desk import Desk as Writer
    from db.model import Row
    from db.resolve import Resolved
    from db.session import Session
    from screens.running import Did, Run

PATIENCE = 2.0
"""Seconds that keys wait for a place to be opened."""
WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between attempts to reach a database again; the last one is kept."""


class Standing(StrEnum):
    """How a link is doing."""

    CLOSED = "closed"
    CONNECTING = "connecting"
    OPEN = "open"
    LOST = "lost"
    FAILED = "failed"


class Link:
    """A profile, and the session that was opened with it."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.session: Session | None = None
        self.standing = Standing.CLOSED
        self.sentence = ""
        """Why it is not open."""
        self.again: float | None = None
        """When it is tried again, on the monotonic clock."""
        self.trying = False
        """Whether somebody connects it, once or until it is back."""
        self.tenant = profile.tenant
        self.read_at: datetime | None = None
        """When what is on screen was read."""
        self.marks: dict[str, dict[str, Row]] = {}
        """Marked rows by entity and id; they outlive filters and screens."""
        self._trips: deque[float] = deque(maxlen=8)
        self.arming = Arming()
        self.writer: Writer | None = None
        """The operator's desk there, once something was to be written."""
        self.opening = threading.Lock()
        """Held while that desk is opened."""
        self.resolved: list[Resolved] = []
        """What an earlier run left undecided and was found out; to be told."""
        self.people: dict[str, str] = {}
        """Names behind principals, as far as the ledger's keys tell."""

    @property
    def name(self) -> str:
        """The profile's name."""
        return self.profile.name

    @property
    def lag(self) -> float | None:
        """Seconds of the shortest of the last reads: no trip to the server took longer."""
        return min(self._trips, default=None)

    def called(self, principal: str) -> str:
        """A person as one calls them."""
        return self.people.get(principal) or principal.removeprefix("db:")

    def measured(self, seconds: float) -> None:
        """Note how long a read took."""
        self._trips.append(seconds)

    def opened(self, session: Session) -> None:
        """Use this session from now on."""
        self.session = session.for_tenant(self.tenant) if self.tenant != session.tenant else session
        self.standing, self.sentence, self.again = Standing.OPEN, "", None

    def choose_tenant(self, tenant: str) -> None:
        """See what one tenant sees; all without one."""
        self.tenant = tenant
        if self.session is not None:
            self.session = self.session.for_tenant(tenant)


class Desk:
    """All links, which one is looked at, and what is remembered of all of them."""

    def __init__(
        self, profiles: Sequence[Profile], settings: Settings, kept: state.State, path: Path | None
    ) -> None:
        self.links = [Link(profile) for profile in profiles]
        self.settings = settings
        self.kept = kept
        self.path = path
        """The state file; nothing is kept without one."""
        self.theme_folders: tuple[Path, ...] = ()
        """Where the operator's own themes are."""
        self.history = History()
        self.typed: dict[str, list[str]] = {}
        """What was typed behind each sign, in this run; it may hold data and is never written down."""
        self.watch: Callable[[Link], None] = lambda link: None
        """Told when a link's standing changed."""
        self._going_since: float | None = None
        self.said: deque[str] = deque(maxlen=200)
        """Messages, oldest first."""
        self.tell: Callable[[str, str], None] = lambda text, tone: self.said.append(text)
        """Says something on whatever screen is there, in a tone."""
        self.lock: Callable[[], None] = lambda: None
        """Locks the screen."""
        self.touched_at = time.monotonic()
        """When a key was pressed last."""
        self.operators: Operators = Nobody()
        """Who is at the keyboard."""
        self.runs: list[Run] = []
        """Operations that are under way."""
        self.did: deque[Did] = deque(maxlen=1000)
        """What was done in this run of the program, oldest first."""
        self.reasons: dict[str, str] = {}
        """The last reason given for each action."""

    @property
    def going(self) -> bool:
        """Whether another place is about to be opened: keys that come meanwhile are for that one."""
        return self._going_since is not None and time.monotonic() - self._going_since < PATIENCE

    @going.setter
    def going(self, going: bool) -> None:
        """It begins, or it is over."""
        self._going_since = time.monotonic() if going else None

    def named(self, name: str) -> Link:
        """The link of a profile; raises Usage with the nearest names."""
        found = next((link for link in self.links if link.name == name), None)
        if found is None:
            raise unknown("open system", name, (link.name for link in self.links))
        return found

    async def open(self, link: Link) -> None:
        """Connect; where a session was lost, go on trying until it is back."""
        if link.trying or link.standing is Standing.OPEN:
            return
        link.trying = True
        try:
            await self._open(link)
        finally:
            link.trying = False

    async def _open(self, link: Link) -> None:
        if link.standing is not Standing.LOST:
            link.standing = Standing.CONNECTING
        tries = 0
        while not await self._connected(link) and link.standing is Standing.LOST:
            wait = WAITS[min(tries, len(WAITS) - 1)]
            tries += 1
            link.again = time.monotonic() + wait
            self.watch(link)
            await asyncio.sleep(wait)

    async def _connected(self, link: Link) -> bool:
        """Try once; a server that refuses is not asked again, one that cannot be reached may be."""
        link.again = None
        self.watch(link)
        try:
            session = await in_thread(lambda: later.engine.connect(link.profile))
        except QuaestorError as error:
            link.sentence = str(error)
            if link.standing is not Standing.LOST or not isinstance(error, Unreachable):
                link.standing = Standing.FAILED
            self.watch(link)
            return False
        if link.session is not None:
            await in_thread(link.session.close)
        link.opened(session)
        self.watch(link)
        return True

    def lost(self, link: Link, error: Unreachable) -> bool:
        """A read said that the server is gone; whether that is news."""
        if link.standing is not Standing.OPEN:
            return False
        link.standing, link.sentence = Standing.LOST, str(error)
        if link.arming.disarm():
            self.tell(f"{link.name} is not armed any more: its connection was lost.", "wait")
        self.watch(link)
        return True

    def touched(self) -> None:
        """A key was pressed: somebody is there."""
        self.touched_at = time.monotonic()
        for link in self.links:
            link.arming.touch()

    def become(self, name: str) -> None:
        """Let another operator sit here, whose systems are all safe; raises Usage outside the demo."""
        self.operators.become(name)
        for link in self.links:
            link.arming.disarm()
            writer, link.writer = link.writer, None
            if writer is not None:
                writer.close()

    def let_go(self) -> None:
        """Close every session, as if none had been opened; what is remembered stays."""
        for link in self.links:
            link.arming.disarm()
            link.standing, link.sentence, link.again = Standing.CLOSED, "", None
        self.close()
        for link in self.links:
            link.writer = link.session = None
            link.marks.clear()

    def close(self) -> None:
        """Close every session."""
        for link in self.links:
            if link.writer is not None:
                link.writer.close()
            if link.session is not None:
                link.session.close()

    # What is remembered

    def at(self, place: Place) -> None:
        """Remember where one is."""
        if place.at:
            self.kept.places[place.at] = place
        self.kept.current = place.at
        self.save()

    def save(self) -> None:
        """Write down what survives a restart; what cannot be written is no reason to stop working."""
        if self.path is None:
            return
        try:
            state.save(self.path, self.kept)
        except OSError as error:
            self.path = None
            self.said.append(f"What is open cannot be kept for the next start: {error}")

    def set(self, name: str, value: str) -> None:
        """Change a setting for this run; raises Usage."""
        self.settings = self.settings.changed(name, value)

    def saved_views(self, link: Link, entity: str) -> dict[str, str]:
        """The views that the operator saved, by name."""
        return self.kept.views.get(f"{self._system(link)}/{entity}", {})

    def save_view(self, link: Link, entity: str, name: str, text: str) -> None:
        """Save what is typed as a view; raises Usage where the name cannot be one."""
        if not name.replace("-", "").replace("_", "").isalnum():
            raise Usage("A view's name is of letters, digits, - and _.")
        self.kept.views.setdefault(f"{self._system(link)}/{entity}", {})[name] = text
        self.save()

    def drop_view(self, link: Link, entity: str, name: str) -> None:
        """Forget a saved view; raises Usage where there is none."""
        views = self.saved_views(link, entity)
        if name not in views:
            raise unknown("saved view", name, views)
        del views[name]
        self.save()

    def columns(self, link: Link, path: str, chosen: Sequence[str] | None = None) -> tuple[str, ...]:
        """The columns chosen for ``entity/view``; with ``chosen`` these from now on, with none the view's own."""
        key = f"{self._system(link)}/{path}"
        if chosen is not None:
            self.kept.columns.pop(key, None)
            if chosen:
                self.kept.columns[key] = list(chosen)
            self.save()
        return tuple(self.kept.columns.get(key, ()))

    @staticmethod
    def _system(link: Link) -> str:
        return link.session.system.name if link.session is not None else link.profile.system
