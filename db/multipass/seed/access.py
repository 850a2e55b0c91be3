"""Credentials and sessions."""

from __future__ import annotations

import json
from base64 import b32encode
from datetime import datetime, timedelta

from db.invent import AGENTS, argon2id, hexes, uuids
from db.multipass.seed.rows import FEWEST, Holder, Mix, Rows, Spice, between, lately
from db.seed import Plan

_OF_ACTIVE = {
    "dormant": 4,
    "lock-over": 1,
    "mfa": 60,
    "locked-until": 2,
    "failing": 2,
    "unused": 5,
    "locked": 1,
    "disabled": 2,
    "plain": 25,
    "none": 2,
}
_OF_OTHERS = {"disabled": 50, "plain": 8, "locked": 30, "none": 12}
_SCOPES = (
    ("profile:read",),
    ("profile:read", "wallet:read"),
    ("profile:read", "wallet:read", "wallet:write"),
    ("profile:read", "orders:read", "orders:write"),
    ("wallet:read", "wallet:write", "orders:write", "report:read"),
)
_ADMIN = ("profile:read", "admin:users", "admin:wallets")
_ENDED = ("signed out elsewhere", "password changed", "reported by the holder", "ended by an operator")


class Credentials:
    """What people sign in with."""

    def __init__(self, plan: Plan) -> None:
        self.random = plan.random("multipass/credentials")
        self.now = plan.now
        self.active = Mix(self.random, _OF_ACTIVE)
        self.others = Mix(self.random, _OF_OTHERS)
        self.counts = {"active": 0, "suspended": 0, "closed": 0, "pending": 0}

    def add(self, rows: Rows, holders: list[Holder]) -> list[Holder]:
        """One credential at most for each; those who signed in are returned."""
        came: list[Holder] = []
        for holder, id_ in zip(holders, uuids(self.random, len(holders)), strict=True):
            turn = self.counts[holder.status]
            self.counts[holder.status] += 1
            if holder.status == "pending":
                story = "unused" if turn % 2 else "none"
            else:
                story = (self.active if holder.status == "active" else self.others)[turn]
            if story == "none":
                continue
            rows.of["multipass_credentials"].append(self._row(holder, id_, story))
            if story not in ("unused", "disabled"):
                came.append(holder)
        return came

    def _row(self, holder: Holder, id_: str, story: str) -> tuple[object, ...]:
        random, now = self.random, self.now
        mfa = story in ("mfa", "locked") or (story != "plain" and random.random() < 0.4)
        last = self._last_login(holder.created, story)
        until = {
            "locked-until": now + timedelta(hours=random.uniform(0.2, 30)),
            "lock-over": between(holder.created, now, 0.5 + random.random() * 0.4),
        }.get(story)
        status = "locked" if story.startswith("lock") else "disabled" if story == "disabled" else "active"
        attempts = random.randrange(3, 9) if story in ("failing", "locked-until", "lock-over") else 0
        return (
            id_,
            holder.id,
            f"{holder.person.latin}.{holder.n}",
            argon2id(random),
            mfa,
            b32encode(random.randbytes(20)).decode() if mfa else None,
            tuple(hexes(random, 4, 8)) if mfa else (),
            status,
            attempts or int(random.random() < 0.08),
            until,
            last,
            holder.created,
            last or holder.created,
        )

    def _last_login(self, created: datetime, story: str) -> datetime | None:
        if story == "unused":
            return None
        long_ago = self.now - timedelta(days=91)
        if story == "dormant" and created < long_ago:
            return between(created, long_ago, self.random.random())
        return max(created, self.now - timedelta(hours=self.random.lognormvariate(3.2, 1.3)))


class Sessions:
    """Sessions of those who have signed in."""

    def __init__(self, plan: Plan) -> None:
        self.random = plan.random("multipass/sessions")
        self.now = plan.now
        self.spice = Spice(plan, 9)
        self.state = Mix(
            self.random,
            {"old": 4, "idle": 8, "live": 30, "expired": 35, "revoked": 10, "expiring": 3, "admin": 2},
        )
        self.made = 0

    def add(self, rows: Rows, came: list[Holder]) -> None:
        """One or two for each."""
        each = [holder for holder in came for _ in range(1 + (holder.n % 2))]
        ids, tokens = uuids(self.random, len(each)), hexes(self.random, 32, len(each))
        for holder, id_, token in zip(each, ids, tokens, strict=True):
            state = self.state[self.made]
            self.made += 1
            rows.of["multipass_sessions"].append(self._row(holder, id_, token, state))

    def _row(self, holder: Holder, id_: str, token: str, state: str) -> tuple[object, ...]:
        random = self.random
        created, seen, expires, revoked = self._times(holder.created, state)
        device = {
            "platform": random.choice(("ios", "android", "web", "desktop")),
            "agent": self.spice(random.choice(AGENTS)),
            "app": f"4.{random.randrange(0, 20)}.{random.randrange(0, 9)}",
        }
        return (
            id_,
            holder.id,
            token,
            _ADMIN if state == "admin" else _SCOPES[random.randrange(len(_SCOPES))],
            json.dumps(device, ensure_ascii=False),
            None if random.random() < 0.03 else self._address(),
            created,
            seen,
            expires,
            revoked,
            self.spice(random.choice(_ENDED)) if revoked else None,
        )

    def _address(self) -> str:
        """One of a house network or of version 6; some offices have one for all, and so do many of the first."""
        random, bits = self.random, self.random.getrandbits(24)
        if random.random() < 0.02 or (self.made < FEWEST and self.made % 2 == 0):
            bits = 0x0A0101 if self.made < FEWEST else bits & 15
        if bits & 7 == 7:
            return f"2001:db8::{bits >> 16:x}:{bits & 0xFFFF:x}"
        return f"10.{bits >> 16}.{bits >> 8 & 255}.{bits & 255}"

    def _times(
        self, earliest: datetime, state: str
    ) -> tuple[datetime, datetime | None, datetime, datetime | None]:
        """When it was created, last seen, expires and was revoked."""
        random, now = self.random, self.now

        def ago(**span: float) -> datetime:
            return max(earliest, now - timedelta(**span))

        later = now + timedelta(hours=random.uniform(2, 300))
        match state:
            case "old":
                return ago(days=random.uniform(31, 80)), ago(hours=random.uniform(0, 20)), later, None
            case "idle":
                return ago(days=random.uniform(4, 12)), ago(days=random.uniform(1.1, 3.9)), later, None
            case "expiring":
                soon = now + timedelta(minutes=random.uniform(10, 55))
                return ago(hours=random.uniform(1, 20)), ago(minutes=random.uniform(0, 50)), soon, None
            case "expired" | "revoked":
                created = between(earliest, now, random.random())
                ended = between(created, now, random.random())
                if state == "revoked":
                    ended = lately(random, self.made, created, now)
                seen = between(created, ended, random.random())
                return (created, seen, ended, None) if state == "expired" else (created, seen, later, ended)
        hours = random.lognormvariate(1.2, 1.2)
        return ago(hours=hours), ago(hours=hours * random.random()), later, None
