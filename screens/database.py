"""The database behind a system: how full it is, who blocks whom, and one probe at a time; ending a session behind a sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual import events, work
from textual.app import ComposeResult

from db.errors import QuaestorError
from screens import keys, later, operators
from screens.bar import Bar, Part
from screens.base import COMMON, Frame
from screens.cells import fit, safe, text_of, width
from screens.desk import Desk
from screens.formats import RIGHT, number, span, tone
from screens.lines import Line, Lines
from screens.pages import session_of
from screens.places import Place
from screens.popup import Popup

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.probes import Found, Lock, Probe
    from db.probes.locks import Forest

VERBS = ("next_view", "previous_view", "pause", "act")
WIDEST = 60
"""Cells that a column takes at most, but for the last one."""
SIZES = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Read:
    """What was read at one moment."""

    server: Found
    forest: Forest
    found: Found
    probes: tuple[Probe, ...]


@dataclass(frozen=True)
class Held:
    """A line with a session of the lock tree."""

    lock: Lock


class Database(Frame):
    """One server."""

    VERBS = (*COMMON, *VERBS)
    BINDINGS = [*keys.bindings(*VERBS)]
    FOOTER = ("act", "next_view", "refresh", "pause", "back")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.read: Read | None = None
        self._probe = place.view
        self._first: dict[str, int] = {}
        """Sizes as this sitting found them."""
        self._reading = False
        self._paused = False
        self._ending: tuple[Lock, str] | None = None

    def body(self) -> ComposeResult:
        """The server in a line, the probes as tabs, then lines."""
        yield Bar(id="summary")
        yield Bar(id="probes")
        yield Lines(id="lines")

    @property
    def lines(self) -> Lines:
        """Locks, then what the probe found."""
        return self.query_one("#lines", Lines)

    def refocus(self) -> None:
        """The lines have the keys."""
        self.lines.focus()

    def on_mount(self) -> None:
        """Look again from time to time."""
        self.lines.focus()
        if self.desk.settings.refresh:
            self.set_interval(self.desk.settings.refresh, self._again)

    def here(self) -> Place:
        """The probe that is shown."""
        return replace(self.place, view=self._probe)

    def takes(self, place: Place) -> bool:
        """Another probe of the same server."""
        return place.screen == "database" and place.at == self.place.at

    def turn_to(self, place: Place) -> None:
        """Show that probe."""
        self._probe = place.view
        self.renew()

    def arrived(self) -> None:
        """Ask."""
        self.renew()

    def action_refresh(self) -> None:
        """Ask anew."""
        super().action_refresh()
        self.renew()

    def action_pause(self) -> None:
        """Stop asking by itself, or go on."""
        self._paused = not self._paused
        self.banner.paused = self._paused
        self.tick()

    def _again(self) -> None:
        """A tick while the last one still asks is dropped."""
        if not (self._paused or self._reading) and self.link is not None and self.link.session is not None:
            self.renew()

    @work(exclusive=True, group="database")
    async def renew(self) -> None:
        """Ask the server, the locks and the probe."""
        self._reading = True
        try:
            self.read = await self.load(self._ask)
        except QuaestorError as error:
            self.complain(error)
            return
        finally:
            self._reading = False
        if self.link is not None:
            self.link.read_at = self.read.server.at
        self._draw()

    def _ask(self, cancel: Cancel) -> Read:
        assert self.link is not None
        session = session_of(self.link)
        probes = later.probes.probes_of(session)
        chosen = next((probe for probe in probes if probe.name == self._probe), probes[1])
        server = later.probes.ask(session, probes[0], cancel)
        forest = later.probes.tree(session, cancel)
        return Read(server, forest, later.probes.ask(session, chosen, cancel), probes)

    def action_next_view(self) -> None:
        """The next probe."""
        self._turn(1)

    def action_previous_view(self) -> None:
        """The probe before."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        if self.read is not None:
            names = [probe.name for probe in self.read.probes[1:]]
            self._probe = names[(names.index(self.read.found.probe.name) + step) % len(names)]
            self.renew()

    # Drawing

    async def on_resize(self, event: events.Resize) -> None:
        """Draw it for another width."""
        await super().on_resize(event)
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if self.read is None or not self.is_attached:
            return
        self.query_one("#summary", Bar).show([(" ", ""), *_server(self.read.server)])
        tabs: list[Part] = [
            (f" {p.name} ", "tab-here" if p is self.read.found.probe else "tab") for p in self.read.probes[1:]
        ]
        self.query_one("#probes", Bar).show(tabs)
        made = [*_forest(self.read.forest), Line(()), *self._found(self.read.found)]
        self.lines.show(made, keep=bool(self.lines.lines))
        self.show_keys()

    def _found(self, found: Found) -> Iterator[Line]:
        yield Line(((f" {found.probe.summary}", "faint"),))
        if found.lacks:
            yield Line(((f" {found.lacks}", "wait"),))
        if not found.rows:
            if not found.lacks:
                yield Line(((" There is none.", "faint"),))
            return
        names = list(found.columns)
        rows = [self._grown(row) for row in found.records()]
        texts = [[_text(name, row[name]) for name in names] for row in rows]
        sizes = [min(WIDEST, max(map(width, column))) for column in zip(names, *texts, strict=True)]
        right = [_right(name, rows) for name in names]
        yield Line(
            ((" " + "  ".join(fit(n, s, r) for n, s, r in zip(names, sizes, right, strict=True)), "head"),)
        )
        for row, line in zip(rows, texts, strict=True):
            parts = [
                (f" {fit(text, size, r)} ", _tone(name, row[name]))
                for name, text, size, r in zip(names, line, sizes, right, strict=True)
            ]
            yield Line(tuple(parts), found.probe.name + str(line[0]))

    def _grown(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row with how much its table grew since this screen first saw it."""
        if "table" not in row or "bytes" not in row or "index" in row:
            return row
        size = int(row["bytes"])
        return {**row, "bytes": (size, size - self._first.setdefault(str(row["table"]), size))}

    # Ending a session

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if verb == "act":
            if not self.is_mounted or self.link is None or not isinstance(self._target(), Held):
                return "A session of the lock tree can be ended; this line is none."
            return operators.why_safe(self.link)
        return super().why_not(verb)

    def _target(self) -> object:
        return self.lines.current.target if self.lines.current is not None else None

    def on_lines_moved(self) -> None:
        """What can be done depends on the line."""
        self.show_keys()

    async def action_act(self) -> None:
        """Cancel the session's statement, or end it; then the reason."""
        target = self._target()
        if isinstance(target, Held):
            await self.app.push_screen(Endings(target.lock), lambda how: self._reason(target.lock, how))

    async def _reason(self, lock: Lock, how: str | None) -> None:
        if how is not None:
            self._ending = (lock, how)
            await self.ask(f"reason to {how.replace('-', ' ')} {lock.session}:")

    def typed(self, sign: str, text: str) -> None:
        """The reason was typed; raises Usage for commands that are none."""
        if not sign.startswith("reason"):
            super().typed(sign, text)
        elif self._ending is not None and text.strip():
            (lock, how), self._ending = self._ending, None
            self.app.run_worker(self._end(lock, how, text), group="writes")
        else:
            self.say("Nothing was done: a reason is needed.", "wait")

    async def _end(self, lock: Lock, how: str, reason: str) -> None:
        link = self.link
        assert link is not None

        def end(cancel: Cancel) -> str:
            writer = operators.writer_of(link, self.desk.operators)
            ending = later.probes.Ending(how)
            done = later.probes.end(writer, lock, ending, reason, link.arming.now, cancel=cancel)
            heard = "" if done.heard else "; the server did not find it any more"
            return (
                f"Session {lock.session}: {how.replace('-', ' ')} is entry {done.seq} of the ledger{heard}."
            )

        try:
            self.say(await self.load(end), "note")
        except QuaestorError as error:
            self.complain(error)
        self.renew()


class Endings(Popup[str]):
    """How far to go."""

    def __init__(self, lock: Lock) -> None:
        self.TITLE_TEXT = f"Session {lock.session} of {lock.role}, which blocks {lock.freed}"
        super().__init__(
            [
                Line(((" No ", "title"), ("leave it alone", "faint")), ""),
                Line(
                    (
                        (" Cancel its statement ", "wait"),
                        ("the session stays, and its transaction may", "faint"),
                    ),
                    "cancel-statement",
                ),
                Line(
                    ((" End the session ", "bad"), ("its transaction is rolled back", "faint")), "end-session"
                ),
            ]
        )

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """That far."""
        _ = self.dismiss(str(message.line.target) or None)


def _server(found: Found) -> Iterator[Part]:
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
            yield f"{_text(name, value)}   ", ""


def _forest(forest: Forest) -> Iterator[Line]:
    blocked = sum(root.freed for root in forest.roots)
    ours = sum(root.freed for root in forest.roots if root.ours)
    if forest.lacks:
        yield Line(((f" {forest.lacks}", "wait"),))
    elif not blocked:
        yield Line(((" Nobody blocks anybody.", "good"),))
    else:
        yours = f"  this console blocks {ours}" if ours else ""
        yield Line(((f" {blocked} sessions wait for {len(forest.roots)}", "bad"), (yours, "error")))
    for root in forest.roots:
        yield from _branch(root, "", "")


def _branch(lock: Lock, lead: str, stem: str) -> Iterator[Line]:
    waits = f"waits for {lock.waits_for} " if lock.waits_for else f"blocks {lock.freed} "
    yield Line(
        (
            (f" {lead}", "faint"), (f"{lock.session} ", "title"), (f"{lock.role} ", ""), ("ours " if lock.ours else "", "accent"),
            (f"{lock.state} {span(int(lock.seconds))} ", tone_of(lock)), (waits, "bad" if not lock.waits_for else "wait"),
            (lock.statement, "faint"),
        ),
        Held(lock),
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


def _text(name: str, value: Any) -> str:
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


def _right(name: str, rows: list[Mapping[str, Any]]) -> bool:
    values = [row[name] for row in rows if row[name] is not None]
    return bool(values) and not isinstance(values[0], str | bool)


def _tone(name: str, value: Any) -> str:
    if name == "state":
        marks = {
            "differs": "wait",
            "unused": "wait",
            "invalid": "bad",
            "idle in transaction": "bad",
            "as recommended": "good",
        }
        return marks.get(str(value)) or tone(value, later.probes.kind_of(name))
    return "faint" if name == "statement" else ""
