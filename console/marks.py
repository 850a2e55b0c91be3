"""How far each ledger was verified on this host, and the receipts that it keeps of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console import places, private
from db.errors import Refused

if TYPE_CHECKING:
    from db.chain import Mark


def receipts(ledger: str) -> Sequence[Mapping[str, Any]]:
    """The receipts of a ledger's entries; none of a name that is no ledger's."""
    from db.desk import is_name  # noqa: PLC0415 - SQLAlchemy, 250 ms that no reading start waits for
    from db.journal import Journal  # noqa: PLC0415 - the same 250 ms

    return Journal(places.state() / "journal" / ledger).receipts(ledger) if is_name(ledger) else ()


def mark(ledger: str) -> Mark | None:
    """Where verification goes on; None where it has to begin anew."""
    from db.chain import Mark  # noqa: PLC0415 - SQLAlchemy, 250 ms

    with suppress(FileNotFoundError, ValueError, Refused):
        return Mark.read(private.read(_file(ledger)).decode())
    return None


def keep(found: Mark) -> None:
    """Write down where it goes on; what cannot be written is begun anew the next time."""
    with suppress(OSError, ValueError, Refused):
        private.replace(_file(found.ledger), found.write().encode())


def _file(ledger: str) -> Path:
    """Raises ValueError for what is no ledger's name: it comes out of a database, and leads nowhere else."""
    from db.desk import is_name  # noqa: PLC0415 - SQLAlchemy, 250 ms that no reading start waits for

    if not is_name(ledger):
        raise ValueError(ledger)
    return places.state() / "verified" / f"{ledger}.json"
