"""SQLite files of ours: made private, and only where a command is meant to make them."""

from __future__ import annotations

import os
from pathlib import Path

from console.account import Account
from db.errors import Unreachable


def make_database(account: Account) -> None:
    """An empty file with mode 0600 where the account is an SQLite file that is not there yet."""
    if account.engine != "sqlite" or not account.database:
        return
    path = Path(account.database)
    if path.exists():
        return
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Unreachable(f"{path} cannot be made: {error.strerror}.") from None
