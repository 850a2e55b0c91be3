"""One of several writers, a process of its own: ``python -m tests.benchmarks.writer URL FOLDER NAME,NAME…``.

It says that it is ready, waits for a line, approves the deposits of these names and says how many were done.
"""

import sys
from pathlib import Path

from sqlalchemy import create_engine

from db import write
from tests.write.bank import ARMED, Bank, operation


def main(url: str, folder: str, names: str) -> None:
    """Write when told to."""
    bank = Bank(url, create_engine(url), Path(folder))
    desk = bank.desk()
    first, *others = names.split(",")
    write.perform(desk, operation("transactions", first, "approve"), ARMED)  # what is loaded late is loaded
    print("ready", flush=True)
    sys.stdin.readline()
    for name in others:
        write.perform(desk, operation("transactions", name, "approve"), ARMED)
    print(len(others), flush=True)
    sys.stdin.readline()
    bank.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
