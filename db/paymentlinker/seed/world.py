"""What the synthetic rows of one plan have in common: how many, whose, and what later rows refer to."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

from db.invent import HOSTILE, Ids, Moments
from db.seed import Batch, Plan

SSN_KEY_ID = "synthetic"
"""The id of the key that the synthetic social security numbers are sealed with."""
BATCH = 5_000
SPAN = 900.0
"""Days that most rows lie in."""
Values = tuple[Any, ...]
DECISIONS = ("", "approved", "declined", "review", "manual_review", "refer")
"""The decisions by the number that is remembered of each application."""

_SLOTS = 97
_REGIONS = ("us-east", "us-west", "eu-west", "eu-central", "ap-south", "ap-east", "sa-east", "af-south")


class Member(NamedTuple):
    """A user, as others' rows refer to them."""

    id: str
    email: str
    role: str


class World:
    """The plan's proportions, and the little that is remembered of each person and device."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.now = plan.now
        self.moments = Moments(plan.now, SPAN)
        self.events = plan.rows
        self.applications = max(60, plan.rows // 10)
        self.tenants = min(24, max(8, self.applications // 250))
        self.users = max(self.tenants + 44, self.applications // 5)
        self.devices = max(72, self.applications // 5)
        self.tenant_ids = [*map(Ids(plan.random("tenant ids")).at, range(self.tenants))]
        self.user_ids = Ids(plan.random("user ids"))
        self.device_ids = Ids(plan.random("device ids"))
        self.application_ids = Ids(plan.random("application ids"))
        self._slots = _slots(self.tenants)
        self._places = [[n for n, owner in enumerate(self._slots) if owner == t] for t in range(self.tenants)]
        self.staff: list[list[Member]] = [[] for _ in range(self.tenants)]
        """A few users of each tenant."""
        self.reviewers: list[list[Member]] = [[] for _ in range(self.tenants)]
        """Those of them who may decide."""
        self.device_states = bytearray(self.devices)
        self.application_tenants = array("B", bytes(self.applications))
        self.created = array("d")
        """When each application came, in seconds since 1970."""
        self.reviewed = array("d")
        """When a person decided it; 0 where none did."""
        self.decisions = bytearray(self.applications)
        self.scores = array("h")
        """The risk score; −1 where there is none."""
        self.confidences = array("h")
        """In hundredths of a percent; −1 where there is none."""

    # Whose

    @property
    def inactive(self) -> int:
        """The tenant that was deactivated."""
        return self.tenants - 2

    @property
    def gone(self) -> int:
        """The tenant that was deleted."""
        return self.tenants - 1

    @property
    def newest(self) -> int:
        """The tenant that joined 12 days ago."""
        return self.tenants - 3

    @property
    def joined(self) -> datetime:
        """When the newest tenant did."""
        return self.now - timedelta(days=12)

    def tenant_of(self, number: int) -> int:
        """The tenant of a user or a device; the first ones go round, so that each has some."""
        return self._slots[number % _SLOTS]

    def owned(self, tenant: int, count: int) -> int:
        """How many of the first ``count`` users or devices are the tenant's."""
        whole, rest = divmod(count, _SLOTS)
        return whole * self._slots.count(tenant) + self._slots[:rest].count(tenant)

    def tenant_at(self, number: int, when: datetime) -> int:
        """The tenant of an application, one that was a customer then."""
        tenant = self._slots[number * 31 % _SLOTS]
        if tenant == self.newest and when < self.joined:
            return 0
        if tenant in (self.inactive, self.gone) and when > self.now - timedelta(days=40):
            return 0
        return tenant

    # Devices

    def region_of(self, device: int) -> str:
        """The region of a device."""
        return _REGIONS[device * 5 % 8]

    def external_id(self, device: int) -> str:
        """The name of a device in its cloud."""
        return f"dp-{self.region_of(device)}-{device:07}"

    def device_for(self, tenant: int, draw: int) -> int:
        """A device of the tenant; the same draw gives the same one."""
        places = self._places[tenant]
        device = places[draw % len(places)] + _SLOTS * (draw // 97 % (self.devices // _SLOTS + 1))
        return device if device < self.devices else tenant

    # Texts

    def transaction(self, application: int) -> str:
        """The transaction on a chain that an application's decision was entered in."""
        return "0x" + sha256(f"{self.plan.seed}/{application}".encode()).hexdigest()

    def hostile(self, number: int, every: int, at: int, otherwise: str, length: int = 10_000) -> str:
        """A hostile text in place of every so-manieth one, where the plan wants some."""
        if self.plan.hostile and number % every == at % every:
            return HOSTILE[number // every % len(HOSTILE)][:length]
        return otherwise


def _slots(tenants: int) -> tuple[int, ...]:
    """Each tenant once, then the larger ones more often."""
    weights = [1.0 / (n + 1) for n in range(tenants - 3)]
    found = list(range(tenants))
    owed = [0.0] * len(weights)
    while len(found) < _SLOTS:
        owed = [debt + weight for debt, weight in zip(owed, weights, strict=True)]
        largest = owed.index(max(owed))
        owed[largest] -= sum(weights)
        found.append(largest)
    return tuple(found)


def batched(table: str, columns: str, rows: Iterable[Values]) -> Iterator[Batch]:
    """Rows in batches; ``columns`` are names in one text."""
    names = tuple(columns.split())
    source = iter(rows)
    while chunk := list(islice(source, BATCH)):
        yield Batch(table, names, chunk)
