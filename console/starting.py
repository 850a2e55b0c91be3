"""What the console begins with: settings, keys, look and state, each from its file, each replaceable by a default."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from console import places
from db.errors import Usage
from db.profile import Profile
from screens import keys, settings, state, themes
from screens.base import SCREENS
from screens.desk import Desk
from screens.places import Place
from screens.settings import Settings

Value = TypeVar("Value")


class Start:
    """Reads the files; what is broken is named in ``news``, and its default holds."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.news: list[str] = []
        """What is to be told once the console is there."""
        self._folder = places.config() / "themes"
        usual: tuple[Settings, Mapping[str, str]] = settings.defaults(), {}
        found, wanted = self._or(lambda: settings.load(places.config() / "console.toml", usual[0]), usual)
        self.keymap = self._keys(wanted, profiles)
        """The keys that are not the usual ones, as Textual wants them."""
        self.desk = Desk(profiles, self._set(found, profiles), self._state(), places.state() / "console.json")
        self.desk.theme_folders = (self._folder,)
        self._look(self.desk.settings)

    def _or(self, read: Callable[[], Value], otherwise: Value) -> Value:
        try:
            return read()
        except Usage as error:
            self.news.append(str(error))
            return otherwise

    def _keys(self, wanted: Mapping[str, str], profiles: Sequence[Profile]) -> Mapping[str, str]:
        """From the file, and from the settings ``key.<verb>`` of the profiles."""
        named = {
            name.removeprefix("key."): value
            for profile in profiles
            for name, value in profile.settings.items()
            if name.startswith("key.")
        }
        keymap = self._or(lambda: keys.remap({**wanted, **named}), None)
        if keymap is None:
            self.news[-1] += " The usual keys hold."
        return keymap if keymap is not None else {}

    def _set(self, found: Settings, profiles: Sequence[Profile]) -> Settings:
        """The settings ``screen.<name>`` of the profiles."""
        for profile in profiles:
            for name, value in profile.settings.items():
                if name.startswith("screen."):
                    found = self._or(partial(found.changed, name.removeprefix("screen."), value), found)
        return found

    def _state(self) -> state.State:
        path = places.state() / "console.json"
        try:
            return state.load(path)
        except Usage as error:
            try:
                self.news.append(f"{error} It is set aside as {state.set_aside(path)}.")
            except OSError:
                self.news.append(f"{error} It is not used.")
            return state.State()

    def _look(self, wanted: Settings) -> None:
        name = "plain" if os.environ.get("NO_COLOR") else wanted.theme
        theme = self._or(lambda: themes.load(name, self._folder), None)
        themes.use(theme or themes.load(Settings.theme))


def begin(desk: Desk, at: str, *, choose: bool) -> Place:
    """Where to begin: where it was asked for, or where one was, or with the only system there is."""
    names = [link.name for link in desk.links]
    if at == "overview" or not names:
        return Place()
    if at in SCREENS:
        return Place(SCREENS[at], names[0])
    if at:
        entity, _, view = at.partition("/")
        return Place("list", names[0], entity, view)
    if (kept := desk.kept.places.get(desk.kept.current)) is not None and kept.at in names:
        return kept
    return Place("list", names[0]) if len(names) == 1 and not choose else Place()
