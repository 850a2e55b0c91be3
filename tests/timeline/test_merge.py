"""Merging sources: every row once, in order, both ways, whatever is inserted meanwhile; filters; gaps."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from db.engine import make_engine
from db.errors import QuaestorError, Usage
from db.model import Profile, Query, Row
from db.own import ledger
from db.timeline import TIMELINE, Follow, Timeline, query
from tests.conftest import SYSTEM_ENGINES, engines_for
from tests.timeline.line import NOW, Line, Source

ALL = query()


@pytest.fixture(scope="module", params=engines_for())
def line(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Every system, on the engine if that serves it, else on SQLite; two of them have ledgers."""
    engine, made, urls = request.param, Line(), []
    for name in ("trustsphere", "paymentlinker", "finpass", "multipass"):
        own = engine if engine in SYSTEM_ENGINES[name] else "sqlite"
        url = f"sqlite:///{tmp_path_factory.mktemp('line')}/{name}.db"
        if own != "sqlite":
            url = request.getfixturevalue("servers")[own].create()
            urls.append((own, url))
        made.open(name, url, with_ledger=name in ("trustsphere", "finpass"))
    random = Random(7)
    for source in made.sources:
        source.add(random, 60)
    for number in range(9):
        made.sources[number % 2 * 2].enter(number)
    yield made
    made.close()
    for own, url in urls:
        request.getfixturevalue("servers")[own].drop(url)


def walk(line: Timeline, wanted: Query, random: Random, *, back: bool = False) -> list[Row]:
    """All rows by pages of random sizes."""
    found: list[Row] = []
    place: dict[str, Any] = {"end": True} if back else {}
    while True:
        page = line.page(wanted, limit=random.randrange(1, 60), **place)
        assert not page.gaps
        found = [*page.rows, *found] if back else [*found, *page.rows]
        if not (page.more_before if back else page.more_after):
            return found
        place = {"before": found[0].position} if back else {"after": found[-1].position}


def counted(source: Source) -> int:
    """How many rows its audit table and its ledger hold."""
    with source.engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(source.table)).scalar_one()
        if "quaestor_ledger" in source.session.schema:
            found += connection.execute(select(func.count()).select_from(ledger)).scalar_one()
    return int(found)


def times(rows: list[Row]) -> list[datetime]:
    """The rows' times; those without one come as the oldest of all."""
    low = NOW - timedelta(days=9999)
    return [row.values[0] or low for row in rows]


@pytest.mark.parametrize("oldest_first", [False, True], ids=["newest", "oldest"])
def test_every_row_comes_once_in_order_from_both_ends(line: Line, oldest_first: bool) -> None:
    random, wanted = Random(3), query(oldest_first=oldest_first)
    merged = line.timeline()
    there = walk(merged, wanted, random)
    assert len(there) == len({row.id for row in there}) == sum(counted(source) for source in line.sources)
    assert times(there) == sorted(times(there), reverse=not oldest_first)
    assert [row.id for row in walk(merged, wanted, random, back=True)] == [row.id for row in there]
    merged.close()


def test_both_orders_are_each_others_reverse(line: Line) -> None:
    merged = line.timeline()
    newest = [row.id for page in merged.stream(ALL, size=17) for row in page.rows]
    oldest = [row.id for page in merged.stream(query(oldest_first=True), size=23) for row in page.rows]
    assert oldest == newest[::-1]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("back", [False, True], ids=["forward", "back"])
def test_what_was_there_comes_once_in_order_whatever_is_inserted(line: Line, seed: int, back: bool) -> None:
    random, merged = Random(10 + seed * 2 + back), line.timeline()
    before = [row.id for row in walk(merged, ALL, random)]
    found: list[Row] = []
    place: dict[str, Any] = {"end": True} if back else {}
    while True:
        page = merged.page(ALL, limit=random.randrange(20, 90), **place)
        found = [*page.rows, *found] if back else [*found, *page.rows]
        random.choice(line.sources).add(random, 3)
        line.sources[0].enter(10 + len(found) * 8 + seed * 2 + back)
        if not (page.more_before if back else page.more_after) or len(found) > 2000:
            break
        place = {"before": found[0].position} if back else {"after": found[-1].position}
    ids = [row.id for row in found]
    assert len(set(ids)) == len(ids)
    assert [id_ for id_ in ids if id_ in set(before)] == before
    assert times(found) == sorted(times(found), reverse=True)


def test_rows_that_come_while_pages_are_read_change_nothing_of_what_was_there(line: Line) -> None:
    """Writers in threads of their own commit while each page is read."""
    merged, stop, leave = line.timeline(), threading.Event(), threading.Semaphore(0)
    before = [row.id for page in merged.stream(ALL) for row in page.rows]

    def write(seed: int) -> None:
        random = Random(seed)
        while leave.acquire() and not stop.is_set():
            line.sources[1 + seed % 3].add(random, 2)

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, 100 + n) for n in range(3)]
        found: list[Row] = []
        place: dict[str, Any] = {}
        try:
            while True:
                leave.release(3)
                page = merged.page(ALL, limit=40, **place)
                assert not page.gaps
                found += page.rows
                if not page.more_after or found[-1].id == before[-1]:
                    break
                place = {"after": found[-1].position}
        finally:
            stop.set()
            leave.release(3)
        for writer in writers:
            writer.result()
    ids = [row.id for row in found]
    assert len(set(ids)) == len(ids)
    assert [id_ for id_ in ids if id_ in set(before)] == before
    assert times(found) == sorted(times(found), reverse=True)
    merged.close()


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("system=finpass", lambda row: row["system"] == "finpass"),
        ("system!=finpass", lambda row: row["system"] != "finpass"),
        ("severity=ERROR,CRITICAL", lambda row: row["severity"] in ("ERROR", "CRITICAL")),
        ("severity=info", lambda row: row["severity"] == "INFO"),
        ("actor=user-1", lambda row: row["actor"] == "user-1"),
        ("actor=Anna", lambda row: row["actor"] == "Anna"),
        ("action=LOGIN", lambda row: row["action"] == "LOGIN"),
        ("record=account-3", lambda row: row["record"] == "account-3"),
        ("kind=application", lambda row: row["kind"] == "application"),
        ("outcome=FAILURE", lambda row: row["outcome"] == "FAILURE"),
        ("address=", lambda row: row["address"] is None),
        ("source=quaestor_ledger", lambda row: row["source"] == "quaestor_ledger"),
        ("time>=2026-03-01T11:59:55", lambda row: row["time"] and row["time"] >= NOW - timedelta(seconds=5)),
        ("2026-03-01..2026-03-01", lambda row: row["time"] and row["time"].date() == NOW.date()),
        ("..2026-03-01T11:59:50", lambda row: row["time"] and row["time"] <= NOW - timedelta(seconds=10)),
        ("2099-01-01..", lambda row: False),
    ],
)
def test_a_filter_means_the_same_in_every_source(line: Line, typed: str, fits: Any) -> None:
    merged = line.timeline()
    names = tuple(c.name for c in TIMELINE.columns)
    everything = [
        dict(zip(names, row.values, strict=True))
        for page in merged.stream(Query(TIMELINE, TIMELINE.views[0], columns=names))
        for row in page.rows
    ]
    found = [row.id for page in merged.stream(query(typed)) for row in page.rows]
    assert found == [row["id"] for row in everything if fits(row)]


def test_a_person_is_found_by_the_hash_of_the_did_and_that_is_said(line: Line) -> None:
    did = "did:key:z6MkTest"
    finpass = line.sources[2]
    row = {"id": "00000000-0000-4000-8000-000000000001", "event_type": "USER_LOGIN", "created_at": NOW}
    with finpass.engine.begin() as connection:
        hashed = hashlib.sha256(did.encode()).hexdigest()
        connection.execute(insert(finpass.table), [{**row, "user_id_hash": hashed}])
    page = line.timeline().page(query(f"subject={did}"))
    assert [row.values[5] for row in page.rows] == ["USER_LOGIN"]
    assert "by its SHA-256" in page.notes[0]
    assert [row.id for row in line.timeline().page(query(did)).rows] == [page.rows[0].id]


def test_a_source_that_is_gone_is_a_gap_and_the_rest_goes_on(line: Line) -> None:
    whole = [row.id for page in line.timeline().stream(ALL) for row in page.rows]
    sessions = [source.session for source in line.sources]
    sessions[2] = replace(sessions[2], engine=make_engine(Profile("finpass", "sqlite:////nowhere/at/all.db")))
    merged = Timeline(sessions)
    page = merged.page(ALL, limit=5000)
    assert [gap.source for gap in page.gaps] == [
        "finpass:audit_events",
        "finpass:quaestor_ledger",
    ]
    assert [row.id for row in page.rows] == [id_ for id_ in whole if not id_.startswith("finpass:")]
    with pytest.raises(QuaestorError):
        merged.page(ALL, whole=True)


def test_the_order_is_uncertain_within_the_clocks_difference(line: Line) -> None:
    names = ("time", "system", "order")
    wanted = Query(TIMELINE, TIMELINE.views[0], columns=names)
    exact = line.timeline().page(wanted, limit=200)
    assert {row.values[2] for row in exact.rows} == {""}
    apart = line.timeline(clocks={"finpass": 3.0}).page(wanted, limit=200)
    marked = {row.values[1] for row in apart.rows if row.values[2]}
    assert "finpass" in marked
    assert len(marked) > 1


def test_the_record_behind_a_row_is_read_whole(line: Line) -> None:
    merged = line.timeline()
    row = next(r for r in merged.page(query("system=paymentlinker")).rows)
    record = merged.behind(row.id)
    assert record.entity.name == "audit_logs"
    assert record.value("service_name") == "api"
    with pytest.raises(Usage):
        merged.behind("elsewhere:audit/1")


def test_a_cursor_of_another_list_is_told(line: Line) -> None:
    with pytest.raises(Usage):
        line.timeline().page(ALL, after=("2026", "nowhere", 1, 2))


def test_following_tells_each_row_once(line: Line) -> None:
    finpass = line.sources[2]
    follow = Follow(line.timeline(), query("system=finpass action=USER_LOGOUT"))
    assert follow.look() == []
    for number in range(3):
        with finpass.engine.begin() as connection:
            row = {"id": f"00000000-0000-4000-8000-00000000001{number}", "event_type": "USER_LOGOUT"}
            connection.execute(insert(finpass.table), [{**row, "created_at": datetime.now(NOW.tzinfo)}])
        (found,) = follow.look()
        assert found.id.endswith(f"/{row['id']}")
        assert follow.look() == []


def test_times_are_read_in_the_zone_that_was_chosen() -> None:
    zone = timezone(timedelta(hours=2))
    (one,) = query("time=2026-03-01", zone=zone).filters
    assert (one.value, one.high[:26]) == ("2026-02-28T22:00:00+00:00", "2026-03-01T21:59:59.999999")
    (one,) = query("2026-03-01T14:00..2026-03-01T15:00+00:00", zone=zone).filters
    assert (one.value, one.high) == ("2026-03-01T12:00:00+00:00", "2026-03-01T15:00+00:00")
