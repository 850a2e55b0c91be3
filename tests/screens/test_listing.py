"""Lists on a real database: views, filters, sorting, columns, marks, history, copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import Unreachable
from db.model import Profile
from screens.desk import Standing
from screens.places import Place
from screens.record import RecordScreen
from tests.screens import golden
from tests.screens.desks import command, console, listed, make, press, rows_of, shown
from tests.screens.office import picture, shows, until

APPLICATIONS = Place("list", "paymentlinker", "applications")
SIZES = [(80, 24), (120, 40)]


@pytest.fixture(scope="session")
def linker(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """Payment Linker with 300 audit rows."""
    return make(tmp_path_factory.mktemp("linker"), "paymentlinker")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_a_list_looks_as_it_should(linker: Profile, size: tuple[int, int]) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        await listed(pilot)
        lines = shown(pilot).splitlines()
        assert lines[0].startswith(" paymentlinker  TEST")
        assert "applications  all  review" in lines[1]
        assert lines[1].endswith("1 of 60")
        assert lines[3].startswith("▌")
        assert "? help  : command" in lines[-1]
        assert len(lines) == size[1]
        assert max(map(len, lines)) <= size[0]
        golden.check(f"list-{size[0]}", shown(pilot))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_a_record_looks_as_it_should(linker: Profile, size: tuple[int, int]) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        row = (await listed(pilot)).table.current
        assert row is not None
        await pilot.press("enter")
        text = await shows(pilot, "requested limit")
        assert row.id in text
        assert "•-••" not in text
        assert "••••••••" in text or size[1] == 24
        golden.check(f"record-{size[0]}", shown(pilot))


async def test_the_record_stands_beside_the_list_where_there_is_room(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(160, 40)) as pilot:
        await listed(pilot)
        await pilot.press("d")
        text = await shows(pilot, "▏ Request")
        assert text.splitlines()[3].startswith("▌")
        await pilot.press("j")
        row = rows_of(pilot).current
        assert row is not None
        await shows(pilot, row.id)
        await pilot.press("d")
        await pilot.pause()
        assert "▏" not in picture(pilot.app.screen)


async def test_views_and_figures_are_tabs(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        first = await listed(pilot)
        names = first.query_one("#tabs").names  # type: ignore[attr-defined] # the only one with that id is Tabs
        seen = []
        for _ in names:
            frame = await press(pilot, "tab")
            assert frame.asked is not None
            seen.append(frame.asked.name)
            assert not pilot.app.incident  # type: ignore[attr-defined] # Console
        assert sorted(seen) == sorted(names)
        assert seen[-1] == "all"
        assert (await press(pilot, "shift+tab")).asked.name == names[-1]  # type: ignore[union-attr] # it is open


async def test_rows_of_a_figure_are_no_records(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(160, 40)) as pilot:
        frame = await listed(pilot)
        await pilot.press("d")
        await until(pilot, lambda: frame.detail.record is not None)
        names = [figure.name for figure in frame.asked.entity.figures]  # type: ignore[union-attr] # it is open
        await command(pilot, f"applications {names[0]}")
        frame = await listed(pilot)
        assert frame.detail.record is None
        await pilot.press("space")
        await shows(pilot, "it has no records")
        await pilot.press("V")
        assert not frame.table.marks
        await command(pilot, "applications all")
        await press(pilot, "space")
        assert len(rows_of(pilot).marks) == 1


async def test_a_filter_narrows_on_the_server_and_history_brings_it_back(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await pilot.press("j", "j", "j")
        before = rows_of(pilot).current
        await command(pilot, "status=declined", "slash")
        frame = await listed(pilot)
        column = [c.name for c in frame.table.columns].index("status")
        assert {row.values[column] for row in frame.table.window.rows} == {"declined"}
        assert "/status=declined" in picture(pilot.app.screen)
        frame = await press(pilot, "left_square_bracket")
        assert frame.table.current == before
        assert frame.table.window.cursor - frame.table.window.top == 3
        frame = await press(pilot, "right_square_bracket")
        assert frame.asked is not None
        assert frame.asked.typed == "status=declined"
        frame = await press(pilot, "minus")
        assert frame.asked is not None
        assert frame.asked.typed == ""
        frame = await press(pilot, "minus")
        assert frame.asked is not None
        assert frame.asked.typed == "status=declined"


async def test_a_filter_that_cannot_be_read_is_kept_and_told(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await command(pilot, "status=review statsu=x", "slash")
        lines = (await shows(pilot, "Did you mean status")).splitlines()
        assert lines[-1].startswith("/status=review statsu=x")
        assert lines[-2].index("▼") == len("/status=review ")
        await pilot.press("escape")
        frame = await listed(pilot)
        assert frame.asked is not None
        assert frame.asked.typed == ""


async def test_what_no_index_serves_is_refused_first(
    linker: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        sentence = "No index serves it; an index on (x, y) would."
        monkeypatch.setattr("db.read.served", lambda session, query: sentence if query.filters else None)
        await command(pilot, "status=review", "slash")
        await shows(pilot, "No index serves it.*Enter once more")
        await pilot.press("enter")
        frame = await listed(pilot)
        assert frame.asked is not None
        assert frame.asked.typed == "status=review"
        assert frame.table.window.rows


async def test_an_order_that_no_index_serves_waits_to_be_asked(
    linker: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        monkeypatch.setattr(
            "db.read.served", lambda session, query: "No index serves the order." if query.order else None
        )
        await pilot.press("l", "s")
        await shows(pilot, "Not read: No index serves the order. R reads it all the same")
        assert not rows_of(pilot).window.rows
        frame = await press(pilot, "R")
        assert frame.table.window.rows


async def test_a_column_sorts_and_sorts_back(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await pilot.press("l", "l")
        column = rows_of(pilot).column
        frame = await press(pilot, "S")
        amounts = [row.values[column] for row in frame.table.window.rows if row.values[column] is not None]
        assert frame.place.order == "-requested_limit"
        assert amounts == sorted(amounts, reverse=True)
        assert "▼" in shown(pilot).splitlines()[2]
        frame = await press(pilot, "s")
        assert frame.place.order == "requested_limit"
        assert [row.values[column] for row in frame.table.window.rows][-5:] == sorted(amounts)[-5:]
        frame = await press(pilot, "s")
        assert frame.place.order == ""


async def test_columns_are_chosen_moved_and_kept(linker: Profile, tmp_path: Path) -> None:
    app = console(APPLICATIONS, linker, state=tmp_path / "state.json")
    async with app.run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await command(pilot, "columns status full_legal_name requested_limit")
        frame = await listed(pilot)
        assert [c.name for c in frame.table.columns] == ["status", "full_legal_name", "requested_limit"]
        frame = await press(pilot, "greater_than_sign")
        assert [c.name for c in frame.table.columns] == ["full_legal_name", "status", "requested_limit"]
        await press(pilot, "tab")
        frame = await press(pilot, "shift+tab")
        assert [c.name for c in frame.table.columns] == ["full_legal_name", "status", "requested_limit"]
        await command(pilot, "columns nonsense")
        await shows(pilot, "There is no column of applications 'nonsense'")
        await pilot.press("escape")
        await command(pilot, "columns")
        assert len((await listed(pilot)).table.columns) > 3


async def test_wide_shows_everything_in_full(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await pilot.press("W")
        await pilot.pause()
        assert "‹time›" in shown(pilot)
        await pilot.press(*["l"] * 12)
        await pilot.pause()
        heading = picture(pilot.app.screen).splitlines()[2]
        assert heading.startswith(" ‹")
        await pilot.press("W")
        await pilot.pause()
        assert "‹time›" not in shown(pilot)


async def test_marks_outlive_filters(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await pilot.press("space", "space", "V", "j", "j", "V")
        await pilot.pause()
        table = rows_of(pilot)
        assert [row.id for row in table.window.rows[:5]] == list(table.marks)
        assert "● 5 marked" in picture(pilot.app.screen)
        await command(pilot, "status=withdrawn", "slash")
        await listed(pilot)
        assert "not in sight" in picture(pilot.app.screen)
        await command(pilot, "", "asterisk")
        assert not rows_of(pilot).marks
        await command(pilot, "*withdr*", "asterisk")
        assert len(rows_of(pilot).marks) == len(rows_of(pilot).window.rows)


async def test_a_view_is_saved_by_name(linker: Profile, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    async with console(APPLICATIONS, linker, state=state).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await command(pilot, "status=declined", "slash")
        await listed(pilot)
        await command(pilot, "view save turned-down")
        frame = await listed(pilot)
        assert frame.asked is not None
        assert (frame.asked.name, frame.asked.typed) == ("turned-down", "status=declined")
        await command(pilot, "applications review")
        await listed(pilot)
        await command(pilot, "applications turned-down")
        frame = await listed(pilot)
        assert frame.asked is not None
        assert frame.asked.typed == "status=declined"
        await command(pilot, "applications turned-down")
        await listed(pilot)
        await command(pilot, "view drop turned-down")
        await shows(pilot, "turned-down is forgotten")
        frame = await listed(pilot)
        assert frame.asked is not None
        assert (frame.asked.name, frame.asked.typed) == ("all", "")
        await command(pilot, "columns id status")
        await shows(pilot, "id +status")
    assert state.stat().st_mode & 0o777 == 0o600


async def test_copies_are_exact_and_masked_ones_refused(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        frame = await listed(pilot)
        await command(pilot, "columns id requested_limit ssn_encrypted")
        frame = await listed(pilot)
        row = frame.table.current
        assert row is not None
        await pilot.press("y")
        assert pilot.app.clipboard == row.id
        await pilot.press("l", "y")
        assert pilot.app.clipboard == str(row.values[1])
        await pilot.press("l", "y")
        await shows(pilot, "is masked; it is not copied")
        assert pilot.app.clipboard == str(row.values[1])
        await pilot.press("Y")
        assert row.id in pilot.app.clipboard
        assert "v1:" not in pilot.app.clipboard
        await command(pilot, "set clipboard off")
        await pilot.press("h", "h", "y")
        await shows(pilot, "Copying is off")


async def test_a_lost_connection_keeps_the_screen_and_comes_back(linker: Profile) -> None:
    app = console(APPLICATIONS, linker)
    async with app.run_test(size=(120, 40)) as pilot:
        frame = await listed(pilot)
        link, rows = frame.link, list(frame.table.window.rows)
        assert link is not None
        frame.desk.lost(link, Unreachable("paymentlinker: the server hung up."))
        await pilot.pause()
        assert link.standing in (Standing.LOST, Standing.OPEN)
        assert rows_of(pilot).window.rows[: len(rows)] == rows
        await until(pilot, lambda: link.standing is Standing.OPEN)
        frame = await listed(pilot)
        assert frame.table.window.rows


async def test_a_link_leads_to_records_and_lists(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 80)) as pilot:
        await listed(pilot)
        await pilot.press("enter")
        await shows(pilot, "→ tenant")
        screen = pilot.app.screen
        assert isinstance(screen, RecordScreen)
        assert screen.detail.find("→ tenant ", 1)
        await pilot.press("enter")
        await shows(pilot, "(?m)^  tenants ")
        await pilot.press("escape")
        await shows(pilot, "(?m)^  applications ")


async def test_an_unknown_word_is_told_with_the_nearest(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await command(pilot, "aplications")
        text = await shows(pilot, "Did you mean applications")
        assert text.splitlines()[-1].startswith(":aplications")
        await pilot.press("escape")
        await command(pilot, "applications nonsense")
        await shows(pilot, "There is no view of applications 'nonsense'")
        await pilot.press("escape")
        await command(pilot, "at nowhere")
        await shows(pilot, "There is no open system 'nowhere'")
