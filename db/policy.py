"""The policy: thresholds in the database, changed by two people; a profile may only tighten them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from sqlalchemy import select

from db.errors import Usage
from db.model import Kind, Setting, System, Tighter
from db.run import execute
from db.session import Session

QUORUM = Setting("quorum", "1", "So many others must approve a proposal.", Kind.INTEGER, Tighter.HIGHER)
PROPOSAL_HOURS = Setting(
    "proposal_hours", "24", "A proposal expires after so many hours.", Kind.INTEGER, Tighter.LOWER
)
QUEUE_HOURS = Setting(
    "queue_hours",
    "24",
    "A queue's record is late after so many hours; queue_hours/ENTITY/VIEW for one queue.",
    Kind.INTEGER,
    Tighter.LOWER,
)
SETTINGS = (QUORUM, PROPOSAL_HOURS, QUEUE_HOURS)
TABLE = "quaestor_policy"


def declared(system: System) -> tuple[Setting, ...]:
    """Every threshold of a system: those of all, then its own."""
    return (*SETTINGS, *system.settings)


def defaults(system: System) -> dict[str, str]:
    """The values that a new policy begins with."""
    return {setting.name: setting.default for setting in declared(system)}


def effective(system: System, shared: Mapping[str, str], profile: Mapping[str, str]) -> dict[str, str]:
    """What holds: the policy, tightened by the profile; raises Usage where the profile would loosen it."""
    held = {**defaults(system), **shared}
    known = {setting.name: setting for setting in declared(system)}
    for name, value in profile.items():
        setting = known.get(name.split("/")[0])
        if setting is not None and name in held:
            _check_tighter(setting, name, held[name], value)
        held[name] = value
    return held


def _check_tighter(setting: Setting, name: str, policy: str, profile: str) -> None:
    wanted, allowed = number(name, profile), number(name, policy)
    loose = {Tighter.LOWER: wanted > allowed, Tighter.HIGHER: wanted < allowed, Tighter.EITHER: False}
    if loose[setting.tighter]:
        raise Usage(
            f"The profile sets {name} to {profile}, and the policy has {policy}: a profile may only make it {setting.tighter}."
        )


def number(name: str, text: str) -> Decimal:
    """A threshold's value; raises Usage for what is no number, or below zero."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise Usage(f"{name} wants a number from 0 on, not '{text}'.")
    return value


def load(session: Session) -> dict[str, str]:
    """The policy as the database has it; empty where there is none."""
    if session.schema.table(TABLE) is None:
        return {}
    from db.own import policy  # noqa: PLC0415 - 5 ms of opening a system that has none of our tables

    return dict(execute(session, select(policy.c.name, policy.c.value), {}, None))


def fed(session: Session) -> Session:
    """The session with the thresholds that hold now: the policy's, tightened by the profile. Raises Usage."""
    return replace(session, settings=effective(session.system, load(session), session.profile.settings))


def lines(system: System, shared: Mapping[str, str]) -> Iterator[tuple[Setting, str]]:
    """Each threshold with the value in the database."""
    for setting in declared(system):
        yield setting, shared.get(setting.name, setting.default)
