"""Synthetic rows of Multipass: balances agree with what moved, holdings with positions, orders with trades."""

from __future__ import annotations

from collections.abc import Iterator

from db.multipass.seed.access import Credentials, Sessions
from db.multipass.seed.catalogue import Catalogue
from db.multipass.seed.events import events
from db.multipass.seed.fleet import Passes
from db.multipass.seed.market import Market
from db.multipass.seed.messages import Notifications, Reports
from db.multipass.seed.people import Attestations, People, Verifications
from db.multipass.seed.rows import Rows
from db.multipass.seed.wallets import Wallets
from db.seed import Batch, Plan


def batches(plan: Plan) -> Iterator[Batch]:
    """Everything, parents before their children: persons by the hundred with all that is theirs, then the events."""
    rows, catalogue, people = Rows(), Catalogue(plan), People(plan)
    catalogue.add(rows)
    verifications, attestations = Verifications(plan), Attestations(plan)
    credentials, sessions = Credentials(plan), Sessions(plan)
    wallets, market = Wallets(plan, catalogue), Market(plan, catalogue)
    notifications, reports, passes = Notifications(plan), Reports(plan, catalogue), Passes(plan)
    for holders in people.cohorts(rows):
        verifications.add(rows, holders)
        attestations.add(rows, holders)
        sessions.add(rows, credentials.add(rows, holders))
        market.add(rows, wallets.add(rows, holders))
        notifications.add(rows, holders)
        reports.add(rows, holders)
        passes.add(rows, holders)
        yield from rows.drain()
    yield from events(plan, catalogue, people.profiles)
