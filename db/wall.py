"""The program's own wall in audit mode: statements that could change anything are not even sent.

The other two walls are the server's (``db.proof``). This one stops besides what a read-only transaction lets
through: advisory locks, NOTIFY, ``set_config``, ending other sessions, locks on rows.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sqlalchemy import Engine, event

from db.errors import Denied

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`")
_BEGINNINGS = frozenset({"SELECT", "WITH", "SHOW", "EXPLAIN", "VALUES", "PRAGMA"})
_KILL = re.compile(r"KILL QUERY \d+")
_WORDS = re.compile(
    r"\b(INSERT|UPDATE|DELETE|MERGE|INTO|TRUNCATE|CREATE|DROP|ALTER|GRANT|REVOKE|CALL|LOCK|ANALYZE|HANDLER"
    r"|FOR\s+(?:KEY\s+)?SHARE|NEXT\s+VALUE|PREVIOUS\s+VALUE)\b",
    re.IGNORECASE,
)
_SETS = re.compile(r"(:=)")
_CALLS = re.compile(
    r"\b(nextval|setval|lastval|set_config|lo_\w+|lowrite|loread|pg_notify|pg_\w*advisory\w*|pg_terminate_\w+"
    r"|pg_cancel_\w+|pg_reload_conf|pg_rotate_\w+|pg_switch_\w+|pg_create_\w+|pg_drop_\w+|pg_logical_\w+"
    r"|pg_replication_\w+|pg_copy_\w+|pg_promote|pg_stat_reset\w*|pg_stat_statements_reset|pg_import_\w+"
    r"|pg_start_backup|pg_stop_backup|pg_backup_\w+|pg_wal_replay_\w+|pg_export_snapshot|pg_log_\w+|pg_file_\w+"
    r"|pg_extension_config_dump|pg_replication_slot_advance|pg_set_\w+|pg_restore_\w+|pg_clear_\w+"
    r"|brin_\w+|gin_clean_\w+|dblink\w*|query_to_\w+|cursor_to_\w+|table_to_\w+|schema_to_\w+|database_to_\w+"
    r"|txid_current|pg_current_xact_id|get_lock|release_lock|release_all_locks|load_file|sys_\w+|master_\w+"
    r"|source_pos_wait|asynchronous_\w+|group_replication_\w+|load_extension|writefile|edit|fts3_tokenizer"
    r"|quaestor_append|quaestor_isolate)\s*\(",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def forbidden(statement: str, dialect: str) -> str | None:
    """None for a statement that only reads, else what speaks against it."""
    if (dialect in ("mysql", "mariadb") and "\\" in statement) or re.search(r"\b[eE]'", statement):
        return "it has escapes in texts"
    bare = _QUOTED.sub("''", statement).strip()
    if re.search(r"/\*|--|#|\$\w*\$", bare):
        return "it has comments or other quotes"
    if ";" in bare.rstrip("; \n"):
        return "it is more than one statement"
    if _KILL.fullmatch(bare):
        return None
    first = re.match(r"[\s(]*(\w+)", bare)
    if first is None or first[1].upper() not in _BEGINNINGS:
        return f"it begins with {first[1] if first else 'no word'}"
    found = (
        _WORDS.search(bare)
        or _SETS.search(bare)
        or _CALLS.search(statement.replace('"', "").replace("`", ""))
    )
    return f"it says {found[1]}" if found else None


def raise_wall(engine: Engine) -> None:
    """Refuse on every connection of this engine what does not only read; raises Denied."""
    dialect = engine.dialect.name

    @event.listens_for(engine, "before_cursor_execute")
    def check(_c: object, _k: object, statement: str, _p: object, _x: object, _many: bool) -> None:
        if why := forbidden(statement, dialect):
            raise Denied(f"Audit mode only reads: a statement was not sent, for {why}.")
