"""Booking a transaction: the rule to the cent, the limits with their numbers, and money conserved under any concurrency."""

import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from db import write
from db.errors import Refused
from db.operation import Done
from db.trustsphere.tables import accounts, transactions
from tests.write.bank import ARMED, Bank, account, id_of, operation, transaction


@dataclass(frozen=True)
class Case:
    """A transaction and its accounts before; the balances, or the refusal, afterwards."""

    source: Mapping[str, Any] | None = None
    target: Mapping[str, Any] | None = None
    amount: str = "100.00"
    fee: str = "0.00"
    rate: str = "1.000000"
    left: str = ""
    brought: str = ""
    says: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def holds(balance: str, **more: Any) -> dict[str, Any]:
    return {"balance": Decimal(balance), **{n: Decimal(v) if v[0].isdigit() else v for n, v in more.items()}}


CASES = (
    Case(holds("500.00"), holds("10.00"), fee="1.50", left="398.50", brought="110.00"),
    Case(holds("500.00"), None, fee="1.50", left="398.50"),
    Case(None, holds("10.00"), fee="1.50", brought="108.50"),
    # 0.01 × 0.5 = 0.005 → 0.00 and 0.03 × 0.5 = 0.015 → 0.02: half goes to the even cent
    Case(holds("1.00"), holds("1.00"), amount="0.01", rate="0.500000", left="1.00", brought="1.00"),
    Case(holds("1.00"), holds("1.00"), amount="0.03", rate="0.500000", left="0.98", brought="1.02"),
    Case(holds("500.00"), holds("0.00"), amount="100.00", rate="1.084999", left="391.50", brought="108.50"),
    Case(holds("100.00"), None, amount="100.00", left="0.00"),
    Case(holds("100.00"), None, amount="100.01", says="holds 100.00; less 100.01 that is -0.01, under its floor of 0.00"),
    Case(holds("100.00"), None, fee="0.01", says="less 100.01"),
    Case(holds("100.00", minimum_balance="50.00"), None, amount="50.00", left="50.00"),
    Case(holds("100.00", minimum_balance="50.00"), None, amount="50.01", says="under its floor of 50.00"),
    Case(holds("0.00", overdraft_limit="100.00"), None, left="-100.00"),
    Case(holds("0.00", overdraft_limit="100.00"), None, amount="100.01", says="under its floor of -100.00"),
    Case(holds("0.00", overdraft_limit="99.99", minimum_balance="50.00"), None, amount="99.99", left="-99.99"),
    Case(holds("9000.00", daily_transaction_limit="100.00"), None, left="8900.00"),
    Case(holds("9000.00", daily_transaction_limit="99.99"), None, says="100.00, over its daily limit of 99.99"),
    Case(holds("9000.00", daily_transaction_limit="100.00", daily_transaction_amount="0.01"), None,
         says="has moved 0.01 today; with 100.00 that is 100.01"),
    Case(None, holds("9000.00", daily_transaction_limit="1.00"), brought="9100.00"),
    Case(None, holds("5.00"), amount="1.00", fee="1.01", says="fee of 1.01 is more than the 1.00"),
    Case(holds("500.00", status="FROZEN"), holds("0.00"), says="S is FROZEN; only ACTIVE"),
    Case(holds("500.00"), holds("0.00", status="CLOSED"), says="R is CLOSED; only ACTIVE"),
    Case(None, holds("0.00", status="FROZEN"), says="R is FROZEN; only ACTIVE"),
    Case(holds("500.00"), None, says="needs a target account", more={"type": "TRANSFER"}),
    Case(holds("500.00"), None, says="needs a target account", more={"type": "DEPOSIT"}),
)  # fmt: skip


def test_the_rule_to_the_cent(bank: Bank) -> None:
    desk = bank.desk()
    for case in CASES:
        sides = {"S": case.source, "R": case.target}
        bank.add(accounts, *({**account(name), **held} for name, held in sides.items() if held is not None))
        source, target = (name if held is not None else None for name, held in sides.items())
        amounts = {"fee_amount": Decimal(case.fee), "exchange_rate": Decimal(case.rate)}
        bank.add(transactions, {**transaction("X", source, target, case.amount), **amounts, **case.more})
        if case.says:
            with pytest.raises(Refused, match=case.says):
                write.perform(desk, operation("transactions", "X", "approve"), ARMED)
            assert bank.row(transactions, "X")["status"] == "PENDING"
            for name, held in sides.items():
                assert held is None or bank.row(accounts, name)["balance"] == held["balance"]
        else:
            write.perform(desk, operation("transactions", "X", "approve"), ARMED)
            booked = bank.row(transactions, "X")
            assert booked["status"] == "COMPLETED"
            assert booked["processed_at"] is not None
            for name, wanted in (("S", case.left), ("R", case.brought)):
                if wanted:
                    now = bank.row(accounts, name)
                    assert (str(now["balance"]), now["version"]) == (wanted, 2), case
                    assert now["last_transaction_at"] == booked["processed_at"]
            if case.source:
                spent = bank.row(accounts, "S")["daily_transaction_amount"]
                moved = (Decimal(case.amount) * Decimal(case.rate)).quantize(
                    Decimal("0.01"), "ROUND_HALF_EVEN"
                )
                assert spent - case.source.get("daily_transaction_amount", 0) == moved
        bank.run("DELETE FROM transactions")
        bank.run("DELETE FROM accounts WHERE account_number IN ('S', 'R')")


def test_an_account_pays_nothing_to_itself(bank: Bank) -> None:
    bank.add(transactions, transaction("X", "A1", "A1"))
    with pytest.raises(Refused, match="the same account"):
        write.perform(bank.desk(), operation("transactions", "X", "approve"), ARMED)


def test_200_bookings_at_once_over_20_accounts_conserve_the_money(bank: Bank, engine: str) -> None:
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    names = [f"B{n}" for n in range(20)]
    bank.add(accounts, *(account(name, balance="150.00", overdraft_limit=Decimal("20.00")) for name in names))
    rows = []
    for n in range(200):
        source, target = dice.sample(names, 2)
        kind = dice.choice(("transfer", "transfer", "deposit", "withdrawal"))
        rows.append(
            transaction(
                f"X{n}",
                None if kind == "deposit" else source,
                None if kind == "withdrawal" else target,
                f"{dice.randrange(70, 9000) / 100:.2f}",  # even the half of it pays the fee
                fee_amount=Decimal(dice.choice(("0.00", "0.35"))),
                exchange_rate=Decimal(dice.choice(("1.000000", "1.084999", "0.500000"))),
            )
        )
    bank.add(transactions, *rows)
    desks = [bank.desk() for _ in range(8)]

    def book(n: int) -> Done | Refused:
        try:
            return write.perform(desks[n % 8], operation("transactions", f"X{n}", "approve"), ARMED)
        except Refused as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(book, range(200)))
    done = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Done)]
    assert 50 < len(done) < 200, f"seed {seed}: some are refused, most are not"
    expected = dict.fromkeys(names, Decimal("150.00"))
    by_id = {id_of(name): name for name in names}
    for n in done:
        row = rows[n]
        amount = (row["amount"] * row["exchange_rate"]).quantize(Decimal("0.01"), "ROUND_HALF_EVEN")
        if row["source_account_id"]:
            expected[by_id[row["source_account_id"]]] -= amount + row["fee_amount"]
        if row["target_account_id"]:
            fee = 0 if row["source_account_id"] else row["fee_amount"]
            expected[by_id[row["target_account_id"]]] += amount - fee
    found = {
        row["account_number"]: row["balance"] for row in bank.rows(accounts) if row["account_number"] in names
    }
    assert found == expected, f"seed {seed}"
    assert all(balance >= Decimal("-20.00") for balance in found.values()), f"seed {seed}"
    completed = {row["reference_number"] for row in bank.rows(transactions) if row["status"] == "COMPLETED"}
    assert completed == {f"X{n}" for n in done}, f"seed {seed}"
    refusals = [str(outcome) for outcome in outcomes if isinstance(outcome, Refused)]
    others = [said for said in refusals if "floor" not in said and "daily limit" not in said]
    assert others == [], f"seed {seed}: only the rule refuses"
    assert bank.scalar("SELECT count(*) FROM quaestor_ledger") == len(done) + 1
