"""A database that others made, and filled with what they liked: everything opens, nothing fails."""

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from sqlalchemy import Engine

from db import read, registry
from db.engine import connect
from db.errors import Refused
from db.model import Profile, Query, Raw
from db.schema import of
from db.session import Session
from migrations import runner
from tests.conftest import engines_for
from tests.trustsphere.conftest import documents, filled

REAL = [engine for engine in engines_for("trustsphere") if engine != "sqlite"]


@pytest.fixture(params=REAL)
def others(request: pytest.FixtureRequest, fresh: Callable[[str], str]) -> Iterator[tuple[Session, Engine]]:
    """The documents' tables with odd columns and rows; recognised without being told."""
    url = fresh(request.param)
    raw = documents(url, "documents.sql", "odd.sql")
    session = connect(Profile(name="others", url=url))
    yield session, raw
    session.close()


def test_it_is_recognised(others: tuple[Session, Engine]) -> None:
    assert others[0].system.name == "trustsphere"


def test_every_view_figure_record_and_link_opens(others: tuple[Session, Engine]) -> None:
    session, raw = others
    for entity in session.system.entities:
        for view in entity.views:
            query = Query(entity, view)
            forward = [row.id for page in read.stream(session, query, size=1) for row in page.rows]
            assert read.count(session, query).value == len(forward), (entity.name, view.name)
            assert [row.id for row in read.page(session, query, end=True).rows] == forward
        for figure in entity.figures:
            read.figure(session, entity, figure)
        with raw.connect() as connection:
            there = connection.exec_driver_sql(f"SELECT count(*) FROM {entity.table.name}").scalar()
        rows = read.page(session, Query(entity, entity.views[0])).rows
        assert len(rows) == there
        for row in rows:
            record = read.record(session, entity, row.id)
            for link in entity.links:
                if query_ := read.follow(session, record, link):
                    read.page(session, query_)


def test_unknown_words_and_values_are_shown_as_they_are(others: tuple[Session, Engine]) -> None:
    session, _ = others
    users, accounts, logs = (session.entity(name) for name in ("users", "accounts", "audit_logs"))
    assert read.record(session, users, "u2").value("status") == "PENDING_KYC"
    assert read.record(session, users, "u2").value("account_locked_until") == Raw("0000-00-00 00:00:00")
    assert read.record(session, users, "a%2Fb%20%252F%20%C3%BC").value("full_name") == "Key with a slash"
    assert read.record(session, accounts, "c1").value("status") == "DORMANT"
    assert str(read.record(session, accounts, "c1").value("balance")) == "9999999999999.99"
    assert read.record(session, logs, "l2").value("severity") == "CRITICAL"
    by_status = read.figure(session, accounts, next(f for f in accounts.figures if f.name == "by-status"))
    assert {row.values[0] for row in by_status.rows} == {None, "", "DORMANT"}


def test_a_booking_at_the_types_end_is_summed(others: tuple[Session, Engine]) -> None:
    session, _ = others
    accounts = session.entity("accounts")
    differences = next(figure for figure in accounts.figures if figure.name == "balance-differences")
    found = {row.values[0]: row.values[3] for row in read.figure(session, accounts, differences).rows}
    booked = (Decimal("9999999999999.99") * Decimal("9999.999999")).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    assert found["1"] == -(booked + Decimal("-9999999999999.99"))


def test_checks_are_refused_where_rows_break_them(others: tuple[Session, Engine]) -> None:
    _, raw = others
    with pytest.raises(Refused, match="break the check chk_account_balance"):
        runner.up(raw, registry.system("trustsphere"), "triggers")


@pytest.mark.parametrize("engine", engines_for("trustsphere"))
def test_a_poor_bank_works_and_says_what_it_lacks(engine: str, fresh: Callable[[str], str]) -> None:
    """The tables of the document alone, less two columns and the notifications."""
    bank = filled(engine, fresh(engine), 60)
    bank.session.close()
    bank.run(
        "DROP TABLE audit_logs_archive",
        "DROP TABLE transactions_archive",
        "DROP TABLE notifications",
        "DROP TABLE schema_version",
        "ALTER TABLE users DROP COLUMN password_expires_at",
        "ALTER TABLE transactions DROP COLUMN user_agent",
    )
    session = connect(Profile(name="poor", url=bank.url))
    lacking = {}
    for entity in session.system.entities:
        for view in entity.views:
            if sentence := read.available(session, entity, view):
                lacking[f"{entity.name}/{view.name}"] = sentence
            else:
                read.page(session, Query(entity, view))
        for figure in entity.figures:
            if sentence := read.available(session, entity, figure):
                lacking[f"{entity.name}/{figure.name}"] = sentence
            else:
                read.figure(session, entity, figure)
    session.close()
    gone = {"audit_logs_archive", "transactions_archive", "notifications", "schema_version"}
    assert {path for path in lacking if path.split("/")[0] not in gone} == {
        "users/password-expired",
        "users/password-expiring",
        "users/by-status",
        "accounts/balance-check",
        "accounts/balance-differences",
        "transactions/orphans",
    }
    assert "users.password_expires_at" in lacking["users/password-expired"]
    assert "transactions_archive" in lacking["accounts/balance-check"]


def test_odd_values_in_a_file_do_no_harm(fresh: Callable[[str], str]) -> None:
    """SQLite keeps any value in any column."""
    bank = filled("sqlite", fresh("sqlite"), 60)
    bank.run(
        "PRAGMA ignore_check_constraints = ON",
        "UPDATE accounts SET balance = 'NaN', status = 'DORMANT' WHERE status = 'FROZEN'",
        "UPDATE accounts SET balance = 12.5, interest_rate = 'x' WHERE status = 'CLOSED'",
        "UPDATE transactions SET timestamp = 'infinity', exchange_rate = 1e300 WHERE status = 'FAILED'",
        "UPDATE users SET last_login_at = '0000-00-00 00:00:00', account_locked_until = '' WHERE status = 'INACTIVE'",
        "UPDATE audit_logs SET timestamp = 17, details = x'00ff' WHERE severity = 'ERROR'",
    )
    for entity in bank.session.system.entities:
        for view in entity.views:
            for page in read.stream(bank.session, Query(entity, view), size=7):
                for row in page.rows[:3]:
                    read.record(bank.session, entity, row.id)
        for figure in entity.figures:
            read.figure(bank.session, entity, figure)
    bank.session.close()


def test_tables_that_differ_in_case_alone_are_not_mixed(others: tuple[Session, Engine]) -> None:
    session, raw = others
    with raw.begin() as connection:
        for number, name in enumerate(("Users", "üsers")):
            connection.exec_driver_sql(f"CREATE TABLE `{name}` (only_{number} INT)")
    again = of(session.engine)
    assert again.tables["Users"].columns == ("only_0",)
    assert again.tables["üsers"].columns == ("only_1",)
    assert again.tables["users"].columns == session.schema.tables["users"].columns
