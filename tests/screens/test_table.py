"""The table on a source of its own: held keys, both ends, late answers, rows that come and go."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import literal_column
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from db.errors import QuaestorError, TooSlow
from db.model import Column, Kind, Page, Position, Row
from screens.table import Table
from screens.window import LIMIT
from tests.screens.office import until

COLUMNS = tuple(Column(name, Kind.TEXT, literal_column("0")) for name in ("number", "word"))
NOW = datetime(2025, 3, 1, tzinfo=UTC)


class Numbers:
    """A list of so many rows; it can be slow, broken, or change."""

    def __init__(self, total: int) -> None:
        self.ids = list(range(total))
        self.words: dict[int, str] = {}
        self.reads = 0
        self.gate: asyncio.Event | None = None
        self.error: QuaestorError | None = None

    async def read(
        self,
        *,
        after: Position | None = None,
        before: Position | None = None,
        end: bool = False,
        limit: int = 50,
    ) -> Page:
        """A page, as the reader gives it."""
        self.reads += 1
        gate, error, words = self.gate, self.error, dict(self.words)
        if gate is not None:
            await gate.wait()
        if error is not None:
            raise error
        await asyncio.sleep(0)
        ids = self.ids
        if after is not None:
            ids = [n for n in ids if n > after[0]]
        elif before is not None:
            ids = [n for n in ids if n < before[0]]
        ids = ids[-limit:] if before is not None or end else ids[:limit]
        rows = tuple(Row(str(n), (str(n), words.get(n, "word")), (n,)) for n in ids)
        first, last = (ids[0], ids[-1]) if ids else (0, 0)
        return Page(COLUMNS, rows, any(n < first for n in self.ids), any(n > last for n in self.ids), NOW)

    async def locate(self, id_: str) -> Position | None:
        """Where a row stands."""
        return (int(id_),) if int(id_) in self.ids else None


class Board(App[None]):
    """A table, and what it tells."""

    def __init__(self, source: Numbers, at: str = "", offset: int = 0) -> None:
        super().__init__()
        self.table = Table()
        self.failed: list[QuaestorError] = []
        self._shown = source, at, offset

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self.table

    def on_mount(self) -> None:
        """Show the list."""
        source, at, offset = self._shown
        self.table.focus()
        self.table.show(source, at=at, offset=offset)

    def on_table_failed(self, message: Table.Failed) -> None:
        """Remember it."""
        self.failed.append(message.error)


async def quiet(pilot: Pilot[None]) -> Table:
    """The table, once nothing is being read."""
    app = pilot.app
    assert isinstance(app, Board)
    await until(pilot, lambda: bool(app.table.columns) and not app.table.reading)
    return app.table


def here(table: Table) -> int:
    """The number under the cursor."""
    assert table.current is not None
    return int(table.current.id)


async def test_held_keys_arrive_where_they_should() -> None:
    async with Board(Numbers(1000)).run_test(size=(60, 20)) as pilot:
        table = await quiet(pilot)
        for _ in range(200):
            pilot.app.simulate_key("down")
        await until(pilot, lambda: here(table) == 200)
        for _ in range(50):
            pilot.app.simulate_key("up")
        await until(pilot, lambda: here(table) == 150)


async def test_pages_go_down_and_up_to_where_they_began() -> None:
    async with Board(Numbers(5000)).run_test(size=(60, 20)) as pilot:
        table = await quiet(pilot)
        for _ in range(15):
            await pilot.press("pagedown")
            await quiet(pilot)
        assert here(table) == 15 * table.window.height
        assert len(table.window.rows) <= LIMIT + 128
        for _ in range(15):
            await pilot.press("pageup")
            await quiet(pilot)
        assert here(table) == 0


async def test_both_ends_are_one_read_away_whatever_lies_between() -> None:
    source = Numbers(100_000)
    async with Board(source).run_test(size=(60, 20)) as pilot:
        table = await quiet(pilot)
        before = source.reads
        await pilot.press("G")
        await until(pilot, lambda: here(table) == 99_999)
        await quiet(pilot)
        assert table.window.place() == (None, 1)
        await pilot.press("g")
        await until(pilot, lambda: here(table) == 0)
        await quiet(pilot)
        assert source.reads - before <= 6


async def test_it_begins_where_a_row_stands() -> None:
    async with Board(Numbers(1000), at="500", offset=7).run_test(size=(60, 20)) as pilot:
        table = await quiet(pilot)
        await until(pilot, lambda: here(table) == 500)
        assert table.window.cursor - table.window.top == 7


async def test_it_begins_at_the_top_where_that_row_is_gone() -> None:
    async with Board(Numbers(100), at="5000").run_test(size=(60, 20)) as pilot:
        assert here(await quiet(pilot)) == 0


async def test_a_late_answer_never_replaces_a_newer_one() -> None:
    slow, fast = Numbers(50), Numbers(70)
    slow.gate = asyncio.Event()
    async with Board(slow).run_test(size=(60, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, Board)
        app.table.show(fast)
        await quiet(pilot)
        slow.gate.set()
        await pilot.pause()
        assert not app.table.window.more_after
        assert len(app.table.window.rows) == 70


async def test_an_error_keeps_what_is_there() -> None:
    source = Numbers(1000)
    async with Board(source).run_test(size=(60, 20)) as pilot:
        table = await quiet(pilot)
        rows = list(table.window.rows)
        source.error = TooSlow("It took too long.")
        table.reread()
        app = pilot.app
        assert isinstance(app, Board)
        await until(pilot, lambda: bool(app.failed))
        assert table.window.rows == rows
        source.error = None
        table.reread()
        await quiet(pilot)
        assert here(table) == 0


async def test_the_cursor_stays_on_its_record_and_changes_are_marked() -> None:
    source = Numbers(200)
    async with Board(source).run_test(size=(60, 20)) as pilot:
        table = await quiet(pilot)
        for _ in range(10):
            await pilot.press("j")
        source.ids = [n for n in source.ids if n not in (3, 4, 5)]
        source.words[12] = "another"
        table.reread()
        await quiet(pilot)
        assert here(table) == 10
        assert table.grid.changed == {"12": frozenset({1})}
        source.ids.remove(10)
        table.reread()
        await quiet(pilot)
        assert here(table) == 11
        assert not table.grid.changed


async def test_what_changes_while_rows_are_read_is_read_after_them() -> None:
    source = Numbers(200)
    source.gate = asyncio.Event()
    async with Board(source).run_test(size=(60, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, Board)
        await until(pilot, lambda: source.reads == 1)
        source.words[3] = "another"
        app.table.reread()
        gate, source.gate = source.gate, None
        gate.set()
        table = await quiet(pilot)
        await until(pilot, lambda: table.window.rows[3].values[1] == "another")


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (300, 80)])
async def test_it_fits_every_screen(size: tuple[int, int]) -> None:
    async with Board(Numbers(300)).run_test(size=size) as pilot:
        table = await quiet(pilot)
        assert table.window.height == size[1] - 1
        assert len(table.window.visible) == size[1] - 1
        await pilot.resize_terminal(70, 18)
        await quiet(pilot)
        assert table.window.height == 17


async def test_a_list_without_rows_says_so() -> None:
    async with Board(Numbers(0)).run_test(size=(60, 20)) as pilot:
        table = await quiet(pilot)
        table.empty = "No \x1b[2Jrows."
        await pilot.press("j", "G", "g", "pagedown", "space", "V", "n", "enter")
        assert table.render_line(1).text.strip() == "No ␛[2Jrows."


async def test_a_list_that_failed_at_first_is_whole_when_it_is_read_again() -> None:
    source = Numbers(50)
    source.error = TooSlow("Too slow.")
    async with Board(source).run_test(size=(60, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, Board)
        await until(pilot, lambda: bool(app.failed))
        source.error = None
        app.table.reread()
        table = await quiet(pilot)
        assert table.columns == COLUMNS
        assert table.current is not None
        assert len(table.current.values) == len(table.columns)


async def test_what_comes_late_for_a_table_without_room_is_not_shown() -> None:
    source, other = Numbers(50), Numbers(70)
    async with Board(source).run_test(size=(60, 20)) as pilot:
        table = await quiet(pilot)
        source.gate = asyncio.Event()
        table.reread()
        table.styles.display = "none"
        await until(pilot, lambda: not table.size)
        table.show(other)
        source.gate.set()
        await until(pilot, lambda: not table.reading)
        table.reread()
        assert table.current is None
        table.styles.display = "block"
        table = await quiet(pilot)
        assert (here(table), table.columns) == (0, COLUMNS)
