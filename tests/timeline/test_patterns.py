"""Suspicious patterns: what each rule must find in every system, and what comes close and must not be found."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert

from db.timeline import Timeline, query
from db.timeline.patterns import PATTERNS
from tests.conftest import SYSTEM_ENGINES, engines_for
from tests.timeline.line import Line, Source
from tests.write.bank import id_of, user

NIGHT = datetime(2026, 2, 10, 23, 0, tzinfo=UTC)
NOON = datetime(2026, 2, 10, 12, 0, tzinfo=UTC)
CHOSEN = "2026-02-01..2026-02-28"
FAILED: dict[str, dict[str, Any]] = {
    "trustsphere": {"action": "LOGIN_FAILED", "resource_type": "USER", "resource_id": "olga"},
    "paymentlinker": {"event_type": "USER_SIGN_IN_FAILED", "user_id": "olga"},
    "finpass": {"event_type": "AUTHENTICATION_FAILED", "user_id_hash": "ab" * 32},
    "multipass": {"event_type": "auth.login_failed", "profile_id": "5f000000-0000-4000-8000-000000000001"},
}
BY: dict[str, dict[str, Any]] = {
    "trustsphere": {"actor_user_id": id_of("olga")},
    "paymentlinker": {"user_id": "olga"},
    "finpass": {"user_id_hash": "ab" * 32},
    "multipass": {"profile_id": "5f000000-0000-4000-8000-000000000001"},
}
CHANGED: dict[str, dict[str, Any]] = {
    "trustsphere": {"action": "ACCOUNT_FROZEN", "resource_type": "ACCOUNT"},
    "paymentlinker": {"event_type": "APPLICATION_APPROVED", "event_category": "REVIEW"},
    "finpass": {"event_type": "PROFILE_UPDATED", "new_values": "{}"},
    "multipass": {"event_type": "console.identity_profiles.suspend"},
}
ORDINARY: dict[str, dict[str, Any]] = {
    "trustsphere": {"action": "LOGIN", "resource_type": "USER"},
    "paymentlinker": {"event_type": "USER_SIGNED_IN"},
    "finpass": {"event_type": "USER_LOGIN"},
    "multipass": {"event_type": "auth.login"},
}


class Story:
    """Rows put one by one, and what the line finds of them."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.random = Random(1)
        self.number = 0

    def put(self, source: Source, at: datetime, **values: Any) -> str:
        """A row at a moment; its id in that source."""
        self.number += 1
        id_ = f"00000000-0000-4000-9000-{self.number:012}"
        times = {
            name: at for name in ("timestamp", "event_timestamp", "created_at") if name in source.table.c
        }
        made = {**source.make(self.random, at), "ip_address": None, **times, **values, "id": id_}
        with source.engine.begin() as connection:
            connection.execute(insert(source.table), [made])
        return id_

    def found(self, source: Source, pattern: str, chosen: str = CHOSEN) -> list[str]:
        """The ids that a pattern finds in one source, the newest first."""
        merged = self.line.timeline()
        asked = query(f"system={source.session.name} {chosen}", name=pattern)
        rows = [row.id.partition("/")[2] for page in merged.stream(asked, size=3) for row in page.rows]
        merged.close()
        return rows


def _someone(source: Source) -> None:
    """Whoever acts must be there, where foreign keys say so."""
    system = source.session.system
    with source.engine.begin() as connection:
        if system.name == "trustsphere":
            connection.execute(insert(system.metadata.tables["users"]), [user("olga")])
        if system.name == "multipass":
            profiles = system.metadata.tables["identity_profiles"]
            person = {"id": BY["multipass"]["profile_id"], "email": "olga@example.org"}
            more = {"display_name": "Olga", "status": "active", "risk_tier": "low"}
            connection.execute(insert(profiles), [{**person, **more, "created_at": NOON, "updated_at": NOON}])


@pytest.fixture(params=engines_for())
def story(request: pytest.FixtureRequest, fresh: Any) -> Iterator[Story]:
    """Every system that runs on the engine, empty."""
    line = Line()
    for name in ("trustsphere", "paymentlinker", "finpass", "multipass"):
        if request.param in SYSTEM_ENGINES[name]:
            _someone(line.open(name, fresh(request.param)))
    yield Story(line)
    line.close()


def test_the_fifth_failed_sign_in_within_fifteen_minutes(story: Story) -> None:
    for source in story.line.sources:
        name = source.session.system.name
        slow = [story.put(source, NOON + timedelta(minutes=6 * n), **FAILED[name]) for n in range(5)]
        fast = [story.put(source, NIGHT + timedelta(minutes=n), **FAILED[name]) for n in range(6)]
        assert story.found(source, "failed-sign-ins") == [fast[5], fast[4]]
        assert not set(story.found(source, "failed-sign-ins")) & set(slow)


def test_the_rows_before_the_time_that_is_chosen_count_as_well(story: Story) -> None:
    for source in story.line.sources:
        name = source.session.system.name
        fast = [story.put(source, NOON + timedelta(minutes=n), **FAILED[name]) for n in range(6)]
        chosen = f"{(NOON + timedelta(minutes=5)):%Y-%m-%dT%H:%M}..2026-02-28"
        assert story.found(source, "failed-sign-ins", chosen) == [fast[5]]


def test_an_impossible_interval_between_two_addresses(story: Story) -> None:
    for source in story.line.sources:
        who = BY[source.session.system.name] | ORDINARY[source.session.system.name]
        story.put(source, NOON, ip_address="192.0.2.1", **who)
        story.put(source, NOON + timedelta(minutes=1), ip_address="192.0.2.1", **who)
        jump = story.put(source, NOON + timedelta(minutes=2), ip_address="203.0.113.9", **who)
        story.put(source, NOON + timedelta(minutes=9), ip_address="192.0.2.1", **who)
        assert story.found(source, "two-places") == [jump]


def test_bulk_changes_at_night(story: Story) -> None:
    for source in story.line.sources:
        name = source.session.system.name
        who = BY[name] | CHANGED[name]
        night = [story.put(source, NIGHT + timedelta(seconds=30 * n), **who) for n in range(21)]
        for n in range(21):
            story.put(source, NOON + timedelta(seconds=30 * n), **who)
            story.put(source, NIGHT - timedelta(days=3) + timedelta(minutes=9 * n), **who)
        assert story.found(source, "night-changes") == [night[20], night[19]]


def test_reads_of_masked_fields_and_changes_of_rights(story: Story) -> None:
    masked = {
        "trustsphere": {"action": "STATEMENT_EXPORTED", "resource_type": "ACCOUNT"},
        "paymentlinker": {"event_type": "SSN_REVEALED"},
        "finpass": {"event_type": "DATA_EXPORTED"},
    }
    rights = {
        "trustsphere": {"action": "ROLE_GRANTED", "resource_type": "USER"},
        "paymentlinker": {"event_type": "USER_ROLE_CHANGED"},
        "finpass": {"event_type": "KEY_ROTATED"},
        "multipass": {"event_type": "console.multipass_credentials.lock"},
    }
    for source in story.line.sources:
        name = source.session.system.name
        story.put(source, NOON, **ORDINARY[name])
        read = [story.put(source, NOON, **masked[name])] if name in masked else []
        changed = story.put(source, NOON, **rights[name])
        assert story.found(source, "masked-reads") == read
        assert story.found(source, "rights") == [changed]


def test_without_a_time_that_is_chosen_it_is_the_last_day(story: Story) -> None:
    now = datetime.now(UTC)
    for source in story.line.sources:
        name = source.session.system.name
        if name == "multipass":
            continue
        rights = {
            "trustsphere": {"action": "ROLE_GRANTED"},
            "paymentlinker": {"event_type": "USER_ROLE_CHANGED"},
        }
        told = rights.get(name, {"event_type": "KEY_ROTATED"})
        story.put(source, now - timedelta(hours=25), **told)
        late = story.put(source, now - timedelta(hours=23), **told)
        assert story.found(source, "rights", "") == [late]


def test_entries_of_the_ledger_are_found_by_what_they_say(tmp_path: Any) -> None:
    line = Line()
    source = line.open("finpass", f"sqlite:///{tmp_path}/finpass.db", with_ledger=True)
    told: list[dict[str, Any]] = [
        {"action": "reveal-ssn"},
        {"action": "change-role"},
        {"action": "freeze", "break_glass": True},
        {"action": "set", "entity": "quaestor_policy"},
        {"action": "freeze"},
    ]
    for number, entry in enumerate(told):
        source.enter(number, **entry)
    merged = Timeline([source.session])
    rows = {
        name: [row.id.rpartition("/")[2] for row in merged.page(query(name=name)).rows]
        for name in ("masked-reads", "rights", "break-glass", "night-changes")
    }
    assert rows == {"masked-reads": ["2"], "rights": ["5", "3"], "break-glass": ["4"], "night-changes": []}
    merged.close()
    line.close()


def test_every_pattern_is_read_from_every_source_without_a_gap(story: Story) -> None:
    merged = story.line.timeline()
    for pattern in PATTERNS:
        page = merged.page(query(name=pattern.name))
        assert page.gaps == ()
        assert pattern.summary.endswith(".")
    merged.close()
