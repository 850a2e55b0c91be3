"""Users: for each tenant somebody who decides, then every state of an account, then ordinary ones."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from db.invent import PEOPLE, bcrypt
from db.paymentlinker.seed.world import Member, Values, World, batched
from db.seed import Batch

_COLUMNS = (
    "id tenant_id email password_hash last_login_at first_name last_name phone role permissions is_active "
    "is_verified mfa_enabled mfa_secret failed_login_attempts locked_until created_by created_at updated_at "
    "deleted_at"
)
_KEPT = 24
"""How many users of a tenant the audit trail speaks of."""
_ROLES = ("user", "user", "user", "user", "reviewer", "analyst", "admin")
_RIGHTS = {
    "user": ["applications:read"],
    "reviewer": ["applications:read", "applications:decide"],
    "analyst": ["applications:read", "audit:read"],
    "admin": ["applications:*", "devices:*", "users:*"],
}
_STATES: tuple[dict[str, Any], ...] = (
    {"failed": 5, "locked": 25},
    {"failed": 5, "locked": 90, "role": "admin"},
    {"failed": 2},
    {"active": False},
    {"role": "admin", "mfa": False},
    {"role": "reviewer", "mfa": False},
    {"verified": False},
    {"signed_in": None},
    {"signed_in": 120},
    {"signed_in": 400, "mfa": False},
    {"created": 3, "signed_in": None, "verified": False},
    {"deleted": 9},
    {"deleted": 20, "erased": True, "mfa": False, "role": "user"},
    {"failed": 5, "locked": -600},
    {"active": None, "mfa": None, "verified": None},
    {"active": False, "failed": 5, "locked": 30},
)
"""What an account may be in, each once: minutes locked, days since."""


def batches(world: World) -> Iterator[Batch]:
    """All of them; those that may decide are remembered."""
    random = world.plan.random("users")
    return batched("users", _COLUMNS, (_user(world, random, number) for number in range(world.users)))


def _user(world: World, random: Random, number: int) -> Values:
    tenant = world.tenant_of(number)
    state = _state(world, random, number)
    id_ = world.user_ids.at(number)
    person = PEOPLE[random.randrange(len(PEOPLE))]
    role = state.get("role") or _ROLES[random.randrange(len(_ROLES))]
    created = max(world.now - timedelta(days=state["created"]), _first_day(world, tenant))
    seen = _ago(world, state["signed_in"], created)
    deleted = _ago(world, state.get("deleted"), created)
    erased = state.get("erased", False)
    email = f"erased-{id_}@invalid" if erased else f"{person.latin}.{number}@example.com"
    mfa = state["mfa"]
    _remember(world, tenant, Member(id_, email, role), bool(state["active"]) and not deleted)
    return (
        id_,
        world.tenant_ids[tenant],
        email,
        "!" if erased else bcrypt(random),
        seen,
        None if erased else world.hostile(number, 53, 21, person.given, 100),
        None if erased else person.family,
        None if erased else f"+1 555 {random.randrange(10_000_000):07}",
        role,
        None if number % 41 == 40 else json.dumps(_RIGHTS[role]),
        state["active"],
        state["verified"],
        mfa,
        base64.b32encode(random.randbytes(20)).decode() if mfa else None,
        state.get("failed", 0),
        world.now + timedelta(minutes=state["locked"]) if "locked" in state else None,
        None if number < world.tenants else world.user_ids.at(tenant),
        created,
        deleted or seen or created,
        deleted,
    )


def _state(world: World, random: Random, number: int) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "active": random.random() < 0.93,
        "verified": random.random() < 0.92,
        "mfa": random.random() < 0.6,
        "signed_in": None if random.random() < 0.04 else random.expovariate(1 / 12),
        "created": 30 + 900 * random.random(),
    }
    if number < world.tenants:
        deciding = {"active": True, "verified": True, "mfa": True, "role": ("admin", "reviewer")[number % 2]}
        return usual | deciding | {"signed_in": 0.01 + number / 50, "created": 3600}
    place = number - world.tenants
    return usual | {"active": True} | _STATES[place] if place < len(_STATES) else usual


def _first_day(world: World, tenant: int) -> datetime:
    return world.joined if tenant == world.newest else world.now - timedelta(days=3650)


def _ago(world: World, days: float | None, created: datetime) -> datetime | None:
    return None if days is None else max(created, world.now - timedelta(days=days))


def _remember(world: World, tenant: int, user: Member, able: bool) -> None:
    if len(world.staff[tenant]) < _KEPT:
        world.staff[tenant].append(user)
    if able and user.role in ("admin", "reviewer") and len(world.reviewers[tenant]) < _KEPT:
        world.reviewers[tenant].append(user)
