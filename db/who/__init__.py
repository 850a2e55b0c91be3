"""One person in all systems: exact look-ups by index, what belongs to whom and why, one line of their audit rows.

``search`` asks every system at once, each in a thread and within its own deadline; ``trail`` reads what the
audit tables tell of a person found.
"""

from db.who.model import Found, Part, Person, Who
from db.who.people import people
from db.who.search import Source, search
from db.who.trail import Trail, trail

__all__ = ["Found", "Part", "Person", "Source", "Trail", "Who", "people", "search", "trail"]
