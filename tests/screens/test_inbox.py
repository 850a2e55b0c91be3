"""The merged inbox: every item once, in the order asked for, and nothing from beyond what is known."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import registry
from db.model import Column, Page, Position, Profile, Row
from screens import inbox, later
from screens.desk import Link, Standing
from screens.inbox import Inbox, Source

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Rows:
    """A queue's rows in the order of the queue, read a page at a time."""

    def __init__(self, ages: list[int]) -> None:
        self.ages = sorted(ages, reverse=True)

    def page(self, columns: tuple[Column, ...], after: Position | None, limit: int) -> Page:
        start = 0 if after is None else int(after[0]) + 1
        rows = [
            Row(f"{id(self)}-{n}", tuple(self._value(c.name, age) for c in columns), (n,))
            for n, age in enumerate(self.ages)
        ][start : start + limit]
        return Page(columns, tuple(rows), start > 0, start + limit < len(self.ages), NOW)

    def _value(self, name: str, age: int) -> Any:
        if name in ("timestamp", "updated_at"):
            return NOW - timedelta(minutes=age)
        return Decimal(age) if name == "amount" else "x"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three rows, so that merging has something to do."""
    monkeypatch.setattr(inbox, "PAGE", 3)


def sources(queues: list[list[int]]) -> list[tuple[Source, Rows]]:
    """One source a queue, each of a system of its own."""
    system = registry.system("trustsphere")
    entity = system.by_name["transactions"]
    view = next(view for view in entity.views if view.queue is not None)
    made = []
    for number, ages in enumerate(queues):
        link = Link(Profile(f"bank{number}", "sqlite:///none"))
        link.standing = Standing.OPEN
        link.session = _Session()  # type: ignore[assignment] # only its settings are asked
        assert view.queue is not None
        made.append((Source(link, entity, view, view.queue), Rows(ages)))
    return made


class _Session:
    settings: dict[str, str] = {}


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 500), max_size=12), min_size=1, max_size=4))
def test_reading_on_gives_every_item_once_and_in_order(queues: list[list[int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        made = sources(queues)
        rows = {source.link.name: held for source, held in made}
        patch.setattr(inbox, "session_of", lambda link: link)
        patch.setattr(Source, "hours", property(lambda self: Decimal(24)))
        patch.setattr(later.read, "served", lambda session, query: None, raising=False)
        patch.setattr(later.claims, "of", lambda session, name, ids: {}, raising=False)
        patch.setattr(later.read, "page", _paging(rows), raising=False)
        box = Inbox([source for source, _ in made])
        shown: list[float] = []
        for _ in range(200):
            now = (
                [_age(item) for item in box.items]
                if all(s.items or not s.more for s in box.streams)
                else shown
            )
            assert now[: len(shown)] == shown, "what is listed stays where it is"
            shown = now
            if not box.more:
                break
            for link in box.more:
                box.read(None, link)  # type: ignore[arg-type] # nothing is cancelled here
        assert shown == sorted((age for ages in queues for age in ages), reverse=True)
        assert len({item.key for item in box.items}) == len(box.items)


def _age(item: inbox.Item) -> float:
    assert item.since is not None
    return (NOW - item.since).total_seconds() / 60


def _paging(rows: dict[str, Rows]) -> Any:
    def page(session: Link, query: Any, *, after: Position | None, limit: int, cancel: object) -> Page:
        columns = tuple(query.entity.by_name[name] for name in query.columns)
        return rows[session.name].page(columns, after, limit)

    return page
