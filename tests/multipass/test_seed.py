"""The synthetic rows: the same from the same plan, and consistent by plain SQL."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from db.invent import HOSTILE
from db.multipass.seed import batches
from db.multipass.tables import metadata
from db.seed import Plan, plan
from tests.multipass.conftest import Multipass

NOON = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)


def rows(invented: Plan) -> dict[str, list[tuple[Any, ...]]]:
    """All rows by table."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for batch in batches(invented):
        assert batch.columns == tuple(metadata.tables[batch.table].columns.keys())
        assert 0 < len(batch.rows) <= 5_000
        found.setdefault(batch.table, []).extend(batch.rows)
    return found


def texts(invented: Plan) -> set[str]:
    """Every text in any row, those inside JSON as well."""
    found: set[str] = set()
    for values in rows(invented).values():
        for value in (value for row in values for value in row if isinstance(value, str)):
            found.add(value)
            if value.startswith("{"):
                found.update(part for part in json.loads(value).values() if isinstance(part, str))
    return found


def test_the_same_plan_gives_the_same_rows() -> None:
    assert rows(plan(300, seed=5, now=NOON)) == rows(plan(300, seed=5, now=NOON))
    assert rows(plan(300, seed=5, now=NOON)) != rows(plan(300, seed=6, now=NOON))


@pytest.mark.parametrize(("number", "persons"), [(1, 40), (200, 40), (12_345, 1_234)])
def test_there_are_as_many_as_asked_for(number: int, persons: int) -> None:
    found = rows(plan(number, seed=1, now=NOON))
    assert len(found["application_events"]) == number
    assert len(found["identity_profiles"]) == persons
    assert sum(map(len, found.values())) < 4 * max(number, 1_000)
    for table, columns in found.items():
        assert len({row[0] for row in columns}) == len(columns), table


def test_nothing_comes_from_the_future() -> None:
    ahead = {"expires_at", "locked_until"}
    for table, found in rows(plan(2_000, seed=2, now=NOON)).items():
        names = metadata.tables[table].columns.keys()
        for row in found:
            late = [n for n, v in zip(names, row, strict=True) if isinstance(v, datetime) and v > NOON]
            assert set(late) <= ahead, (table, row)


def test_events_come_in_the_order_of_time_mostly_lately() -> None:
    events = rows(plan(4_000, seed=1, now=NOON))["application_events"]
    times = [row[-1] for row in events]
    disorder = sum(a > b for a, b in pairwise(times))
    assert disorder < len(times) / 2
    assert times[len(times) // 2] > NOON - (NOON - times[0]) / 4
    hours = Counter(time.hour for time in times)
    assert sum(hours[hour] for hour in range(8, 18)) > 2 * sum(
        hours[hour] for hour in (22, 23, 0, 1, 2, 3, 4)
    )


def test_hostile_texts_are_there_only_when_asked_for() -> None:
    wild = plan(2_000, seed=3, now=NOON)
    assert set(HOSTILE) <= texts(wild)
    assert not set(HOSTILE) & texts(replace(wild, hostile=False))


def test_hashes_and_secrets_have_their_form(multipass: Multipass) -> None:
    ask = multipass.hand.ask
    for (hashed,) in ask("SELECT password_hash FROM multipass_credentials"):
        assert re.fullmatch(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+", hashed)
    for table, column in (
        ("multipass_sessions", "token_hash"),
        ("attestations", "claim_hash"),
        ("hardware_challenges", "challenge_hash"),
    ):
        for (hashed,) in ask(f"SELECT {column} FROM {table}"):
            assert re.fullmatch("[0-9a-f]{64}", hashed)
    for table in metadata.tables:
        for (id_,) in ask(f"SELECT id FROM {table}"):
            assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", id_)


def test_a_balance_is_what_moved(multipass: Multipass) -> None:
    ask = multipass.hand.ask
    moved: Counter[tuple[str, str]] = Counter()
    locked: Counter[tuple[str, str]] = Counter()
    for wallet, kind, asset, amount, status, counterparty in ask(
        "SELECT wallet_id, kind, asset, amount, status, counterparty FROM wallet_transactions"
    ):
        if status == "confirmed":
            moved[wallet, asset] += amount if kind == "deposit" else -amount
            if kind == "transfer":
                moved[counterparty, asset] += amount
        if status == "pending" and kind == "withdrawal":
            locked[wallet, asset] += amount
    balances = ask("SELECT wallet_id, asset, available, locked FROM wallet_balances")
    assert len(balances) > 20
    for wallet, asset, available, held in balances:
        assert available + held == moved[wallet, asset]
        assert held == locked[wallet, asset]
        assert available >= 0
    assert {place for place, amount in moved.items() if amount} <= {row[:2] for row in balances}


def test_orders_are_filled_by_their_trades(multipass: Multipass) -> None:
    ask = multipass.hand.ask
    filled: Counter[str] = Counter()
    asset_of = dict(ask("SELECT id, asset_id FROM market_orders"))
    for asset, buy, sell, quantity in ask(
        "SELECT asset_id, buy_order_id, sell_order_id, quantity FROM trades"
    ):
        assert asset_of[buy] == asset_of[sell] == asset
        filled[buy] += quantity
        filled[sell] += quantity
    for id_, status, quantity, done, kind, limit in ask(
        "SELECT id, status, quantity, filled_quantity, kind, limit_price FROM market_orders"
    ):
        assert done == filled[id_]
        assert (limit is not None) is (kind == "limit")
        match status:
            case "open" | "rejected":
                assert done == 0
            case "partial":
                assert 0 < done < quantity
            case "filled":
                assert done == quantity
            case _:
                assert status == "cancelled"
                assert done < quantity


def test_holdings_are_the_open_positions(multipass: Multipass) -> None:
    ask = multipass.hand.ask
    holdings = ask("SELECT wallet_id, asset_id, quantity FROM asset_balances ORDER BY wallet_id, asset_id")
    assert holdings == ask("SELECT wallet_id, asset_id, quantity FROM positions ORDER BY wallet_id, asset_id")
    assert ask("SELECT count(*) FROM positions WHERE (quantity = #0#) <> (closed_at IS NOT NULL)") == [(0,)]
    assert ask("SELECT count(*) FROM asset_balances WHERE quantity < #0#") == [(0,)]


def test_states_and_times_agree(multipass: Multipass) -> None:
    wrong = {
        "kyc_verifications": "(status IN ('pending', 'in_review')) <> (reviewed_at IS NULL) "
        "OR (reviewed_at IS NULL) <> (reviewed_by IS NULL) OR (status = 'rejected') <> (rejection_reason IS NOT NULL) "
        "OR reviewed_at < submitted_at OR status = 'expired' AND expires_at > [now]",
        "attestations": "(status = 'revoked') <> (revoked_at IS NOT NULL) OR revoked_at < issued_at",
        "wallet_transactions": "(status = 'confirmed') <> (confirmed_at IS NOT NULL) OR amount <= #0#",
        "multipass_credentials": "mfa_enabled <> (mfa_secret IS NOT NULL)",
        "multipass_sessions": "expires_at < created_at OR last_seen_at < created_at OR revoked_at < created_at",
        "hardware_passes": "(status = 'revoked') <> (revoked_at IS NOT NULL) OR last_seen_at < created_at",
        "hardware_challenges": "(status IN ('passed', 'failed')) <> (responded_at IS NOT NULL)",
        "notifications": "(status = 'sent') <> (sent_at IS NOT NULL) OR read_at < sent_at",
        "generated_reports": "(status IN ('ready', 'failed')) <> (completed_at IS NOT NULL) "
        "OR (status = 'ready') <> (location IS NOT NULL) OR (status = 'failed') <> (error IS NOT NULL)",
    }
    for table, rule in wrong.items():
        assert multipass.hand.ask(f"SELECT * FROM {table} WHERE {rule}") == [], table


def test_what_belongs_to_somebody_is_younger(multipass: Multipass) -> None:
    for table, column in (
        ("kyc_verifications", "submitted_at"),
        ("attestations", "issued_at"),
        ("wallet_accounts", "created_at"),
        ("multipass_credentials", "created_at"),
        ("multipass_sessions", "created_at"),
        ("notifications", "created_at"),
        ("generated_reports", "created_at"),
        ("hardware_passes", "created_at"),
    ):
        assert (
            multipass.hand.ask(
                f"SELECT x.id FROM {table} x JOIN identity_profiles p ON p.id = x.profile_id "
                f"WHERE x.{column} < p.created_at"
            )
            == []
        ), table


def test_an_event_is_of_somebody_who_was_there() -> None:
    found = rows(plan(5_000, seed=4, now=NOON))
    made = {row[0]: row[-2] for row in found["identity_profiles"]}
    known = [event for event in found["application_events"] if event[2]]
    early = sum(event[-1] < made[event[2]] for event in known)
    assert early < len(known) / 100  # of the first hours only
    assert len({event[2] for event in known}) > len(made) / 2


def test_a_decision_of_every_kind_is_waiting(multipass: Multipass) -> None:
    """What an action may do depends on these: each is there in the smallest seed."""
    waiting = multipass.hand.ask(
        "SELECT DISTINCT k.status, p.status, p.risk_tier = 'high' FROM kyc_verifications k "
        "JOIN identity_profiles p ON p.id = k.profile_id WHERE k.status IN ('pending', 'in_review')"
    )
    for status in ("pending", "in_review"):
        for high in (False, True):
            assert (status, "pending", high) in waiting
    assert ("pending", "active") in {row[:2] for row in waiting}
    profiles = multipass.hand.ask("SELECT DISTINCT status, risk_tier FROM identity_profiles")
    assert len(profiles) == 12
    assert not multipass.hand.ask("SELECT id FROM application_modules WHERE name = 'quaestor'")
