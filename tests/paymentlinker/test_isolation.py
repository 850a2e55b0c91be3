"""Row-level security: a login sees the rows of the tenant that is set, where it may see that tenant."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from db import read
from db.engine import connect
from db.errors import QuaestorError
from db.health import examine
from db.model import Profile, Query
from migrations import runner
from tests.conftest import Fresh, engines_for
from tests.paymentlinker.conftest import LINKER, engine, made
from tests.paymentlinker.plain import Hand

REAL = [name for name in engines_for("paymentlinker") if name != "sqlite"]
TABLES = {
    "applications": "tenant_id",
    "devices": "tenant_id",
    "users": "tenant_id",
    "audit_logs": "tenant_id",
    "tenants": "id",
}
NOBODYS = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Guarded:
    """A database under the policy, with a login that may see two of its tenants."""

    url: str
    hand: Hand
    login: str
    tenants: list[str]
    """The first two are those that the login may see."""

    @property
    def as_login(self) -> str:
        """The URL of the plain login, which signs in over TCP with its password."""
        return self.url.replace("postgres@", f"{self.login}:secret@")

    def counts(self, tenant: str | None) -> dict[str, tuple[int, set[str]]]:
        """By table how many rows the login sees, and of which tenants, with this setting (None: none at all)."""
        url = self.as_login.replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            if tenant is not None:
                connection.execute("SELECT set_config('app.current_tenant_id', %s, true)", (tenant,))
            found = {}
            for table, column in TABLES.items():
                seen = connection.execute(f"SELECT {column}::text FROM {table}".encode()).fetchall()
                found[table] = (len(seen), {row[0] for row in seen})
            return found


def guard(url: str, by_month: bool) -> Guarded:
    """The tables, some rows, the policy, and a login with a right to two tenants."""
    made(url, 200, {"partitioned": by_month})
    runner.up(engine(url), LINKER, "rls")
    hand = Hand(url)
    login = f"plain_{url.rpartition('/')[2][-12:]}"
    hand.ask(f"CREATE ROLE {login} LOGIN PASSWORD 'secret'")
    hand.ask(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {login}")
    hand.ask(f"REVOKE INSERT, UPDATE, DELETE ON quaestor_tenants FROM {login}")
    tenants = hand.ids("SELECT tenant_id FROM audit_logs GROUP BY tenant_id ORDER BY count(*) DESC")
    for tenant in tenants[:2]:
        hand.ask(f"INSERT INTO quaestor_tenants (login, tenant_id) VALUES ('{login}', '{tenant}')")
    return Guarded(url, hand, login, tenants)


def unguard(guarded: Guarded) -> None:
    """Roles belong to the whole server: take this one away."""
    guarded.hand.ask(f"DROP OWNED BY {guarded.login}")
    guarded.hand.ask(f"DROP ROLE {guarded.login}")
    guarded.hand.close()


@pytest.fixture(params=REAL)
def guarded(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[Guarded]:
    """With the audit trail by month, which has the more tables to guard."""
    found = guard(fresh(request.param), by_month=True)
    yield found
    unguard(found)


@pytest.mark.parametrize("real", REAL)
def test_a_trail_in_one_table_is_guarded_too(real: str, fresh: Fresh) -> None:
    found = guard(fresh(real), by_month=False)
    tenant = found.tenants[0]
    assert found.counts(tenant) == of(found.hand, tenant)
    assert found.counts("") == found.counts(found.tenants[2]) == NOTHING
    unguard(found)


def of(hand: Hand, tenant: str) -> dict[str, tuple[int, set[str]]]:
    """What there is of a tenant, seen by the superuser, whom no policy binds."""
    found = {}
    for table, column in TABLES.items():
        ((count,),) = hand.ask(f"SELECT count(*) FROM {table} WHERE {column} = '{tenant}'")
        found[table] = (count, {tenant} if count else set())
    return found


NOTHING: dict[str, tuple[int, set[str]]] = {table: (0, set()) for table in TABLES}


def test_a_login_sees_its_tenants_one_at_a_time(guarded: Guarded) -> None:
    for tenant in guarded.tenants[:2]:
        seen = guarded.counts(tenant)
        assert seen == of(guarded.hand, tenant)
        assert all(count for count, _ in seen.values())


def test_without_a_setting_or_with_an_empty_one_it_sees_nothing(guarded: Guarded) -> None:
    assert guarded.counts(None) == NOTHING
    assert guarded.counts("") == NOTHING


def test_a_tenant_that_it_has_no_right_to_stays_hidden(guarded: Guarded) -> None:
    for tenant in (*guarded.tenants[2:], NOBODYS):
        assert guarded.counts(tenant) == NOTHING


def test_a_right_is_of_one_login_and_ends_when_it_is_taken(guarded: Guarded) -> None:
    tenant = guarded.tenants[0]
    guarded.hand.ask(f"UPDATE quaestor_tenants SET login = 'somebody_else' WHERE tenant_id = '{tenant}'")
    assert guarded.counts(tenant) == NOTHING


def test_a_right_without_a_tenant_is_for_any_one_that_is_chosen(guarded: Guarded) -> None:
    guarded.hand.ask(f"INSERT INTO quaestor_tenants (login) VALUES ('{guarded.login}')")
    last = guarded.tenants[-1]
    assert guarded.counts(last) == of(guarded.hand, last)
    assert guarded.counts("") == NOTHING


def test_a_login_reads_its_own_rights_and_gives_itself_none(guarded: Guarded) -> None:
    guarded.hand.ask(
        f"INSERT INTO quaestor_tenants (login, tenant_id) VALUES ('other', '{guarded.tenants[2]}')"
    )
    with psycopg.connect(guarded.as_login.replace("+psycopg", "")) as connection:
        seen = connection.execute("SELECT login, tenant_id::text FROM quaestor_tenants").fetchall()
        assert sorted(seen) == sorted((guarded.login, tenant) for tenant in guarded.tenants[:2])
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("INSERT INTO quaestor_tenants (login) VALUES (session_user)")


def test_writes_stay_within_the_tenant(guarded: Guarded) -> None:
    mine, other = guarded.tenants[0], guarded.tenants[2]
    with psycopg.connect(guarded.as_login.replace("+psycopg", "")) as connection:
        connection.execute("SELECT set_config('app.current_tenant_id', %s, true)", (mine,))
        assert (
            connection.execute("UPDATE users SET phone = 'x'").rowcount == of(guarded.hand, mine)["users"][0]
        )
        assert connection.execute("DELETE FROM devices WHERE tenant_id = %s", (other,)).rowcount == 0
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            connection.execute("UPDATE users SET tenant_id = %s", (other,))


def test_the_console_sees_what_the_login_may(guarded: Guarded) -> None:
    mine, hidden = guarded.tenants[0], guarded.tenants[2]
    profile = Profile("linker", guarded.as_login, "paymentlinker")
    session = connect(profile)
    for tenant, expected in ((mine, of(guarded.hand, mine)), (hidden, NOTHING), ("", NOTHING)):
        seen = session.for_tenant(tenant)
        for table, (count, _) in expected.items():
            entity = seen.entity(table)
            query = Query(entity, entity.views[0])
            assert sum(len(page.rows) for page in read.stream(seen, query)) == count
            assert read.count(seen, query).value == count
    theirs = guarded.hand.ids(f"SELECT id FROM users WHERE tenant_id = '{hidden}'")[0]
    with pytest.raises(QuaestorError, match="no record"):
        read.record(session.for_tenant(mine), session.entity("users"), theirs)
    session.close()


def test_the_doctor_says_which_tenants_a_login_may_see(guarded: Guarded) -> None:
    session = connect(Profile("linker", guarded.as_login, "paymentlinker"))

    def told() -> str:
        (check,) = [one for one in examine(session) if one.name == "tenants" and one.area == "rights"]
        return check.text

    assert told() == f"This login may see 2 tenants: {', '.join(sorted(guarded.tenants[:2]))}."
    guarded.hand.ask(f"DELETE FROM quaestor_tenants WHERE login = '{guarded.login}'")
    assert told().startswith("This login may see no tenant")
    guarded.hand.ask(f"INSERT INTO quaestor_tenants (login) VALUES ('{guarded.login}')")
    assert told() == "This login may see whichever tenant it chooses."
    session.close()


def test_a_partition_that_is_read_by_its_name_hides_as_much(guarded: Guarded) -> None:
    partitions = guarded.hand.ids(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass"
    )
    with psycopg.connect(guarded.as_login.replace("+psycopg", "")) as connection:
        for partition in partitions:
            assert connection.execute(f"SELECT count(*) FROM {partition}".encode()).fetchone() == (0,)
            connection.execute("SELECT set_config('app.current_tenant_id', %s, true)", (guarded.tenants[0],))
            foreign = f"SELECT count(*) FROM {partition} WHERE tenant_id <> '{guarded.tenants[0]}'"
            assert connection.execute(foreign.encode()).fetchone() == (0,)
            connection.rollback()


def test_the_owner_is_bound_too_and_may_choose_any_tenant(guarded: Guarded) -> None:
    """As where the system's own login made the tables and is no superuser."""
    for table in TABLES:
        guarded.hand.ask(f"ALTER TABLE {table} OWNER TO {guarded.login}")
    assert guarded.counts("") == NOTHING
    assert guarded.counts(guarded.tenants[0]) == of(guarded.hand, guarded.tenants[0])
    assert guarded.counts(guarded.tenants[2]) == NOTHING
    for table in TABLES:
        guarded.hand.ask(f"ALTER TABLE {table} OWNER TO postgres")


def test_down_takes_all_of_it_away_and_up_brings_it_back(guarded: Guarded) -> None:
    runner.down(engine(guarded.url), LINKER, "rls", "base")
    assert guarded.hand.ask("SELECT count(*) FROM pg_policy") == [(0,)]
    assert guarded.hand.ask("SELECT count(*) FROM pg_class WHERE relrowsecurity OR relforcerowsecurity") == [
        (0,)
    ]
    assert guarded.hand.ask("SELECT to_regclass('quaestor_tenants'), to_regproc('quaestor_isolate')") == [
        (None, None)
    ]
    everything = guarded.counts(None)
    assert len(everything["audit_logs"][1]) == len(guarded.tenants)
    runner.up(engine(guarded.url), LINKER, "rls")
    assert guarded.hand.ask("SELECT login, tenant_id FROM quaestor_tenants") == [("postgres", None)]


@pytest.mark.parametrize("real", REAL)
def test_policies_of_others_are_not_mixed_with(real: str, fresh: Fresh) -> None:
    url = fresh(real)
    made(url)
    hand = Hand(url)
    hand.ask("CREATE POLICY tenant_isolation ON devices USING (true)")
    with pytest.raises(QuaestorError, match="devices has a policy that quaestor did not make"):
        runner.up(engine(url), LINKER, "rls")
    assert hand.ask("SELECT to_regclass('quaestor_tenants')") == [(None,)]
    hand.close()


def test_an_engine_without_it_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{tmp_path}/plain.db"
    made(url)
    assert runner.up(engine(url), LINKER, "rls").current == "0001"
    assert "no row-level security" in caplog.text
    assert "-- This engine has no row-level security" in runner.preview(
        engine(url), LINKER, "rls", "base", undo=True
    )
    assert runner.down(engine(url), LINKER, "rls", "base").current == ""
