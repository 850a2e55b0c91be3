"""FinPass's two schema versions: made, widened with rows in place, narrowed again, and read at either."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db import read, registry
from db.engine import connect
from db.errors import Missing, Refused
from db.model import Profile, Query
from db.session import Session
from migrations import runner
from tests.conftest import Fresh, engines_for

ENGINES = engines_for("finpass")
SYSTEM = registry.system("finpass")
FIRST = {
    "users": {"id", "did", "created_at"},
    "credentials": {
        "id", "user_id", "issuer_id", "credential_type", "credential_jwt", "issued_at", "status",
    },
    "credential_status": {"credential_id", "status", "created_at", "updated_at"},
}  # fmt: skip
"""The first version, as the system's description has it."""
ANN, BEN = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
CARD, VISA = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
ROWS = (
    f"INSERT INTO users (id, did, created_at) VALUES ('{ANN}', 'did:key:ann', '2024-01-02 03:04:05.000006')",
    f"INSERT INTO users (id, did) VALUES ('{BEN}', 'did:key:ben')",
    "INSERT INTO credentials (id, user_id, issuer_id, credential_type, credential_jwt, issued_at, status) VALUES"
    f" ('{CARD}', '{ANN}', 'did:web:i', 'KycCredential', 'a.b.c', '2024-02-03 04:05:06.000007', 'REVOKED'),"
    f" ('{VISA}', '{ANN}', 'did:web:i', 'KycCredential', 'd.e.f', '2024-03-04 05:06:07.000008', 'VALID')",
    "INSERT INTO credential_status (credential_id, status, created_at, updated_at) VALUES"
    f" ('{VISA}', 'VALID', '2024-03-04 05:06:07.000008', '2024-03-05 05:06:07.000008')",
)


@pytest.fixture
def engine(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[sa.Engine]:
    """An empty database; foreign keys are enforced on SQLite too."""
    made = sa.create_engine(fresh(request.param), poolclass=NullPool)
    if request.param == "sqlite":
        sa.event.listen(made, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys = ON"))
    yield made
    made.dispose()


on_each = pytest.mark.parametrize("engine", ENGINES, indirect=True)


def ask(engine: sa.Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def write(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def first_version(engine: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row, by the columns of the first version."""
    return {
        table: ask(engine, f"SELECT {', '.join(sorted(columns))} FROM {table} ORDER BY 1, 2, 3")
        for table, columns in FIRST.items()
    }


def shape(engine: sa.Engine, table: str) -> dict[str, Any]:
    """What the database says of a table, apart from the order of its columns."""
    found = sa.inspect(engine)
    return {
        "columns": {
            column["name"]: (str(column["type"]), column["nullable"], column["default"])
            for column in found.get_columns(table)
        },
        "key": found.get_pk_constraint(table)["constrained_columns"],
        "foreign keys": [
            (key["constrained_columns"], key["referred_table"], key["referred_columns"], key["options"])
            for key in found.get_foreign_keys(table)
        ],
        "unique": sorted(key["column_names"] for key in found.get_unique_constraints(table)),
        "indexes": {
            index["name"]: index["column_names"]
            for index in found.get_indexes(table)
            if not index.get("duplicates_constraint")
        },
    }


@pytest.mark.parametrize("kind", ENGINES)
def test_the_migrated_tables_are_those_of_the_definition(kind: str, fresh: Fresh) -> None:
    migrated, defined = (sa.create_engine(fresh(kind), poolclass=NullPool) for _ in range(2))
    runner.up(migrated, SYSTEM, "system")
    SYSTEM.metadata.create_all(defined)
    for table in SYSTEM.metadata.tables:
        assert shape(migrated, table) == shape(defined, table)


@on_each
def test_the_first_version_has_its_three_tables(engine: sa.Engine) -> None:
    runner.up(engine, SYSTEM, "system", "0001")
    found = sa.inspect(engine)
    assert {name for name in found.get_table_names() if not name.startswith("quaestor_")} == set(FIRST)
    for table, columns in FIRST.items():
        assert {column["name"] for column in found.get_columns(table)} == columns


@on_each
def test_rows_outlive_the_way_up_and_down(engine: sa.Engine) -> None:
    runner.up(engine, SYSTEM, "system", "0001")
    narrow = {table: shape(engine, table) for table in FIRST}
    write(engine, *ROWS)
    before = first_version(engine)

    runner.up(engine, SYSTEM, "system")
    after = first_version(engine)
    assert after["users"] == before["users"]
    assert after["credentials"] == before["credentials"]
    assert set(before["credential_status"]) < set(after["credential_status"])
    assert ask(engine, "SELECT DISTINCT status, email FROM users") == [("ACTIVE", None)]
    assert ask(engine, "SELECT count(*) FROM credentials WHERE created_at <> issued_at") == [(0,)]
    agreeing = (
        "SELECT count(*) FROM credentials c JOIN credential_status s ON s.credential_id = c.id"
        " WHERE s.status = c.status"
    )
    assert ask(engine, agreeing) == [(2,)]

    write(
        engine,
        f"UPDATE users SET email = 'ann@example.org', status = 'SUSPENDED' WHERE id = '{ANN}'",
        "INSERT INTO payments (payer_did, payee_did, amount) VALUES ('did:key:ann', 'did:key:ben', 5)",
        "INSERT INTO audit_events (event_type) VALUES ('USER_LOGIN')",
    )
    runner.down(engine, SYSTEM, "system", "0001")
    assert first_version(engine) == after
    assert {table: shape(engine, table) for table in FIRST} == narrow
    assert not {"payments", "audit_events"} & set(sa.inspect(engine).get_table_names())

    runner.up(engine, SYSTEM, "system")
    assert first_version(engine) == after
    runner.down(engine, SYSTEM, "system", "base")
    assert [n for n in sa.inspect(engine).get_table_names() if not n.startswith("quaestor_")] == []


@on_each
def test_a_holder_still_takes_the_credentials_along(engine: sa.Engine) -> None:
    runner.up(engine, SYSTEM, "system", "0001")
    write(engine, *ROWS)
    runner.up(engine, SYSTEM, "system")
    write(engine, f"DELETE FROM users WHERE id = '{ANN}'")
    assert ask(engine, "SELECT count(*) FROM credentials") == [(0,)]
    assert ask(engine, "SELECT count(*) FROM credential_status") == [(0,)]


@on_each
def test_the_way_up_and_down_can_be_read_first(engine: sa.Engine) -> None:
    runner.up(engine, SYSTEM, "system", "0001")
    ahead = runner.preview(engine, SYSTEM, "system")
    assert "kyc_verified" in ahead
    assert "CREATE TABLE payments" in ahead
    runner.up(engine, SYSTEM, "system")
    assert "DROP TABLE payments" in runner.preview(engine, SYSTEM, "system", "0001", undo=True)


@pytest.fixture
def narrow(engine: sa.Engine) -> Iterator[Session]:
    """A database at the first version, opened."""
    runner.up(engine, SYSTEM, "system", "0001")
    write(engine, *ROWS)
    session = connect(Profile(name="old", url=engine.url.render_as_string()))
    yield session
    session.close()


@on_each
def test_a_database_at_the_first_version_is_listed(narrow: Session) -> None:
    assert narrow.system.name == "finpass"
    listed = {}
    for entity in map(narrow.entity, FIRST):
        for view in entity.views:
            if read.available(narrow, entity, view) is None:
                page = read.page(narrow, Query(entity, view))
                listed[f"{entity.name}/{view.name}"] = len(page.rows)
                assert {column.name for column in page.columns} <= FIRST[entity.name]
            else:
                with pytest.raises(Missing, match="which this database has not"):
                    read.page(narrow, Query(entity, view))
        for figure in entity.figures:
            if read.available(narrow, entity, figure) is None:
                listed[f"{entity.name}/{figure.name}"] = len(read.figure(narrow, entity, figure).rows)
    assert listed == {
        "users/all": 2, "users/recent": 2, "credentials/all": 2, "credentials/recent": 2, "credentials/suspended": 0,
        "credentials/revoked": 1, "credentials/by-status": 2, "credentials/issued-by-day": 0,
        "credential_status/all": 1, "credential_status/recent": 1, "credential_status/valid": 1,
        "credential_status/suspended": 0, "credential_status/revoked": 0, "credential_status/by-status": 1,
    }  # fmt: skip
    assert read.record(narrow, narrow.entity("users"), ANN).value("did") == "did:key:ann"


@on_each
def test_a_table_of_the_second_version_is_missed_in_a_sentence(narrow: Session) -> None:
    payments = narrow.entity("payments")
    with pytest.raises(Missing, match="payments is not in this database"):
        read.page(narrow, Query(payments, payments.views[0]))


@on_each
def test_a_database_of_others_is_left_alone(engine: sa.Engine) -> None:
    write(engine, "CREATE TABLE users (id TEXT PRIMARY KEY, did TEXT NOT NULL)")
    with pytest.raises(Refused, match="made by others"):
        runner.up(engine, SYSTEM, "system")
    assert sa.inspect(engine).get_table_names() == ["users"]


@on_each
def test_the_first_version_of_others_can_be_stamped(engine: sa.Engine) -> None:
    others = sa.MetaData()
    for name, columns in FIRST.items():
        sa.Table(name, others, *(sa.Column(column, sa.Text()) for column in columns))
    others.create_all(engine)
    with pytest.raises(Missing, match="payments"):
        runner.stamp(engine, SYSTEM, "system")
    assert runner.stamp(engine, SYSTEM, "system", "0001").current == "0001"
