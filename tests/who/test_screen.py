"""``:who`` on the screen: the tree as answers come, why each link is believed, the line of time, what is not known."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from console.app import Console
from db.errors import Usage
from db.multipass import tables as mp
from db.names import NAMES
from db.session import Session
from db.who import Source
from screens import who as module
from screens import whotree
from screens.desk import Link
from screens.dialogs import Form
from screens.frame import Banner
from screens.places import Place
from screens.record import RecordScreen
from screens.who import WhoScreen
from screens.whotree import Heading, Leaf
from tests.screens import golden
from tests.screens.desks import command
from tests.screens.hostile import STRINGS
from tests.screens.office import picture, shows, type_in, until
from tests.who.consoles import arm_here, open_town, opened, still
from tests.who.town import Town, did_of, id_of

SIZES = [(80, 24), (120, 40)]


def at(text: str) -> Place:
    """The screen for a text."""
    return Place("who", filter=text)


async def who(pilot: Pilot[None], *missing: str) -> WhoScreen:
    """The screen, once all open systems have answered."""
    await opened(pilot, *missing)
    app = pilot.app
    assert isinstance(app, Console)

    def ready() -> bool:
        frame = app.frame
        return isinstance(frame, WhoScreen) and frame.settled and not frame._readings

    await until(pilot, ready)
    assert isinstance(app.frame, WhoScreen)
    return app.frame


def to(frame: WhoScreen, ref: str) -> None:
    """Put the cursor on a record."""
    found = (
        n
        for n, line in enumerate(frame.lines.lines)
        if isinstance(line.target, Leaf) and line.target.ref == ref
    )
    frame.lines.go_to(next(found))


def to_person(frame: WhoScreen, name: str) -> None:
    """Put the cursor on the line of a person."""
    lines = enumerate(frame.lines.lines)
    frame.lines.go_to(next(n for n, one in lines if isinstance(one.target, Heading) and name in one.text))


async def test_a_system_that_opens_before_the_boxes_are_filled_asks_nothing_of_them(
    lite: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The footer is there before what stands in the boxes; a link may open in between."""
    changed = WhoScreen.link_changed
    early: list[tuple[bool, bool]] = []

    def mounted(self: Banner) -> None:
        screen = self.screen
        if isinstance(screen, WhoScreen):
            early.append((bool(screen.query("#tree")), screen.drawn))
            changed(screen, screen.desk.links[0])

    monkeypatch.setattr(Banner, "on_mount", mounted, raising=False)
    async with open_town(lite, at("ann@example.org")).run_test(size=SIZES[0]) as pilot:
        await who(pilot)
    assert early == [(False, False)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_tree_the_record_and_the_line_of_time(lite: Town, size: tuple[int, int]) -> None:
    async with open_town(lite, at("ann@example.org")).run_test(size=size) as pilot:
        frame = await who(pilot)
        await shows(pilot, "LOGIN")
        assert [person.sure for person in frame._people] == [True, False]
        assert len(frame._people[0].records) == 20
        shown = picture(pilot.app.screen)
        for told in ("1 person", "its email", "● Ann"):
            assert told in shown
        golden.check(f"who-{size[0]}", still(pilot))


async def test_it_is_typed_from_anywhere(lite: Town) -> None:
    async with open_town(lite, Place()).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await command(pilot, f"who {did_of('ann')}")
        frame = await who(pilot)
        assert frame.place.filter == did_of("ann")
        await command(pilot, "who SER-ann-1")
        await until(pilot, lambda: pilot.app.frame.place.filter == "SER-ann-1")  # type: ignore[attr-defined] # Console
        frame = await who(pilot)
        assert len(frame._people) >= 1
        await command(pilot, "who")
        await shows(pilot, "who TEXT: an email, phone")


async def test_a_record_is_told_beside_and_opens_in_its_own_system(lite: Town) -> None:
    async with open_town(lite, at("ann@example.org")).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot)
        to(frame, f"multipass:hardware_passes/{id_of('ann pass 0')}")
        shown = await shows(pilot, "because pass of that profile")
        assert "SER-ann-0" in shown
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RecordScreen))
        assert pilot.app.frame.place == Place(  # type: ignore[attr-defined] # Console
            "record", "multipass", "hardware_passes", record=id_of("ann pass 0")
        )
        await pilot.press("escape")
        await who(pilot)


async def test_the_line_of_time_leads_to_the_audit_row(lite: Town) -> None:
    async with open_town(lite, at("ann@example.org")).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot)
        await shows(pilot, "LOGIN")
        order = [str(row.values[4]) for row in frame._trails[0].rows]
        assert order == ["LOGIN", "SUBMITTED", "ISSUED", "opened", "SIGNED"]
        await pilot.press("right", "down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RecordScreen))
        assert pilot.app.frame.place == Place("record", "paymentlinker", "audit_logs", record=id_of("a3"))  # type: ignore[attr-defined] # Console


async def test_where_there_is_little_room_the_record_takes_the_place_of_the_line(lite: Town) -> None:
    async with open_town(lite, at("ann@example.org")).run_test(size=(80, 24)) as pilot:
        frame = await who(pilot)
        await shows(pilot, "Line of time")
        to(frame, f"finpass:users/{id_of('ann')}")
        await pilot.press("d")
        shown = await shows(pilot, "because its email is ann@example.org")
        assert "Line of time" not in shown


async def test_a_telephone_alone_is_told_and_not_believed(lite: Town) -> None:
    async with open_town(lite, at("ann@example.org")).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot)
        assert any("○ Bob" in line.text and "the telephone alone" in line.text for line in frame.lines.lines)


async def test_a_number_that_several_have_leads_to_each(lite: Town) -> None:
    async with open_town(lite, at("+41 44 555 01 01")).run_test(size=(120, 40)) as pilot:
        await who(pilot)
        await shows(pilot, "2 people")


async def test_what_is_not_connected_is_said_and_the_others_answer(lite: Town, tmp_path: Path) -> None:
    gone = {"multipass": f"sqlite:///{tmp_path}/gone/x.db"}
    async with open_town(lite, at("ann@example.org"), urls=gone).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot, "multipass")
        await until(pilot, lambda: frame._parts.get("multipass") is not None)
        shown = await shows(pilot, "✕ multipass +It is not open")
        assert {found.source for found in frame._people[0].subjects} == {
            "trustsphere",
            "paymentlinker",
            "finpass",
        }
        assert "1 person" in shown


async def test_what_is_slow_is_waited_for_and_then_said(lite: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    free, real = threading.Event(), whotree.source_of

    def source(link: Link) -> Source:
        if link.name != "finpass":
            return real(link)

        def hang() -> Session:
            free.wait(30)
            raise Usage("too late")

        return Source(link.name, hang)

    monkeypatch.setattr(module, "source_of", source)
    monkeypatch.setattr(module, "PATIENCE", 1.0)
    async with open_town(lite, at("ann@example.org")).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await shows(pilot, "… finpass +is being asked")
        await shows(pilot, "trustsphere +user")
        await shows(pilot, "✕ finpass +It does not answer within 1 s")
        free.set()
        await who(pilot)


async def test_an_index_that_is_missing_is_said_with_what_makes_it(lite: Town) -> None:
    schema = lite.session("finpass").schema.tables["users"]
    for index in schema.indexes:
        if index.columns[0] == "email":
            lite.run("finpass", f"DROP INDEX {index.name}")
    lite.go_home()
    async with open_town(lite, at("ann@example.org")).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot)
        frame.lines.action_last()
        await until(pilot, lambda: any("users.email has no index" in line.text for line in frame.lines.lines))
        assert any("--part indexes" in line.text for line in frame.lines.lines)


async def test_nobody_and_texts_that_can_be_nowhere(lite: Town) -> None:
    async with open_town(lite, at("did:key:zNobody")).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot)
        await shows(pilot, "Nobody: :who TEXT finds values")
        assert frame.why_not("act") is not None
        frame.turn_to(at("x" * 401))
        await shows(pilot, "1 to 400 printable characters")
        frame.turn_to(at(""))
        await who(pilot)


async def test_a_record_is_acted_upon_where_it_is_found(lite: Town) -> None:
    async with open_town(lite, at("ann@example.org")).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot)
        to(frame, f"multipass:multipass_sessions/{id_of('ann session 0')}")
        await arm_here(pilot, "multipass")
        await pilot.press("exclamation_mark")
        await shows(pilot, "Actions on multipass_sessions")
        await type_in(pilot, "end it")
        await pilot.press("ctrl+u", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Form))
        await shows(pilot, "revoked at")
        await type_in(pilot, "a stranger's")
        await pilot.press("tab", "tab", "enter")
        await until(
            pilot, lambda: any(row["revoked_at"] for row in lite.rows("multipass", mp.multipass_sessions))
        )
        frame = await who(pilot)
        await until(pilot, lambda: any(one.state == "ended" for one in frame._people[0].records))


async def test_each_of_several_is_contained_by_their_own_line(lite: Town) -> None:
    async with open_town(lite, at("+41 44 555 01 01")).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot)
        to_person(frame, "Bob")
        await pilot.press("exclamation_mark")
        await shows(pilot, "Contain Bob")
        await shows(pilot, "this person has no access here")


async def test_a_telephone_alone_contains_nobody(lite: Town) -> None:
    async with open_town(lite, at("ann@example.org")).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot)
        to_person(frame, "Bob")
        await pilot.press("exclamation_mark")
        await shows(pilot, "The telephone alone says that they are the same")


async def test_hostile_names_are_shown_and_do_nothing(lite: Town) -> None:
    async with open_town(lite, at("ann@example.org")).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot)
        for name in STRINGS[::40]:
            said = name.encode("utf-8", "replace").decode().replace("\x00", "")[:200]
            lite.run(
                "multipass",
                "UPDATE identity_profiles SET display_name = :name WHERE id = :id",
                name=said,
                id=id_of("ann"),
            )
            await pilot.press("R")
            frame = await who(pilot)
            shown = picture(pilot.app.screen)
            assert not {char for char in shown if not char.isprintable()} - {"\n"}
        assert isinstance(frame, WhoScreen)
        assert len(frame._people) == 2


async def test_a_system_that_opens_later_is_asked_then(lite: Town, tmp_path: Path) -> None:
    there, away = tmp_path / "multipass.db", tmp_path / "away.db"
    there.rename(away)
    async with open_town(lite, at("ann@example.org")).run_test(size=(120, 40)) as pilot:
        frame = await who(pilot, "multipass")
        await shows(pilot, "✕ multipass")
        away.rename(there)
        await pilot.press("R")
        await until(pilot, lambda: all(link.session for link in pilot.app._desk.links))  # type: ignore[attr-defined] # Console
        await until(pilot, lambda: len(frame._people) == 2 and frame.settled)
        assert {found.source for found in frame._people[0].subjects} == set(NAMES)


def test_what_was_looked_for_is_never_kept() -> None:
    kept: dict[str, Any] = at("ann@example.org").kept()
    assert not re.search("ann", str(kept))
