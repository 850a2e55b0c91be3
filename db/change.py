"""What an action may do with its record and with what hangs on it, and what is noted of it meanwhile.

An action is written once, against ``Change``. Run dry (``db.sheet``) it only reads, and its notes are the sheet
and the signed entry; run live (``db.write``) it changes the rows, and its notes must be the same ones again.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context as Arithmetic
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Select,
    Table,
    Update,
    and_,
    delete,
    select,
    update,
)

from db.canonical import digest, dumps, plain, text_of
from db.errors import Conflict, Missing, Refused
from db.model import MASK, Action, Column, Context, Effect, Entity, Kind, Risk, System, Values
from db.schema import Schema
from db.statements import by_key, inserting, literal, updating
from db.types import kind_of

NONE: Mapping[str, Any] = {}
"""No parameters."""
_DIGITS = 38
"""Of the longest number that a column holds; Python's own arithmetic rounds to 28."""
_WIDE = Arithmetic(2 * _DIGITS)
"""Differences of such numbers, to the last digit."""


@dataclass(frozen=True, order=True)
class Grant:
    """A right on a table, or on one of its columns, that a change takes."""

    privilege: str
    table: str
    column: str = ""

    def __str__(self) -> str:
        return f"{self.privilege}{f' ({self.column})' if self.column else ''} ON {self.table}"


@dataclass(frozen=True)
class Signed:
    """What goes into the ledger: the canonical payload and the operator's signature over it."""

    payload: bytes
    key_id: str
    signature: bytes


@dataclass(frozen=True)
class Facts:
    """What is known before a change begins."""

    system: System
    schema: Schema
    entity: Entity
    action: Action
    id: str
    key: tuple[Any, ...]
    row: Values
    """The record as it is now, without its masked columns."""
    context: Context
    risk: Risk
    operation: str
    """The operation's id, a UUID."""
    reason: str
    ticket: str = ""
    actor: str = ""
    """The operator's own user in that system, where the profile names one."""
    by: str = ""
    """The operator for columns of free text such as ``revoked_by``: that user, else the key's name, else the principal."""
    evidence: Mapping[str, str] = field(default_factory=dict)
    """Claims about the operator: ``address``, ``session``, ``login``."""
    proposal: str = ""
    """The proposal that is carried out."""
    restored: Values = field(default_factory=dict)
    """When an operation is taken back: the values of before, by column."""
    sealing_key: Callable[[str], bytes | None] = field(default=lambda id_: None, repr=False)
    """The profile's keys for sealed columns; asked by the dry run, so that no transaction waits for a keyring."""
    signed: Signed | None = None
    """The ledger entry of this change; none while run dry."""


@dataclass
class Notes:
    """What a change did, or would do."""

    effects: list[Effect] = field(default_factory=list)
    """For the sheet, in order."""
    after: dict[str, Any] = field(default_factory=dict)
    """The record's columns that change, without those that every update sets."""
    counted: Counter[str] = field(default_factory=Counter)
    """Dependents, by the words that the action declares."""
    moved: list[Mapping[str, Any]] = field(default_factory=list)
    """Dependents one by one: table, key, numbers by how much, other values as set."""
    appended: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Entries for lists that the record keeps as JSON, by column."""
    grants: set[Grant] = field(default_factory=set)
    touched: int = 0


class Change(ABC):
    """One action on one record; its methods are all that an action may do."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.row = facts.row
        self.form = facts.context.form
        self.now = facts.context.now
        self.settings = facts.context.settings
        self.reason = facts.reason
        self.notes = Notes()
        self.result: Any = None
        self.began = time.monotonic()

    dry: bool
    """Whether nothing is changed: a reveal then reveals nothing."""

    @abstractmethod
    def _rows(
        self, statement: Select[Any], parameters: Mapping[str, Any] = NONE, *, lock: bool
    ) -> Sequence[Any]:
        """The rows of a statement, locked until the end where asked."""

    @abstractmethod
    def _run(
        self,
        statement: Callable[[], Update | Insert | Delete],
        parameters: Mapping[str, Any] = NONE,
        counting: Callable[[], Select[Any]] | None = None,
    ) -> int:
        """How many rows it changes; ``counting`` selects them where that is not known to be one."""

    def refuse(self, sentence: str) -> NoReturn:
        """A rule says no; the sentence gives the rule and the numbers."""
        raise Refused(sentence)

    def remark(self, sentence: str) -> None:
        """Something that the sheet has to say."""
        self.notes.effects.append(Effect(sentence, remark=True))

    def read(self, statement: Select[Any]) -> list[Values]:
        """Rows by column name; what decides is locked by ``lock`` first."""
        return [dict(row._mapping) for row in self._rows(statement, lock=False)]

    def secret(self, name: str) -> Any:
        """A masked column of the record; None also where the role may not read it, which the sheet then tells."""
        table = self.facts.entity.table
        self.notes.grants.add(Grant("SELECT", table.name, name))
        if not self.facts.schema.readable(table.name, name):
            return None
        found = self.read(select(table.c[name]).where(self._itself()))
        return found[0][name] if found else None

    def lock(self, table: Table, ids: Iterable[Any], columns: str) -> dict[Any, Values]:
        """Rows of another table by key, each locked until the end, in the order of the keys; absent ones are left out."""
        found: dict[Any, Values] = {}
        for id_ in sorted(set(ids)):
            for row in self._rows(by_key(table, columns), {"quaestor_key": id_}, lock=True):
                found[id_] = dict(row._mapping)
        return found

    def update(self, **values: Any) -> None:
        """Change the record itself: exactly one row, once. Without values only its version and times."""
        table, facts = self.facts.entity.table, self.facts
        values = dict(facts.restored) or values  # what is taken back: those columns, and no others
        values = {name: _fit(table.c[name], value) for name, value in values.items()}
        for name, value in values.items():
            column = facts.entity.by_name[name]
            if column.kind is Kind.MASKED or self.row.get(name) != value:
                self.notes.after[name] = value
                self._effect(column, "", self.row, value)
        lists = {n: longer(self.row[n], entry) for n, entry in self.notes.appended.items()}
        key = dict(zip(facts.entity.key, facts.key, strict=True))
        self._exactly_one(table, key, {**values, **lists})
        self.notes.touched += 1

    def append(self, name: str, **entry: str) -> None:
        """Let the ``update`` that follows add an entry to a list of the record's; others add to it too, and it is never taken back."""
        entity = self.facts.entity
        if name not in self.row:
            raise Missing(
                f"'{self.facts.action.heading}' needs {entity.name}.{name}, which is not there or not readable."
            )
        self.notes.appended[name] = entry
        heading = entity.by_name[name].heading
        self.notes.effects.append(Effect(f"added to {heading}", None, dumps(entry).decode(), Kind.JSON))

    def dependent(self, table: Table, row: Values, counted: str, called: str, **values: Any) -> None:
        """Change one row of another table that ``lock`` gave."""
        key = next(iter(table.primary_key.columns))
        values = {name: _fit(table.c[name], value) for name, value in values.items()}
        moved: dict[str, Any] = {"table": table.name, "id": str(row[key.name])}
        for name, value in values.items():
            before = row.get(name)
            if before != value:
                self._effect(self._column(table, name), called, row, value)
            if not (isinstance(value, Decimal) and isinstance(before, Decimal)):
                moved[name] = value
            elif value != before:
                # A sum: what it was before may move until the lock is held.
                moved[name] = f"{_WIDE.subtract(value, before):+f}"
        self._exactly_one(table, {key.name: row[key.name]}, values)
        self._count(counted, 1)
        self.notes.moved.append(moved)

    def each(self, table: Table, where: ColumnElement[bool], counted: str, **values: Any) -> int:
        """Change every row of another table that fulfils ``where``; how many is shown, signed and held to."""
        values = {name: _fit(table.c[name], value) for name, value in values.items()}
        known = self._known(table, values, "UPDATE")
        number = self._run(
            lambda: update(table).where(where).values(**known),
            counting=lambda: select(*table.primary_key.columns).where(where),
        )
        self._count(counted, number)
        self.notes.effects.append(Effect(counted, 0, number, Kind.INTEGER))
        return number

    def insert(self, table: Table, counted: str, called: str, **values: Any) -> None:
        """Add a row to another table."""
        self.notes.effects.append(Effect(called, None, "added"))
        self.tell(table, **values)
        self._count(counted, 1)

    def delete(self, table: Table, where: ColumnElement[bool], counted: str, called: str) -> None:
        """Remove exactly one row of another table."""
        self.notes.effects.append(Effect(called, "there", "removed"))
        self.notes.grants.add(Grant("DELETE", table.name))
        number = self._run(
            lambda: delete(table).where(where),
            counting=lambda: select(*table.primary_key.columns).where(where),
        )
        if number != 1:
            raise Conflict(f"{called}: {number} rows would be removed, not one; nothing was changed.")
        self._count(counted, 1)

    def tell(self, table: Table, **values: Any) -> None:
        """Write the system's own audit row: no effect, only a right that it takes."""
        known = self._known(table, values, "INSERT", stamped=False)
        self._run(lambda: inserting(table, known), literal(known))

    def ensure(self, table: Table, **values: Any) -> None:
        """Add the row that an audit row hangs on, unless somebody else adds it at the same moment."""
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - 17 ms that no other engine waits for

        known = self._known(table, values, "INSERT", stamped=False)
        # SQLite writes the same clause; the systems on MySQL have nothing of the kind.
        self._run(lambda: postgresql.insert(table).values(**known).on_conflict_do_nothing())

    def recorded(self) -> dict[str, Any]:
        """What the ledger and the system's own audit row keep: before, after, dependents; secrets only as digests."""
        notes = self.notes
        told = {
            "before": {name: self._kept(name, self.row.get(name), erased=True) for name in notes.after},
            "after": {name: self._kept(name, value) for name, value in notes.after.items()},
            "counted": dict(notes.counted),
            "moved": [{name: plain(value) for name, value in moved.items()} for moved in notes.moved],
            "appended": {name: dict(entry) for name, entry in notes.appended.items()},
        }
        return {name: value for name, value in told.items() if value}

    def _itself(self) -> ColumnElement[bool]:
        """The condition that finds the record."""
        entity = self.facts.entity
        return and_(*(entity.table.c[n] == k for n, k in zip(entity.key, self.facts.key, strict=True)))

    def _kept(self, name: str, value: Any, *, erased: bool = False) -> Any:
        secret = self.facts.entity.by_name[name].kind is Kind.MASKED
        if secret and erased:
            return {"secret": True}  # masked values are not even read
        if secret or (erased and self.facts.action.erases):
            return digest(self.facts.operation, name, value)
        return plain(value)

    def _exactly_one(self, table: Table, key: Values, values: Values) -> None:
        known = self._known(table, values, "UPDATE")
        given = {**literal(known), **{f"quaestor_{name}": value for name, value in key.items()}}
        number = self._run(lambda: updating(table, tuple(key), known), given)
        if number != 1:
            raise Conflict(
                f"{number} rows of {table.name} would be changed, not one; nothing was changed. It may be gone."
            )

    def _known(self, table: Table, values: Values, privilege: str, *, stamped: bool = True) -> dict[str, Any]:
        """The values with what each update sets, the latter only where the database has such columns."""
        found = self.facts.schema.table(table.name)
        there = found.columns if found else ()
        if lost := sorted(set(values) - set(there)):
            raise Missing(
                f"'{self.facts.action.heading}' needs {', '.join(f'{table.name}.{n}' for n in lost)}, which is not there."
            )
        kept = (
            {n: v for n, v in self.facts.system.stamp(table, self).items() if n in there} if stamped else {}
        )
        made = {**kept, **values}
        self.notes.grants |= {Grant(privilege, table.name, name) for name in made}
        return made

    def _count(self, counted: str, number: int) -> None:
        if counted not in self.facts.action.dependents:
            raise ValueError(f"{self.facts.action.name} does not declare the dependents '{counted}'")
        self.notes.counted[counted] += number

    def _column(self, table: Table, name: str) -> Column:
        for entity in self.facts.system.entities:
            if entity.table is table and name in entity.by_name:
                return entity.by_name[name]
        return Column(name, kind_of(table.c[name].type), table.c[name])

    def _effect(self, column: Column, called: str, row: Values, after: Any) -> None:
        what = f"{called} {column.heading}".strip()
        before = row.get(column.name)
        if column.kind is Kind.MASKED:
            before, after = MASK, MASK if after else None
        currency = str(row.get(column.currency, column.currency))
        self.notes.effects.append(Effect(what, before, after, column.kind, currency))


def longer(written: Any, entry: Mapping[str, str]) -> str:
    """A list in JSON with one entry more, and what was there as it was written: a number never passes through a float."""
    text = "" if written is None else text_of(written).strip()
    added = dumps(entry).decode()
    if text in ("", "null"):
        return f"[{added}]"
    if text[0] == "[" and text[-1] == "]":
        return f"{text[:-1]}{', ' if text[1:-1].strip() else ''}{added}]"
    try:
        json.loads(text)
    except RecursionError:
        pass  # valid as far as it goes
    except ValueError:
        text = json.dumps(text)
    return f"[{text}, {added}]"


def _fit(column: Any, value: Any) -> Any:
    """A decimal with its column's decimals, a text that its column holds; raises Refused for what does not fit."""
    match value:
        case Decimal():
            return _scaled(column, value)
        case str() if (length := getattr(column.type, "length", None)) and len(value) > length:
            raise Refused(f"{column.name} keeps {length} characters; this has {len(value)}.")
    return value


def _scaled(column: Any, value: Decimal) -> Decimal:
    scale = getattr(column.type, "scale", None)
    if scale is None:
        return value
    digits = getattr(column.type, "precision", None) or _DIGITS
    try:
        fitted = value.quantize(Decimal(1).scaleb(-scale), context=Arithmetic(digits))
    except InvalidOperation:
        raise Refused(f"{value} is too large for {column.name}.") from None
    if fitted != value:
        raise Refused(f"{value} has more decimals than {column.name} keeps ({scale}).")
    return fitted
