TRUNCATE victims
MERGE INTO victims v USING (SELECT 1 AS id) s ON v.id = s.id WHEN MATCHED THEN DELETE
WITH gone AS (DELETE FROM victims RETURNING id) SELECT * FROM gone
WITH more AS (INSERT INTO victims VALUES (12, 'w', 1) RETURNING id) SELECT * FROM more
SELECT * INTO made FROM victims
SELECT * FROM victims FOR UPDATE
SELECT * FROM victims FOR NO KEY UPDATE
SELECT * FROM victims FOR SHARE
SELECT * FROM victims FOR KEY SHARE
COPY victims FROM '/etc/hostname'
COPY victims FROM STDIN
COPY victims FROM PROGRAM 'echo 1'
COPY (SELECT 1) TO PROGRAM 'true'
COPY (DELETE FROM victims RETURNING id) TO STDOUT
SELECT nextval('counter')
SELECT setval('counter', 100)
SELECT wipe()
SELECT public.wipe()
SELECT * FROM wipe()
SELECT own_wipe()
CALL wipe_by_procedure()
DO $$ BEGIN DELETE FROM victims; END $$
SELECT lo_create(4711)
SELECT lo_creat(-1)
SELECT lo_from_bytea(4712, 'x')
SELECT lo_put(4242, 0, 'changed')
SELECT lo_unlink(4242)
SELECT lo_import('/etc/hostname')
SELECT lo_export(4242, '/tmp/quaestor_made')
SELECT lowrite(lo_open(4242, 131072), 'x')
SELECT lo_truncate(lo_open(4242, 131072), 0)
LOCK TABLE victims IN ACCESS EXCLUSIVE MODE
LOCK TABLE victims IN ROW EXCLUSIVE MODE
LOCK TABLE victims
SELECT pg_advisory_lock(1)
SELECT pg_advisory_xact_lock(1)
SELECT pg_try_advisory_lock(2)
SELECT pg_notify('channel', 'payload')
NOTIFY channel
LISTEN channel
UNLISTEN *
SET default_transaction_read_only = off
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
SET TRANSACTION READ WRITE
SET LOCAL transaction_read_only = off
SET transaction_read_only = off
SELECT set_config('transaction_read_only', 'off', false)
SELECT set_config('default_transaction_read_only', 'off', false)
RESET ALL
DISCARD ALL
RESET default_transaction_read_only
SET ROLE postgres
SET SESSION AUTHORIZATION postgres
START TRANSACTION READ WRITE
BEGIN READ WRITE
PREPARE p AS DELETE FROM victims
EXECUTE prepared_before
PREPARE TRANSACTION 'made'
COMMIT PREPARED 'made'
DECLARE c CURSOR WITH HOLD FOR DELETE FROM victims
CREATE SCHEMA made
CREATE SEQUENCE made
CREATE TEMPORARY TABLE made (x int)
CREATE UNLOGGED TABLE made (x int)
CREATE MATERIALIZED VIEW made AS SELECT 1
REFRESH MATERIALIZED VIEW kept
CREATE FUNCTION made() RETURNS int LANGUAGE sql AS 'SELECT 1'
CREATE OR REPLACE FUNCTION wipe() RETURNS void LANGUAGE sql AS 'SELECT'
CREATE PROCEDURE made() LANGUAGE sql AS 'SELECT 1'
CREATE TYPE made AS (x int)
CREATE DOMAIN made AS int
CREATE TRIGGER made BEFORE UPDATE ON victims FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()
CREATE RULE made AS ON INSERT TO victims DO INSTEAD NOTHING
CREATE POLICY made ON victims USING (true)
CREATE ROLE made
CREATE USER made
CREATE DATABASE made
CREATE EXTENSION pg_stat_statements
CREATE PUBLICATION made FOR ALL TABLES
CREATE STATISTICS made ON id, n FROM victims
CREATE AGGREGATE made (int) (sfunc = int4pl, stype = int)
CREATE CAST (text AS int) WITH INOUT
CREATE COLLATION made FROM "C"
CREATE TEXT SEARCH DICTIONARY made (TEMPLATE = simple)
CREATE FOREIGN DATA WRAPPER made
CREATE EVENT TRIGGER made ON ddl_command_start EXECUTE FUNCTION wipe()
DROP FUNCTION wipe()
DROP SEQUENCE counter
DROP SCHEMA public CASCADE
DROP OWNED BY CURRENT_USER
REASSIGN OWNED BY CURRENT_USER TO postgres
DROP ROLE postgres
DROP DATABASE postgres
ALTER SEQUENCE counter RESTART
ALTER TABLE victims OWNER TO CURRENT_USER
ALTER TABLE victims DISABLE TRIGGER ALL
ALTER TABLE victims SET UNLOGGED
ALTER TABLE victims ENABLE ROW LEVEL SECURITY
ALTER ROLE CURRENT_USER SET default_transaction_read_only = off
ALTER ROLE CURRENT_USER SUPERUSER
ALTER DATABASE postgres SET default_transaction_read_only = off
ALTER SYSTEM SET work_mem = '5MB'
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC
ALTER FUNCTION wipe() SECURITY INVOKER
ALTER LARGE OBJECT 4242 OWNER TO CURRENT_USER
GRANT ALL ON victims TO PUBLIC
GRANT postgres TO CURRENT_USER
REVOKE ALL ON victims FROM PUBLIC
COMMENT ON TABLE victims IS 'made'
SECURITY LABEL ON TABLE victims IS 'made'
VACUUM victims
VACUUM FULL victims
ANALYZE victims
CLUSTER victims USING victims_pkey
REINDEX TABLE victims
CHECKPOINT
LOAD 'auto_explain'
IMPORT FOREIGN SCHEMA made FROM SERVER made INTO public
EXPLAIN (ANALYZE) DELETE FROM victims
SELECT pg_terminate_backend(0)
SELECT pg_cancel_backend(0)
SELECT pg_reload_conf()
SELECT pg_rotate_logfile()
SELECT pg_switch_wal()
SELECT pg_create_restore_point('made')
SELECT pg_create_physical_replication_slot('made')
SELECT pg_create_logical_replication_slot('made', 'test_decoding')
SELECT pg_drop_replication_slot('made')
SELECT pg_logical_emit_message(true, 'made', 'x')
SELECT pg_replication_origin_create('made')
SELECT pg_stat_reset()
SELECT pg_stat_reset_shared('bgwriter')
SELECT pg_import_system_collations('pg_catalog')
SELECT pg_export_snapshot()
SELECT pg_current_xact_id()
SELECT txid_current()
SELECT pg_log_backend_memory_contexts(1)
SELECT query_to_xml('DELETE FROM victims RETURNING id', true, false, '')
SELECT pg_wal_replay_pause()
SELECT pg_promote()
SELECT brin_summarize_new_values('victims_n')
UPDATE pg_class SET relname = 'made' WHERE relname = 'victims'
DELETE FROM pg_largeobject
INSERT INTO pg_catalog.pg_largeobject_metadata VALUES (4713, 10, NULL)
SELECT E'\'' || (SELECT nextval('counter'))
TABLE victims
