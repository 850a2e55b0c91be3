"""What is done to each kind of record of a person whose access was stolen, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

REASON = "keyCompromise"
"""Why a credential is revoked, in RFC 5280's words, unless the operator says otherwise."""


@dataclass(frozen=True)
class Rule:
    """One action on one entity."""

    entity: str
    action: str
    over: tuple[str, ...] = ()
    """The states (``db.who.states``) in which nothing is left to take away: passed over without a word."""
    form: Mapping[str, str] = field(default_factory=dict)


RULES: Mapping[str, tuple[Rule, ...]] = {
    "multipass": (
        Rule("multipass_sessions", "revoke", ("ended", "expired")),
        Rule("hardware_passes", "revoke", ("revoked",)),
        Rule("multipass_credentials", "disable", ("disabled",)),
        Rule("identity_profiles", "suspend", ("suspended", "closed")),
        Rule("wallet_accounts", "freeze", ("frozen", "closed")),
    ),
    "finpass": (
        Rule("credentials", "revoke", ("REVOKED",), {"revocation_reason": REASON}),
        Rule("users", "suspend", ("SUSPENDED", "TERMINATED")),
    ),
    "trustsphere": (
        Rule("users", "suspend", ("SUSPENDED",)),
        Rule("accounts", "freeze", ("FROZEN", "CLOSED")),
    ),
    "paymentlinker": (Rule("users", "deactivate", ("inactive",)),),
}
"""By system: sessions before what makes new ones, credentials before people, people before their money."""
