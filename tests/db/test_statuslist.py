"""Status lists by themselves: every bit, the bounds of reading, and the memory that they take."""

import base64
import gzip
import json
import random
import subprocess
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import Refused
from db.statuslist import LARGEST, LEAST, Listing, Purpose, check, decode, encode, place_of, subject
from tests.db import bitstring

MOST = 200
"""Megabytes that the program may take at its peak."""


def listing(*rows: tuple[str | None, bool]) -> Listing:
    """A list of these rows."""
    made = Listing()
    made.add(rows)
    return made


def wrapped(bits: bytes) -> str:
    """An encodedList by the standard library."""
    return "u" + base64.urlsafe_b64encode(gzip.compress(bits, mtime=0)).decode().rstrip("=")


def test_the_first_index_is_the_left_most_bit() -> None:
    assert listing(("0", True)).bits[:2] == b"\x80\x00"
    assert listing(("7", True), ("8", True)).bits[:2] == b"\x01\x80"
    assert bitstring.ones(bitstring.bits(encode(listing(("0", True), ("9", True)).bits))) == [0, 9]


def test_a_list_has_131072_entries_at_least_and_grows_by_as_many() -> None:
    for highest, entries in ((0, 131_072), (131_071, 131_072), (131_072, 262_144), (999_999, 1_048_576)):
        found = listing((str(highest), False))
        assert (found.entries, found.highest) == (entries, highest)
        assert len(bitstring.bits(encode(found.bits))) == entries
    assert Listing().entries == LEAST == 131_072


def test_every_bit_of_131072_is_right() -> None:
    chance = random.Random(3)
    withdrawn = [chance.random() < 0.3 for _ in range(LEAST)]
    order = list(range(LEAST))
    chance.shuffle(order)
    found = listing(*((str(place), withdrawn[place]) for place in order))
    assert bitstring.bits(encode(found.bits)) == "".join("01"[bit] for bit in withdrawn)
    assert (found.rows, found.withdrawn, found.sound) == (LEAST, sum(withdrawn), True)


TEN_MILLION = """
import sys
from pathlib import Path
from db.statuslist import Listing, Purpose, check, encode, subject
found = Listing()
places = 10_000_000
for start in range(0, places, 10_000):
    found.add((str(place * 7_368_787 % places), place % 11 == 0) for place in range(start, start + 10_000))
found.fix(places)
encoded = encode(found.bits)
check(encoded, found.bits)
print(subject(Purpose.SUSPENSION, encoded))
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
print(found.shared, found.rows, int(peak.split()[1]) // 1024, file=sys.stderr)
"""


def test_ten_million_credentials_take_little_memory_and_every_bit_is_right() -> None:
    ran = subprocess.run([sys.executable, "-c", TEN_MILLION], capture_output=True, text=True, check=True)
    shared, rows, megabytes = map(int, ran.stderr.split())
    assert (shared, rows) == (0, 10_000_000)
    assert megabytes < MOST
    told, bits = bitstring.subject(ran.stdout)
    assert told == {"type": "BitstringStatusList", "statusPurpose": "suspension"}
    assert len(bits) == 10_000_000
    expected = bytearray(b"0" * 10_000_000)
    for place in range(0, 10_000_000, 11):
        expected[place * 7_368_787 % 10_000_000] = ord("1")
    assert bits == expected.decode()


@settings(max_examples=25)
@given(st.sets(st.integers(0, 400_000), max_size=60))
def test_what_is_written_reads_back(places: set[int]) -> None:
    found = listing(*((str(place), True) for place in places))
    encoded = encode(found.bits)
    check(encoded, found.bits)
    assert b"".join(decode(encoded)) == found.bits
    assert bitstring.ones(bitstring.bits(encoded)) == sorted(places)
    assert encoded == encode(found.bits)


def test_what_others_wrote_is_read() -> None:
    bits = random.Random(5).randbytes(LEAST // 4)
    for level in (0, 1, 9):
        packed = gzip.compress(bits, level, mtime=123)
        text = "u" + base64.urlsafe_b64encode(packed).decode().rstrip("=")
        assert b"".join(decode(text)) == bits


def test_handles_that_are_no_index_are_told_and_set_nothing() -> None:
    odd = [
        "",
        "x",
        "-1",
        "+1",
        " 1",
        "1.0",
        "1e3",
        "0x1",
        "٣",
        "²",
        "1_0",
        "urn:list#7",
        str(LARGEST),
        "9" * 40,
    ]
    found = listing(*((handle, True) for handle in odd), (None, True), (None, False), ("y", False))
    assert (found.withdrawn, found.placeless, found.unreadable) == (15, 2, 13)
    assert not any(found.bits)
    assert (found.examples, found.sound) == (["x", "-1", "+1"], False)
    assert [place_of(text) for text in ("0", "007", str(LARGEST - 1))] == [0, 7, LARGEST - 1]


def test_two_credentials_on_one_place_are_told_and_the_withdrawal_wins() -> None:
    for rows in ((("5", True), ("5", False)), (("5", False), ("05", True))):
        found = listing(*rows)
        assert (found.shared, found.sound) == (1, False)
        assert bitstring.ones(bitstring.bits(encode(found.bits))) == [5]
    assert listing(("5", False), ("6", True)).sound


def test_a_length_that_is_asked_for_holds_or_is_refused() -> None:
    found = listing(("131080", True))
    for wrong, says in (
        (131_080, "highest index is 131080"),
        (131_064, "131072 to"),
        (262_145, "multiple of 8"),
        (LARGEST + 8, "131072 to"),
    ):
        with pytest.raises(Refused, match=says):
            found.fix(wrong)
    for entries in (1_000_000, 131_088):
        found.fix(entries)
        assert found.entries == len(bitstring.bits(encode(found.bits))) == entries
        assert bitstring.ones(bitstring.bits(encode(found.bits))) == [131_080]


_GOOD = wrapped(bytes(LEAST // 8))
_RANDOM = wrapped(random.Random(1).randbytes(LEAST // 8))


@pytest.mark.parametrize(
    ("encoded", "says"),
    [
        ("", "begins with 'u'"),
        ("z" + _GOOD[1:], "begins with 'u'"),
        (_GOOD[1:], "begins with 'u'"),
        ("u", "cut off"),
        (_GOOD + "=", "no base64url"),
        (_GOOD + "AAAA", "something follows"),
        (_RANDOM[:-400], "cut off"),
        ("u" + _GOOD[1:].replace("A", "+"), "no base64url"),
        ("u" + _GOOD[1:].replace("A", "/"), "no base64url"),
        (_GOOD[:9] + "\n" + _GOOD[9:], "no base64url"),
        (_GOOD[:9] + "ä" + _GOOD[9:], "no base64url"),
        (_RANDOM[:9000] + ("B" if _RANDOM[9000] == "A" else "A") + _RANDOM[9001:], "no GZIP"),
        ("u" + base64.urlsafe_b64encode(zlib.compress(bytes(LEAST // 8))).decode().rstrip("="), "no GZIP"),
        (wrapped(bytes(LEAST // 8 - 1)), "131072 are the least"),
        (wrapped(b""), "131072 are the least"),
    ],
    ids=lambda part: part if len(part) < 30 else "list",
)  # fmt: skip
def test_what_is_no_list_is_refused_with_a_sentence(encoded: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        for _ in decode(encoded):
            pass


def test_a_list_that_unpacks_without_end_is_read_to_the_bound_only() -> None:
    """256 MiB of zeros arrive as 261 KB."""
    packer, packed = zlib.compressobj(9, zlib.DEFLATED, 31), b""
    for _ in range(256):
        packed += packer.compress(bytes(1 << 20))
    bomb = "u" + base64.urlsafe_b64encode(packed + packer.flush()).decode().rstrip("=")
    sizes: list[int] = []
    with pytest.raises(Refused, match=f"more than {LARGEST} entries"):
        sizes.extend(map(len, decode(bomb)))
    assert max(sizes) <= 1 << 18
    assert sum(sizes) == LARGEST // 8
    with pytest.raises(Refused, match=f"more than {LEAST} entries"):
        list(decode(wrapped(bytes(LEAST // 8 + 1)), LEAST))


def test_a_list_that_does_not_read_back_is_not_given_out() -> None:
    bits = listing(("4000", True)).bits
    for text, says in (
        (encode(bytes(LEAST // 8)), "otherwise from index 0 on"),
        (encode(bits + bytes(1)), "more than 131072 entries"),
        (encode(bits)[:-9], "cut off"),
    ):
        with pytest.raises(Refused, match=says):
            check(text, bits)
    with pytest.raises(Refused, match="reads back with 131072 entries, not 131080"):
        check(encode(bits), bits + bytes(1))


def test_the_subject_is_what_the_specification_names() -> None:
    told = json.loads(subject(Purpose.REVOCATION, _GOOD, "https://status.example/1#list"))
    assert told == {
        "id": "https://status.example/1#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": _GOOD,
    }
