"""How each kind of value is written: money, times and ages, ids, lists, bytes; and what mood it has.

The texts made here are not yet safe: ``cells`` cleans them. Decimals are never rounded and nothing is cut,
but for ids in lists, which an ellipsis ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from db.kinds import MASK, Kind, Raw

NULL: Final = "–"
"""What stands for NULL."""

RIGHT: Final = frozenset({Kind.MONEY, Kind.AMOUNT, Kind.INTEGER, Kind.PERCENT})
"""The kinds that stand at the right of their column."""

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Look:
    """How values are to be written."""

    now: datetime | None = None
    """Times are written as their age at this moment; None writes them exactly."""
    zone: tzinfo | None = UTC
    """The zone of exact times; None is the operator's own."""
    whole: bool = True
    """Ids whole, and times with their offset."""


PLAIN: Final = Look()
"""Exact times in UTC, whole ids."""


def written(value: Any, kind: Kind, look: Look = PLAIN, currency: str = "") -> str:
    """A value that is not NULL in the form of its kind; what does not fit its kind as it is."""
    if isinstance(value, Raw):
        return str(value)
    form = _FORMS.get(kind)
    return form(value, look, currency) if form else str(value)


def number(value: Decimal | int, places: int = 0) -> str:
    """A number with its thousands set apart by spaces and at least so many decimals; never rounded."""
    if isinstance(value, int):
        return f"{value:,}".replace(",", " ") if abs(value) > 9999 else str(value)
    if not value.is_finite() or abs(value.adjusted()) > 60:
        return str(value)
    exponent = value.as_tuple().exponent
    have = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if have <= places:
        return f"{value:,.{places}f}".replace(",", " ")
    whole, _, decimals = f"{value:,f}".replace(",", " ").partition(".")
    decimals = decimals.rstrip("0").ljust(places, "0")
    return f"{whole}.{decimals}" if decimals else whole


def age(moment: datetime, now: datetime) -> str:
    """How long ago, in at most eight letters: ``12s``, ``57m``, ``3h12``, ``12d``; to come: ``in 3h12``."""
    seconds = int((now - moment).total_seconds())
    return span(seconds) if seconds >= 0 else "in " + span(-seconds)


def span(seconds: int) -> str:
    """A length of time in its largest unit; hours with their minutes."""
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    if seconds < 86400:
        return f"{seconds // 3600}h{seconds // 60 % 60:02}"
    days = seconds // 86400
    if days < 100:
        return f"{days}d"
    return f"{days * 12 // 365}mo" if days < 730 else f"{days // 365}y"


def moment(value: datetime, zone: tzinfo | None, offset: bool = True) -> str:
    """A time exactly: ``2025-03-01 14:07:33.120 +01:00``; fractions only where there are any."""
    try:
        local = value.astimezone(zone)
    except (OverflowError, ValueError):
        local = value
    text = local.isoformat(" ", "milliseconds" if local.microsecond else "seconds")
    return f"{text[:-6]} {text[-6:]}" if offset else text[:19]


def short(text: str) -> str:
    """The first eight digits of a UUID, which a filter by prefix takes; anything else as it is."""
    return text[:8] + "…" if len(text) == 36 and _UUID.fullmatch(text) else text


def _money(value: Any, look: Look, currency: str) -> str:
    text = number(value, 2) if isinstance(value, Decimal | int) else str(value)
    return f"{text} {currency}" if currency else text


def _amount(value: Any, look: Look, currency: str) -> str:
    return number(value, 2) if isinstance(value, Decimal) else _integer(value, look, currency)


def _integer(value: Any, look: Look, currency: str) -> str:
    return number(value) if isinstance(value, Decimal | int) else str(value)


def _percent(value: Any, look: Look, currency: str) -> str:
    return f"{number(value, 1) if isinstance(value, Decimal) else value} %"


def _time(value: Any, look: Look, currency: str) -> str:
    if not isinstance(value, datetime):
        return str(value)
    return age(value, look.now) if look.now else moment(value, look.zone, look.whole)


def _id(value: Any, look: Look, currency: str) -> str:
    return str(value) if look.whole else short(str(value))


def _boolean(value: Any, look: Look, currency: str) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _json(value: Any, look: Look, currency: str) -> str:
    return " ".join(str(value).split())


def _list(value: Any, look: Look, currency: str) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _bytes(value: Any, look: Look, currency: str) -> str:
    if not isinstance(value, bytes | bytearray | memoryview):
        return str(value)
    return f"{len(value)} B  {bytes(value[:512]).hex()}{'…' if len(value) > 512 else ''}"


def _masked(value: Any, look: Look, currency: str) -> str:
    return MASK


_FORMS: dict[Kind, Callable[[Any, Look, str], str]] = {
    Kind.MONEY: _money,
    Kind.AMOUNT: _amount,
    Kind.INTEGER: _integer,
    Kind.PERCENT: _percent,
    Kind.TIME: _time,
    Kind.ID: _id,
    Kind.BOOLEAN: _boolean,
    Kind.JSON: _json,
    Kind.LIST: _list,
    Kind.BYTES: _bytes,
    Kind.MASKED: _masked,
}

_MOODS = {
    "good": """active approved verified valid completed captured online ready passed confirmed filled success
        enabled executed sent""",
    "wait": """pending review manual_review refer created processing in_review queued running authorized open
        partial busy maintenance issued warning medium""",
    "bad": """failed declined rejected frozen suspended locked revoked error critical lost quarantined
        terminated blocked failure denied high halted""",
    "faint": """closed cancelled withdrawn inactive expired disabled offline decommissioned refunded delisted
        deprecated archived""",
}
_MOOD_OF = {word: mood for mood, words in _MOODS.items() for word in words.split()}


def tone(value: Any, kind: Kind) -> str:
    """The theme's name for the mood of a value, empty where it has none; the word itself tells as much."""
    if value is None or kind is Kind.MASKED:
        return "faint"
    if isinstance(value, Raw):
        return "bad"
    if kind is Kind.STATUS:
        return _MOOD_OF.get(str(value).lower(), "")
    return "faint" if kind is Kind.ID else ""
