"""The window over a list: what it holds, where the cursor is, and that it stays small."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.model import Page, Position, Row
from screens.window import LIMIT, Window

TOTAL = 5000
NOW = datetime(2025, 3, 1, tzinfo=UTC)


def page(first: int, count: int, total: int = TOTAL) -> Page:
    """Rows by their numbers, as the reader would give them."""
    start, stop = max(0, first), min(total, first + count)
    rows = tuple(Row(str(n), (n,), (n,)) for n in range(start, stop))
    return Page((), rows, start > 0, stop < total, NOW)


def after(position: Position, count: int) -> Page:
    return page(position[0] + 1, count)


def before(position: Position, count: int) -> Page:
    return page(max(0, position[0] - count), min(count, position[0]))


def filled(height: int = 20, count: int = 60) -> Window:
    window = Window(height)
    window.fill(page(0, count))
    return window


def assert_whole(window: Window) -> None:
    """Neighbours, a cursor that is visible, no empty lines while there are rows, and a bound."""
    numbers = [row.values[0] for row in window.rows]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert window.top <= window.cursor < window.top + window.height
    assert 0 <= window.top <= max(0, len(window.rows) - window.height)
    assert len(window.rows) <= LIMIT + 128
    assert window.more_before == (numbers[0] > 0)
    assert window.more_after == (numbers[-1] < TOTAL - 1)
    if window.first is not None:
        assert window.first == numbers[0]
    if window.behind is not None:
        assert window.behind == TOTAL - 1 - numbers[-1]


@given(
    st.lists(st.tuples(st.sampled_from(["move", "turn", "end", "begin"]), st.integers(-60, 60)), max_size=80)
)
def test_any_walk_keeps_the_window_whole(steps: list[tuple[str, int]]) -> None:
    window = filled()
    for kind, by in steps:
        if kind == "end":
            window.fill(page(TOTAL - 60, 60), end=True)
        elif kind == "begin":
            window.fill(page(0, 60))
        else:
            left = (window.move if kind == "move" else window.turn)(by)
            assert not left or not window.more_before or not window.more_after or abs(left) <= abs(by)
        if window.lacks_after(64):
            window.append(after(window.rows[-1].position, 64))
        if window.lacks_before(64):
            window.prepend(before(window.rows[0].position, 64))
        assert_whole(window)


def test_walking_to_the_end_and_back_meets_every_row_once() -> None:
    window, seen = filled(), []
    while True:
        seen.append(window.rows[window.cursor].values[0])
        if window.lacks_after(64):
            window.append(after(window.rows[-1].position, 64))
        if window.move(1):
            break
    assert seen == list(range(TOTAL))
    assert window.place() == (TOTAL, None)
    for expected in reversed(range(TOTAL - 1)):
        if window.lacks_before(64):
            window.prepend(before(window.rows[0].position, 64))
        assert window.move(-1) == 0
        assert window.rows[window.cursor].values[0] == expected


def test_what_cannot_be_moved_is_given_back() -> None:
    window = filled(count=30)
    assert window.move(35) == 6
    assert window.move(-100) == -71
    assert window.turn(20) == 0
    assert (window.top, window.cursor) == (10, 20)


def test_the_end_is_counted_from_the_end() -> None:
    window = filled()
    window.fill(page(TOTAL - 60, 60), end=True)
    assert window.place() == (None, 1)
    window.move(-9)
    assert window.place() == (None, 10)


def test_it_begins_at_a_row() -> None:
    window = Window(20)
    window.fill(page(1000, 60), at="1030")
    assert window.current is not None
    assert window.current.id == "1030"
    assert window.top == 20


def test_a_window_without_rows_has_no_cursor() -> None:
    window = Window(20)
    window.fill(page(0, 0, 0))
    assert window.current is None
    assert window.move(3) == 3
    assert window.place() == (1, None)
    assert not window.visible


@pytest.mark.parametrize("seed", range(20))
def test_the_cursor_stays_on_its_record_when_rows_come_and_go(seed: int) -> None:
    chance = random.Random(seed)
    window = filled(count=40)
    window.move(chance.randrange(5, 30))
    cursor = window.current
    assert cursor is not None
    offset = window.cursor - window.top
    numbers = sorted({n for n in range(40) if chance.random() < 0.8} | {cursor.values[0]})
    numbers = sorted([*numbers, *(n + 0.5 for n in numbers if chance.random() < 0.2)])
    anchor = window.anchor()
    rows = tuple(Row(str(n), (n,), (n,)) for n in numbers if anchor is None or n > anchor[0])
    window.renew(Page((), rows, anchor is not None, True, NOW))
    assert window.current == cursor
    room = len(window.rows) - window.height
    assert window.cursor - window.top == offset or window.top in (0, room)


def test_where_the_record_is_gone_the_next_one_is_taken() -> None:
    window = filled(count=40)
    window.move(5)
    earlier = window.renew(Page((), tuple(r for r in window.rows if r.id != "5"), False, True, NOW))
    assert window.current is not None
    assert window.current.id == "6"
    assert earlier["5"].values == (5,)


def test_fewer_lines_keep_the_cursor_visible() -> None:
    window = filled()
    window.move(19)
    window.resize(5)
    assert window.top <= window.cursor < window.top + 5
    window.resize(0)
    assert window.height == 1
