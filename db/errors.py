"""What can go wrong, in sentences that say what to do; the command line's exit code is a property of each."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class QuaestorError(Exception):
    """The root: its text is one clear sentence for the operator."""

    exit_code = 1


class Usage(QuaestorError):
    """What was typed cannot be meant: an unknown name, a value that does not fit."""

    exit_code = 2


class Unreachable(QuaestorError):
    """The server cannot be reached, does not answer, or hung up."""

    exit_code = 3


class Denied(QuaestorError):
    """The mode, the role's rights or a missing second person forbids it."""

    exit_code = 4


class Missing(QuaestorError):
    """A record, table or column is not there."""


class TooSlow(QuaestorError):
    """The statement ran into its timeout; nothing was changed."""


class Refused(QuaestorError):
    """A rule says no; the text gives the rule and the numbers."""


class Stale(QuaestorError):
    """The record is no longer as the operator saw it."""


class Conflict(Stale):
    """Other rows would be changed than the action declares; nothing was changed."""


class Unknown(QuaestorError):
    """The connection died around COMMIT and the server cannot be asked yet; the journal keeps the operation."""

    exit_code = 3


class Cancelled(QuaestorError):
    """The operator cancelled it."""

    exit_code = 130


def unknown(what: str, name: str, known: Iterable[str]) -> Usage:
    """Say that a name is unknown, and which known ones come nearest."""
    names = sorted(set(known))
    near = (
        difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        or [n for n in names if name and n.startswith(name[:2])][:3]
    )
    if near:
        return Usage(f"There is no {what} '{name}'. Did you mean {' or '.join(near)}?")
    return Usage(
        f"There is no {what} '{name}'. There are: {', '.join(names)}."
        if names
        else f"There is no {what} '{name}'."
    )
