"""Which servers are so near that TLS adds nothing."""

import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url

from db.engine import make_engine
from db.model import Profile
from db.url import is_local

CASES = [
    ("postgresql://u@/db", True),
    ("postgresql://u@localhost/db", True),
    ("postgresql://u@127.0.0.1:5432/db", True),
    ("postgresql://u@/db?host=/var/run/postgresql", True),
    ("postgresql://u@/db?host=localhost:1&host=127.0.0.1:2", True),
    ("postgresql://u@db1/db", False),
    ("postgresql://u@/db?host=localhost:1&host=db2:2", False),
    ("postgresql://u@/db?host=localhost,db2", False),
    ("postgresql://u@/db?hostaddr=192.0.2.1", False),
    ("postgresql://u@/db?service=bank", False),
    ("mysql://u@127.0.0.1/db", True),
    ("mysql://u@bank.example/db", False),
]


@pytest.mark.parametrize(("url", "local"), CASES)
def test_only_sockets_and_loopback_are_local(url: str, local: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    assert is_local(make_url(url)) is local


@pytest.mark.parametrize(
    ("name", "value"), [("PGHOST", "db1"), ("PGHOSTADDR", "192.0.2.1"), ("PGSERVICE", "bank")]
)
def test_the_environment_may_name_another_host(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert not is_local(make_url("postgresql://u@/db"))


class _Enough(Exception):
    """What would be sent is known."""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://u@db1/db",
            {"sslmode": "verify-full", "sslrootcert": "system", "require_auth": "scram-sha-256"},
        ),
        ("mysql://u@db1/db", {"ssl_verify_cert": True, "ssl_verify_identity": True}),
    ],
)
def test_what_leaves_the_machine_is_verified(url: str, expected: dict[str, object]) -> None:
    engine = make_engine(Profile(name="p", url=url))

    def look(_dialect: object, _record: object, _arguments: object, given: dict[str, object]) -> None:
        assert expected.items() <= given.items()
        raise _Enough

    event.listen(engine, "do_connect", look)
    with pytest.raises(_Enough):
        engine.connect()
