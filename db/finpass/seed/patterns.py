"""Attacks on the first holders: what the rules must find, what comes close and must not be found; and an outage."""

from __future__ import annotations

_FAILED, _LOGIN, _ALERT, _ERROR = "AUTHENTICATION_FAILED", "USER_LOGIN", "SECURITY_ALERT", "SYSTEM_ERROR"
_HOUR, _DAY = 3600.0, 86_400.0


def _failures(*offsets: float) -> tuple[tuple[float, str, int], ...]:
    return tuple((offset, _FAILED, 0) for offset in offsets)


def _logins(*visits: tuple[float, int]) -> tuple[tuple[float, str, int], ...]:
    return tuple((offset, _LOGIN, place) for offset, place in visits)


PATTERNS: dict[str, tuple[tuple[float, str, int], ...]] = {
    "burst": _failures(0.0, 97.3, 241.9, 388.2, 530.7, 702.4),
    "four failures": _failures(0.0, 130.5, 371.1, 598.8),
    "five slow failures": _failures(0.0, 240.6, 480.2, 720.9, 961.4),
    "addresses": _logins((0.0, 1), (700.2, 1), (1500.6, 2), (3100.1, 3), (3350.8, 3)),
    "third address late": _logins((0.0, 1), (2000.7, 2), (4200.3, 3)),
    "two addresses": _logins((0.0, 1), (301.1, 2), (602.5, 1), (904.4, 2), (1208.8, 1)),
    "third after two": _logins((0.0, 1), (1201.4, 2), (2402.2, 1), (2903.3, 2), (3304.6, 4)),
    "alert": ((0.0, _ALERT, 0),),
    "outage": ((0.0, _ERROR, 0), (40.2, _ERROR, 0)),
}
"""By name: seconds since the beginning, event type, which address."""

PLANNED: dict[int, tuple[str, float]] = {
    2: ("burst", 3 * _HOUR),
    5: ("four failures", 5 * _HOUR),
    8: ("five slow failures", 7 * _HOUR),
    11: ("addresses", 2 * _HOUR),
    14: ("third address late", 4 * _HOUR),
    17: ("two addresses", 6 * _HOUR),
    20: ("third after two", 9 * _HOUR),
    23: ("alert", 1 * _HOUR),
    26: ("alert", 3 * _DAY),
    29: ("burst", 3 * _DAY),
    32: ("burst", 24 * _HOUR + 300),
    35: ("addresses", 24 * _HOUR + 1500),
    38: ("outage", 8 * _HOUR),
}
"""By the number of the holder: which pattern, and how many seconds ago it began."""
