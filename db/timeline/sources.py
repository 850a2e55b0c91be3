"""What the columns of each audit table mean on the common line of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from db.session import Session


@dataclass(frozen=True)
class Meaning:
    """How an audit entity is read."""

    time: str
    """The column that it is ordered by."""
    columns: Mapping[str, str]
    """Common name → the entity's column."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Common name → what holds for every row."""
    digest: str = ""
    """The common name that holds the SHA-256 of a DID in place of the DID."""


_TRUSTSPHERE = Meaning(
    "timestamp",
    {
        "severity": "severity",
        "actor": "actor_user_id",
        "action": "action",
        "kind": "resource_type",
        "record": "resource_id",
        "address": "ip_address",
        "session": "session_id",
    },
)
MEANINGS: Mapping[tuple[str, str], Meaning] = {
    ("trustsphere", "audit_logs"): _TRUSTSPHERE,
    ("trustsphere", "audit_logs_archive"): _TRUSTSPHERE,
    ("paymentlinker", "audit_logs"): Meaning(
        "event_timestamp",
        {
            "actor": "user_id",
            "action": "event_type",
            "record": "application_id",
            "outcome": "decision",
            "address": "ip_address",
            "subject": "application_id",
        },
        {"kind": "application"},
    ),
    ("finpass", "audit_events"): Meaning(
        "created_at",
        {
            "severity": "severity",
            "actor": "performed_by",
            "action": "event_type",
            "kind": "resource_type",
            "record": "resource_id",
            "outcome": "outcome",
            "address": "ip_address",
            "session": "session_id",
            "correlation": "correlation_id",
            "subject": "user_id_hash",
        },
        digest="subject",
    ),
    ("multipass", "application_events"): Meaning(
        "created_at",
        {
            "severity": "severity",
            "actor": "profile_id",
            "action": "event_type",
            "address": "ip_address",
            "subject": "profile_id",
        },
    ),
}
"""By system and entity; a row's severity is shown in capitals whatever the system writes."""


def meanings(session: Session) -> Iterator[tuple[str, Meaning]]:
    """The audit entities of a session whose tables are there."""
    for (system, entity), meaning in MEANINGS.items():
        if system == session.system.name and session.entity(entity).table.name in session.schema:
            yield entity, meaning
