"""The vault: what it keeps comes back, and whatever was changed about the file is noticed or refused."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from console import unlocked, vault
from db.errors import Refused, Unreachable

SECRETS = {"finpass-prod": "pa55 wörd\t'\"\\", "empty": ""}


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cheapest parameters that are read, so that the tests are quick; one test takes the real ones."""
    monkeypatch.setattr(vault, "ARGON2ID", {"iterations": 1, "lanes": 1, "memory_kib": 19 * 1024})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kept" / "vault"
    vault.write(path, "open sesame", SECRETS)
    return path


def test_what_was_written_is_read(file: Path) -> None:
    assert vault.read(file, "open sesame") == SECRETS
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["vault"]
    assert b"pa55" not in file.read_bytes()


def test_the_real_parameters_are_the_documented_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    path = tmp_path / "vault"
    vault.write(path, "x", {})
    header = json.loads(path.read_bytes().partition(b"\n")[0])
    assert header["kdf"] == "argon2id"
    assert header["parameters"] == {"iterations": 3, "lanes": 4, "memory_kib": 65536}
    assert vault.read(path, "x") == {}


def test_without_argon2_it_is_scrypt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lacking:
        def __init__(self, **_: object) -> None:
            raise UnsupportedAlgorithm("no Argon2id in this OpenSSL")

    monkeypatch.setattr(vault, "Argon2id", Lacking)
    path = tmp_path / "vault"
    vault.write(path, "x", SECRETS)
    header = json.loads(path.read_bytes().partition(b"\n")[0])
    assert (header["kdf"], header["parameters"]) == ("scrypt", {"n": 131072, "p": 1, "r": 8})
    assert vault.read(path, "x") == SECRETS


def test_a_wrong_passphrase_opens_nothing(file: Path) -> None:
    with pytest.raises(Refused, match="passphrase is wrong"):
        vault.read(file, "open sesame ")


def test_salt_and_nonce_are_new_each_time(file: Path) -> None:
    first = file.read_bytes()
    vault.write(file, "open sesame", SECRETS)
    headers = [json.loads(content.partition(b"\n")[0]) for content in (first, file.read_bytes())]
    assert headers[0]["salt"] != headers[1]["salt"]
    assert headers[0]["nonce"] != headers[1]["nonce"]


def test_each_changed_byte_is_noticed(file: Path) -> None:
    whole = file.read_bytes()
    random = Random(5)
    places = {*random.sample(range(len(whole) - 1), 60), 0, len(whole) - 2}
    for place in sorted(places):
        changed = bytearray(whole)
        changed[place] ^= 1 << random.randrange(8)
        file.write_bytes(bytes(changed))
        try:
            found = vault.read(file, "open sesame")
        except Refused:
            continue
        assert bytes(changed).split() == whole.split(), f"byte {place}"
        assert found == SECRETS


def test_a_cut_file_is_noticed(file: Path) -> None:
    whole = file.read_bytes()
    for length in (0, 1, 50, whole.index(b"\n"), whole.index(b"\n") + 1, len(whole) - 8):
        file.write_bytes(whole[:length])
        with pytest.raises(Refused):
            vault.read(file, "open sesame")


def changed(**parts: object) -> Callable[[dict[str, object]], None]:
    def change(header: dict[str, object]) -> None:
        for name, value in parts.items():
            if value is None:
                header.pop(name, None)
            else:
                header[name] = value

    return change


ARGON = {"iterations": 3, "lanes": 4, "memory_kib": 65536}


@pytest.mark.parametrize(
    "change",
    [
        changed(parameters={**ARGON, "memory_kib": 64 << 20}),
        changed(parameters={**ARGON, "memory_kib": 8}),
        changed(parameters={**ARGON, "iterations": 10**9}),
        changed(parameters={**ARGON, "iterations": 0}),
        changed(parameters={**ARGON, "iterations": True}),
        changed(parameters={**ARGON, "iterations": 1.0}),
        changed(parameters={**ARGON, "more": 1}),
        changed(parameters=None),
        changed(parameters=[]),
        changed(kdf="scrypt", parameters={"n": (1 << 17) + 1, "p": 1, "r": 8}),
        changed(kdf="scrypt", parameters={"n": 1 << 30, "p": 1, "r": 8}),
        changed(kdf="md5"),
        changed(kdf=["argon2id"]),
        changed(cipher="none"),
        changed(version=2),
        changed(salt=""),
        changed(salt="%%"),
        changed(nonce="AAAA"),
        changed(extra=1),
    ],
)
def test_a_header_that_we_would_not_write_is_refused_before_any_work(
    file: Path, change: Callable[[dict[str, object]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, _, body = file.read_bytes().partition(b"\n")
    header = json.loads(line)
    change(header)
    file.write_bytes(json.dumps(header, sort_keys=True, separators=(",", ":")).encode() + b"\n" + body)
    monkeypatch.setattr(vault, "_derive", lambda *_: pytest.fail("a key was derived"))
    with pytest.raises(Refused):
        vault.read(file, "open sesame")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o620])
def test_open_modes_are_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(Refused, match="chmod 600"):
        vault.read(file, "open sesame")


def test_links_are_refused(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    with pytest.raises(Refused, match="link"):
        vault.read(link, "open sesame")
    with pytest.raises(Refused, match="link"):
        vault.write(link, "x", {})
    assert vault.read(file, "open sesame") == SECRETS


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(Refused, match="no regular file"):
        vault.read(pipe, "x")


def test_the_file_of_another_user_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    real = os.fstat

    def stranger(descriptor: int) -> os.stat_result:
        facts = list(real(descriptor))
        facts[4] = 4712
        return os.stat_result(facts)

    monkeypatch.setattr(os, "fstat", stranger)
    with pytest.raises(Refused, match="another user"):
        vault.read(file, "open sesame")


def test_a_write_that_fails_leaves_the_old_vault(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        vault.write(file, "open sesame", {})
    monkeypatch.undo()
    assert vault.read(file, "open sesame") == SECRETS
    assert [path.name for path in file.parent.iterdir()] == ["vault"]


def test_the_process_keeps_it_open_until_it_is_told_to_forget() -> None:
    with pytest.raises(Unreachable, match="no vault"):
        unlocked.unlock("x")
    unlocked.store("one", "1", "passphrase")
    unlocked.store("two", "2", "passphrase")
    assert (unlocked.password("one"), unlocked.password("two")) == ("1", "2")
    with pytest.raises(Refused, match="no secret 'three'"):
        unlocked.password("three")
    with pytest.raises(Refused, match="passphrase"):
        unlocked.store("three", "3", "another")
    unlocked.forget()
    assert not unlocked.is_open()
    with pytest.raises(Refused, match="closed"):
        unlocked.password("one")
    with pytest.raises(Refused, match="empty passphrase"):
        vault.write(unlocked.path(), "", {})
