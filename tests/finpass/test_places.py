"""Places on the status list that a revocation gives: random, each once, never again, whoever else gives some."""

import threading
from contextlib import closing

import pytest

from db import faults
from db.errors import Missing, QuaestorError, Refused, Stale
from db.finpass import places
from db.finpass.tables import credentials
from db.own import status_indexes
from tests.finpass.office import Office, credential, done, id_of, operation, shown

REVOKE = {"revocation_reason": "superseded"}
SAME = "5a1d2c3b-0000-4000-8000-000000000001"
"""An operation id, so that the places that are tried are known."""


def given(office: Office) -> dict[str, int]:
    """The places that quaestor noted, by credential."""
    return {row["credential_id"]: row["position"] for row in office.rows(status_indexes)}


def revoke_all(office: Office, names: list[str]) -> None:
    """Revoke credentials without handles."""
    office.add(credentials, *(credential(name, "holder") for name in names))
    with closing(office.desk()) as desk:
        for name in names:
            done(desk, operation("credentials", name, "revoke", form=REVOKE))


def test_each_gets_a_place_of_its_own_at_random(office: Office) -> None:
    names = [f"c{n}" for n in range(20)]
    revoke_all(office, names)
    found = given(office)
    assert {row["id"]: int(row["revocation_handle"]) for row in office.rows(credentials)} == found
    assert len(set(found.values())) == len(found) == 20
    assert all(0 <= place < 131_072 for place in found.values())
    in_order = [found[id_of(name)] for name in names]
    assert in_order != sorted(in_order)
    assert max(in_order) - min(in_order) > 65_536  # misses once in 30 000 runs


def test_places_are_spread_evenly() -> None:
    quarters = [0, 0, 0, 0]
    for number in range(500):
        for place in places._random(f"operation {number}", 131_072):
            quarters[place // 32_768] += 1
    assert sum(quarters) == 8000
    assert all(1800 < quarter < 2200 for quarter in quarters)


def test_the_sheet_tells_the_place_and_that_verifiers_cannot_see_it(office: Office) -> None:
    office.add(credentials, credential("c", "holder"), credential("listed", "holder", revocation_handle="5"))
    office.add(credentials, credential("odd", "holder", revocation_handle="urn:x"))
    with closing(office.desk()) as desk:
        sheet = shown(desk, operation("credentials", "c", "revoke", form=REVOKE))
        assert given(office) == {}
        done(desk, sheet.operation)
        place = given(office)[id_of("c")]
        told = [effect.what for effect in sheet.effects]
        assert f"place {place} on the status list" in told
        assert any("verifiers cannot see this revocation" in what for what in told)
        assert sheet.operation.counted == {
            "places given on the status list": 1,
            "rows of the status table": 1,
        }
        for name, says in (("listed", ""), ("odd", "'urn:x' is no place on a status list")):
            seen = shown(desk, operation("credentials", name, "revoke", form=REVOKE))
            assert [
                effect.what for effect in seen.effects if effect.remark and says in effect.what
            ] or not says
            assert not any("place" in effect.what and not effect.remark for effect in seen.effects)
            done(desk, seen.operation)
    assert office.row(credentials, "listed")["revocation_handle"] == "5"
    assert office.row(credentials, "odd")["revocation_handle"] == "urn:x"
    assert set(given(office)) == {id_of("c")}


def test_a_place_that_somebody_has_is_passed_over(office: Office) -> None:
    first, second, third = list(places._random(SAME, 131_072))[:3]
    office.add(status_indexes, {"position": first, "credential_id": id_of("long deleted")})
    office.add(credentials, credential("theirs", "holder", revocation_handle=str(second)))
    office.add(credentials, credential("c", "holder"))
    with closing(office.desk()) as desk:
        done(desk, operation("credentials", "c", "revoke", form=REVOKE, operation_id=SAME))
    assert given(office) == {id_of("long deleted"): first, id_of("c"): third}


def test_a_deleted_credential_leaves_its_place_taken(office: Office) -> None:
    revoke_all(office, ["gone"])
    (place,) = given(office).values()
    office.run("DELETE FROM credentials")
    assert given(office) == {id_of("gone"): place}


def test_one_that_lost_its_handle_gets_its_own_place_again(office: Office) -> None:
    office.add(status_indexes, {"position": 77, "credential_id": id_of("c")})
    revoke_all(office, ["c"])
    assert given(office) == {id_of("c"): 77}
    assert office.row(credentials, "c")["revocation_handle"] == "77"


def test_a_full_list_grows_and_the_largest_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "LEAST", 4)
    monkeypatch.setattr(places, "LARGEST", 8)
    names = [f"c{n}" for n in range(12)]
    office.add(credentials, *(credential(name, "holder") for name in names))
    refused: list[str] = []
    with closing(office.desk()) as desk:
        for name in names:
            try:
                done(desk, operation("credentials", name, "revoke", form=REVOKE))
            except Refused as error:
                refused.append(str(error))
    assert len(set(given(office).values())) == len(names) - len(refused) <= 8
    assert refused
    assert all("lists of up to 8 entries; all are taken" in says for says in refused)
    assert {row["status"] for row in office.rows(credentials) if row["id"] not in given(office)} == {"VALID"}
    assert max(given(office).values()) >= 4


def test_a_place_that_is_taken_meanwhile_is_stale_and_the_next_try_takes_another(office: Office) -> None:
    first, second = list(places._random(SAME, 131_072))[:2]
    office.add(credentials, credential("c", "holder"))
    wanted = operation("credentials", "c", "revoke", form=REVOKE, operation_id=SAME)

    def take(point: str) -> None:
        if point == "after-intent":
            office.add(status_indexes, {"position": first, "credential_id": id_of("another")})

    with closing(office.desk()) as desk:
        end = faults.watch(take)
        try:
            with pytest.raises(Stale, match="changed meanwhile"):
                done(desk, wanted)
        finally:
            end()
        assert given(office) == {id_of("another"): first}
        assert office.row(credentials, "c")["status"] == "VALID"
        done(desk, wanted)
    assert given(office)[id_of("c")] == second


def test_without_quaestors_table_it_is_refused(office: Office) -> None:
    office.run("DROP TABLE quaestor_status_indexes")
    office.add(credentials, credential("c", "holder"), credential("listed", "holder", revocation_handle="5"))
    with closing(office.desk()) as desk:
        with pytest.raises(Missing, match=r"quaestor_status_indexes.*--part ledger"):
            shown(desk, operation("credentials", "c", "revoke", form=REVOKE))
        done(desk, operation("credentials", "listed", "revoke", form=REVOKE))


def test_eight_at_once_on_a_tiny_list_never_share_a_place(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "LEAST", 8)
    names = [f"c{n}" for n in range(24)]
    office.add(credentials, *(credential(name, "holder") for name in names))
    said: list[QuaestorError] = []

    def work(part: int) -> None:
        with closing(office.desk()) as desk:
            for name in names[part::8]:
                try:
                    done(desk, operation("credentials", name, "revoke", form=REVOKE))
                except QuaestorError as error:
                    said.append(error)

    threads = [threading.Thread(target=work, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    revoked = {
        row["id"]: row["revocation_handle"] for row in office.rows(credentials) if row["status"] == "REVOKED"
    }
    assert {key: int(handle) for key, handle in revoked.items()} == given(office)
    assert len(set(revoked.values())) == len(revoked) == len(names) - len(said)
    assert office.entries() == 1 + len(revoked)
    assert all(isinstance(error, Stale | Refused) for error in said), said
