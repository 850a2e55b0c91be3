"""Operations as values: what is to be done, what it would do, what was done. Imports no SQLAlchemy."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from db.canonical import dumps
from db.model import Action, Effect, Entity, Risk, Values

GLASS = 20
"""Characters that the reason of a break-glass has at least."""


def new_id() -> str:
    """An operation's id, made before it is sent."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Operation:
    """One action on one record, as an operator decided it."""

    entity: str
    id: str
    """The record id."""
    action: str
    form: Mapping[str, str] = field(default_factory=dict)
    """What was filled in, as typed."""
    reason: str = ""
    ticket: str = ""
    operation_id: str = field(default_factory=new_id)
    row_hash: str = ""
    """Of the record as it was shown, in hex; empty takes it as it is now."""
    counted: Mapping[str, int] | None = None
    """The dependents as they were shown; None takes them as they are now."""
    undoes: str = ""
    """The operation that this one takes back."""
    proposal: str = ""
    """The approved proposal that it carries out."""
    break_glass: bool = False
    """Whether one person does it alone where it takes two; told in red, and reviewed."""

    @property
    def intent(self) -> str:
        """What tells the same operation from another one under its id."""
        told = [self.entity, [self.id], self.action, dict(self.form), self.reason]
        return hashlib.sha256(dumps(told)).hexdigest()


@dataclass(frozen=True)
class Who:
    """The operator, as far as an entry tells: the first two are proof, the rest are claims."""

    principal: str = ""
    """``db:<session user>`` or ``key:<key id>``."""
    key_id: str = ""
    name: str = ""
    actor: str = ""
    """The operator's own user in that system, where the profile names one."""
    evidence: Mapping[str, str] = field(default_factory=dict)
    """``address``, ``session``, ``login``, ``host`` and the like."""


@dataclass(frozen=True)
class Armed:
    """Leave to write for a while, for a ticket; the screens close it by time, idleness and a lost connection."""

    ticket: str
    until: float = float("inf")
    """On the monotonic clock."""

    @classmethod
    def for_seconds(cls, seconds: float, ticket: str) -> Armed:
        """From now on."""
        return cls(ticket, time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds, none when it is over."""
        return max(0.0, self.until - time.monotonic())


@dataclass(frozen=True)
class Sheet:
    """What an operation would do, freshly read; nothing has happened."""

    operation: Operation
    """With the row hash and the counts of what is shown here: perform this one."""
    entity: Entity
    action: Action
    row: Values
    effects: tuple[Effect, ...]
    risk: Risk
    refused: str = ""
    """The sentence why it cannot be done."""
    lacking: tuple[str, ...] = ()
    """The rights that the role has not."""


@dataclass(frozen=True)
class Done:
    """It happened, once; ``seq`` says where in the ledger."""

    operation_id: str
    seq: int
    row_hash: bytes
    told: Mapping[str, Any]
    """The entry's payload."""
    effects: tuple[Effect, ...] = ()
    """None where an earlier run did it."""
    earlier: bool = False
    """Whether an earlier run of the same operation did it."""
    result: Any = field(default=None, repr=False)
    """What a reveal or an export gave; it is nowhere else."""
