"""Typing: the line, what completes it, and the settings, places and state that come of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import Usage
from db.registry import system
from screens import settings, state, themes
from screens.completion import Known, complete, complete_filter
from screens.edit import Typing
from screens.places import History, Place
from screens.settings import Settings
from screens.state import State

EDITING = (
    "left",
    "right",
    "home",
    "end",
    "backspace",
    "delete",
    "ctrl+w",
    "ctrl+u",
    "ctrl+k",
    "ctrl+left",
    "ctrl+right",
)
LINKER = system("paymentlinker")
APPLICATIONS = LINKER.by_name["applications"]


@given(st.lists(st.one_of(st.sampled_from(EDITING), st.text("ab é漢", min_size=1, max_size=4))))
def test_the_cursor_never_leaves_the_line(steps: list[str]) -> None:
    typing = Typing()
    for step in steps:
        if step in EDITING:
            assert typing.press(step)
        else:
            typing.put(step)
        assert 0 <= typing.at <= len(typing.text)


def test_words_are_cut_and_walked() -> None:
    typing = Typing()
    typing.set("one two  three")
    typing.press("ctrl+w")
    assert typing.text == "one two  "
    typing.press("ctrl+w")
    assert typing.text == "one "
    typing.press("home")
    typing.press("ctrl+k")
    assert (typing.text, typing.at) == ("", 0)
    assert not typing.press("x")


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("appl", "applications"), ("at pay", "paymentlinker"), ("set the", "theme"), ("set theme li", "light"),
        ("set clipboard o", "off"), ("view sa", "save"), ("applications rev", "review"),
        ("applications /sta", "status"), ("applications /status=app", "status=approved"), ("export js", "jsonl"),
    ],
)  # fmt: skip
def test_commands_are_completed(text: str, among: str) -> None:
    known = Known(
        commands={"at": "", "set": "", "view": "", "export": ""},
        entities=LINKER.entities,
        systems=["paymentlinker"],
        settings=Settings().texts(),
        themes=themes.names(),
    )
    assert among in [choice.text for choice in complete(known, text).among]


def test_nothing_typed_offers_nothing() -> None:
    assert not complete(Known(entities=LINKER.entities), "").among


def test_filters_are_completed_with_what_is_known() -> None:
    assert "requested_limit>=" in _offered("requested_limit")
    assert "created_at>-7d" in _offered("created_at")
    assert "status=review" in _offered("status=")
    assert "email=ann@example.org" in _offered("email", {"email": ["ann@example.org"]})
    assert not any(text.startswith("ssn") for text in _offered(""))
    made = complete_filter(APPLICATIONS, "status=review crea", {})
    assert made.start == len("status=review ")
    assert "created_at" in [choice.text for choice in made.among]


def _offered(text: str, seen: dict[str, list[str]] | None = None) -> list[str]:
    return [choice.text for choice in complete_filter(APPLICATIONS, text, seen or {}).among]


# Places


def test_history_goes_back_forward_and_to_the_last() -> None:
    one, two, three = (Place("list", "x", name) for name in ("one", "two", "three"))
    history = History()
    history.left(one, two)
    history.left(two, three)
    assert history.back(three) == two
    assert history.back(two) == one
    assert history.back(one) is None
    assert history.forward(one) == two
    assert history.last(two) == one
    assert history.last(one) == two


def test_the_same_list_is_no_step() -> None:
    history = History()
    history.left(Place("list", "x", "a"), Place("list", "x", "a", row="5"))
    assert history.back(Place()) is None


def test_what_was_looked_for_is_never_written_down(tmp_path: Path) -> None:
    path = tmp_path / "state" / "console.json"
    place = Place("list", "x", "users", "all", filter="email=ann@example.org", row="17", offset=3)
    state.save(path, State(places={"x": place}, current="x"))
    assert "ann@example" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    kept = state.load(path).places["x"]
    assert (kept.entity, kept.view, kept.row, kept.offset, kept.filter) == ("users", "all", "17", 3, "")
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"version": 2}', json.dumps({**State().as_json(), "places": {"x": {"screen": 7}}}),
     json.dumps({**State().as_json(), "places": {"x": {"unknown": "y"}}}), json.dumps({**State().as_json(), "views": []})],
)  # fmt: skip
def test_a_broken_state_file_is_named_and_set_aside(tmp_path: Path, text: str) -> None:
    path = tmp_path / "console.json"
    path.write_text(text)
    with pytest.raises(Usage, match=r"console\.json"):
        state.load(path)
    aside = state.set_aside(path)
    assert aside.read_text() == text
    assert state.load(path) == State()


# Settings and themes


def test_settings_are_read_and_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "console.toml"
    assert settings.load(path, Settings()) == (Settings(), {})
    path.write_text('[settings]\ntheme = "light"\nmouse = false\nrefresh = 30\n[keys]\nwide = "w"\n')
    held, keys = settings.load(path, Settings())
    assert (held.theme, held.mouse, held.refresh, dict(keys)) == ("light", False, 30, {"wide": "w"})
    for text in ("[settings]\nthemes = 1\n", "[settings]\nmouse = 5\n", "settings = 1\n", "[settings\n"):
        path.write_text(text)
        with pytest.raises(Usage):
            settings.load(path, Settings())


def test_the_bastion_is_found_over_ssh() -> None:
    assert not settings.defaults({}).bastion
    far = settings.defaults({"SSH_CONNECTION": "203.0.113.5 50000 192.0.2.1 22"})
    assert far.bastion
    assert not far.mouse
    assert far.refresh > settings.defaults({}).refresh


@pytest.mark.parametrize("name", themes.names())
def test_every_theme_has_every_tone(name: str) -> None:
    theme = themes.load(name)
    assert set(themes.TONES) <= set(theme.styles)
    assert theme.summary


def test_a_theme_without_colours_has_none() -> None:
    assert all(
        style.color is None and style.bgcolor is None for style in themes.load("plain").styles.values()
    )


def test_a_broken_theme_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[tones]\ntext = ''\n")
    with pytest.raises(Usage, match=r"mine\.toml has no style for faint"):
        themes.load("mine", tmp_path)
    (tmp_path / "mine.toml").write_text("[tones\n")
    with pytest.raises(Usage, match=r"mine\.toml cannot be read"):
        themes.load("mine", tmp_path)
    with pytest.raises(Usage, match="Did you mean light"):
        themes.load("ligth", tmp_path)
