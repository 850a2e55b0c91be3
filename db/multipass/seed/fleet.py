"""Hardware passes and their challenges."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta

from db.invent import hexes, uuids
from db.multipass.seed.rows import Holder, Mix, Rows, Spice, between, lately
from db.seed import Plan

_MODELS = {
    "MP-1": ("1.8.9", "1.9.0", "1.10.2"),
    "MP-2": ("2.0.0", "2.0.11", "2.1.0"),
    "MP-2 Pro": ("2.1.0-rc3", "2.2.0", "2.2.0"),
    "Keyfob Ü": ("v0.9", "v0.10", "v0.10"),
}
"""Firmware by model, the newest last; ``1.10`` is newer than ``1.9``."""
_CAPABILITIES = (("nfc",), ("nfc", "ble"), ("nfc", "ble", "fido2"), ("fido2",), ())
_REVOKED = ("lost for good", "compromised", "replaced", "left the company")


class Passes:
    """The passes of about two persons in three."""

    def __init__(self, plan: Plan) -> None:
        self.random = plan.random("multipass/passes")
        self.now = plan.now
        self.spice = Spice(plan, 4)
        self.state = Mix(
            self.random,
            {
                "unseen": 6,
                "lost": 2,
                "low": 5,
                "new": 4,
                "suspended": 2,
                "revoked": 6,
                "failing": 1,
                "outdated": 10,
                "healthy": 64,
            },
        )
        self.answer = Mix(
            self.random,
            {"passed": 80, "failed": 6, "expired": 8, "open": 2, "overdue": 2},
            turns=2,
        )
        self.models = tuple(_MODELS.items())
        self.made = 0
        self.asked = 0

    def add(self, rows: Rows, holders: list[Holder]) -> None:
        """Passes, and what each was asked."""
        owners = [holder for holder in holders if holder.n % 3 != 2]
        for holder, id_ in zip(owners, uuids(self.random, len(owners)), strict=True):
            state = self.state[self.made]
            self.made += 1
            issued = between(holder.created, self.now, self.random.random() / 3)
            rows.of["hardware_passes"].append(self._row(holder, id_, state, issued))
            self._challenges(rows, id_, state, issued)

    def _row(self, holder: Holder, id_: str, state: str, issued: datetime) -> tuple[object, ...]:
        random, now = self.random, self.now
        model, versions = self.models[random.randrange(len(self.models))]
        seen = self._seen(state, issued)
        new, revoked = state == "new", state == "revoked"
        changed = lately(random, self.made, issued, now) if revoked else between(issued, now, random.random())
        level = random.randrange(1, 15) if state == "low" else random.randrange(15, 101)
        return (
            id_,
            holder.id,
            f"{model[:2].upper()}{random.randrange(16**4):04X}-{self.made:07d}",
            model,
            versions[0] if state == "outdated" else versions[-1 if random.random() < 0.9 else 1],
            "ssh-ed25519 " + b64encode(random.randbytes(32)).decode(),
            _CAPABILITIES[random.randrange(len(_CAPABILITIES))],
            {"new": "issued", "lost": "lost", "suspended": "suspended", "revoked": "revoked"}.get(
                state, "active"
            ),
            None if new else level,
            seen,
            None if new or random.random() < 0.03 else between(issued, seen or now, random.random()),
            changed if revoked else None,
            self.spice(random.choice(_REVOKED)) if revoked else None,
            issued,
            changed,
        )

    def _seen(self, state: str, issued: datetime) -> datetime | None:
        if state == "new":
            return None
        long_ago = self.now - timedelta(days=31)
        if state == "unseen" and issued < long_ago:
            return between(issued, long_ago, self.random.random())
        return max(issued, self.now - timedelta(hours=self.random.lognormvariate(2.0, 1.4)))

    def _challenges(self, rows: Rows, pass_id: str, state: str, issued: datetime) -> None:
        random = self.random
        count = random.randrange(3, 6) if state == "failing" else 0 if state == "new" else random.randrange(3)
        for id_, digest in zip(uuids(random, count), hexes(random, 32, count), strict=True):
            if state == "failing":
                answer = "failed"
                asked = max(issued, self.now - timedelta(hours=random.uniform(0.1, 20)))
            else:
                answer = self.answer[self.asked]
                self.asked += 1
                asked = between(issued, self.now, random.random() ** 0.5)
            if answer == "open":
                asked = max(issued, self.now - timedelta(seconds=random.uniform(1, 60)))
            answered = min(self.now, asked + timedelta(seconds=random.uniform(1, 90)))
            expires = asked + timedelta(minutes=30 if answer == "open" else 5)
            rows.of["hardware_challenges"].append(
                (
                    id_,
                    pass_id,
                    digest,
                    "pending" if answer in ("open", "overdue") else answer,
                    asked,
                    expires,
                    answered if answer in ("passed", "failed") else None,
                )
            )
