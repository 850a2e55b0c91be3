"""What kinds of values there are; apart from the vocabulary of ``db.model``, as the first frame needs it alone."""

from __future__ import annotations

from enum import StrEnum

MASK = "••••••••"
"""What stands in place of a value that nobody may see; the value itself is not even read."""


class Kind(StrEnum):
    """What a value is, and so how it is shown, aligned, filtered and written out."""

    TEXT = "text"
    ID = "id"
    STATUS = "status"
    MONEY = "money"
    AMOUNT = "amount"
    INTEGER = "integer"
    PERCENT = "percent"
    TIME = "time"
    BOOLEAN = "boolean"
    JSON = "json"
    LIST = "list"
    BYTES = "bytes"
    ADDRESS = "address"
    MASKED = "masked"


class Raw(str):
    """A value as the database wrote it, which its own type cannot hold: ``infinity``, a zero date, bad JSON."""

    __slots__ = ()
