"""What MySQL and MariaDB tell of themselves; where the two differ there is a question for each."""

from __future__ import annotations

from dataclasses import replace

from db.probes.model import Probe

_PROCESS = (
    "SELECT coalesce(max(privilege_type IN ('PROCESS', 'SUPER', 'ALL PRIVILEGES')), 0)"
    " FROM information_schema.user_privileges WHERE privilege_type IN ('PROCESS', 'SUPER')"
)
_LACKS_PROCESS = "Only sessions of this user are seen: all of them take the right PROCESS."
_SERVER = """
SELECT version() AS version, CASE WHEN @@global.read_only THEN 'read-only' ELSE 'primary' END AS role,
       max(CASE variable_name WHEN 'Uptime' THEN CAST(variable_value AS SIGNED) END) AS `up seconds`,
       max(CASE variable_name WHEN 'Threads_connected' THEN CAST(variable_value AS SIGNED) END) AS connections,
       @@global.max_connections AS `limit`,
       round(100 - 100.0 * max(CASE variable_name WHEN 'Innodb_buffer_pool_reads' THEN CAST(variable_value AS SIGNED) END)
         / nullif(max(CASE variable_name WHEN 'Innodb_buffer_pool_read_requests' THEN CAST(variable_value AS SIGNED) END), 0), 1)
         AS `cache hit percent`,
       (SELECT coalesce(CAST(sum(data_length + index_length) AS SIGNED), 0) FROM information_schema.tables
        WHERE table_schema = database()) AS `bytes`,
       max(CASE variable_name WHEN 'Slow_queries' THEN CAST(variable_value AS SIGNED) END) AS `slow statements`,
       max(CASE variable_name WHEN 'Innodb_row_lock_waits' THEN CAST(variable_value AS SIGNED) END) AS `lock waits`
FROM {source}.global_status
"""


SERVER = Probe(
    "server",
    "Version, role, how long it has been up, how full it is.",
    _SERVER.format(source="performance_schema"),
)
CONNECTIONS = Probe(
    "connections",
    "Sessions by user and state.",
    """
SELECT p.user AS role, CASE WHEN p.command = 'Sleep' AND t.trx_id IS NOT NULL THEN 'idle in transaction'
            WHEN p.command = 'Sleep' THEN 'idle' ELSE 'active' END AS state,
       count(*) AS sessions, CAST(sum(coalesce(t.trx_state = 'LOCK WAIT', 0)) AS SIGNED) AS waiting,
       CAST(max(p.time) AS SIGNED) AS `longest seconds`
FROM information_schema.processlist p LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
WHERE p.command <> 'Daemon' AND p.user NOT IN ('event_scheduler', 'system user')
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
""",
    _PROCESS,
    _LACKS_PROCESS,
    needs=True,
)
TRANSACTIONS = Probe(
    "transactions",
    "Transactions that have been open for more than a second, the oldest first.",
    """
SELECT t.trx_mysql_thread_id AS session, p.user AS role, t.trx_state AS state,
       timestampdiff(SECOND, t.trx_started, now()) AS `open seconds`, t.trx_rows_locked AS `rows locked`,
       t.trx_rows_modified AS `rows changed`, t.trx_query AS statement
FROM information_schema.innodb_trx t LEFT JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
WHERE t.trx_started < now() - INTERVAL 1 SECOND ORDER BY t.trx_started LIMIT 100
""",
    _PROCESS,
    _LACKS_PROCESS,
    needs=True,
)
_DIGESTS = (
    "SELECT @@performance_schema AND EXISTS (SELECT 1 FROM performance_schema.setup_consumers"
    " WHERE name = 'statements_digest' AND enabled = 'YES')"
)
STATEMENTS = Probe(
    "statements",
    "The statements that took the most time altogether, without their literals.",
    """
SELECT count_star AS calls, round(sum_timer_wait / 1e9) AS `total ms`, round(avg_timer_wait / 1e9, 1) AS `mean ms`,
       round(max_timer_wait / 1e9) AS `longest ms`, sum_rows_sent AS `rows`, sum_rows_examined AS `rows read`,
       sum_no_index_used AS `without index`, digest_text AS statement
FROM performance_schema.events_statements_summary_by_digest
WHERE schema_name = database() ORDER BY sum_timer_wait DESC LIMIT 50
""",
    _DIGESTS,
    "performance_schema is off, or keeps no digests: performance_schema = ON in the server's file, and a restart.",
    needs=True,
)
TABLES = Probe(
    "tables",
    "Tables by size; the number of rows is the engine's estimate.",
    """
SELECT table_name AS `table`, coalesce(data_length + index_length, 0) AS `bytes`, coalesce(index_length, 0) AS `index bytes`,
       coalesce(table_rows, 0) AS `rows`, coalesce(data_free, 0) AS `free bytes`, engine AS engine, update_time AS changed
FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY 2 DESC LIMIT 200
""",
)
INDEXES = Probe(
    "indexes",
    "Indexes, and those that nothing has used since the server's start.",
    """
SELECT index_name AS `index`, CASE WHEN count_star > 0 THEN 'used' ELSE 'unused' END AS state,
       count_star AS used, object_name AS `table`
FROM performance_schema.table_io_waits_summary_by_index_usage
WHERE object_schema = database() AND index_name IS NOT NULL AND index_name <> 'PRIMARY' ORDER BY count_star, 4, 1 LIMIT 300
""",
    "SELECT @@performance_schema",
    "Which indexes are used is told by performance_schema, which is off.",
    needs=True,
)
_VARIABLES = """
SELECT w.name AS setting,
       CASE WHEN w.wanted = '' THEN 'shown' WHEN v.variable_value = w.wanted THEN 'as recommended' ELSE 'differs' END AS state,
       v.variable_value AS `set`, w.wanted AS recommended
FROM (SELECT 1 AS place, 'max_connections' AS name, '' AS wanted
      UNION ALL SELECT 2, 'slow_query_log', 'ON' UNION ALL SELECT 3, 'long_query_time', ''
      UNION ALL SELECT 4, 'innodb_buffer_pool_size', '' UNION ALL SELECT 5, 'innodb_flush_log_at_trx_commit', '1'
      UNION ALL SELECT 6, 'sync_binlog', '' UNION ALL SELECT 7, 'event_scheduler', 'ON'
      UNION ALL SELECT 8, 'character_set_server', 'utf8mb4' UNION ALL SELECT 9, 'time_zone', ''
      UNION ALL SELECT 10, 'require_secure_transport', 'ON' UNION ALL SELECT 11, 'performance_schema', 'ON') w
JOIN {source}.global_variables v ON v.variable_name = w.name ORDER BY w.place
"""
SLOW = Probe(
    "slow",
    "The newest entries of the slow log, without their literals.",
    """
SELECT start_time AS at, user_host AS role, CAST(time_to_sec(query_time) AS SIGNED) AS seconds,
       CAST(rows_examined AS SIGNED) AS `rows read`, CONVERT(sql_text USING utf8mb4) AS statement
FROM mysql.slow_log ORDER BY start_time DESC LIMIT 50
""",
    "SELECT @@global.slow_query_log AND find_in_set('TABLE', @@global.log_output) > 0",
    "The slow log is off, goes to a file, or may not be read: slow_query_log = ON, log_output = 'TABLE',"
    " and SELECT on mysql.slow_log.",
    needs=True,
)
CONSOLE = Probe(
    "console",
    "What consoles of this program have open here: each is a session of somebody at a keyboard.",
    """
SELECT p.id AS session, p.user AS role, p.command AS state, p.host AS address, p.time AS `so for seconds`,
       CASE WHEN p.id = connection_id() THEN 'this question' ELSE p.info END AS statement
FROM information_schema.processlist p
WHERE p.id IN (SELECT processlist_id FROM performance_schema.session_connect_attrs
               WHERE attr_name = 'program_name' AND attr_value = 'quaestor') ORDER BY p.id LIMIT 200
""",
    "SELECT @@performance_schema",
    "Which sessions are consoles is told by performance_schema (on, and SELECT on session_connect_attrs).",
    needs=True,
)
OURS = """
SELECT processlist_id FROM performance_schema.session_connect_attrs
WHERE attr_name = 'program_name' AND attr_value = 'quaestor'
"""
SETTINGS = Probe(
    "settings",
    "What is set, beside what the system's document and the console recommend.",
    _VARIABLES.format(source="performance_schema"),
)
REPLICATION = Probe(
    "replication",
    "Channels by which this server follows another one.",
    """
SELECT c.channel_name AS channel, c.host AS source, s.service_state AS state, s.last_error_message AS statement
FROM performance_schema.replication_connection_configuration c
JOIN performance_schema.replication_connection_status s ON s.channel_name = c.channel_name
""",
    lacking="Replication is told by performance_schema to a role that may read it.",
)

MYSQL = (SERVER, CONNECTIONS, TRANSACTIONS, STATEMENTS, SLOW, TABLES, INDEXES, CONSOLE, REPLICATION, SETTINGS)
MARIADB = (
    replace(SERVER, sql=_SERVER.format(source="information_schema")),
    CONNECTIONS,
    TRANSACTIONS,
    STATEMENTS,
    SLOW,
    TABLES,
    INDEXES,
    CONSOLE,
    Probe(
        "replication",
        "How this server follows another one.",
        "SHOW ALL REPLICAS STATUS",
        lacking="How far this server is behind takes the right REPLICA MONITOR.",
    ),
    replace(SETTINGS, sql=_VARIABLES.format(source="information_schema")),
)

_SESSIONS = """
SELECT p.id AS pid, {blockers} AS blockers, p.user AS usename, '' AS application_name,
       CASE WHEN p.command = 'Sleep' AND t.trx_id IS NOT NULL THEN 'idle in transaction'
            WHEN p.command = 'Sleep' THEN 'idle' ELSE 'active' END AS state,
       coalesce(t.trx_state = 'LOCK WAIT', 0) AS waits,
       coalesce(timestampdiff(SECOND, coalesce(t.trx_wait_started, t.trx_started), now()), p.time) AS seconds,
       concat(p.user, '@', p.host) AS began, coalesce(t.trx_query, p.info) AS query, {what} AS what
FROM information_schema.processlist p LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
WHERE p.id <> connection_id() AND p.command <> 'Daemon'
"""
LOCKS = {
    "mysql": _SESSIONS.format(
        blockers="""(SELECT group_concat(DISTINCT b.processlist_id) FROM performance_schema.data_lock_waits w
        JOIN performance_schema.threads r ON r.thread_id = w.requesting_thread_id
        JOIN performance_schema.threads b ON b.thread_id = w.blocking_thread_id WHERE r.processlist_id = p.id)""",
        what="""coalesce((SELECT group_concat(DISTINCT l.object_name) FROM performance_schema.data_lock_waits w
        JOIN performance_schema.threads r ON r.thread_id = w.requesting_thread_id
        JOIN performance_schema.data_locks l ON l.engine_lock_id = w.requesting_engine_lock_id
        WHERE r.processlist_id = p.id), '')""",
    ),
    "mariadb": _SESSIONS.format(
        blockers="""(SELECT group_concat(DISTINCT b.trx_mysql_thread_id) FROM information_schema.innodb_lock_waits w
        JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id WHERE w.requesting_trx_id = t.trx_id)""",
        what="""coalesce((SELECT group_concat(DISTINCT l.lock_table) FROM information_schema.innodb_lock_waits w
        JOIN information_schema.innodb_locks l ON l.lock_id = w.requested_lock_id
        WHERE w.requesting_trx_id = t.trx_id), '')""",
    ),
}
CANCEL = "KILL QUERY {session}"
KILL = "KILL CONNECTION {session}"
STILL = "SELECT concat(user, '@', host), user FROM information_schema.processlist WHERE id = :session"
MAY = """
SELECT substring_index(user(), '@', 1) = :role OR EXISTS (SELECT 1 FROM information_schema.user_privileges
 WHERE privilege_type IN ('CONNECTION_ADMIN', 'CONNECTION ADMIN', 'SUPER'))
"""
MAY_LACKS = "To end a session of {role} takes the right CONNECTION_ADMIN (MariaDB: CONNECTION ADMIN)."
