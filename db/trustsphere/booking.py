"""The booking rule as SQL: what each completed transaction did to its accounts, exact to the cent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CompoundSelect, Select, Table, case, func, literal, select, type_coerce, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from db.figures import figure
from db.model import Column, Figure, Kind
from db.trustsphere.shared import BASE_CURRENCY
from db.trustsphere.tables import accounts, transactions, transactions_archive
from db.types import Money, total


class booked(GenericFunction[Any]):  # noqa: N801 - a SQL construct
    """``booked(amount, exchange_rate)``: their product, rounded half-even to cents."""

    inherit_cache = True
    type = Money()


def _decimal(element: Any, compiler: Any, truncate: str, **kw: Any) -> str:
    """Decimals round half away from zero: where a half made an odd cent, it goes one cent back."""
    amount, rate = (f"({compiler.process(clause, **kw)})" for clause in element.clauses)
    product = f"({amount} * {rate})"
    half = f"abs({product} - {truncate}({product}, 2)) = 0.005"
    odd = f"mod(abs(round({product}, 2)) * 100, 2) <> 0"
    return f"(round({product}, 2) - CASE WHEN {half} AND {odd} THEN sign({product}) * 0.01 ELSE 0 END)"


@compiles(booked)
def _booked(element: Any, compiler: Any, **kw: Any) -> str:
    return _decimal(element, compiler, "trunc", **kw)


@compiles(booked, "mysql")
@compiles(booked, "mariadb")
def _booked_mysql(element: Any, compiler: Any, **kw: Any) -> str:
    return _decimal(element, compiler, "truncate", **kw)


@compiles(booked, "sqlite")
def _booked_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    """Cents times millionths, in two parts so that 64 bits hold every intermediate result."""
    amount, rate = (f"({compiler.process(clause, **kw)})" for clause in element.clauses)
    low = f"({amount} % 1000000) * {rate}"
    whole = f"({amount} / 1000000 * {rate} + {low} / 1000000)"
    rest = f"abs({low} % 1000000)"
    up = f"{rest} > 500000 OR {rest} = 500000 AND {whole} % 2 <> 0"
    return f"({whole} + CASE WHEN {up} THEN sign({amount}) * sign({rate}) ELSE 0 END)"


def bookings(*tables: Table) -> CompoundSelect[Any]:
    """The change of each account by each completed transaction of these tables: ``account_id``, ``change``."""
    return union_all(*(part for table in tables for part in (_outgoing(table), _incoming(table))))


def _outgoing(table: Table) -> Select[Any]:
    """What transfers and withdrawals took from their sources: the booked amount and the fee."""
    t = table.c
    taken = type_coerce(-(booked(t.amount, t.exchange_rate) + t.fee_amount), Money())
    return _completed(table, t.source_account_id, taken, "TRANSFER", "WITHDRAWAL")


def _incoming(table: Table) -> Select[Any]:
    """What transfers and deposits brought to their targets: a deposit's fee is kept from it."""
    t = table.c
    fee = case((t.type == "DEPOSIT", t.fee_amount), else_=literal(0, Money()))
    brought = type_coerce(booked(t.amount, t.exchange_rate) - fee, Money())
    return _completed(table, t.target_account_id, brought, "TRANSFER", "DEPOSIT")


def _completed(table: Table, account: Any, change: Any, *types: str) -> Select[Any]:
    t = table.c
    return select(account.label("account_id"), change.label("change")).where(
        t.status == "COMPLETED", t.type.in_(types), account.is_not(None)
    )


def _compared(*tables: Table) -> Any:
    """Each account's balance beside the sum of its bookings."""
    changes = bookings(*tables).subquery("changes")
    sums = (
        select(changes.c.account_id, total(changes.c.change).label("booked"))
        .group_by(changes.c.account_id)
        .subquery("sums")
    )
    found = type_coerce(func.coalesce(sums.c.booked, literal(0, Money())), Money())
    return (
        select(
            accounts.c.id,
            accounts.c.account_number,
            accounts.c.status,
            accounts.c.balance,
            found.label("booked"),
            type_coerce(accounts.c.balance - found, Money()).label("difference"),
        )
        .select_from(accounts.outerjoin(sums, sums.c.account_id == accounts.c.id))
        .subquery("compared")
    )


def _check(name: str, summary: str, *tables: Table) -> Figure:
    each = _compared(*tables).c
    result = case((each.difference == 0, "agrees"), else_="differs").label("result")
    inner = select(result, each.balance, each.booked, each.difference).subquery("results")
    of = inner.c
    statement = (
        select(
            of.result,
            func.count().label("accounts"),
            total(of.balance).label("balance"),
            total(of.booked).label("booked"),
            total(of.difference).label("difference"),
        )
        .group_by(of.result)
        .order_by(of.result)
    )
    return in_money(figure(name, summary, statement))


def _differences(name: str, summary: str, *tables: Table) -> Figure:
    each = _compared(*tables).c
    statement = (
        select(each.account_number, each.status, each.balance, each.booked, each.difference, each.id)
        .where(each.difference != 0)
        .order_by(func.abs(each.difference).desc(), each.id)
    )
    return in_money(figure(name, summary, statement, kinds={"id": Kind.ID}))


def in_money(made: Figure) -> Figure:
    """The same figure with the bank's currency beside its sums."""
    columns = tuple(
        Column(c.name, c.kind, c.expression, c.label, c.group, c.values, BASE_CURRENCY)
        if c.kind is Kind.MONEY
        else c
        for c in made.columns
    )
    return Figure(made.name, made.summary, made.statement, columns, made.parameters)


FIGURES = (
    _check(
        "balance-check",
        "How many balances equal the sum of their completed bookings, the archived ones with them; interest "
        "that the monthly event paid has no booking and shows as a difference.",
        transactions,
        transactions_archive,
    ),
    _differences(
        "balance-differences",
        "The accounts whose balance is not the sum of their completed bookings, the largest difference first.",
        transactions,
        transactions_archive,
    ),
    _check(
        "balance-check-live",
        "The balance check without the archive, for a database that has none.",
        transactions,
    ),
)
"""The balance checks; they read every transaction."""
