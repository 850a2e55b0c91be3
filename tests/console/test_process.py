"""What only a real process shows: exit codes, signals, pipes, incidents, what the environment may not do."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import engines_for
from tests.console.conftest import Filled
from tests.servers import Server, Servers

QUAESTOR = (sys.executable, "-m", "console")


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "QUAESTOR_HOME": str(tmp_path / "home"),
        **more,
    }


def run(tmp_path: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*QUAESTOR, *arguments],
        env=environment(tmp_path, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_exit_codes_reach_the_shell(tmp_path: Path, filled: Filled) -> None:
    target = filled("finpass", "sqlite")
    good = run(tmp_path, "list", target, "users", "--limit", "3", "--format", "jsonl")
    assert (good.returncode, len(good.stdout.splitlines())) == (0, 3)
    assert run(tmp_path, "list", target, "nothing").returncode == 2
    assert run(tmp_path, "show", target, "users", "00000000-0000-4000-8000-000000000000").returncode == 1
    assert run(tmp_path, "list", "sqlite:////no/such/file.db", "users").returncode == 3
    assert run(tmp_path, "--version").stdout.startswith("quaestor, version")


def test_help_imports_neither_drivers_nor_textual(tmp_path: Path) -> None:
    code = (
        "import sys; from console.__main__ import run; run(['--help']);"
        "print([n for n in ('sqlalchemy', 'textual', 'psycopg', 'alembic', 'cryptography') if n in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment(tmp_path)
    )
    assert said.stdout.splitlines()[-1] == "[]"
    assert "seed" in said.stdout


def test_a_reader_that_has_enough_ends_it_quietly(tmp_path: Path, filled: Filled) -> None:
    target = filled("multipass", "sqlite")
    process = subprocess.Popen(
        [*QUAESTOR, "list", target, "application_events", "--limit", "0", "--format", "jsonl"],
        env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 0
    assert "Broken" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("engine", [engine for engine in engines_for() if engine != "sqlite"])
def test_ctrl_c_stops_the_statement_on_the_server(engine: str, tmp_path: Path, servers: Servers) -> None:
    url = servers[engine].create()
    sleep = "pg_sleep(60)" if engine == "postgresql" else "SLEEP(60)"
    code = (
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may ignore it\n"
        "from sqlalchemy import text\nfrom console.__main__ import run\n"
        "from console.cancelling import cancellable\nfrom console.cli import listing\n"
        "from db.run import execute\nfrom db.engine import make_engine, _server\n"
        "from db.model import Profile\nfrom db.schema import Schema\nfrom db.session import Session\n"
        f"profile = Profile('x', {url!r}, statement_timeout=60)\n"
        "engine = make_engine(profile)\n"
        "with engine.connect() as connection: server = _server(connection, profile)\n"
        "session = Session(profile=profile, system=None, engine=engine, schema=Schema(), server=server)\n"
        f"statement = text('SELECT {sleep} AS marked_for_this_test')\n"
        "import click\n"
        "@click.command()\ndef command():\n"
        "    cancellable(lambda cancel: execute(session, statement, {}, cancel))\n"
        "listing.command = command\n"
        "code = run(['list']); sys.stdout.flush(); sys.exit(code)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(tmp_path), stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(servers[engine], 1, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr is not None
        assert process.stderr.read() == "quaestor: Cancelled.\n"
        wait_for(servers[engine], 0, process)
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()
        servers[engine].drop(url)


def wait_for(server: Server, wanted: int, process: subprocess.Popen[str]) -> None:
    """Until so many of the process's statements run on the server."""
    question = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT%marked_for_this%'"
        " AND pid <> pg_backend_pid()"
        if server.engine == "postgresql"
        else "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT%%marked_for_this_test'"
        " AND id <> connection_id()"
    )
    deadline = time.monotonic() + 20
    while server.ask(question)[0][0] != wanted:
        assert time.monotonic() < deadline, f"not {wanted} statements running"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)


def test_what_nobody_expected_is_an_incident_without_values(tmp_path: Path) -> None:
    code = (
        "import sys; from console import crash; crash.install()\n"
        "def inner(secret):\n    raise ValueError('hunter2 in the message ' + secret)\n"
        "inner('hunter2 in a local')\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert said.returncode == 1
    assert said.stderr.startswith("quaestor: Something unexpected happened (ValueError): incident ")
    assert said.stderr.count("\n") == 1
    (file,) = (tmp_path / "home" / "state").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    trace = file.read_text()
    assert "in inner" in trace
    assert "ValueError" in trace
    assert "hunter2" not in trace + said.stderr


def test_the_environment_presses_no_keys_and_no_core_is_dumped(tmp_path: Path) -> None:
    code = (
        "import os, resource; from console import guard; guard.process()\n"
        "print([n for n in os.environ if n.startswith('TEXTUAL')], resource.getrlimit(resource.RLIMIT_CORE))\n"
        "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path, TEXTUAL_PRESS="v,enter", TEXTUAL="devtools"),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.splitlines()[0] == "['TEXTUAL_FPS'] (0, 0)"
    if sys.platform == "linux":
        assert said.stdout.splitlines()[1] == "0"
