"""A small system of the tests' own: one table with every kind of order key, another that hangs on it."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
)
from sqlalchemy.engine import make_url

from db import engine as engines
from db.declare import entity, naive_now, view
from db.model import Profile, System
from db.schema import of
from db.session import Server, Session
from db.types import Amount, Id, Json, Money, Time

metadata = MetaData()
things = Table(
    "things",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Time()),
    Column("zoned", Time(zone=True)),
    Column("price", Money(15, 2)),
    Column("quantity", Amount()),
    Column("level", Integer),
    Column("name", String(40)),
    Column("flag", Boolean),
    Column("extra", Json),
    Column("secret", String(80)),
    *(Index(f"idx_things_{name}", name) for name in ("at", "zoned", "price", "quantity", "level", "name")),
)
parts = Table(
    "parts",
    metadata,
    Column("thing_id", Id, ForeignKey("things.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("note", String(40)),
    Index("idx_parts_note", "note"),
)

THINGS = entity(
    things,
    listed="name at price level flag secret",
    masked="secret",
    search="id name",
    views=(
        view("all", "Every thing.", "-at"),
        view("recent", "The last week's.", "-at", things.c.at > naive_now(days=-7)),
        *(
            view(f"{sign}{name}", "By one column.", f"{sign}{name}")
            for name in ("at", "zoned", "price", "quantity", "level", "name", "id")
            for sign in ("", "-")
        ),
    ),
)
PARTS = entity(parts, listed="thing_id number note", views=(view("all", "Every part.", "note"),))
SAMPLE = System("sample", "Sample", "postgresql", metadata, (THINGS, PARTS), ("things",))

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def rows(random: Random, count: int) -> list[dict[str, Any]]:
    """Rows with many equal and many missing order keys."""

    def some(value: Any) -> Any:
        return None if random.random() < 0.2 else value

    return [
        {
            "id": str(uuid.UUID(int=random.getrandbits(128), version=4)),
            "at": some(NOW - timedelta(hours=random.randrange(40))),
            "zoned": some(NOW - timedelta(minutes=random.randrange(90))),
            "price": some(random.randrange(-50, 50)),
            "quantity": some(random.randrange(-9, 9)),
            "level": some(random.randrange(12)),
            "name": some(random.choice(["ann", "Ann", "bob", "Zoë", "zoe", "ärger", "x y", "_", ""])),
            "flag": some(random.random() < 0.5),
            "extra": '{"n": 1.10}',
            "secret": "canary",
        }
        for _ in range(count)
    ]


def make(url: str) -> Engine:
    """An engine that may write, with the tables made."""
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        target = target.set(database=target.database)
    made = create_engine(target)
    metadata.create_all(made)
    return made


def fill(connection: Connection, values: list[dict[str, Any]]) -> None:
    """Insert rows."""
    connection.execute(things.insert(), values)
    connection.commit()


def open_sample(url: str, **profile: Any) -> Session:
    """A session on the sample's tables, as connect() would make it."""
    chosen = Profile(name="sample", url=url, system="sample", **profile)
    reader = engines.make_engine(chosen)
    with reader.connect() as connection:
        name = "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name
    return Session(chosen, replace(SAMPLE), reader, of(reader), Server(name, (1,), "tester", "here"))
