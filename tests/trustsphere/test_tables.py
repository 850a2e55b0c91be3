"""The tables: as migrated, as declared, as the document has them; up, down, previewed, stamped."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db.errors import Refused
from db.trustsphere.tables import CHECKS, metadata
from migrations import runner
from tests.conftest import engines_for
from tests.trustsphere.conftest import SYSTEM, asked, documents

ENGINES = engines_for("trustsphere")
REAL = [engine for engine in ENGINES if engine != "sqlite"]
COLUMNS = """SELECT table_name, column_name, column_type, is_nullable, lower(replace(column_default, '()', '')),
    lower(replace(replace(extra, 'DEFAULT_GENERATED', ''), '()', '')), collation_name
    FROM information_schema.columns WHERE table_schema = database() AND table_name NOT LIKE 'quaestor%%'
    ORDER BY table_name, ordinal_position"""
INDEXES = """SELECT table_name, index_name, non_unique, group_concat(column_name ORDER BY seq_in_index)
    FROM information_schema.statistics WHERE table_schema = database() AND table_name NOT LIKE 'quaestor%%'
    GROUP BY table_name, index_name, non_unique"""
REFERENCES = """SELECT k.table_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.delete_rule
    FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
    ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
    WHERE k.table_schema = database() ORDER BY 1, 2"""
REPEATED = {
    "idx_users_email",
    "idx_roles_name",
    "idx_accounts_account_number",
    "idx_transactions_reference",
    "idx_user_roles_user_id",
}
"""The document's indexes that a key makes superfluous."""


def empty(url: str) -> sa.Engine:
    return sa.create_engine(url, poolclass=NullPool)


def migrated(url: str) -> sa.Engine:
    engine = empty(url)
    runner.up(engine, SYSTEM, "system")
    return engine


@pytest.mark.parametrize("engine", REAL)
def test_the_migrated_tables_are_those_of_the_document(engine: str, fresh: Callable[[str], str]) -> None:
    ours, theirs = migrated(fresh(engine)), documents(fresh(engine), "documents.sql")
    assert asked(ours, COLUMNS) == asked(theirs, COLUMNS)
    assert asked(ours, REFERENCES) == asked(theirs, REFERENCES)
    wanted = {row for row in asked(theirs, INDEXES) if row[1] not in REPEATED}
    found = {
        (table, name.replace("_archive_", "_"), *rest) for table, name, *rest in asked(ours, INDEXES)
    }  # an archive's indexes are named after the archive
    assert found == wanted


@pytest.mark.parametrize("engine", ENGINES)
def test_the_migrated_tables_are_the_declared_ones(engine: str, fresh: Callable[[str], str]) -> None:
    inspector = sa.inspect(migrated(fresh(engine)))
    assert set(inspector.get_table_names()) == {*metadata.tables, "quaestor_version_system"}
    for name, table in metadata.tables.items():
        columns = inspector.get_columns(name)
        assert [(c["name"], c["nullable"]) for c in columns] == [(c.name, c.nullable) for c in table.columns]
        assert [bool(c["default"]) for c in columns if c["default"] != "NULL"] == [
            bool(c.server_default) for c in table.columns
        ]
        assert inspector.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key]
        assert {i["name"] for i in inspector.get_indexes(name) if not i["unique"]} == {
            i.name for i in table.indexes
        }
        keys = {(f["constrained_columns"][0], f["referred_table"]) for f in inspector.get_foreign_keys(name)}
        assert keys == {(f.parent.name, f.column.table.name) for f in table.foreign_keys}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_checks_of_the_document_hold(engine: str, fresh: Callable[[str], str]) -> None:
    made = migrated(fresh(engine))
    cents = 100 if engine == "sqlite" else 1
    account = "INSERT INTO accounts (id, account_number, user_id, account_type, {0}) VALUES ('a', '1', 'u', 'SAVINGS', {1})"
    with made.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (id, email, password_hash, full_name, password_expires_at) "
            "VALUES ('u', 'u', 'x', 'x', '2030-01-01 00:00:00')"
        )
        connection.exec_driver_sql(account.format("balance, overdraft_limit", f"-{5 * cents}, {5 * cents}"))
        connection.exec_driver_sql("DELETE FROM accounts")
    refused = (
        account.format("balance, overdraft_limit", f"-{6 * cents}, {5 * cents}"),
        account.format("interest_rate", "10001" if engine == "sqlite" else "1.0001"),
        account.format("interest_rate", "-1"),
        account.format("daily_transaction_limit", "0"),
        "INSERT INTO transactions (id, amount, type, reference_number) VALUES ('t', 0, 'DEPOSIT', 'r')",
    )
    for statement in refused:
        with made.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=r"chk_|CHECK"):
            connection.exec_driver_sql(statement)
    assert len(CHECKS) == 4


@pytest.mark.parametrize("engine", ENGINES)
def test_the_servers_defaults_fill_a_row(engine: str, fresh: Callable[[str], str]) -> None:
    made = migrated(fresh(engine))
    with made.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (id, email, password_hash, full_name, password_expires_at) "
            "VALUES ('u', 'u', 'x', 'x', '2030-01-01 00:00:00')"
        )
        connection.exec_driver_sql(
            "INSERT INTO accounts (id, account_number, user_id, account_type) VALUES ('a', '1', 'u', 'SAVINGS')"
        )
    table = metadata.tables["accounts"]
    with made.connect() as connection:
        row = connection.execute(sa.select(table)).one()
    assert (row.status, str(row.balance), str(row.daily_transaction_limit), row.version) == (
        "ACTIVE",
        "0.00",
        "10000.00",
        1,
    )
    assert row.created_at.tzinfo is not None
    assert row.updated_at == row.created_at


@pytest.mark.parametrize("engine", ENGINES)
def test_the_tables_go_as_they_came(engine: str, fresh: Callable[[str], str]) -> None:
    made = migrated(fresh(engine))
    assert asked(made, "SELECT version, description FROM schema_version") == [
        ("1.0.0", "Initial schema creation")
    ]
    runner.down(made, SYSTEM, "system", "base")
    assert set(sa.inspect(made).get_table_names()) == {"quaestor_version_system"}
    assert runner.up(made, SYSTEM, "system").pending == ()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_preview_shows_the_tables_and_makes_none(engine: str, fresh: Callable[[str], str]) -> None:
    made = empty(fresh(engine))
    if engine == "sqlite":
        made.connect().close()
    written = runner.preview(made, SYSTEM, "system")
    assert written.count("CREATE TABLE ") == len(metadata.tables) + 1
    assert "Initial schema creation" in written
    assert sa.inspect(made).get_table_names() == []


@pytest.mark.parametrize("engine", REAL)
def test_tables_of_others_are_stamped_and_left_alone(engine: str, fresh: Callable[[str], str]) -> None:
    theirs = documents(fresh(engine), "documents.sql")
    with pytest.raises(Refused, match="made by others"):
        runner.up(theirs, SYSTEM, "system")
    runner.stamp(theirs, SYSTEM)
    with pytest.raises(Refused, match="made by others"):
        runner.down(theirs, SYSTEM, "system", "base")
    assert set(metadata.tables) <= set(sa.inspect(theirs).get_table_names())
