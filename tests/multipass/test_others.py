"""Databases that others made: tables invented from the document's names, and our own with every odd value."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from db import read
from db.engine import connect, make_engine
from db.errors import Missing, Refused
from db.model import MASK, Entity, Figure, Profile, Query, Raw, View
from db.multipass.tables import metadata
from db.session import Session
from migrations import runner
from tests.conftest import Fresh, engines_for
from tests.multipass.conftest import MULTIPASS
from tests.multipass.invented import invent

SHOWN = {
    "identity_profiles": (
        "all pending active suspended closed recent without-kyc without-credential new-by-day"
    ),
    "kyc_verifications": "queue pending in-review all approved rejected expired",
    "attestations": "all active expiring overdue expired revoked unlimited",
    "wallet_accounts": "all active frozen closed frozen-with-orders closed-with-balance without-balance",
    "wallet_balances": "all locked largest negative",
    "wallet_transactions": "all pending stuck failed rejected recent large",
    "multipass_credentials": "all",
    "multipass_sessions": "live all expired revoked old expiring privileged of-inactive by-scope by-age",
    "application_modules": "all",
    "application_events": "all recent console without-profile",
    "asset_definitions": "all",
    "asset_balances": "all",
    "market_orders": "live all open partial filled cancelled rejected stale of-frozen by-status",
    "positions": "all",
    "trades": "all recent large volume",
    "notifications": "all recent",
    "report_definitions": "all",
    "generated_reports": (
        "failed all queued running stuck ready anchored unanchored without-profile by-status"
    ),
    "hardware_passes": (
        "all not-seen outdated-firmware issued active suspended lost revoked of-inactive "
        "by-status by-model by-firmware"
    ),
    "hardware_challenges": "",
}
"""By entity, the views and figures whose columns that person happened to invent as well."""


@pytest.fixture(params=engines_for("multipass"))
def url(request: pytest.FixtureRequest, fresh: Fresh) -> str:
    """The invented database, filled by others."""
    made = fresh(request.param)
    invent(made)
    return made


@pytest.fixture
def opened(url: str) -> Iterator[Session]:
    """The same, open; nobody says which system it is."""
    session = connect(Profile("others", url))
    yield session
    session.close()


def _parts(entity: Entity) -> list[View | Figure]:
    return [*entity.views, *entity.figures]


def test_it_is_recognised(opened: Session) -> None:
    assert opened.system.name == "multipass"


def test_what_can_be_shown_is_shown(opened: Session) -> None:
    available = {
        entity.name: " ".join(
            part.name for part in _parts(entity) if read.available(opened, entity, part) is None
        )
        for entity in opened.system.entities
    }
    assert available == SHOWN


def _walked(session: Session, entity: Entity) -> None:
    """Each view both ways, a row at a time, with its records; each figure."""
    for view in entity.views:
        if read.available(session, entity, view):
            with pytest.raises(Missing, match="has not"):
                read.page(session, Query(entity, view))
            continue
        query = Query(entity, view)
        forward = [row.id for page in read.stream(session, query, size=1) for row in page.rows]
        backward = [row.id for row in read.page(session, query, end=True, limit=500).rows]
        assert forward == backward, (entity.name, view.name)
        assert read.count(session, query).value == len(forward)
        for id_ in forward:
            read.record(session, entity, id_)
    for figure in entity.figures:
        if read.available(session, entity, figure):
            with pytest.raises(Missing, match="has not"):
                read.figure(session, entity, figure)
        else:
            read.figure(session, entity, figure)


def test_every_table_that_is_there_is_walked(opened: Session) -> None:
    for entity in opened.system.entities:
        if entity.name != "hardware_challenges":
            _walked(opened, entity)
            assert read.page(opened, Query(entity, entity.view("all") or entity.views[0])).rows


def test_a_missing_table_is_a_sentence(opened: Session) -> None:
    entity = opened.entity("challenges")
    with pytest.raises(Missing, match="The table hardware_challenges is not in this database"):
        read.page(opened, Query(entity, entity.views[0]))


def test_a_missing_column_is_named(opened: Session) -> None:
    entity = opened.entity("passes")
    view = entity.view("low-battery")
    assert view
    with pytest.raises(Missing, match=r"low-battery needs hardware_passes\.battery_level"):
        read.page(opened, Query(entity, view))


def test_values_that_nobody_expects_come_through(opened: Session) -> None:
    third = "00000000-0000-4000-8000-000000000003"
    record = read.record(opened, opened.entity("profiles"), third)
    assert record.value("status") == "on_hold"
    assert record.value("created_at") == Raw("infinity")
    assert isinstance(record.value("created_at"), Raw)
    statuses = {
        row.values[0]
        for row in read.page(
            opened,
            Query(opened.entity("tx"), opened.entity("tx").views[0], columns=("status",)),
        ).rows
    }
    assert statuses == {"pending", "reorged", None}


def test_secrets_stay_unread(opened: Session) -> None:
    entity = opened.entity("credentials")
    for row in read.page(opened, Query(entity, entity.views[0])).rows:
        record = read.record(opened, entity, row.id)
        assert record.value("password_hash") == MASK
        assert record.value("backup_codes") == MASK
        assert "secret-hash" not in str(record.values)


def test_the_tables_of_others_are_not_migrated(url: str) -> None:
    engine = make_engine(Profile("others", url), read_only=False)
    with pytest.raises(Refused, match="made by others"):
        runner.up(engine, MULTIPASS, "system")
    runner.up(engine, MULTIPASS, "triggers")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE wallet_accounts SET label = 'x'"))
        changed = connection.execute(sa.text("SELECT count(*) FROM wallet_accounts WHERE updated_at IS NULL"))
        assert changed.scalar_one() == 0
    engine.dispose()


# Our own tables, with everything in them that a table without rules can hold


ODD = {
    "postgresql": {
        "numeric": (
            "'NaN'",
            "'-99999999999999999999.999999999999999999'",
            "'99999999999999999999.999999999999999999'",
        ),
        "time": ("'infinity'", "'-infinity'", "'0044-03-15 12:00:00+00 BC'"),
        "text": ("''", "'no such value'", r"E'\x1b]52;c;AAAA\x07'"),
        "integer": ("-2147483648", "2147483647", "0"),
        "boolean": ("true", "false", "NULL"),
        "json": ("'null'", "'[1e400]'", "'\"text\"'"),
        "list": ("'{}'", "'{NULL}'", "'{\"\",a}'"),
        "address": ("'::1'", "'10.0.0.0/8'", "'255.255.255.255'"),
    },
    "sqlite": {
        "numeric": ("'a lot'", f"'!{'0' * 20}.{'0' * 18}'", f"'+{'9' * 20}.{'9' * 18}'"),
        "time": ("'yesterday'", "'0000-00-00 00:00:00'", "20251103"),
        "text": ("''", "'no such value'", "42"),
        "integer": ("'many'", "9223372036854775807", "0.5"),
        "boolean": ("7", "0", "NULL"),
        "json": ("'{\"a\": '", "'NaN'", "''"),
        "list": ("'no list'", "'[null]'", "'{}'"),
        "address": ("'localhost'", "''", "'10.0.0.0/8'"),
    },
}
WORDS = {
    "UUID": "id",
    "NUMERIC": "numeric",
    "TIMESTAMP": "time",
    "INTEGER": "integer",
    "BOOLEAN": "boolean",
    "JSONB": "json",
    "TEXT[]": "list",
    "INET": "address",
}


def _kind(column: sa.Column[object]) -> str:
    """What odd values a column of ours can hold."""
    type_ = column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call] # SQLAlchemy's dialects
    return next((kind for word, kind in WORDS.items() if type_.startswith(word)), "text")


def _odd(table: sa.Table, engine: str) -> Iterator[str]:
    """The table without a rule but its key, a row of NULLs, and three of odd values."""
    dialect = postgresql.dialect() if engine == "postgresql" else sqlite.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy leaves it untyped
    columns = [
        f"{c.name} {re.sub(r'VARCHAR.*|NUMERIC.*', _bare, c.type.compile(dialect=dialect))}"
        for c in table.columns
    ]
    yield f"CREATE TABLE {table.name} ({', '.join(columns)}, unheard_of TEXT, PRIMARY KEY (id))"
    for n in range(4):
        key = f"'00000000-0000-4000-8000-00000000000{n}'"
        values = [
            key
            if column.name == "id"
            else "NULL"
            if n == 0
            else key
            if _kind(column) == "id"
            else ODD[engine][_kind(column)][n - 1]
            for column in table.columns
        ]
        yield f"INSERT INTO {table.name} VALUES ({', '.join(values)}, 'x')"


def _bare(match: re.Match[str]) -> str:
    """No length, no precision; on SQLite, amounts are text."""
    return "TEXT" if match[0].startswith("VARCHAR") else "NUMERIC"


@pytest.mark.parametrize("engine", engines_for("multipass"))
def test_every_odd_value_is_walked(engine: str, fresh: Fresh) -> None:
    url = fresh(engine)
    script = ";\n".join(line for table in metadata.sorted_tables for line in _odd(table, engine))
    if engine == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.executescript(script)
    else:
        with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
            connection.execute(script.encode())
    with closing(connect(Profile("others", url))) as session:
        for entity in session.system.entities:
            for part in _parts(entity):
                assert read.available(session, entity, part) is None
            _walked(session, entity)
            for row in read.page(session, Query(entity, entity.view("all") or entity.views[0])).rows:
                record = read.record(session, entity, row.id)
                for link in entity.links:
                    query = read.follow(session, record, link)
                    if query is not None:
                        read.page(session, query)
