"""The fleet screen and a device in full: unfolding alerts, choosing cells, marks, actions on many."""

import importlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from screens.device import Device
from screens.fleet import Fleet
from screens.fleetlines import Alarm, One, Strip
from screens.places import Place
from tests.screens import fleets, golden
from tests.screens.fleets import Field, device, id_of
from tests.screens.office import arm, picture, shows, still, type_in, until

SIZES = [(80, 24), (160, 50)]


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    made = fleets.make(tmp_path)
    yield made
    made.engine.dispose()


def calm(shown: str) -> str:
    """Without ages, which grow, and what moves with them."""
    shown = re.sub(r"\A.*", " ‹banner›", re.sub(r"[─┄┃●✕]{30,}", "‹line›", shown))
    shown = re.sub(r"\b\d+(s|m|h\d\d|d)\b", "‹age›", still(shown))
    shown = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "‹time›", shown)
    shown = re.sub(r"‹age› *(?=\S)", "‹age›  ", shown)
    return re.sub(r" +(?=‹)", "  ", shown)


async def fleet_of(pilot: Pilot[None]) -> Fleet:
    """The screen, once everything was counted."""
    await until(
        pilot,
        lambda: (
            isinstance(pilot.app.screen, Fleet)
            and pilot.app.screen._following is not None
            and pilot.app.screen._following.counted
        ),
    )
    await shows(pilot, "tab next view")
    assert isinstance(pilot.app.screen, Fleet)
    return pilot.app.screen


def to(screen: Fleet, state: str) -> None:
    """Put the cursor on an alert."""
    found = (n for n, line in enumerate(screen.lines.lines)
             if isinstance(line.target, Alarm) and line.target.state == state)  # fmt: skip
    screen.lines.go_to(next(found))


@pytest.mark.parametrize("size", SIZES)
async def test_a_device_in_full(field: Field, size: tuple[int, int]) -> None:
    app = field.open(Place("device", "linker", "devices", record=id_of(8)))
    async with app.run_test(size=size) as pilot:
        shown = await shows(pilot, "now\n")
        await shows(pilot, "space fold")
        for told in ("compromised", "battery", "tasks failed", "ROOT_DETECTED", "DEVICE_COMPROMISED"):
            assert told in shown
        assert "✕✕" in shown  # what was found and what was told of it stand together on the line
        golden.check(f"device-{size[0]}", calm(picture(app.screen)))
        await pilot.press("G")
        assert isinstance(app.screen, Device)


async def test_a_device_that_reports_nothing_says_so(field: Field) -> None:
    app = field.open(Place("device", "linker", "devices", record=id_of(11)))
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await shows(pilot, "now\n")
        assert shown.count("it does not report one") == 4
        assert "status zombie" in shown


async def test_an_alert_unfolds_to_its_devices_and_one_opens(field: Field) -> None:
    app = field.open(Place("fleet", "linker"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await fleet_of(pilot)
        to(screen, "lost")
        await pilot.press("right")
        shown = await shows(pilot, "dev-009")
        assert shown.index("dev-010") < shown.index("dev-009")  # the one that is lost for longer first
        await pilot.press("down", "enter")
        await shows(pilot, "device.*dev-010")
        assert app.frame.here() == Place("device", "linker", "devices", record=id_of(10))
        await pilot.press("escape")
        await fleet_of(pilot)


async def test_an_alert_of_one_device_opens_it_and_its_trail(field: Field) -> None:
    app = field.open(Place("fleet", "linker"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await fleet_of(pilot)
        to(screen, "compromised")
        await pilot.press("enter")
        await shows(pilot, "device.*dev-008")
        shown = await shows(pilot, "DEVICE_COMPROMISED")
        assert re.search(r"compromised +4d", shown)
        assert re.search(r"low-battery +≥ ", shown)
        await pilot.press("g", "enter")
        await shows(pilot, "audit_logs")


async def test_a_cell_of_the_map_is_a_device(field: Field) -> None:
    app = field.open(Place("fleet", "linker"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await fleet_of(pilot)
        strip = next(n for n, line in enumerate(screen.lines.lines) if isinstance(line.target, Strip))
        screen.lines.go_to(strip)
        await pilot.press("right")
        await until(pilot, lambda: screen.one == id_of(8))  # the worst comes first
        await pilot.press("space", "right", "left", "enter")
        await shows(pilot, "device.*dev-008")
        assert list(app._desk.links[0].marks["devices"]) == [id_of(8)]


async def test_all_behind_an_alert_are_quarantined_with_a_report(field: Field) -> None:
    field.add([device(n, last_heartbeat=fleets.NOW - fleets.HOUR, status="decommissioned" if n == 20 else "offline")
               for n in range(20, 25)])  # fmt: skip
    app = field.open(Place("fleet", "linker"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await fleet_of(pilot)
        await arm(pilot)
        to(screen, "lost")
        await pilot.press("space")
        await shows(pilot, "6 marked")
        await pilot.press("exclamation_mark")
        await shows(pilot, "Actions on 6 devices")
        await type_in(pilot, "quarantine")
        await pilot.press("enter")
        await shows(pilot, "6 of 6 devices")
        await type_in(pilot, "they are lost")
        await pilot.press("enter", "right", "enter")
        await until(pilot, lambda: list(field.statuses().values()).count("quarantined") == 6)
        await until(pilot, lambda: not screen.marks)
        assert field.statuses()["dev-020"] == "decommissioned"


async def test_a_thousand_that_fail_in_one_second_are_one_line_and_ring_once(field: Field) -> None:
    app = field.open(Place("fleet", "linker"), bell=True)
    rung: list[int] = []
    async with app.run_test(size=(120, 40)) as pilot:
        app.bell = lambda: rung.append(1)  # type: ignore[method-assign] # the terminal's bell
        screen = await fleet_of(pilot)
        moment = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)
        field.add([device(n, region=f"r{n % 3}", last_heartbeat=moment) for n in range(100, 1100)])
        screen.arrived()
        await shows(pilot, r"1000 more lost")
        await until(pilot, lambda: screen._following is not None and screen._following.counted)
        assert re.search(r"lost +3 parts at once +1000 +5h00", await shows(pilot, "at once"))
        assert rung == [1]
        to(screen, "lost")
        await pilot.press("right")
        await shows(pilot, "dev-100")
        assert any("and 960 more" in line.text for line in screen.lines.lines)
        members = [line for line in screen.lines.lines if isinstance(line.target, One)]
        assert len(members) == 40
        await pilot.press("enter")
        await until(pilot, lambda: app.frame.here().view == "lost")
        assert app.frame.here().filter == ""


async def test_what_is_strange_is_told(field: Field) -> None:
    field.add([device(30, last_heartbeat=fleets.NOW + fleets.DAY)])
    app = field.open(Place("fleet", "linker"))
    async with app.run_test(size=(160, 40)) as pilot:
        await fleet_of(pilot)
        shown = picture(app.screen)
        assert "1 report from the future · 1 never reported · 1 of unknown status" in shown


async def test_nothing_is_acted_upon_where_no_device_is(field: Field) -> None:
    app = field.open(Place("fleet", "linker"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await fleet_of(pilot)
        await pilot.press("g", "exclamation_mark")
        await shows(pilot, "Choose a device, or mark some")
        assert screen.why_not("mark") is not None


@pytest.mark.parametrize("size", SIZES)
async def test_the_spread_of_batteries_below_the_fleet(field: Field, size: tuple[int, int]) -> None:
    app = field.open(Place("fleet", "linker"))
    async with app.run_test(size=size) as pilot:
        screen = await fleet_of(pilot)
        to(screen, "lost")
        await pilot.press("P")
        await shows(pilot, "battery   1 report none")
        await until(pilot, lambda: screen.lines.size.height == size[1] - 16)
        golden.check(f"fleet-plot-{size[0]}", calm(picture(screen)))


async def test_a_state_over_time_and_the_spread_of_batteries_are_drawn(field: Field) -> None:
    app = field.open(Place("fleet", "linker"))
    async with app.run_test(size=(120, 44)) as pilot:
        screen = await fleet_of(pilot)
        await pilot.press("g", "P")
        await shows(pilot, "compromised, in this sitting   it is drawn when it was read twice")
        field.add([device(40, compromised=True)])
        screen.arrived()
        await shows(pilot, "compromised, in this sitting   2 now, 1 to 2 in")
        to(screen, "lost")
        shown = await shows(pilot, "battery   1 report none; in %, all in service")
        assert "█" in shown.partition("battery   1")[2]
        await pilot.press("P")
        await until(pilot, lambda: "report none" not in picture(app.screen))


async def test_ages_are_told_by_this_machines_clock_where_the_servers_is_another(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("picture", "following", "portrait"):
        known = importlib.import_module(f"db.fleet.{module}")
        monkeypatch.setattr(known, "server_now", lambda *_: datetime.now(UTC) - timedelta(hours=2))
    app = field.open(Place(), overview=0)
    async with app.run_test(size=(120, 44)) as pilot:
        await shows(pilot, r"devices +12 +in service +\ds")
        await pilot.press("down", "down", "6")
        shown = await shows(pilot, r"data \ds old")
        assert "lost" in shown
        await fleet_of(pilot)
        to(await fleet_of(pilot), "compromised")
        await pilot.press("enter")
        await shows(pilot, r"dev-008(?s:.*)now\n")
        await shows(pilot, r"data \ds old")
