"""A small Multipass in known states with a ledger, a desk to work at, and the difference that an operation makes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from db import write
from db.desk import Desk, open_desk
from db.engine import connect, make_engine
from db.keys import HeldKey
from db.multipass.tables import metadata
from db.operation import Armed, Done, Operation, Sheet
from db.rehearse import sheet
from migrations import runner
from tests.multipass.by_hand import Hand
from tests.multipass.conftest import MULTIPASS, prepare, profile
from tests.servers import Servers

ANNA = HeldKey.of_seed(bytes(31) + b"\1", "anna@test")
REASON = "reported by the holder at the counter"
"""Long enough to break the glass: what takes two people is done by one here."""
ARMED = Armed("TEST-1")
_TABLES = [table.name for table in reversed(metadata.sorted_tables)]

Rows = Mapping[str, Mapping[str, Any]]
"""By id, the values by column."""


def id_of(name: str) -> str:
    """The id of a row that the tests call by a letter and a number: ``s1``."""
    return f"{name.encode().hex():0>8}-0000-4000-8000-000000000000"


WORLD = """
INSERT INTO identity_profiles (id, email, status, risk_tier, created_at, updated_at) VALUES
    ({p1}, 'ann@example.org', 'active', 'low', [-90 days], [-9 days]),
    ({p2}, 'bob@example.org', 'pending', 'low', [-90 days], [-9 days]);
INSERT INTO kyc_verifications (id, profile_id, level, status, submitted_at) VALUES
    ({k1}, {p1}, 'basic', 'pending', [-3 days]), ({k2}, {p2}, 'enhanced', 'pending', [-3 days]);
INSERT INTO attestations (id, profile_id, kind, claim_hash, status, issued_at) VALUES
    ({a1}, {p1}, 'age', 'aa', 'active', [-8 days]), ({a2}, {p2}, 'age', 'bb', 'active', [-8 days]);
INSERT INTO wallet_accounts (id, profile_id, name, status, created_at, updated_at) VALUES
    ({w1}, {p1}, 'Main', 'active', [-80 days], [-9 days]), ({w2}, {p2}, 'Main', 'active', [-80 days], [-9 days]);
INSERT INTO wallet_balances (id, wallet_id, asset, available, locked, updated_at) VALUES
    ({b1}, {w1}, 'EUR', #'100'#, #'50'#, [-9 days]), ({b2}, {w1}, 'CHF', #'7'#, #'50'#, [-9 days]),
    ({b3}, {w2}, 'EUR', #'5'#, #'50'#, [-9 days]);
INSERT INTO wallet_transactions (id, wallet_id, kind, asset, amount, status, created_at) VALUES
    ({t1}, {w1}, 'withdrawal', 'EUR', #'30.5'#, 'pending', [-2 days]);
INSERT INTO multipass_credentials (id, profile_id, username, password_hash, mfa_enabled, mfa_secret, backup_codes,
    status, failed_attempts, locked_until, created_at, updated_at) VALUES
    ({c1}, {p1}, 'ann', 'canary-hash', TRUE, 'canary-secret', list#canary-code#, 'active', 0, NULL,
    [-90 days], [-9 days]);
INSERT INTO multipass_sessions (id, profile_id, token_hash, created_at, expires_at, revoked_at) VALUES
    ({s1}, {p1}, '1', [-2 days], [2 days], NULL), ({s2}, {p1}, '2', [-2 days], [1 hours], NULL),
    ({s3}, {p1}, '3', [-2 days], [-1 hours], NULL), ({s4}, {p1}, '4', [-2 days], [2 days], [-1 days]),
    ({s5}, {p2}, '5', [-2 days], [2 days], NULL);
INSERT INTO application_modules (id, name, status, created_at, updated_at) VALUES
    ({m1}, 'wallet', 'enabled', [-90 days], [-9 days]);
INSERT INTO asset_definitions (id, symbol, name, kind, status, created_at, updated_at) VALUES
    ({e1}, 'GLD', 'Gold', 'token', 'active', [-90 days], [-9 days]);
INSERT INTO market_orders (id, wallet_id, asset_id, side, kind, quantity, filled_quantity, status, created_at,
    updated_at) VALUES ({o1}, {w1}, {e1}, 'buy', 'limit', #'10'#, #'4'#, 'open', [-3 days], [-3 days]);
INSERT INTO notifications (id, profile_id, channel, status, created_at) VALUES
    ({n1}, {p1}, 'sms', 'failed', [-1 days]);
INSERT INTO report_definitions (id, name, query_template, created_at, updated_at) VALUES
    ({d1}, 'daily', 'x', [-90 days], [-9 days]);
INSERT INTO generated_reports (id, definition_id, profile_id, status, error, created_at, completed_at) VALUES
    ({r1}, {d1}, NULL, 'failed', 'out of paper', [-1 days], [-1 days]);
INSERT INTO hardware_passes (id, profile_id, serial, model, status, created_at, updated_at) VALUES
    ({h1}, {p1}, 'S-1', 'A', 'active', [-90 days], [-9 days]), ({h2}, {p1}, 'S-2', 'A', 'active', [-90 days], [-9 days]);
INSERT INTO hardware_challenges (id, pass_id, challenge_hash, status, created_at, expires_at) VALUES
    ({g1}, {h1}, '1', 'pending', [-1 hours], [1 hours]), ({g2}, {h1}, '2', 'pending', [-9 days], [-8 days]),
    ({g3}, {h1}, '3', 'passed', [-9 days], [-8 days]), ({g4}, {h1}, '4', 'failed', [-9 days], [-8 days]),
    ({g5}, {h2}, '5', 'pending', [-1 hours], [1 hours])
"""
"""Ann (1) with a row of each kind, and what must not move when hers do."""


@dataclass
class Office:
    """The place where an operator works."""

    url: str
    hand: Hand
    desk: Desk

    def furnish(self, table: str = "", name: str = "", **state: str) -> None:
        """The world as it was, with one row in another state; values are SQL."""
        script = [f"DELETE FROM {other}" for other in _TABLES]
        script += WORLD.format_map(_Ids()).split(";")
        if state:
            script.append(self.altered(table, name, **state))
        self.hand.ask("BEGIN")
        for statement in script:
            self.hand.ask(statement)
        self.hand.ask("COMMIT")

    def altered(self, table: str, name: str, **state: str) -> str:
        """The statement that puts a row into another state; values are SQL."""
        return f"UPDATE {table} SET {', '.join(f'{n} = {v}' for n, v in state.items())} WHERE id = '{id_of(name)}'"

    def everything(self) -> dict[str, Rows]:
        """Every row of every table, by plain SQL."""
        return {table: self.rows(table) for table in _TABLES}

    def rows(self, table: str) -> Rows:
        """The rows of a table."""
        names = [column.name for column in metadata.tables[table].columns]
        found = self.hand.ask(f"SELECT {', '.join(names)} FROM {table}")
        rows = {row[0]: dict(zip(names, row, strict=True)) for row in found}
        for row in rows.values():
            if isinstance(codes := row.get("backup_codes"), str):
                row["backup_codes"] = tuple(json.loads(codes))
        return rows

    def operation(self, entity: str, name: str, action: str, **more: Any) -> Operation:
        """An operation on the row that the tests call so."""
        return replace(Operation(entity, id_of(name), action, reason=REASON, ticket="TEST-1"), **more)

    def sheet(self, operation: Operation) -> Sheet:
        """What it would do."""
        return sheet(self.desk.session, operation, self.desk.who)

    def perform(self, operation: Operation, desk: Desk | None = None, *, alone: bool = False) -> Done:
        """Do it; ``alone`` breaks the glass for what takes two people."""
        return write.perform(desk or self.desk, replace(operation, break_glass=alone), ARMED)

    def events(self) -> list[dict[str, Any]]:
        """The console's own audit rows with their payloads read, by plain SQL."""
        rows = [dict(row) for row in self.rows("application_events").values()]
        for row in rows:
            row["payload"] = (
                row["payload"] if isinstance(row["payload"], dict) else json.loads(row["payload"])
            )
        return sorted(rows, key=lambda row: str(row["created_at"]))

    def close(self) -> None:
        """Go home."""
        self.desk.close()
        self.desk.session.close()
        self.hand.close()


class _Ids(dict[str, str]):
    """Each name of the world's text is its id as a SQL literal."""

    def __missing__(self, name: str) -> str:
        return f"'{id_of(name)}'"


def difference(
    before: Mapping[str, Rows], after: Mapping[str, Rows]
) -> dict[tuple[str, str], dict[str, Any]]:
    """By table and id, the columns that changed; a row that came is there whole. Nothing is ever deleted."""
    changed = {}
    for table, rows in after.items():
        assert set(before[table]) <= set(rows), f"{table} lost rows"
        for id_, row in rows.items():
            old = before[table].get(id_, {})
            if moved := {n: v for n, v in row.items() if n not in old or old[n] != v}:
                changed[table, id_] = moved
    return changed


def make(url: str, folder: Path, key: HeldKey = ANNA) -> Office:
    """The tables, a ledger, no rows; and somebody at the desk."""
    prepare(url)
    return settle(url, folder, key)


def settle(url: str, folder: Path, key: HeldKey = ANNA) -> Office:
    """A ledger beside the tables that are there; and somebody at the desk."""
    engine = make_engine(profile(url), read_only=False)
    runner.up(engine, MULTIPASS, "ledger", options={"signer": key})
    engine.dispose()
    hand = Hand(url)
    if hand.sqlite:
        hand.ask("PRAGMA synchronous = OFF")  # the furniture need not outlive a power cut
    return Office(url, hand, sit_down(url, folder, key))


def opened(engine: str, servers: Servers, folder: Path) -> Iterator[Office]:
    """An office on that engine, and its end."""
    lite = engine == "sqlite"
    url = f"sqlite:///{folder}/office.db" if lite else servers[engine].create()
    office = make(url, folder / "journal")
    yield office
    office.close()
    if not lite:
        servers[engine].drop(url)


def sit_down(url: str, folder: Path, key: HeldKey = ANNA, **settings: str) -> Desk:
    """Another desk in the same place."""
    session = connect(replace(profile(url), settings=settings))
    return open_desk(session, key, folder, {"address": "192.0.2.7"})
