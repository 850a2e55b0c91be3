"""A database that others made: the tables of ``documents.sql`` with their rows, on any engine."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg

DOCUMENTS = Path(__file__).with_name("documents.sql").read_text()
SQLITE = (
    (
        r" DEFAULT gen_random_uuid\(\)",
        " DEFAULT (printf('%08x-0000-4000-8000-%012x', random() & 0xFFFFFFFF, random() & 0xFFFFFFFF))",
    ),
    (r" DEFAULT now\(\)", " DEFAULT CURRENT_TIMESTAMP"),
    (r"now\(\) ([-+]) interval '(\d+ days?)'", r"datetime('now', '\1\2')"),
    (r"now\(\)", "CURRENT_TIMESTAMP"),
    (r"TEXT\[\]", "TEXT"),
    (r"E'", "'"),
    (r"9{44}", "9e9"),
)
"""What SQLite writes otherwise."""


def invent(url: str) -> None:
    """Make it in an empty database."""
    if url.startswith("sqlite"):
        script = DOCUMENTS
        for pattern, replacement in SQLITE:
            script = re.sub(pattern, replacement, script)
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.executescript(script)
    else:
        with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
            connection.execute(DOCUMENTS.encode())
