"""A streaming replica in place of a primary: it says so, and how far it is behind; nothing is ended or written there."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.engine import connect
from db.model import Profile
from db.overview import questions
from db.probes import ask, probes_of, tree
from db.session import Session
from db.severity import Severity
from tests.conftest import engines_for
from tests.probes.conftest import until
from tests.processes import run
from tests.servers import PostgreSQL, start
from tests.write import bank as banks
from tests.write.bank import Bank

pytestmark = pytest.mark.parametrize("engine", [e for e in engines_for() if e == "postgresql"])


@dataclass
class Pair:
    """A primary with a bank, and what follows it."""

    bank: Bank
    replica: PostgreSQL
    url: str
    """The bank on the replica."""


@pytest.fixture
def pair(tmp_path: Path, engine: str) -> Iterator[Pair]:
    """About two seconds: a primary of its own, copied, and followed."""
    with contextlib.ExitStack() as ended:
        primary = start(engine, tmp_path / "primary")
        ended.callback(primary.remove)
        url = primary.create("bank")
        bank = banks.fill(banks.make(url, tmp_path))
        ended.callback(bank.close)
        replica = PostgreSQL(tmp_path / "replica", ("-c", "hot_standby=on"))
        ended.callback(replica.remove)
        shutil.rmtree(replica.data)
        follow = f"host=127.0.0.1 port={primary.port} user=postgres application_name=follower"
        copy = [f"{replica.binaries()}/pg_basebackup", "-D", str(replica.data), "-R", "--no-sync"]
        run([*copy, "--checkpoint=fast", "-d", follow])
        replica.launch()
        yield Pair(bank, replica, replica.url("bank"))


def test_a_replica_says_that_it_is_one_and_its_primary_knows_it(pair: Pair) -> None:
    session = connect(Profile("replica", pair.url, "trustsphere"))
    try:
        server = ask(session, probes_of(session)[0]).records()[0]
        assert server["role"] == "replica"
        assert _pulse(session) == ("replica", Severity.NOTICE)
        for probe in probes_of(session):
            found = ask(session, probe)
            assert (
                found.rows
                or found.lacks
                or probe.name in ("transactions", "replication", "vacuum", "missing")
            )
        assert tree(session).roots == ()
        followed = until(lambda: _followers(pair.bank.session()))
        assert followed == ["follower"]
    finally:
        session.close()


def test_what_the_replica_has_not_replayed_yet_is_its_lag(pair: Pair) -> None:
    pair.replica.ask("SELECT pg_wal_replay_pause()")
    pair.bank.run("UPDATE users SET version = version + 1")
    session = pair.bank.session()
    probe = next(probe for probe in probes_of(session) if probe.name == "replication")
    until(lambda: any(row["behind bytes"] > 0 for row in ask(session, probe).records()))
    pair.replica.ask("SELECT pg_wal_replay_resume()")
    until(lambda: all(row["behind bytes"] == 0 for row in ask(session, probe).records()))


def _pulse(session: Session) -> tuple[str, Severity]:
    """The first word of the overview's pulse, and how bad that is."""
    question = next(q for q in questions(session) if (q.group, q.name) == ("pulse", "database"))
    (number,) = question.answer()
    return number.text.partition(", ")[2].partition(",")[0], number.severity


def _followers(session: Session) -> list[str]:
    probe = next(probe for probe in probes_of(session) if probe.name == "replication")
    return [row["replica"] for row in ask(session, probe).records() if row["state"] == "streaming"]
