"""``make bench``: every section, or those that ``SECTIONS`` names, and RESULTS.md written anew for them."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from tests.benchmarks.results import Results
from tests.servers import Servers

SECTIONS = (
    "seeding",
    "reading",
    "screens",
    "large",
    "soak",
    "deciding",
    "faults",
    "ledger",
    "fleet",
    "who",
    "timeline",
)


def main() -> int:
    """Run the sections; exit 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", default=SECTIONS, help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of the large tables")
    given = parser.parse_args()
    results, servers = Results(), Servers()
    try:
        for section in given.sections:
            import_module(f"tests.benchmarks.{section}").measure(results, servers, given.rows)
    finally:
        servers.close()
        results.write("python -m tests.benchmarks " + " ".join(given.sections))
    for figure in results.missed:
        print(f"missed: {figure.name}", file=sys.stderr)
    return bool(results.missed)


if __name__ == "__main__":
    sys.exit(main())
