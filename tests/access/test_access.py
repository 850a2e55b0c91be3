"""What gives access, counted by hand; a credential's life; tokens that are read and never believed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, update

from db import access
from db.access import ASKED, SECTIONS
from db.errors import Missing, Refused
from db.finpass import tables as fp
from db.multipass import tables as mp
from db.names import NAMES
from db.registry import system
from db.trustsphere import tables as ts
from tests.who.town import NOW, Town, ago, did_of, id_of

COUNTS = {
    ("trustsphere", "never-used", "users"): 2, ("trustsphere", "expiring-30d", "users"): 1,
    ("paymentlinker", "never-used", "users"): 2, ("paymentlinker", "one-factor", "users"): 2,
    ("finpass", "live", "credentials"): 3, ("finpass", "expiring-7d", "credentials"): 1,
    ("finpass", "expiring-30d", "credentials"): 1, ("finpass", "locked", "credentials"): 0,
    ("multipass", "live", "multipass_sessions"): 5, ("multipass", "lost", "hardware_passes"): 1,
    ("multipass", "live", "hardware_passes"): 1, ("multipass", "never-used", "multipass_credentials"): 2,
    ("multipass", "locked", "multipass_credentials"): 0,
}  # fmt: skip
"""What is where after ``unsettle``, by hand: Ann has 4 sessions, 2 passes, 3 credentials; Bob a session; Cleo a credential."""


def token(header: object, claims: object) -> str:
    """A token of these parts with a signature of four octets."""
    parts = [p if isinstance(p, str) else json.dumps(p) for p in (header, claims)]
    return ".".join(
        base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in (*parts, "sign")
    )


def change(town: Town, name: str, table: Table, id_: str, **values: Any) -> None:
    """Change a row of a system, all rows without an id."""
    changed = update(table).values(**values)
    with town.engines[name].begin() as connection:
        connection.execute(changed.where(table.c.id == id_of(id_)) if id_ else changed)


def unsettle(town: Town) -> None:
    """One pass lost, one credential ending in five days, another revoked, a password that ends in 20 days."""
    change(town, "multipass", mp.hardware_passes, "ann pass 0", status="lost")
    change(town, "multipass", mp.multipass_credentials, "", mfa_enabled=True)
    change(town, "trustsphere", ts.users, "cleo", password_expires_at=NOW + timedelta(days=400))
    change(town, "trustsphere", ts.users, "ann", password_expires_at=NOW + timedelta(days=20))
    change(town, "finpass", fp.credentials, "ann credential 2", status="REVOKED", revoked_at=ago(1))
    jwt = token({"alg": "EdDSA"}, {"iss": "did:web:issuer.example", "sub": did_of("ann")})
    change(
        town,
        "finpass",
        fp.credentials,
        "ann credential 0",
        expires_at=NOW + timedelta(days=5),
        revocation_handle="4711",
        credential_jwt=jwt,
    )
    town.add("finpass", fp.audit_events, {
        "id": id_of("used"), "event_type": "PRESENTED", "resource_type": "CREDENTIAL",
        "resource_id": id_of("ann credential 0"), "ip_address": "192.0.2.44", "created_at": ago(2), "outcome": "SUCCESS",
    })  # fmt: skip


def test_every_number_is_what_was_counted_by_hand(town: Town) -> None:
    unsettle(town)
    found = {}
    for name in NAMES:
        session = town.session(name)
        for ask in access.asks(session):
            number = access.count(session, ask)
            assert number.value is not None, (ask, number.text)
            found[name, ask.section, ask.entity] = number.value
            assert len(access.rows(session, ask).rows) == number.value
    assert {key: found[key] for key in COUNTS} == COUNTS


def test_every_list_that_is_asked_is_a_view_of_its_system() -> None:
    sections = {section.name for section in SECTIONS}
    for name, asked in ASKED.items():
        for ask in asked:
            entity = system(name).by_name[ask.entity]
            assert ask.view in {view.name for view in entity.views}, ask
            assert ask.section in sections
            assert not ask.column or ask.column in entity.by_name


def test_without_an_index_a_large_table_is_not_counted(lite: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.cost.SMALL", -1)
    session = lite.session("trustsphere")
    index = [i.name for i in session.schema.tables["users"].indexes if i.columns[0] == "password_expires_at"]
    for name in index:
        lite.run("trustsphere", f"DROP INDEX {name}")
    lite.go_home()
    session = lite.session("trustsphere")
    ask = next(ask for ask in access.asks(session) if ask.section == "expiring-30d")
    number = access.count(session, ask)
    assert number.value is None
    assert "Not counted: No index serves" in number.text


def test_a_table_that_is_not_there_is_not_asked(lite: Town) -> None:
    lite.run("multipass", "DROP TABLE attestations")
    assert "attestations" not in {ask.entity for ask in access.asks(lite.session("multipass"))}


def test_a_credential_in_full(town: Town) -> None:
    unsettle(town)
    found = access.life(town.session("finpass"), "credentials", id_of("ann credential 0"))
    assert [event.what for event in found.events] == ["ends", "PRESENTED SUCCESS", "issued"]
    assert found.used == (("192.0.2.44", 1, ago(2)),)
    assert found.holder is not None
    assert found.holder.id == id_of("ann")
    assert found.place == "place 4711 on the status lists, set on none"
    assert isinstance(found.jwt, access.Decoded)
    assert found.jwt.claims["sub"] == did_of("ann")
    revoked = access.life(town.session("finpass"), "credentials", id_of("ann credential 2"))
    assert "no place" in revoked.place
    assert revoked.jwt == "Its header is not base64url without padding." or "header" in str(revoked.jwt)


@pytest.mark.parametrize(
    ("name", "entity", "id_"),
    [
        ("multipass", "multipass_sessions", "ann session 0"), ("multipass", "multipass_credentials", "ann signs in"),
        ("trustsphere", "users", "ann"), ("paymentlinker", "users", "ann"), ("multipass", "hardware_passes", "ann pass 0"),
    ],
)  # fmt: skip
def test_every_kind_has_a_life(lite: Town, name: str, entity: str, id_: str) -> None:
    found = access.life(lite.session(name), entity, id_of(id_))
    assert found.record.id == id_of(id_)
    if entity.startswith("multipass"):
        assert found.holder is not None
        assert found.events


def test_what_is_not_there_is_missing(lite: Town) -> None:
    with pytest.raises(Missing):
        access.life(lite.session("finpass"), "credentials", id_of("nothing"))


def wrong() -> Iterator[tuple[str, str]]:
    """Tokens that are none, and what is said of them."""
    yield "a.b", "three parts; this has 2"
    yield "", "three parts; this has 1"
    yield "x" * 65_537, "65536 at most"
    yield token("{", {}), "header is not JSON"
    yield token({}, '{"a": 1, "a": 2}'), "claims is JSON with one name twice"
    yield token({}, '{"a": NaN}'), "NaN, which is no number"
    yield token({}, "[1]"), "no JSON object"
    yield token({}, "[" * 5000 + "]" * 5000), "not JSON|no JSON object"
    yield token({}, '{"a":' * 40 + "1" + "}" * 40), "at most 32 levels"
    yield token({}, {}).replace(".", ".=", 1), "not base64url"
    yield "é.é.é", "not base64url"


@pytest.mark.parametrize(("text", "said"), list(wrong()), ids=[f"t{n}" for n, _ in enumerate(wrong())])
def test_what_is_no_token_is_refused(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        access.decoded(text)


def test_a_token_is_read(lite: Town) -> None:
    found = access.decoded(token({"alg": "none"}, {"a": [1, {"b": None}]}))
    assert (found.header, found.claims, found.signature) == ({"alg": "none"}, {"a": [1, {"b": None}]}, 4)
