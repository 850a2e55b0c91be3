"""A program that makes every mistake: raw data in Textual's own widgets. Run in a pty, behind the walls."""

from __future__ import annotations

import sys

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Label, Static

from screens.paint import Painted, Painter
from screens.walls import raise_walls
from tests.screens.hostile import CONTROLS, SEQUENCES

RAW = "".join(CONTROLS) + "".join(SEQUENCES) + "\u202e"


class Raw(Widget):
    """Draws data as it came, with a link and an action in its style."""

    DEFAULT_CSS = "Raw { height: 3; }"

    def render_lines(self, crop: Region) -> list[Strip]:
        """One strip for all lines."""
        style = Style(link="https://linked.invalid/x") + Style.from_meta({"@click": "app.fire"})
        return [Strip([Segment("press me" + RAW, style)], self.size.width)] * crop.height


class Careless(App[None]):
    """Shows raw data every way there is; an action would end it."""

    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        """Data without the border."""
        yield Raw()
        yield Static("[@click=app.fire]click me[/]" + RAW.replace("[", r"\["))
        yield Label(RAW, markup=False)

    def action_fire(self) -> None:
        """Nobody may get here."""
        self.exit(return_code=66)


class Painting(Painted[None], Careless):
    """The same through the painter."""

    def __init__(self) -> None:
        super().__init__()
        self.painter = Painter()


if __name__ == "__main__":
    raise_walls()
    app = Painting() if sys.argv[1] == "painter" else Careless()
    app.run()
    sys.exit(app.return_code)
