"""Changing ``profiles.toml`` so that its comments and order stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import Table

from console import private, profiles
from db.errors import Usage, unknown


def check_new(name: str, values: Mapping[str, Any]) -> None:
    """Raise Usage for a name that is taken or values that cannot be meant."""
    if name in profiles.load():
        raise Usage(f"There is a profile '{name}' already; 'quaestor profiles edit {name}' changes it.")
    profiles.profile(name, values)


def add(name: str, values: Mapping[str, Any]) -> None:
    """Add a profile; raises Usage as ``check_new`` does."""
    check_new(name, values)
    document = _document()
    table = tomlkit.table()
    table.update(values)
    _profiles(document).append(name, table)
    _write(document)


def change(name: str, values: Mapping[str, Any], drop: tuple[str, ...] = ()) -> None:
    """Set and drop keys of a profile; raises Usage for what cannot be meant."""
    document = _document()
    table = _profiles(document).get(name)
    if table is None:
        raise unknown("profile", name, profiles.load())
    for key in drop:
        if key not in table:
            raise unknown(f"key of {name}", key, list(table))
        table.remove(key)
    table.update(values)
    profiles.profile(name, table.unwrap())
    _write(document)


def remove(name: str) -> None:
    """Remove a profile."""
    document = _document()
    if name not in _profiles(document):
        raise unknown("profile", name, profiles.load())
    _profiles(document).remove(name)
    _write(document)


def read(key: str, text: str) -> Any:
    """The value that a text means for a key: what TOML reads where the key takes no text; raises Usage."""
    try:
        profiles.check(key, text)
    except profiles.Wrong:
        if key not in profiles.KEYS:
            raise
    else:
        return text
    try:
        value = tomlkit.value(text).unwrap()
    except tomlkit.exceptions.TOMLKitError:
        value = text
    profiles.check(key, value)
    return value


def _document() -> tomlkit.TOMLDocument:
    profiles.load()  # tells what is wrong with the file, and where
    try:
        return tomlkit.parse(private.read(profiles.path(), secret=False).decode())
    except FileNotFoundError:
        return tomlkit.document()


def _profiles(document: tomlkit.TOMLDocument) -> Table:
    """The table of all profiles, made where it is missing."""
    if "profiles" not in document:
        document.append("profiles", tomlkit.table(is_super_table=True))
    found = document["profiles"]
    if not isinstance(found, Table):
        raise Usage(
            f"{profiles.path()}: write each profile as a table of its own, [profiles.NAME], to have it changed."
        )
    return found


def _write(document: tomlkit.TOMLDocument) -> None:
    private.replace(profiles.path(), tomlkit.dumps(document).rstrip("\n").encode() + b"\n")
