"""Social security numbers open where they were sealed, with their key, and nowhere else."""

import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from db.envelope import NotOurs, Place, key_id_of, seal, unseal
from db.paymentlinker import ssn

KEYS = {"2024-01": b"o" * 32, "2025-07": b"n" * 32}
HERE = ("5f3a0000-0000-4000-8000-00000000c2c2", "aaaaaaaa-0000-4000-8000-000000000001")
THERE = ("5f3a0000-0000-4000-8000-00000000c2c3", HERE[1])


def test_the_stored_form_is_the_one_that_was_agreed() -> None:
    stored = ssn.encrypt("078-05-1120", *HERE, "2025-07", KEYS["2025-07"])
    version, key_id, body = stored.split(":")
    sealed = base64.b64decode(body)
    associated = f"applications\0ssn_encrypted\0{HERE[0]}\0{HERE[1]}".encode()
    assert (version, key_id) == ("v1", "2025-07")
    assert AESGCM(KEYS["2025-07"]).decrypt(sealed[:12], sealed[12:], associated) == b"078-05-1120"
    assert len(sealed) == 12 + 11 + 16


def test_old_keys_still_read_and_every_nonce_is_new() -> None:
    for key_id, key in KEYS.items():
        stored = ssn.encrypt("078-05-1120", *HERE, key_id, key)
        assert ssn.decrypt(stored, *HERE, KEYS) == "078-05-1120"
        assert key_id_of(stored) == key_id
        assert ssn.encrypt("078-05-1120", *HERE, key_id, key) != stored


def test_a_value_moved_to_another_record_or_tenant_does_not_open() -> None:
    stored = ssn.encrypt("078-05-1120", *HERE, "2025-07", KEYS["2025-07"])
    for place in (THERE, (HERE[0], THERE[0]), (HERE[1], HERE[0])):
        with pytest.raises(NotOurs, match="moved from another record"):
            ssn.decrypt(stored, *place, KEYS)
    other_column = Place("applications", "ssn", HERE[0], HERE[1])
    with pytest.raises(NotOurs):
        unseal(stored, other_column, KEYS)


def test_another_key_says_which_one_is_wanted() -> None:
    stored = ssn.encrypt("078-05-1120", *HERE, "2025-07", KEYS["2025-07"])
    with pytest.raises(NotOurs, match=r"'2025-07', which is not here"):
        ssn.decrypt(stored, *HERE, {"2024-01": KEYS["2024-01"]})
    with pytest.raises(NotOurs, match="does not open"):
        ssn.decrypt(stored, *HERE, {"2025-07": KEYS["2024-01"]})


@pytest.mark.parametrize("place", range(len("v1:2025-07:") + 52))
def test_every_changed_sign_is_noticed(place: int) -> None:
    stored = ssn.encrypt("078-05-1120", *HERE, "2025-07", KEYS["2025-07"], bytes(12))
    for sign in "Aab9+/=:\n":
        changed = stored[:place] + sign + stored[place + 1 :]
        if changed != stored:
            with pytest.raises(NotOurs):
                ssn.decrypt(changed, *HERE, KEYS)


@given(st.text())
def test_anything_else_is_not_ours(text: str) -> None:
    with pytest.raises(NotOurs):
        ssn.decrypt(text, *HERE, KEYS)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "078-05-1120",
        "erased",
        "v1:2025-07:",
        "v1::AAAA",
        "v1:2025-07:AAAA",
        "v2:2025-07:" + "A" * 64,
        "v1:2025 07:" + "A" * 64,
        "v1:2025-07:" + "A" * 63 + "\n",
        "V1:2025-07:" + "A" * 64,
        " v1:2025-07:" + "A" * 64,
    ],
)
def test_other_forms_cannot_be_read(stored: str) -> None:
    with pytest.raises(NotOurs, match="not ours, and cannot be read"):
        ssn.decrypt(stored, *HERE, KEYS)


def test_wrong_keys_are_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="32 bytes, this one 16"):
        ssn.encrypt("078-05-1120", *HERE, "2025-07", b"k" * 16)
    with pytest.raises(ValueError, match="no key id"):
        seal("078-05-1120", ssn.place(*HERE), "a:b", KEYS["2025-07"])


def test_a_revealed_number_shows_its_last_four() -> None:
    assert ssn.last_four("078-05-1120") == "•••-••-1120"
    assert ssn.last_four("078051120") == "•••-••-1120"
    assert ssn.last_four("erased") == ssn.HIDDEN == "•••-••-••••"
    assert ssn.last_four("٠٧٨-٠٥-١١٢٠") == ssn.HIDDEN
