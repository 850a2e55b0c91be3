"""Refreshing an overview at a bounded cost: what is dear is asked more rarely, and every number has its age."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from db.cancel import Cancel
from db.overview.number import Number
from db.overview.questions import Question

BUDGET = 0.009
"""Seconds of work that a refresh may cost on the average: less than the 10 ms that are promised."""
CHEAP = 0.002
"""What costs no more is asked at every refresh, as long as all of that stays in half of the budget."""


@dataclass
class _Asked:
    """A question with what it cost and gave."""

    question: Question
    numbers: list[Number] = field(default_factory=list)
    cost: float = 0.0
    at: float = float("-inf")
    """When it was asked, on the monotonic clock."""


class Meter:
    """The questions to one system, each asked as often as the budget allows."""

    def __init__(self, questions: Sequence[Question], interval: float = 5.0, budget: float = BUDGET) -> None:
        self.interval = interval
        self.budget = budget
        self._asked = [_Asked(question) for question in questions]
        self.spent = 0.0
        """Seconds that the last refresh cost."""

    @property
    def numbers(self) -> list[Number]:
        """The latest of all."""
        return [number for asked in self._asked for number in asked.numbers]

    def refresh(self, cancel: Cancel | None = None, *, everything: bool = False) -> list[Number]:
        """Ask what is due (all of it with ``everything``, and the first time); raises Unreachable and Cancelled."""
        now = time.monotonic()
        self.spent = 0.0
        for asked in self.due(now, everything=everything):
            began = time.perf_counter()
            asked.numbers = asked.question.answer(cancel)
            cost = time.perf_counter() - began
            # The first answer also paid for connecting and compiling: the second one corrects it downwards at once.
            asked.cost = cost if asked.cost == 0 or cost < asked.cost else (asked.cost + cost) / 2
            asked.at = now
            self.spent += cost
        return self.numbers

    def due(self, now: float, *, everything: bool = False) -> list[_Asked]:
        """What is to be asked at that moment."""
        return [a for a in self._asked if everything or now - a.at >= self.period(a) - 0.1]

    def period(self, asked: _Asked) -> float:
        """Seconds between two askings: so that all together cost the budget a refresh, on the average."""
        cheap = [a for a in self._asked if a.cost <= CHEAP]
        basis = sum(a.cost for a in cheap)
        if asked.cost <= CHEAP:
            return self.interval * max(1.0, basis / (self.budget / 2))
        dear = len(self._asked) - len(cheap)
        return self.interval * max(1.0, dear * asked.cost / (self.budget - min(basis, self.budget / 2)))
