"""``profiles.toml`` → frozen Profiles. No password ever stands in it; ``console.secrets`` says where they are.

[profiles.finpass-prod]
url = "finpass+postgresql://ops_anna@db1/finpass"
password_command = ["vault", "read", "-field=password", "secret/finpass"]
label = "PROD"
colour = "red"
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from console import places, private, sealing, secrets, unlocked
from console.account import account, without_password
from db.errors import Usage, unknown
from db.names import NAMES
from db.profile import Mode, Profile

ENGINES = ("postgresql", "postgres", "mysql", "mariadb", "sqlite")
"""What a URL may begin with; anything else before a ``+`` names a system."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 86_400


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _words(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(word, str) and word for word in value)


def _zone(value: Any) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - 2 ms before the first frame

    try:
        return isinstance(value, str) and bool(ZoneInfo(value))
    except (ZoneInfoNotFoundError, ValueError):
        return False


def _settings(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str | int | float) for v in value.values())


@dataclass(frozen=True)
class Key:
    """One key of a profile."""

    fits: Callable[[Any], bool]
    what: str
    """What it takes, in words."""
    one_of: tuple[str, ...] = ()


KEYS: Mapping[str, Key] = {
    "url": Key(_text, "a database URL without a password"),
    "system": Key(_text, f"{', '.join(NAMES[:-1])} or {NAMES[-1]}", NAMES),
    "password_command": Key(_words, 'a list of words, ["vault", "read", …], run without a shell'),
    "vault": Key(_text, "the name of the secret in the vault"),
    "mode": Key(_text, "audit or operate", tuple(Mode)),
    "colour": Key(_text, "a colour"),
    "label": Key(_text, "a word"),
    "naive_times": Key(_zone, "a zone such as Europe/Zurich"),
    "tls": Key(_text, "verify, require or off", ("verify", "require", "off")),
    "tls_ca": Key(_text, "a file"),
    "tls_cert": Key(_text, "a file"),
    "tls_key": Key(_text, "a file"),
    "pooler": Key(_flag, "true or false"),
    "tenant": Key(_text, "a tenant's id"),
    "statement_timeout": Key(_seconds, "seconds"),
    "lock_timeout": Key(_seconds, "seconds"),
    "idle_timeout": Key(_seconds, "seconds"),
    "connect_timeout": Key(_seconds, "seconds"),
    "settings": Key(_settings, "a table of thresholds"),
}


def path() -> Path:
    """The file with the profiles."""
    return places.config() / "profiles.toml"


def load(file: Path | None = None) -> dict[str, Profile]:
    """The profiles by name, none where there is no file; raises Usage with the line for what cannot be meant."""
    file = file or path()
    try:
        text = private.read(file, secret=False).decode()
        content = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise Usage(f"{file} cannot be read: {error}.") from None
    except UnicodeDecodeError as error:
        raise Usage(f"{file} cannot be read: byte {error.start} is not UTF-8.") from None
    if strange := sorted(content.keys() - {"profiles"}):
        raise Usage(
            f"{file}, line {line_of(text, strange[0])}: '{strange[0]}' is not known; write [profiles.NAME]."
        )
    tables = content.get("profiles", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise Usage(f"{file}: each profile is a table of its own: [profiles.NAME].")
    return {name: _checked(file, text, name, table) for name, table in tables.items()}


def _checked(file: Path, text: str, name: str, table: Mapping[str, Any]) -> Profile:
    try:
        return profile(name, table)
    except Wrong as error:
        raise Usage(f"{file}, line {line_of(text, name, error.key)}: {error}") from None


class Wrong(Usage):
    """A profile that cannot be meant; ``key`` is where."""

    def __init__(self, sentence: str, key: str = "") -> None:
        super().__init__(sentence)
        self.key = key


def profile(name: str, table: Mapping[str, Any]) -> Profile:
    """A profile of its table; raises Wrong."""
    if not NAME.fullmatch(name):
        raise Wrong(f"'{name}' is no name for a profile: letters, digits, '.', '_' and '-' are.")
    for key, value in table.items():
        check(key, value)
    if "url" not in table:
        raise Wrong(f"The profile '{name}' has no url.")
    system, url = split(table["url"])
    plain, password = without_password(url)
    if password is not None:
        raise Wrong(
            "A password does not belong into a profile; 'quaestor profiles edit NAME --store-password' puts it "
            "into the vault.",
            "url",
        )
    vault = table.get("vault", "")
    chain = secrets.chain(
        account(plain),
        name,
        argv=tuple(table.get("password_command", ())),
        vault=partial(unlocked.password, vault) if vault else None,
        warn=warn,
    )
    fields = {key: value for key, value in table.items() if key not in ("url", "vault", "password_command")}
    fields["mode"] = Mode(fields.get("mode", Mode.OPERATE))
    fields["settings"] = {key: str(value) for key, value in fields.get("settings", {}).items()}
    fields["system"] = fields.get("system") or system
    keys = partial(sealing.key, name)
    return Profile(
        name=name,
        url=plain,
        password=chain,
        password_source=chain.words,
        sealing_key=keys,
        **fields,
    )


def check(key: str, value: Any) -> None:
    """Raise Wrong unless the key is known and the value fits it."""
    if key == "password":
        raise Wrong("A password does not belong into a profile; name a password_command or the vault.", key)
    rule = KEYS.get(key)
    if rule is None:
        raise Wrong(str(unknown("key", key, KEYS)), key)
    if not rule.fits(value) or (rule.one_of and value not in rule.one_of):
        raise Wrong(f"'{key}' wants {rule.what}.", key)


def split(url: str) -> tuple[str, str]:
    """(system, database URL) of ``finpass+postgresql://…``; the system is empty where the URL names none.

    Raises Wrong for one that is unknown.
    """
    first, plus, rest = url.partition("+")
    if not plus or "://" in first or first in ENGINES:
        return "", url
    return known_system(first), rest


def known_system(name: str) -> str:
    """The name, if there is such a system; raises Wrong with the nearest names."""
    if name not in NAMES:
        raise Wrong(str(unknown("system", name, NAMES)), "url")
    return name


def of_target(target: str) -> Profile:
    """The profile of a name, or one made from a URL; raises Usage with the nearest names."""
    if "://" in target:
        return of_url(target)
    if not NAME.fullmatch(target):
        raise Usage(
            f"'{target}' is neither a profile's name nor a URL; one looks like "
            "finpass+postgresql://user@host/database or sqlite:///file.db."
        )
    known = load()
    if target not in known:
        if not known:
            raise Usage(
                f"There is no profile '{target}', nor any other; 'quaestor profiles add {target} URL' makes it."
            )
        raise unknown("profile", target, known)
    return known[target]


def of_url(target: str) -> Profile:
    """A profile made from ``SYSTEM+postgresql://…``; a password in it is taken out, with a warning."""
    system, url = split(target)
    plain, password = without_password(url)
    if password is not None:
        warn(
            "A password in a URL is seen by every user of this machine (ps) and kept in the shell's history."
        )
    who = account(plain)
    chain = secrets.chain(who, str(who), given=password, warn=warn)
    name = who.database.rpartition("/")[2].partition(".")[0] or who.engine or target
    return Profile(
        name=name,
        url=plain,
        system=system,
        password=chain,
        password_source=chain.words,
        sealing_key=partial(sealing.key, name),
    )


def distinct(chosen: list[Profile]) -> list[Profile]:
    """The same profiles with a number behind a name that another one bears."""
    seen: dict[str, int] = {}
    made = []
    for one in chosen:
        seen[one.name] = seen.get(one.name, 0) + 1
        made.append(replace(one, name=f"{one.name}-{seen[one.name]}") if seen[one.name] > 1 else one)
    return made


def line_of(text: str, name: str, key: str = "") -> int:
    """The line of a profile's key, of its header, or of a key outside; 1 where it cannot be told."""
    header = re.compile(rf"\s*\[+\s*(?:profiles\s*\.\s*)?[\"']?{re.escape(name)}[\"']?\s*(?:\.[^]]*)?\]+")
    assigned = re.compile(rf"\s*(?:[\"']?{re.escape(key or name)}[\"']?)\s*[.=]")
    line_of_header, inside = 0, not key
    for number, line in enumerate(text.splitlines(), 1):
        if header.match(line):
            line_of_header, inside = line_of_header or number, True
        elif line.lstrip().startswith("["):
            inside = not key
        if inside and assigned.match(line):
            return number
    return line_of_header or 1


_warned: set[str] = set()


def warn(sentence: str) -> None:
    """Say it once on stderr, if somebody still reads that."""
    if sentence not in _warned and sys.stderr is not None:
        _warned.add(sentence)
        print(f"quaestor: {sentence}", file=sys.stderr)  # noqa: T201 - narration, before any screen is up
