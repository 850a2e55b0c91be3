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
