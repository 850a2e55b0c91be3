"""Looking into a database server: who is connected, who blocks whom, what is slow, large, unused, behind."""

from db.probes.asking import ask, probes_of
from db.probes.ending import Ending, end
from db.probes.locks import Lock, find, tree
from db.probes.model import Found, Probe, kind_of

__all__ = ["Ending", "Found", "Lock", "Probe", "ask", "end", "find", "kind_of", "probes_of", "tree"]
