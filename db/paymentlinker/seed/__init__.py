"""Synthetic rows of Payment Linker: tenants, their users, devices and applications, and what the audit trail says."""

from __future__ import annotations

from collections.abc import Iterator

from db.paymentlinker.seed import applications, audit, devices, tenants, users
from db.paymentlinker.seed.world import SSN_KEY_ID, World
from db.seed import Batch, Plan

__all__ = ["SSN_KEY_ID", "batches"]


def batches(plan: Plan) -> Iterator[Batch]:
    """Everything in the order of its references; the same plan gives the same rows."""
    world = World(plan)
    yield from tenants.batches(world)
    yield from users.batches(world)
    yield from devices.batches(world)
    yield from applications.batches(world)
    yield from audit.batches(world)
