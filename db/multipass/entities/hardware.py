"""The fleet: hardware passes, their findings, and the challenges that they answer."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Integer, Text, and_, case, func, literal_column, or_, select, union_all

from db.declare import entity, now, setting, since, view
from db.figures import count_if, figure, percentage
from db.model import Column, Kind, View
from db.multipass.entities.firmware import outdated
from db.multipass.entities.shared import DAY, PERIOD, any_of, holder, of_same_profile, tally, within
from db.multipass.tables import hardware_challenges, hardware_passes, identity_profiles

_h = hardware_passes.c
_c = hardware_challenges.c
_p = identity_profiles.c

IN_FLEET = _h.status.is_distinct_from("revoked")
"""A revoked pass has left the fleet: nothing of it is a finding any more."""

_unseen = since("pass_unseen_seconds", 30 * 86_400, now)
_failing = (
    select(_c.pass_id)
    .where(_c.status == "failed", _c.created_at > now(hours=-24))
    .group_by(_c.pass_id)
    .having(func.count() >= setting("pass_failed_challenges", "3", Integer()))
)

FINDINGS: dict[str, tuple[str, ColumnElement[bool]]] = {
    "lost-not-revoked": ("Lost, and not revoked yet.", and_(_h.status == "lost", _h.revoked_at.is_(None))),
    "failing": (
        "Three failed challenges or more in the last 24 hours.",
        and_(IN_FLEET, _h.id.in_(_failing)),
    ),
    "not-seen": (
        "Not seen for 30 days, or never since being made that long ago.",
        and_(
            IN_FLEET, or_(_h.last_seen_at < _unseen, and_(_h.last_seen_at.is_(None), _h.created_at < _unseen))
        ),
    ),
    "low-battery": (
        "A battery below 15 %.",
        and_(IN_FLEET, _h.battery_level < setting("pass_battery_percent", "15", Integer())),
    ),
    "never-attested": ("Never attested.", and_(IN_FLEET, _h.attested_at.is_(None))),
    "outdated-firmware": ("A firmware older than the newest of its model.", and_(IN_FLEET, outdated())),
}
"""The findings of the fleet, the worst first: name → what it says, and its condition."""

_FINDING_ORDER = {
    "lost-not-revoked": "-updated_at",
    "failing": "-last_seen_at",
    "not-seen": "last_seen_at",
    "low-battery": "battery_level",
    "never-attested": "created_at",
    "outdated-firmware": "-last_seen_at",
}


def _of_status(status: str, summary: str) -> View:
    return view(status, summary, "-updated_at", _h.status == status)


_PASS_VIEWS = (
    view("all", "Every pass, the newest first.", "-created_at"),
    view(
        "needs-attention",
        "With one finding at least, the latest change first.",
        "-updated_at",
        or_(*(condition for _, condition in FINDINGS.values())),
    ),
    *(
        view(name, summary, _FINDING_ORDER[name], condition)
        for name, (summary, condition) in FINDINGS.items()
    ),
    _of_status("issued", "Handed out, and not active yet."),
    _of_status("active", "In use."),
    _of_status("suspended", "Suspended."),
    _of_status("lost", "Reported lost."),
    view(
        "revoked",
        "Revoked, the latest first.",
        "-revoked_at",
        _h.status == "revoked",
        listed="revoked_at serial holder model last_seen_at revocation_reason",
    ),
    view(
        "of-inactive",
        "Issued or active, though the profile is suspended or closed.",
        "-updated_at",
        and_(
            _h.status.in_(("issued", "active")),
            any_of(_p.id == _h.profile_id, _p.status.in_(("suspended", "closed"))),
        ),
    ),
)

_battery = case(
    (_h.battery_level.is_(None), "unknown"),
    (_h.battery_level < 15, "0 to 14 %"),
    (_h.battery_level < 50, "15 to 49 %"),
    (_h.battery_level < 80, "50 to 79 %"),
    else_="80 to 100 %",
).label("battery")

_counts = union_all(
    *(
        select(
            literal_column(str(place), Integer()).label("place"),
            literal_column(f"'{name}'", Text()).label("finding"),
            func.count().label("passes"),
        )
        .select_from(hardware_passes)
        .where(condition)
        for place, (name, (_, condition)) in enumerate(FINDINGS.items())
    )
).subquery("counts")

_PASS_FIGURES = (
    tally("by-status", "Passes by status.", hardware_passes, "status", oldest="created_at"),
    tally("by-model", "Passes by model and status.", hardware_passes, "model", "status"),
    tally(
        "by-firmware",
        "Passes that are not revoked by model and firmware.",
        hardware_passes,
        "model",
        "firmware_version",
        where=IN_FLEET,
    ),
    figure(
        "by-battery",
        "Passes that are not revoked by the state of their battery.",
        select(_battery, func.count().label("passes"))
        .where(IN_FLEET)
        .group_by("battery")
        .order_by(func.min(_h.battery_level)),
    ),
    figure(
        "findings",
        "How many passes have each finding, the worst first; a pass may have several.",
        select(_counts.c.finding, _counts.c.passes).order_by(_counts.c.place),
    ),
    tally(
        "revocations",
        "Passes revoked in the period, by reason.",
        hardware_passes,
        "revocation_reason",
        where=and_(_h.status == "revoked", within(_h.revoked_at)),
        parameters=PERIOD,
    ),
)

PASSES = entity(
    hardware_passes,
    listed="created_at serial holder model firmware_version status battery_level last_seen_at attested_at",
    groups={
        "Pass": "serial model firmware_version capabilities public_key",
        "State": "status battery_level last_seen_at attested_at revoked_at revocation_reason",
        "Details": "id profile_id created_at updated_at",
    },
    kinds={"battery_level": Kind.PERCENT},
    computed=(holder(hardware_passes),),
    views=_PASS_VIEWS,
    figures=_PASS_FIGURES,
    search="id serial profile_id",
    aliases="passes",
    title="serial model",
    links=of_same_profile("multipass_sessions", "multipass_credentials"),
)

_CHALLENGE_VIEWS = (
    view("all", "Every challenge, the newest first.", "-created_at"),
    view("failed", "Failed, the newest first.", "-created_at", _c.status == "failed"),
    view(
        "failed-recently",
        "Failed in the last 24 hours, the newest first.",
        "-created_at",
        and_(_c.status == "failed", _c.created_at > now(hours=-24)),
    ),
    view(
        "open",
        "Waiting for an answer, the next to expire first.",
        "expires_at",
        and_(_c.status == "pending", _c.expires_at > now()),
    ),
    view(
        "overdue",
        "Called pending, though the time to answer has passed.",
        "expires_at",
        and_(_c.status == "pending", _c.expires_at <= now()),
    ),
    view("passed", "Passed, the newest first.", "-created_at", _c.status == "passed"),
    view("expired", "Never answered, the newest first.", "-created_at", _c.status == "expired"),
)

_passed, _failed = count_if(_c.status == "passed"), count_if(_c.status == "failed")
_serial = select(_h.serial).where(_h.id == _c.pass_id).scalar_subquery()

_CHALLENGE_FIGURES = (
    tally(
        "by-status",
        "Challenges of the period by status.",
        hardware_challenges,
        "status",
        where=within(_c.created_at),
        oldest="created_at",
        parameters=PERIOD,
    ),
    figure(
        "by-model",
        "How the passes of each model answered in the period; the rate is of those answered.",
        select(
            _h.model,
            func.count().label("records"),
            _passed.label("passed"),
            _failed.label("failed"),
            percentage(_failed, _passed + _failed).label("failure_rate"),
        )
        .join_from(hardware_challenges, hardware_passes, _c.pass_id == _h.id)
        .where(within(_c.created_at))
        .group_by(_h.model)
        .order_by(_h.model),
        *PERIOD,
        kinds={"failure_rate": Kind.PERCENT},
    ),
    figure(
        "failing-passes",
        "The passes with the most failed challenges of the period, the first hundred.",
        select(
            _h.serial,
            _h.model,
            _h.status,
            func.count().label("failed"),
            func.max(_c.created_at).label("newest"),
        )
        .join_from(hardware_challenges, hardware_passes, _c.pass_id == _h.id)
        .where(_c.status == "failed", within(_c.created_at))
        .group_by(_h.id, _h.serial, _h.model, _h.status)
        .order_by(func.count().desc(), _h.serial)
        .limit(100),
        *DAY,
    ),
)

CHALLENGES = entity(
    hardware_challenges,
    listed="created_at serial status expires_at responded_at",
    groups={
        "Challenge": "status challenge_hash created_at expires_at responded_at",
        "Details": "id pass_id",
    },
    computed=(Column("serial", Kind.TEXT, _serial, group="Challenge"),),
    views=_CHALLENGE_VIEWS,
    figures=_CHALLENGE_FIGURES,
    search="id pass_id",
    aliases="challenges",
    title="serial created_at",
)
