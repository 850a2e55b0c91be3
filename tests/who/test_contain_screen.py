"""``:contain`` on the screen, by keys: shown, proposed, approved by another, cut and resumed, told."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.app import Console
from db import contain, faults
from db.model import Mode
from db.names import NAMES
from screens.contain import Contain
from screens.dialogs import Form
from screens.places import Place
from screens.record import RecordScreen
from tests.screens import golden
from tests.screens.desks import command
from tests.screens.office import picture, shows, type_in, until
from tests.who.consoles import arm_here, open_town, opened, still
from tests.who.test_contain import check_reports, deeds, planned, propose, reports, taken_away
from tests.who.town import BERT, Town, id_of

SIZES = [(80, 24), (120, 40)]
HERE = Place("contain", filter="ann@example.org")
OPERATIONS = 17
REASON = "her telephone was stolen"


def place_all(town: Town) -> None:
    """Her credentials have places on the status list, so that none is invented for the picture."""
    for n in range(3):
        town.run(
            "finpass",
            "UPDATE credentials SET revocation_handle = :n WHERE id = :id",
            n=str(70 + n),
            id=id_of(f"ann credential {n}"),
        )


async def screen(pilot: Pilot[None], *missing: str) -> Contain:
    """The screen, once the plan is there and nothing runs."""
    await opened(pilot, *missing)
    app = pilot.app
    assert isinstance(app, Console)
    await until(
        pilot, lambda: isinstance(app.frame, Contain) and app.frame.settled and app.screen is app.frame
    )
    assert isinstance(app.frame, Contain)
    return app.frame


async def say(pilot: Pilot[None], key: str, reason: str = "") -> None:
    """Open the sheet by a key, give the reason, say Yes."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, Form))
    await shows(pilot, "loses all access|Nothing of it")
    await pilot.pause()
    await type_in(pilot, reason)
    await pilot.press("tab", "tab", "enter")
    await until(pilot, lambda: not isinstance(pilot.app.screen, Form))


def states(frame: Contain) -> dict[str, str]:
    """How far it is in each system."""
    assert frame.seen is not None
    return {name: held.state for name, held in frame.seen.held.items()}


@pytest.mark.parametrize("size", SIZES)
async def test_the_plan_is_shown_first(lite: Town, size: tuple[int, int]) -> None:
    place_all(lite)
    async with open_town(lite, HERE).run_test(size=size) as pilot:
        await screen(pilot)
        shown = await shows(pilot, "Contain Ann.*17 operations in 4 systems")
        assert "freeze account" in shown
        golden.check(f"contain-{size[0]}", still(pilot))
        await pilot.press("exclamation_mark")
        await shows(pilot, "is safe: ':arm 30m TICKET' arms it")
    assert deeds(lite) == {}


async def test_two_people_by_keys(lite: Town) -> None:
    place_all(lite)
    async with open_town(lite, HERE).run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot)
        await arm_here(pilot)
        await say(pilot, "exclamation_mark", REASON)
        await until(pilot, lambda: set(states(frame).values()) == {"open"} and frame.settled)
        shown = await shows(pilot, "proposed by you, waits for another person")
        assert REASON in shown
        assert deeds(lite) == {}
        await pilot.press("v")
        await shows(pilot, "nothing that waits for your yes")
        await command(pilot, "as bert")
        await screen(pilot)
        await shows(pilot, "waits for your word")
        golden.check("contain-proposed-120", still(pilot))
        await arm_here(pilot)
        await say(pilot, "v")
        await until(pilot, lambda: set(states(frame).values()) == {"done"} and frame.settled)
        await shows(pilot, "reported in the ledger")
        golden.check("contain-done-120", still(pilot))
    assert taken_away(lite)
    assert len(deeds(lite)) == OPERATIONS
    assert set(deeds(lite).values()) == {1}
    assert set(reports(lite)) == set(NAMES)
    check_reports(lite)


async def test_it_is_reached_from_the_person_and_by_its_plan(lite: Town) -> None:
    made = planned(lite)
    propose(lite, made)
    lite.go_home()
    async with open_town(lite, Place("who", filter="ann@example.org"), "bert").run_test(
        size=(120, 40)
    ) as pilot:
        await opened(pilot)
        await shows(pilot, "1 person")
        await pilot.press("exclamation_mark")
        frame = await screen(pilot)
        assert frame.seen is not None
        assert frame.seen.plan.id == made.id
        await command(pilot, f"contain {made.id}")
        await until(pilot, lambda: frame.place.filter == made.id)
        await screen(pilot)
        assert states(frame) == dict.fromkeys(NAMES, "open")
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RecordScreen))
        await pilot.press("escape")
        frame = await screen(pilot)
        assert set(states(frame).values()) == {"open"}


async def test_cut_and_resumed_each_done_once(lite: Town) -> None:
    made = planned(lite)
    propose(lite, made)
    lite.go_home()
    async with open_town(lite, HERE, "bert").run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot)
        await arm_here(pilot)
        left, cut = [7], threading.Event()

        def reached(name: str) -> None:
            left[0] -= name == "after-receipt"
            if left[0] == 0 and not cut.is_set():
                cut.set()
                for run in pilot.app._desk.runs:  # type: ignore[attr-defined] # Console
                    run.stop()

        end = faults.watch(reached)
        try:
            await say(pilot, "v")
            await until(pilot, lambda: cut.is_set() and frame.settled)
        finally:
            end()
        await shows(pilot, "v goes on")
        assert 0 < len(deeds(lite)) < OPERATIONS
        await say(pilot, "v")
        await until(pilot, lambda: frame.settled and set(states(frame).values()) == {"done"})
    assert taken_away(lite)
    assert set(deeds(lite).values()) == {1}
    check_reports(lite)


async def test_an_unreachable_system_is_resumed_for_it_alone(lite: Town, tmp_path: Path) -> None:
    there, away = tmp_path / "multipass.db", tmp_path / "away.db"
    there.rename(away)
    async with open_town(lite, HERE).run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot, "multipass")
        shown = await shows(pilot, "✕ multipass +not in the plan; it can be resumed for it alone")
        assert "1 not reached" in shown
        await arm_here(pilot, "trustsphere", "paymentlinker", "finpass")
        await say(pilot, "exclamation_mark", REASON)
        await until(pilot, lambda: frame.settled and list(states(frame).values()).count("open") == 3)
        await command(pilot, "as bert")
        await screen(pilot, "multipass")
        await arm_here(pilot, "trustsphere", "paymentlinker", "finpass")
        await say(pilot, "v")
        await until(pilot, lambda: frame.settled and list(states(frame).values()).count("done") == 3)
        plan, before = frame.here().record, deeds(lite) if there.exists() else None
        assert before is None
        away.rename(there)
        await pilot.press("R")
        await opened(pilot)
        await until(pilot, lambda: frame.settled and not frame.seen.held["multipass"].part.error)  # type: ignore[union-attr] # it is there
        assert states(frame)["multipass"] == "not proposed"
        await arm_here(pilot)
        await say(pilot, "exclamation_mark", REASON)
        await until(pilot, lambda: frame.settled and states(frame)["multipass"] == "open")
        await command(pilot, "as anna")
        await screen(pilot)
        await arm_here(pilot)
        await say(pilot, "v")
        await until(pilot, lambda: frame.settled and set(states(frame).values()) == {"done"})
        assert frame.here().record == plan
    assert taken_away(lite)
    assert set(deeds(lite).values()) == {1}
    assert {told["plan"] for told in reports(lite).values()} == {plan}


async def test_two_containments_of_one_person_meet(lite: Town) -> None:
    async with open_town(lite, HERE).run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot)
        await arm_here(pilot)
        other = planned(lite)
        propose(lite, other, BERT)
        lite.go_home()
        await say(pilot, "exclamation_mark", REASON)
        await until(pilot, lambda: frame.settled and set(states(frame).values()) == {"open"})
        shown = await shows(pilot, f"being contained already, by plan {other.id}")
        assert "waits for your word" in shown
        await say(pilot, "v")
        await until(pilot, lambda: frame.settled and set(states(frame).values()) == {"done"})
    assert taken_away(lite)
    assert set(deeds(lite).values()) == {1}


async def test_what_ended_meanwhile_is_told(lite: Town) -> None:
    made = planned(lite)
    propose(lite, made)
    over = id_of("ann session 1")
    lite.run("multipass", "UPDATE multipass_sessions SET revoked_at = created_at WHERE id = :id", id=over)
    lite.go_home()
    async with open_town(lite, HERE, "bert").run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot)
        await arm_here(pilot)
        await say(pilot, "v")
        await until(pilot, lambda: frame.settled and states(frame)["multipass"] == "contained")
        frame.lines.action_last()
        assert any("✕" in line.text and "session" in line.text for line in frame.lines.lines)
    assert len(deeds(lite)) == OPERATIONS - 1
    check_reports(lite)


async def test_it_is_rejected_or_taken_back_with_a_reason(lite: Town) -> None:
    made = planned(lite)
    propose(lite, made)
    lite.go_home()
    async with open_town(lite, HERE, "bert").run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot)
        await arm_here(pilot)
        await say(pilot, "x", "a mistake")
        await until(pilot, lambda: frame.settled and not {"open"} & set(states(frame).values()))
        assert deeds(lite) == {}
    assert {contain.standing(lite.session(name), made.id).state for name in NAMES} == {"rejected"}


async def test_nobody_several_and_audit_mode_are_refused(lite: Town) -> None:
    async with open_town(lite, Place("contain", filter="did:key:zNobody")).run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot)
        await shows(pilot, "nothing to contain")
        frame.turn_to(Place("contain", filter="+41 44 555 01 01"))
        await shows(pilot, "leads to 2 people")
        await pilot.press("exclamation_mark")
        assert "There is nothing to propose." in picture(pilot.app.screen)
        await command(pilot, "contain")
        await shows(pilot, "contain TEXT, as for :who")


async def test_nothing_is_proposed_in_audit_mode(lite: Town) -> None:
    async with open_town(lite, HERE, mode=Mode.AUDIT).run_test(size=(120, 40)) as pilot:
        await screen(pilot)
        await pilot.press("exclamation_mark")
        await shows(pilot, "audit mode: nothing can be changed")
