"""Which indexes views and searches want, from their declarations."""

from dataclasses import replace

import sqlalchemy as sa

from db.declare import entity, naive_now, view
from db.model import System
from db.schema import Index, Schema, Table
from db.types import Boolean, Id, Status, String, Text, Time
from db.wishes import Wish, missing, wishes

metadata = sa.MetaData()
jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", Id(), primary_key=True),
    sa.Column("status", Status("NEW", "DONE")),
    sa.Column("email", String(100)),
    sa.Column("note", Text),
    sa.Column("urgent", Boolean),
    sa.Column("at", Time()),
    sa.Column("done_at", Time()),
    sa.Column("deleted_at", Time()),
)
c = jobs.c
VIEWS = (
    view("all", "All.", "-at"),
    view("new", "New.", "at", c.status == "NEW"),
    view("old", "Old and new.", "at", sa.and_(c.status == "NEW", c.at < naive_now(days=-1))),
    view("open", "Not done.", "at", sa.and_(c.deleted_at.is_(None), c.done_at.is_(None))),
    view("urgent", "Urgent.", "-at", sa.and_(c.deleted_at.is_(None), c.urgent.is_(True))),
    view("either", "Either.", "done_at", sa.or_(c.status == "NEW", c.status == "DONE")),
    view("same", "Same.", "status", c.status == "NEW"),
    view("noted", "By note.", "note"),
    view("odd", "A column with a column.", "at", c.at == c.done_at),
)
SYSTEM = System(
    "toy", "Toy", "postgresql", metadata,
    (entity(jobs, listed="id", views=VIEWS, search="email note id"),), (),
)  # fmt: skip


def test_a_view_wants_what_it_holds_then_its_order_then_the_key() -> None:
    found = {wish.columns: wish for wish in wishes(SYSTEM) if not wish.prefix}
    assert {columns: wish.reasons for columns, wish in found.items()} == {
        ("at", "id"): ("jobs/all", "jobs/open", "jobs/odd"),
        ("status", "at", "id"): ("jobs/new", "jobs/old"),
        ("urgent", "at", "id"): ("jobs/urgent",),
        ("done_at", "id"): ("jobs/either",),
        ("status", "id"): ("jobs/same",),
    }
    assert found["status", "at", "id"].needed == 2
    assert found["status", "id"].needed == 1


def test_a_column_held_to_null_leads_where_the_engine_orders_behind_it() -> None:
    wanted = {wish.reasons: wish.columns for wish in wishes(replace(SYSTEM, dialect="mysql"))}
    assert wanted["jobs/open",] == ("done_at", "at", "id")


def test_a_search_wants_prefixes_of_bounded_texts() -> None:
    assert [wish for wish in wishes(SYSTEM) if wish.prefix] == [
        Wish("jobs", ("email",), 1, ("search by email",), True)
    ]


def table(
    *indexes: Index, columns: tuple[str, ...] = tuple(jobs.columns.keys()), kind: str = "table"
) -> Schema:
    return Schema({"jobs": Table("jobs", columns, frozenset(columns), indexes, kind=kind)})


def lacking(schema: Schema, dialect: str = "postgresql") -> set[tuple[str, ...]]:
    return {wish.columns for wish in missing(SYSTEM, schema, dialect)}


def test_what_an_index_grants_is_not_missing() -> None:
    everything = lacking(table())
    assert len(everything) == 6
    assert everything - lacking(table(Index("i", ("at",)))) == {("at", "id")}
    assert everything - lacking(table(Index("i", ("status", "at")))) == {
        ("status", "at", "id"),
        ("status", "id"),
    }
    assert everything - lacking(table(Index("i", ("at",), partial=True))) == set()
    assert everything - lacking(table(Index("i", ("email",)))) == set()
    assert everything - lacking(table(Index("i", ("email",), prefix=True))) == {("email",)}
    assert everything - lacking(table(), "mysql") == {("email",)}


def test_tables_and_columns_that_are_not_there_want_nothing() -> None:
    assert lacking(Schema({})) == set()
    assert lacking(table(kind="view")) == set()
    assert lacking(table(columns=("id", "at"))) == {("at", "id")}
