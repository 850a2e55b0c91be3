"""Alembic histories, one for each part: the systems' own tables, and what quaestor can add to any database.

A revision learns what it works for with ``system()`` and ``option(…)``, and what is there with
``there(…)``; everything else is plain Alembic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from db.model import System
    from db.schema import Schema


def system() -> System:
    """The system whose database the running revision changes."""
    found: System = op.get_context().opts["system"]
    return found


def schema() -> Schema:
    """What was in the database when the part began; of a preview too."""
    found: Schema = op.get_context().opts["schema"]
    return found


def option(name: str, default: Any = None) -> Any:
    """What the operator asked for by name, such as ``partitioned``."""
    return op.get_context().opts["options"].get(name, default)


def there(table: str, *columns: str) -> bool:
    """Whether the database has that table with those columns; answers in a preview as well."""
    found = sa.inspect(op.get_context().opts["database"])
    return found.has_table(table) and {c["name"] for c in found.get_columns(table)} >= set(columns)
