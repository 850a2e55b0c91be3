"""MySQL, MariaDB and PyMySQL: TLS, session settings, reads that cannot write."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from db.errors import Usage
from db.model import Profile
from db.url import is_local

OPTIONS = frozenset(
    {
        "charset",
        "unix_socket",
        "ssl_ca",
        "ssl_cert",
        "ssl_key",
        "ssl_check_hostname",
        "ssl_verify_cert",
        "ssl_verify_identity",
    }
)
"""What may stand behind the question mark of a URL."""
opened: set[tuple[str, int | None, int]] = set()
"""(host, port, number) of the sessions that this process opened: a server does not always tell whose they are."""


def engine(profile: Profile, url: URL, options: dict[str, Any], read_only: bool) -> Engine:
    """An engine whose sessions have UTC, timeouts and, for reads, no right to write; nothing connects yet.

    Raises Usage for options of the URL that could run statements or read files before the session is read-only.
    """
    if strange := sorted(set(url.query) - OPTIONS):
        raise Usage(
            f"{profile.name}: {', '.join(strange)} cannot stand in the URL; {', '.join(sorted(OPTIONS))} can."
        )
    arguments: dict[str, Any] = {
        "connect_timeout": max(1, round(profile.connect_timeout)),
        "charset": "utf8mb4",
        "program_name": "quaestor",
        "read_timeout": round(profile.statement_timeout + 5),
        "write_timeout": round(profile.statement_timeout + 5),
        "local_infile": False,
        **_mysql_tls(profile, url),
    }
    made = create_engine(url.difference_update_query(["charset"]), connect_args=arguments, **options)

    @event.listens_for(made, "connect")
    def prepare(driver: Any, _record: Any) -> None:
        opened.add((str(url.host), url.port, driver.thread_id()))
        with driver.cursor() as cursor:
            cursor.execute(
                "SET " + ", ".join(_mysql_settings(profile, "MariaDB" in driver.get_server_info()))
            )
            if read_only:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")

    return made


def _mysql_tls(profile: Profile, url: URL) -> dict[str, Any]:
    if is_local(url) or profile.tls == "off":
        return {"ssl_disabled": True}
    arguments: dict[str, Any] = {
        "ssl_ca": profile.tls_ca or None,
        "ssl_cert": profile.tls_cert or None,
        "ssl_key": profile.tls_key or None,
    }
    if profile.tls == "verify":
        arguments |= {"ssl_verify_cert": True, "ssl_verify_identity": True}
    else:
        arguments |= {
            "ssl_verify_cert": False,
            "ssl_verify_identity": False,
            "ssl": {"check_hostname": False},
        }
    return {name: value for name, value in arguments.items() if value is not None}


def _mysql_settings(profile: Profile, mariadb: bool) -> list[str]:
    """Zero dates stay comparable: others may have stored some."""
    timeout = (
        f"max_statement_time={profile.statement_timeout:g}"
        if mariadb
        else f"max_execution_time={round(profile.statement_timeout * 1000)}"
    )
    return [
        "time_zone='+00:00'",
        "sql_mode='STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
        timeout,
        f"innodb_lock_wait_timeout={max(1, round(profile.lock_timeout))}",
        f"wait_timeout={max(60, round(profile.idle_timeout) * 20)}",
    ]
