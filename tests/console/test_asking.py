"""Passwords that only a person knows: asked for when a server wants one, never before, and on a terminal only."""

import sys
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from console import asking, profiles, secrets, sessions, unlocked
from db.errors import Missing, Refused, Unreachable
from tests.benchmarks.terminal import Terminal
from tests.conftest import Fresh, engines_for
from tests.console.conftest import fill
from tests.servers import Servers

SERVERS = [engine for engine in engines_for() if engine != "sqlite"]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that were asked on a terminal; each is answered ``right``."""
    questions: list[str] = []

    def answer(question: str) -> str:
        questions.append(question)
        return "right"

    monkeypatch.setattr(asking, "getpass", answer)
    monkeypatch.setattr(asking, "interactive", lambda: True)
    return questions


@pytest.mark.parametrize("engine", SERVERS)
def test_a_password_is_asked_for_when_the_server_wants_one(
    engine: str, fresh: Fresh, servers: Servers, typed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(fresh(engine))
    name = f"u{url.database}"[:30]
    login = name if engine == "postgresql" else f"{name}@localhost"
    kind = "ROLE" if engine == "postgresql" else "USER"
    password = "LOGIN PASSWORD 'right'" if engine == "postgresql" else "IDENTIFIED BY 'right'"
    servers[engine].ask(f"CREATE {kind} {login} {password}")
    if engine != "postgresql":
        servers[engine].ask(f"GRANT ALL ON {url.database}.* TO {login}")
    try:
        target = url.set(username=name).render_as_string()
        with pytest.raises(Missing, match="no tables"):
            sessions.connected(profiles.of_target(target))
        assert len(typed) == 1
        assert f"Password of {name}@127.0.0.1" in typed[0]
        monkeypatch.setattr(asking, "interactive", lambda: False)
        with pytest.raises(Unreachable, match="password"):
            sessions.connected(profiles.of_target(target))
        assert len(typed) == 1
    finally:
        servers[engine].drop(url.render_as_string())
        servers[engine].ask(f"DROP {kind} {login}")


@pytest.mark.parametrize("engine", SERVERS)
def test_nothing_is_asked_where_none_is_wanted(engine: str, fresh: Fresh, typed: list[str]) -> None:
    with pytest.raises(Missing, match="no tables"):
        sessions.connected(profiles.of_target(fresh(engine)))
    assert typed == []


def test_the_vault_is_opened_once_and_only_for_those_who_are_in_it(typed: list[str]) -> None:
    unlocked.store("bank", "hunter2", "right")
    unlocked.forget()
    without = profiles.profile("plain", {"url": "mysql://ops@db/bank"})
    inside = profiles.profile("bank", {"url": "mysql://ops@db/bank", "vault": "bank"})
    asking.unlock(without)
    assert typed == []
    asking.unlock(inside)
    asking.unlock(inside)
    assert len(typed) == 1
    assert inside.password() == "hunter2"


def test_what_was_typed_is_used_from_then_on(typed: list[str]) -> None:
    profile = profiles.of_target("mysql://ops@db/bank")
    assert asking.lacks(profile)
    asking.prompt(profile)
    assert profile.password() == "right"
    assert isinstance(profile.password, secrets.Chain)
    assert profile.password.used == "the prompt"
    assert asking.lacks(profile), "it may have been wrong"
    profile.password.keep("second")
    assert profile.password() == "second"
    assert profile.password.words.count("the prompt") == 1
    assert not asking.lacks(profiles.of_target("sqlite:///x.db"))


def test_nothing_typed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "getpass", lambda _question: "")
    with pytest.raises(Refused, match="Nothing was typed"):
        asking.ask("?")


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forkpty() beside threads of the tests
@pytest.mark.parametrize("engine", [engine for engine in SERVERS if engine != "mysql"])
def test_the_console_asks_on_the_bare_terminal(
    engine: str, fresh: Fresh, servers: Servers, home: Path, tmp_path: Path
) -> None:
    system = {"postgresql": "finpass", "mariadb": "trustsphere"}[engine]
    url = make_url(fresh(engine))
    fill(system, url.render_as_string(), 50)
    name = f"u{url.database}"[:30]
    if engine == "postgresql":
        servers[engine].ask(f"CREATE ROLE {name} LOGIN SUPERUSER PASSWORD 'hunter2'")
    else:
        servers[engine].ask(f"CREATE USER {name}@localhost IDENTIFIED BY 'hunter2'")
        servers[engine].ask(f"GRANT ALL ON {url.database}.* TO {name}@localhost")
    target = f"{system}+{url.set(username=name).render_as_string()}"
    words = [sys.executable, "-m", "console", "open", target, "--at", "users"]
    try:
        with Terminal(words, env={"QUAESTOR_HOME": str(home), "HOME": str(tmp_path)}) as terminal:
            terminal.wait("Password of")
            terminal.send("wrong<enter>")
            terminal.wait("Password of", absent=True)
            terminal.wait("refuses")
            terminal.wait("Password of")
            terminal.send("hunter2<enter>")
            terminal.wait("ACTIVE")
            assert b"hunter2" not in terminal.seen
            terminal.send("<ctrl+q>")
    finally:
        servers[engine].drop(url.render_as_string())
        kind, login = ("ROLE", name) if engine == "postgresql" else ("USER", f"{name}@localhost")
        servers[engine].ask(f"DROP {kind} {login}")
