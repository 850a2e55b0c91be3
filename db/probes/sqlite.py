"""What an SQLite file tells of itself: it has no sessions, and so no locks that could be drawn."""

from __future__ import annotations

from db.probes.model import Probe

PROBES = (
    Probe(
        "server",
        "Version, and what is in the file.",
        """
SELECT sqlite_version() AS version, 'file' AS role,
       (SELECT count(*) FROM sqlite_master WHERE type = 'table') AS tables,
       (SELECT count(*) FROM sqlite_master WHERE type = 'index') AS indexes
""",
    ),
    Probe(
        "tables",
        "Tables, and how many indexes each has.",
        """
SELECT m.name AS "table", (SELECT count(*) FROM sqlite_master i WHERE i.type = 'index' AND i.tbl_name = m.name) AS indexes
FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1
""",
    ),
    Probe(
        "indexes",
        "Indexes; SQLite does not tell which are used.",
        """
SELECT name AS "index", tbl_name AS "table" FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY 2, 1
""",
    ),
)
