"""The pictures of the README: the demo in a terminal, key by key, written as SVG into ``tests/pictures``."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from rich.color import ColorParseError
from rich.console import Console
from rich.style import Style
from rich.text import Text

from tests.benchmarks.terminal import Terminal

FOLDER = Path(__file__).resolve().parents[1] / "pictures"
WALK = (
    ("overview", (), r"multipass +DEMO"),
    ("list", (":transactions", "<enter>"), r"reference"),
    ("record", ("<down>", "<enter>"), r"esc back"),
    ("reviews", ("3",), r"unclaimed"),
)
"""(name, keys, what is then on the screen)."""


def main() -> None:
    """Walk through the demo and draw each stop."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "console", "demo"]
        with Terminal(command, env={"QUAESTOR_HOME": home}, columns=120, lines=36, quiet=0.6) as terminal:
            for name, keys, shown in WALK:
                for key in keys:
                    terminal.send(key)
                    terminal.settle()
                terminal.wait(shown)
                terminal.settle()
                (FOLDER / f"{name}.svg").write_text(draw(terminal, name), encoding="utf-8")
                print(FOLDER.name, name)


def draw(terminal: Terminal, title: str) -> str:
    """The screen as SVG, without fonts from elsewhere."""
    width, height = terminal.screen.columns, terminal.screen.lines
    console = Console(
        width=width,
        height=height,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    for y in range(height):
        line = Text(no_wrap=True, end="")
        for x in range(width):
            char = terminal.screen.buffer[y][x]
            line.append(char.data, style_of(char))
        console.print(line)
    svg = console.export_svg(title=f"quaestor – {title}")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)


def style_of(char: object) -> Style:
    """The emulator's attributes as rich has them."""
    front, back = (_colour(getattr(char, side)) for side in ("fg", "bg"))
    try:
        style = Style(color=front, bgcolor=back)
    except ColorParseError:
        style = Style()
    return style + Style(bold=getattr(char, "bold", False), reverse=getattr(char, "reverse", False))


def _colour(value: str) -> str | None:
    if value == "default":
        return None
    return f"#{value}" if re.fullmatch(r"[0-9a-f]{6}", value) else value.replace("bright", "bright_")


if __name__ == "__main__":
    main()
