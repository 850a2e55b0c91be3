"""The vocabulary: what a system, an entity, a column, a view, a figure and a page are.

Values only: nothing here reads a database, and nothing imports SQLAlchemy while the program runs, so
that the screens can use these names before the first query is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from db.kinds import MASK as MASK  # noqa: PLC0414 - others take it from here
from db.kinds import Kind as Kind  # noqa: PLC0414 - others take it from here
from db.kinds import Raw as Raw  # noqa: PLC0414 - others take it from here
from db.profile import Mode as Mode  # noqa: PLC0414 - others take it from here
from db.profile import Profile as Profile  # noqa: PLC0414 - others take it from here

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, MetaData, Select, Table

    from db.change import Change


@dataclass(frozen=True, eq=False)
class Column:
    """One column of an entity, of the table itself or computed."""

    name: str
    """The name in the table, on the command line, in filters and in exports."""
    kind: Kind
    expression: ColumnElement[Any]
    """What is selected: a column of the entity's table, or an expression over it."""
    label: str = ""
    """The heading; made from the name where empty."""
    group: str = ""
    """The heading of its group in the record."""
    values: tuple[str, ...] = ()
    """The values that are known; others are shown as they are."""
    currency: str = ""
    """The column, or the fixed code, that holds the currency of a MONEY."""

    @cached_property
    def heading(self) -> str:
        """The label, or the name in words."""
        return self.label or self.name.replace("_", " ")


@dataclass(frozen=True)
class Order:
    """A way to order an entity: one column, then the key, all in one direction (so that one index serves)."""

    column: str
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Order:
        """Read ``created_at`` or, for the newest first, ``-created_at``."""
        return cls(text.lstrip("-"), text.startswith("-"))

    def __str__(self) -> str:
        return "-" * self.descending + self.column


@dataclass(frozen=True)
class Queue:
    """What makes a view a queue: its two actions and since when a record waits."""

    since: str
    """The column with the time since when the record waits."""
    v: str
    """The action of the key ``v``: approve, verify, unlock, retry."""
    x: str = ""
    """The action of the key ``x``; none where a record can only be retried."""
    amount: str = ""
    """The column with the amount at stake."""
    risk: str = ""
    """The column with the risk."""


@dataclass(frozen=True, eq=False)
class View:
    """A named filter and order of an entity."""

    name: str
    summary: str
    """The rule in words, one sentence."""
    where: ColumnElement[bool] | None = None
    order: Order = Order("id")
    columns: tuple[str, ...] = ()
    """The columns listed; the entity's where empty."""
    queue: Queue | None = None


@dataclass(frozen=True)
class Parameter:
    """A value that a figure asks for."""

    name: str
    kind: Kind
    default: str
    """As typed by an operator: ``-30d``, ``now``, ``10``."""


@dataclass(frozen=True, eq=False)
class Figure:
    """A grouped statistic of an entity: a few rows computed by the server."""

    name: str
    summary: str
    statement: Select[Any]
    """Its columns bear the names of ``columns``; parameters are bindparams by name."""
    columns: tuple[Column, ...]
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, eq=False)
class Link:
    """A way from a record of one entity to records of another one (or of the same)."""

    name: str
    entity: str
    pairs: tuple[tuple[str, str], ...]
    """(my column, their column), all of which must be equal."""
    many: bool = False
    """Whether there may be more than one record at the other end."""
    fixed: tuple[tuple[str, str], ...] = ()
    """(their column, value) that must hold as well: ``resource_type = ACCOUNT``."""
    digest: str = ""
    """``sha256`` where their column holds the hex digest of mine."""


@dataclass(frozen=True, eq=False)
class Entity:
    """A kind of record that can be listed and opened."""

    name: str
    table: Table
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    listed: tuple[str, ...]
    """The columns of a list, in order, where a view names none."""
    views: tuple[View, ...]
    """The first is the default one."""
    figures: tuple[Figure, ...] = ()
    search: tuple[str, ...] = ()
    """The columns that free text is looked up in: exact, or by prefix where an index serves that."""
    links: tuple[Link, ...] = ()
    aliases: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    """The columns that name a record to a person."""
    tenant: str = ""
    """The column that holds the tenant, where the system has tenants."""

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    def view(self, name: str) -> View | None:
        """The view of that name; the first without a name."""
        return next((view for view in self.views if name in ("", view.name)), None)

    def figure(self, name: str) -> Figure | None:
        """The figure of that name."""
        return next((figure for figure in self.figures if figure.name == name), None)


Values = Mapping[str, Any]
"""A record, or a filled form, by its names."""


class Tighter(StrEnum):
    """Which way a threshold may be moved by a profile."""

    LOWER = "lower"
    HIGHER = "higher"
    EITHER = "either"


@dataclass(frozen=True)
class Setting:
    """A threshold of the policy: in the database, changed by two people; a profile may only tighten it."""

    name: str
    default: str
    summary: str
    kind: Kind = Kind.MONEY
    tighter: Tighter = Tighter.LOWER

    def of(self, settings: Mapping[str, str]) -> Decimal:
        """The value that holds."""
        return Decimal(settings.get(self.name, self.default))


class Risk(StrEnum):
    """How many people an operation takes."""

    NORMAL = "normal"
    DUAL = "dual"


@dataclass(frozen=True)
class Field:
    """A value that an action asks for, beside the reason."""

    name: str
    kind: Kind = Kind.TEXT
    label: str = ""
    choices: tuple[str, ...] = ()
    """The only values that fit, where there are few."""
    source: str = ""
    """``entity/column`` that offers values to choose from: ``roles/name``."""
    required: bool = True
    default: str = ""


@dataclass(frozen=True)
class Context:
    """What an action's rules may look at beside the record."""

    now: datetime
    """The server's time, aware UTC."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """The thresholds that hold, by name."""
    form: Values = field(default_factory=dict)
    """What was filled in, as Python values."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of what an operation does: a value before and after, a count of dependents, or a remark."""

    what: str
    before: Any = None
    after: Any = None
    kind: Kind = Kind.TEXT
    currency: str = ""
    remark: bool = False
    """Whether ``what`` is a sentence that stands alone."""


@dataclass(frozen=True, eq=False)
class Action:
    """One audited change of one record; ``db.actions`` tells how to write one."""

    name: str
    """The verb on the command line, in the ledger and in ``Queue``: ``freeze``, ``set-limit``."""
    entity: str
    summary: str
    """What it does and to whom, one sentence for the sheet."""
    when: Callable[[Values, Context], str | None]
    """None where the record's state allows it, else the sentence why not, with the numbers."""
    apply: Callable[[Change], Any]
    """The change itself; run dry it gives the sheet, run live it changes the rows. A reveal returns what is revealed."""
    hashed: tuple[str, ...]
    """The columns that must still be as the operator saw them; every role that may act can read them."""
    label: str = ""
    """As shown; the name in words where empty."""
    fields: tuple[Field, ...] = ()
    risk: Callable[[Values, Values, Mapping[str, str]], Risk] = lambda row, form, settings: Risk.NORMAL
    """(record, form, settings) → how many people it takes."""
    burst: Setting | None = None
    """From so many by one operator within an hour it takes two people, whatever ``risk`` says."""
    inverse: str = ""
    """The action that takes it back: the paired one, or ``restore``, which puts the values of before back."""
    back: Callable[[Values, Values], Mapping[str, str]] | None = None
    """(values of before, form) → the form of the inverse; without it the form as it was."""
    final: str = ""
    """Where nothing takes it back: the sentence why, told before it is confirmed."""
    irreversible: bool = False
    """Whether the record's id has to be typed."""
    touches: int = 1
    """How many rows of its own entity it changes: 1, or 0 for a reveal or an export."""
    dependents: tuple[str, ...] = ()
    """What else it changes, in the words that are counted: ``sessions ended``."""
    reveals: str = ""
    """The masked column of which it shows something, for a reveal."""
    erases: bool = False
    """Whether ledger and audit keep only digests of the values of before."""
    audit: Mapping[str, str] = field(default_factory=dict)
    """What the system's own audit row says of it: event type, category, retention."""

    @cached_property
    def heading(self) -> str:
        """The label, or the name in words."""
        return self.label or self.name.replace("-", " ")


def nothing_stamped(table: Table, change: Change) -> Values:
    """No columns are kept for each update."""
    return {}


def not_audited(change: Change) -> None:
    """The system has no audit table."""


@dataclass(frozen=True, eq=False)
class System:
    """One of the systems that are operated."""

    name: str
    title: str
    dialect: str
    """The engine in production: ``mysql`` or ``postgresql``."""
    metadata: MetaData
    """Every table of the system, also those that only migrations use."""
    entities: tuple[Entity, ...]
    marks: tuple[str, ...]
    """Tables, or ``table.column``, by which the system is recognised, and no other has them all."""
    areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """accounts, reviews, credentials, audit, fleet → paths ``entity`` or ``entity/view``, the first first."""
    actions: tuple[Action, ...] = ()
    settings: tuple[Setting, ...] = ()
    """The thresholds that its actions ask."""
    stamp: Callable[[Table, Change], Values] = nothing_stamped
    """What each update of a table sets besides: version, time, operator."""
    audit: Callable[[Change], None] = not_audited
    """Writes the system's own audit row of a change."""

    @cached_property
    def by_name(self) -> Mapping[str, Entity]:
        """The entities by name and by alias."""
        return {name: entity for entity in self.entities for name in (entity.name, *entity.aliases)}

    def actions_of(self, entity: str) -> tuple[Action, ...]:
        """What can be done to a record of that entity."""
        return tuple(action for action in self.actions if action.entity == entity)


class Operator(StrEnum):
    """How a filter compares."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    PREFIX = "~"
    RANGE = ".."


@dataclass(frozen=True)
class Filter:
    """One comparison of a column with what the operator typed."""

    column: str
    operator: Operator
    value: str
    """As typed; ``-7d`` and the like are read when the query runs. Empty with = and != means NULL."""
    high: str = ""
    """The upper end of a range, included; empty means open."""

    def __str__(self) -> str:
        if self.operator is Operator.RANGE:
            return f"{self.column}={self.value}..{self.high}"
        return f"{self.column}{self.operator}{self.value}"


@dataclass(frozen=True)
class Query:
    """What a list shows: an entity's view, narrowed and ordered."""

    entity: Entity
    view: View
    filters: tuple[Filter, ...] = ()
    search: str = ""
    order: Order | None = None
    """In place of the view's order."""
    columns: tuple[str, ...] = ()
    """In place of the view's columns."""

    @property
    def sort(self) -> Order:
        """The order that holds."""
        return self.order or self.view.order

    @property
    def shown(self) -> tuple[str, ...]:
        """The names of the columns that are shown."""
        return self.columns or self.view.columns or self.entity.listed


Position = tuple[Any, ...]
"""Where a row stands in an order: the order column's value and then the key's, each as the engine writes it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a page."""

    id: str
    """The record id: the key's parts, percent-encoded, joined by ``/``."""
    values: tuple[Any, ...]
    """One for each column of the page: str, int, bool, Decimal, aware datetime, tuple, bytes, Raw or None."""
    position: Position


@dataclass(frozen=True, slots=True)
class Page:
    """A window of rows in the order asked for."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    more_before: bool
    more_after: bool
    at: datetime
    """When it was read, aware UTC."""
    seconds: float = 0.0
    """How long the read took."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record in full."""

    entity: Entity
    id: str
    columns: tuple[Column, ...]
    values: tuple[Any, ...]
    at: datetime

    def value(self, name: str) -> Any:
        """The value of a column; None where the record does not have it."""
        return next((v for c, v in zip(self.columns, self.values, strict=True) if c.name == name), None)


class Counted(StrEnum):
    """How sure a count is."""

    EXACT = "exact"
    CAPPED = "capped"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a query has: exact, at least (capped), or the planner's estimate."""

    value: int
    how: Counted
