"""The audit screen: views, filters, pivots, the rate, following, evidence; how it looks."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from db import evidence
from db.keys import id_of
from screens import rates
from screens.places import Place
from screens.record import RecordScreen
from tests.screens import golden
from tests.screens.desks import command
from tests.screens.office import picture, shows, until
from tests.timeline.consoles import (
    NOTED,
    SIZES,
    audit,
    console,
    filtered,
    shown,
    values,
)
from tests.timeline.line import Line, Source
from tests.write.bank import ANNA


async def test_key_5_leads_there_from_anywhere(line: Line) -> None:
    app = console(line, Place())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: all(link.session is not None for link in app._desk.links))
        await pilot.press("5")
        frame = await audit(pilot)
        assert set(values(frame, "system")) == {"trustsphere", "finpass"}
        assert "● trustsphere 2  ● finpass 2" in picture(pilot.app.screen)


async def test_the_line_is_filtered_and_leads_to_records(line: Line) -> None:
    app = console(line)
    async with app.run_test(size=(150, 30)) as pilot:
        await audit(pilot)
        frame = await filtered(pilot, "system=finpass severity=CRITICAL")
        assert set(values(frame, "severity")) == {"CRITICAL"}
        await pilot.press("enter")
        await until(
            pilot, lambda: isinstance(app.frame, RecordScreen) and app.frame.detail.record is not None
        )
        record = app.frame
        assert isinstance(record, RecordScreen)
        assert record.detail.record is not None
        assert record.detail.record.value("severity") == "CRITICAL"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_how_the_line_looks(line: Line, size: tuple[int, int]) -> None:
    async with console(line).run_test(size=size) as pilot:
        await audit(pilot)
        await filtered(pilot, f"{NOTED} severity=INFO,ERROR")
        golden.check(f"audit-{size[0]}", shown(pilot))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_how_the_rate_looks(line: Line, size: tuple[int, int]) -> None:
    async with console(line).run_test(size=size) as pilot:
        await audit(pilot)
        await filtered(pilot, NOTED)
        await pilot.press("t")
        text = await shows(pilot, "each")
        frame = await audit(pilot)
        assert frame.rate is not None
        assert sum(map(sum, frame.rate.counts.values())) == len(values(frame, "time"))
        assert "CRITICAL" in text
        golden.check(f"audit-rate-{size[0]}", shown(pilot))
        await pilot.press("t")
        await pilot.pause()
        assert "CRITICAL  max" not in picture(pilot.app.screen)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_how_the_detail_looks_with_what_changed(line: Line, size: tuple[int, int]) -> None:
    changed(line.sources[1])
    async with console(line).run_test(size=size) as pilot:
        await audit(pilot)
        await filtered(pilot, f"{NOTED} action=PROFILE_UPDATED")
        await pilot.press("d")
        await shows(pilot, "audit_events")
        record = (await audit(pilot)).detail.record
        assert record is not None
        if size[1] == 40:
            await shows(pilot, "Changes")
            assert "ann@example.org  →  anna@example.org" in picture(pilot.app.screen)
        golden.check(f"audit-detail-{size[0]}", shown(pilot))


def changed(source: Source) -> None:
    """A row of FinPass that says what was before, one whose JSON is none, and one without an actor."""
    rows: list[dict[str, Any]] = [
        {"previous_values": '{"email": "ann@example.org"}', "new_values": '{"email": "anna@example.org"}'},
        {"previous_values": "{not JSON", "new_values": "\x1b[31m}"},
        {"performed_by": None, "new_values": None},
    ]
    with source.engine.begin() as connection:
        for number, row in enumerate(rows):
            made = {
                "id": f"00000000-0000-4000-8000-00000000000{number}",
                "event_type": "PROFILE_UPDATED",
                "performed_by": "ann",
                "severity": "INFO",
                "created_at": datetime(2026, 3, 1, 12, 0, 10 - number, tzinfo=UTC),
                **row,
            }
            connection.execute(insert(source.table), [made])


async def test_json_that_is_none_is_shown_as_it_is_and_cannot_act(line: Line) -> None:
    changed(line.sources[1])
    async with console(line).run_test(size=(150, 50)) as pilot:
        await audit(pilot)
        frame = await filtered(pilot, f"{NOTED} action=PROFILE_UPDATED")
        assert values(frame, "actor") == ["ann", "ann", None]
        await pilot.press("d", "j")
        text = await shows(pilot, "{not JSON")
        assert "\x1b" not in text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_patterns_are_views_with_their_rule_in_words(line: Line, size: tuple[int, int]) -> None:
    changed(line.sources[1])
    with line.sources[1].engine.begin() as connection:
        made = {
            "id": "00000000-0000-4000-8000-000000000009",
            "event_type": "DATA_EXPORTED",
            "severity": "INFO",
        }
        moment = datetime(2026, 3, 1, 11, 59, 30, tzinfo=UTC)
        connection.execute(insert(line.sources[1].table), [{**made, "created_at": moment}])
    async with console(line).run_test(size=size) as pilot:
        await audit(pilot)
        await filtered(pilot, NOTED)
        for _ in range(5):
            await pilot.press("tab")
            await audit(pilot)
        frame = await audit(pilot)
        await shows(pilot, "Masked fields shown, personal data handed out")
        assert frame.place.view == "masked-reads"
        assert values(frame, "action") == ["DATA_EXPORTED"]
        golden.check(f"audit-pattern-{size[0]}", shown(pilot))


async def test_a_pivot_narrows_to_what_a_row_has_within_the_time(line: Line) -> None:
    async with console(line).run_test(size=(120, 40)) as pilot:
        await audit(pilot)
        frame = await filtered(pilot, f"{NOTED} system=finpass")
        actor = values(frame, "actor")[0]
        await pilot.press("b")
        text = await shows(pilot, "All with the same")
        assert actor in text
        await pilot.press(*"actor", "enter")
        await until(pilot, lambda: frame.place.filter.endswith(f'actor="{actor}"'))
        frame = await audit(pilot)
        assert set(values(frame, "actor")) == {actor}
        assert frame.place.filter.startswith("time=2026-03-01T11:59:00")


async def test_an_entry_of_the_ledger_is_shown_in_full(line: Line) -> None:
    line.sources[1].enter(3)
    async with console(line).run_test(size=(120, 40)) as pilot:
        await audit(pilot)
        await filtered(pilot, "source=quaestor_ledger action=freeze")
        await pilot.press("enter")
        text = await shows(pilot, "Entry 2")
        assert "account-3" in text
        assert "SHA256:" in text


async def test_following_shows_new_rows_and_pausing_keeps_the_place(line: Line) -> None:
    async with console(line).run_test(size=(120, 40)) as pilot:
        frame = await audit(pilot)
        await pilot.press("f")
        await shows(pilot, "following")
        assert frame.following is not None
        source = line.sources[1]
        arrive(source, 1)
        frame.look()
        await until(pilot, lambda: "ARRIVED_1" in values(frame, "action"))
        await pilot.press("p")
        await shows(pilot, "paused")
        arrive(source, 2)
        frame.look()
        await shows(pilot, "1 new")
        assert "ARRIVED_2" not in values(frame, "action")
        await pilot.press("p")
        await until(pilot, lambda: "ARRIVED_2" in values(frame, "action"))
        await pilot.press("j", "j")
        arrive(source, 3)
        frame.look()
        await shows(pilot, "1 new")
        await pilot.press("g")
        await until(pilot, lambda: "ARRIVED_3" in values(frame, "action"))
        await pilot.press("f")
        await until(pilot, lambda: frame.following is None)


def arrive(source: Source, number: int) -> None:
    """A row of this moment."""
    made = {
        "id": f"00000000-0000-4000-8000-0000000001{number:02}",
        "event_type": f"ARRIVED_{number}",
        "severity": "INFO",
        "created_at": datetime.now(UTC) + timedelta(milliseconds=number),
    }
    with source.engine.begin() as connection:
        connection.execute(insert(source.table), [made])


async def test_a_view_is_saved_and_forgotten(line: Line) -> None:
    async with console(line).run_test(size=(120, 40)) as pilot:
        await audit(pilot)
        await filtered(pilot, "severity=ERROR")
        await command(pilot, "view save wrong")
        await until(pilot, lambda: pilot.app.frame.place.view == "wrong")  # type: ignore[attr-defined] # Console
        frame = await audit(pilot)
        assert (set(values(frame, "severity")), frame.place.filter) == ({"ERROR"}, "")
        frame = await filtered(pilot, "system=trustsphere action=LOGIN")
        assert set(values(frame, "action")) == {"LOGIN"}
        assert set(values(frame, "severity")) == {"ERROR"}
        await command(pilot, "view drop wrong")
        await until(pilot, lambda: pilot.app.frame.place.view == "")  # type: ignore[attr-defined] # Console
        assert frame.views == {}


async def test_evidence_is_written_signed_and_verifies(line: Line, tmp_path: Path) -> None:
    file = tmp_path / "evidence.jsonl"
    async with console(line).run_test(size=(120, 40)) as pilot:
        await audit(pilot)
        frame = await filtered(pilot, f"{NOTED} severity=ERROR")
        count = len(values(frame, "time"))
        await pilot.press("E")
        await shows(pilot, "evidence .*quaestor-evidence-")
        await pilot.press("ctrl+u", *(_KEYS.get(char, char) for char in str(file)), "enter")
        await shows(pilot, "rows and a manifest are in")
    lines = file.read_text().splitlines()
    found = evidence.Verified()
    assert list(evidence.verify(lines, found)) == []
    assert (found.rows, found.signed_by) == (count, id_of(ANNA))
    assert json.loads(lines[-1])["manifest"]["operator"] == {"user": "anna"}
    assert file.stat().st_mode & 0o777 == 0o600
    edited = [text.replace("ERROR", "INFO", 1) if n == 1 else text for n, text in enumerate(lines)]
    assert [one.line for one in evidence.verify(edited, evidence.Verified())][:1] == [2]


_KEYS = {"/": "slash", ".": "full_stop", "-": "minus", "_": "underscore"}


def test_blocks_show_anything_at_all() -> None:
    assert rates.blocks([0, 1, 100, 50]) == " ▁█▄"
    assert rates.blocks([]) == ""
