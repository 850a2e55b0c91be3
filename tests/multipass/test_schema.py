"""The migrations: what they make, what they take back, what the triggers do."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from db.engine import connect, make_engine
from db.multipass.tables import metadata
from db.wishes import missing
from migrations import runner
from tests.conftest import Fresh, engines_for
from tests.multipass.by_hand import Hand
from tests.multipass.conftest import MULTIPASS, prepare, profile

DOCUMENTED = {
    "identity_profiles": "email metadata created_at updated_at",
    "kyc_verifications": "metadata",
    "attestations": "metadata",
    "wallet_accounts": "boundless_addresses labels updated_at",
    "wallet_balances": "",
    "wallet_transactions": "metadata",
    "multipass_credentials": "username password_hash backup_codes updated_at",
    "multipass_sessions": "token_hash scopes device_info",
    "application_modules": "name required_scopes updated_at",
    "application_events": "",
    "asset_definitions": "symbol metadata updated_at",
    "asset_balances": "",
    "market_orders": "updated_at",
    "positions": "",
    "trades": "",
    "notifications": "metadata",
    "report_definitions": "name parameters updated_at",
    "generated_reports": "parameters",
    "hardware_passes": "capabilities updated_at",
    "hardware_challenges": "",
}
"""The tables of the document, with the columns that it names."""

TREE = {
    "identity_profiles": (
        "application_events attestations generated_reports hardware_passes kyc_verifications "
        "multipass_credentials multipass_sessions notifications wallet_accounts"
    ),
    "wallet_accounts": "asset_balances market_orders positions wallet_balances wallet_transactions",
    "hardware_passes": "hardware_challenges",
    "application_modules": "application_events",
    "asset_definitions": "asset_balances market_orders positions trades",
    "report_definitions": "generated_reports",
    "market_orders": "trades",
}
"""The document's tree of foreign keys, and trades' two orders."""

ARRAYS = {
    ("wallet_accounts", "labels"),
    ("multipass_credentials", "backup_codes"),
    ("multipass_sessions", "scopes"),
    ("application_modules", "required_scopes"),
    ("report_definitions", "parameters"),
    ("hardware_passes", "capabilities"),
}
TOUCHED = [
    "identity_profiles",
    "wallet_accounts",
    "multipass_credentials",
    "application_modules",
    "asset_definitions",
    "market_orders",
    "report_definitions",
    "hardware_passes",
]
"""The tables with a trigger, as the document lists them."""

LONG_AGO = "2001-01-01 00:00:00.000000"


@pytest.fixture(params=engines_for("multipass"))
def url(request: pytest.FixtureRequest, fresh: Fresh) -> str:
    """A database with Multipass's tables and no rows."""
    made = fresh(request.param)
    prepare(made)
    return made


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    """What the migrations run on."""
    made = make_engine(profile(url), read_only=False)
    yield made
    made.dispose()


@pytest.fixture
def hand(url: str) -> Iterator[Hand]:
    """Plain SQL on the same database."""
    connection = Hand(url)
    yield connection
    connection.close()


def found(engine: sa.Engine) -> dict[str, Any]:
    """The tables as the database has them."""
    inspector = sa.inspect(engine)
    names = [name for name in inspector.get_table_names() if not name.startswith("quaestor_")]
    return {
        name: (
            {column["name"]: column["nullable"] for column in inspector.get_columns(name)},
            inspector.get_pk_constraint(name)["constrained_columns"],
            {
                (tuple(key["constrained_columns"]), key["referred_table"])
                for key in inspector.get_foreign_keys(name)
            },
            {tuple(unique["column_names"]) for unique in inspector.get_unique_constraints(name)},
            {
                (index["name"], tuple(index["column_names"]))
                for index in inspector.get_indexes(name)
                if "duplicates_constraint" not in index
            },
        )
        for name in names
    }


def declared() -> dict[str, Any]:
    """The tables as ``tables.py`` has them."""
    return {
        table.name: (
            {column.name: column.nullable for column in table.columns},
            ["id"],
            {(tuple(key.column_keys), key.referred_table.name) for key in table.foreign_key_constraints},
            {
                tuple(constraint.columns.keys())
                for constraint in table.constraints
                if isinstance(constraint, sa.UniqueConstraint)
            },
            {(index.name, tuple(column.name for column in index.columns)) for index in table.indexes},
        )
        for table in metadata.sorted_tables
    }


def test_the_tables_are_the_declared_ones(engine: sa.Engine) -> None:
    assert found(engine) == declared()


def test_the_documents_columns_and_references_are_there(engine: sa.Engine) -> None:
    tables = found(engine)
    assert set(tables) == set(DOCUMENTED)
    for name, columns in DOCUMENTED.items():
        assert set(columns.split()) <= set(tables[name][0])
    tree = {(child, parent) for parent, children in TREE.items() for child in children.split()}
    assert {(child, parent) for child, parts in tables.items() for _, parent in parts[2]} == tree


def test_every_foreign_key_has_an_index(engine: sa.Engine) -> None:
    for name, (_, _, keys, uniques, indexes) in found(engine).items():
        led = {columns[0] for columns in uniques} | {columns[0] for _, columns in indexes}
        assert {columns[0] for columns, _ in keys} <= led, name


def test_every_view_and_search_has_an_index(url: str) -> None:
    with closing(connect(profile(url))) as session:
        assert list(missing(MULTIPASS, session.schema, session.server.dialect)) == []


def test_postgresql_has_the_documents_types(engine: sa.Engine, hand: Hand) -> None:
    if hand.sqlite:
        assert hand.ask("SELECT type FROM pragma_table_info('wallet_balances') WHERE name = 'locked'") == [
            ("VARCHAR(40)",)
        ]
        return
    types = {
        (table, column): (type_, precision, scale)
        for table, column, type_, precision, scale in hand.ask(
            "SELECT table_name, column_name, udt_name, numeric_precision, numeric_scale "
            "FROM information_schema.columns WHERE table_schema = 'public'"
        )
        if not table.startswith("quaestor_")
    }
    assert {place for place, (type_, _, _) in types.items() if type_ == "_text"} == ARRAYS
    assert {types[table, "id"][0] for table in DOCUMENTED} == {"uuid"}
    for (_, column), (type_, precision, scale) in types.items():
        if column.endswith(("_at", "_until")):
            assert type_ == "timestamptz"
        if type_ == "numeric" and column != "score":
            assert (precision, scale) == (38, 18)
        if column in ("metadata", "boundless_addresses", "device_info", "payload"):
            assert type_ == "jsonb"
    assert types["generated_reports", "parameters"][0] == "jsonb"
    assert types["multipass_sessions", "ip_address"][0] == "inet"


def test_the_server_fills_what_is_not_given(hand: Hand) -> None:
    hand.ask("INSERT INTO identity_profiles (email) VALUES ('a@example.org')")
    ((id_, status, tier, details, created, updated),) = hand.ask(
        "SELECT id, status, risk_tier, metadata, created_at, updated_at FROM identity_profiles"
    )
    assert (id_[14], id_[19] in "89ab", len(id_)) == ("4", True, 36)
    assert (status, tier) == ("pending", "low")
    assert details in ("{}", {})
    assert created == updated
    hand.ask(f"INSERT INTO wallet_accounts (profile_id, name) VALUES ('{id_}', 'Main')")
    ((wallet, labels),) = hand.ask("SELECT id, labels FROM wallet_accounts")
    assert labels in ((), "[]")
    hand.ask(f"INSERT INTO wallet_balances (wallet_id, asset) VALUES ('{wallet}', 'EUR')")
    assert hand.ask("SELECT available, locked FROM wallet_balances") == [(0, 0)]


def test_all_of_it_is_taken_back(engine: sa.Engine) -> None:
    runner.up(engine, MULTIPASS, "triggers")
    runner.down(engine, MULTIPASS, "triggers", "base")
    runner.down(engine, MULTIPASS, "system", "base")
    assert found(engine) == {}
    again = runner.up(engine, MULTIPASS, "system")
    assert not again.pending
    assert found(engine) == declared()


def _rows(hand: Hand) -> None:
    """One row in each table that has a trigger, and one in a table that has none."""
    one, two = "'00000000-0000-4000-8000-000000000001'", "'00000000-0000-4000-8000-000000000002'"
    for key, mail in ((one, "a"), (two, "b")):
        at = f"'{LONG_AGO}'"
        hand.ask(f"INSERT INTO identity_profiles (id, email, updated_at) VALUES ({key}, '{mail}', {at})")
        hand.ask(
            f"INSERT INTO wallet_accounts (id, profile_id, name, updated_at) VALUES ({key}, {key}, 'W', {at})"
        )
        hand.ask(
            "INSERT INTO multipass_credentials (id, profile_id, username, password_hash, updated_at) "
            f"VALUES ({key}, {key}, '{mail}', 'x', {at})"
        )
        hand.ask(f"INSERT INTO application_modules (id, name, updated_at) VALUES ({key}, '{mail}', {at})")
        hand.ask(
            "INSERT INTO asset_definitions (id, symbol, name, kind, updated_at) "
            f"VALUES ({key}, '{mail}', 'x', 'fiat', {at})"
        )
        hand.ask(
            "INSERT INTO market_orders (id, wallet_id, asset_id, side, kind, quantity, updated_at) "
            f"VALUES ({key}, {key}, {key}, 'buy', 'limit', #1#, {at})"
        )
        hand.ask(
            "INSERT INTO report_definitions (id, name, query_template, updated_at) "
            f"VALUES ({key}, '{mail}', 'x', {at})"
        )
        hand.ask(
            "INSERT INTO hardware_passes (id, profile_id, serial, model, updated_at) "
            f"VALUES ({key}, {key}, '{mail}', 'x', {at})"
        )
        hand.ask(
            f"INSERT INTO wallet_balances (id, wallet_id, asset, updated_at) VALUES ({key}, {key}, 'EUR', {at})"
        )


def _touched(hand: Hand, table: str) -> list[bool]:
    """Of each row in turn, whether its time is of this minute."""
    fresh_ = hand.ask(
        f"SELECT updated_at > [-1 minutes] AND updated_at <= [1 seconds] FROM {table} ORDER BY id"
    )
    return [bool(row[0]) for row in fresh_]


@pytest.mark.parametrize("recursive", [False, True])
def test_a_trigger_keeps_updated_at(engine: sa.Engine, hand: Hand, recursive: bool) -> None:
    runner.up(engine, MULTIPASS, "triggers")
    if hand.sqlite and recursive:
        hand.ask("PRAGMA recursive_triggers = ON")
    _rows(hand)
    for table in TOUCHED:
        assert _touched(hand, table) == [False, False]
        hand.ask(
            f"UPDATE {table} SET created_at = created_at WHERE id = '00000000-0000-4000-8000-000000000001'"
        )
        assert _touched(hand, table) == [True, False]
        hand.ask(f"UPDATE {table} SET updated_at = '{LONG_AGO}'")
        assert _touched(hand, table) == [True, True]
    hand.ask("UPDATE wallet_balances SET asset = 'CHF'")
    assert _touched(hand, "wallet_balances") == [False, False]


def test_without_the_part_no_trigger_is_there(engine: sa.Engine, hand: Hand) -> None:
    _rows(hand)
    runner.up(engine, MULTIPASS, "triggers")
    runner.down(engine, MULTIPASS, "triggers", "base")
    hand.ask("UPDATE identity_profiles SET phone = '1'")
    assert _touched(hand, "identity_profiles") == [False, False]


@pytest.mark.parametrize("name", engines_for("multipass"))
def test_triggers_leave_out_what_others_do_not_have(name: str, fresh: Fresh) -> None:
    url = fresh(name)
    hand = Hand(url)
    moment = "VARCHAR(32)" if hand.sqlite else "TIMESTAMPTZ"
    hand.ask(f"CREATE TABLE identity_profiles (id INTEGER PRIMARY KEY, email TEXT, updated_at {moment})")
    hand.ask("CREATE TABLE market_orders (id INTEGER PRIMARY KEY, quantity INTEGER)")
    hand.ask(f"INSERT INTO identity_profiles VALUES (1, 'a', '{LONG_AGO}')")
    hand.ask("INSERT INTO market_orders VALUES (1, 1)")
    engine = make_engine(profile(url), read_only=False)
    shown = runner.preview(engine, MULTIPASS, "triggers")
    assert "ON identity_profiles" in shown
    assert "ON market_orders" not in shown
    runner.up(engine, MULTIPASS, "triggers")
    hand.ask("UPDATE identity_profiles SET email = 'b'")
    hand.ask("UPDATE market_orders SET quantity = 2")
    assert _touched(hand, "identity_profiles") == [True]
    runner.down(engine, MULTIPASS, "triggers", "base")
    engine.dispose()
    hand.close()
