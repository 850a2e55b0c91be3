"""What probes of a database found, as lines: the server, the lock tree, tables of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screens import later, plots
from screens.bar import Part
from screens.cells import fit, safe, text_of, width
from screens.formats import RIGHT, number, span, tone
from screens.lines import Line
from screens.trends import Points

if TYPE_CHECKING:
    from db.clock import Clock
    from db.probes import Found, Lock
    from db.probes.locks import Forest

WIDEST = 60
"""Cells that a column takes at most, but for the last one."""
SIZES = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Held:
    """A line with a session: of the lock tree, or of a probe's row, which only knows the number."""

    session: int


@dataclass(frozen=True)
class Of:
    """A line with a row of a probe: by the probe and what names the row."""

    probe: str
    name: str


def rows(found: Found, records: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """A probe's summary, what it lacks, and its rows as a table."""
    yield Line(((f" {found.probe.summary}", "faint"),))
    if found.lacks:
        yield Line(((f" {found.lacks}", "wait"),))
    if not found.rows:
        if not found.lacks:
            yield Line(((" There is none.", "faint"),))
        return
    names = list(found.columns)
    texts = [[text(name, row[name]) for name in names] for row in records]
    sizes = [min(WIDEST, max(map(width, column))) for column in zip(names, *texts, strict=True)]
    sides = [right(name, records) for name in names]
    heads = (fit(n, s, r) for n, s, r in zip(names, sizes, sides, strict=True))
    yield Line(((" " + "  ".join(heads), "head"),))
    for row, line in zip(records, texts, strict=True):
        parts = [
            (f" {fit(told, size, r)} ", tone_of_value(name, row[name]))
            for name, told, size, r in zip(names, line, sizes, sides, strict=True)
        ]
        session = row.get("session")
        named = Held(session) if isinstance(session, int) else Of(found.probe.name, str(line[0]))
        yield Line(tuple(parts), named)


def tabs(names: Sequence[str], here: int, room: int) -> list[Part]:
    """The probes, the one that is shown always among them; what stands before it gives way."""
    first = 0
    while first < here and sum(len(name) + 2 for name in names[first : here + 2]) + 2 > room:
        first += 1
    shown = [(f" {name} ", "tab-here" if n == here else "tab") for n, name in enumerate(names) if n >= first]
    return [("… ", "faint"), *shown] if first else shown


def clock(found: Clock | None) -> Part:
    """Told only where it is another time there."""
    if found is None or not found.differs:
        return "", ""
    way = "ahead" if found.ahead > 0 else "behind"
    return f"clock {abs(found.ahead):.1f} s {way} of this machine   ", "bad" if abs(
        found.ahead
    ) > 1 else "wait"


def server(found: Found) -> Iterator[Part]:
    """The server in one line."""
    if not found.rows:
        yield found.lacks, "wait"
        return
    server = dict(found.records()[0])
    yield f"{server.pop('version')} ", "title"
    yield f"{server.pop('role')}   ", ""
    if "connections" in server:
        yield f"{server.pop('connections')} of {server.pop('limit')} connections   ", ""
    for name, value in server.items():
        if value is not None:
            unit = name.rpartition(" ")[2]
            short = name.removesuffix(unit).strip() if unit in ("seconds", "bytes", "percent") else name
            yield f"{short or 'size'} ", "faint"
            yield f"{text(name, value)}   ", ""


def forest(found: Forest) -> Iterator[Line]:
    """Who blocks whom."""
    blocked = sum(root.freed for root in found.roots)
    ours = sum(root.freed for root in found.roots if root.ours)
    if found.lacks:
        yield Line(((f" {found.lacks}", "wait"),))
    elif not blocked:
        yield Line(((" Nobody blocks anybody.", "good"),))
    else:
        yours = f"  this program blocks {ours}" if ours else ""
        yield Line(((f" {blocked} sessions wait for {len(found.roots)}", "bad"), (yours, "error")))
    for root in found.roots:
        yield from _branch(root, "", "")


def _branch(lock: Lock, lead: str, stem: str) -> Iterator[Line]:
    waits = f"waits for {lock.waits_for} " if lock.waits_for else f"blocks {lock.freed} "
    yield Line(
        (
            (f" {lead}", "faint"), (f"{lock.session} ", "title"), (f"{lock.role} ", ""), ("ours " if lock.ours else "", "accent"),
            (f"{lock.state} {span(int(lock.seconds))} ", tone_of(lock)), (waits, "bad" if not lock.waits_for else "wait"),
            (lock.statement, "faint"),
        ),
        Held(lock.session),
    )  # fmt: skip
    for n, child in enumerate(lock.blocked):
        last = n == len(lock.blocked) - 1
        yield from _branch(child, stem + ("└─ " if last else "├─ "), stem + ("   " if last else "│  "))


def tone_of(lock: Lock) -> str:
    """A root that does nothing is the worst."""
    return "bad" if lock.state.startswith("idle in") else ""


def size_of(count: int) -> str:
    """Bytes in their unit."""
    value, unit = float(count), SIZES[0]
    for unit in SIZES:
        if abs(value) < 1024 or unit == SIZES[-1]:
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit in ("B", "kB") or value >= 100 else f"{value:.1f} {unit}"


def text(name: str, value: Any) -> str:
    """A value by the last word of its column's name: bytes, seconds."""
    if value is None:
        return "–"
    if isinstance(value, tuple):
        size, grown = value
        return size_of(size) + (f" {'+' if grown > 0 else '−'}{size_of(abs(grown))}" if grown else "")
    unit = name.rpartition(" ")[2]
    if unit == "bytes":
        return size_of(int(value))
    if unit == "seconds":
        return span(int(value))
    kind = later.probes.kind_of(name, value)
    return number(value) if kind in RIGHT and isinstance(value, int) else safe(text_of(value, kind))


def plot(name: str, points: Points, cells: int) -> list[Line]:
    """What a server told, over this sitting."""
    titles = {
        "lag seconds": "behind the primary",
        "bytes": "size",
        "waiting": "sessions that wait for a lock",
    }
    title = titles.get(name, name.removeprefix("tables/"))
    unit = "bytes" if name.startswith("tables/") else name
    return plots.over_time(f"{title}, in this sitting", points, cells, lambda value: text(unit, value))


def right(name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a column stands at its right."""
    values = [row[name] for row in rows if row[name] is not None]
    return bool(values) and not isinstance(values[0], str | bool)


def tone_of_value(name: str, value: Any) -> str:
    """The mood of a value of a probe."""
    if name.rpartition(" ")[2] == "state":
        marks = {
            "differs": "wait",
            "unused": "wait",
            "invalid": "bad",
            "overdue": "bad",
            "idle in transaction": "bad",
            "as recommended": "good",
        }
        return marks.get(str(value)) or tone(value, later.probes.kind_of(name))
    return "faint" if name == "statement" else ""
