"""Stopping statements: by the operator, by the client's own deadline; and what a lost connection leaves."""

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import Engine, text

from db import read
from db.cancel import Cancel, _Watch
from db.errors import Cancelled, Unreachable
from db.model import Query
from db.run import execute
from db.session import Session
from tests.conftest import Fresh, StartPrivate, engines_for
from tests.db.sample import THINGS, fill, make, open_sample, rows

ENDLESS = text(
    "SELECT count(*) FROM things a, things b, things c, things d WHERE a.level + b.level + c.level > d.level"
)
SERVERS = [engine for engine in engines_for() if engine != "sqlite"]


@pytest.fixture(params=engines_for())
def sample(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[tuple[Engine, Session]]:
    """Engine and session of a filled sample."""
    url = fresh(request.param)
    writer = make(url)
    with writer.connect() as connection:
        fill(connection, rows(Random(5), 300))
    session = open_sample(url)
    yield writer, session
    session.close()
    writer.dispose()


def running(writer: Engine) -> int:
    """How many statements of the endless kind the server runs."""
    about = {
        "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%things d%' AND pid <> pg_backend_pid()",
        "mysql": "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%things d%' AND id <> connection_id()",
    }
    with writer.connect() as connection:
        return int(connection.execute(text(about[connection.dialect.name])).scalar_one())


def until(condition: object, seconds: float = 10.0) -> None:
    """Poll a condition with a deadline."""
    assert callable(condition)
    pause, end = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        pause.wait(0.01)


def test_a_deadline_before_the_one_that_is_waited_for_is_kept_and_no_later_one_wakes_the_watch() -> None:
    watch, called = _Watch(), [threading.Event() for _ in range(3)]
    notified = 0

    def counting(n: int = 1) -> None:
        nonlocal notified
        notified += 1
        notify(n)

    watch.set(0.0, called[0].set)
    assert called[0].wait(5)
    notify, watch._changed.notify = watch._changed.notify, counting  # type: ignore[method-assign] # to count
    first, pause = watch.set(60.0, lambda: None), threading.Event()
    while watch._wakes == math.inf:
        pause.wait(0.01)
    watch.take_off(first)
    for _ in range(20):
        watch.take_off(watch.set(60.0, lambda: None))
    watch.set(60.0, called[1].set)
    assert notified == 1
    watch.set(0.01, called[2].set)
    assert called[2].wait(5)
    assert not called[1].is_set()


def test_cancel_stops_the_statement_on_the_server(sample: tuple[Engine, Session]) -> None:
    writer, session = sample
    cancel, caught = Cancel(), list[BaseException]()

    def work() -> None:
        try:
            execute(session, ENDLESS, {}, cancel)
        except Cancelled as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    if session.server.dialect == "sqlite":
        until(lambda: cancel._stop is not None)
    else:
        until(lambda: running(writer) == 1)
    cancel.cancel()
    thread.join(5)
    assert len(caught) == 1
    if session.server.dialect != "sqlite":
        until(lambda: running(writer) == 0)
    assert read.page(session, Query(THINGS, THINGS.views[0])).rows
    with pytest.raises(Cancelled):
        execute(session, ENDLESS, {}, cancel)


@pytest.mark.parametrize("engine", SERVERS)
def test_a_server_that_hangs_is_given_up(engine: str, private: StartPrivate) -> None:
    server = private(engine)
    url = server.create()
    writer = make(url)
    with writer.connect() as connection:
        fill(connection, rows(Random(5), 10))
    writer.dispose()
    session = open_sample(url)
    hasty = replace(
        session, profile=replace(session.profile, statement_timeout=-4.0)
    )  # five seconds of grace
    if engine != "postgresql":
        session.close()
        hasty = open_sample(url, statement_timeout=1.0)
    assert read.page(hasty if engine != "postgresql" else session, Query(THINGS, THINGS.views[0])).rows
    server.pause()
    began = time.monotonic()
    with pytest.raises(Unreachable):
        execute(hasty, text("SELECT 1"), {}, None)
    assert time.monotonic() - began < 20
    server.resume()
    hasty.close()


@pytest.mark.parametrize("engine", SERVERS)
def test_a_read_survives_a_restart_of_the_server(engine: str, private: StartPrivate) -> None:
    server = private(engine)
    url = server.create()
    writer = make(url)
    with writer.connect() as connection:
        fill(connection, rows(Random(5), 10))
    writer.dispose()
    session = open_sample(url)
    assert len(read.page(session, Query(THINGS, THINGS.views[0])).rows) == 10
    server.restart()
    assert len(read.page(session, Query(THINGS, THINGS.views[0])).rows) == 10
    server.stop()
    with pytest.raises(Unreachable, match=r"Connection refused|nothing listens|lost"):
        read.page(session, Query(THINGS, THINGS.views[0]))
    session.close()
