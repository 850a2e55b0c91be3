"""The part ``indexes``: what views want is made, serves them, is reversible, and is mended after an interruption."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db import registry
from db.errors import Usage
from db.model import System
from db.schema import of
from db.wishes import missing, wishes
from migrations import runner
from migrations.indexes.making import LENGTH, PREFIX, name_of
from tests.conftest import Fresh, engines_for

CASES = [(system, engine) for system in registry.NAMES for engine in engines_for(system)]


@pytest.fixture(params=CASES, ids="-".join)
def made(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[tuple[sa.Engine, System]]:
    """A system with its own tables; Multipass, which has an index for everything, without two of them."""
    name, kind = request.param
    engine = sa.create_engine(fresh(kind), poolclass=NullPool)
    runner.up(engine, registry.system(name), "system")
    if name == "multipass":
        with engine.begin() as connection:
            for index in ("ix_attestations_status_issued_at_id", "ix_notifications_status_created_at_id"):
                connection.exec_driver_sql(f"DROP INDEX {index}")
    yield engine, registry.system(name)
    engine.dispose()


def dialect(engine: sa.Engine) -> str:
    return engine.dialect.name


def names(engine: sa.Engine) -> set[str]:
    """Of the system's own tables."""
    found = of(engine).tables.values()
    return {i.name for table in found if not table.name.startswith("quaestor_") for i in table.indexes}


def test_every_wish_is_granted_and_taken_back(made: tuple[sa.Engine, System]) -> None:
    engine, system = made
    before = names(engine)
    wanted = list(missing(system, of(engine), dialect(engine)))
    assert wanted
    told = runner.preview(engine, system, "indexes")
    assert told.count("CREATE INDEX") == len(wanted)
    runner.up(engine, system, "indexes")
    assert list(missing(system, of(engine), dialect(engine))) == []
    assert names(engine) - before == {name_of(wish) for wish in wanted}
    runner.down(engine, system, "indexes", "base")
    assert names(engine) == before


def test_names_are_one_each_and_fit_every_engine() -> None:
    for system in map(registry.system, registry.NAMES):
        found = [name_of(wish) for wish in wishes(system)]
        assert len(set(found)) == len(found)
        assert all(name.startswith(PREFIX) and len(name) <= LENGTH for name in found)


def test_only_the_tables_that_are_named(made: tuple[sa.Engine, System]) -> None:
    engine, system = made
    table = next(missing(system, of(engine), dialect(engine))).table
    runner.up(engine, system, "indexes", options={"tables": table})
    left = {wish.table for wish in missing(system, of(engine), dialect(engine))}
    assert table not in left
    assert left
    runner.down(engine, system, "indexes", "base")
    with pytest.raises(Usage, match="no table 'nowhere'"):
        runner.up(engine, system, "indexes", options={"tables": "nowhere"})


def test_tables_that_others_left_out_are_passed_over(made: tuple[sa.Engine, System]) -> None:
    engine, system = made
    gone = system.by_name[system.areas["audit"][0].partition("/")[0]].table.name
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {gone}" + " CASCADE" * (dialect(engine) == "postgresql"))
    runner.up(engine, system, "indexes")
    assert list(missing(system, of(engine), dialect(engine))) == []


@pytest.mark.parametrize("kind", [kind for kind in engines_for("finpass") if kind == "postgresql"])
def test_an_interrupted_index_is_made_anew(kind: str, fresh: Fresh) -> None:
    engine, system = sa.create_engine(fresh(kind), poolclass=NullPool), registry.system("finpass")
    runner.up(engine, system, "system")
    wish = next(missing(system, of(engine), "postgresql"))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE INDEX {name_of(wish)} ON {wish.table} ({wish.columns[0]})")
        connection.exec_driver_sql(
            f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name_of(wish)}'::regclass"
        )
    runner.up(engine, system, "indexes")
    index = next(index for index in of(engine).tables[wish.table].indexes if index.name == name_of(wish))
    assert index.columns == wish.columns
    engine.dispose()
