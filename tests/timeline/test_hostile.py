"""Hostile texts in every column of the trails: they are shown, told and kept as evidence, and none can act."""

from collections.abc import Iterator

import pytest

from db import evidence
from db.engine import connect
from db.model import Profile
from db.timeline import Timeline, query
from tests.console.conftest import fill
from tests.console.test_hostile import controls, poison
from tests.screens.office import picture, shows, until
from tests.timeline.consoles import audit, console
from tests.timeline.line import Line, Source


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Two systems, every free text in them an attack."""
    made, folder = Line(), tmp_path_factory.mktemp("poisoned")
    for name in ("trustsphere", "finpass"):
        path = folder / f"{name}.db"
        path.touch()
        fill(name, f"sqlite:///{path}")
        assert poison(str(path), name) > 100
        session = connect(Profile(name, f"sqlite:///{path}", name))
        table = session.entity("users").table
        made.sources.append(Source(session.engine, session, table, lambda random, at: {}))
    yield made
    made.close()


async def test_no_row_acts_on_the_screen(poisoned: Line) -> None:
    async with console(poisoned).run_test(size=(150, 45)) as pilot:
        frame = await audit(pilot)
        assert not frame._page or not frame._page.gaps
        await pilot.press("d")
        for _ in range(30):
            await pilot.press("j")
            await pilot.pause()
            assert not controls(picture(pilot.app.screen))
        await audit(pilot)
        await pilot.press("b")
        await shows(pilot, "All with the same")
        assert not controls(picture(pilot.app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: frame.place.filter != "")
        await audit(pilot)
        assert not controls(picture(pilot.app.screen))
        assert pilot.app.is_running


def test_evidence_of_them_holds_and_every_pivot_finds_its_row(poisoned: Line) -> None:
    line, lines = Timeline((source.session for source in poisoned.sources), whole=True), list[str]()
    written = evidence.write(line, query(), lines.append, asked="", operator={})
    assert written.rows > 400
    text = "".join(lines)
    assert not {char for char in controls(text) if ord(char) < 32}
    found = evidence.Verified()
    assert list(evidence.verify(text.split("\n")[:-1], found)) == []
    assert found.rows == written.rows
    page = line.page(query(), limit=60)
    names = [column.name for column in page.columns]
    for row in page.rows:
        assert line.behind(row.id).id
        assert len(names) == len(row.values)
    line.close()
