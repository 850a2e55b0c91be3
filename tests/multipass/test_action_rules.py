"""What a table of states does not tell: thresholds, amounts to the last digit, what hangs on a record, the event's row."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from db import faults
from db.errors import Denied, Refused, Stale, Usage
from db.model import MASK, Risk
from db.multipass.actions import SETTINGS
from db.operation import Operation, Who
from db.rehearse import sheet
from tests.conftest import Fresh, engines_for
from tests.multipass import office as offices
from tests.multipass.office import REASON, Office, id_of
from tests.servers import Servers

_P1, _W1 = f"'{id_of('p1')}'", f"'{id_of('w1')}'"


@pytest.fixture(scope="module", params=engines_for("multipass"))
def place(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One place for all tests of the file."""
    yield from offices.opened(request.param, servers, tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(place: Office) -> Office:
    """The same, furnished anew."""
    place.furnish()
    return place


@pytest.fixture(params=engines_for("multipass"))
def calm(request: pytest.FixtureRequest, fresh: Fresh, tmp_path: Path) -> Iterator[Office]:
    """An office in which nothing was ever revoked."""
    made = offices.make(fresh(request.param), tmp_path / "journal")
    made.furnish()
    yield made
    made.close()


def remarks(office: Office, operation: Operation) -> list[str]:
    """The sentences of its sheet."""
    return [effect.what for effect in office.sheet(operation).effects if effect.remark]


def test_a_decision_on_the_high_tier_takes_two_people(office: Office) -> None:
    expected = {"low": "normal", "medium": "normal", "high": "dual", "extreme": "dual"}
    for action in ("approve", "reject"):
        for tier, risk in expected.items():
            office.hand.ask(office.altered("identity_profiles", "p1", risk_tier=f"'{tier}'"))
            shown = office.sheet(office.operation("kyc_verifications", "k1", action))
            assert (shown.risk.value, shown.row["risk_tier"]) == (risk, tier)
    with pytest.raises(Denied, match="two people"):
        office.perform(office.operation("kyc_verifications", "k1", "approve"))


def test_a_tier_that_was_raised_meanwhile_makes_a_decision_stale(office: Office) -> None:
    shown = office.sheet(office.operation("kyc_verifications", "k1", "approve")).operation
    office.hand.ask(office.altered("identity_profiles", "p1", risk_tier="'high'"))
    with pytest.raises(Stale, match="no longer as it was shown"):
        office.perform(shown)


def test_a_tier_that_is_raised_under_the_decision_makes_it_stale(office: Office) -> None:
    raised = office.altered("identity_profiles", "p1", risk_tier="'high'")

    def raise_it(point: str) -> None:
        if point == "after-intent":
            office.hand.ask(raised)

    stop = faults.watch(raise_it)
    with pytest.raises(Stale, match="risk_tier was low and is high"):
        office.perform(office.operation("kyc_verifications", "k1", "approve"))
    stop()
    assert office.rows("kyc_verifications")[id_of("k1")]["status"] == "pending"


@pytest.mark.parametrize("status", ["active", "suspended", "closed", "odd"])
def test_an_approval_activates_a_pending_profile_only(office: Office, status: str) -> None:
    office.hand.ask(office.altered("identity_profiles", "p2", status=f"'{status}'"))
    wanted = office.operation("kyc_verifications", "k2", "approve")
    said = remarks(office, wanted)
    assert [f"The profile is {status}, and stays so."] * (status != "active") == said[:-1]
    before = office.rows("identity_profiles")
    office.perform(wanted)
    assert office.rows("identity_profiles") == before


def test_a_profile_that_was_activated_meanwhile_makes_an_approval_stale(office: Office) -> None:
    shown = office.sheet(office.operation("kyc_verifications", "k2", "approve")).operation
    office.hand.ask(office.altered("identity_profiles", "p2", status="'active'"))
    with pytest.raises(Stale, match="profiles activated: 1 shown, 0 now"):
        office.perform(shown)


def test_who_reviewed_is_the_operators_own_user_where_the_profile_names_one(
    office: Office, tmp_path: Path
) -> None:
    desk = offices.sit_down(office.url, tmp_path / "other", operator_id="r.menon")
    office.perform(office.operation("kyc_verifications", "k1", "reject"), desk)
    row = office.rows("kyc_verifications")[id_of("k1")]
    assert (row["reviewed_by"], row["rejection_reason"]) == ("r.menon", REASON)
    assert office.events()[0]["payload"]["operator"] == "r.menon"
    desk.close()
    desk.session.close()


HUGE = "12345678901234567890.123456789012345678"
"""All the digits that an amount has; Python's own arithmetic would keep 28 of them."""
_LAST = "0.000000000000000001"


@pytest.mark.parametrize(
    ("available", "locked", "amount", "left"),
    [
        (HUGE, HUGE, HUGE, ("24691357802469135780.246913578024691356", "0")),
        (
            HUGE,
            HUGE,
            _LAST,
            ("12345678901234567890.123456789012345679", "12345678901234567890.123456789012345677"),
        ),
        ("-5", "30.5", "30.5", ("25.5", "0")),
        ("0", "30.500000000000000001", "30.5", ("30.5", _LAST)),
    ],
)
def test_a_rejected_withdrawal_moves_its_amount_to_the_last_digit(
    office: Office, available: str, locked: str, amount: str, left: tuple[str, str]
) -> None:
    office.hand.ask(
        office.altered("wallet_balances", "b1", available=f"#'{available}'#", locked=f"#'{locked}'#")
    )
    office.hand.ask(office.altered("wallet_transactions", "t1", amount=f"#'{amount}'#"))
    done = office.perform(office.operation("wallet_transactions", "t1", "reject"), alone=True)
    row = office.rows("wallet_balances")[id_of("b1")]
    assert (row["available"], row["locked"]) == (Decimal(left[0]), Decimal(left[1]))
    with localcontext(prec=60):
        assert row["available"] + row["locked"] == Decimal(available) + Decimal(locked)
        (moved,) = done.told["moved"]
        assert (Decimal(moved["available"]), -Decimal(moved["locked"])) == (Decimal(amount), Decimal(amount))


@pytest.mark.parametrize(
    ("table", "name", "state", "says"),
    [
        (
            "wallet_balances",
            "b1",
            {"locked": "#'30.499999999999999999'#"},
            r"Only 30\.4999\d+ EUR are locked .* 30\.5",
        ),
        ("wallet_balances", "b1", {"locked": "'NaN'"}, "locked is NaN"),
        ("wallet_balances", "b1", {"available": "'NaN'"}, "available is NaN"),
        ("wallet_balances", "b1", {"asset": "'USD'"}, "has 0 balances in EUR"),
        ("wallet_balances", "b1", {"available": "#'99999999999999999999'#"}, "too large for available"),
        ("wallet_transactions", "t1", {"amount": "#'0'#"}, "nothing to release"),
        ("wallet_transactions", "t1", {"amount": "#'-1'#"}, "nothing to release"),
        ("wallet_transactions", "t1", {"amount": "'NaN'"}, "amount is NaN"),
        ("wallet_transactions", "t1", {"amount": "#'50.01'#"}, r"Only 50\S* EUR are locked"),
        ("wallet_transactions", "t1", {"asset": "'USD'"}, "has 0 balances in USD"),
    ],
)
def test_a_withdrawal_that_does_not_fit_is_refused_and_nothing_moves(
    office: Office, table: str, name: str, state: dict[str, str], says: str
) -> None:
    office.hand.ask(office.altered(table, name, **state))
    before = office.everything()
    wanted = office.operation("wallet_transactions", "t1", "reject")
    assert re.search(says, office.sheet(wanted).refused)
    with pytest.raises(Refused, match=says):
        office.perform(wanted, alone=True)
    assert _same(office.everything(), before)


def _same(one: object, other: object) -> bool:
    return repr(one) == repr(other)  # NaN equals nothing, itself included


def test_an_amount_that_moved_in_its_last_digit_is_stale(office: Office) -> None:
    office.hand.ask(office.altered("wallet_transactions", "t1", amount=f"#'{HUGE}'#"))
    wanted = office.operation("wallet_transactions", "t1", "reject")
    office.hand.ask(office.altered("wallet_balances", "b1", locked=f"#'{HUGE}'#"))
    shown = office.sheet(wanted).operation
    office.hand.ask(office.altered("wallet_transactions", "t1", amount=f"#'{HUGE[:-1]}9'#"))
    with pytest.raises(Stale, match="no longer as it was shown"):
        office.perform(shown, alone=True)


def test_withdrawals_rejected_at_once_release_each_amount_once(office: Office, tmp_path: Path) -> None:
    names = [f"x{n}" for n in range(8)]
    office.hand.ask(
        "INSERT INTO wallet_transactions (id, wallet_id, kind, asset, amount, status, created_at) VALUES "
        + ", ".join(f"('{id_of(n)}', {_W1}, 'withdrawal', 'EUR', #'2.25'#, 'pending', [now])" for n in names)
    )
    desks = [offices.sit_down(office.url, tmp_path / f"desk{n}") for n in range(4)]

    def reject(n: int) -> None:
        office.perform(office.operation("wallet_transactions", names[n], "reject"), desks[n % 4], alone=True)

    with ThreadPoolExecutor(4) as pool:
        for turn in range(0, 8, 4):
            list(pool.map(reject, range(turn, turn + 4)))
    row = office.rows("wallet_balances")[id_of("b1")]
    assert (row["available"], row["locked"]) == (Decimal(118), Decimal(32))
    for desk in desks:
        desk.close()
        desk.session.close()


def test_a_session_that_came_meanwhile_makes_a_revocation_stale(office: Office) -> None:
    shown = office.sheet(office.operation("hardware_passes", "h1", "revoke"))
    assert shown.operation.counted == {"challenges expired": 2, "sessions ended": 2}
    office.hand.ask(
        "INSERT INTO multipass_sessions (id, profile_id, token_hash, created_at, expires_at) "
        f"VALUES ('{id_of('s6')}', {_P1}, '6', [now], [1 days])"
    )
    with pytest.raises(Stale, match="sessions ended: 2 shown, 3 now"):
        office.perform(shown.operation)
    assert office.perform(replace(shown.operation, counted=None)).told["counted"]["sessions ended"] == 3


def test_a_lock_ends_later_than_now(office: Office) -> None:
    past = office.operation(
        "multipass_credentials", "c1", "lock", form={"until": "2001-01-01T00:00:00+00:00"}
    )
    assert "2001-01-01" in office.sheet(past).refused
    with pytest.raises(Usage, match="is no time"):
        office.sheet(replace(past, form={"until": "some day"}))


def test_the_sheet_says_which_access_stays(office: Office) -> None:
    first = (
        "The first operation here also makes the application module 'quaestor', under which its events stand."
    )
    sessions = "Live sessions that go on until they are revoked: 2."
    everything = [
        sessions,
        "Credentials that stay active: 1.",
        "Passes that stay issued or active: 2.",
        "Wallets that stay active: 1.",
        first,
    ]
    assert remarks(office, office.operation("identity_profiles", "p1", "suspend")) == everything
    assert remarks(office, office.operation("identity_profiles", "p1", "close")) == everything
    for action in ("lock", "disable"):
        assert remarks(office, office.operation("multipass_credentials", "c1", action)) == [sessions, first]
    office.perform(office.operation("multipass_sessions", "s1", "revoke-all"))
    assert remarks(office, office.operation("multipass_credentials", "c1", "lock")) == []


def test_the_sheet_says_that_secrets_are_emptied_without_showing_them(office: Office) -> None:
    shown = office.sheet(office.operation("multipass_credentials", "c1", "reset-mfa"))
    effects = [(effect.what, effect.before, effect.after) for effect in shown.effects if not effect.remark]
    assert effects == [("mfa enabled", True, False), ("mfa secret", MASK, None), ("backup codes", MASK, None)]


def test_no_secret_is_kept_anywhere(office: Office) -> None:
    shown = office.sheet(office.operation("multipass_credentials", "c1", "reset-mfa"))
    done = office.perform(shown.operation)
    kept = [repr(shown), repr(done), repr(office.events())]
    kept += [repr(bytes(payload)) for (payload,) in office.hand.ask("SELECT payload FROM quaestor_ledger")]
    assert "canary" not in "".join(kept)
    assert (office.rows("multipass_credentials")[id_of("c1")]["password_hash"]) == "canary-hash"


def _passes(office: Office, number: int) -> list[str]:
    """So many more passes of Bob, who has one session."""
    names = [f"y{n:02}" for n in range(number)]
    office.hand.ask(
        "INSERT INTO hardware_passes (id, profile_id, serial, model, status) VALUES "
        + ", ".join(f"('{id_of(n)}', '{id_of('p2')}', '{n}', 'A', 'active')" for n in names)
    )
    return names


def test_the_25th_revocation_within_an_hour_takes_two_people(calm: Office) -> None:
    assert [(setting.name, setting.default) for setting in SETTINGS] == [("revoke_dual_from", "25")]
    names = _passes(calm, 25)
    for name in ("s1", "s2"):  # sessions are revoked by one person however many they are
        calm.perform(calm.operation("multipass_sessions", name, "revoke"))
    for name in names[:22]:
        calm.perform(calm.operation("hardware_passes", name, "revoke"))
    calm.perform(calm.operation("attestations", "a1", "revoke"))
    wanted = calm.operation("hardware_passes", names[22], "revoke")
    assert calm.sheet(wanted).risk is Risk.NORMAL
    calm.perform(wanted)
    for more in (
        calm.operation("hardware_passes", names[23], "revoke"),
        calm.operation("attestations", "a2", "revoke"),
    ):
        assert calm.sheet(more).risk is Risk.DUAL
        with pytest.raises(Denied, match="two people"):
            calm.perform(more)
    assert calm.sheet(calm.operation("multipass_sessions", "s5", "revoke")).risk is Risk.NORMAL
    assert calm.sheet(calm.operation("hardware_passes", names[23], "suspend")).risk is Risk.NORMAL


def test_others_revocations_do_not_count(calm: Office, tmp_path: Path) -> None:
    names = _passes(calm, 4)
    desk = offices.sit_down(calm.url, tmp_path / "tight", revoke_dual_from="3")
    for name in names[:2]:
        calm.perform(calm.operation("hardware_passes", name, "revoke"), desk)
    wanted = calm.operation("hardware_passes", names[2], "revoke")
    with pytest.raises(Denied, match="two people"):
        calm.perform(wanted, desk)
    assert sheet(desk.session, wanted, desk.who).risk is Risk.DUAL
    assert sheet(desk.session, wanted, Who("key:other", "other")).risk is Risk.NORMAL
    desk.close()
    desk.session.close()
