"""Whose password is looked for: user, host and database of a URL, without importing any driver."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

_URL = re.compile(
    r"(?P<scheme>[\w+]+)://(?:(?P<user>[^:/@]*)(?::(?P<password>[^/?]*|[^@]*))?@)?"
    r"(?P<host>\[[^\]]*\]|[^/:?]*)(?::(?P<port>[^/?]*))?(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?",
    re.S,
)
_PASSWORDS = ("password", "passwd")


@dataclass(frozen=True)
class Account:
    """What a URL says of a sign-in."""

    engine: str
    """``postgresql``, ``mysql`` or ``sqlite``."""
    user: str
    host: str
    """Empty or a path for a socket."""
    port: str
    database: str
    service: str = ""
    """The section of ``pg_service.conf`` that the URL names."""

    @property
    def remote(self) -> bool:
        """Whether a server is signed in to at all."""
        return self.engine != "sqlite"

    @property
    def socket(self) -> bool:
        """Whether the server is reached over a socket, so that it knows who asks."""
        return self.host == "" or self.host.startswith(("/", "@"))

    def __str__(self) -> str:
        place = f"{self.host or 'socket'}{f':{self.port}' if self.port else ''}"
        return f"{self.user}@{place}/{self.database}" if self.user else f"{place}/{self.database}"


_ENGINES = {"postgres": "postgresql", "mariadb": "mysql"}


def account(url: str) -> Account:
    """The account of a database URL; what cannot be read is left empty for the engine to complain of."""
    found = _URL.fullmatch(url)
    if found is None:
        return Account("", "", "", "", "")
    scheme, user, host, port, database = (
        unquote(found[name] or "") for name in ("scheme", "user", "host", "port", "database")
    )
    query = parse_qs(found["query"] or "")
    many = query.get("host", [""])[0]
    if many and not host:
        host, _, port = many.rpartition(":") if ":" in many and not many.startswith("/") else (many, "", "")
    engine = scheme.partition("+")[0]
    return Account(
        _ENGINES.get(engine, engine),
        user or query.get("user", [""])[0],
        host.strip("[]") or query.get("unix_socket", [""])[0],
        port,
        database,
        query.get("service", [""])[0],
    )


def without_password(url: str) -> tuple[str, str | None]:
    """The URL without the password in it, and that password."""
    found = _URL.fullmatch(url)
    if found is None:
        return url, None
    password = found["password"]
    if password is not None:
        start, end = found.span("password")
        url = url[: start - 1] + url[end:]
    base, mark, query = url.partition("?")
    kept = [part for part in query.split("&") if part.partition("=")[0].lower() not in _PASSWORDS]
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name.lower() in _PASSWORDS:
            password = value
    return base + (mark + "&".join(kept) if kept and mark else ""), None if password is None else unquote(
        password
    )
