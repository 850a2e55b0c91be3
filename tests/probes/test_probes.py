"""Every probe answers on every engine, or says which right or extension it lacks; no statement keeps its literals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.engine import connect
from db.model import Profile
from db.probes import Probe, ask, probes_of, tree
from db.probes.shape import shape
from db.session import Session
from tests.probes.conftest import until
from tests.write.bank import Bank


def test_each_answers_or_says_what_it_lacks(bank: Bank, engine: str) -> None:
    session = bank.session()
    for probe in probes_of(session):
        found = ask(session, probe)
        assert (
            found.rows
            or found.lacks
            or probe.name in ("transactions", "replication", "vacuum", "connections", "missing")
        ), probe
    server = ask(session, probes_of(session)[0]).records()[0]
    assert server["version"]
    if engine != "sqlite":
        assert 0 < server["connections"] < server["limit"]
        tables = {row["table"] for row in ask(session, by_name(session, "tables")).records()}
        assert "accounts" in tables


def by_name(session: Session, name: str) -> Probe:
    return next(probe for probe in probes_of(session) if probe.name == name)


def test_statements_are_told_without_their_literals(bank: Bank, engine: str) -> None:
    session = bank.session()
    if engine == "postgresql":
        bank.run("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    bank.scalar("SELECT count(*) FROM users WHERE email = 'canary@example.org' AND version > 424242")
    for probe in probes_of(session):
        found = ask(session, probe)
        assert "canary" not in repr(found.rows)
        assert "424242" not in repr(found.rows)
    if engine == "postgresql":
        assert ask(session, by_name(session, "statements")).rows


def test_a_role_without_rights_is_told_what_it_lacks(bank: Bank, engine: str) -> None:
    if engine == "sqlite":
        assert "SQLite" in tree(bank.session()).lacks
        return
    postgresql = engine == "postgresql"
    host = "" if postgresql else "@'%'"
    password = "PASSWORD" if postgresql else "IDENTIFIED BY"
    bank.run(
        f"CREATE {'ROLE' if postgresql else 'USER'} q_poor{host} {'LOGIN ' * postgresql}{password} 'poor'"
    )
    try:
        on = "ALL TABLES IN SCHEMA public" if postgresql else "*"
        bank.run(f"GRANT SELECT ON {on} TO q_poor{host}")
        url = bank.url.replace("postgres@", "q_poor:poor@").replace("root@", "q_poor:poor@")
        poor = connect(Profile("poor", url, "trustsphere"))
        lacks = {probe.name: ask(poor, probe).lacks for probe in probes_of(poor)}
        forest = tree(poor)
        poor.close()
    finally:
        if postgresql:
            bank.run("DROP OWNED BY q_poor")
        bank.run(f"DROP {'ROLE' if postgresql else 'USER'} q_poor{host}")
    assert ("pg_read_all_stats" if postgresql else "PROCESS") in lacks["connections"]
    assert ("pg_stat_statements" if postgresql else "performance_schema") in lacks["statements"]
    if not postgresql:
        assert "PROCESS" in forest.lacks


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("SELECT * FROM t1 WHERE a = 'x''y' AND b = -1.5e3", "SELECT * FROM t1 WHERE a = ? AND b = ?"),
        ("INSERT INTO t VALUES (1, 'a', 2)", "INSERT INTO t VALUES (?, …)"),
        ("ALTER ROLE r PASSWORD 'secret", "ALTER ROLE r PASSWORD ?"),
        ("SELECT $q$secret$q$ /* secret */ -- secret", "SELECT ?"),
        ("SELECT $1, c2 FROM x", "SELECT $1, c2 FROM x"),
        (None, ""),
    ],
)
def test_a_shape_has_no_literals(statement: str | None, told: str) -> None:
    assert shape(statement) == told


@given(st.text(alphabet="ab'\\\"$/*-# 1", max_size=40))
def test_a_text_in_quotes_never_gets_through(text_: str) -> None:
    quoted = "'" + text_.replace("\\", "\\\\").replace("'", "''") + "'"
    assert shape(f"SELECT {quoted} FROM t") == "SELECT ? FROM t"


def test_what_is_set_stands_beside_what_is_recommended(bank: Bank, engine: str) -> None:
    if engine == "sqlite":
        return
    session = bank.session()
    found = {row["setting"]: row for row in ask(session, by_name(session, "settings")).records()}
    if engine == "postgresql":
        assert (found["max_connections"]["set"], found["max_connections"]["recommended"]) == ("200", "200")
        assert found["max_connections"]["state"] == "as recommended"
        assert (found["fsync"]["set"], found["fsync"]["state"]) == ("off", "differs")
        assert (
            found["statement_timeout"]["set"] == "0ms"
        )  # the server's, not what this session has set for itself
    else:
        assert found["innodb_flush_log_at_trx_commit"]["recommended"] == "1"
        assert {row["state"] for row in found.values()} <= {"shown", "differs", "as recommended"}


def test_locks_are_asked_of_a_read_only_session(bank: Bank, engine: str) -> None:
    forest = tree(bank.session())
    assert forest.roots == ()
    assert bool(forest.lacks) is (engine == "sqlite")


def test_missing_indexes_are_told_with_what_they_serve(bank: Bank, engine: str) -> None:
    bank.run(
        f"DROP INDEX idx_transactions_timestamp{' ON transactions' if engine in ('mysql', 'mariadb') else ''}"
    )
    session = bank.session()
    found = ask(session, by_name(session, "missing"))
    told = {(row["table"], row["columns"]): row["serves"] for row in found.records()}
    assert "transactions/all" in told["transactions", "timestamp, id"]


def test_consoles_are_known_by_their_own_name(bank: Bank, engine: str) -> None:
    if engine == "sqlite":
        return
    session = bank.session()
    found = ask(session, by_name(session, "console"))
    if engine == "mariadb":  # its performance_schema is off where nobody asked for it
        assert "performance_schema" in found.lacks
    else:
        assert "this question" in {row["statement"] for row in found.records()}


def test_the_slow_log_is_told_without_literals_or_what_it_lacks(bank: Bank, engine: str) -> None:
    if engine not in ("mysql", "mariadb"):
        return
    session = bank.session()
    assert "log_output" in ask(session, by_name(session, "slow")).lacks
    bank.run("SET GLOBAL log_output = 'TABLE'")
    bank.run("SET GLOBAL slow_query_log = ON")
    bank.engine.dispose()  # MariaDB's sessions take the setting with them when they begin
    try:
        with bank.engine.connect() as connection:
            connection.exec_driver_sql("SET SESSION long_query_time = 0")
            connection.exec_driver_sql("SELECT 'canary', count(*) FROM users WHERE version > 424242")
            connection.exec_driver_sql("SET SESSION long_query_time = 10")
        found = ask(session, by_name(session, "slow"))
    finally:
        bank.run("SET GLOBAL slow_query_log = OFF")
        bank.run("SET GLOBAL log_output = 'FILE'")
    assert any("FROM users WHERE version > ?" in row["statement"] for row in found.records())
    assert "canary" not in repr(found.rows)


def test_a_table_says_when_its_vacuum_is_overdue(bank: Bank, engine: str) -> None:
    if engine != "postgresql":
        return
    bank.run("CREATE TABLE rotting (n int) WITH (autovacuum_enabled = off)")
    bank.run("INSERT INTO rotting SELECT generate_series(1, 1000)")
    bank.run("DELETE FROM rotting WHERE n > 100")
    session = bank.session()

    def states() -> dict[str, str]:
        found = ask(session, by_name(session, "tables")).records()
        return {row["table"]: row["vacuum state"] for row in found}

    until(lambda: states().get("rotting") == "overdue")
    assert states()["roles"] == "fine"
