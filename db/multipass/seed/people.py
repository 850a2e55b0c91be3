"""Profiles, their verifications and their attestations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from db.invent import PEOPLE, Moments, hexes, uuids
from db.multipass.seed.rows import COHORT, FEWEST, Holder, Mix, Rows, Spice, between, lately
from db.multipass.tables import RISK_TIERS
from db.seed import Plan

DAYS = 730.0
"""How long ago the first profile was made."""
SKEW = 1.6
"""How much faster profiles are made now than at first."""
_STATUSES = ("pending", "active", "suspended", "closed")
_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")
_DOCUMENTS = ("passport", "identity_card", "driving_licence", "residence_permit")
_PROVIDERS = ("Veridica", "IDCheck Alpha", "Prüfwerk", "manual")
_REJECTED = (
    "document unreadable",
    "name does not match",
    "document expired",
    "on a sanctions list",
    "photo altered",
)
_REVIEWERS = ("r.menon", "k.oduya", "z.angstrom", "li.wei", "auto")

_STORIES: dict[str, tuple[str, ...]] = {
    "pending": (
        "basic:pending",
        "enhanced:in_review:late",
        "basic:pending:late",
        "basic:in_review",
        "",
        "enhanced:in_review",
        "enhanced:pending",
        "basic:rejected",
        "enhanced:pending:late",
        "basic:rejected basic:pending",
    ),
    "active": (
        "basic:approved",
        "basic:approved:expiring",
        "basic:approved enhanced:pending",
        "basic:approved:overdue",
        "basic:expired",
        "basic:approved enhanced:in_review:late",
        "",
        "basic:approved:recent",
        "basic:approved enhanced:rejected:recent",
        "enhanced:approved",
    ),
    "suspended": ("basic:approved", "basic:approved enhanced:rejected", "basic:expired", "basic:in_review"),
    "closed": ("basic:approved", "basic:rejected", "basic:expired", "enhanced:approved", ""),
}
"""By status: the attempts of one person, each ``level:status[:when]``; one of the first FEWEST gets each in turn."""


class People:
    """Persons, the oldest profile first."""

    def __init__(self, plan: Plan) -> None:
        self.random = plan.random("multipass/people")
        self.now = plan.now
        self.count = max(FEWEST, plan.rows // 10)
        self.moments = Moments(plan.now - timedelta(hours=8), DAYS, SKEW)
        self.status = Mix(self.random, {"active": 82, "pending": 9, "suspended": 6, "closed": 3})
        self.tier = Mix(self.random, {"low": 78, "medium": 16, "high": 6})
        self.spice = Spice(plan, 41, 200)
        self.profiles: list[str] = []
        """The ids of all profiles so far, the oldest first."""

    def cohorts(self, rows: Rows) -> Iterator[list[Holder]]:
        """The persons, some hundred at a time, with their profiles."""
        for start in range(0, self.count, COHORT):
            size = min(COHORT, self.count - start)
            ids = uuids(self.random, size)
            self.profiles += ids
            holders = [self._holder(start + n, id_) for n, id_ in enumerate(ids)]
            rows.of["identity_profiles"] += [self._profile(holder) for holder in holders]
            yield holders

    def _holder(self, n: int, id_: str) -> Holder:
        random = self.random
        early = n < FEWEST
        return Holder(
            n,
            id_,
            PEOPLE[random.randrange(len(PEOPLE))],
            self.moments.at((n + random.random()) / self.count),
            _STATUSES[n % 4] if early else self.status[n],
            RISK_TIERS[n // 4 % 3] if early else self.tier[n],
        )

    def _profile(self, holder: Holder) -> tuple[object, ...]:
        random, person = self.random, holder.person
        changed = holder.created
        if holder.status != "pending":
            changed = between(changed, self.now, random.random())
        display = None if random.random() < 0.06 else person.given if random.random() < 0.3 else person.name
        details = {"locale": f"en-{person.country}", "source": random.choice(("web", "referral", "branch"))}
        if random.random() < 0.05:
            details["note"] = self.spice("asked for a call back")
        return (
            holder.id,
            f"{person.latin}.{holder.n}@{random.choice(_DOMAINS)}",
            display and self.spice(display),
            self.spice(person.name),
            None if random.random() < 0.1 else f"+{random.randrange(10**10, 10**11)}",
            person.country,
            holder.status,
            holder.tier,
            json.dumps(details, ensure_ascii=False),
            holder.created,
            changed,
        )


class Verifications:
    """What was submitted to prove who somebody is."""

    def __init__(self, plan: Plan) -> None:
        self.random = plan.random("multipass/kyc")
        self.now = plan.now
        self.spice = Spice(plan, 6)

    def add(self, rows: Rows, holders: list[Holder]) -> None:
        """One story a person; the first persons get each of them."""
        for holder in holders:
            stories = _STORIES[holder.status]
            turn = holder.n // 4 if holder.n < FEWEST else int(self.random.random() ** 2 * len(stories))
            attempts = stories[turn % len(stories)].split()
            for id_, attempt in zip(uuids(self.random, len(attempts)), attempts, strict=True):
                rows.of["kyc_verifications"].append(self._attempt(holder, id_, *attempt.split(":")))

    def _attempt(
        self, holder: Holder, id_: str, level: str, status: str, when: str = ""
    ) -> tuple[object, ...]:
        random = self.random
        submitted, reviewed = self._times(holder, status, when)
        score = random.uniform(70, 99) if status in ("approved", "expired") else random.uniform(5, 60)
        return (
            id_,
            holder.id,
            random.choice(_PROVIDERS),
            level,
            random.choice(_DOCUMENTS),
            holder.person.country,
            status,
            None if status == "pending" else Decimal(round(score * 100)).scaleb(-2),
            self.spice(random.choice(_REJECTED)) if status == "rejected" else None,
            submitted,
            reviewed,
            random.choice(_REVIEWERS) if reviewed else None,
            self._expiry(status, when, reviewed),
            json.dumps({"attempt": random.randrange(1, 4), "liveness": random.random() < 0.9}),
        )

    def _times(self, holder: Holder, status: str, when: str) -> tuple[datetime, datetime | None]:
        """When it was submitted and decided."""
        random, now = self.random, self.now
        if status in ("pending", "in_review"):
            hours = random.uniform(53, 220) if when == "late" else min(46.0, random.lognormvariate(2.4, 0.9))
            return max(holder.created, now - timedelta(hours=hours)), None
        if when == "recent":
            reviewed = max(holder.created, now - timedelta(hours=random.uniform(0.2, 20)))
            return between(holder.created, reviewed, 0.8 + random.random() / 5), reviewed
        submitted = between(holder.created, now, random.random() / 4)
        return submitted, between(submitted, min(now, submitted + timedelta(days=3)), random.random())

    def _expiry(self, status: str, when: str, reviewed: datetime | None) -> datetime | None:
        if reviewed is None or status == "rejected":
            return None
        if when == "overdue" or status == "expired":
            return between(reviewed, self.now, 0.3 + self.random.random() * 0.6)
        days = self.random.uniform(0.5, 28) if when == "expiring" else self.random.uniform(35, 700)
        return self.now + timedelta(days=days)


_KINDS = ("kyc_passed", "residency", "age_over_18", "accredited_investor", "device_binding")
_ISSUERS = ("Multipass Trust", "Kanton Zürich", "Veridica", "Nordic ID")
_REVOKED = ("superseded", "wrong claim", "asked by the holder", "issuer compromised")


class Attestations:
    """What was attested to those who were verified."""

    def __init__(self, plan: Plan) -> None:
        self.random = plan.random("multipass/attestations")
        self.now = plan.now
        self.spice = Spice(plan, 5)
        self.state = Mix(
            self.random,
            {"overdue": 2, "unlimited": 30, "expiring": 8, "revoked": 5, "expired": 8, "active": 60},
        )
        self.made = 0

    def add(self, rows: Rows, holders: list[Holder]) -> None:
        """One or none for each who is not pending."""
        some = [holder for holder in holders if holder.status != "pending" and holder.n % 5]
        ids, hashes = uuids(self.random, len(some)), hexes(self.random, 64, len(some))
        for holder, id_, digest in zip(some, ids, hashes, strict=True):
            state = self.state[self.made]
            self.made += 1
            rows.of["attestations"].append(self._row(holder, id_, digest, state))

    def _row(self, holder: Holder, id_: str, digest: str, state: str) -> tuple[object, ...]:
        random, now = self.random, self.now
        issued = between(holder.created, now, random.random() / 2)
        past = between(issued, now, 0.2 + random.random() * 0.7)
        expires: datetime | None = now + timedelta(days=random.uniform(40, 900))
        if state == "unlimited":
            expires = None
        elif state in ("overdue", "expired"):
            expires = past
        elif state == "expiring":
            expires = now + timedelta(days=random.uniform(0.5, 28))
        revoked = state == "revoked"
        return (
            id_,
            holder.id,
            random.choice(_KINDS),
            random.choice(_ISSUERS),
            digest[:64],
            f"0x{digest[64:]}" if random.random() < 0.45 else None,
            state if state in ("revoked", "expired") else "active",
            issued,
            expires,
            lately(random, self.made, issued, now) if revoked else None,
            self.spice(random.choice(_REVOKED)) if revoked else None,
            json.dumps({"schema": f"v{random.randrange(1, 4)}"}),
        )
