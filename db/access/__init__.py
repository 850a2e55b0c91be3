"""What gives access: where each system keeps it, how much of it wants attention, and one credential in full.

``ASKED`` says which views are asked; ``count`` and ``rows`` read them, capped, by an index; ``life`` tells what
happened to one credential; ``decoded`` reads a JWT without believing it.
"""

from db.access.asked import ASKED, SECTIONS, Ask, Section
from db.access.counting import Number, asks, count, query_of, rows
from db.access.jwt import Decoded, decoded
from db.access.life import Life, life

__all__ = [
    "ASKED", "SECTIONS", "Ask", "Decoded", "Life", "Number", "Section", "asks", "count", "decoded", "life", "query_of",
    "rows",
]  # fmt: skip
