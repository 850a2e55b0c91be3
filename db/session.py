"""An open system: which database, seen how, by whom. A value; reading and writing are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from db.errors import unknown
from db.model import Entity, Mode, Profile, System

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from db.proof import Proof
    from db.schema import Schema


@dataclass(frozen=True)
class Server:
    """What answered."""

    dialect: str
    """``postgresql``, ``mysql``, ``mariadb`` or ``sqlite``."""
    version: tuple[int, ...]
    user: str
    """The session user, as the server says."""
    host: str
    """``db1:5432``, or the file."""
    tls: str = ""
    """The protocol, empty without encryption."""

    @property
    def version_text(self) -> str:
        """``15.18``."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True, eq=False)
class Session:
    """A system on a database: everything that the reader and the writer need to know of it."""

    profile: Profile
    system: System
    engine: Engine
    """Reads only: each of its transactions is read-only, whatever the mode."""
    schema: Schema
    server: Server
    tenant: str = ""
    """The tenant chosen; empty means all that the role may see."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Thresholds that hold here: the policy, tightened by the profile."""
    proof: Proof | None = None
    """In audit mode, how the walls against writing stand."""

    @property
    def name(self) -> str:
        """The profile's name."""
        return self.profile.name

    @property
    def mode(self) -> Mode:
        """What may be done."""
        return self.profile.mode

    def entity(self, name: str) -> Entity:
        """The entity of a name or an alias; raises Usage with the nearest names."""
        found = self.system.by_name.get(name)
        if found is None:
            raise unknown(f"entity of {self.system.name}", name, (e.name for e in self.system.entities))
        return found

    def for_tenant(self, tenant: str) -> Session:
        """The same session, seen by one tenant."""
        return replace(self, tenant=tenant)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
