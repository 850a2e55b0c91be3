"""Paging under change, and what a page costs deep in a large table."""

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, text

from db import read
from db.model import Query, Row
from db.session import Session
from tests.conftest import Fresh, engines_for
from tests.db.sample import THINGS, fill, make, open_sample, rows, things

COUNT = 10_000
SQL_ORDERS = ("at", "-at", "zoned", "-price", "quantity", "-level", "level", "name", "-id")


@pytest.fixture(scope="module", params=engines_for())
def many(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Session]]:
    """Ten thousand rows with few distinct order keys, one in five missing."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('paging')}/many.db"
    else:
        url = request.getfixturevalue("servers")[request.param].create()
    writer = make(url)
    with writer.connect() as connection:
        fill(connection, rows(Random(3), COUNT))
    session = open_sample(url)
    yield writer, session
    session.close()
    writer.dispose()
    if request.param != "sqlite":
        request.getfixturevalue("servers")[request.param].drop(url)


def ordered(writer: Engine, order: str) -> list[str]:
    """The ids as the engine itself orders them."""
    name, direction = order.lstrip("-"), "DESC" if order.startswith("-") else "ASC"
    with writer.connect() as connection:
        return [
            str(row[0])
            for row in connection.execute(
                text(f"SELECT id FROM things ORDER BY {name} {direction}, id {direction}")
            )
        ]


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    order=st.sampled_from(SQL_ORDERS),
    limit=st.sampled_from([83, 250, 1000]),
    forward=st.booleans(),
)
def test_a_walk_sees_every_row_that_stays_once_and_in_order(
    many: tuple[Engine, Session], seed: int, order: str, limit: int, forward: bool
) -> None:
    writer, session = many
    random = Random(seed)
    view = THINGS.view(order)
    assert view is not None
    before = ordered(writer, order)
    assert len(before) >= COUNT
    doomed = random.sample(before, 300)
    added: list[str] = []
    seen: list[Row] = []
    query = Query(THINGS, view)
    page = read.page(session, query, limit=limit, end=not forward)
    while True:
        seen += page.rows if forward else reversed(page.rows)
        with writer.begin() as connection:
            fresh = rows(random, 6)
            added += [row["id"] for row in fresh]
            connection.execute(things.insert(), fresh)
            connection.execute(
                delete(things).where(things.c.id.in_([doomed.pop() for _ in range(6) if doomed]))
            )
        if not (page.more_after if forward else page.more_before):
            break
        edge = page.rows[-1 if forward else 0].position
        page = (
            read.page(session, query, after=edge, limit=limit)
            if forward
            else read.page(session, query, before=edge, limit=limit)
        )
    stayed = set(ordered(writer, order)) - set(added)
    throughout = [id_ for id_ in (before if forward else reversed(before)) if id_ in stayed]
    met = [row.id for row in seen]
    assert len(met) == len(set(met))
    assert [id_ for id_ in met if id_ in stayed] == throughout
    with writer.begin() as connection:  # as many as before, for the next example
        connection.execute(things.insert(), rows(random, 300 - len(doomed)))
        connection.execute(delete(things).where(things.c.id.in_(added)))


MILLION = 1_000_000

_FILL = {
    "postgresql": "INSERT INTO things (id, at) SELECT md5(n::text)::uuid, timestamp '2026-01-01' - n / 3 * interval '1 second'"
    f" FROM generate_series(1, {MILLION}) n",
    "mysql": "INSERT INTO things (id, at) WITH d (n) AS (SELECT 0 UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4"
    " UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9), s (n) AS (SELECT a.n + b.n * 10 + c.n * 100"
    " + d.n * 1000 + e.n * 10000 + f.n * 100000 FROM d a, d b, d c, d, d e, d f)"
    " SELECT insert(insert(insert(insert(left(sha2(n, 256), 32), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-'),"
    " date_sub('2026-01-01', INTERVAL floor(n / 3) SECOND) FROM s",
}


@pytest.mark.parametrize("engine", [e for e in engines_for() if e != "sqlite"])
def test_a_page_deep_in_a_million_rows_costs_what_the_first_costs(engine: str, fresh: Fresh) -> None:
    url = fresh(engine)
    writer = make(url)
    with writer.begin() as connection:
        for name in ("zoned", "price", "quantity", "level", "name"):
            on = "" if engine == "postgresql" else " ON things"
            connection.execute(text(f"DROP INDEX idx_things_{name}{on}"))
        connection.execute(text(_FILL["postgresql" if engine == "postgresql" else "mysql"]))
    with writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text("VACUUM ANALYZE things" if engine == "postgresql" else "ANALYZE TABLE things")
        )
    session = open_sample(url)
    query = Query(THINGS, THINGS.views[0], columns=("at", "level"))
    first = read.page(session, query)
    deep = read.page(session, query, after=_deep(writer, 900_000))
    last = read.page(session, query, end=True)
    assert (deep.rows[0].values[0], len(last.rows)) < (first.rows[0].values[0], 51)
    costs = [
        _cost(session, query, **where) for where in ({}, {"after": deep.rows[0].position}, {"end": True})
    ]
    session.close()
    writer.dispose()
    assert max(costs) <= min(costs) + 60, costs
    assert max(costs) < 200, costs


def _deep(writer: Engine, place: int) -> tuple[Any, ...]:
    """The position of the row at a place, found by hand."""
    with writer.connect() as connection:
        at, id_ = connection.execute(
            text(f"SELECT at, id FROM things ORDER BY at DESC, id DESC LIMIT 1 OFFSET {place}")
        ).one()
    return at.isoformat(sep=" "), str(id_)


def _cost(session: Session, query: Query, **where: Any) -> int:
    """Buffers that the page's own statement touches (PostgreSQL), rows that it reads by index (MySQL, MariaDB)."""
    if session.server.dialect == "postgresql":
        return _buffers(session, query, **where)
    with session.engine.connect() as connection:
        before = _handlers(connection)
    read.page(session, query, **where)
    with session.engine.connect() as connection:
        return _handlers(connection) - before


def _handlers(connection: Any) -> int:
    found = connection.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'")).all()
    return sum(int(value) for _, value in found)


def _buffers(session: Session, query: Query, **where: Any) -> int:
    """EXPLAIN ANALYZE of the statement as the reader sends it."""
    sent: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(session.engine, "before_cursor_execute", note)
    read.page(session, query, **where)
    event.remove(session.engine, "before_cursor_execute", note)
    assert len(sent) == 1
    with session.engine.connect() as connection:
        plan = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sent[0][0]}", sent[0][1]
        ).scalar()
    tree = plan if isinstance(plan, list) else json.loads(str(plan))
    assert re.search(r"Index", json.dumps(tree))
    return int(tree[0]["Plan"]["Shared Hit Blocks"]) + int(tree[0]["Plan"]["Shared Read Blocks"])
