"""A whole view as a file: streamed page by page, private, with a manifest of who took what."""

from __future__ import annotations

import csv
import getpass
import hashlib
import io
import json
import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from db.errors import QuaestorError, Refused, Usage
from db.model import Column, Figure, Kind, Page, Row
from screens import later, plain
from screens.asking import Asked

if TYPE_CHECKING:
    from db.read import Cancel
    from db.session import Session

FORMATS = ("csv", "jsonl")


@dataclass
class Export:
    """One export, and how far it is."""

    session: Session
    asked: Asked
    format: str
    path: Path
    rows: int = 0
    """Rows written so far."""

    def run(self, cancel: Cancel) -> Path:
        """Write file and manifest; raises QuaestorError, and then neither is there."""
        began = datetime.now(UTC)
        try:
            digest = self._write(cancel)
            manifest = self._manifest(began, digest)
            _write_new(manifest_of(self.path), json.dumps(manifest, indent=1).encode())
        except QuaestorError:
            self._remove()
            raise
        except OSError as error:
            if not isinstance(error, FileExistsError):
                self._remove()
            raise Refused(f"{self.path} cannot be written: {error.strerror}.") from None
        return self.path

    def _remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def _write(self, cancel: Cancel) -> str:
        digest = hashlib.sha256()
        with open_new(self.path) as out:
            for part in self._parts(cancel):
                data = part.encode()
                digest.update(data)
                out.write(data)
            out.flush()
            os.fsync(out.fileno())
        return digest.hexdigest()

    def _parts(self, cancel: Cancel) -> Iterable[str]:
        """The file's text, a page at a time."""
        ids = not isinstance(self.asked.part, Figure)
        first = True
        for page in self._pages(cancel):
            if first and self.format == "csv":
                yield _csv([[*(["record id"] if ids else []), *(column.name for column in page.columns)]])
            first = False
            if self.format == "csv":
                yield _csv(_cells(page.columns, row, ids) for row in page.rows)
            else:
                yield "".join(plain.as_json(page.columns, row, ids=ids) + "\n" for row in page.rows)
            self.rows += len(page.rows)

    def _pages(self, cancel: Cancel) -> Iterable[Page]:
        asked = self.asked
        if isinstance(asked.part, Figure):
            return [later.read.figure(self.session, asked.entity, asked.part, asked.parameters, cancel)]
        return later.read.stream(self.session, asked.query, cancel)

    def _manifest(self, began: datetime, digest: str) -> dict[str, object]:
        """Who took what, by which filter, and how to tell that it is still the same."""
        session, asked = self.session, self.asked
        return {
            "file": self.path.name,
            "sha256": digest,
            "bytes": self.path.stat().st_size,
            "rows": self.rows,
            "format": self.format,
            "system": session.system.name,
            "profile": session.name,
            "database": {
                "engine": session.server.dialect,
                "host": session.server.host,
                "user": session.server.user,
            },
            "entity": asked.entity.name,
            "view": asked.name,
            "filter": asked.typed,
            "tenant": session.tenant,
            "order": "" if isinstance(asked.part, Figure) else str(asked.query.sort),
            "masked": [c.name for c in asked.entity.columns if c.kind is Kind.MASKED],
            "operator": getpass.getuser(),
            "host": socket.gethostname(),
            "ssh": os.environ.get("SSH_CONNECTION", ""),
            "began": began.isoformat(),
            "ended": datetime.now(UTC).isoformat(),
            "program": f"quaestor {_version()}",
        }


def _version() -> str:
    # Saves 20 ms of start.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("quaestor")
    except PackageNotFoundError:
        return "from source"


def _cells(columns: Sequence[Column], row: Row, ids: bool) -> list[str]:
    values = [plain.csv_cell(value, c.kind) for c, value in zip(columns, row.values, strict=True)]
    return [plain.csv_cell(row.id, Kind.TEXT), *values] if ids else values


def _csv(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def manifest_of(path: Path) -> Path:
    """Where the manifest of a file stands."""
    return path.with_name(path.name + ".manifest.json")


def open_new(path: Path) -> IO[bytes]:
    """A new file that only its owner may read; raises OSError where there is one already."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    return os.fdopen(descriptor, "wb")


def _write_new(path: Path, data: bytes) -> None:
    with open_new(path) as out:
        out.write(data)


def proposed(asked: Asked, system: str, format_: str = "csv") -> Path:
    """A name for the file, in the folder where the program was started, or else at home."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    name = f"quaestor-{system}-{asked.entity.name}-{asked.name}-{now}.{format_}"
    here = Path.cwd()
    return (here if os.access(here, os.W_OK) else Path.home()) / name


def prepare(session: Session, asked: Asked, format_: str, file: str) -> Export:
    """An export that can begin; raises Usage."""
    if format_ not in FORMATS:
        raise Usage(f"An export is {' or '.join(FORMATS)}, not '{format_}'.")
    path = Path(file).expanduser().absolute() if file else proposed(asked, session.system.name, format_)
    if path.exists() or manifest_of(path).exists():
        raise Usage(f"{path} is there already; an export never writes over a file.")
    if not path.parent.is_dir():
        raise Usage(f"There is no folder {path.parent}.")
    return Export(session, asked, format_, path)
