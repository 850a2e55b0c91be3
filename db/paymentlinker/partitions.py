"""The partitioned form of ``audit_logs``: one partition a month, on PostgreSQL only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import MetaData, PrimaryKeyConstraint, Table

from db.paymentlinker.tables import audit_logs, metadata

BEHIND, AHEAD = 13, 3
"""How many months before and after this one have a partition of their own."""


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        """The month of a day (or of a moment, in its own zone)."""
        return cls(day.year, day.month)

    @property
    def begin(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def partition(self) -> str:
        """The name of its partition, as the document has them."""
        return f"audit_logs_y{self.year}m{self.month:02}"

    def shifted(self, months: int) -> Month:
        """So many months later."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)

    @property
    def statement(self) -> str:
        """The DDL of its partition."""
        return (
            f"CREATE TABLE {self.partition} PARTITION OF audit_logs "
            f"FOR VALUES FROM ('{self.begin}') TO ('{self.shifted(1).begin}')"
        )


def months(today: date) -> tuple[Month, ...]:
    """The months around a day that have a partition of their own."""
    return tuple(Month.of(today).shifted(n) for n in range(-BEHIND, AHEAD + 1))


def statements(today: date) -> tuple[str, ...]:
    """The DDL of all partitions around a day.

    What is older is in one of its own, and what no month takes (a time far ahead, ``infinity``) in the
    last one, so that no event is ever refused.
    """
    around = months(today)
    return (
        "CREATE TABLE audit_logs_before PARTITION OF audit_logs "
        f"FOR VALUES FROM (MINVALUE) TO ('{around[0].begin}')",
        *(month.statement for month in around),
        "CREATE TABLE audit_logs_default PARTITION OF audit_logs DEFAULT",
    )


def partitioned() -> Table:
    """``audit_logs`` with the time in its primary key, as every partitioned table must have it."""
    copies = MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(copies)
    found = copies.tables[audit_logs.name]
    found.c.event_timestamp.nullable = False
    found.c.event_timestamp.primary_key = True
    found.append_constraint(PrimaryKeyConstraint(found.c.id, found.c.event_timestamp))
    found.dialect_options["postgresql"]["partition_by"] = "RANGE (event_timestamp)"
    return found
