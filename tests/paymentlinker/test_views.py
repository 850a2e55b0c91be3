"""Every view shows the rows that SQL written by hand finds, in its order."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from db import read
from db.model import Query, View
from db.registry import resolve
from db.session import Session
from tests.paymentlinker.conftest import LINKER, Linker
from tests.paymentlinker.plain import steady
from tests.paymentlinker.views import FINDINGS, FLEET, NEEDS_TWO, UNSEEDED, USE, VIEWS, by_hand


def shown(session: Session, path: str) -> list[str]:
    """The ids of a whole view."""
    entity, view = resolve(LINKER, path)
    assert isinstance(view, View)
    return [row.id for page in read.stream(session, Query(entity, view), size=17) for row in page.rows]


def test_every_view_has_its_rule_by_hand() -> None:
    assert {f"{entity.name}/{view.name}" for entity in LINKER.entities for view in entity.views} == set(VIEWS)


@pytest.mark.parametrize("path", VIEWS)
def test_a_view_shows_what_sql_by_hand_finds(varied: Linker, path: str) -> None:
    expected, found = steady(lambda: varied.hand.ids(by_hand(path)), lambda: shown(varied.session, path))
    assert found == expected


def test_every_view_has_rows_in_the_smallest_seed(linker: Linker) -> None:
    empty = {path for path in VIEWS if not shown(linker.session, path)}
    assert empty == set(UNSEEDED)


@pytest.mark.parametrize("name", ["review", "review-by-age"])
def test_the_queue_names_its_two_actions(name: str) -> None:
    _, view = resolve(LINKER, f"applications/{name}")
    assert isinstance(view, View)
    assert view.queue is not None
    assert (view.queue.v, view.queue.x, view.queue.since) == ("approve", "decline", "created_at")
    assert (view.queue.amount, view.queue.risk) == ("requested_limit", "risk_score")


def values(linker: Linker, path: str, *columns: str) -> dict[str, Sequence[Any]]:
    """Columns of a view by record id."""
    entity, view = resolve(LINKER, path)
    assert isinstance(view, View)
    pages = read.stream(linker.session, Query(entity, view, columns=columns))
    return {row.id: row.values for page in pages for row in page.rows}


def test_quotas_stand_beside_their_use(varied: Linker) -> None:
    found = values(varied, "tenants/all", "applications_used", "devices_used", "users_used")
    used = ", ".join(USE.values())
    assert found == varied.hand.by_id(f"SELECT id, {used} FROM tenants")
    assert sum(counts[1] for counts in found.values()) > 0


def test_a_device_is_as_well_as_its_worst_finding(varied: Linker) -> None:
    cases = " ".join(f"WHEN {rule} THEN '{name}'" for name, rule in FINDINGS.items())
    rule = f"CASE WHEN NOT ({FLEET}) THEN 'retired' {cases} ELSE 'well' END"
    expected, found = steady(
        lambda: varied.hand.by_id(f"SELECT id, {rule} FROM devices"),
        lambda: values(varied, "devices/all", "health"),
    )
    assert found == expected
    assert {state for (state,) in found.values()} == {*FINDINGS, "well", "retired"}


def test_what_needs_two_people_says_so(varied: Linker) -> None:
    found = values(varied, "applications/all", "two_people")
    rule = f"CASE WHEN {NEEDS_TWO} THEN 1 ELSE 0 END"
    by_id = varied.hand.by_id(f"SELECT id, {rule} FROM applications")
    assert {key: (int(value),) for key, (value,) in found.items()} == by_id
    assert {True, False} == {value for (value,) in found.values()}


def test_rows_name_their_tenant(varied: Linker) -> None:
    for table in ("applications", "devices", "users", "audit_logs"):
        found = values(varied, f"{table}/all", "tenant")
        joined = f"SELECT x.id, t.slug FROM {table} x LEFT JOIN tenants t ON t.id = x.tenant_id"
        assert found == varied.hand.by_id(joined)


def test_thresholds_are_settings(linker: Linker) -> None:
    strict = replace(
        linker.session,
        settings={
            "battery_percent": "50.5",
            "signal_dbm": "-80",
            "stuck_seconds": "60",
            "dual_risk_score": "600",
        },
    )
    fleet, live = FLEET, "deleted_at IS NULL"
    for path, where in {
        "devices/low-battery": f"{fleet} AND battery_level < #50.5# ORDER BY battery_level, id",
        "devices/weak-signal": f"{fleet} AND signal_strength < -80 ORDER BY signal_strength, id",
        "applications/high-risk": f"{live} AND risk_score >= 600 ORDER BY risk_score DESC, id DESC",
    }.items():
        table = path.partition("/")[0]
        assert shown(strict, path) == linker.hand.ids(f"SELECT id FROM {table} WHERE {where}")
        assert len(shown(strict, path)) > len(shown(linker.session, path))


def test_one_tenant_sees_its_own(linker: Linker) -> None:
    (tenant,) = linker.hand.ids("SELECT id FROM tenants WHERE slug = 'acme'")
    session = linker.session.for_tenant(tenant)
    assert shown(session, "tenants/all") == [tenant]
    for path in ("applications/review", "devices/all", "users/all", "audit_logs/all"):
        where, order = VIEWS[path]
        table, down = path.partition("/")[0], " DESC" * order.endswith(" DESC")
        own = f"SELECT id FROM {table} WHERE {where} AND tenant_id = '{tenant}' ORDER BY {order}, id{down}"
        assert 0 < len(shown(session, path)) < len(shown(linker.session, path))
        assert shown(session, path) == linker.hand.ids(own)


def test_amounts_keep_their_cents(linker: Linker) -> None:
    found = values(linker, "applications/all", "requested_limit", "confidence", "annual_income")
    columns = "units#requested_limit#, units#confidence#, units#annual_income#"
    expected = linker.hand.by_id(f"SELECT id, {columns} FROM applications")
    assert found == expected
    assert any(limit == Decimal("18250.00") for limit, _, _ in found.values())
