"""The passwords in the drivers' own files: ``~/.pgpass``, ``pg_service.conf``, ``~/.my.cnf``.

Each is read only if nobody else can read it: a file that is open to others is refused, not passed over.
"""

from __future__ import annotations

import os
from pathlib import Path

from console import private
from console.account import Account
from db.errors import Refused


def pgpass(account: Account) -> str | None:
    """The first line of ``~/.pgpass`` (``PGPASSFILE``) that fits host, port, database and user."""
    wanted = (
        "localhost" if account.socket else account.host,
        account.port or "5432",
        account.database or account.user,
        account.user,
    )
    for line in _text(Path(os.environ.get("PGPASSFILE") or Path.home() / ".pgpass")).splitlines():
        if line.startswith("#"):
            continue
        fields = _fields(line)
        fits = zip(fields, wanted, strict=False)
        if len(fields) == 5 and all(field in ("*", value) for field, value in fits):
            return fields[4]
    return None


def _fields(line: str) -> list[str]:
    """The fields between colons; a backslash keeps the next sign as it is."""
    fields, signs = [""], iter(line)
    for sign in signs:
        if sign == "\\":
            fields[-1] += next(signs, "")
        elif sign == ":" and len(fields) < 5:
            fields.append("")
        else:
            fields[-1] += sign
    return fields


def service(account: Account) -> str | None:
    """The password in the section of ``pg_service.conf`` that the URL names."""
    if not account.service:
        return None
    named = os.environ.get("PGSERVICEFILE")
    places = [Path(named)] if named else [Path.home() / ".pg_service.conf"]
    if folder := os.environ.get("PGSYSCONFDIR"):
        places.append(Path(folder) / "pg_service.conf")
    for place in places:
        found = _sections(place).get(account.service, {}).get("password")
        if found:
            return found
    return None


def my_cnf(account: Account) -> str | None:
    """The password of ``[client]`` in ``~/.my.cnf``, unless that names another host or user."""
    client = _sections(Path.home() / ".my.cnf").get("client", {})
    for name, mine in (("user", account.user), ("host", account.host or "localhost"), ("port", account.port)):
        if client.get(name) and mine and client[name] != mine:
            return None
    return client.get("password") or None


def _sections(path: Path) -> dict[str, dict[str, str]]:
    text = "\n".join(line for line in _text(path).splitlines() if not line.startswith("!"))
    if not text:
        return {}
    from configparser import ConfigParser, Error  # noqa: PLC0415 - 1 ms of every start without such a file

    parser = ConfigParser(interpolation=None, allow_no_value=True, strict=False, inline_comment_prefixes=None)
    try:
        parser.read_string(text)
    except Error:
        raise Refused(f"{path} cannot be read: a line in it is no setting.") from None
    return {
        name: {key: _unquoted(value or "") for key, value in parser[name].items()}
        for name in parser.sections()
    }


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _text(path: Path) -> str:
    """The file's text; empty where there is none."""
    try:
        return private.read(path.resolve()).decode(errors="replace")
    except FileNotFoundError:
        return ""
