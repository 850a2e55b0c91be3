"""What every part of the seed uses: rows by table, values in turn and then by weight, times in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any

from db.invent import HOSTILE, Person
from db.multipass.tables import metadata
from db.seed import Batch, Plan

SIZE = 5_000
"""Rows of a batch at most."""
COHORT = 500
"""Persons whose rows are made together."""
FEWEST = 40
"""Persons at least; the first so many go through the states in turn."""
_PERIOD = 4_093
_COLUMNS = {table.name: tuple(table.columns.keys()) for table in metadata.sorted_tables}


@dataclass(frozen=True, slots=True)
class Holder:
    """A profile, as far as the rows that belong to it need to know."""

    n: int
    """The place among all profiles, the oldest first."""
    id: str
    person: Person
    created: datetime
    status: str
    tier: str


class Rows:
    """The rows of all tables since the last drain, each in the order of its table's columns."""

    def __init__(self) -> None:
        self.of: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _COLUMNS}

    def drain(self) -> Iterator[Batch]:
        """Everything, parents first, in batches; nothing is kept."""
        for table, rows in self.of.items():
            for start in range(0, len(rows), SIZE):
                yield Batch(table, _COLUMNS[table], rows[start : start + SIZE])
            self.of[table] = []


class Mix:
    """Values in turn at first, so that each occurs however few there are, and then by their weights."""

    def __init__(self, random: Random, weights: dict[str, int], turns: int = 1) -> None:
        names = list(weights)
        self.pool = names * turns + random.choices(names, list(weights.values()), k=_PERIOD)

    def __getitem__(self, n: int) -> str:
        return self.pool[n % len(self.pool)]


class Spice:
    """Now and then a hostile text in place of a harmless one, each of them in its turn."""

    def __init__(self, plan: Plan, every: int, longest: int = 100_000) -> None:
        self.every = every if plan.hostile else 0
        fitting = [text for text in HOSTILE if len(text) <= longest]
        first = every % len(fitting)  # so that few rows do not begin with the same text everywhere
        self.texts = cycle(fitting[first:] + fitting[:first])
        self.count = 0

    def __call__(self, text: str) -> str:
        """The text, or a hostile one in its place."""
        self.count += 1
        return next(self.texts) if self.every and self.count % self.every == 0 else text


def lately(random: Random, n: int, earliest: datetime, now: datetime) -> datetime:
    """A moment of the last four weeks for the first records of a kind, and further back for others."""
    days = random.uniform(0.3, 27) if n < FEWEST else random.lognormvariate(3, 1.2)
    return max(earliest, now - timedelta(days=days))


def between(start: datetime, end: datetime, share: float) -> datetime:
    """The moment at this share of the way."""
    return start + (end - start) * share
