"""One body over every system and engine: each view, figure, record and link of each entity, on seeded rows."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from db import read, registry
from db.engine import connect
from db.errors import Missing
from db.model import MASK, Entity, Kind, Profile, Query, View
from db.seed import plan, seed
from db.session import Session
from migrations import runner
from tests.conftest import engines_for

CASES = [(system, engine) for system in registry.NAMES for engine in engines_for(system)]


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A system with its tables made by the migrations and some hundred invented rows; recognised by its tables."""
    name, kind = request.param
    url = (
        f"sqlite:///{tmp_path_factory.mktemp('systems')}/{name}.db"
        if kind == "sqlite"
        else request.getfixturevalue("servers")[kind].create()
    )
    engine = create_engine(url, poolclass=NullPool)
    system = registry.system(name)
    runner.up(engine, system, "system")
    seed(engine, system, plan(600, seed=4))
    engine.dispose()
    session = connect(Profile(name=name, url=url))
    yield session
    session.close()
    if kind != "sqlite":
        request.getfixturevalue("servers")[kind].drop(url)


def test_the_system_is_recognised(opened: Session) -> None:
    assert opened.system.name == opened.name
    assert {entity.table.name for entity in opened.system.entities} <= set(opened.schema.tables)


def test_every_view_is_walked_to_its_end(opened: Session) -> None:
    for entity in opened.system.entities:
        for view in entity.views:
            assert read.available(opened, entity, view) is None
            query = Query(entity, view)
            whole = [row for page in read.stream(opened, query, size=500) for row in page.rows]
            count = read.count(opened, query)
            assert count.value == len(whole), (entity.name, view.name)
            assert len({row.id for row in whole}) == len(whole)
            last = read.page(opened, query, end=True, limit=7)
            assert [row.id for row in last.rows] == [row.id for row in whole[-7:]], (entity.name, view.name)


def test_every_entity_has_rows_and_every_record_opens(opened: Session) -> None:
    for entity in opened.system.entities:
        page = read.page(opened, Query(entity, entity.views[0]), limit=3)
        rows = page.rows or read.page(opened, Query(entity, _whole(entity)), limit=3).rows
        assert rows, entity.name
        for row in rows:
            record = read.record(opened, entity, row.id)
            assert [c.name for c in record.columns] == [c.name for c in entity.columns]
            assert all(
                v == MASK for c, v in zip(record.columns, record.values, strict=True) if c.kind is Kind.MASKED
            )


def _whole(entity: Entity) -> View:
    return next(view for view in entity.views if view.where is None)


def test_every_figure_is_computed(opened: Session) -> None:
    for entity in opened.system.entities:
        for figure in entity.figures:
            assert read.available(opened, entity, figure) is None
            page = read.figure(opened, entity, figure)
            assert all(len(row.values) == len(figure.columns) for row in page.rows), (
                entity.name,
                figure.name,
            )


def test_every_link_is_followed_both_ways(opened: Session) -> None:
    followed = 0
    for entity in opened.system.entities:
        rows = read.page(opened, Query(entity, entity.views[0]), limit=5).rows
        for row in rows:
            record = read.record(opened, entity, row.id)
            for link in entity.links:
                query = read.follow(opened, record, link)
                if query is not None:
                    found = read.page(opened, query, limit=5)
                    assert link.many or len(found.rows) <= 1, (entity.name, link.name)
                    followed += len(found.rows)
    assert followed > 20


def test_every_area_leads_to_something(opened: Session) -> None:
    assert opened.system.areas
    for paths in opened.system.areas.values():
        for path in paths:
            registry.resolve(opened.system, path)


def test_a_record_that_is_not_there_is_a_sentence(opened: Session) -> None:
    for entity in opened.system.entities:
        nowhere = "/".join(
            ["00000000-0000-4000-8000-000000000000" if _is_id(entity, key) else "1" for key in entity.key]
        )
        with pytest.raises(Missing, match="no record"):
            read.record(opened, entity, nowhere)


def _is_id(entity: Entity, key: str) -> bool:
    return entity.by_name[key].kind is Kind.ID
