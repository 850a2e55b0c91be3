"""What the law asks for: personal data shown, handed out and erased, each of it told."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from db.actions import always, dual
from db.change import Change
from db.declare import words
from db.envelope import KEY_BYTES, NotOurs, key_id_of
from db.model import Action, Values
from db.paymentlinker import ssn
from db.paymentlinker.rules import THERE
from db.paymentlinker.subject import document

GONE = "erased"
"""What stands where a personal column must not be empty."""
_NOTHING: Mapping[str, tuple[str, ...]] = {
    "applications": words(
        "email phone address credit_score stripe_account_id plaid_verification_id duoplus_device_id "
        "blockchain_tx_hash shap_explanation risk_factors identity_verification credit_report kyc_documents "
        "review_reason ip_address user_agent device_fingerprint"
    ),
    "users": words("first_name last_name phone last_login_at mfa_secret"),
}
"""The personal columns that may be empty."""


def personal(entity: str, id_: str) -> Values:
    """What each personal column of a record holds once it is erased."""
    kept: Mapping[str, Values] = {
        "applications": {
            "full_legal_name": GONE,
            "ssn_encrypted": GONE,
            "annual_income": Decimal(0),
            "employment_status": GONE,
        },
        "users": {"email": f"{GONE}-{id_}@invalid", "password_hash": "!", "mfa_enabled": False},
    }
    return {**kept[entity], **dict.fromkeys(_NOTHING[entity])}


def _erase(change: Change) -> None:
    entity, row = change.facts.entity, change.row
    found = change.facts.schema.table(entity.table.name)
    values = {
        name: value
        for name, value in personal(entity.name, change.facts.key[0]).items()
        if found is not None and name in found.columns
    }
    if row["deleted_at"] is not None and all(row[n] == v for n, v in values.items() if n in row):
        change.refuse("It is erased already.")
    change.remark(
        "The audit trail stays as it is, and so do rows of others that name this record or its address."
    )
    change.update(deleted_at=row["deleted_at"] or change.now, **values)


def _reveal(change: Change) -> str | None:
    """Run dry only whether it could be opened: nothing is read out of it before the entry is made."""
    stored = change.secret("ssn_encrypted")
    if not change.facts.schema.readable("applications", "ssn_encrypted"):
        return None  # the sheet tells which right is lacking, and the writer goes no further
    try:
        key_id = key_id_of(str(stored or ""))
        key = change.facts.sealing_key(key_id)
        if key is None:
            change.refuse(
                f"It is sealed with the key '{key_id}', which neither your keyring nor your vault has."
            )
        if len(key) != KEY_BYTES:
            change.refuse(f"Your key '{key_id}' has {len(key)} bytes, and {KEY_BYTES} are needed.")
        if change.dry:
            return None
        shown = ssn.last_four(
            ssn.decrypt(stored, change.facts.key[0], change.row["tenant_id"], {key_id: key})
        )
    except NotOurs as error:
        change.refuse(str(error))
    if shown == ssn.HIDDEN:
        change.refuse("What is sealed there is no social security number.")
    return shown


def _told(event: str, requirement: str) -> Mapping[str, Any]:
    return {"event": event, "category": "PRIVACY", "regulation": "GDPR", "requirement": requirement}


def _erasing(entity: str, whom: str, event: str) -> Action:
    return Action(
        "erase",
        entity,
        f"Erases what is personal of the {whom}; the row is kept, without it.",
        always,
        _erase,
        THERE,
        label="erase (GDPR)",
        risk=dual,
        final="What is erased is nowhere kept.",
        irreversible=True,
        erases=True,
        audit=_told(event, "GDPR Art. 17"),
    )


def _exporting(entity: str, whom: str) -> Action:
    return Action(
        "export-subject",
        entity,
        f"Hands out what is kept about the {whom}, as a JSON file.",
        always,
        document,
        THERE,
        label="export subject (GDPR)",
        final="What was handed out cannot be taken back.",
        touches=0,
        audit=_told("DATA_EXPORTED", "GDPR Art. 15"),
    )


ACTIONS = (
    Action(
        "reveal-ssn",
        "applications",
        "Shows the last four digits of the social security number, to you alone.",
        always,
        _reveal,
        THERE,
        label="reveal SSN",
        final="What was shown cannot be taken back.",
        touches=0,
        reveals="ssn_encrypted",
        audit=_told("SSN_REVEALED", "GDPR Art. 30"),
    ),
    _erasing("applications", "applicant", "APPLICATION_ERASED"),
    _erasing("users", "user", "USER_ERASED"),
    _exporting("applications", "applicant"),
    _exporting("users", "user"),
)
