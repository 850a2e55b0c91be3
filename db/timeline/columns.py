"""What all audit sources have in common, as an entity that no table stands for; and how a filter of it is typed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Column, MetaData, Table

from db import filters
from db.declare import entity, view
from db.errors import unknown
from db.model import Filter, Kind, Operator, Query
from db.timeline.patterns import PATTERNS
from db.types import Json, Status, String, Time

SEVERITIES = ("INFO", "WARNING", "ERROR", "CRITICAL")

_table = Table(
    "timeline",
    MetaData(),
    Column("id", String(400), primary_key=True),
    Column("time", Time(zone=True)),
    Column("system", String(100)),
    Column("source", String(100)),
    Column("severity", Status(*SEVERITIES)),
    Column("actor", String(255)),
    Column("action", String(100)),
    Column("kind", String(100)),
    Column("record", String(255)),
    Column("outcome", String(100)),
    Column("address", String(100)),
    Column("session", String(255)),
    Column("correlation", String(255)),
    Column("subject", String(255)),
    Column("order", String(20)),
    Column("detail", Json()),
)

TIMELINE = entity(
    _table,
    listed="time order system severity actor action kind record outcome address session correlation subject",
    views=(
        view("all", "Every source, the newest first.", "-time"),
        view("oldest", "Every source, the oldest first.", "time"),
        *(view(pattern.name, pattern.summary, "-time") for pattern in PATTERNS),
    ),
    labels={"order": "≈", "kind": "of", "correlation": "operation"},
    kinds={"record": Kind.ID, "correlation": Kind.ID},
    title="action",
)
"""The columns that mean the same in every source; ``order`` is ``≈`` where the clocks leave it open; ``detail`` is the
source's own row, where the line was asked to read all of it."""

_RANGE = re.compile(r"(?<!\S)([^\s=<>~!\"]*\.\.[^\s=<>~!\"]*)(?!\S)")
_NAIVE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?")


def parse(text: str, zone: tzinfo | None = UTC) -> tuple[tuple[Filter, ...], str]:
    """Filters and searched words; ``-2h..`` alone is a range of time. Raises FilterError.

    A time without an offset is of ``zone`` (None: this machine's), each end by the offset that held then.
    """
    found, search = filters.parse(TIMELINE, _RANGE.sub(r"time=\1", text))
    return tuple(zoned(one, zone) for one in found), search


def zoned(one: Filter, zone: tzinfo | None) -> Filter:
    """The filter with its moments read in a zone, and severities in capitals.

    What a clock shows twice when it is set back is meant from the first time on, and up to the second.
    """
    if one.column == "severity":
        return replace(one, value=one.value.upper())
    if one.column != "time" or zone is UTC:
        return one
    ends = one.operator in (Operator.LT, Operator.LE)
    low, high = _in_zone(one.value, zone, last=ends), _in_zone(one.high, zone, last=True)
    if one.operator is Operator.EQ and low != one.value and len(one.value) == 10:
        return Filter("time", Operator.RANGE, low, _in_zone(one.value + _END, zone, last=True))
    if len(one.high) == 10 and high != one.high:
        high = _in_zone(one.high + _END, zone, last=True)
    return Filter(one.column, one.operator, low, high)


_END = "T23:59:59.999999"


def _in_zone(text: str, zone: tzinfo | None, *, last: bool = False) -> str:
    if not _NAIVE.fullmatch(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
        both = (moment.replace(fold=fold, tzinfo=zone) for fold in (0, 1))
        found = [(one.astimezone() if zone is None else one).astimezone(UTC) for one in both]
    except (ValueError, OverflowError):
        return text  # no day of any calendar, or none that moves: the reader tells, or takes it as it is
    return (max(found) if last else min(found)).isoformat()


def query(text: str = "", *, oldest_first: bool = False, name: str = "", zone: tzinfo | None = UTC) -> Query:
    """The timeline's query for a typed filter, in a view or a pattern; raises FilterError, Usage."""
    found, search = parse(text, zone)
    name = name or ("oldest" if oldest_first else "all")
    wanted = TIMELINE.view(name)
    if wanted is None:
        raise unknown("view of the line of time", name, (one.name for one in TIMELINE.views))
    return Query(TIMELINE, wanted, found, search)
