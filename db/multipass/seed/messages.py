"""Notifications and generated reports."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from db.invent import hexes, uuids
from db.multipass.seed.catalogue import Catalogue
from db.multipass.seed.rows import Holder, Mix, Rows, Spice, between
from db.seed import Plan

_SUBJECTS = (
    ("New sign-in", "We noticed a new sign-in to your account."),
    ("Deposit received", "Your deposit has arrived and is available."),
    ("Verification needed", "Please send us a readable copy of your document."),
    ("Order filled", "Your order was filled."),
    ("Pass attested", "Your hardware pass was attested."),
    ("Ihr Auszug ist da", "Der Kontoauszug des letzten Monats liegt bereit."),
)
_STATES = {
    f"{channel}:{status}": share * weight
    for channel, share in (("email", 5), ("sms", 1), ("push", 3), ("in_app", 3))
    for status, weight in (("failed", 3), ("sent", 20), ("queued", 2), ("read", 20), ("stuck", 1))
}
_ERRORS = ("query timed out", "parameter 'from' is no date", "disk full while writing", "definition changed")


class Notifications:
    """One for each person, and a second for some."""

    def __init__(self, plan: Plan) -> None:
        self.random = plan.random("multipass/notifications")
        self.now = plan.now
        self.spice = Spice(plan, 11)
        self.short = Spice(plan, 13, 300)
        self.state = Mix(self.random, _STATES, turns=1)
        self.made = 0

    def add(self, rows: Rows, holders: list[Holder]) -> None:
        """Their notifications."""
        each = [holder for holder in holders for _ in range(1 + (holder.n % 4 == 0))]
        for holder, id_ in zip(each, uuids(self.random, len(each)), strict=True):
            channel, state = self.state[self.made].split(":")
            self.made += 1
            rows.of["notifications"].append(self._row(holder, id_, channel, state))

    def _row(self, holder: Holder, id_: str, channel: str, state: str) -> tuple[object, ...]:
        random, now = self.random, self.now
        subject, body = random.choice(_SUBJECTS)
        created = between(holder.created, now, random.random() ** 0.4)
        if state == "queued":
            created = max(holder.created, now - timedelta(minutes=random.uniform(0, 50)))
        elif state == "stuck":
            created = max(holder.created, now - timedelta(hours=random.uniform(1.2, 40)))
        arrived = state in ("sent", "read")
        sent = min(now, created + timedelta(seconds=random.uniform(0.4, 40))) if arrived else None
        return (
            id_,
            holder.id,
            channel,
            None if channel == "sms" else self.short(subject),
            self.spice(body),
            "sent" if arrived else "failed" if state == "failed" else "queued",
            between(sent, now, random.random()) if sent and state == "read" else None,
            json.dumps({"attempts": random.randrange(1, 4) if state == "failed" else 1}),
            created,
            sent,
        )


class Reports:
    """One for each ten persons, of every definition but the last."""

    def __init__(self, plan: Plan, catalogue: Catalogue) -> None:
        self.random = plan.random("multipass/reports")
        self.now = plan.now
        self.spice = Spice(plan, 3)
        self.definitions = list(catalogue.reports.items())[:-1]
        self.state = Mix(
            self.random, {"failed": 8, "queued": 2, "stuck": 2, "running": 2, "ready": 70}, turns=3
        )
        self.made = 0

    def add(self, rows: Rows, holders: list[Holder]) -> None:
        """Reports about some of the persons, or about nobody."""
        chosen = holders[:: 10 if holders[0].n else 2]
        for holder, id_ in zip(chosen, uuids(self.random, len(chosen)), strict=True):
            rows.of["generated_reports"].append(self._row(holder, id_, self.state[self.made]))
            self.made += 1

    def _row(self, holder: Holder, id_: str, state: str) -> tuple[object, ...]:
        random, now = self.random, self.now
        name, (definition, parameters) = self.definitions[self.made % len(self.definitions)]
        created = between(holder.created, now, random.random() ** 0.4)
        if state in ("queued", "running"):
            created = max(holder.created, now - timedelta(minutes=random.uniform(0, 45)))
        elif state == "stuck":
            created = max(holder.created, now - timedelta(hours=random.uniform(1.5, 30)))
        done = _done(created, now, random.uniform(1, 600)) if state in ("ready", "failed") else None
        content, anchor = hexes(random, 32, 2)
        ready = state == "ready"
        return (
            id_,
            definition,
            holder.id if self.made % 4 else None,
            json.dumps(dict.fromkeys(parameters, f"{created:%Y-%m-%d}")),
            "queued" if state == "stuck" else state,
            f"s3://reports/{name}/{created:%Y/%m}/{id_}.pdf" if ready else None,
            content if ready else None,
            f"0x{anchor}" if ready and self.made % 2 else None,
            self.spice(random.choice(_ERRORS)) if state == "failed" else None,
            created,
            done,
        )


def _done(created: datetime, now: datetime, seconds: float) -> datetime:
    return min(now, created + timedelta(seconds=seconds))
