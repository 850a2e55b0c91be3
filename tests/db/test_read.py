"""The reader on every engine: pages by keyset, filters, counts, cursors, masks."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, delete, text

from db import read
from db.errors import Missing, TooSlow, Usage
from db.filters import parse
from db.model import MASK, Counted, Page, Query, Row
from db.run import execute
from db.session import Session
from tests.conftest import Fresh, engines_for
from tests.db.sample import PARTS, THINGS, fill, make, open_sample, parts, rows, things

ORDERS = [view.name for view in THINGS.views if view.name not in ("all", "recent")]


@pytest.fixture(params=engines_for())
def sample(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[tuple[Engine, Session]]:
    """Engine and session of a filled sample."""
    url = fresh(request.param)
    writer = make(url)
    with writer.connect() as connection:
        fill(connection, rows(Random(7), 300))
    session = open_sample(url)
    yield writer, session
    session.close()
    writer.dispose()


def walk(session: Session, query: Query, limit: int, forward: bool = True) -> Iterator[Page]:
    """Every page from one end to the other."""
    page = read.page(session, query, limit=limit, end=not forward)
    while True:
        yield page
        if not (page.more_after if forward else page.more_before):
            return
        if forward:
            page = read.page(session, query, after=page.rows[-1].position, limit=limit)
        else:
            page = read.page(session, query, before=page.rows[0].position, limit=limit)


def by_hand(writer: Engine, order: str) -> list[str]:
    """The ids in the order that the engine itself gives."""
    name, direction = order.lstrip("-"), "DESC" if order.startswith("-") else "ASC"
    with writer.connect() as connection:
        found = connection.execute(
            text(f"SELECT id FROM things ORDER BY {name} {direction}, id {direction}")
        ).all()
    return [str(row[0]) for row in found]


def test_pages_give_every_row_once_in_the_engines_order(sample: tuple[Engine, Session]) -> None:
    writer, session = sample
    for order in ORDERS:
        view = THINGS.view(order)
        assert view is not None
        expected = by_hand(writer, order)
        for forward in (True, False):
            pages = list(walk(session, Query(THINGS, view), 37, forward))
            if not forward:
                pages.reverse()
            assert [row.id for page in pages for row in page.rows] == expected, (order, forward)


def test_a_page_turns_back_to_the_one_before(sample: tuple[Engine, Session]) -> None:
    _, session = sample
    query = Query(THINGS, THINGS.views[0])
    first = read.page(session, query, limit=40)
    second = read.page(session, query, after=first.rows[-1].position, limit=40)
    back = read.page(session, query, before=second.rows[0].position, limit=40)
    assert [row.id for row in back.rows] == [row.id for row in first.rows]
    assert (first.more_before, first.more_after, second.more_before) == (False, True, True)
    assert read.decode(read.encode(second.rows[0].position)) == second.rows[0].position


def test_masked_values_are_not_read(sample: tuple[Engine, Session]) -> None:
    _, session = sample
    page = read.page(session, Query(THINGS, THINGS.views[0]))
    place = [column.name for column in page.columns].index("secret")
    assert {row.values[place] for row in page.rows} == {MASK}
    record = read.record(session, THINGS, page.rows[0].id)
    assert record.value("secret") == MASK
    with pytest.raises(Usage, match="masked"):
        parse(THINGS, "secret=canary")


CASES: list[tuple[str, str]] = [
    ("level=3", "level = 3"),
    ("level=3,5", "level IN (3, 5)"),
    ("level!=3", "(level <> 3 OR level IS NULL)"),
    ("level=2..4", "level BETWEEN 2 AND 4"),
    ("level>=10", "level >= 10"),
    ("level=", "level IS NULL"),
    ("level!=", "level IS NOT NULL"),
    ("name=bob", "name = 'bob'"),
    ("at=2026-03-01", "at >= '2026-03-01 00:00:00' AND at < '2026-03-02 00:00:00'"),
    ("at>=2026-03-01T06:00+01:00", "at >= '2026-03-01 05:00:00'"),
    ("at=..2026-02-28", "at < '2026-03-01 00:00:00'"),
]


@pytest.mark.parametrize(("typed", "sql"), CASES)
def test_filters_mean_what_they_say(sample: tuple[Engine, Session], typed: str, sql: str) -> None:
    writer, session = sample
    filters, search = parse(THINGS, typed)
    assert search == ""
    found = {
        row.id for page in walk(session, Query(THINGS, THINGS.views[0], filters), 100) for row in page.rows
    }
    with writer.connect() as connection:
        expected = {str(row[0]) for row in connection.execute(text(f"SELECT id FROM things WHERE {sql}"))}
    assert found == expected
    assert expected
    count = read.count(session, Query(THINGS, THINGS.views[0], filters))
    assert (count.value, count.how) == (len(expected), Counted.EXACT)


def test_a_prefix_and_a_search_find_texts(sample: tuple[Engine, Session]) -> None:
    _, session = sample
    filters, _ = parse(THINGS, "name~bo")
    assert {row.values[0] for row in read.page(session, Query(THINGS, THINGS.views[0], filters)).rows} == {
        "bob"
    }
    query = Query(THINGS, THINGS.views[0], search="bob")
    assert {row.values[0] for row in read.page(session, query).rows} == {"bob"}
    first = read.page(session, Query(THINGS, THINGS.views[0])).rows[0]
    assert [row.id for row in read.page(session, Query(THINGS, THINGS.views[0], search=first.id)).rows] == [
        first.id
    ]


def test_a_composite_key_is_one_text(sample: tuple[Engine, Session]) -> None:
    writer, session = sample
    thing = read.page(session, Query(THINGS, THINGS.views[0])).rows[0].id
    with writer.begin() as connection:
        connection.execute(
            parts.insert(), [{"thing_id": thing, "number": n, "note": "same"} for n in range(7)]
        )
    pages = list(walk(session, Query(PARTS, PARTS.views[0]), 3))
    assert [row.id for page in pages for row in page.rows] == [f"{thing}/{n}" for n in range(7)]
    assert read.record(session, PARTS, f"{thing}/4").value("number") == 4
    with pytest.raises(Usage, match="2 parts"):
        read.record(session, PARTS, thing)


def test_a_vanished_record_is_a_sentence(sample: tuple[Engine, Session]) -> None:
    writer, session = sample
    gone = read.page(session, Query(THINGS, THINGS.views[0])).rows[0].id
    with writer.begin() as connection:
        connection.execute(delete(things).where(things.c.id == gone))
    with pytest.raises(Missing, match="may have been deleted"):
        read.record(session, THINGS, gone)


def test_rows_that_come_and_go_disturb_no_other(sample: tuple[Engine, Session]) -> None:
    writer, session = sample
    random = Random(11)
    for order in ("-at", "level", "-quantity"):
        view = THINGS.view(order)
        assert view is not None
        before = by_hand(writer, order)
        doomed, seen = set(random.sample(before, 40)), list[Row]()
        for page in walk(session, Query(THINGS, view), 23):
            seen += page.rows
            with writer.begin() as connection:
                connection.execute(things.insert(), rows(random, 5))
                for _ in range(min(4, len(doomed))):
                    connection.execute(delete(things).where(things.c.id == doomed.pop()))
        ids = [row.id for row in seen]
        throughout = [id_ for id_ in before if id_ in set(by_hand(writer, order))]
        assert [id_ for id_ in ids if id_ in set(throughout)] == throughout
        assert len(ids) == len(set(ids))


def test_cursors_that_are_not_ours_are_refused(sample: tuple[Engine, Session]) -> None:
    _, session = sample
    for cursor in ("x", "eyJ9", read.encode(("a", "b", "c", "d"))):
        with pytest.raises(Usage, match="cursor"):
            read.page(session, Query(THINGS, THINGS.views[0]), after=read.decode(cursor))


def test_a_statement_that_takes_too_long_is_stopped(sample: tuple[Engine, Session]) -> None:
    _, session = sample
    hasty = replace(session, profile=replace(session.profile, statement_timeout=0.3))
    if session.server.dialect in ("mysql", "mariadb"):
        hasty.engine.dispose()
        hasty = open_sample(session.profile.url, statement_timeout=0.3)
    with pytest.raises(TooSlow, match="longer than"):
        execute(hasty, _endless(session), {}, None)
    assert read.page(session, Query(THINGS, THINGS.views[0])).rows
    if hasty.engine is not session.engine:
        hasty.close()


def _endless(session: Session) -> Any:
    """A statement that reads for minutes."""
    return text(
        "SELECT count(*) FROM things a, things b, things c, things d WHERE a.level + b.level + c.level > d.level"
    )
