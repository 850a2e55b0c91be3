"""A process that is killed while it writes: ``python -m tests.write.victim URL FOLDER`` does what it reads line by line.

Each line is ``NAME POINT``: approve the deposit of that name in a child of its own, which kills itself at the
point; or ``NAME,NAME… -``: approve them one after the other, telling each, until somebody kills the child.
"""

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import create_engine

from db import faults, write
from db.errors import QuaestorError
from tests.write.bank import ARMED, Bank, operation


def main(url: str, folder: str) -> None:
    """Read lines until there are no more."""
    bank = Bank(url, create_engine(url), Path(folder))
    for line in sys.stdin:
        names, point = line.split()
        child = os.fork()
        if child == 0:
            approve(bank, names.split(","), point)
            os._exit(0)
        tell(f"child {child}")
        os.waitpid(child, 0)
        tell("ended")


def tell(text: str) -> None:
    """One whole line to whoever listens."""
    os.write(1, text.encode() + b"\n")


def approve(bank: Bank, names: list[str], point: str) -> None:
    """Approve these deposits; the operation's id follows from the name."""

    def reached(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    faults.watch(reached)
    desk = bank.desk()
    tell("begun")
    for name in names:
        try:
            write.perform(desk, operation("transactions", name, "approve"), ARMED)
            tell(f"done {name}")
        except QuaestorError as error:
            tell(f"{type(error).__name__} {name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
