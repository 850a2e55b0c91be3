"""What a revision has to say to whoever runs it."""

from __future__ import annotations

import logging

from alembic import op

log = logging.getLogger("quaestor.migrations")
"""Sentences for the operator, as warnings: the command line shows them."""


def say(sentence: str) -> None:
    """Tell the operator; in a preview it stands as a comment where the statements would."""
    context = op.get_context()
    if context.as_sql:
        context.impl.static_output(f"-- {sentence}")
    else:
        log.warning(sentence)
