"""Every look-up of a search is served by an index: the engines' own plans say so, on tables that are worth one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, cast, create_engine, select
from sqlalchemy.pool import NullPool

from db import registry
from db.engine import connect
from db.model import Profile
from db.names import NAMES
from db.seed import plan, seed
from db.session import Session
from db.timeline.sources import meanings
from db.who.places import Kind, places
from db.who.reading import statement
from db.who.ties import ties
from db.who.trail import WAYS
from db.who.trail import statement as line
from migrations import runner
from tests.conftest import engines_for

ROWS = 3000
SAMPLES = {
    Kind.ANY: "a-text-of-nobody", Kind.ID: "00000000-0000-4000-8000-000000000001", Kind.EMAIL: "nobody@example.org",
    Kind.PHONE: "+41 44 000 00 00", Kind.DID: "did:key:zNobody", Kind.DIGEST: "0" * 64,
}  # fmt: skip


@pytest.fixture(scope="module", params=[(e, s) for s in NAMES for e in engines_for(s)], ids="-".join)
def seeded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A system with invented rows, its indexes and its statistics."""
    kind, name = request.param
    folder: Path = tmp_path_factory.mktemp(name)
    servers = {} if kind == "sqlite" else request.getfixturevalue("servers")
    url = servers[kind].create() if servers else f"sqlite:///{folder}/{name}.db"
    engine = create_engine(url, poolclass=NullPool)
    system = registry.system(name)
    runner.up(engine, system, "system")
    seed(engine, system, plan(ROWS, seed=7))
    runner.up(engine, system, "indexes")
    engine.dispose()
    with closing(connect(Profile(name, url, name))) as session:
        yield session
    if servers:
        servers[kind].drop(url)


def statements(session: Session) -> Iterator[tuple[str, Any]]:
    """Every statement that a search may run here, with what it is for."""
    name = session.system.name
    for place in places(name):
        entity = session.entity(place.entity)
        found = place.values(SAMPLES[place.kind])
        yield f"{place.entity}.{place.column}", statement(session, entity, place.column, found, 51)
    for tie in ties(name):
        entity = session.entity(tie.target)
        sample = SAMPLES[Kind.ID if name != "trustsphere" and tie.theirs.endswith("id") else Kind.ANY]
        yield f"{tie.target}.{tie.theirs}", statement(session, entity, tie.theirs, [sample], 51, tie.order)
    known = dict(meanings(session))
    for way in (way for way in WAYS if way.system == name):
        entity = session.entity(way.audit)
        for values in ([SAMPLES[Kind.ID]], [SAMPLES[Kind.ID], "00000000-0000-4000-8000-000000000002"]):
            yield f"{way.audit}.{way.column}", line(session, entity, way, known[way.audit], values, 200)


def scans(session: Session, wanted: Any, table: str) -> list[str]:
    """The whole readings of a table that the engine plans for a statement."""
    compiled = wanted.compile(
        session.engine, compile_kwargs={"render_postcompile": True, "literal_binds": True}
    )
    word = {"postgresql": "EXPLAIN (FORMAT JSON) ", "sqlite": "EXPLAIN QUERY PLAN "}.get(
        session.server.dialect, "EXPLAIN FORMAT=JSON "
    )
    with session.engine.connect() as connection:
        if session.server.dialect == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")  # small tables are read whole by choice
        rows = connection.exec_driver_sql((word + str(compiled)).replace("%", "%%")).all()
        connection.invalidate()
    if session.server.dialect == "sqlite":
        return [row[3] for row in rows if row[3].startswith(f"SCAN {table}")]
    tree = rows[0][0]
    return list(_scans(json.loads(tree) if isinstance(tree, str) else tree, table))


def _scans(tree: Any, table: str) -> Iterator[str]:
    if isinstance(tree, list):
        for part in tree:
            yield from _scans(part, table)
    elif isinstance(tree, dict):
        if "Seq Scan" in str(tree.get("Node Type")) and tree.get("Relation Name") == table:
            yield f"Seq Scan {table}"
        if _whole(tree) and tree.get("table_name") == table:
            yield f"{tree['access_type']} {table}"
        for part in tree.values():
            yield from _scans(part, table)


def _whole(node: Any) -> bool:
    """Whether MySQL or MariaDB reads the whole table there, or the whole of an index."""
    if "index_access_type" in node:  # MySQL's second format, the usual one from 9.0 on
        return bool(node["index_access_type"] == "index_scan")
    return node.get("access_type") in ("ALL", "index", "table")


def test_no_table_is_read_whole(seeded: Session) -> None:
    found = []
    for what, wanted in statements(seeded):
        table = seeded.entity(what.split(".")[0]).table
        if seeded.server.dialect == "postgresql" or rows(seeded, table) >= 200:
            found += [f"{what}: {one}" for one in scans(seeded, wanted, table.name)]
    assert found == []


def test_a_whole_reading_would_be_seen(seeded: Session) -> None:
    entity = seeded.entity("identity_profiles" if seeded.system.name == "multipass" else "users")
    column = {"trustsphere": "full_name", "multipass": "display_name", "finpass": "metadata"}.get(
        seeded.system.name, "first_name"
    )
    wanted = select(entity.table.c.id).where(cast(entity.table.c[column], String(50)) == "x")
    assert scans(seeded, wanted, entity.table.name) != []


def rows(session: Session, table: Any) -> int:
    """How many rows there are."""
    with session.engine.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table.name}").scalar() or 0)
