"""The lock: where nobody was for a while an opaque screen stands, connections are closed, and secrets are forgotten."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.worker import WorkerState

from console import asking, secrets, unlocked
from db.errors import QuaestorError
from screens.places import Place
from screens.reading import in_thread

if TYPE_CHECKING:
    from console.app import Console
    from screens.desk import Desk

CHECKED = 5.0
"""Seconds between two looks at how long nobody was there."""
WAITED_FOR = ("writes", "export")
"""Work that somebody began and may have left alone: it ends first."""


class Locking:
    """What locks one console, and opens it again."""

    def __init__(self, app: Console, desk: Desk) -> None:
        self._app, self._desk = app, desk
        self.locked = False
        self._back = Place()

    def watch(self) -> None:
        """From now on."""
        self._desk.lock = self.now
        self._app.set_interval(CHECKED, self.look)

    def look(self) -> None:
        """Lock it if nobody was there for too long."""
        if time.monotonic() - self._desk.touched_at >= self._desk.settings.lock * 60:
            self.now()

    def now(self) -> None:
        """Lock it, unless it is, or an operation or an export is under way."""
        busy = any(
            worker.group in WAITED_FOR and worker.state in (WorkerState.PENDING, WorkerState.RUNNING)
            for worker in self._app.workers
        )
        if not self.locked and not busy:
            self.locked = True
            self._app.call_later(self._lock)

    async def _lock(self) -> None:
        from screens.lock import Lock  # noqa: PLC0415 - nobody locks before the first frame: 1 ms

        app, desk = self._app, self._desk
        self._back = app.frame.here()
        app.workers.cancel_group(app, "links")
        await app.replace(Lock(self.open))
        await in_thread(desk.let_go)
        for link in desk.links:
            if isinstance(link.profile.password, secrets.Chain):
                link.profile.password.forget()
        # Saves 35 ms of start: it brings cryptography.
        from console import signing  # noqa: PLC0415

        signing.forget()
        unlocked.forget()

    async def open(self) -> None:
        """Ask every secret's source again, connect, and go back to where it was."""
        app, desk = self._app, self._desk
        if any(asking.closed(link.profile) for link in desk.links) and not self._vault_opened():
            return
        self.locked = False
        desk.touched()
        app.connect()
        await app.replace(app.screen_for(self._back))

    def _vault_opened(self) -> bool:
        """Ask for the vault's passphrase on the bare terminal; whether it was the right one."""
        with self._app.suspend():
            try:
                for link in self._desk.links:
                    asking.unlock(link.profile)
            except (QuaestorError, KeyboardInterrupt, EOFError):
                return False
            finally:
                self._app.painter.forget()
        return True
