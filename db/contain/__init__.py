"""Containment: everything that gives one person access is taken away, in every system, by one plan.

``plan`` shows what each operation would end; ``propose`` asks a second person, in each database by one proposal
with the same plan id; ``approve`` and ``resume`` carry it out, each operation once, and sign a report.
"""

from db.contain.carrying import (
    Report,
    Standing,
    approve,
    propose,
    reported,
    resume,
    standing,
    under_way,
)
from db.contain.plan import Part, Plan, Step, plan, the_one
from db.contain.rules import RULES, Rule

__all__ = [
    "RULES", "Part", "Plan", "Report", "Rule", "Standing", "Step", "approve", "plan", "propose", "reported", "resume",
    "standing", "the_one", "under_way",
]  # fmt: skip
