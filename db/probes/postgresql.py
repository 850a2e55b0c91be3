"""What PostgreSQL tells of itself."""

from __future__ import annotations

from db.probes.model import Probe

_STATS = "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')"
_LACKS_STATS = (
    "Sessions of other roles show neither their state nor their statement: that takes pg_read_all_stats"
    " (GRANT pg_read_all_stats TO …)."
)

SERVER = Probe(
    "server",
    "Version, role, how long it has been up, how full it is.",
    """
SELECT current_setting('server_version') AS version,
       CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END AS role,
       extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::bigint AS "up seconds",
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS connections,
       current_setting('max_connections')::int AS "limit",
       round(100.0 * d.blks_hit / nullif(d.blks_hit + d.blks_read, 0), 1) AS "cache hit percent",
       pg_database_size(current_database())::bigint AS "bytes",
       d.deadlocks::int AS deadlocks,
       d.xact_rollback::bigint AS rollbacks,
       d.temp_bytes::bigint AS "spilled bytes",
       CASE WHEN pg_is_in_recovery()
            THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::bigint END AS "lag seconds"
FROM pg_stat_database d WHERE d.datname = current_database()
""",
)
CONNECTIONS = Probe(
    "connections",
    "Sessions by role and state.",
    """
SELECT coalesce(usename::text, '?') AS role, coalesce(state, 'not shown') AS state, count(*)::int AS sessions,
       count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS waiting,
       coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0)::bigint AS "longest seconds",
       count(*) FILTER (WHERE application_name = 'quaestor')::int AS ours
FROM pg_stat_activity WHERE backend_type = 'client backend'
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
""",
    _STATS,
    _LACKS_STATS,
)
TRANSACTIONS = Probe(
    "transactions",
    "Transactions that have been open for more than a second, the oldest first.",
    """
SELECT pid AS session, coalesce(usename::text, '?') AS role, coalesce(state, 'not shown') AS state,
       extract(epoch FROM clock_timestamp() - xact_start)::bigint AS "open seconds",
       concat_ws(': ', wait_event_type, wait_event) AS waits,
       (application_name = 'quaestor') AS ours, query AS statement
FROM pg_stat_activity
WHERE xact_start < clock_timestamp() - interval '1 second' AND backend_type = 'client backend'
  AND datname = current_database() ORDER BY xact_start LIMIT 100
""",
    _STATS,
    _LACKS_STATS,
)
STATEMENTS = Probe(
    "statements",
    "The statements that took the most time altogether, without their literals.",
    """
SELECT s.calls, round(s.total_exec_time)::bigint AS "total ms", round(s.mean_exec_time::numeric, 1) AS "mean ms",
       round(s.max_exec_time)::bigint AS "longest ms", s.rows,
       round(100.0 * s.shared_blks_hit / nullif(s.shared_blks_hit + s.shared_blks_read, 0), 1) AS "cache hit percent",
       s.query AS statement
FROM pg_stat_statements s
WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY s.total_exec_time DESC LIMIT 50
""",
    "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')",
    "The extension pg_stat_statements is not here: shared_preload_libraries, then CREATE EXTENSION pg_stat_statements.",
    needs=True,
)
TABLES = Probe(
    "tables",
    "Tables by size, with dead rows and when they were last vacuumed and analysed.",
    """
SELECT s.relname AS "table", pg_total_relation_size(s.relid)::bigint AS "bytes",
       pg_indexes_size(s.relid)::bigint AS "index bytes", greatest(c.reltuples, 0)::bigint AS rows,
       round(100.0 * s.n_dead_tup / nullif(s.n_live_tup + s.n_dead_tup, 0), 1) AS "dead percent",
       CASE WHEN s.n_dead_tup > current_setting('autovacuum_vacuum_threshold')::int
              + current_setting('autovacuum_vacuum_scale_factor')::float8 * greatest(c.reltuples, 0)
            THEN 'overdue' ELSE 'fine' END AS "vacuum state",
       s.seq_scan AS scans, coalesce(s.idx_scan, 0) AS lookups,
       greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed, greatest(s.last_analyze, s.last_autoanalyze) AS analysed
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
ORDER BY 2 DESC LIMIT 200
""",
)
INDEXES = Probe(
    "indexes",
    "Indexes by size, and those that nothing has used since the statistics began.",
    """
SELECT s.indexrelname AS "index",
       CASE WHEN NOT x.indisvalid THEN 'invalid' WHEN s.idx_scan > 0 THEN 'used'
            WHEN x.indisunique THEN 'unique' ELSE 'unused' END AS state,
       s.idx_scan AS used, pg_relation_size(s.indexrelid)::bigint AS "bytes", s.relname AS "table"
FROM pg_stat_user_indexes s JOIN pg_index x ON x.indexrelid = s.indexrelid
ORDER BY 4 DESC, 1 LIMIT 300
""",
)
CONSOLE = Probe(
    "console",
    "What consoles of this program have open here: each is a session of somebody at a keyboard.",
    """
SELECT pid AS session, coalesce(usename::text, '?') AS role, coalesce(state, 'not shown') AS state,
       coalesce(host(client_addr), 'socket') AS address,
       extract(epoch FROM clock_timestamp() - state_change)::bigint AS "so for seconds",
       CASE WHEN pid = pg_backend_pid() THEN 'this question' ELSE query END AS statement
FROM pg_stat_activity WHERE application_name = 'quaestor' ORDER BY state_change LIMIT 200
""",
    _STATS,
    _LACKS_STATS,
)
REPLICATION = Probe(
    "replication",
    "Replicas of this server and how far they are behind; slots that keep its log.",
    """
SELECT application_name AS replica, coalesce(host(client_addr), 'socket') AS address, coalesce(state, 'not shown') AS state,
       sync_state AS "in step", coalesce(extract(epoch FROM replay_lag), 0)::bigint AS "lag seconds",
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
                       replay_lsn)::bigint AS "behind bytes"
FROM pg_stat_replication
UNION ALL
SELECT slot_name::text, 'slot', CASE WHEN active THEN 'active' ELSE 'inactive' END, slot_type, 0,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
                       restart_lsn)::bigint
FROM pg_replication_slots
""",
    _STATS,
    "How far replicas are behind takes pg_read_all_stats.",
)
VACUUM = Probe(
    "vacuum",
    "Vacuum and analyse that run now.",
    """
SELECT p.pid AS session, c.relname AS "table", p.phase AS phase,
       round(100.0 * p.heap_blks_scanned / nullif(p.heap_blks_total, 0), 1) AS "done percent"
FROM pg_stat_progress_vacuum p LEFT JOIN pg_class c ON c.oid = p.relid WHERE p.datname = current_database()
""",
)
# What this console sets for its own transactions is not what the server gives others: that is reset_val.
SETTINGS = Probe(
    "settings",
    "What is set, beside what the system's document recommends.",
    """
SELECT s.name AS setting,
       CASE WHEN w.wanted = '' THEN 'shown' WHEN current_setting(s.name) = w.wanted THEN 'as recommended'
            ELSE 'differs' END AS state,
       CASE WHEN s.source = 'session' THEN s.reset_val || coalesce(s.unit, '') ELSE current_setting(s.name) END AS "set",
       w.wanted AS recommended
FROM (VALUES (1, 'shared_buffers', '256MB'), (2, 'effective_cache_size', '1GB'), (3, 'work_mem', '4MB'),
             (4, 'max_connections', '200'), (5, 'autovacuum', 'on'), (6, 'track_io_timing', ''),
             (7, 'shared_preload_libraries', ''), (8, 'log_min_duration_statement', ''), (9, 'statement_timeout', ''),
             (10, 'idle_in_transaction_session_timeout', ''), (11, 'fsync', 'on'), (12, 'synchronous_commit', 'on'),
             (13, 'ssl', 'on'), (14, 'password_encryption', 'scram-sha-256'), (15, 'row_security', 'on')) w(place, name, wanted)
JOIN pg_settings s ON s.name = w.name ORDER BY w.place
""",
)
PROBES = (
    SERVER,
    CONNECTIONS,
    TRANSACTIONS,
    STATEMENTS,
    TABLES,
    INDEXES,
    CONSOLE,
    REPLICATION,
    VACUUM,
    SETTINGS,
)

LOCKS = """
SELECT a.pid, pg_blocking_pids(a.pid) AS blockers, coalesce(a.usename::text, '?') AS usename, a.application_name,
       coalesce(a.state, 'not shown') AS state, a.wait_event_type = 'Lock' AS waits,
       extract(epoch FROM clock_timestamp() - coalesce(a.state_change, a.backend_start))::float8 AS seconds,
       extract(epoch FROM a.backend_start)::text AS began, a.query,
       coalesce((SELECT string_agg(DISTINCT c.relname::text, ', ') FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                 WHERE l.pid = a.pid AND (NOT l.granted OR l.locktype = 'tuple') AND a.wait_event_type = 'Lock'),
                CASE WHEN a.wait_event_type = 'Lock' THEN a.wait_event END, '') AS what
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
"""
CANCEL = "SELECT pg_cancel_backend(:session)"
KILL = "SELECT pg_terminate_backend(:session)"
STILL = (
    "SELECT extract(epoch FROM backend_start)::text, usename::text FROM pg_stat_activity WHERE pid = :session"
)
MAY = """
SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
       OR NOT coalesce((SELECT rolsuper FROM pg_roles WHERE rolname = CAST(:role AS text)), true)
          AND (pg_has_role(current_user, 'pg_signal_backend', 'USAGE') OR pg_has_role(current_user, CAST(:role AS text), 'USAGE'))
"""
MAY_LACKS = "To end a session of {role} takes pg_signal_backend, or membership in {role} (a superuser's takes a superuser)."
