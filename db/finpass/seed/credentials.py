"""Invented credentials: JWTs of the right form with a signature that nobody can verify, and both statuses."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import Any

from db.finpass.seed.chance import DAY, Chance, at_or_none
from db.finpass.seed.holders import CASES, Holder
from db.finpass.seed.words import CREDENTIAL_TYPES, ISSUERS, NOT_JSON, PROOFS, STAFF
from db.finpass.tables import CREDENTIAL_STATUSES, REVOCATION_REASONS
from db.invent import epoch

COLUMNS = (
    "id", "user_id", "issuer_id", "credential_type", "credential_jwt", "issued_at", "expires_at", "status",
    "revoked_at", "revocation_handle", "revocation_reason", "revoked_by", "credential_hash", "nonce", "subject_did",
    "verification_method", "proof_type", "proof_created_at", "proof_purpose", "metadata", "created_at", "updated_at",
)  # fmt: skip
STATUS_COLUMNS = ("credential_id", "status", "created_at", "updated_at")
LISTED = 131_072
"""The least number of places on a status list."""
_ENDS = (None, -200, -12, 3, 19, 300)
"""In how many days a credential ends."""
_CASES = tuple(product(CREDENTIAL_STATUSES, _ENDS, (True, False)))
_WITHDRAWING = tuple(r for r in REVOCATION_REASONS if r not in ("certificateHold", "removeFromCRL"))
_HEADERS = {
    issuer: urlsafe_b64encode(f'{{"alg":"EdDSA","kid":"{issuer}#key-1","typ":"JWT"}}'.encode()).decode()
    for issuer in ISSUERS
}


@dataclass(frozen=True, slots=True)
class Credential:
    """What the audit tells of a credential."""

    id: str
    kind: str
    status: str
    issued: float
    changed: float | None
    reason: str | None
    by: str | None


class Issuer:
    """Issues credentials to one holder after another; a handle is given only once."""

    def __init__(self, chance: Chance, holders: int) -> None:
        self.chance = chance
        self._made = 0
        self._listed = 0
        places = max(LISTED, 1 << (4 * holders).bit_length())
        self._places = places
        self._stride = (
            places // 2 + 12_345
        )  # odd, and the number of places a power of two: no place comes twice

    def to(self, holder: Holder) -> list[tuple[Credential, tuple[Any, ...], tuple[Any, ...]]]:
        """The holder's credentials: each with its row, and its row in the status table."""
        drawn = self.chance.random.random()
        number = 0 if drawn < 0.15 else 1 if drawn < 0.65 else 2 if drawn < 0.9 else 3
        if holder.number < CASES:
            number = max(1, number)
        made = []
        for _ in range(number):
            status, ends, listed = self._case()
            issuer, kind = self.chance.pick(ISSUERS), self.chance.pick(CREDENTIAL_TYPES)
            made.append(self._issue(holder, issuer, kind, status, ends, listed))
            if status == "VALID" and ends == 19 and listed:
                made.append(self._issue(holder, issuer, kind, "VALID", 300, True))  # renewed already
        return made

    def _case(self) -> tuple[str, float | None, bool]:
        self._made += 1
        if self._made <= len(_CASES):
            return _CASES[self._made * 7 % len(_CASES)]
        drawn = self.chance.random.random()
        status = "VALID" if drawn < 0.88 else "REVOKED" if drawn < 0.97 else "SUSPENDED"
        ends = None if drawn % 0.01 < 0.001 else self.chance.random.uniform(-250, 400)
        return status, ends, self.chance.random.random() < 0.8

    def _issue(
        self, holder: Holder, issuer: str, kind: str, status: str, ends: float | None, listed: bool
    ) -> tuple[Credential, tuple[Any, ...], tuple[Any, ...]]:
        chance = self.chance
        expires = None if ends is None else chance.now + DAY * ends
        until = chance.now if expires is None else min(chance.now, expires - DAY)
        issued = chance.moment(holder.created, max(until, holder.created + 60.0))
        if expires is not None and expires <= issued:
            expires = issued + 3600.0  # a short one, for a holder who came late
        changed = None if status == "VALID" else chance.moment(issued, chance.now, 1.5)
        reason, by = self._withdrawn(status)
        key = next(chance.ids)
        handle = str(self._handle()) if listed else None
        told = handle if status == "VALID" or chance.random.random() < 0.7 else None
        jwt = self._jwt(key, holder, issuer, kind, issued, expires, told)
        drawn = chance.random.random()
        row = (
            key, holder.id, issuer, kind, jwt, epoch(issued), at_or_none(expires), status,
            at_or_none(changed if status == "REVOKED" else None), handle, reason, by,
            None if drawn < 0.03 else sha256(jwt.encode()).hexdigest(), chance.hexadecimal(16), holder.did,
            f"{issuer}#key-1", chance.pick(PROOFS), epoch(issued), "assertionMethod", self._metadata(kind),
            epoch(issued), epoch(changed or issued),
        )  # fmt: skip
        beside = (key, status, epoch(issued), epoch(changed or issued))
        return Credential(key, kind, status, issued, changed, reason, by), row, beside

    def _withdrawn(self, status: str) -> tuple[str | None, str | None]:
        if status != "REVOKED":
            return None, None
        return self.chance.pick(_WITHDRAWING), self.chance.pick(STAFF)[0]

    def _handle(self) -> int:
        self._listed += 1
        return self._listed * self._stride % self._places

    def _jwt(
        self,
        key: str,
        holder: Holder,
        issuer: str,
        kind: str,
        issued: float,
        expires: float | None,
        handle: str | None,
    ) -> str:
        """Header, claims and 64 random octets in place of a signature."""
        status = (
            ""
            if handle is None
            else ',"credentialStatus":{"type":"BitstringStatusListEntry","statusPurpose":"revocation",'
            f'"statusListIndex":"{handle}","statusListCredential":"https://status.finpass.example/1"}}'
        )
        end = "" if expires is None else f'"exp":{int(expires)},'
        claims = (
            f'{{"iss":"{issuer}","sub":"{holder.did}","jti":"urn:uuid:{key}","iat":{int(issued)},'
            f'"nbf":{int(issued)},{end}"vc":{{"@context":["https://www.w3.org/2018/credentials/v1"],'
            f'"type":["VerifiableCredential","{kind}"],"credentialSubject":{{"id":"{holder.did}"}}{status}}}}}'
        )
        parts = (claims.encode(), self.chance.random.randbytes(64))
        return ".".join(
            text.rstrip("=")
            for text in (_HEADERS[issuer], *(urlsafe_b64encode(part).decode() for part in parts))
        )

    def _metadata(self, kind: str) -> str | None:
        drawn = self.chance.random.random()
        if drawn < 0.03:
            return self.chance.pick(NOT_JSON)
        if self.chance.hostile and drawn > 0.99:
            return self.chance.attack(400)
        if drawn < 0.3:
            return None
        return json.dumps(
            {"schema": f"{kind}/1", "assurance": self.chance.pick(("low", "substantial", "high"))}
        )
