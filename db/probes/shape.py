"""A statement's shape: what it does, without the values that are in it."""

from __future__ import annotations

import re

_LITERALS = re.compile(
    r"""
    /\*.*?(?:\*/|$) | --[^\n]* | \#[^\n]*               # comments
    | \$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|$)             # dollar quotes
    | '(?:[^'\\]|\\.|'')*(?:'|$)                         # texts; the server may have cut the last one
    | \b0x[0-9a-fA-F]+\b
    | (?<![\w$])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\b    # numbers that are no part of a name or a parameter
    """,
    re.VERBOSE | re.DOTALL,
)
_DOUBLE = re.compile(r'"(?:[^"\\]|\\.|"")*(?:"|$)', re.DOTALL)
_LISTS = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")
LONGEST = 2000


def shape(statement: object, *, double: bool = False) -> str:
    """The statement in one line, every literal as ``?``; with ``double`` double quotes are texts too, as on MySQL."""
    text = "" if statement is None else str(statement)[: LONGEST * 4]
    text = _LITERALS.sub(
        lambda found: " " if found[0][:2] in ("/*", "--") or found[0][:1] == "#" else "?", text
    )
    if double:
        text = _DOUBLE.sub("?", text)
    return _LISTS.sub("(?, …)", " ".join(text.split()))[:LONGEST]
