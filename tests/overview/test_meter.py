"""What is dear is asked more rarely: on the average a refresh costs no more than the budget."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from db.overview import Meter, Number, Question


def question(name: str) -> Question:
    return Question("queues", name, lambda cancel: [Number("queues", name, 1, at=datetime.now(UTC))])


@given(st.lists(st.floats(0.0, 0.9), min_size=1, max_size=30))
def test_the_average_cost_of_a_refresh_is_within_the_budget(costs: list[float]) -> None:
    meter = Meter([question(str(n)) for n in range(len(costs))])
    asked = meter.due(0.0)
    assert len(asked) == len(costs)
    for each, cost in zip(asked, costs, strict=True):
        each.cost = cost
    spent = sum(each.cost * meter.interval / meter.period(each) for each in asked)
    assert spent <= meter.budget * 1.001


def test_everything_is_asked_first_and_then_only_what_is_due() -> None:
    meter = Meter([question("a"), question("b")])
    assert [number.name for number in meter.refresh()] == ["a", "b"]
    first = [number.at for number in meter.numbers]
    assert [number.at for number in meter.refresh()] == first
    assert [number.at for number in meter.refresh(everything=True)] != first
