"""The border between a database's values and the terminal: every value becomes text that cannot act.

``safe`` gives such a text, ``fit`` cuts one to cells, ``cell`` makes Textual's Content of a value. Nothing
that a database, a person or a server's error message wrote reaches the screen any other way: no markup is
parsed here, and none is escaped.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, get_character_cell_size

from db.kinds import Kind
from screens.formats import NULL, PLAIN, RIGHT, Look, tone, written

if TYPE_CHECKING:
    from textual.content import Content

LIMIT = 4096
"""Characters that are looked at; what is beyond is counted, never shown."""

MARKS = 3
"""Combining marks that one character may carry."""

_INVISIBLE = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x2800, 0x2800),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)
"""Printable by Unicode, and yet nothing is seen."""


def safe(value: object) -> str:
    """The value as one line of printable text; what is not printable is shown by a sign or its number."""
    text = value if type(value) is str else _as_text(value)
    if len(text) > LIMIT:
        return _cleaned(text[:LIMIT]) + f"… ⟨{len(text) - LIMIT} more⟩"
    if text.isascii() and text.isprintable():
        return text
    return _remembered(text) if len(text) < 128 else _cleaned(text)


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value[: LIMIT + 1]).decode("utf-8", "backslashreplace")
    try:
        return str(value)
    except (ValueError, ArithmeticError):  # an int of more digits than Python likes to print
        return f"⟨{type(value).__name__} that cannot be written⟩"


@lru_cache(maxsize=4096)
def _remembered(text: str) -> str:
    return _cleaned(text)


def _cleaned(text: str) -> str:
    out: list[str] = []
    marks = MARKS  # as if the text before were full: a mark needs a base of its own
    for char in text:
        if not char.isprintable() or char in _INVISIBLE:
            out.append(shown(char))
            marks = 0
        elif char.isascii() or get_character_cell_size(char):
            out.append(char)
            marks = 0
        elif not out:
            out.append("◌" + char)
            marks = 1
        else:
            marks += 1
            out.append(char if marks <= MARKS else shown(char))
    return "".join(out)


def shown(char: str) -> str:
    """The visible stand-in of a character that must not reach the terminal."""
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def width(text: str) -> int:
    """How many cells a safe text takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, cells: int, right: bool = False) -> str:
    """A safe text in exactly so many cells: padded, or cut and marked with an ellipsis."""
    if text.isascii():
        missing = cells - len(text)
        if missing < 0:
            return text[: cells - 1] + "…" if cells > 0 else ""
        return " " * missing + text if right else text + " " * missing
    missing = cells - cell_len(text)
    if missing < 0:
        text = cut(text, cells)
        missing = cells - cell_len(text)
    return " " * missing + text if right else text + " " * missing


def cut(text: str, cells: int) -> str:
    """A safe text in at most so many cells; an ellipsis stands for what is missing."""
    if width(text) <= cells:
        return text
    return text[: _leading(text, cells - 1)] + "…" if cells > 0 else ""


def _leading(text: str, cells: int) -> int:
    """How many characters fit into so many cells."""
    used, kept = 0, 0
    for char in text:
        used += get_character_cell_size(char)
        if used > cells:
            break
        kept += 1
    return kept


def wrapped(text: str, cells: int) -> list[str]:
    """A safe text in lines of at most so many cells, broken at blanks where there are any."""
    lines = []
    while width(text) > cells:
        room = max(1, _leading(text, cells))
        at = text.rfind(" ", 1, room + 1)
        end = at if at > 0 else room
        lines.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*lines, text]


def text_of(value: Any, kind: Kind, look: Look = PLAIN, currency: str = "") -> str:
    """A value in the form of its kind, safe, uncut; NULL is a dash."""
    if value is None:
        return NULL
    if type(value) is str and kind is Kind.TEXT:
        return safe(value)
    try:
        return safe(written(value, kind, look, safe(currency)))
    except (ValueError, ArithmeticError):  # it does not fit its kind
        return safe(_as_text(value))


def cell(
    value: Any, kind: Kind, *, look: Look = PLAIN, currency: str = "", cells: int | None = None
) -> Content:
    """A value as Textual's Content, in exactly ``cells`` cells where given; its style names a mood."""
    # Saves 90 ms of start: the command line uses the rest of this module and shows no Content.
    from textual.content import Content  # noqa: PLC0415

    text = text_of(value, kind, look, currency)
    if cells is not None:
        text = fit(text, cells, kind in RIGHT)
    mood = tone(value, kind)
    return Content.styled(text, f"${mood}") if mood else Content(text)
