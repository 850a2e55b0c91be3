"""Looks as files: a theme names a style for each tone, and widgets ask for styles by tone only."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.errors import StyleSyntaxError
from rich.style import Style

from db.errors import Usage, unknown

HERE = Path(__file__).parent / "themes"
"""The themes that come with the program."""

TONES = tuple(
    """text faint number good wait bad accent head head-here edge row here mark changed title tab tab-here key label off
    note caret error banner banner-name rule""".split()  # noqa: SIM905 - thirty words read better as words
)
"""What a theme must give a style for."""


@dataclass(frozen=True, eq=False)
class Theme:
    """A look."""

    name: str
    summary: str
    styles: Mapping[str, Style]
    """Tone → style; the empty tone is plain text."""
    dark: bool = True
    """Whether its ground, or the one it supposes, is dark."""
    colours: bool = True
    """Whether it has any; where not, a profile's colour is not shown either."""

    @property
    def ground(self) -> str:
        """The colour that it paints everything on; the terminal's own where empty."""
        colour = self.styles[""].bgcolor
        return colour.name if colour is not None else ""


def names(*folders: Path) -> list[str]:
    """The names of all themes in the folders and of those that come with the program."""
    return sorted({path.stem for folder in (HERE, *folders) for path in folder.glob("*.toml")})


def load(name: str, *folders: Path) -> Theme:
    """Read a theme, the operator's own folders first; raises Usage for one that is unknown or broken."""
    for folder in (*folders, HERE):
        path = folder / f"{name}.toml"
        if path.is_file() and path.parent == folder:
            return _read(path)
    raise unknown("theme", name, names(*folders))


def _read(path: Path) -> Theme:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        tones = table.get("tones", {})
        if lost := [tone for tone in TONES if tone not in tones]:
            raise Usage(f"The theme {path} has no style for {', '.join(lost)}.")
        base = Style.parse(tones["text"])
        styles = {tone: base + Style.parse(text) for tone, text in tones.items()}
    except (OSError, ValueError, TypeError, AttributeError, StyleSyntaxError) as error:
        raise Usage(f"The theme {path} cannot be read: {error}") from None
    return Theme(
        path.stem, str(table.get("summary", "")), {"": base, **styles}, bool(table.get("dark", True))
    )


@dataclass
class _Active:
    """The look of this process's terminal."""

    theme: Theme | None = None
    number: int = 0
    """Raised by each change, so that what was drawn in the old look is not used again."""


_active = _Active()


def use(theme: Theme) -> None:
    """Make it the look of everything that is drawn from now on."""
    _active.theme = theme
    _active.number += 1


def current() -> Theme:
    """The theme in use; the terminal's own colours where none was chosen."""
    if _active.theme is None:
        use(load("terminal"))
    assert _active.theme is not None
    return _active.theme


def number() -> int:
    """A number that changes with the theme."""
    return _active.number


def style(tone: str) -> Style:
    """The style of a tone; plain for one that the theme does not know."""
    return current().styles.get(tone) or current().styles[""]
