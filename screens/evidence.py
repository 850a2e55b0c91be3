"""What a reviewer decides by: the person, the figures, the model's reasons, what deciding would do, what is linked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from db.errors import QuaestorError
from db.model import Column, Entity, Kind, Page, Query, Record, Risk, View
from db.model import Link as Way
from screens import asking, bars, later
from screens.bar import Part
from screens.cells import cut, safe, text_of, width
from screens.effects import REASON, People
from screens.effects import lines as effect_lines
from screens.formats import Look, age, tone
from screens.inbox import Item
from screens.lines import Line, folded
from screens.pages import session_of
from screens.places import Place

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.claims import Claim
    from db.notes import Note
    from db.operation import Sheet
    from db.proposals import Proposal

LINKED = 3
"""Rows that are shown of each link."""
NOTES = 5


@dataclass(frozen=True)
class Evidence:
    """Everything beside one item, read at one moment."""

    record: Record
    sheets: dict[str, Sheet]
    """What the queue's actions would do, by their names."""
    people: Sequence[tuple[Way, Record]]
    """The records at the other end of links to one."""
    linked: Sequence[tuple[Way, Entity, Page, Query]]
    """The first rows of links to many."""
    notes: Sequence[Note]
    claim: Claim | None
    proposal: Proposal | None

    @property
    def at(self) -> datetime:
        """When it was read."""
        return self.record.at


def gather(item: Item, cancel: Cancel) -> Evidence:
    """Read it; in a thread; raises QuaestorError where the record itself cannot be read."""
    session, source = session_of(item.source.link), item.source
    record = later.read.record(session, source.entity, item.row.id, cancel)
    sheets = {}
    for name in filter(None, (source.queue.v, source.queue.x)):
        operation = later.operation.Operation(source.entity.name, record.id, name, {}, REASON)
        try:
            sheets[name] = later.rehearse.sheet(session, operation, None, cancel)
        except QuaestorError:
            continue  # one whose form must be filled first; its sheet tells
    people, linked = [], []
    for way in source.entity.links:
        query = _query(session, record, way)
        if query is None:
            continue
        page = later.read.page(session, query, limit=LINKED if way.many else 1, cancel=cancel)
        if way.many and page.rows:
            linked.append((way, query.entity, page, query))
        elif page.rows:
            people.append((way, later.read.record(session, query.entity, page.rows[0].id, cancel)))
    name = source.entity.name
    claim = later.claims.of(session, name, [record.id]).get(record.id)
    notes = later.notes.of(session, name, record.id, NOTES)
    return Evidence(record, sheets, people, linked, notes, claim, item.proposal)


def _query(session: Any, record: Record, way: Way) -> Query | None:
    """What a link leads to, if an index serves it."""
    try:
        query: Query | None = later.read.follow(session, record, way)
    except QuaestorError:
        return None
    if query is None:
        return None
    order = query.entity.views[0].order if query.entity.views[0].where is None else query.sort
    query = Query(query.entity, View(asking.LINKED, "", None, order), query.filters)
    return query if later.read.served(session, query) is None else None


def lines(item: Item, found: Evidence, me: str, zone: tzinfo | None, cells: int) -> list[Line]:
    """The evidence in so many cells."""
    look = Look(None, zone, False)
    made = [_title(item, found), _standing(item, found, me, zone)]
    if found.proposal is not None:
        made += _proposal(item, found.proposal, me, zone)
    made.append(Line(()))
    made += _facts(item, found.record, look, cells)
    made += _model(found.record, cells)
    made += _would(item, found, cells)
    made += [line for way, record in found.people for line in _person(item, way, record, look)]
    made += [line for one in found.linked for line in _linked(item, *one)]
    made += _notes(found.notes, found.at)
    return made


def _title(item: Item, found: Evidence) -> Line:
    short = found.record.id if len(found.record.id) <= 12 else f"{found.record.id[:4]}…{found.record.id[-2:]}"
    return Line(
        ((f" {singular(item.source.entity.name)} {short}   ", "accent"), (_named(item), "title")),
        Place("record", item.source.link.name, item.source.entity.name, record=found.record.id),
    )


def _named(item: Item) -> str:
    said = [str(v) for name in item.source.entity.title if (v := item.value(name)) is not None]
    return "   ".join(sorted(said, key=len)) or item.row.id


def singular(name: str) -> str:
    """One of many: ``wallet_transactions`` → ``wallet transaction``."""
    words = name.replace("_", " ")
    return words[:-1] if words.endswith("s") else words


def _standing(item: Item, found: Evidence, me: str, zone: tzinfo | None) -> Line:
    parts: list[Part] = [(" ", "")]
    claim = found.claim
    if claim is not None and claim.snoozed_until is not None:
        parts.append((f"put off until {clock(claim.snoozed_until, zone)}: {claim.reason}", "wait"))
    elif claim is not None and claim.holder and claim.until is not None:
        holder = "you" if claim.holder == me else claim.name or claim.holder
        parts.append(
            (f"claimed by {holder} until {clock(claim.until, zone)}", "good" if holder == "you" else "bad")
        )
    else:
        parts.append(("nobody has claimed it", "faint"))
    shown = found.sheets.get(item.source.queue.v)
    if shown is not None and shown.risk is Risk.DUAL:
        parts.append(("   two people decide", "wait"))
    return Line(tuple(parts))


def clock(moment: datetime, zone: tzinfo | None) -> str:
    """``14:16``, with the day where it is another one."""
    local, now = moment.astimezone(zone), datetime.now(zone).astimezone(zone)
    return local.strftime("%H:%M" if local.date() == now.date() else "%m-%d %H:%M")


def _proposal(item: Item, proposal: Proposal, me: str, zone: tzinfo | None) -> Iterator[Line]:
    who = "you" if proposal.proposer == me else item.source.link.called(proposal.proposer)
    yield Line(
        (
            (
                f" '{proposal.action}' is proposed by {who}, until {clock(proposal.expires_at, zone)}: ",
                "wait",
            ),
            (proposal.reason, ""),
        )
    )


def _facts(item: Item, record: Record, look: Look, cells: int) -> Iterator[Line]:
    """The columns that the queue decides by, two in a line where there is room."""
    names = item.source.view.columns or item.source.entity.listed
    pairs = [
        (column, value)
        for column, value in zip(record.columns, record.values, strict=True)
        if column.name in names
        and column.name not in item.source.entity.title
        and column.kind is not Kind.JSON
    ]
    told = [_fact(record, column, value, look) for column, value in pairs]
    size = min(18, max((width(label) for label, _, _ in told), default=0))
    half = cells // 2
    row: list[Part] = []
    used = 0
    for label, text, mood in told:
        need = 3 + size + 2 + width(text)
        if row and (used > half or half + need > cells):
            yield Line(tuple(row))
            row, used = [], 0
        if row:
            row.append((" " * (half - used), ""))
        row += [(f"   {cut(label, size)}{' ' * max(0, size - width(label))}  ", "label"), (text, mood)]
        used = half + need if used else need
        if used > half:
            yield Line(tuple(row))
            row, used = [], 0
    if row:
        yield Line(tuple(row))


def _fact(record: Record, column: Column, value: Any, look: Look) -> tuple[str, str, str]:
    currency = record.value(column.currency) if column.currency.islower() else column.currency
    text = text_of(value, column.kind, look, str(currency or ""))
    if isinstance(value, datetime):
        text = age(value, record.at)
    return safe(column.heading), text, tone(value, column.kind)


def _model(record: Record, cells: int) -> Iterator[Line]:
    """Why the model gave its score: the contributions, or where there are none the risk factors."""
    texts = {c.name: v for c, v in zip(record.columns, record.values, strict=True) if c.kind is Kind.JSON}
    explained = next((texts[name] for name in texts if "shap" in name), None)
    factors = next((texts[name] for name in texts if "risk_factors" in name), None)
    found = bars.contributions(explained) or bars.contributions(factors)
    if not found and not bars.words(factors):
        return
    score = record.value("risk_score")
    yield Line(())
    yield Line(((f" why the model says {score}" if score is not None else " why", "title"),))
    yield from bars.lines(found, cells)
    named = [name for name, _ in bars.contributions(factors)] + bars.words(factors)
    if explained and named:
        yield Line((("   risk factors: ", "label"), (", ".join(n.replace("_", " ") for n in named), "bad")))


def _would(item: Item, found: Evidence, cells: int) -> Iterator[Line]:
    shown = found.sheets.get(item.source.queue.v)
    if shown is None:
        return
    yield Line(())
    yield Line(((f" {shown.action.heading} would", "title"),))
    people = People.TWO if found.proposal is None else People.SECOND
    for line in [line for line in effect_lines([shown], people) if line.parts][2:]:
        yield from _whole(line, cells)


def _whole(line: Line, cells: int) -> list[Line]:
    """An effect or a remark, cut nowhere: what it becomes decides."""
    (text, tone), *more = line.parts
    if width(line.text) <= cells:
        return [line]
    if not more:
        words = text.lstrip()
        return folded(Line(((" " * (len(text) - len(words)), ""), (words, tone))), cells)
    close = Line(((text.rstrip() + "  ", tone), *more))  # without what lines it up with wider ones
    if width(close.text) <= cells:
        return [close]
    return [Line(((text.rstrip(), tone),)), *folded(Line((("     ", ""), *more)), cells)]


def _person(item: Item, way: Way, record: Record, look: Look) -> Iterator[Line]:
    """A linked record in one line: its name, its states and its money."""
    parts: list[Part] = [(f" {way.name}  ", "label")]
    named = [str(v) for name in record.entity.title if (v := record.value(name)) is not None]
    parts.append((" ".join(named) or record.id, "title"))
    kinds = (Kind.STATUS, Kind.MONEY)
    for column, value in zip(record.columns, record.values, strict=True):
        if value is not None and column.kind in kinds and column.name in record.entity.listed:
            currency = record.value(column.currency) if column.currency.islower() else column.currency
            text = text_of(value, column.kind, look, str(currency or ""))
            parts += [("   ", ""), (text, tone(value, column.kind))]
    yield Line(tuple(parts), Place("record", item.source.link.name, record.entity.name, record=record.id))


def _linked(item: Item, way: Way, entity: Entity, page: Page, query: Query) -> Iterator[Line]:
    """How many there are, and the first of them."""
    number = f"{len(page.rows)}+" if page.more_after else str(len(page.rows))
    place = Place(
        "list", item.source.link.name, entity.name, asking.LINKED, filter=asking.written(query.filters)
    )
    yield Line(((f" {number} {way.name.replace('_', ' ')}", "label"),), place)
    for row in page.rows:
        record = Record(entity, row.id, page.columns, row.values, page.at)
        parts: list[Part] = [("   ", "")]
        for column, value in zip(page.columns, row.values, strict=True):
            if value is not None and column.kind is not Kind.MASKED:
                text = text_of(value, column.kind, Look(page.at, None, False))
                parts += [(text, tone(value, column.kind) or "faint"), ("  ", "")]
        yield Line(tuple(parts), Place("record", item.source.link.name, entity.name, record=record.id))


def _notes(notes: Sequence[Note], now: datetime) -> Iterator[Line]:
    for note in notes:
        who = note.name or note.author
        yield Line(((f" {who}, {age(note.at, now)} ago: ", "label"), (note.note, "")))


__all__ = ["Evidence", "clock", "gather", "lines", "singular"]
