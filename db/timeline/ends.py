"""Between which moments a query of the line of time looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from db import declare
from db.filters import moment, whole_day
from db.model import Filter, Operator

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
DAY = 86_400
_TICK = timedelta(microseconds=1)


def moments(one: Filter) -> tuple[datetime | None, datetime | None]:  # noqa: PLR0911 - one a comparison
    """The first and the last moment that a filter on the time lets through, as far as it has ends; raises Usage."""
    day = timedelta(days=1) - _TICK

    def ends(text: str) -> tuple[datetime, datetime]:
        at = moment(text)
        return at, at + day if whole_day(text) else at

    match one.operator:
        case Operator.RANGE:
            return ends(one.value)[0] if one.value else None, ends(one.high)[1] if one.high else None
        case Operator.EQ:
            return ends(one.value) if one.value else (FIRST, FIRST)
        case Operator.GE:
            return ends(one.value)[0], None
        case Operator.GT:
            return ends(one.value)[1] + _TICK, None
        case Operator.LE:
            return None, ends(one.value)[1]
        case Operator.LT:
            return None, ends(one.value)[0] - _TICK
    return None, None


def chosen(filters: Iterable[Filter]) -> tuple[datetime, datetime]:
    """The time that the filters choose; what has no beginning begins a day before its end, or as long as the setting says."""
    low: datetime | None = None
    high: datetime | None = None
    for one in filters:
        if one.column == "time":
            first, last = moments(one)
            low = first if low is None else max(low, first or low)
            high = last if high is None else min(high, last or high)
    high = high or declare.this_moment()
    window = float(declare.settings.get().get("suspicious_window", DAY))
    try:
        return low or high - timedelta(seconds=window), high
    except OverflowError:
        return FIRST, high
