"""Tenants: one near a quota, one over, one inactive, one new, one deleted, and ordinary ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from db.paymentlinker.seed.world import Values, World, batched
from db.seed import Batch

NEAR, OVER, BARE = 1, 2, 3
"""The tenant near its quota of devices, the one over its quota of users, the one with defaults alone."""

_COLUMNS = (
    "id name slug domain settings feature_flags max_applications_per_month max_devices max_users is_active "
    "subscription_plan billing_email billing_address created_at updated_at deleted_at"
)
_NAMES = (
    "Acme Lending:acme",
    "Zürcher Kreditkontor:zuerich-kredit",
    "Blue Heron Credit Union:blue-heron",
    "Oduya & Sons Finance:oduya",
    "株式会社さくらペイ:sakura-pay",
    "Banque Lefèvre:lefevre",
    "Northwind Cards:northwind",
    "Nordlys Lån:nordlys",
    "Prairie State Bank:prairie",
    "Kaveri Microcredit:kaveri",
    "Puerto Claro:puerto-claro",
    "Ümit Ödeme:umit",
)
_PLANS = ("enterprise", "professional", "basic", "professional", "basic", "enterprise")


def batches(world: World) -> Iterator[Batch]:
    """All of them."""
    return batched("tenants", _COLUMNS, (_tenant(world, number) for number in range(world.tenants)))


def _tenant(world: World, number: int) -> Values:
    name, _, slug = _NAMES[number % len(_NAMES)].partition(":")
    if number >= len(_NAMES):
        name, slug = f"{name} {number // len(_NAMES) + 1}", f"{slug}-{number // len(_NAMES) + 1}"
    created = world.joined if number == world.newest else world.now - timedelta(days=3700 - 11 * number)
    deleted = world.now - timedelta(days=33) if number == world.gone else None
    bare = number == BARE
    return (
        world.tenant_ids[number],
        name,
        slug,
        None if bare else f"{slug}.example.com",
        None if bare else json.dumps({"locale": "en-US", "webhook": f"https://{slug}.example.com/hook"}),
        None if bare else json.dumps({"auto_decide": number % 2 == 0, "device_pool": number % 3 != 0}),
        10_000 if bare else max(200, world.applications // (number + 1)),
        _devices(world, number),
        _users(world, number),
        number not in (world.inactive, world.gone),
        "basic" if bare else _PLANS[number % len(_PLANS)],
        None if bare else f"billing@{slug}.example.com",
        None if bare else json.dumps({"street": f"{number + 1} Market Street", "city": "Springfield"}),
        created,
        deleted or created + timedelta(days=number % 12, hours=3),
        deleted,
    )


def _devices(world: World, number: int) -> int:
    owned = world.owned(number, world.devices)
    return max(1, owned * 9 // 10) if number == NEAR else max(100, 3 * owned)


def _users(world: World, number: int) -> int:
    owned = world.owned(number, world.users)
    return max(0, owned // 2) if number == OVER else max(50, 2 * owned)
