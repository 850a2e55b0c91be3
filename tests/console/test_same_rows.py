"""A view on screen, the same view on the command line, and a query written by hand give the same rows in the same order."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from console import profiles
from screens.places import Place
from tests.conftest import engines_for
from tests.console.conftest import Filled, Quaestor
from tests.screens.desks import console, listed, press

CASES = {
    ("finpass", "credentials/expiring"): (
        "SELECT id FROM credentials WHERE status = 'VALID' AND expires_at > :now AND expires_at <= :then"
        " ORDER BY expires_at, id",
        30,
    ),
    ("trustsphere", "users/password-expiring"): (
        "SELECT id FROM users WHERE password_expires_at >= :now AND password_expires_at < :then"
        " ORDER BY password_expires_at, id",
        14,
    ),
}


def by_hand(target: str, statement: str, days: int) -> list[str]:
    """The ids, without anything of quaestor's; SQLite keeps times as text."""
    engine = sa.create_engine(target.partition("+")[2], poolclass=NullPool)
    now = datetime.now(UTC).replace(tzinfo=None)
    times = {"now": now, "then": now + timedelta(days=days)}
    given = {k: v.isoformat(" ") if engine.dialect.name == "sqlite" else v for k, v in times.items()}
    with engine.connect() as connection:
        if engine.dialect.name == "mysql":
            connection.execute(sa.text("SET time_zone = '+00:00'"))
        elif engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET TIME ZONE 'UTC'"))
        return [str(id_) for id_ in connection.execute(sa.text(statement), given).scalars()]


@pytest.mark.parametrize(
    ("system", "view", "engine"),
    [(system, view, engine) for system, view in CASES for engine in engines_for(system)],
)
async def test_screen_and_command_line_and_hand_agree(
    system: str, view: str, engine: str, filled: Filled, quaestor: Quaestor
) -> None:
    target = filled(system, engine)
    wanted = by_hand(target, *CASES[system, view])
    assert len(wanted) > 2, "rows to compare"
    said = quaestor("list", target, view, "--limit", "0", "--format", "json")
    assert [row["id"] for row in json.loads(said.out)["rows"]] == wanted
    profile = profiles.of_target(target)
    entity, name = view.split("/")
    place = Place("list", profile.name, entity, name)
    async with console(place, profile).run_test(size=(120, 40)) as pilot:
        frame = await listed(pilot)
        assert [row.id for row in frame.table.window.rows] == wanted
        frame = await press(pilot, "G")
        assert frame.table.current is not None
        assert frame.table.current.id == wanted[-1]
