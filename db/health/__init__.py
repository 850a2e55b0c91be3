"""What ``doctor`` looks at: schema, indexes, rights, the server and the session, as values."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from db.cancel import Cancel
from db.errors import Cancelled, QuaestorError, Unreachable
from db.health import rights, roles, schema, server
from db.health.check import Check, State
from db.session import Session

__all__ = ["Check", "State", "examine"]

Look = Callable[[Session, Cancel], Iterator[Check]]

_LOOKS: tuple[tuple[str, Look], ...] = (
    ("schema", schema.tables),
    ("indexes", schema.indexes),
    ("rights", rights.look),
    ("rights", roles.look),
    ("rights", roles.tenants),
    ("server", server.look),
    ("session", server.session),
    ("clock", server.clock),
)


def examine(session: Session, cancel: Cancel | None = None) -> Iterator[Check]:
    """Every check in order; one that cannot be made is a failed one. Raises Unreachable and Cancelled."""
    for area, look in _LOOKS:
        try:
            yield from look(session, cancel or Cancel())
        except (Cancelled, Unreachable):
            raise
        except QuaestorError as error:
            yield Check(area, "look", State.FAILED, f"This could not be looked at: {error}")
