"""Writing synthetic rows: whole and equal on every engine, refused where it would harm, and not slow."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db import registry
from db import seed as seeds
from db.ahead import ahead
from db.errors import Missing, Refused
from db.model import Entity, System
from db.seed import Batch, Plan, plan, seed
from db.types import (
    Amount,
    Boolean,
    Id,
    Inet,
    Integer,
    Json,
    LargeBinary,
    Money,
    String,
    Text,
    TextList,
    Time,
)
from migrations import runner
from tests.conftest import Fresh, engines_for

metadata = sa.MetaData()
parents = sa.Table("parents", metadata, sa.Column("id", Id(), primary_key=True), sa.Column("name", Text))
everything = sa.Table(
    "everything",
    metadata,
    sa.Column("id", Id(), primary_key=True),
    sa.Column("parent_id", sa.ForeignKey("parents.id")),
    sa.Column("order", Integer),
    sa.Column("text", String(200)),
    sa.Column("at", Time()),
    sa.Column("zoned", Time(zone=True)),
    sa.Column("price", Money(15, 2)),
    sa.Column("quantity", Amount()),
    sa.Column("facts", Json()),
    sa.Column("words", TextList()),
    sa.Column("address", Inet()),
    sa.Column("flag", Boolean),
    sa.Column("octets", LargeBinary),
)
TEXTS = ("plain", "tab\tnew\nline\\back", "quo'te\"s", "漢字 👍🏿", "\x1b[31m", "%s %% :x", "", None)


def identity(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def batches(plan: Plan) -> Iterator[Batch]:
    yield Batch("parents", ("id", "name"), [(identity(n), f"parent {n}") for n in range(3)])
    yield Batch("parents", ("id", "name"), [])
    for start in range(0, plan.rows, 400):
        yield Batch("everything", tuple(c.name for c in everything.columns), [
            (
                identity(n), identity(n % 3), n if n % 5 else None, TEXTS[n % len(TEXTS)],
                plan.now - timedelta(seconds=n), plan.now - timedelta(microseconds=n * 1000),
                Decimal(n) / 100 if n % 7 else None, Decimal(n) / 3 // Decimal("0.000001") * Decimal("0.000001"),
                '{"n": 1.10}', ("a", "b,c", '"'), "10.0.0.1", n % 2 == 0, bytes([n % 256, 0, 255]),
            )
            for n in range(start, min(start + 400, plan.rows))
        ])  # fmt: skip


SYSTEM = System(
    "toy", "The Toy", "postgresql", metadata,
    tuple(Entity(table.name, table, (), ("id",), (), ()) for table in (parents, everything)), (),
)  # fmt: skip
PLAN = plan(1000, now=datetime(2025, 6, 1, 12, tzinfo=UTC))


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that the writer looks for."""
    module = ModuleType("db.toy.seed")
    module.batches = batches  # type: ignore[attr-defined] # a module of the test's own
    monkeypatch.setitem(sys.modules, "db.toy.seed", module)


@pytest.fixture(params=engines_for())
def engine(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[sa.Engine]:
    """The toy's empty tables."""
    made = sa.create_engine(fresh(request.param), poolclass=NullPool)
    metadata.create_all(made)
    yield made
    made.dispose()


def test_every_value_arrives_as_it_was(engine: sa.Engine) -> None:
    told: list[tuple[str, int]] = []
    done = seed(engine, SYSTEM, PLAN, lambda table, count: told.append((table, count)))
    assert dict(done.tables) == {"parents": 3, "everything": 1000}
    assert told == [("parents", 3), ("everything", 400), ("everything", 800), ("everything", 1000)]
    expected = {row[0]: row for batch in batches(PLAN) if batch.table == "everything" for row in batch.rows}
    with engine.connect() as connection:
        found = connection.execute(sa.select(everything)).all()
    assert len(found) == 1000
    whole_seconds = engine.dialect.name == "mysql"
    for row in found:
        wanted = list(expected[row.id])
        if whole_seconds:  # MySQL's TIMESTAMP rounds
            wanted[5] = row.zoned
        got = list(row)
        assert got[8].replace(" ", "") == wanted[8].replace(" ", "")
        assert [*got[:8], *got[9:]] == [*wanted[:8], *wanted[9:]]


def test_it_goes_only_into_an_empty_database(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(everything.insert().values(id=identity(1)))
    with pytest.raises(Refused, match="'everything' holds rows"):
        seed(engine, SYSTEM, PLAN)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(parents)).scalar() == 0


def test_what_is_missing_is_said_before_anything_is_written(engine: sa.Engine) -> None:
    everything.drop(engine)
    with pytest.raises(Missing, match="no table 'everything'"):
        seed(engine, SYSTEM, PLAN)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE everything (id INTEGER)")
    with pytest.raises(Missing, match="no column 'address' in the table 'everything'"):
        seed(engine, SYSTEM, PLAN)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(parents)).scalar() == 0


def test_rows_that_the_database_refuses_leave_nothing(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice(plan: Plan) -> Iterator[Batch]:
        yield from batches(plan)
        yield from batches(plan)

    monkeypatch.setattr(sys.modules["db.toy.seed"], "batches", twice)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        seed(engine, SYSTEM, PLAN)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(everything)).scalar() == 0


def test_large_inserts_are_committed_by_pieces_on_mysql_only(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeds, "COMMIT_EVERY", 300)
    commits: list[int] = []
    sa.event.listen(engine, "commit", lambda _: commits.append(1))
    seed(engine, SYSTEM, PLAN)
    assert (len(commits) > 2) is (engine.dialect.name == "mysql")


def index_names(engine: sa.Engine) -> set[str | None]:
    return {index["name"] for index in sa.inspect(engine).get_indexes("everything")}


def test_indexes_that_are_made_after_the_rows_are_those_of_before(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeds, "LARGE", 1000)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE INDEX plain ON everything (at, id)")
        connection.exec_driver_sql("CREATE UNIQUE INDEX single ON everything (zoned, id)")
    before = index_names(engine)
    seed(engine, SYSTEM, PLAN)
    assert index_names(engine) == before >= {"plain", "single"}


def test_indexes_come_back_when_the_rows_do_not(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "LARGE", 1000)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE INDEX plain ON everything (at, id)")

    def broken(plan: Plan) -> Iterator[Batch]:
        yield from batches(plan)
        raise LookupError("made up")

    monkeypatch.setattr(sys.modules["db.toy.seed"], "batches", broken)
    with pytest.raises(LookupError):
        seed(engine, SYSTEM, PLAN)
    assert "plain" in index_names(engine)


def test_a_plan_gives_the_same_rows_again() -> None:
    assert plan(5, 1, PLAN.now) == plan(5, 1, PLAN.now)
    assert plan(5, 1, PLAN.now).random("a").random() == plan(9, 1, PLAN.now).random("a").random()
    assert plan(5, 1, PLAN.now).random("a").random() != plan(5, 1, PLAN.now).random("b").random()
    assert plan(5, 1).ssn_key != plan(5, 2).ssn_key
    assert len(plan(5, 1).ssn_key) == 32


def test_what_is_made_ahead_comes_in_order_and_stops_with_its_user() -> None:
    assert list(ahead(iter(range(100)), 4)) == list(range(100))
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    items = ahead(numbers(), 2)
    assert [next(items), next(items)] == [0, 1]
    items.close()  # type: ignore[attr-defined] # a generator behind the Iterator
    assert len(made) < 10


def test_what_the_maker_raises_reaches_the_user() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise LookupError("made up")

    items = ahead(broken(), 2)
    assert next(items) == 1
    with pytest.raises(LookupError, match="made up"):
        next(items)


@pytest.mark.parametrize(
    ("system", "kind", "least"),
    [
        case
        for case in (("paymentlinker", "postgresql", 5_000), ("trustsphere", "mariadb", 2_000))
        if case[1] in engines_for()
    ],
)
def test_seeding_is_far_from_row_by_row(system: str, kind: str, least: int, fresh: Fresh) -> None:
    """A sixth of what ``make bench`` promises, on a machine that does other things as well."""
    engine = sa.create_engine(fresh(kind), poolclass=NullPool)
    runner.up(engine, registry.system(system), "system")
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _k, text, *_: statements.append(text))
    done = seed(engine, registry.system(system), plan(20_000))
    engine.dispose()
    assert done.rows / done.seconds > least
    assert len(statements) < done.rows / 50
