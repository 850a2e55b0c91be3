"""The second and the third wall against hostile text, behind ``cells``: for what a mistake lets through.

Both touch parts of Textual that it does not promise to keep; it is pinned, and tests on a real pty prove both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.app import App
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.console import Console
    from rich.style import Style
    from textual.dom import DOMNode
    from textual.events import Event

_strip_render = Strip.render


def tame(text: str) -> str:
    """The text with a sign of one cell in place of every character that is not printable."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def _render(self: Strip, console: Console) -> str:
    """Render printable text and no links, whatever the segments hold."""
    if self._render_cache is None and not all(_is_tame(text, style) for text, style, _ in self._segments):
        self._segments = [Segment(tame(text), _unlinked(style)) for text, style, _ in self._segments]
    return _strip_render(self, console)


def _is_tame(text: str, style: Style | None) -> bool:
    return text.isprintable() and not (style is not None and style.link)


def _unlinked(style: Style | None) -> Style | None:
    return style.update_link(None) if style is not None and style.link else style


async def _no_action(self: App[object], event_name: str, event: Event, default_namespace: DOMNode) -> bool:
    """Do nothing: an action that a style carries was put there by nobody whom we trust."""
    return False


def raise_walls() -> None:
    """Put both walls up, for all of this process; doing it twice changes nothing."""
    Strip.render = _render  # type: ignore[method-assign] # the second wall
    App._broker_event = _no_action  # type: ignore[assignment, method-assign] # the third
