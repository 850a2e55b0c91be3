"""What a killed writer of SQLite left half done: healed by whoever may write, only reported in audit mode."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import registry
from db.engine import connect, make_engine
from db.errors import Unreachable
from db.model import Mode, Profile, Query
from db.read import page


@pytest.fixture
def half_done(tmp_path: Path) -> Path:
    """A file with a hot journal: copied while a large change was being written into it."""
    path = tmp_path / "whole.db"
    path.touch()
    engine = make_engine(Profile("owner", f"sqlite:///{path}", "finpass"), read_only=False)
    registry.system("finpass").metadata.create_all(engine)
    engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE filler (n INTEGER, x TEXT)")
        counted = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000)"
        writer.execute(f"INSERT INTO filler {counted} SELECT n, hex(zeroblob(500)) FROM c")
        writer.execute("PRAGMA cache_size = 5")
        writer.execute("BEGIN")
        writer.execute("UPDATE filler SET x = 'changed' || x")
        copy = tmp_path / "killed.db"
        shutil.copy(path, copy)
        shutil.copy(f"{path}-journal", f"{copy}-journal")
        writer.execute("ROLLBACK")
    return copy


def test_in_audit_mode_it_is_reported_and_the_file_stays_as_it_is(half_done: Path) -> None:
    journal = Path(f"{half_done}-journal")
    before = half_done.read_bytes(), journal.read_bytes()
    profile = Profile("audited", f"sqlite:///{half_done}", "finpass", mode=Mode.AUDIT)
    with pytest.raises(Unreachable, match="its owner has to open the file once"):
        connect(profile)
    assert (half_done.read_bytes(), journal.read_bytes()) == before


def test_a_session_that_is_open_reports_it_too(half_done: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.db-journal"
    shutil.move(f"{half_done}-journal", kept)
    healthy = tmp_path / "whole.db"
    shutil.copy(healthy, half_done)
    session = connect(Profile("audited", f"sqlite:///{half_done}", "finpass", mode=Mode.AUDIT))
    shutil.move(kept, f"{half_done}-journal")
    before = half_done.read_bytes()
    users = session.entity("users")
    with pytest.raises(Unreachable, match="its owner has to open the file once"):
        page(session, Query(users, users.views[0]))
    assert half_done.read_bytes() == before
    session.close()


def test_whoever_may_write_heals_it_by_opening(half_done: Path) -> None:
    session = connect(Profile("owner", f"sqlite:///{half_done}", "finpass", mode=Mode.OPERATE))
    with closing(sqlite3.connect(half_done)) as reader:
        assert reader.execute("SELECT count(*) FROM filler WHERE x LIKE 'changed%'").fetchone() == (0,)
    assert not Path(f"{half_done}-journal").exists()
    session.close()
