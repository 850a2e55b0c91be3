"""What can be done to FinPass's credentials: suspend, reinstate, revoke; each in both tables that keep the status."""

from __future__ import annotations

from db.actions import state
from db.change import Change
from db.finpass import places
from db.finpass.tables import REVOCATION_REASONS, credential_status
from db.model import Action, Field, Kind, Setting
from db.statuslist import place_of

BESIDE = "rows of the status table"
"""The words under which they are counted."""
REVOKE_BURST = Setting(
    "revoke_burst",
    "25",
    "From so many revocations by one operator within an hour on each takes two people.",
    Kind.INTEGER,
)
REASONS = tuple(r for r in REVOCATION_REASONS if r not in ("certificateHold", "removeFromCRL"))
"""RFC 5280's names without the two that stand for a suspension and for its end."""
UNSEEN = (
    "Its place on the status list is given now: the JWT that was issued does not name it, "
    "so that verifiers cannot see this revocation."
)


def _both(change: Change, status: str) -> None:
    """Set the status in the table beside; a row that is missing there is made."""
    if change.facts.schema.table(credential_status.name) is None:
        change.remark("There is no table credential_status here; only credentials is changed.")
        return
    key = change.facts.key[0]
    beside = change.lock(credential_status, [key], "status").get(key)
    if beside is None:
        values = {"credential_id": key, "status": status, "created_at": change.now, "updated_at": change.now}
        change.insert(credential_status, BESIDE, "its row of the status table", **values)
        return
    if status != "REVOKED" and beside["status"] not in ("VALID", "SUSPENDED"):
        change.refuse(
            f"The status table has {beside['status'] or 'no status'} for it, which is not taken back: "
            "the two tables disagree."
        )
    change.dependent(credential_status, beside, BESIDE, "status table:", status=status)


def _suspend(change: Change) -> None:
    _both(change, "SUSPENDED")
    change.update(status="SUSPENDED")


def _reinstate(change: Change) -> None:
    _both(change, "VALID")
    change.update(status="VALID")


def _revoke(change: Change) -> None:
    handle, given = change.row["revocation_handle"], {}
    if not handle:
        given = {"revocation_handle": str(places.allot(change))}
        change.remark(UNSEEN)
    elif place_of(handle) is None:
        change.remark(
            f"Its handle '{handle}' is no place on a status list, which cannot show this revocation."
        )
    _both(change, "REVOKED")
    change.update(
        status="REVOKED",
        revoked_at=change.now,
        revoked_by=change.facts.by or None,
        revocation_reason=change.form["revocation_reason"],
        **given,
    )


ACTIONS = (
    Action(
        "suspend",
        "credentials",
        "Suspends the credential until it is reinstated.",
        state("VALID"),
        _suspend,
        ("status",),
        inverse="reinstate",
        dependents=(BESIDE,),
        audit={"event": "CREDENTIAL_SUSPENDED", "severity": "WARNING"},
    ),
    Action(
        "reinstate",
        "credentials",
        "Makes a suspended credential valid again.",
        state("SUSPENDED"),
        _reinstate,
        ("status",),
        inverse="suspend",
        dependents=(BESIDE,),
        audit={"event": "CREDENTIAL_REINSTATED"},
    ),
    Action(
        "revoke",
        "credentials",
        "Revokes the credential for good.",
        state("VALID", "SUSPENDED"),
        _revoke,
        ("status", "revocation_handle"),
        fields=(Field("revocation_reason", choices=REASONS),),
        burst=REVOKE_BURST,
        final="A revoked credential is not reinstated; a new one is issued.",
        irreversible=True,
        dependents=(BESIDE, places.GIVEN),
        audit={"event": "CREDENTIAL_REVOKED", "severity": "WARNING"},
    ),
)
