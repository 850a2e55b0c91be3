"""The local journal: what was about to be sent, and what became of it, on the operator's own disk.

One file a process, locked as long as it lives, so that nobody takes an operation for lost that is still under
way. Receipts of all of them stand in one file: with them a ledger that was cut or rewritten is recognised.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from db.canonical import dumps
from db.change import Signed
from db.errors import Refused
from db.operation import Operation

RECEIPTS = "receipts.jsonl"


@dataclass(frozen=True)
class Intent:
    """An operation that was about to be sent, with the entry as it was signed."""

    ledger: str
    operation: Operation
    signed: Signed


class Journal:
    """The journal of this process; made when it is first written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / f"intents-{os.urandom(8).hex()}.jsonl"
        self._file: IO[bytes] | None = None
        self._guard = threading.Lock()
        self._open: set[str] = set()

    def intend(self, intent: Intent) -> None:
        """Write down what will be sent, down to the disk; raises Refused where that cannot be."""
        signed = intent.signed
        line = {
            "intent": asdict(intent.operation),
            "ledger": intent.ledger,
            "payload": base64.b64encode(signed.payload).decode(),
            "key_id": signed.key_id,
            "signature": signed.signature.hex(),
        }
        try:
            with self._guard:
                if self._file is None:
                    self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                    self._file = _locked(self._path, os.O_CREAT | os.O_EXCL)
                _put(self._file, line, sync=True)
        except OSError as error:
            raise Refused(
                f"The journal {self._path} cannot be written, so nothing is done: {error.strerror}."
            ) from None
        self._open.add(intent.operation.operation_id)

    def settle(self, operation: str, outcome: str) -> None:
        """Note what became of it: ``done``, ``not done``, ``abandoned``. Were the note lost, the ledger would be asked again."""
        with self._guard:
            if self._file is not None:
                _put(self._file, {"operation": operation, "outcome": outcome}, sync=False)
        self._open.discard(operation)

    def receive(self, ledger: str, operation: str, seq: int, row_hash: bytes) -> None:
        """Keep the receipt of an entry, down to the disk, and settle the operation; raises OSError."""
        told = {"ledger": ledger, "operation": operation, "row_hash": row_hash.hex(), "seq": seq}
        with self._guard, _opened(self.folder / RECEIPTS, os.O_CREAT) as file:
            _put(file, told, sync=True)
        self.settle(operation, "done")

    def receipts(self, ledger: str) -> list[Mapping[str, Any]]:
        """Every receipt of that ledger that is kept here."""
        with contextlib.suppress(FileNotFoundError), (self.folder / RECEIPTS).open("rb") as file:
            return [told for told in _lines(file) if told.get("ledger") == ledger]
        return []

    def left(self) -> Iterator[tuple[Journal, list[Intent]]]:
        """The journals of processes that are gone, each with what they left undecided; those without anything are removed."""
        for path in sorted(self.folder.glob("intents-*.jsonl")):
            with contextlib.suppress(FileNotFoundError, BlockingIOError):
                heir = Journal(self.folder)
                heir._path, heir._file = path, _locked(path)
                intents = _undecided(heir._file)
                heir._open = {intent.operation.operation_id for intent in intents}
                try:
                    if intents:
                        yield heir, intents
                finally:
                    heir.close()

    def close(self) -> None:
        """End the journal; its file is removed where nothing is undecided."""
        with self._guard:
            if self._file is not None:
                if not self._open:
                    self._path.unlink(missing_ok=True)
                self._file.close()
                self._file = None


def _undecided(file: IO[bytes]) -> list[Intent]:
    """The intents without an outcome, in order; a last line that was cut is no intent."""
    found: dict[str, Intent] = {}
    file.seek(0)
    for told in _lines(file.read().splitlines()):
        if "intent" in told:
            signed = Signed(
                base64.b64decode(told["payload"]), told["key_id"], bytes.fromhex(told["signature"])
            )
            operation = Operation(**told["intent"])
            found[operation.operation_id] = Intent(told["ledger"], operation, signed)
        else:
            found.pop(told.get("operation", ""), None)
    return list(found.values())


def _lines(lines: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        with contextlib.suppress(ValueError):
            told = json.loads(line)
            if isinstance(told, dict):
                yield told


def _locked(path: Path, flags: int = 0) -> IO[bytes]:
    """The file, held by this process until it is closed or the process ends; raises BlockingIOError where another holds it."""
    file = _opened(path, flags)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise
    return file


def _opened(path: Path, flags: int) -> IO[bytes]:
    """The file, for its owner alone, to be appended to; raises OSError, also for a link."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | flags, 0o600)
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.write(descriptor, b"\n")  # the last line was cut: it ends here
    return os.fdopen(descriptor, "r+b", buffering=0)


def _put(file: IO[bytes], line: Mapping[str, Any], *, sync: bool) -> None:
    file.write(dumps(line) + b"\n")
    if sync:
        os.fsync(file.fileno())
