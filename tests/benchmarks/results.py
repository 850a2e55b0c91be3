"""What was measured: printed as it comes, written to RESULTS.md at the end."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

FILE = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Figure:
    """One measured value, and what was promised of it."""

    name: str
    value: float
    unit: str
    promise: float | None = None
    at_least: bool = False
    """Whether the promise is a lower bound."""
    note: str = ""

    @property
    def kept(self) -> bool:
        """Whether the promise is kept; true where there is none."""
        if self.promise is None:
            return True
        return self.value >= self.promise if self.at_least else self.value <= self.promise

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        sign = "≥" if self.at_least else "≤"
        promise = "" if self.promise is None else f"{sign} {number(self.promise)} {self.unit}"
        state = "" if self.promise is None else "kept" if self.kept else "**missed**"
        return self.name, f"{number(self.value)} {self.unit}", promise, state, self.note


def number(value: float) -> str:
    """Three figures, thousands apart."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


@dataclass
class Results:
    """The figures of one run, by section."""

    sections: dict[str, list[Figure]] = field(default_factory=dict)

    def add(self, section: str, figure: Figure) -> None:
        """Keep a figure and print it."""
        self.sections.setdefault(section, []).append(figure)
        print(f"{section}: " + "  ".join(cell for cell in figure.cells() if cell), flush=True)

    def write(self, command: str) -> None:
        """Replace the sections measured in RESULTS.md, and keep the others."""
        kept = _sections(FILE.read_text()) if FILE.exists() else {}
        kept |= {name: _table(name, figures, command) for name, figures in self.sections.items()}
        head = "# Measured figures\n\nWritten by `make bench`; compare only figures of one run, as ratios.\n"
        FILE.write_text("\n".join([head, *(kept[name] for name in sorted(kept))]))

    @property
    def missed(self) -> list[Figure]:
        """The promises that were not kept."""
        return [figure for figures in self.sections.values() for figure in figures if not figure.kept]


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^(?=## )", text, flags=re.M)[1:]
    return {part.splitlines()[0][3:]: part.rstrip() + "\n" for part in parts}


def _table(name: str, figures: list[Figure], command: str) -> str:
    lines = [
        f"## {name}",
        "",
        f"{machine()}, commit {commit()}, {datetime.now(UTC):%Y-%m-%d}, `{command}`",
        "",
    ]
    lines += ["| figure | measured | promised | | note |", "|---|---|---|---|---|"]
    lines += ["| " + " | ".join(figure.cells()) + " |" for figure in figures]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """The machine in a few words."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{os.cpu_count()} cores, {round(pages * size / 2**30)} GiB, Linux {platform.release().split('-')[0]}, Python {platform.python_version()}"


def commit() -> str:
    """The commit that was measured, with a mark where the tree differs from it."""
    asked = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    done = subprocess.run(asked, cwd=FILE.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
