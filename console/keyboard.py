"""Keys in their order: each is pressed once all that the earlier ones led to is there.

Textual hands a key to what has the focus, and takes the next one before it was heard: what is typed fast, or
pasted, would reach what the key before is about to close. What only moves in a list waits for nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.widget import Widget

from screens import keys
from screens.desk import Desk

Input = events.Key | events.Paste
MOVES = frozenset({"down", "up", "half_down", "half_up", "page_down", "page_up", "first", "last"})
"""Verbs that lead nowhere in a list: the next one of them need not wait, whoever holds such a key down sees each line."""
PATIENCE = 10.0
"""Seconds after which a key is pressed although something does not answer."""


class Keyboard:
    """What was pressed and not yet handed on."""

    def __init__(self, app: App[Any], desk: Desk, press: Callable[[Input], Awaitable[None]]) -> None:
        self._app = app
        self._desk = desk
        self._press = press
        """Hands one over to what has the focus."""
        self._held: deque[Input] = deque()
        self._listening: asyncio.Task[None] | None = None
        self._moved = False
        """Whether the last ones only moved, so that nobody listens yet."""

    @property
    def busy(self) -> bool:
        """Whether something that was pressed was not yet heard."""
        return self._listening is not None

    async def take(self, event: Input) -> None:
        """Press it, behind what was pressed before."""
        if self._listening is None and not self._held and self._moves(event):
            self._moved = True
            await self._press(event)
            return
        self._held.append(event)
        if self._listening is None and self._moved:
            self._moved = False
            self._listening = asyncio.create_task(self._listen(self._path()))
        elif self._listening is None:
            await self._next()

    def _moves(self, event: Input) -> bool:
        """Whether it moves in the list that has the focus, and does nothing else."""
        verbs = keys.by_key(event.key) if isinstance(event, events.Key) else ()
        free = isinstance(self._app.screen.focused, keys.Moving)
        return bool(verbs) and MOVES.issuperset(verbs) and free and not self._desk.going

    async def _next(self) -> None:
        """Press the first one, and listen; with none left, the next one waits for nothing."""
        self._listening = None
        if self._held and self._desk.going:
            self._listening = asyncio.create_task(self._listen([]))
        elif self._held:
            path = self._path()
            await self._press(self._held.popleft())
            self._listening = asyncio.create_task(self._listen(path))

    def _path(self) -> list[DOMNode]:
        """What a key goes through, from what has the focus to the app, and what lies below."""
        stack = self._app.screen_stack[::-1]
        top = (stack[0].focused or stack[0]).ancestors_with_self if stack else []
        nodes = [node for node in (*top, *stack) if isinstance(node, Widget)]
        return [*dict.fromkeys(nodes), self._app]

    async def _listen(self, path: list[DOMNode]) -> None:
        """Wait until nobody on its way has anything to do, neither now nor after all of them had their turn."""
        end = time.monotonic() + PATIENCE
        quiet = False
        while time.monotonic() < end:
            nodes = list(dict.fromkeys([*path[:-1], *self._path()]))
            was, quiet = quiet, not self._desk.going and not any(n.message_queue_size for n in nodes)
            if was and quiet:
                break
            for node in nodes:
                await _turn(node, end - time.monotonic())
        self._app.call_later(self._next)


async def _turn(node: DOMNode, seconds: float) -> None:
    """Wait until a node did all that it was told before."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    if node.call_later(done.set_result, None):
        await asyncio.wait([done], timeout=max(0.0, seconds))
