"""What ``doctor`` finds: rights as the server says them, sessions and clocks, and what a table lacks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from db import registry
from db.engine import connect
from db.health import Check, State, examine
from db.model import Mode, Profile
from db.seed import plan, seed
from db.session import Session
from migrations import runner
from tests.conftest import Fresh, engines_for
from tests.servers import Servers

SYSTEM_OF = {"sqlite": "finpass", "postgresql": "finpass", "mariadb": "trustsphere", "mysql": "trustsphere"}
SERVERS = [engine for engine in engines_for() if engine != "sqlite"]


def prepared(url: str, kind: str) -> Profile:
    engine, system = sa.create_engine(url, poolclass=NullPool), registry.system(SYSTEM_OF[kind])
    runner.up(engine, system, "system")
    seed(engine, system, plan(60, seed=2))
    engine.dispose()
    return Profile(name="health", url=url, system=system.name)


@pytest.fixture(params=engines_for())
def opened(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[Session]:
    """A seeded system, as its owner sees it."""
    session = connect(prepared(fresh(request.param), request.param))
    yield session
    session.close()


def found(session: Session) -> dict[tuple[str, str], Check]:
    return {(check.area, check.name): check for check in examine(session)}


def test_a_system_of_ours_is_well(opened: Session) -> None:
    checks = found(opened)
    assert {area for area, _ in checks} >= {"schema", "indexes", "rights", "server", "session", "clock"}
    assert not [check for check in checks.values() if check.state is State.FAILED]
    assert checks["session", "read-only"].state is State.GOOD
    assert checks["clock", "newest"].state is State.GOOD
    assert checks["server", "version"].text.startswith(opened.server.dialect)
    if opened.server.dialect != "sqlite":
        assert checks["rights", "superuser"].state is State.WARNING
        assert checks["session", "statement timeout"].text.startswith("15")
        assert checks["session", "lock timeout"].text == "2s"
        assert checks["clock", "difference"].state is State.GOOD
    if opened.server.dialect == "postgresql":
        assert checks["server", "pooler"].text == "None between."


def test_times_that_are_to_come_are_told(opened: Session) -> None:
    entity = opened.entity(opened.system.areas["audit"][0].partition("/")[0])
    order = entity.table.columns[entity.views[0].order.column]
    engine = sa.create_engine(opened.profile.url, poolclass=NullPool)
    later = datetime.now(UTC) + timedelta(hours=2)
    with engine.begin() as connection:
        key = connection.execute(sa.select(entity.table.columns[entity.key[0]]).limit(1)).scalar()
        where = entity.table.columns[entity.key[0]] == key
        connection.execute(entity.table.update().where(where).values({order: later}))
    engine.dispose()
    check = found(opened)["clock", "newest"]
    assert check.state is State.WARNING
    assert "naive_times" in check.text


@pytest.mark.parametrize("kind", SERVERS)
def test_a_role_that_may_only_read_some(kind: str, fresh: Fresh, servers: Servers) -> None:
    url = make_url(fresh(kind))
    profile, role = prepared(url.render_as_string(), kind), f"r{url.database}"[:30]
    hidden = "users.email"
    table, column = hidden.split(".")
    kept = [c.name for c in registry.system(SYSTEM_OF[kind]).by_name[table].table.columns if c.name != column]
    engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    login = f"{role}@localhost" if kind != "postgresql" else role
    with engine.connect() as connection:
        if kind == "postgresql":
            connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
            connection.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
            connection.exec_driver_sql(f"REVOKE SELECT ON {table} FROM {role}")
        else:
            connection.exec_driver_sql(f"CREATE USER {login} IDENTIFIED BY 'x'")
            for name in sa.inspect(connection).get_table_names():
                if name != table:
                    connection.exec_driver_sql(f"GRANT SELECT ON {name} TO {login}")
        connection.exec_driver_sql(f"GRANT SELECT ({', '.join(kept)}) ON {table} TO {login}")
        try:
            session = connect(
                replace(
                    profile,
                    url=url.set(username=role).render_as_string(),
                    password=lambda: "x",
                    mode=Mode.AUDIT,
                )
            )
            checks = found(session)
            session.close()
        finally:
            if kind == "postgresql":
                connection.exec_driver_sql(f"DROP OWNED BY {role}")
                connection.exec_driver_sql(f"DROP ROLE {role}")
            else:
                connection.exec_driver_sql(f"DROP USER {login}")
    engine.dispose()
    assert checks["rights", "writing"] == Check("rights", "writing", State.GOOD, "This role may only read.")
    assert ("rights", "superuser") not in checks
    assert "ot for this role: email" in checks["schema", "users"].text
    assert checks["schema", "users"].state is not State.FAILED
