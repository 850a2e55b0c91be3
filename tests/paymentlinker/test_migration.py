"""The migrations make what the tables and the document say, and take it away again."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from db import read
from db.engine import connect
from db.errors import Refused
from db.model import Query
from db.paymentlinker.partitions import Month, months
from db.paymentlinker.tables import metadata
from migrations import runner
from tests.conftest import Fresh, engines_for
from tests.paymentlinker.conftest import LINKER, engine, made, profile
from tests.paymentlinker.plain import Hand
from tests.paymentlinker.test_others import run
from tests.paymentlinker.test_views import shown
from tests.paymentlinker.views import VIEWS, by_hand

REAL = [name for name in engines_for("paymentlinker") if name != "sqlite"]


def test_the_migration_makes_the_tables_as_declared(engine_name: str, fresh: Fresh) -> None:
    url = fresh(engine_name)
    made(url)
    with engine(url).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_server_default": False,
                "include_name": lambda name, kind, _: "quaestor" not in str(name),
            },
        )
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("real", REAL)
def test_the_tables_are_those_of_the_document(real: str, fresh: Fresh) -> None:
    ours, theirs = fresh(real), fresh(real)
    made(ours)
    hand = Hand(theirs)
    run(hand, "documents.sql")
    hand.close()
    assert columns(ours) == columns(theirs)
    assert constraints(ours) == constraints(theirs)
    redundant = {("users", "CREATE INDEX idx_users_email ON public.users USING btree (email)")}
    assert indexes(ours) | redundant == indexes(theirs)


def columns(url: str) -> set[tuple[Any, ...]]:
    """Every column of the five tables with its type, default and whether it may be NULL."""
    return ask(
        url,
        "SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, numeric_precision, "
        "numeric_scale, is_nullable, column_default FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name NOT LIKE 'quaestor%'",
    )


def constraints(url: str) -> set[tuple[Any, ...]]:
    """Keys and references."""
    return ask(
        url,
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid <> 0 AND connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'quaestor%'",
    )


def indexes(url: str) -> set[tuple[Any, ...]]:
    """Indexes by their definition."""
    return ask(
        url,
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'quaestor%'",
    )


def ask(url: str, statement: str) -> set[tuple[Any, ...]]:
    """The rows of a statement, in no order."""
    hand = Hand(url)
    rows = hand.ask(statement)
    hand.close()
    return set(rows)


def test_down_leaves_nothing_and_up_comes_again(engine_name: str, fresh: Fresh) -> None:
    url = fresh(engine_name)
    for options in ({}, {"partitioned": True}):
        made(url, 60, options)
        assert runner.down(engine(url), LINKER, "system", "base").current == ""
        left = [name for name in sa.inspect(engine(url)).get_table_names() if not name.startswith("quaestor")]
        assert left == []


def test_months_are_reckoned_over_the_turn_of_the_year() -> None:
    around = months(datetime(2024, 2, 29, tzinfo=UTC))
    assert (around[0], around[-1]) == (Month(2023, 1), Month(2024, 5))
    assert len(around) == 17
    assert [month.shifted(1) for month in around[:-1]] == list(around[1:])
    assert Month(2024, 12).statement == (
        "CREATE TABLE audit_logs_y2024m12 PARTITION OF audit_logs FOR VALUES FROM ('2024-12-01') TO ('2025-01-01')"
    )


@pytest.mark.parametrize("real", REAL)
def test_the_trail_by_month_holds_every_event_and_reads_the_same(real: str, fresh: Fresh) -> None:
    url = fresh(real)
    made(url, 200, {"partitioned": True})
    hand, session = Hand(url), connect(profile(url))
    assert hand.ask("SELECT relkind::text FROM pg_class WHERE relname = 'audit_logs'") == [("p",)]
    key = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'audit_logs_pkey'"
    assert hand.ask(key) == [("PRIMARY KEY (id, event_timestamp)",)]
    here = Month.of(datetime.now(UTC))
    for month in (here, here.shifted(-13)):
        low, high = month.begin, month.shifted(1).begin
        (within,) = hand.ask(
            f"SELECT count(*), (SELECT count(*) FROM {month.partition}) FROM audit_logs "
            f"WHERE event_timestamp >= '{low}' AND event_timestamp < '{high}'"
        )
        assert within[0] == within[1]
    assert hand.ask(f"SELECT count(*) > 0 FROM {here.partition}") == [(1,)]
    assert hand.ask("SELECT count(*) > 0 FROM audit_logs_before") == [(1,)]
    assert hand.ask("SELECT count(*) FROM audit_logs_default") == [(0,)]
    for path in VIEWS:
        if path.startswith("audit_logs/"):
            assert shown(session, path) == hand.ids(by_hand(path))
    logs = session.entity("audit_logs")
    for figure in logs.figures:
        assert read.figure(session, logs, figure).rows
    row = read.page(session, Query(logs, logs.views[0])).rows[0]
    record = read.record(session, logs, row.id)
    assert "/" not in row.id
    assert record.value("event_timestamp") == row.values[0]
    session.close()
    hand.close()


@pytest.mark.parametrize("real", REAL)
def test_partitions_stand_around_the_moment_that_is_given(real: str, fresh: Fresh) -> None:
    url = fresh(real)
    made(url, 0, {"partitioned": True, "now": datetime(2024, 1, 31, tzinfo=UTC)})
    hand = Hand(url)
    names = hand.ids(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass ORDER BY 1"
    )
    hand.ask(
        "INSERT INTO audit_logs (tenant_id, event_type, event_category, service_name, event_timestamp) "
        "SELECT gen_random_uuid(), 'x', 'x', 'x', t::timestamp FROM unnest(ARRAY["
        "'1999-01-01', '2024-01-31 23:59:59.999999', '2024-02-01', '2031-01-01', 'infinity']) t"
    )
    placed = hand.ask("SELECT tableoid::regclass::text, count(*) FROM audit_logs GROUP BY 1 ORDER BY 1")
    hand.close()
    assert len(names) == 19
    assert {"audit_logs_y2022m12", "audit_logs_y2024m04", "audit_logs_before", "audit_logs_default"} < set(
        names
    )
    assert placed == [
        ("audit_logs_before", 1),
        ("audit_logs_default", 2),
        ("audit_logs_y2024m01", 1),
        ("audit_logs_y2024m02", 1),
    ]


@pytest.mark.parametrize("real", REAL)
def test_the_size_of_a_trail_by_month_is_that_of_its_months(real: str, fresh: Fresh) -> None:
    """Nobody analyses the whole: autovacuum looks at the partitions alone."""
    url = fresh(real)
    made(url, 0, {"partitioned": True})
    hand = Hand(url)
    hand.ask(
        "INSERT INTO audit_logs (tenant_id, event_type, event_category, service_name, event_timestamp) "
        "SELECT gen_random_uuid(), 'x', 'x', 'x', now() - n * interval '1 day' FROM generate_series(1, 300) n"
    )
    for partition in hand.ids(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass"
    ):
        hand.ask(f"ANALYZE {partition}")
    hand.close()
    session = connect(profile(url))
    table = session.schema.table("audit_logs")
    session.close()
    assert table is not None
    assert (table.kind, table.rows) == ("partitioned", 300)


def test_an_engine_without_partitions_says_so(fresh: Fresh, caplog: pytest.LogCaptureFixture) -> None:
    url = fresh("sqlite")
    made(url, 60, {"partitioned": True})
    assert "no partitions" in caplog.text
    assert sa.inspect(engine(url)).get_pk_constraint("audit_logs")["constrained_columns"] == ["id"]


def test_rows_of_the_real_engine_are_refused_a_second_time(engine_name: str, fresh: Fresh) -> None:
    url = fresh(engine_name)
    made(url, 60)
    with pytest.raises(Refused, match="holds rows"):
        made(url, 60)
