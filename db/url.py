"""Database URLs: which driver, which hosts, whether the wire leaves the machine."""

from __future__ import annotations

import os

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from db.errors import Usage
from db.model import Profile

LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "sqlite": "sqlite",
}


def url_of(profile: Profile) -> URL:
    """The profile's URL with our driver; raises Usage for one that cannot be read or an engine that is not served."""
    try:
        url = make_url(profile.url)
    except ArgumentError:
        raise Usage(
            f"{profile.name}: '{profile.url}' is no database URL; it looks like postgresql://user@host/database."
        ) from None
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise Usage(
            f"{profile.name}: the engine '{url.get_backend_name()}' is not served; there are postgresql, mysql, mariadb and sqlite."
        )
    return url.set(drivername=driver)


def is_local(url: URL) -> bool:
    """Whether the server is reached over a socket or loopback, so that TLS adds nothing."""
    named = [url.host or "", *texts(url.query.get("host")), *texts(url.query.get("hostaddr"))]
    hosts = [part for name in named for part in name.split(",") if part]
    if not hosts and url.get_backend_name() == "postgresql":
        if url.query.get("service") or os.environ.get("PGSERVICE"):
            return False  # the service file may name any host
        hosts = [
            part for name in ("PGHOST", "PGHOSTADDR") for part in os.environ.get(name, "").split(",") if part
        ]
    return all(host.rsplit(":", 1)[0] in LOCAL or host in LOCAL or host.startswith("/") for host in hosts)


def texts(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """A query value of a URL as a tuple."""
    return () if value is None else (value,) if isinstance(value, str) else value
