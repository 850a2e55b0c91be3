"""Every action in every state of its record, on every engine, against the rules written by hand."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.canonical import text_of
from db.errors import Denied, Refused, Stale
from db.model import Risk
from db.registry import system
from tests.conftest import engines_for
from tests.multipass import office as offices
from tests.multipass.office import REASON, Office, Rows, difference, id_of
from tests.multipass.rules import BY, NOW, RULES, TIMED, Rule
from tests.servers import Servers

_ALLOWED = [(rule, state) for rule in RULES for state in rule.allowed]
_REFUSED = [(rule, state) for rule in RULES for state in rule.refused.split()]
_KNOWN = {id_of(name) for name in re.findall(r"\{(\w\d)\}", offices.WORLD)}


@pytest.fixture(scope="module", params=engines_for("multipass"))
def office(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One place for all tests of the file; each furnishes it anew."""
    yield from offices.opened(request.param, servers, tmp_path_factory.mktemp("office"))


def _name(value: object) -> str:
    return str(value)


def test_the_rules_tell_of_every_action() -> None:
    told = {(rule.entity, rule.action) for rule in RULES}
    assert told == {(action.entity, action.name) for action in system("multipass").actions}


@pytest.mark.parametrize(("rule", "state"), _ALLOWED, ids=_name)
def test_it_changes_exactly_that(office: Office, rule: Rule, state: str) -> None:
    office.furnish(rule.entity, rule.name, **rule.state(state))
    before = office.everything()
    shown = office.sheet(office.operation(rule.entity, rule.name, rule.action, form=rule.form))
    assert (shown.refused, shown.lacking) == ("", ())
    assert shown.risk is (Risk.DUAL if rule.dual else Risk.NORMAL)
    assert shown.action.irreversible is rule.grave
    if rule.dual:
        with pytest.raises(Denied, match="two people"):
            office.perform(shown.operation)
    done = office.perform(shown.operation, alone=rule.dual)
    made = difference(before, office.everything())
    (event,) = [row for (table, _), row in made.items() if table == "application_events"]
    moment = event["created_at"]
    assert timedelta(0) <= datetime.now(UTC) - moment < timedelta(minutes=1)
    row = {**rule.allowed[state], **({"updated_at": NOW} if rule.entity in TIMED else {})}
    expected = {(rule.entity, rule.name): row, **rule.others}
    assert {key: row for key, row in made.items() if key[1] in _KNOWN} == {
        (table, id_of(name)): _at(moment, row) for (table, name), row in expected.items()
    }
    (module,) = [
        row for (table, id_), row in made.items() if table == "application_modules" and id_ not in _KNOWN
    ]
    assert len(made) == len(expected) + 2
    assert (module["name"], module["status"], event["module_id"]) == ("quaestor", "enabled", module["id"])
    _check_event(rule, event, done.operation_id)
    _check_states(rule, state, before[rule.entity][id_of(rule.name)], event)
    told = {name: done.told[name] for name in ("before", "after")}
    assert told == {name: value for name, value in _payload(event).items() if name in told}


def _check_event(rule: Rule, event: Mapping[str, Any], operation: str) -> None:
    """The console's own row, but for the two states in it."""
    assert (uuid.UUID(event["id"]).version, uuid.UUID(event["module_id"]).version) == (4, 4)
    assert {name: value for name, value in event.items() if name not in ("id", "module_id", "payload")} == {
        "profile_id": id_of(rule.profile) if rule.profile else None,
        "event_type": f"console.{rule.entity}.{rule.action}",
        "severity": "warning" if rule.dual or rule.grave else "info",
        "ip_address": "192.0.2.7",
        "created_at": event["created_at"],
    }
    payload = _payload(event)
    assert {name: value for name, value in payload.items() if name not in ("before", "after")} == {
        "operation": operation,
        "operator": BY,
        "record": id_of(rule.name),
        "reason": REASON,
        "ticket": "TEST-1",
        **({"counted": rule.counted} if rule.counted else {}),
        **({"moved": list(rule.moved)} if rule.moved else {}),
    }


def _check_states(rule: Rule, state: str, old: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    """Both states of what changed; of secrets only that they did, and a digest that nobody can look up."""
    changed, payload = _at(event["created_at"], rule.allowed[state]), _payload(event)
    assert set(payload["before"]) == set(payload["after"]) == set(changed)
    for name, value in changed.items():
        if name in ("mfa_secret", "backup_codes"):
            assert payload["before"][name] == {"secret": True}
            assert payload["after"][name] is None or set(payload["after"][name]) == {"hmac"}
        else:
            assert (payload["before"][name], payload["after"][name]) == (_told(old[name]), _told(value))


def _payload(event: Mapping[str, Any]) -> dict[str, Any]:
    payload = event["payload"]
    return dict(json.loads(payload) if isinstance(payload, str) else payload)


def _at(moment: datetime, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: moment if value is NOW else value for name, value in row.items()}


def _told(value: Any) -> Any:
    """A value as an entry has it."""
    return value if value is None or isinstance(value, bool | int) else text_of(value)


@pytest.mark.parametrize(("rule", "state"), _REFUSED, ids=_name)
def test_it_is_refused_with_a_sentence(office: Office, rule: Rule, state: str) -> None:
    office.furnish(rule.entity, rule.name, **rule.state(state))
    before = office.everything()
    wanted = office.operation(rule.entity, rule.name, rule.action, form=rule.form)
    said = office.sheet(wanted).refused
    assert said.endswith(".")
    with pytest.raises(Refused) as refused:
        office.perform(wanted, alone=True)
    assert str(refused.value) == said
    assert office.everything() == before


@pytest.mark.parametrize(("rule", "state"), _ALLOWED, ids=_name)
def test_it_is_taken_back_or_said_to_be_final(office: Office, rule: Rule, state: str) -> None:
    office.furnish(rule.entity, rule.name, **rule.state(state))
    before = office.everything()
    shown = office.sheet(office.operation(rule.entity, rule.name, rule.action, form=rule.form))
    assert (shown.action.inverse, bool(shown.action.final)) == (rule.back, not rule.back)
    done = office.perform(shown.operation, alone=rule.dual)
    back = office.operation(rule.entity, rule.name, rule.back or "restore", undoes=done.operation_id)
    if not rule.back:
        with pytest.raises(Refused, match=re.escape(shown.action.final)):
            office.perform(back, alone=True)
        return
    office.perform(back, alone=True)
    after = office.everything()
    assert _of_office(after, rule) == _of_office(before, rule)
    first, second = office.events()
    assert first["module_id"] == second["module_id"]
    assert second["event_type"] == f"console.{rule.entity}.{rule.back}"
    assert _payload(second)["after"] == _payload(first)["before"]


def _of_office(rows: Mapping[str, Rows], rule: Rule) -> dict[Any, Any]:
    """Everything but what an operation leaves, and what one that is taken back leaves as it is."""
    return {
        (table, id_): {name: value for name, value in row.items() if name != "updated_at"}
        for table, found in rows.items()
        for id_, row in found.items()
        if id_ in _KNOWN and (table, id_) not in {(other, id_of(name)) for other, name in rule.others}
    }


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.title], ids=_name)
def test_a_row_that_has_changed_since_is_stale(office: Office, rule: Rule) -> None:
    office.furnish(rule.entity, rule.name, **rule.state(next(iter(rule.allowed))))
    shown = office.sheet(office.operation(rule.entity, rule.name, rule.action)).operation
    column, value = rule.moves
    office.hand.ask(office.altered(rule.entity, rule.name, **{column: value}))
    before = office.everything()
    with pytest.raises(Stale, match="no longer as it was shown"):
        office.perform(shown, alone=True)
    assert office.everything() == before
