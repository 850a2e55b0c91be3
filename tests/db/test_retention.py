"""The documents' rules of how long rows are kept, against rows on both sides of each."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from db import registry
from db.retention import RULES, look
from tests.timeline.line import Line, Source

NOW = datetime.now(UTC)
TENANT = {"tenant_id": str(uuid.UUID(int=1)), "event_category": "ACCESS", "service_name": "api"}


def ago(years: float) -> datetime:
    """So many years ago, and a few days more."""
    return NOW - timedelta(days=365.25 * years + 5)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """The four systems, empty."""
    made = Line()
    for name in registry.NAMES:
        made.open(name, f"sqlite:///{tmp_path}/{name}.db")
    yield made
    made.close()


def put(source: Source, table: str, **values: Any) -> None:
    """A row."""
    made = source.session.system.metadata.tables[table]
    with source.engine.begin() as connection:
        connection.execute(insert(made), [{"id": str(uuid.uuid4()), **values}])


def told(line: Line, system: str) -> list[str]:
    """What is said of each rule."""
    source = next(one for one in line.sources if one.session.system.name == system)
    return [str(kept) for kept in look(source.session)]


def fill(line: Line) -> None:
    """One row on the wrong side of each rule, and one on the right side."""
    bank, linker, pass_ = (line.sources[n] for n in range(3))
    for years in (0.5, 2, 8):
        row = {"action": "LOGIN", "resource_type": "USER", "version": 1, "timestamp": ago(years)}
        put(bank, "audit_logs", **row, created_at=ago(years))
        put(bank, "audit_logs_archive", **row, created_at=ago(years))
    for years, regulation, until in (
        (8, "GDPR", ago(1)),
        (8, "FCRA", ago(1)),
        (2, "GDPR", ago(1)),
        (2, "GDPR", None),
        (2, "GDPR", NOW + timedelta(days=900)),
        (2, None, None),
    ):
        put(linker, "audit_logs", **TENANT, event_type="LOGIN", regulation=regulation,
            event_timestamp=ago(years), retention_until=until)  # fmt: skip
    put(linker, "audit_logs", **TENANT, event_type="LOGIN", event_timestamp=NOW, deleted_at=NOW)
    for years, days in ((0, 1), (0, 30), (8, None), (1, None)):
        put(pass_, "audit_events", event_type="USER_LOGIN", retention_days=days, created_at=ago(years))


def test_each_rule_names_what_breaks_it_and_since_when(line: Line) -> None:
    fill(line)
    old = f"the oldest of {ago(8):%Y-%m-%d}."
    assert told(line, "trustsphere") == [
        f"After 1 year audit rows go into the archive. 2 still here, {old}",
        f"Audit rows are kept for 7 years. 1 older, {old}",
        f"So are those in the archive. 1 older, {old}",
        "After 2 years transactions go into the archive. None is older.",
    ]
    assert told(line, "paymentlinker") == [
        f"After 7 years, and when their own time is over, audit rows are deleted. 2 due, {old}",
        f"Rows under GDPR or FCRA name the end of their time. 1 without, the oldest of {ago(2):%Y-%m-%d}.",
        f"GDPR keeps rows for 7 years, FCRA for 10. 2 to be deleted sooner, {old}",
        f"Audit rows are never marked as deleted. 1 marked, the oldest of {NOW:%Y-%m-%d}.",
    ]
    assert told(line, "finpass") == [
        f"Events are kept for as many days as they say, or else for seven years. 2 older, {old}"
    ]
    assert told(line, "multipass") == []


def test_where_nothing_breaks_them_that_is_said(line: Line) -> None:
    for system, rules in RULES.items():
        assert told(line, system) == [f"{rule.words} {rule.held}" for rule in rules]


def test_what_cannot_be_looked_at_is_said(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    session = line.sources[0].session
    tables = {name: table for name, table in session.schema.tables.items() if name != "audit_logs_archive"}
    lacking = replace(session, schema=replace(session.schema, tables=tables))
    found = list(look(lacking))
    assert [kept.holds for kept in found] == [True, True, None, True]
    assert "audit_logs_archive" in str(found[2])
