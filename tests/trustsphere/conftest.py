"""A migrated, filled bank on each engine, and plain SQL in the words of each engine."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from db import registry
from db.engine import connect
from db.model import Profile
from db.seed import plan, seed
from db.session import Session
from migrations import runner
from tests.conftest import engines_for

SYSTEM = registry.system("trustsphere")
SEED = 20
ROWS = 400


def _moment(engine: str, shift: str = "") -> str:
    """This moment, or so much later: ``-7 DAY``."""
    if engine == "sqlite":
        return f"strftime('%Y-%m-%d %H:%M:%f', 'now'{', ' * bool(shift)}{shift and repr(shift)})"
    return f"(UTC_TIMESTAMP(6){' + INTERVAL ' * bool(shift)}{shift})"


def spoken(text: str, engine: str) -> str:
    """The SQL in the engine's words: ``NOW``, ``AGO(7 DAY)``, ``AHEAD(…)``, ``MONEY(10.00)``, ``BOOKED``, ``DAY(x)``."""
    lite = engine == "sqlite"
    booked = (
        "CASE WHEN amount * exchange_rate % 1000000 = 500000 AND amount * exchange_rate / 1000000 % 2 = 0 "
        "THEN amount * exchange_rate / 1000000 ELSE (amount * exchange_rate + 500000) / 1000000 END"
        if lite
        else "CASE WHEN MOD(amount * exchange_rate * 100, 1) = 0.5 AND MOD(FLOOR(amount * exchange_rate * 100), 2) = 0 "
        "THEN FLOOR(amount * exchange_rate * 100) / 100 ELSE ROUND(amount * exchange_rate, 2) END"
    )
    text = re.sub(r"\bAGO\((.*?)\)", lambda m: _moment(engine, f"-{m[1]}"), text)
    text = re.sub(r"\bAHEAD\((.*?)\)", lambda m: _moment(engine, f"+{m[1]}"), text)
    text = re.sub(r"\bNOW\b", lambda m: _moment(engine), text)
    text = re.sub(r"\bMONEY\((.*?)\)", lambda m: m[1].replace(".", "") if lite else m[1], text)
    text = re.sub(r"\bDAY\((.*?)\)", r"substr(\1, 1, 10)" if lite else r"CAST(DATE(\1) AS CHAR)", text)
    text = re.sub(
        r"\bAVERAGE\((.*?)\)", r"CAST(ROUND(AVG(\1)) AS INTEGER)" if lite else r"ROUND(AVG(\1), 2)", text
    )
    text = re.sub(r"\bTEXT\((.*?)\)", r"\1" if lite else r"CAST(\1 AS CHAR)", text)
    return text.replace("BOOKED", f"({booked})").replace("`", '"' if lite else "`")


MINIMAL = (
    "INSERT INTO users (id, email, password_hash, full_name, password_expires_at) "
    "VALUES ('u', 'u@example.org', 'x', 'x', '2030-01-01 00:00:00'), ('v', 'v@example.org', 'x', 'x', '2030-01-01 00:00:00')",
    "INSERT INTO accounts (id, account_number, user_id, account_type, balance, interest_rate) "
    "VALUES ('a', '1', 'u', 'SAVINGS', 100, 0.5), ('b', '2', 'u', 'SAVINGS', 100, 0.5), ('c', '3', 'v', 'CHECKING', 5, 0)",
)
"""Two users and three accounts, whoever made the tables."""


@dataclass(frozen=True)
class Bank:
    """A filled database: a session of the console on it, and plain SQL."""

    engine: str
    url: str
    session: Session
    raw: Engine
    began: datetime
    """When its rows were invented: the plan's now."""

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.raw.connect() as connection:
            return [
                tuple(row)
                for row in connection.exec_driver_sql(
                    spoken(text, self.engine).replace("%", "%%" if self.engine != "sqlite" else "%")
                )
            ]

    def run(self, *statements: str) -> None:
        """Change rows, in one transaction."""
        with self.raw.begin() as connection:
            for text in statements:
                connection.exec_driver_sql(self._spoken(text))

    def _spoken(self, text: str) -> str:
        """In the engine's words, and for MySQL's driver with its sign for a parameter doubled."""
        words = spoken(text, self.engine)
        return words if self.engine == "sqlite" else words.replace("%", "%%")


def filled(engine: str, url: str, rows: int = ROWS, number: int = SEED) -> Bank:
    """Migrate and fill an empty database, and open it."""
    raw = create_engine(url, poolclass=NullPool)
    runner.up(raw, SYSTEM, "system")
    now = datetime.now(UTC).replace(microsecond=0)
    seed(raw, SYSTEM, plan(rows, number, now))
    return Bank(engine, url, connect(Profile(name="bank", url=url, system="trustsphere")), raw, now)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A bank on each of the chosen engines, which are not known yet when this file is imported."""
    for name, scope in (("bank", "session"), ("own_bank", "function")):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, engines_for("trustsphere"), indirect=True, scope=scope)  # type: ignore[arg-type] # one of pytest's words


@pytest.fixture(scope="session")
def bank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """The same bank for every test that only reads."""
    if request.param == "sqlite":
        made = filled("sqlite", f"sqlite:///{tmp_path_factory.mktemp('trustsphere')}/bank.db")
        yield made
        made.session.close()
        return
    server = request.getfixturevalue("servers")[request.param]
    made = filled(request.param, server.create())
    yield made
    made.session.close()
    server.drop(made.url)


@pytest.fixture
def own_bank(request: pytest.FixtureRequest, fresh: Callable[[str], str]) -> Iterator[Bank]:
    """A bank that the test may change."""
    made = filled(request.param, fresh(request.param), 60)
    yield made
    made.session.close()


def documents(url: str, *files: str) -> Engine:
    """An engine for a MySQL or MariaDB database in which these files of SQL were run, none of them quaestor's."""
    raw = create_engine(url, poolclass=NullPool)
    with raw.connect() as connection:
        for file in files:
            for statement in (Path(__file__).parent / file).read_text().split(";\n"):
                if words := re.sub(r"^--.*\n", "", statement.strip() + "\n", flags=re.MULTILINE).strip():
                    connection.exec_driver_sql(words.replace("%", "%%"))
        connection.commit()
    return raw


def asked(raw: Engine, text: str) -> list[tuple[Any, ...]]:
    """The rows of a query, as the engine has them."""
    with raw.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(text)]


def run(raw: Engine, *statements: str) -> None:
    """Change rows, in one transaction."""
    with raw.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def triggered(raw: Engine) -> None:
    """Run the part up."""
    runner.up(raw, SYSTEM, "triggers")


def names(raw: Engine, what: str) -> set[str]:
    """What there is of triggers, views, events or routines."""
    column = {"triggers": "trigger", "views": "table", "events": "event", "routines": "routine"}[what]
    return {
        row[0]
        for row in asked(
            raw,
            f"SELECT {column}_name FROM information_schema.{what} WHERE {column}_schema = database()",
        )
    }
