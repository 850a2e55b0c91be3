"""A million devices on PostgreSQL: the first picture, a refresh after some of them reported; the overview, of four systems too."""

from __future__ import annotations

import resource
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
from sqlalchemy import text

from db.engine import connect
from db.fleet import Following, fleet_of
from db.model import Profile
from db.overview import Meter, questions
from db.session import Session
from tests.benchmarks.copies import prepare
from tests.benchmarks.results import Figure, Results
from tests.servers import Servers

DEVICES = 1_000_000
REPORTS = 5_000
"""Devices that report between two refreshes: each of a million about every 17 minutes at 5 s, or 1 000 a second."""
TIMES = 7
ENGINES = {
    "trustsphere": "mariadb",
    "paymentlinker": "postgresql",
    "finpass": "postgresql",
    "multipass": "postgresql",
}

_COPY = """
INSERT INTO devices ({names}) SELECT {values}
FROM generate_series(1, {copies}) n, (SELECT * FROM devices WHERE deleted_at IS NULL LIMIT {have}) o
"""
_WELL = """
UPDATE devices SET last_heartbeat = now() AT TIME ZONE 'utc' - random() * interval '30 seconds', compromised = false,
  battery_level = 60, temperature_celsius = 30, signal_strength = -80, failed_tasks = 1, last_security_scan = now(),
  next_maintenance_due = now() + interval '20 days' WHERE abs(hashtext(id::text)) % 100 < 95
"""
_REPORT = """
UPDATE devices SET last_heartbeat = clock_timestamp() AT TIME ZONE 'utc' WHERE id IN
  (SELECT id FROM devices TABLESAMPLE SYSTEM (0.5) LIMIT {reports})
"""


def measure(results: Results, servers: Servers, rows: int) -> None:
    """A fleet in which one of twenty has something wrong."""
    url = servers["postgresql"].create()
    prepare(url, "paymentlinker", 2000).dispose()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        total = _multiply(connection, min(rows, DEVICES))
        session = connect(Profile("paymentlinker", url, "paymentlinker"))
        _measure_fleet(results, session, connection, total)
        _measure_overview(results, session)
        session.close()
    servers["postgresql"].drop(url)
    _measure_four(results, servers)


def _measure_four(results: Results, servers: Servers) -> None:
    """The four systems on the engines that they run on, all asked at once as the screen does, each in a thread."""
    urls = {name: servers[engine].create() for name, engine in ENGINES.items()}
    for name, url in urls.items():
        prepare(url, name).dispose()
    sessions = [connect(Profile(name, url, name)) for name, url in urls.items()]
    meters = [Meter(questions(session)) for session in sessions]
    took, numbers = [], []
    with ThreadPoolExecutor(len(meters)) as pool:
        for _ in range(TIMES + 1):
            began = time.perf_counter()
            numbers = list(pool.map(lambda meter: meter.refresh(everything=True), meters))
            took.append(time.perf_counter() - began)
    note = f"{sum(map(len, numbers))} numbers, 20 000 audit rows each; the first time {took[0] * 1e3:.0f} ms"
    results.add(
        "fleet", Figure("overview of four systems", statistics.median(took[1:]) * 1e3, "ms", 300, note=note)
    )
    for session in sessions:
        session.close()
    for name, url in urls.items():
        servers[ENGINES[name]].drop(url)


def _multiply(connection: psycopg.Connection, rows: int) -> int:
    """Copies of the devices, almost all of them well."""
    asked = "SELECT column_name FROM information_schema.columns WHERE table_name = 'devices'"
    names = [name for (name,) in connection.execute(asked).fetchall()]
    (have,) = connection.execute("SELECT count(*) FROM devices WHERE deleted_at IS NULL").fetchone() or (1,)
    made = {"id": "gen_random_uuid()", "device_id_external": "device_id_external || '-' || n"}
    values = ", ".join(made.get(name, name) for name in names)
    statement = _COPY.format(names=", ".join(names), values=values, copies=rows // have, have=have)
    connection.execute(statement.encode())
    connection.execute(_WELL.encode())
    connection.execute(
        b"VACUUM FULL ANALYZE devices"
    )  # the update left as many dead rows as there are devices
    connection.execute(b"VACUUM ANALYZE devices")
    return int(rows // have * have)


def _measure_fleet(results: Results, session: Session, connection: psycopg.Connection, total: int) -> None:
    fleet = fleet_of(session)
    assert fleet is not None
    first = []
    for _ in range(TIMES):
        began = time.perf_counter()
        Following(session, fleet, fleet.way("region")).refresh()
        first.append(time.perf_counter() - began)
    note = f"{total:,} devices".replace(",", " ")
    results.add("fleet", Figure("first picture", statistics.median(first) * 1e3, "ms", 500, note=note))
    following = Following(session, fleet, fleet.way("region"))
    following.refresh()
    counted = following.refresh()
    results.add("fleet", Figure("full count with what is wrong, once a minute", counted.seconds * 1e3, "ms"))
    took, reported = [], []
    for _ in range(TIMES):
        connection.execute(_REPORT.format(reports=REPORTS).encode())
        change = following.refresh()
        if not change.full:  # once a minute all are counted
            took.append(change.seconds)
            reported.append(change.reported)
    note = f"{statistics.median(reported):.0f} devices reported or grew silent"
    results.add("fleet", Figure("refresh", statistics.median(took) * 1e3, "ms", 100, note=note))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    results.add("fleet", Figure("peak memory of this process, servers' start included", peak, "MB"))


def _measure_overview(results: Results, session: Session) -> None:
    with session.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    meter = Meter(questions(session))
    meter.refresh()
    meter.refresh(everything=True)
    costs = [(asked.cost, meter.period(asked)) for asked in meter.due(0.0, everything=True)]
    average = sum(cost * meter.interval / period for cost, period in costs)
    note = f"the fleet is asked every {max(period for _, period in costs):.0f} s"
    results.add(
        "fleet", Figure("overview: work a refresh, on the average", average * 1e3, "ms", 10, note=note)
    )
    cheap = sum(cost for cost, period in costs if period <= meter.interval * 2)
    results.add("fleet", Figure("overview: what is asked at nearly every refresh", cheap * 1e3, "ms", 10))
