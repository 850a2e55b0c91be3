"""How a database is reached, and as what; apart from ``db.model``, as the first frame needs it alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Mode(StrEnum):
    """What a session may do."""

    AUDIT = "audit"
    OPERATE = "operate"


@dataclass(frozen=True)
class Profile:
    """How to reach one database, and as what."""

    name: str
    url: str
    """SQLAlchemy URL without a password: ``postgresql+psycopg://…``, ``mysql+pymysql://…``, ``sqlite:///…``."""
    system: str = ""
    """Recognised by its tables where empty."""
    password: Callable[[], str | None] = field(default=lambda: None, repr=False, compare=False)
    """Asked anew for each physical connection; the value is kept nowhere."""
    sealing_key: Callable[[str], bytes | None] = field(default=lambda id_: None, repr=False, compare=False)
    """The 32 bytes of the key of that id, for sealed columns; asked anew for each operation, kept nowhere."""
    password_source: str = ""
    """Where the password comes from, in words; shown, unlike the password."""
    mode: Mode = Mode.OPERATE
    colour: str = ""
    """A colour of the frame: ``red``, ``#c03030``."""
    label: str = ""
    """A word beside the system's name: ``PROD``."""
    naive_times: str = "UTC"
    """The zone of times that are stored without one."""
    tls: str = "verify"
    """``verify``, or weaker with a red banner: ``require``, ``off``."""
    tls_ca: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    pooler: bool = False
    """Whether a pooler in transaction mode stands between."""
    tenant: str = ""
    statement_timeout: float = 15.0
    """Seconds."""
    lock_timeout: float = 2.0
    idle_timeout: float = 30.0
    connect_timeout: float = 5.0
    settings: Mapping[str, str] = field(default_factory=dict)
    """Thresholds that tighten the policy, and what the screens keep."""
