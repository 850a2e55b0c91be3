"""The bytes: one set of vectors for Python, PostgreSQL and MySQL; RFC 8785, RFC 9162 and ssh-keygen as judges."""

import contextlib
import hashlib
import json
import socket as sockets
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import rfc8785
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from db.canonical import EXACT, dumps, plain, row_hash
from db.errors import Denied, Missing, Unreachable
from db.keys import HeldKey, agent, armored, choose, id_of
from db.model import Raw
from db.verifier import Entry, is_signed, key_id, push, root
from db.verifier import row_hash as entry_hash
from tests.conftest import Fresh, engines_for
from tests.write.bank import make

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
KEY = HeldKey.of_seed(bytes.fromhex(VECTORS["seed"]), "vectors@test")


def entry(told: dict[str, Any]) -> Entry:
    values = {name: bytes.fromhex(told[name]) for name in ("prev_hash", "signature", "row_hash")}
    return Entry(**{**told, **values, "payload": told["payload"].encode(), "operation_id": ""})


ENTRIES = [entry(told) for told in VECTORS["entries"]]


def test_python_makes_the_vectors() -> None:
    assert KEY.public_key == VECTORS["public_key"]
    assert {each.key_id for each in ENTRIES} == {id_of(KEY)}
    for each in ENTRIES:
        assert KEY.sign(each.payload) == each.signature
        assert is_signed(VECTORS["public_key"], each.payload, each.signature)
        assert entry_hash(each, each.prev_hash) == each.row_hash


@pytest.mark.parametrize("server", [engine for engine in engines_for() if engine != "sqlite"])
def test_the_server_makes_the_vectors(server: str, fresh: Fresh, tmp_path: Path) -> None:
    bank = make(fresh(server), tmp_path)
    call = sa.text(
        "SELECT quaestor_row_hash(:seq, :prev_hash, :payload, :key_id, :signature, :db_user, :db_time_us)"
    )
    with bank.engine.connect() as connection:
        for each in ENTRIES:
            values = {n: v for n, v in each._asdict().items() if n not in ("operation_id", "row_hash")}
            assert bytes(connection.execute(call, values).scalar_one()) == each.row_hash, each.seq
    bank.close()


def test_the_tree_is_that_of_rfc_9162() -> None:
    subtrees: list[bytes] = []
    for size, each in enumerate(ENTRIES):
        assert root(subtrees).hex() == VECTORS["roots"][size]
        push(subtrees, size, each.row_hash)
    assert root(subtrees).hex() == VECTORS["roots"][len(ENTRIES)]


def whole(leaves: list[bytes]) -> bytes:
    """The definition of RFC 9162, section 2.1.1, word by word; the leaves are hashed already."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + whole(leaves[:k]) + whole(leaves[k:])).digest()


@given(st.integers(0, 200))
def test_a_tree_of_any_size(size: int) -> None:
    leaves = [hashlib.sha256(bytes([n])).digest() for n in range(size)]
    subtrees: list[bytes] = []
    for n, leaf in enumerate(leaves):
        push(subtrees, n, leaf)
    assert root(subtrees) == whole(leaves)
    assert len(subtrees) == size.bit_count()


NAMES = st.text(st.characters(codec="ascii"), max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NUMBERS = st.integers(-EXACT + 1, EXACT - 1)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
)


@given(JSON)
def test_canonical_json_is_that_of_rfc_8785(value: Any) -> None:
    assert dumps(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "wrong", [1.5, float("nan"), EXACT, -EXACT, b"", {"ä": 1}, {1: 2}, datetime.now(UTC)]
)
def test_what_has_no_canonical_form_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="has no place"):
        dumps({"value": wrong})


def test_values_stand_in_an_entry_the_same_from_every_engine() -> None:
    berlin = timezone(timedelta(hours=1))
    at = datetime(2026, 3, 1, 13, 0, 0, 5, tzinfo=berlin)
    assert plain(at) == "2026-03-01T12:00:00.000005Z"
    assert plain(Decimal("1E+3")) == "1000"
    assert plain(EXACT) == str(EXACT)
    assert plain("\ud800") == "\\ud800"
    assert plain((1, "a", None)) == [1, "a", None]
    long = "ä" * 1025
    assert plain(long) == {"length": 2050, "sha256": hashlib.sha256(long.encode()).hexdigest()}
    assert plain("ä" * 1024) == "ä" * 1024


def test_the_hash_of_a_record_knows_types_and_not_engines() -> None:
    def of(value: object) -> bytes:
        return row_hash("accounts", "1", {"x": value}, ("x",))

    berlin = timezone(timedelta(hours=1))
    assert of(Decimal("10.00")) == of(Decimal("10")) == of(Decimal("1E+1"))
    assert of(datetime(2026, 3, 1, 12, tzinfo=UTC)) == of(datetime(2026, 3, 1, 13, tzinfo=berlin))
    different = [
        None,
        "",
        "1",
        1,
        True,
        Decimal(1),
        b"1",
        ("1",),
        ("1", ""),
        Raw("1"),
        datetime(1970, 1, 1, tzinfo=UTC),
    ]
    assert len({of(value) for value in different}) == len(different)
    assert row_hash("a", "1", {"x": "y", "z": "1"}, ("x", "z")) == row_hash(
        "a", "1", {"z": "1", "x": "y"}, ("z", "x")
    )
    assert row_hash("a", "1", {"x": "y"}, ("x",)) != row_hash("a", "2", {"x": "y"}, ("x",))
    assert row_hash("a", "1", {"x": "yz", "xx": ""}, ("x", "xx")) != row_hash(
        "a", "1", {"x": "y", "xx": "z"}, ("x", "xx")
    )


def test_ssh_keygen_accepts_the_signature(tmp_path: Path) -> None:
    payload, signature, allowed = (tmp_path / name for name in ("payload", "payload.sig", "allowed"))
    payload.write_bytes(ENTRIES[1].payload)
    signature.write_text(armored(KEY.public_key, KEY.sign(ENTRIES[1].payload)))
    allowed.write_text(f"anna {KEY.public_key}\n")
    command = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        str(allowed),
        "-I",
        "anna",
        "-n",
        "quaestor",
        "-s",
        str(signature),
    ]
    for content, code in ((ENTRIES[1].payload, 0), (ENTRIES[1].payload + b" ", 255)):
        told = subprocess.run(command, input=content, capture_output=True, check=False)
        assert told.returncode == code, told.stderr
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", "-"], input=KEY.public_key, capture_output=True, text=True, check=True
    )
    assert key_id(KEY.public_key) in shown.stdout


@pytest.fixture
def socket(tmp_path: Path) -> Iterator[str]:
    """An ssh-agent of the test's own, with one Ed25519 key and one that is none."""
    place = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", place], stdout=subprocess.DEVNULL)
    try:
        for kind in ("ed25519", "ecdsa"):
            file = tmp_path / kind
            subprocess.run(
                ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", f"{kind}@test", "-f", file], check=True
            )
            wait(place)
            told = {"SSH_AUTH_SOCK": str(place), "PATH": "/usr/bin:/bin"}
            subprocess.run(["ssh-add", "-q", file], env=told, check=True)
        yield str(place)
    finally:
        process.terminate()
        process.wait(10)


def wait(place: Path) -> None:
    """Until the agent listens: a moment after its socket is there."""
    for _ in range(5000):
        with (
            contextlib.suppress(FileNotFoundError, ConnectionRefusedError),
            sockets.socket(sockets.AF_UNIX) as line,
        ):
            line.connect(str(place))
            return
        subprocess.run(["true"], check=True)
    raise AssertionError("the ssh-agent does not start")


def test_the_agent_signs_the_same_blob(socket: str, tmp_path: Path) -> None:
    keys = agent({"SSH_AUTH_SOCK": socket})
    assert [key.public_key.split()[-1] for key in keys] == ["ed25519@test"], "other kinds are left out"
    key = choose(keys, "")
    assert (choose(keys, "ed25519@test"), choose(keys, id_of(key))) == (key, key)
    signature = key.sign(b"payload")
    assert is_signed(key.public_key, b"payload", signature)
    theirs = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-q", "-f", tmp_path / "ed25519", "-n", "quaestor"],
        input=b"payload", capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert theirs.decode() == armored(key.public_key, signature), "Ed25519 signs the same twice"
    with pytest.raises(Missing, match="holds of Ed25519"):
        choose(keys, "bert")
    subprocess.run(
        ["ssh-add", "-q", "-D"], env={"SSH_AUTH_SOCK": socket, "PATH": "/usr/bin:/bin"}, check=True
    )
    with pytest.raises(Denied, match="does not sign"):
        key.sign(b"payload")


def test_an_agent_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert agent({}) == []
    with pytest.raises(Unreachable, match="does not answer"):
        agent({"SSH_AUTH_SOCK": str(tmp_path / "none")})


@pytest.mark.parametrize(
    "line", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==", "x y z"]
)
def test_what_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        key_id(line)


def test_a_held_key_does_not_show_itself() -> None:
    assert KEY.seed.hex() not in repr(KEY)
    assert repr(KEY) == f"HeldKey({id_of(KEY)})"
