"""Up, down, stamp and preview on every engine, for tables of ours and for those of others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db.errors import Missing, QuaestorError, Refused, Usage
from migrations import parts, runner
from tests.conftest import Fresh, engines_for
from tests.migrations.history import SYSTEM, metadata, write


@pytest.fixture(params=engines_for())
def engine(
    request: pytest.FixtureRequest, fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[sa.Engine]:
    """An empty database, and the small history in place of the real ones."""
    write(tmp_path / "histories")
    monkeypatch.setattr(parts, "FOLDER", tmp_path / "histories")
    made = sa.create_engine(fresh(request.param), poolclass=NullPool)
    yield made
    made.dispose()


def tables(engine: sa.Engine) -> set[str]:
    return {name for name in sa.inspect(engine).get_table_names() if not name.startswith("quaestor_")}


def columns(engine: sa.Engine) -> list[str]:
    return [column["name"] for column in sa.inspect(engine).get_columns("things")]


def test_up_and_down_step_by_step(engine: sa.Engine) -> None:
    before = runner.status(engine, SYSTEM, "system")
    assert (before.current, [r.id for r in before.pending]) == ("", ["0001", "0002"])
    assert before.revisions[0].summary == "The table."
    first = runner.up(engine, SYSTEM, "system", to="0001")
    assert (first.current, tables(engine)) == ("0001", {"things"})
    second = runner.up(engine, SYSTEM, "system")
    assert (second.current, second.pending) == ("0002", ())
    assert columns(engine) == ["id", "name", "extra"]
    assert runner.up(engine, SYSTEM, "system") == second
    back = runner.down(engine, SYSTEM, "system", "0001")
    assert (back.current, tables(engine), columns(engine)) == ("0001", {"things"}, ["id", "name"])
    assert runner.down(engine, SYSTEM, "system", "base").current == ""
    assert tables(engine) == set()
    assert runner.up(engine, SYSTEM, "system").current == "0002"


def test_a_preview_is_the_sql_and_changes_nothing(engine: sa.Engine) -> None:
    told = runner.preview(engine, SYSTEM, "system")
    assert (
        told.index("CREATE TABLE things") < told.index("CREATE TABLE more") < told.index("ADD COLUMN extra")
    )
    assert tables(engine) == set()
    assert sa.inspect(engine).get_table_names() == []
    runner.up(engine, SYSTEM, "system")
    assert "CREATE" not in runner.preview(engine, SYSTEM, "system")
    undone = runner.preview(engine, SYSTEM, "system", "base", undo=True)
    assert undone.index("DROP TABLE more") < undone.index("DROP TABLE things")
    assert tables(engine) == {"things", "more"}


def test_what_a_preview_shows_is_what_runs(engine: sa.Engine) -> None:
    ran: list[str] = []
    told = " ".join(runner.preview(engine, SYSTEM, "system").split())
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: ran.append(statement))
    runner.up(engine, SYSTEM, "system")
    for statement in ran:
        words = " ".join(statement.split())
        if words.startswith(("CREATE", "ALTER", "DROP")):
            assert words in told


def test_tables_of_others_are_never_touched(engine: sa.Engine) -> None:
    metadata.create_all(engine)
    assert runner.status(engine, SYSTEM, "system").foreign == ("things",)
    for attempt in (
        lambda: runner.up(engine, SYSTEM, "system"),
        lambda: runner.down(engine, SYSTEM, "system", "base"),
        lambda: runner.preview(engine, SYSTEM, "system"),
    ):
        with pytest.raises(Refused, match=r"'things' is there already, made by others.*stamp"):
            attempt()
    stamped = runner.stamp(engine, SYSTEM)
    assert (stamped.current, stamped.stamped, stamped.foreign) == ("0002", True, ())
    for attempt in (
        lambda: runner.up(engine, SYSTEM, "system"),
        lambda: runner.down(engine, SYSTEM, "system", "base"),
    ):
        with pytest.raises(Refused, match="made by others"):
            attempt()
    assert columns(engine) == ["id", "name"]
    forgotten = runner.stamp(engine, SYSTEM, to="base")
    assert (forgotten.current, forgotten.stamped, forgotten.foreign) == ("", False, ("things",))
    assert tables(engine) == {"things"}


def test_a_stamp_looks_first(engine: sa.Engine) -> None:
    with pytest.raises(Missing, match="missing are things"):
        runner.stamp(engine, SYSTEM)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE things (id INTEGER)")
    with pytest.raises(Missing, match=r"missing are things\.name"):
        runner.stamp(engine, SYSTEM)
    assert runner.status(engine, SYSTEM, "system").current == ""


def test_tables_of_ours_are_not_stamped(engine: sa.Engine) -> None:
    runner.up(engine, SYSTEM, "system")
    with pytest.raises(Refused, match="made these tables itself"):
        runner.stamp(engine, SYSTEM)


def test_a_failure_midway_leaves_nothing_or_says_what_it_left(engine: sa.Engine) -> None:
    runner.up(engine, SYSTEM, "system", to="0001")
    with pytest.raises(QuaestorError) as told:
        runner.up(engine, SYSTEM, "system", options={"into": "nowhere"})
    assert runner.status(engine, SYSTEM, "system").current == "0001"
    if engine.dialect.name == "mysql":
        assert "1 before it stand: CREATE TABLE more" in str(told.value)
        assert tables(engine) == {"things", "more"}
    else:
        assert "before it stand" not in str(told.value)
        assert tables(engine) == {"things"}
        assert runner.up(engine, SYSTEM, "system").current == "0002"


def test_unknown_names_come_with_the_nearest(engine: sa.Engine) -> None:
    with pytest.raises(Usage, match=r"no part 'sistem'.*system"):
        runner.status(engine, SYSTEM, "sistem")
    with pytest.raises(Usage, match="toy has no part 'triggers'; it has system"):
        runner.up(engine, SYSTEM, "triggers")
    with pytest.raises(Usage, match="no revision '0009'"):
        runner.up(engine, SYSTEM, "system", to="0009")
    with pytest.raises(Usage, match="Only the part 'system'"):
        runner.stamp(engine, SYSTEM, "triggers")
