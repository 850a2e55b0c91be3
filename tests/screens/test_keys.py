"""The table of keys: no two verbs share one, and what an operator changes is checked by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.errors import Usage
from screens import keys


@pytest.fixture(autouse=True)
def _own_keys() -> Iterator[None]:
    yield
    keys.remap({})


def test_the_table_itself_has_no_clash() -> None:
    assert keys.remap({}) == {}


def test_every_verb_says_what_it_is() -> None:
    for verb in keys.VERBS.values():
        assert verb.keys
        assert verb.label
        assert verb.summary
        assert len(verb.label) <= 12


def test_no_key_is_one_that_terminals_keep() -> None:
    for verb in keys.VERBS.values():
        assert not any(
            key.startswith("alt+") or key in ("ctrl+a", "ctrl+s", "ctrl+i", "ctrl+m") for key in verb.keys
        )
        assert set(verb.keys) != {"ctrl+b"}
        assert not all(key.startswith("f") and key[1:].isdigit() for key in verb.keys)


def test_a_key_is_changed_for_bindings_and_hints() -> None:
    assert keys.remap({"wide": "w", "filter": "/ ctrl+g"}) == {"wide": "w", "filter": "slash,ctrl+g"}
    assert keys.keys_of("wide") == ("w",)
    assert keys.keys_of("down") == ("j", "down")


def test_the_same_key_may_mean_two_things_where_no_screen_has_both() -> None:
    assert keys.VERBS["mark"].keys == keys.VERBS["fold"].keys


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"wide": "j"}, ("'down'", "'wide'", "j")),
        ({"mark": "d"}, ("'detail'", "'mark'")),
        ({"filter": "?"}, ("'help'", "'filter'")),
        ({"wid": "x"}, ("wide",)),
        ({"help": "ctrl+c"}, ("ctrl+c",)),
        ({"cancel": "x"}, ("ctrl+c",)),
        ({"sort": "alt+x"}, ("alt+x",)),
        ({"sort": ""}, ("sort",)),
        ({"sort": "w", "wide": "w"}, ("'sort'", "'wide'")),
    ],
)
def test_a_clash_is_refused_by_name(wanted: dict[str, str], words: tuple[str, ...]) -> None:
    with pytest.raises(Usage) as refused:
        keys.remap(wanted)
    assert all(word in str(refused.value) for word in words)
    assert keys.keys_of("wide") == ("W",)
