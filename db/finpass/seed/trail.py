"""The invented audit trail: what the life of each record brings with it, the days of its holder, and attacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from db.finpass.seed.chance import DAY, Chance
from db.finpass.seed.credentials import Credential
from db.finpass.seed.holders import Holder
from db.finpass.seed.patterns import PATTERNS, PLANNED
from db.finpass.seed.payments import Payment
from db.finpass.seed.templates import COLUMNS as TEMPLATE_COLUMNS
from db.finpass.seed.templates import Template, Templates
from db.finpass.seed.words import STAFF
from db.invent import epoch

COLUMNS = (
    "id", *TEMPLATE_COLUMNS, "user_id_hash", "tenant_id", "session_id", "ip_address", "user_agent", "geolocation",
    "device_fingerprint", "client_version", "resource_id", "previous_values", "new_values", "performed_by",
    "correlation_id", "request_id", "duration_ms", "created_at",
)  # fmt: skip
Row = tuple[Any, ...]
Step = tuple[str, str, float, str | None, str | None, str | None]
"""Event type, id of the record, time, the values before and after, and who did it."""
Values = tuple[str | None, ...]
Who = tuple[str | None, str | None]
_TIMEOUT = 30_012
"""Milliseconds after which a request is given up."""

_NOBODY = (None, None)
_NOWHERE: Values = (None,) * 6
_NOTHING: Values = (None,) * 5
_KYC = ('{"kyc_verified": false}', '{"kyc_verified": true}')
_STATUSES = {s: f'{{"status": "{s}"}}' for s in (
    "PENDING", "AUTHORIZED", "CAPTURED", "FAILED", "REFUNDED", "CANCELLED", "ACTIVE", "VALID", "SUSPENDED", "REVOKED",
    "TERMINATED",
)}  # fmt: skip
_TENANTS = (None, None, "eu-1", "us-1")


class Trail:
    """Makes the events of one holder after another."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.templates = Templates(chance)
        typical = [int(chance.random.lognormvariate(3.6, 1.1)) for _ in range(4000)]
        self._durations = [*typical, 6200, 8042, 31877]

    def of(
        self, holder: Holder, credentials: Iterable[Credential], payments: Iterable[Payment], quota: int
    ) -> Iterator[Row]:
        """So many events: what happened to the records comes first, the holder's days fill up the rest."""
        who = (holder.subject, self.chance.pick(_TENANTS))
        written = 0
        for row in islice(chain(self._life(holder, credentials, who), self._paid(payments, holder)), quota):
            written += 1
            yield row
        for _ in range(quota - written):
            yield self._day(holder, who)

    def _life(self, holder: Holder, credentials: Iterable[Credential], who: Who) -> Iterator[Row]:
        for kind, record, when, before, after, by in _steps(holder, credentials):
            device = _NOWHERE if by else holder.devices[0]
            template = self.chance.pick(self.templates.steps[kind])
            yield self._row(template, who, device, (record, before, after, by, next(self.chance.ids)), when)

    def _paid(self, payments: Iterable[Payment], holder: Holder) -> Iterator[Row]:
        for payment in payments:
            before, together = None, next(self.chance.ids)
            for status, when in payment.steps:
                after = _STATUSES[status]
                kind = "PAYMENT_INITIATED" if before is None else f"PAYMENT_{status}"
                template = self.chance.pick(self.templates.steps[kind])
                change = (payment.id, before, after, None, together)
                yield self._row(template, (payment.subject, None), holder.devices[0], change, when)
                before = after

    def _day(self, holder: Holder, who: Who) -> Row:
        chance = self.chance
        when = chance.moment(holder.created, chance.now, 2.2)
        if chance.random.random() < 0.015:
            by = (None, None, None, chance.pick(STAFF)[0], next(chance.ids))
            return self._row(chance.pick(self.templates.system), _NOBODY, _NOWHERE, by, when)
        device = chance.pick(holder.devices)
        return self._row(chance.pick(self.templates.daily), who, device, _NOTHING, when)

    def attacks(self, holder: Holder) -> Iterator[Row]:
        """What is suspicious, and what only looks like it."""
        chance = self.chance
        planned = PLANNED.get(holder.number)
        if planned is None and chance.random.random() < 0.002:
            ago = 3600 + 40 * DAY * chance.random.random() ** 2
            if chance.now - ago > holder.created:
                planned = chance.pick(("burst", "addresses")), ago
        if planned is None:
            return
        name, ago = planned
        for offset, kind, place in PATTERNS[name]:
            device = (f"ses_{chance.hexadecimal(12)}", f"192.0.2.{10 + place}", *holder.devices[0][2:])
            template = chance.pick(self.templates.steps[kind])
            row = self._row(template, (holder.subject, None), device, _NOTHING, chance.now - ago + offset)
            yield (*row[:-2], _TIMEOUT, row[-1]) if kind == "SYSTEM_ERROR" else row

    def imported(self) -> Iterator[Row]:
        """Events from before this system, older than any retention."""
        for years, kept in ((8.2, None), (7.6, None), (7.5, 3650), (9.0, 3650), (7.2, 2557)):
            template = list(self.chance.pick(self.templates.system))
            template[TEMPLATE_COLUMNS.index("source_system")] = "legacy-import"
            template[TEMPLATE_COLUMNS.index("retention_days")] = kept
            by = (None, None, None, "importer", None)
            yield self._row(tuple(template), _NOBODY, _NOWHERE, by, self.chance.now - years * 365.25 * DAY)

    def _row(self, template: Template, who: Who, device: Values, change: Values, when: float) -> Row:
        key = next(self.chance.ids)
        last = ("req-" + key[:13], self.chance.pick(self._durations), epoch(when))
        return (key, *template, *who, *device, *change, *last)


def _steps(holder: Holder, credentials: Iterable[Credential]) -> Iterator[Step]:
    """What happened to the holder's own record and to the credentials."""
    active, valid = _STATUSES["ACTIVE"], _STATUSES["VALID"]
    yield "USER_REGISTERED", holder.id, holder.created, None, active, None
    if holder.verified is not None:
        yield "KYC_VERIFIED", holder.id, holder.verified, *_KYC, STAFF[0][0]
    if holder.changed is not None:
        after = _STATUSES[holder.status]
        yield f"USER_{holder.status}", holder.id, holder.changed, active, after, STAFF[1][0]
    for one in credentials:
        yield "CREDENTIAL_ISSUED", one.id, one.issued, None, valid, None
        if one.changed is not None:
            after, by = _STATUSES[one.status], one.by or STAFF[0][0]
            yield f"CREDENTIAL_{one.status}", one.id, one.changed, valid, after, by
