"""What the databases themselves refuse: six forgeries of an approval, keys and policies that nobody agreed to."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from db import own, proposals, registry, write
from db.errors import Denied, Refused
from db.keys import HeldKey
from db.recent import keys_of
from db.registering import register
from db.roles import role
from db.trustsphere.tables import accounts, transactions
from migrations import runner
from tests.conftest import Fresh, engines_for
from tests.ledger.conftest import entries
from tests.write.bank import ANNA, ARMED, BERT, Bank, account, fill, make, operation, transaction

SECRET = "a personal Passw0rd"
NO = {"42501", "23505", "23503", "23514", "42000", "23000"}
"""SQLSTATEs: no right, twice, no such proposal, against a check."""
GREEDY = ("quaestor_proposals", "quaestor_approvals", "quaestor_policy")


@dataclass
class House:
    """A bank where everybody has a login of their own."""

    bank: Bank
    kind: str
    logins: dict[str, str]

    def url(self, name: str) -> str:
        url = make_url(self.bank.url).set(username=self.logins[name], password=SECRET)
        return url.render_as_string(hide_password=False)

    def try_(self, name: str, statement: sa.Executable) -> str:
        """As that login, by a client that is not quaestor: empty where it worked, else what the database said."""
        client = sa.create_engine(self.url(name), poolclass=NullPool)
        try:
            with client.begin() as connection:
                connection.execute(statement)
        except sa.exc.DBAPIError as error:
            origin: Any = error.orig
            state = getattr(origin, "sqlstate", None)
            assert state in NO or origin.args[0] in (1142, 1143, 1062, 1452, 1644, 4025, 3819), (
                statement,
                origin,
            )
            return str(origin)
        finally:
            client.dispose()
        return ""

    def principal(self, name: str) -> str:
        return f"db:{self.logins[name]}"


@pytest.fixture(params=[engine for engine in engines_for() if engine != "sqlite"])
def house(request: pytest.FixtureRequest, fresh: Fresh, tmp_path: Path) -> Iterator[House]:
    """Anna and Bert are admins; Greta may insert whole rows, which no role allows: the tables refuse her too."""
    kind, system = request.param, registry.system("trustsphere")
    bank = fill(make(fresh(kind), tmp_path / "bank"))
    runner.up(bank.engine, system, "roles")
    logins = {name: f"{name}_{uuid.uuid4().hex[:8]}" for name in ("anna", "bert", "greta")}
    granted = role(system.name, "admin")
    for login in logins.values():
        if kind == "postgresql":
            bank.run(f"CREATE ROLE {login} LOGIN PASSWORD '{SECRET}' IN ROLE {granted}")
            continue
        bank.run(f"CREATE USER {login} IDENTIFIED BY '{SECRET}'")
        bank.run(f"GRANT {granted} TO {login}")
        bank.run(f"SET DEFAULT ROLE {granted} {'FOR' if kind == 'mariadb' else 'TO'} {login}")
    for table in GREEDY:
        bank.run(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {logins['greta']}")
    desk = bank.desk()
    for key in (BERT,):
        register(desk, ARMED, key.public_key)
    yield House(bank, kind, logins)
    for login in logins.values():
        if kind == "postgresql":
            bank.run(f"DROP OWNED BY {login}")
        bank.run(f"DROP {'ROLE' if kind == 'postgresql' else 'USER'} {login}")
    runner.down(bank.engine, system, "roles", "base")
    bank.close()


def proposal(**more: Any) -> dict[str, Any]:
    """A proposal's row, without what the database fills in."""
    return {
        "id": str(uuid.uuid4()), "entity": "accounts", "action": "close", "targets": ["x"], "form": {},
        "row_hashes": {}, "reason": "", "ticket": "", "payload_hash": sha256(b"whole").digest(),
        "key_id": "SHA256:x", "signature": bytes(64), **more,
    }  # fmt: skip


def approval(of: dict[str, Any], proposer: str, **more: Any) -> sa.Insert:
    """A yes to that proposal."""
    row = {
        "proposal_id": of["id"], "proposer": proposer, "payload_hash": of["payload_hash"], "decision": "approve",
        "reason": "", "key_id": "SHA256:y", "signature": bytes(64), **more,
    }  # fmt: skip
    return sa.insert(own.approvals).values(row)


def test_six_forgeries(house: House) -> None:
    made = proposal()
    anna, bert = house.principal("anna"), house.principal("bert")
    assert house.try_("anna", sa.insert(own.proposals).values(made)) == ""
    (row,) = [row for row in house.bank.rows(own.proposals) if row["id"] == made["id"]]
    assert (row["proposer"], row["quorum"]) == (anna, 1), "the database says who and how many"

    # 1. in another one's name
    for name in ("bert", "greta"):
        assert house.try_(name, sa.insert(own.proposals).values(proposal(proposer=anna))), name
    # 2. approved in another one's name
    for name in ("anna", "greta"):
        assert house.try_(name, approval(made, anna, approver=bert)), name
    # 3. approved by the one who proposed
    assert house.try_("anna", approval(made, anna))
    assert house.try_("anna", approval(made, bert)), "nor by calling the proposer by another name"
    # 4. of another content than was proposed
    for name in ("bert", "greta"):
        assert house.try_(name, approval(made, anna, payload_hash=sha256(b"other").digest())), name
    # 5. a second vote, or another decision in place of the first
    assert house.try_("bert", approval(made, anna, decision="reject")) == ""
    assert house.try_("bert", approval(made, anna))
    assert house.try_("bert", sa.update(own.approvals).values(decision="approve"))
    # 6. with a quorum or an end of one's own, or after the end
    assert house.try_("bert", sa.insert(own.proposals).values(proposal(quorum=1)))
    late = proposal(quorum=9, expires_at=sa.func.now())
    assert house.try_("greta", sa.insert(own.proposals).values(late)) == ""
    (row,) = [row for row in house.bank.rows(own.proposals) if row["id"] == late["id"]]
    assert row["quorum"] == 1, "what she says of it is not taken"
    assert row["expires_at"] > row["created_at"]
    ended = proposal()
    assert house.try_("anna", sa.insert(own.proposals).values(ended)) == ""
    house.bank.run(f"UPDATE quaestor_proposals SET expires_at = created_at WHERE id = '{ended['id']}'")
    assert "expired" in house.try_("bert", approval(ended, anna))


def test_the_policy_is_not_changed_without_an_approved_proposal(house: House) -> None:
    name = "approve_dual_from"
    change = sa.update(own.policy).where(own.policy.c.name == name)
    made = proposal(entity="policy", action="set", targets=[name], form={"value": "1000000.00"})
    assert house.try_("anna", sa.insert(own.proposals).values(made)) == ""
    for login in ("anna", "greta"):
        assert house.try_(login, change.values(value="1000000.00"))
        assert house.try_(login, change.values(value="1000000.00", proposal_id=made["id"])), "nobody approved"
    assert house.try_("bert", approval(made, house.principal("anna"))) == ""
    assert house.try_("anna", change.values(value="2000000.00", proposal_id=made["id"])), "another value"
    assert house.try_("anna", change.values(value="1000000.00", proposal_id=made["id"])) == ""


def test_two_logins_decide_together(house: House) -> None:
    house.bank.add(accounts, account("L", balance="30000.00", daily_transaction_limit=30000))
    house.bank.add(transactions, transaction("L1", "L", "A2", "20000.00"))
    anna = house.bank.desk(url=house.url("anna"))
    bert = house.bank.desk(BERT, url=house.url("bert"))
    made = proposals.propose(anna, ARMED, [operation("transactions", "L1", "approve")])
    assert made.proposer == house.principal("anna")
    with pytest.raises(Denied, match="another person"):
        proposals.approve(anna, ARMED, made.id)
    (outcome,) = proposals.approve(bert, ARMED, made.id)
    assert outcome.done is not None
    assert outcome.done.told["approvals"][0]["approver"] == house.principal("bert")
    assert house.bank.row(transactions, "L1")["status"] == "COMPLETED"


def test_a_missing_right_is_refused_with_its_name(house: House) -> None:
    desk = house.bank.desk(url=house.url("anna"))
    admin = role("trustsphere", "admin")
    house.bank.run(f"REVOKE UPDATE (status) ON accounts FROM {admin}")
    with pytest.raises(Denied, match=r"UPDATE \(status\) ON accounts"):
        write.perform(desk, operation("accounts", "A1", "freeze"), ARMED)
    house.bank.run(f"GRANT UPDATE (status) ON accounts TO {admin}")
    again = house.bank.desk(url=house.url("anna"), journal="again")
    write.perform(again, operation("accounts", "A1", "freeze"), ARMED)
    assert house.bank.row(accounts, "A1")["status"] == "FROZEN"
    assert house.bank.row(accounts, "A1")["version"] == 2


def test_a_key_that_only_a_database_user_vouches_for_is_no_key(house: House) -> None:
    """Whoever may append can enter anything; without a registered key's signature it lets nobody in."""
    mallory = HeldKey.new("mallory@test")
    entries(house.bank, 1, 1, mallory, action="key-add")
    assert house.bank.scalar("SELECT count(*) FROM quaestor_operator_keys") == 3
    with house.bank.engine.connect() as connection:
        assert mallory.public_key not in [line for _, line, _ in keys_of(connection).values()]
    with pytest.raises(Denied, match="not registered"):
        house.bank.desk(mallory)
    with pytest.raises(Refused, match="registered already"):
        register(house.bank.desk(), ARMED, ANNA.public_key)
