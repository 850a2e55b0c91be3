"""Where passwords come from: the order of the sources, and what each refuses."""

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from console import command, driverfiles, ring, secrets
from console.account import Account, account, without_password
from db.errors import Refused, Unreachable

POSTGRESQL = account("postgresql://ops_anna@db1:5433/finpass")
MYSQL = account("mysql://ops_anna@db1/bank")


def private(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_urls_tell_whose_password_it_is() -> None:
    assert Account("postgresql", "ops_anna", "db1", "5433", "finpass") == POSTGRESQL
    assert account("mariadb+pymysql://u%40x@[::1]:3306/d?charset=utf8") == Account(
        "mysql", "u@x", "::1", "3306", "d"
    )
    assert account("postgresql://u@/d?host=a:1&host=b:2").host == "a"
    assert account("postgresql:///d?host=/run/pg&user=u") == Account("postgresql", "u", "/run/pg", "", "d")
    assert account("postgresql://u@/d").socket
    assert not account("sqlite:///a.db").remote
    assert account("what is this") == Account("", "", "", "", "")


@pytest.mark.parametrize(
    ("url", "plain", "password"),
    [
        ("postgresql://u:p%40ss@h/d", "postgresql://u@h/d", "p@ss"),
        ("postgresql://u:p@ss@h/d", "postgresql://u@h/d", "p@ss"),
        ("postgresql://u:p/s?s@h/d", "postgresql://u@h/d", "p/s?s"),
        ("mysql://u:@h/d", "mysql://u@h/d", ""),
        ("mysql://u@h/d?password=x&ssl=1", "mysql://u@h/d?ssl=1", "x"),
        ("mysql://u:a@h/d?passwd=b", "mysql://u@h/d", "b"),
        ("mysql://u@h/d?charset=utf8mb4", "mysql://u@h/d?charset=utf8mb4", None),
        ("sqlite:////a:b@c.db", "sqlite:////a:b@c.db", None),
    ],
)
def test_a_password_is_taken_out_of_a_url(url: str, plain: str, password: str | None) -> None:
    assert without_password(url) == (plain, password)


def test_the_first_source_that_yields_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setenv("PGPASSWORD", "from the environment")
    whole = {
        "argv": ("printf", "from the command\n"),
        "given": "from the URL",
        "vault": lambda: "from the vault",
    }
    private(tmp_path / ".pgpass", "db1:5433:finpass:ops_anna:from pgpass\n")
    for source, value in (
        ("the URL", "from the URL"),
        ("password_command", "from the command"),
        ("~/.pgpass", "from pgpass"),
        ("vault", "from the vault"),
        ("$PGPASSWORD", "from the environment"),
    ):
        chain = secrets.chain(POSTGRESQL, "name", warn=warned.append, **whole)  # type: ignore[arg-type] # made piece by piece
        assert (chain(), chain.used) == (value, source)
        assert value not in chain.words
        match source:
            case "the URL":
                del whole["given"]
            case "password_command":
                del whole["argv"]
            case "~/.pgpass":
                (tmp_path / ".pgpass").unlink()
            case "vault":
                del whole["vault"]
    assert len(warned) == 1
    assert "PGPASSWORD" in warned[0]
    monkeypatch.delenv("PGPASSWORD")
    empty = secrets.chain(POSTGRESQL, "name")
    assert (empty(), empty.used) == (None, "")
    empty.keep("typed")
    assert (empty(), empty.used) == ("typed", "the prompt")


def test_a_file_needs_no_password() -> None:
    chain = secrets.chain(account("sqlite:///x.db"), "name", argv=("false",))
    assert chain() is None
    assert chain.words == "none needed"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("db1:5433:finpass:ops_anna:secret", "secret"),
        ("*:*:*:*:any", "any"),
        ("db1:5433:finpass:ops_anna:with\\:colon\\\\and:more", "with:colon\\and:more"),
        ("db1:5432:finpass:ops_anna:secret", None),
        ("#db1:5433:finpass:ops_anna:secret", None),
        ("db1:5433:finpass:ops_anna", None),
        ("other:5433:finpass:ops_anna:no\n*:*:finpass:*:second", "second"),
    ],
)
def test_pgpass_is_read_as_libpq_reads_it(tmp_path: Path, line: str, found: str | None) -> None:
    private(tmp_path / ".pgpass", line + "\n")
    assert driverfiles.pgpass(POSTGRESQL) == found


def test_a_socket_is_localhost_in_pgpass(tmp_path: Path) -> None:
    private(tmp_path / ".pgpass", "localhost:5432:d:u:mine\n")
    assert driverfiles.pgpass(account("postgresql://u@/d")) == "mine"


def test_a_service_has_its_own_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = private(tmp_path / "services", "[prod]\nhost=db1\npassword=ser%vice\n[other]\nhost=x\n")
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    assert driverfiles.service(account("postgresql:///?service=prod")) == "ser%vice"
    assert driverfiles.service(account("postgresql:///?service=other")) is None
    assert driverfiles.service(POSTGRESQL) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[client]\nuser=ops_anna\npassword='pa;ss'\n", "pa;ss"),
        ("[client]\npassword = plain # no comment\n[mysql]\nno-auto-rehash\n", "plain # no comment"),
        ("!includedir /etc/mysql\n[client]\nuser=somebody\npassword=x\n", None),
        ("[client]\nhost=elsewhere\npassword=x\n", None),
        ("[mysqldump]\npassword=x\n", None),
    ],
)
def test_my_cnf_is_read_for_this_user_and_host(tmp_path: Path, text: str, found: str | None) -> None:
    private(tmp_path / ".my.cnf", text)
    assert driverfiles.my_cnf(MYSQL) == found


@pytest.mark.parametrize("name", [".pgpass", ".my.cnf"])
def test_files_that_others_may_read_are_refused(tmp_path: Path, name: str) -> None:
    private(tmp_path / name, "*:*:*:*:x\n", 0o644)
    chain = secrets.chain(MYSQL if name == ".my.cnf" else POSTGRESQL, "name")
    with pytest.raises(Refused, match="chmod 600"):
        chain()


def test_a_my_cnf_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    private(tmp_path / ".my.cnf", "password=x\n")
    with pytest.raises(Refused, match="cannot be read"):
        driverfiles.my_cnf(MYSQL)


def test_a_command_is_run_without_a_shell(tmp_path: Path) -> None:
    assert command.password(("printf", "%s\n", "$HOME; `id`")) == "$HOME; `id`"
    assert command.password((sys.executable, "-c", "print('x' * 8191)")) == "x" * 8191


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("sh", "-c", "echo hunter2; exit 3"), "ended with 3"),
        (("sh", "-c", "echo hunter2; sleep 60"), "within 0.5 s"),
        (("sh", "-c", "exec >&-; sleep 60"), "within 0.5 s"),
        (("yes", "hunter2"), "more than 8 KiB"),
        (("true",), "one line"),
        (("printf", "hunter2\nmore"), "one line"),
        (("printf", "\\377hunter2"), "one line"),
        (("no-such-program",), "does not start"),
    ],
)
def test_a_command_that_misbehaves_is_a_sentence_without_its_output(
    argv: tuple[str, ...], sentence: str
) -> None:
    began = time.monotonic()
    with pytest.raises(Unreachable, match=sentence) as told:
        command.password(argv, seconds=0.5)
    assert "hunter2" not in str(told.value)
    assert time.monotonic() - began < 5


def test_no_keyring_is_asked_where_there_is_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "present", lambda: False)
    monkeypatch.setattr(ring, "_look_up", lambda _: pytest.fail("a keyring was asked"))
    assert ring.password("name") is None


def test_only_keyrings_that_encrypt_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Keyring:
        viable = False
        module = ""

        def get_password(self, service: str, name: str) -> str:
            asked.append(self.module)
            return f"{service}/{name}"

    def backend(module: str) -> SimpleNamespace:
        made = type("Keyring", (Keyring,), {"viable": module.endswith("kwallet"), "module": module})
        return SimpleNamespace(Keyring=made, DBusKeyring=made, WinVaultKeyring=made)

    monkeypatch.setattr(ring, "present", lambda: True)
    monkeypatch.setattr(ring, "import_module", backend)
    assert ring.password("finpass-prod") == "quaestor/finpass-prod"
    assert asked == ["keyring.backends.kwallet"]
    assert all(module.startswith("keyring.backends.") for module, _ in ring.BACKENDS)
    assert not any("alt" in module or "file" in module or "chainer" in module for module, _ in ring.BACKENDS)


def test_a_keyring_that_waits_for_somebody_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr(ring, "present", lambda: True)
    monkeypatch.setattr(ring, "SECONDS", 0.05)
    monkeypatch.setattr(ring, "_look_up", lambda _: os.read(reading, 1).decode())
    with pytest.raises(Unreachable, match="does not answer"):
        ring.password("name")
    os.write(writing, b"x")
    os.close(writing)
    os.close(reading)
