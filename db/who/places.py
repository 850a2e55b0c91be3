"""Where a person is looked for: the columns of each system, and the texts that can stand in each.

Only exact values are looked up, only by an index. What has none is wanted by ``db.wishes``, so that doctor
names it and the part ``indexes`` makes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from db.who.ties import ties

MOST = 50
"""Records that one look-up shows; that there are more is said."""
_PHONE = re.compile(r"\+?[\d\s()./-]{5,31}")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


class Kind(StrEnum):
    """What a column identifies by, and so which texts can stand in it."""

    ANY = "any"
    ID = "id"
    """A UUID."""
    EMAIL = "email"
    PHONE = "phone"
    DID = "did"
    DIGEST = "digest"
    """64 hexadecimal digits."""


IDENTITIES = (Kind.EMAIL, Kind.DID, Kind.PHONE)
"""What ties records of several systems together; a telephone may be a family's, so that alone it is not sure."""


@dataclass(frozen=True)
class Place:
    """One column in which somebody may be found."""

    entity: str
    column: str
    kind: Kind = Kind.ANY
    words: str = ""
    """What the column holds, in words."""

    @property
    def label(self) -> str:
        """The words, or the column's name in words."""
        return self.words or self.column.replace("_", " ")

    def values(self, text: str) -> tuple[str, ...]:
        """The values that a text can have here; none where it cannot stand in such a column."""
        match self.kind:
            case Kind.ANY:
                return (text,)
            case Kind.ID:
                return (text,) if _UUID.fullmatch(text) else ()
            case Kind.EMAIL:
                return tuple(dict.fromkeys((text, text.lower()))) if "@" in text else ()
            case Kind.DID:
                return (text,) if text.startswith("did:") else ()
            case Kind.DIGEST:
                return tuple(dict.fromkeys((text, text.lower()))) if _DIGEST.fullmatch(text) else ()
        return _phones(text)


def _phones(text: str) -> tuple[str, ...]:
    """A number as typed, without what divides it, and with either sign for abroad."""
    if not _PHONE.fullmatch(text):
        return ()
    bare = re.sub(r"[^\d+]", "", text)
    other = "+" + bare[2:] if bare.startswith("00") else "00" + bare[1:] if bare.startswith("+") else bare
    return tuple(dict.fromkeys((text, bare, other)))


def _of(entity: str, **columns: str) -> Iterator[Place]:
    for column, told in columns.items():
        kind, _, words = told.partition(":")
        yield Place(entity, column, Kind(kind), words)


def _ids(kind: str, *entities: str) -> Iterator[Place]:
    return (Place(entity, "id", Kind(kind)) for entity in entities)


PLACES: Mapping[str, tuple[Place, ...]] = {
    "trustsphere": (
        *_of("users", id="any", email="email"),
        *_of("accounts", id="any", account_number="any"),
        *_of("transactions", id="any", reference_number="any"),
        *_of("transactions_archive", id="any", reference_number="any"),
        *_ids("any", "notifications", "audit_logs"),
    ),
    "paymentlinker": (
        *_of("users", id="id", email="email", phone="phone"),
        *_of("applications", id="id", email="email", phone="phone", stripe_account_id="any"),
        *_of("applications", duoplus_device_id="any:device"),
        *_of("devices", id="id", device_id_external="any:device serial"),
        *_ids("id", "audit_logs"),
    ),
    "finpass": (
        *_of("users", id="id", did="did:DID", email="email", phone="phone"),
        *_of("credentials", id="id", credential_hash="any", revocation_handle="any"),
        *_of("credentials", subject_did="did:subject DID"),
        *_of("payments", id="id", transaction_id="any", payer_did="did:payer", payee_did="did:payee"),
        *_of("audit_events", id="id", correlation_id="id:operation"),
    ),
    "multipass": (
        *_of("identity_profiles", id="id", email="email", phone="phone"),
        *_of("multipass_credentials", id="id", username="any"),
        *_of("hardware_passes", id="id", serial="any"),
        *_of("attestations", id="id", claim_hash="any"),
        *_of("wallet_transactions", id="id", tx_hash="any:transaction hash"),
        *_ids("id", "multipass_sessions", "wallet_accounts", "kyc_verifications", "hardware_challenges"),
        *_ids("id", "market_orders", "generated_reports", "notifications", "application_events"),
    ),
}
"""By system: every column that is looked up, each with an index of the documents or one that the part ``indexes`` makes."""

SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "trustsphere": ("users",),
    "paymentlinker": ("users", "applications"),
    "finpass": ("users",),
    "multipass": ("identity_profiles",),
}
"""By system: the entities whose records are a person's own."""


def places(system: str) -> tuple[Place, ...]:
    """Which columns of a system are looked up."""
    return PLACES.get(system, ())


def identities(system: str) -> tuple[Place, ...]:
    """The columns that tell who a person's record is about."""
    return tuple(p for p in places(system) if p.kind in IDENTITIES and p.entity in SUBJECTS[system])


def wanted(system: str) -> Iterable[tuple[str, str, str]]:
    """Every (entity, column, what for) that needs an index here."""
    for place in places(system):
        yield place.entity, place.column, f"who: {place.label}"
    for tie in ties(system):
        yield tie.target, tie.theirs, f"who: {tie.why}"
