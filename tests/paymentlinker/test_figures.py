"""Every figure says what SQL written by hand says."""

import pytest

from db import read
from db.errors import Usage
from db.model import Figure
from db.registry import resolve
from db.session import Session
from tests.paymentlinker.conftest import LINKER, Linker
from tests.paymentlinker.figures import DECISIONS, FIGURES, RISK
from tests.paymentlinker.plain import steady, unordered


def said(session: Session, path: str, **parameters: str) -> list[str]:
    """The rows of a figure, in any order."""
    entity, figure = resolve(LINKER, path)
    assert isinstance(figure, Figure)
    return unordered([row.values for row in read.figure(session, entity, figure, parameters).rows])


def test_every_figure_has_its_rows_by_hand() -> None:
    assert {f"{e.name}/{figure.name}" for e in LINKER.entities for figure in e.figures} == set(FIGURES)


@pytest.mark.parametrize("path", FIGURES)
def test_a_figure_says_what_sql_by_hand_says(varied: Linker, path: str) -> None:
    expected, found = steady(
        lambda: unordered(varied.hand.ask(FIGURES[path])), lambda: said(varied.session, path)
    )
    assert found == expected


@pytest.mark.parametrize("path", FIGURES)
def test_a_figure_has_rows_in_the_smallest_seed(linker: Linker, path: str) -> None:
    assert said(linker.session, path)


def test_the_documents_statistics_take_a_date_and_a_tenant(linker: Linker) -> None:
    (tenant,) = linker.hand.ids("SELECT id FROM tenants WHERE slug = 'acme'")
    session = linker.session.for_tenant(tenant)
    for since, moment in (("-400d", "[-400 days]"), ("2020-01-01", "'2020-01-01 00:00:00.000000'")):
        by_hand = f"SELECT {DECISIONS}, {RISK} FROM applications WHERE tenant_id = '{tenant}' AND created_at >= {moment}"
        found = said(session, "applications/statistics", since=since)
        assert found == unordered(linker.hand.ask(by_hand))
        assert found != said(linker.session, "applications/statistics", since=since)


def test_a_wrong_parameter_is_a_sentence(linker: Linker) -> None:
    with pytest.raises(Usage, match="no parameter until"):
        said(linker.session, "applications/statistics", until="now")
    with pytest.raises(Usage, match="no time"):
        said(linker.session, "applications/statistics", since="yesterdayish")
