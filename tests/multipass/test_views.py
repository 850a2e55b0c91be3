"""Every view and every figure against SQL written by hand, on each engine."""

from typing import Any

import pytest

from db import read
from db.model import Entity, Figure, Query, View
from tests.multipass.by_hand import plain
from tests.multipass.conftest import MULTIPASS, Multipass
from tests.multipass.figures import FIGURES
from tests.multipass.views import VIEWS

CONSISTENT = {
    "application_events/console",
    "asset_balances/negative",
    "market_orders/overfilled",
    "wallet_balances/locked-differences",
    "wallet_balances/negative",
}
"""What only a fault, or the console's own work, fills."""

ALL_VIEWS = [(entity, view) for entity in MULTIPASS.entities for view in entity.views]
ALL_FIGURES = [(entity, figure) for entity in MULTIPASS.entities for figure in entity.figures]


def ids(multipass: Multipass, entity: Entity, view: View) -> list[str]:
    """What the reader gives, a page at a time."""
    return [
        row.id for page in read.stream(multipass.session, Query(entity, view), size=97) for row in page.rows
    ]


def rows(multipass: Multipass, entity: Entity, figure: Figure) -> list[tuple[Any, ...]]:
    """What the reader gives."""
    page = read.figure(multipass.session, entity, figure)
    assert [column.name for column in page.columns] == [column.name for column in figure.columns]
    return [tuple(plain(value) for value in row.values) for row in page.rows]


def ids_by_hand(multipass: Multipass, entity: str, view: str) -> list[str]:
    return [row[0] for row in multipass.hand.ask(f"SELECT x.id FROM {entity} x {VIEWS[entity][view]}")]


def test_each_view_and_figure_is_written_by_hand() -> None:
    assert {e.name: [v.name for v in e.views] for e in MULTIPASS.entities} == {
        entity: list(views) for entity, views in VIEWS.items()
    }
    assert {e.name: [f.name for f in e.figures] for e in MULTIPASS.entities} == {
        entity: list(figures) for entity, figures in FIGURES.items()
    }


@pytest.mark.parametrize(("entity", "view"), ALL_VIEWS, ids=lambda part: part.name)
def test_a_view_shows_what_its_rule_says(multipass: Multipass, entity: Entity, view: View) -> None:
    found = ids(multipass, entity, view)
    assert found == ids_by_hand(multipass, entity.name, view.name)
    assert bool(found) is (f"{entity.name}/{view.name}" not in CONSISTENT)


@pytest.mark.parametrize(("entity", "figure"), ALL_FIGURES, ids=lambda part: part.name)
def test_a_figure_counts_what_it_says(multipass: Multipass, entity: Entity, figure: Figure) -> None:
    found = rows(multipass, entity, figure)
    assert found == multipass.hand.ask(FIGURES[entity.name][figure.name])
    assert bool(found) is (f"{entity.name}/{figure.name}" not in CONSISTENT)
