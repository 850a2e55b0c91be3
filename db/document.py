"""What an action hands out as a file: in memory until whoever asked for it says where it is kept."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from db.errors import Refused


@dataclass(frozen=True)
class Document:
    """A file that was not written yet; it is given only after the ledger has the entry that tells of it."""

    name: str
    """A name for it, without a folder."""
    content: bytes = field(repr=False)

    def save(self, path: Path) -> Path:
        """Write it to a new file that its owner alone may read, down to the disk; raises Refused, and then there is none."""
        try:
            descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            raise Refused(f"{path} is not written: {error.strerror}.") from None
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, 0o600)  # whatever the umask takes away
                file.write(self.content)
                file.flush()
                os.fsync(descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                path.unlink()
            raise Refused(f"{path} is not written: {error.strerror}.") from None
        return path
