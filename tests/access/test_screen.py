"""The credentials screen by keys: counted over all systems, unfolded, acted upon, opened in full."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.app import Console
from db.finpass import tables as fp
from db.multipass import tables as mp
from screens.credential import Credential
from screens.credentials import Count, Credentials, One
from screens.device import Device
from screens.dialogs import Form
from screens.listing import Listing
from screens.places import Place
from screens.table import Table
from tests.access.test_access import token, unsettle
from tests.screens import golden
from tests.screens.hostile import STRINGS
from tests.screens.office import picture, shows, type_in, until
from tests.who.consoles import arm_here, open_town, opened, still
from tests.who.town import Town, id_of

SIZES = [(80, 24), (120, 40)]
HERE = Place("credentials")


async def screen(pilot: Pilot[None], *missing: str) -> Credentials:
    """The screen, once everything is counted."""
    await opened(pilot, *missing)
    app = pilot.app
    assert isinstance(app, Console)
    await until(pilot, lambda: isinstance(app.frame, Credentials) and app.frame.settled)
    assert isinstance(app.frame, Credentials)
    return app.frame


def to(frame: Credentials, at: str, section: str, entity: str) -> None:
    """Put the cursor on a number."""
    found = (
        n
        for n, line in enumerate(frame.lines.lines)
        if isinstance(line.target, Count)
        and (line.target.at, line.target.ask.section, line.target.ask.entity) == (at, section, entity)
    )
    frame.lines.go_to(next(found))


async def unfold(pilot: Pilot[None], frame: Credentials, at: str, section: str, entity: str) -> None:
    """Unfold a number, and go to its first record."""
    to(frame, at, section, entity)
    await pilot.press("right")
    await until(pilot, lambda: frame.settled)
    await pilot.press("down")
    assert frame.lines.current is not None
    assert isinstance(frame.lines.current.target, One)


@pytest.mark.parametrize("size", SIZES)
async def test_what_gives_access_in_all_systems(lite: Town, size: tuple[int, int]) -> None:
    unsettle(lite)
    async with open_town(lite, HERE).run_test(size=size) as pilot:
        frame = await screen(pilot)
        shown = await shows(pilot, "what gives access, in 4 systems")
        assert re.search(r"multipass +hardware passes +1", shown)
        await unfold(pilot, frame, "multipass", "lost", "hardware_passes")
        await shows(pilot, "SER-ann-0")
        golden.check(f"credentials-{size[0]}", still(pilot))


async def test_the_key_leads_there_and_a_number_to_its_list(lite: Town) -> None:
    unsettle(lite)
    async with open_town(lite, Place("who", filter="SER-ann-0")).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("4")
        frame = await screen(pilot)
        to(frame, "finpass", "expiring-7d", "credentials")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Listing) and pilot.app.screen.settled)
        assert pilot.app.frame.here().view == "expiring-7d"  # type: ignore[attr-defined] # Console
        await pilot.press("escape")
        frame = await screen(pilot)
        to(frame, "trustsphere", "expiring-30d", "users")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Listing) and pilot.app.screen.settled)
        rows = pilot.app.screen.query_one(Table).window.rows
        assert [row.id for row in rows] == [id_of("ann")]


@pytest.mark.parametrize("size", SIZES)
async def test_a_credential_in_full(lite: Town, size: tuple[int, int]) -> None:
    unsettle(lite)
    async with open_town(lite, HERE).run_test(size=size) as pilot:
        frame = await screen(pilot)
        await unfold(pilot, frame, "finpass", "expiring-7d", "credentials")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Credential))
        shown = await shows(pilot, "decoded, not verified")
        for told in ("held by", "place 4711 on the status lists", "192.0.2.44", "PRESENTED", "EdDSA"):
            assert told in shown
        golden.check(f"credential-{size[0]}", still(pilot))
        await pilot.press("escape")
        frame = await screen(pilot)


async def test_a_pass_opens_as_a_device(lite: Town) -> None:
    unsettle(lite)
    async with open_town(lite, HERE).run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot)
        await unfold(pilot, frame, "multipass", "lost", "hardware_passes")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Device))


async def test_a_lost_pass_is_revoked_and_what_it_would_end_is_told(lite: Town) -> None:
    unsettle(lite)
    async with open_town(lite, HERE).run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot)
        assert frame.why_not("act") is not None
        await unfold(pilot, frame, "multipass", "lost", "hardware_passes")
        await arm_here(pilot, "multipass")
        await pilot.press("exclamation_mark")
        await shows(pilot, "Actions on hardware_passes")
        await type_in(pilot, "revoke")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Form))
        shown = await shows(pilot, "lost  →  revoked")
        assert re.search(r"sessions ended +0  →  4", shown)
        await type_in(pilot, "found in a train")
        await pilot.press("tab")
        await type_in(pilot, id_of("ann pass 0")[:8])
        await pilot.press("tab", "tab", "enter")
        await until(pilot, lambda: lite.rows("multipass", mp.hardware_passes)[0]["status"] == "revoked")
        frame = await screen(pilot)
        await until(
            pilot, lambda: re.search("Lost, and not revoked +none", picture(pilot.app.screen)) is not None
        )
    hers = [row for row in lite.rows("multipass", mp.multipass_sessions) if row["profile_id"] == id_of("ann")]
    assert all(row["revoked_at"] for row in hers)


async def test_it_folds_again(lite: Town) -> None:
    unsettle(lite)
    async with open_town(lite, HERE).run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot)
        await unfold(pilot, frame, "multipass", "live", "multipass_sessions")
        await pilot.press("down", "left")
        assert not any(isinstance(line.target, One) for line in frame.lines.lines)
        assert isinstance(frame.lines.current and frame.lines.current.target, Count)


async def test_what_is_not_open_is_said(lite: Town, tmp_path: Path) -> None:
    gone = {"multipass": f"sqlite:///{tmp_path}/gone/x.db"}
    async with open_town(lite, HERE, urls=gone).run_test(size=(120, 40)) as pilot:
        await screen(pilot, "multipass")
        shown = await shows(pilot, "in 3 systems")
        assert "multipass failed" in shown


async def test_hostile_texts_and_tokens_are_shown_and_do_nothing(lite: Town) -> None:
    unsettle(lite)
    hostile = STRINGS[::20]
    claims = {f"claim {n}": text.encode("utf-8", "replace").decode() for n, text in enumerate(hostile)}
    lite.run(
        "finpass",
        "UPDATE credentials SET credential_jwt = :jwt, credential_type = :name WHERE id = :id",
        jwt=token(claims, claims), name="\x1b]52;c;aGk=\x07[@click=app.quit]a[/] \u202e", id=id_of("ann credential 0"),
    )  # fmt: skip
    async with open_town(lite, HERE).run_test(size=(120, 40)) as pilot:
        frame = await screen(pilot)
        await unfold(pilot, frame, "finpass", "expiring-7d", "credentials")
        assert not {char for char in picture(pilot.app.screen) if not char.isprintable()} - {"\n"}
        await pilot.press("enter")
        shown = await shows(pilot, "decoded, not verified")
        assert not {char for char in shown if not char.isprintable()} - {"\n"}
    assert lite.rows("finpass", fp.credentials)
