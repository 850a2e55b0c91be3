"""The views and figures that only a fault fills: nothing in a consistent database, each fault once it is made."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from db.engine import connect
from db.model import Figure, View
from db.registry import resolve
from db.seed import plan
from tests.conftest import Fresh, engines_for
from tests.multipass.by_hand import Hand
from tests.multipass.conftest import Multipass, fill, prepare, profile
from tests.multipass.figures import FIGURES
from tests.multipass.test_views import CONSISTENT, ids, ids_by_hand, rows


@pytest.fixture(params=engines_for("multipass"))
def broken(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[Multipass]:
    """A seeded database with one fault of each kind, and one operation of the console."""
    url = fresh(request.param)
    prepare(url)
    invented = plan(200, seed=8, now=datetime.now(UTC))
    fill(url, invented)
    hand = Hand(url)
    for table, change in (
        ("wallet_balances", "available = #-0.5#"),
        ("wallet_balances", "locked = #7#"),
        ("asset_balances", "quantity = #-1#"),
        ("market_orders", "quantity = #0.1#, filled_quantity = #0.2#"),
    ):
        ((id_,),) = hand.ask(f"SELECT id FROM {table} ORDER BY updated_at DESC LIMIT 1")
        hand.ask(f"UPDATE {table} SET {change} WHERE id = '{id_}'")
    hand.ask("INSERT INTO application_modules (name) VALUES ('quaestor')")
    hand.ask(
        "INSERT INTO application_events (module_id, event_type) "
        "SELECT id, 'console.identity_profiles.suspend' FROM application_modules WHERE name = 'quaestor'"
    )
    session = connect(profile(url))
    yield Multipass(url, invented, session, hand)
    session.close()
    hand.close()


def test_each_fault_is_found(broken: Multipass) -> None:
    for path in CONSISTENT:
        entity, part = resolve(broken.session.system, path)
        if isinstance(part, View):
            found = ids(broken, entity, part)
            assert found == ids_by_hand(broken, entity.name, part.name)
            assert len(found) == 1, path
        else:
            assert isinstance(part, Figure)
            figures = rows(broken, entity, part)
            assert figures == broken.hand.ask(FIGURES[entity.name][part.name])
            assert len(figures) == 1


def test_withdrawals_without_a_balance_are_found(broken: Multipass) -> None:
    hand = broken.hand
    ((wallet,),) = hand.ask("SELECT id FROM wallet_accounts ORDER BY id LIMIT 1")
    hand.ask(
        "INSERT INTO wallet_transactions (wallet_id, kind, asset, amount, status) "
        f"VALUES ('{wallet}', 'withdrawal', 'LOST', #3#, 'pending')"
    )
    entity, figure = resolve(broken.session.system, "wallet_balances/locked-differences")
    assert isinstance(figure, Figure)
    assert (wallet, "LOST", 0, 3) in rows(broken, entity, figure)
    entity, figure = resolve(broken.session.system, "balances/locked-against-pending")
    assert isinstance(figure, Figure)
    assert ("LOST", 0, 3, 1) in rows(broken, entity, figure)


@pytest.mark.parametrize(
    ("version", "old"),
    [
        ("1.2.3", True),
        ("1.10", False),
        ("v1.9.9", True),
        ("1.10-rc1", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_versions_are_compared_by_their_numbers(broken: Multipass, version: str, old: bool) -> None:
    hand = broken.hand
    hand.ask("UPDATE hardware_passes SET model = 'X', firmware_version = '1.10', status = 'active'")
    ((id_,),) = hand.ask("SELECT id FROM hardware_passes ORDER BY id LIMIT 1")
    hand.ask(f"UPDATE hardware_passes SET firmware_version = '{version}' WHERE id = '{id_}'")
    entity, view = resolve(broken.session.system, "passes/outdated-firmware")
    assert isinstance(view, View)
    assert ids(broken, entity, view) == ([id_] if old else [])
