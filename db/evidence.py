"""Evidence: a selection of the line of time as lines, each bound to the one before, and a manifest that is signed.

A line is ``{"hash": …, "row": …}`` with hash = SHA-256(hash of the line before ‖ canonical JSON of the row), the
first over 32 zero bytes; so a changed, missing or added line is found at its place. The last line is the
manifest, which holds the last hash, what was asked of which sources, how many rows each gave and where the
ledgers stood. ``verify`` needs nothing but the file.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from sqlalchemy import select

from db import own
from db.cancel import Cancel
from db.canonical import dumps, text_of
from db.errors import Usage
from db.keys import Signer, id_of
from db.model import Query
from db.run import execute
from db.session import Session
from db.timeline.lane import Lane
from db.timeline.merge import Timeline
from db.verifier import is_signed, key_id
from db.version import version

FORMAT = "quaestor/evidence-v1"
START = bytes(32)


@dataclass(frozen=True)
class Written:
    """What was written."""

    rows: int
    hash: str
    signed_by: str
    """The key's id; empty where nobody signed."""


def write(
    line: Timeline,
    query: Query,
    put: Callable[[str], object],
    *,
    asked: str,
    operator: Mapping[str, str],
    signer: Signer | None = None,
    cancel: Cancel | None = None,
    told: Callable[[int], None] = lambda rows: None,
) -> Written:
    """Stream the rows of a query and the manifest; raises what any source raises, and is then no evidence."""
    counts: Counter[str] = Counter()
    link, number = START, 0
    ends: list[str | None] = [None, None]
    ledgers = [_ledger(lane.session, cancel) for lane in _each_session(line.lanes)]
    for page in line.stream(query, cancel):
        names = [column.name for column in page.columns]
        for row in page.rows:
            values = {n: None if v is None else text_of(v) for n, v in zip(names, row.values, strict=True)}
            body = dumps({"id": row.id, **values})
            link = hashlib.sha256(link + body).digest()
            put(_line(link, body))
            counts[str(row.position[1])] += 1
            ends = [ends[0] or values.get("time"), values.get("time") or ends[1]]
            number += 1
        told(number)
    manifest = {
        "format": FORMAT,
        "program": version(),
        "made_at": text_of(datetime.now(UTC)),
        "operator": dict(operator),
        "asked": asked,
        "filters": [str(one) for one in query.filters],
        "search": query.search,
        "order": str(query.sort),
        "view": query.view.name,
        "rule": query.view.summary,
        "clocks": {name: f"{ahead:+.3f}" for name, ahead in line.clocks.items()},
        "rows": number,
        "first": ends[0],
        "last": ends[1],
        "hash": link.hex(),
        "sources": [_source(lane, counts[lane.name]) for lane in line.lanes],
        "ledgers": [one for one in ledgers if one],
        "public_key": signer.public_key if signer else None,
    }
    body = dumps(manifest)
    signature = signer.sign(body).hex() if signer else None
    put(_last(body, signature))
    return Written(number, link.hex(), id_of(signer) if signer else "")


def _line(link: bytes, body: bytes) -> str:
    return f'{{"hash":"{link.hex()}","row":{body.decode()}}}\n'


def _last(body: bytes, signature: object) -> str:
    return f'{{"manifest":{body.decode()},"signature":{json.dumps(signature)}}}\n'


def _each_session(lanes: Iterable[Lane]) -> Iterator[Lane]:
    seen: set[str] = set()
    for lane in lanes:
        if lane.session.name not in seen:
            seen.add(lane.session.name)
            yield lane


def _source(lane: Lane, count: int) -> dict[str, Any]:
    session = lane.session
    return {
        "name": lane.name,
        "system": session.system.name,
        "server": f"{session.server.dialect} {session.server.version_text}",
        "host": session.server.host,
        "user": session.server.user,
        "tenant": session.tenant,
        "walls": session.proof.banner if session.proof else "",
        "rows": count,
    }


def _ledger(session: Session, cancel: Cancel | None) -> dict[str, Any] | None:
    """Where the session's ledger stands before the first row is read, with its latest checkpoint."""
    needed = (("quaestor_ledger_head", "seq"), ("quaestor_checkpoints", "note"))
    if not all(session.schema.readable(table, column) for table, column in needed):
        return None
    h, c = own.ledger_head.c, own.checkpoints.c
    found = execute(session, select(h.ledger, h.seq, h.row_hash), {}, cancel)
    if not found:
        return None
    name, seq, row_hash = found[0]
    last = execute(
        session, select(c.note, c.key_id, c.signature).order_by(c.size.desc()).limit(1), {}, cancel
    )
    point = None
    if last:
        point = {"note": last[0][0], "key_id": last[0][1], "signature": bytes(last[0][2]).hex()}
    place = {"source": session.name, "ledger": str(name), "seq": str(seq)}
    return {**place, "row_hash": bytes(row_hash).hex(), "checkpoint": point}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, and at which line (from 1; 0 for the whole file)."""

    line: int
    why: str


@dataclass
class Verified:
    """What a file of evidence holds."""

    manifest: Mapping[str, Any] | None = None
    rows: int = 0
    signed_by: str = ""
    """The id of the key; empty where nobody signed."""


def is_evidence(first_line: str) -> bool:
    """Whether a file that begins so is evidence and not, say, the export of a ledger."""
    try:
        told = json.loads(first_line)
    except (ValueError, RecursionError):
        return first_line.startswith(('{"hash":', '{"manifest":'))
    return isinstance(told, dict) and (set(told) == {"hash", "row"} or "manifest" in told)


def verify(lines: Iterable[str], found: Verified, trusted: frozenset[str] | None = None) -> Iterator[Finding]:
    """Everything that is wrong with a file; fills ``found`` on the way."""
    link, counts, number = START, Counter[str](), 0
    for number, text in enumerate(lines, 1):
        if found.manifest is not None:
            yield Finding(number, "stands behind the manifest")
            continue
        told = _read(text)
        if "manifest" in told:
            yield from _manifest(number, text, told, link, counts, found, trusted)
        elif isinstance(told.get("row"), dict):
            body = _canonical(told["row"])
            link = hashlib.sha256(link + body).digest()
            if told.get("hash") != link.hex():
                yield Finding(number, "was changed, or a line before it is missing or added")
                link = _hash(told.get("hash"), link)
            elif not _same(text, _line(link, body)):
                yield Finding(number, _STRANGE)
            found.rows += 1
            counts[_source_of(told["row"])] += 1
        else:
            yield Finding(number, "is no line of evidence")
    if found.manifest is None:
        yield Finding(0, "The manifest is missing: the file was cut, or its writing was cancelled.")


def _manifest(
    number: int,
    text: str,
    told: Mapping[str, Any],
    link: bytes,
    counts: Mapping[str, int],
    found: Verified,
    trusted: frozenset[str] | None,
) -> Iterator[Finding]:
    manifest = told["manifest"] if isinstance(told["manifest"], dict) else {}
    found.manifest = manifest
    if manifest.get("format") != FORMAT:
        yield Finding(number, f"is of another format than {FORMAT}")
    if manifest.get("hash") != link.hex():
        yield Finding(number, "tells another hash than the rows have")
    if manifest.get("rows") != found.rows:
        yield Finding(number, f"tells of {manifest.get('rows')} rows, and {found.rows} are here")
    sources = manifest.get("sources")
    for source in sources if isinstance(sources, list) else ():
        name = source.get("name") if isinstance(source, dict) else source
        if not isinstance(source, dict) or source.get("rows") != counts.get(str(name), 0):
            yield Finding(number, f"tells another number of rows of {name}")
    yield from _signature(number, told, manifest, found, trusted)
    if not _same(text, _last(_canonical(manifest), told.get("signature"))):
        yield Finding(number, _STRANGE)


def _signature(
    number: int,
    told: Mapping[str, Any],
    manifest: Mapping[str, Any],
    found: Verified,
    trusted: frozenset[str] | None,
) -> Iterator[Finding]:
    key, signature = manifest.get("public_key"), told.get("signature")
    if key is None and signature is None:
        if trusted is not None:
            yield Finding(number, "is not signed")
        return
    try:
        good = is_signed(str(key), _canonical(manifest), bytes.fromhex(str(signature)))
        name = key_id(str(key))
    except ValueError:
        good, name = False, ""
    if not good:
        yield Finding(number, "was changed, or is not signed by the key that it names")
        return
    found.signed_by = name
    if trusted is not None and name not in trusted:
        yield Finding(number, f"is signed by {name}, which is not among the keys that you trust")


def _read(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


_STRANGE = (
    "is not written as evidence is: it has something in it, or something twice, that other readers may see"
)


def _same(text: str, wanted: str) -> bool:
    """Whether a line is that to the byte: JSON can say one thing to one reader and another to the next."""
    return text.removesuffix("\n") == wanted.removesuffix("\n")


def _canonical(value: Any) -> bytes:
    try:
        return dumps(value)
    except (ValueError, RecursionError):
        return b""


def _hash(text: Any, otherwise: bytes) -> bytes:
    try:
        return bytes.fromhex(str(text))
    except ValueError:
        return otherwise


def _source_of(row: Mapping[str, Any]) -> str:
    return unquote(str(row.get("id")).partition("/")[0])


def trusted_keys(lines: Iterable[str]) -> frozenset[str]:
    """The ids of public keys, one ``ssh-ed25519 AAAA…`` a line; raises Usage."""
    try:
        return frozenset(key_id(line) for line in lines if line.strip() and not line.startswith("#"))
    except ValueError as error:
        raise Usage(f"The file of keys cannot be read: {error}.") from None
