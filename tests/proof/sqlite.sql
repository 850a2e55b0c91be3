REPLACE INTO victims VALUES (1, 'r', 1)
INSERT OR REPLACE INTO victims VALUES (1, 'r', 1)
INSERT INTO victims DEFAULT VALUES
INSERT INTO victims VALUES (1, 'd', 1) ON CONFLICT DO UPDATE SET n = 99
UPDATE OR IGNORE victims SET id = 5
DELETE FROM victims RETURNING id
INSERT INTO victims VALUES (15, 'r', 1) RETURNING id
CREATE TEMPORARY TABLE made (x)
CREATE TEMP VIEW made AS SELECT 1
CREATE TEMP TRIGGER made AFTER UPDATE ON victims BEGIN DELETE FROM victims; END
CREATE TRIGGER made AFTER UPDATE ON victims BEGIN DELETE FROM victims; END
CREATE VIRTUAL TABLE made USING fts5(x)
CREATE VIRTUAL TABLE made USING rtree(id, a, b)
CREATE TABLE made (x) STRICT
CREATE TABLE made (x PRIMARY KEY) WITHOUT ROWID
CREATE UNIQUE INDEX made ON victims (n)
DROP TRIGGER IF EXISTS made
DROP TABLE IF EXISTS victims
ATTACH '/tmp/quaestor_made.db' AS other
ATTACH ':memory:' AS other
DETACH main
VACUUM
VACUUM INTO '/tmp/quaestor_made.db'
REINDEX
REINDEX victims_n
ANALYZE victims
PRAGMA query_only = OFF
PRAGMA query_only(0)
PRAGMA writable_schema = ON
PRAGMA user_version = 99
PRAGMA application_id = 99
PRAGMA schema_version = 99
PRAGMA journal_mode = WAL
PRAGMA journal_mode = DELETE
PRAGMA journal_mode(OFF)
PRAGMA page_size = 8192
PRAGMA auto_vacuum = FULL
PRAGMA incremental_vacuum
PRAGMA wal_checkpoint
PRAGMA wal_checkpoint(TRUNCATE)
PRAGMA optimize
PRAGMA foreign_keys = OFF
PRAGMA ignore_check_constraints = ON
PRAGMA locking_mode = EXCLUSIVE
PRAGMA synchronous = OFF
PRAGMA secure_delete = ON
PRAGMA encoding = 'UTF-16'
PRAGMA temp_store_directory = '/tmp'
PRAGMA journal_size_limit = 0
PRAGMA shrink_memory
BEGIN IMMEDIATE
BEGIN EXCLUSIVE
SAVEPOINT made
RELEASE made
UPDATE sqlite_master SET sql = 'made'
DELETE FROM sqlite_sequence
UPDATE sqlite_schema SET name = 'made'
SELECT load_extension('made')
SELECT writefile('/tmp/quaestor_made', 'x')
SELECT fts3_tokenizer('made', x'00')
INSERT OR IGNORE INTO victims VALUES (30, 'i', 1)
INSERT OR ABORT INTO victims VALUES (31, 'a', 1)
INSERT OR FAIL INTO victims VALUES (32, 'f', 1)
INSERT OR ROLLBACK INTO victims VALUES (33, 'r', 1)
INSERT INTO victims VALUES (1, 'd', 1) ON CONFLICT(id) DO NOTHING
INSERT INTO victims SELECT value, 'j', 0 FROM json_each('[40, 41]')
INSERT INTO main.victims VALUES (42, 'm', 1)
UPDATE OR REPLACE victims SET id = 2
UPDATE OR ROLLBACK victims SET id = 2
UPDATE OR ABORT victims SET id = 2
UPDATE OR FAIL victims SET id = 2
UPDATE victims SET n = 1 RETURNING id
UPDATE victims SET (name, n) = ('x', 2)
UPDATE victims AS v SET n = 3 FROM shown AS s WHERE s.id = v.id
UPDATE victims INDEXED BY victims_n SET name = 'i' WHERE n = 1
UPDATE victims NOT INDEXED SET name = 'n'
DELETE FROM victims AS v WHERE v.id = 1
DELETE FROM main.victims
DELETE FROM victims INDEXED BY victims_n WHERE n = 1
REPLACE INTO main.victims SELECT 2, 'z', 9
CREATE TABLE IF NOT EXISTS made (x)
CREATE TABLE main.made AS SELECT 1 AS x
CREATE TABLE temp.made AS SELECT 1 AS x
CREATE TABLE made (x INTEGER PRIMARY KEY AUTOINCREMENT)
CREATE TABLE made (x GENERATED ALWAYS AS (1) STORED, y)
CREATE TEMP TABLE victims (x)
CREATE VIEW main.made AS SELECT * FROM victims
CREATE TEMP VIEW victims AS SELECT 1 AS id
CREATE TRIGGER made INSTEAD OF INSERT ON shown BEGIN DELETE FROM victims; END
CREATE TRIGGER made BEFORE DELETE ON victims BEGIN SELECT RAISE(IGNORE); END
CREATE TEMP TRIGGER made AFTER INSERT ON main.victims BEGIN DELETE FROM main.victims; END
CREATE VIRTUAL TABLE made USING fts3(x)
CREATE VIRTUAL TABLE made USING fts4(x)
CREATE VIRTUAL TABLE temp.made USING fts5(x)
CREATE VIRTUAL TABLE made USING dbstat
CREATE INDEX IF NOT EXISTS made ON victims (name) WHERE n > 0
CREATE INDEX made ON victims (lower(name))
DROP INDEX IF EXISTS main.victims_n
DROP TABLE main.victims
DROP VIEW main.shown
DROP TABLE sqlite_schema
ALTER TABLE main.victims RENAME TO victors
ALTER TABLE victims RENAME id TO di
ALTER TABLE victims DROP name
ATTACH DATABASE 'file:/tmp/quaestor_made.db?mode=rwc' AS other
ATTACH DATABASE '' AS other
ATTACH '/dev/null' AS other
DETACH DATABASE temp
VACUUM main
VACUUM main INTO '/tmp/quaestor_made.db'
REINDEX main.victims
ANALYZE main
ANALYZE sqlite_schema
PRAGMA main.query_only = 0
PRAGMA Query_Only = 0
PRAGMA main.user_version = 98
PRAGMA user_version(97)
PRAGMA main.application_id(97)
PRAGMA journal_mode = MEMORY
PRAGMA journal_mode = TRUNCATE
PRAGMA journal_mode = PERSIST
PRAGMA main.journal_mode = WAL
PRAGMA wal_autocheckpoint = 1
PRAGMA max_page_count = 1
PRAGMA cache_size = 1
PRAGMA mmap_size = 0
PRAGMA temp_store = FILE
PRAGMA trusted_schema = ON
PRAGMA cell_size_check = OFF
PRAGMA defer_foreign_keys = ON
PRAGMA recursive_triggers = OFF
PRAGMA reverse_unordered_selects = ON
PRAGMA legacy_alter_table = ON
PRAGMA legacy_file_format = ON
PRAGMA checkpoint_fullfsync = OFF
PRAGMA fullfsync = OFF
PRAGMA automatic_index = OFF
PRAGMA busy_timeout = 0
PRAGMA hard_heap_limit = 1
PRAGMA soft_heap_limit = 1
PRAGMA threads = 0
PRAGMA analysis_limit = 1
PRAGMA data_store_directory = '/tmp'
PRAGMA case_sensitive_like = ON
PRAGMA count_changes = ON
PRAGMA empty_result_callbacks = ON
PRAGMA full_column_names = ON
SELECT load_extension('made', 'init')
SELECT edit('x')
SELECT readfile('/etc/hostname'), writefile('/tmp/quaestor_made', 'y', 420)
SELECT fts3_tokenizer('simple')
SELECT zeroblob(1) INTO made
BEGIN DEFERRED TRANSACTION
BEGIN TRANSACTION
END TRANSACTION
ROLLBACK TO made
WITH RECURSIVE c(n) AS (SELECT 50 UNION ALL SELECT n + 1 FROM c WHERE n < 52) INSERT INTO victims SELECT n, 'c', 0 FROM c
EXPLAIN INSERT INTO victims VALUES (60, 'e', 1)
UPDATE sqlite_sequence SET seq = 99
INSERT INTO sqlite_master VALUES ('table', 'made', 'made', 0, 'x')
