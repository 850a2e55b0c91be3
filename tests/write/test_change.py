"""What a change writes into lists of others, takes back, and never shows."""

import json

import pytest
from sqlalchemy import literal_column

from db.canonical import plain, revived
from db.change import longer
from db.model import Column, Kind, Profile, Raw
from db.operation import Done
from db.statements import literal, updating
from db.trustsphere.tables import accounts

ENTRY = {"type": "X"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, '[{"type":"X"}]'),
        ("", '[{"type":"X"}]'),
        ("null", '[{"type":"X"}]'),
        ("[]", '[{"type":"X"}]'),
        (" [ ] ", '[ {"type":"X"}]'),
        ('[{"n": 1.10}, 1e400]', '[{"n": 1.10}, 1e400, {"type":"X"}]'),
        ('{"n": 1.10}', '[{"n": 1.10}, {"type":"X"}]'),
        ("17", '[17, {"type":"X"}]'),
        ("{oops", '["{oops", {"type":"X"}]'),
        (b"\x00\xff", '["00ff", {"type":"X"}]'),
    ],
)
def test_a_list_grows_and_keeps_what_others_wrote(written: object, expected: str) -> None:
    assert longer(written, ENTRY) == expected
    assert json.loads(expected)[-1] == ENTRY


def test_a_list_that_is_too_deep_to_read_grows_too() -> None:
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    assert longer(deep, ENTRY) == f'[{deep}, {{"type":"X"}}]'


def test_a_time_without_end_is_put_back_as_it_was() -> None:
    column = Column("until", Kind.TIME, literal_column("0"))
    back = revived(column, plain(Raw("infinity")))
    assert (back, type(back)) == ("infinity", Raw)


def test_what_is_revealed_and_the_keys_to_it_stand_in_no_repr() -> None:
    assert "1120" not in repr(Done("op", 1, b"", {}, result="•••-••-1120"))
    assert "sealing_key" not in repr(Profile("linker", "sqlite://", sealing_key=lambda id_: b"k" * 32))


def test_an_update_is_built_once_and_never_stands_for_another() -> None:
    c = accounts.c
    first = updating(accounts, ("id",), {"version": c.version + 1, "status": "FROZEN"})
    assert updating(accounts, ("id",), {"version": c.version + 1, "status": "ACTIVE"}) is first
    other = updating(accounts, ("id",), {"version": c.version + 2})
    assert other is not first
    assert "version +" in str(other)
    assert updating(accounts, ("id",), {"version": c.version + 1}).compile().params["version_1"] == 1
    assert literal({"version": c.version + 1, "status": "FROZEN"}) == {"status": "FROZEN"}
