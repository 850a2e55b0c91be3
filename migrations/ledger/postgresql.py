"""The rules of quaestor's tables on PostgreSQL.

Every function runs with its owner's rights and finds nothing by a search path; ``{schema}`` is filled in by
the server, so that a preview shows the same statements.
"""

from __future__ import annotations

from collections.abc import Iterator

_PLACE = """DO $place$ BEGIN EXECUTE replace($made$
{body}
$made$, '{{schema}}', quote_ident(current_schema())); END $place$"""

_HASH = """
CREATE FUNCTION {schema}.quaestor_row_hash(p_seq bigint, p_prev bytea, p_payload bytea, p_key text, p_signature bytea,
    p_user text, p_time_us bigint) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256('\\x00'::bytea || convert_to('quaestor/v1', 'UTF8') || '\\x00'::bytea || int8send(p_seq) || p_prev
        || sha256(p_payload) || int2send(octet_length(convert_to(p_key, 'UTF8'))::int2) || convert_to(p_key, 'UTF8') || p_signature
        || int2send(octet_length(convert_to(p_user, 'UTF8'))::int2) || convert_to(p_user, 'UTF8') || int8send(p_time_us))
$$"""

_APPEND = """
CREATE FUNCTION {schema}.quaestor_append(p_operation uuid, p_payload bytea, p_key text, p_signature bytea,
    OUT seq bigint, OUT row_hash bytea, OUT db_user text, OUT db_time_us bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    head record;
    told jsonb;
BEGIN
    SELECT h.seq, h.row_hash INTO STRICT head FROM {schema}.quaestor_ledger_head h WHERE h.id = 1 FOR UPDATE;
    seq := head.seq + 1;
    db_user := session_user;
    db_time_us := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    row_hash := {schema}.quaestor_row_hash(seq, head.row_hash, p_payload, p_key, p_signature, db_user, db_time_us);
    INSERT INTO {schema}.quaestor_ledger AS l
        (seq, operation_id, payload, key_id, signature, db_user, db_time_us, prev_hash, row_hash)
    VALUES (seq, p_operation, p_payload, p_key, p_signature, db_user, db_time_us, head.row_hash, row_hash);
    UPDATE {schema}.quaestor_ledger_head h SET seq = quaestor_append.seq, row_hash = quaestor_append.row_hash
    WHERE h.id = 1;
    IF position('"action":"key-'::bytea IN p_payload) > 0 THEN
        told := convert_from(p_payload, 'UTF8')::jsonb;
        INSERT INTO {schema}.quaestor_operator_keys AS k (seq, key_id, event, public_key, name)
        VALUES (seq, told ->> 'key', substr(told ->> 'action', 5), told ->> 'public_key', told ->> 'name');
    END IF;
END $$"""

_PROPOSE = """
CREATE FUNCTION {schema}.quaestor_propose() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me text := 'db:' || session_user;
    people text;
BEGIN
    SELECT h.principals INTO STRICT people FROM {schema}.quaestor_ledger_head h WHERE h.id = 1;
    IF people = 'db' AND NEW.proposer NOT IN ('', me) THEN
        RAISE insufficient_privilege USING MESSAGE = 'The proposer is ' || me || ', nobody else';
    END IF;
    IF people = 'db' THEN NEW.proposer := me; END IF;
    IF NEW.proposer = '' THEN
        RAISE insufficient_privilege USING MESSAGE = 'A proposal names the key of its proposer';
    END IF;
    NEW.created_at := clock_timestamp();
    NEW.quorum := greatest(1, coalesce(
        (SELECT p.value::integer FROM {schema}.quaestor_policy p WHERE p.name = 'quorum'), 1));
    NEW.expires_at := NEW.created_at + interval '1 hour' * CASE WHEN NEW.entity = 'ledger' THEN 8760 ELSE coalesce(
        (SELECT p.value::numeric FROM {schema}.quaestor_policy p WHERE p.name = 'proposal_hours')::float8, 24) END;
    RETURN NEW;
END $$"""

_APPROVE = """
CREATE FUNCTION {schema}.quaestor_approve() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me text := 'db:' || session_user;
    people text;
    ends timestamptz;
BEGIN
    SELECT h.principals INTO STRICT people FROM {schema}.quaestor_ledger_head h WHERE h.id = 1;
    IF people = 'db' AND NEW.approver NOT IN ('', me) THEN
        RAISE insufficient_privilege USING MESSAGE = 'The approver is ' || me || ', nobody else';
    END IF;
    IF people = 'db' THEN NEW.approver := me; END IF;
    IF NEW.approver = '' THEN
        RAISE insufficient_privilege USING MESSAGE = 'An approval names the key of its approver';
    END IF;
    NEW.created_at := clock_timestamp();
    SELECT p.expires_at INTO ends FROM {schema}.quaestor_proposals p WHERE p.id = NEW.proposal_id;
    IF ends <= NEW.created_at THEN
        RAISE insufficient_privilege USING MESSAGE = 'The proposal expired at ' || ends;
    END IF;
    RETURN NEW;
END $$"""

_SETTLE = """
CREATE FUNCTION {schema}.quaestor_settle() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM {schema}.quaestor_proposals p
        WHERE p.id = NEW.proposal_id AND p.entity = 'policy' AND p.action = 'set' AND p.targets ? NEW.name
            AND p.form ->> 'value' = NEW.value AND p.expires_at > clock_timestamp()
            AND p.quorum <= (SELECT count(*) FROM {schema}.quaestor_approvals a
                WHERE a.proposal_id = p.id AND a.decision = 'approve')
            AND NOT EXISTS (SELECT FROM {schema}.quaestor_approvals a
                WHERE a.proposal_id = p.id AND a.decision = 'reject')
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'The policy is changed by an approved proposal only';
    END IF;
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END $$"""

_FUNCTIONS = {
    "quaestor_row_hash(bigint, bytea, bytea, text, bytea, text, bigint)": _HASH,
    "quaestor_append(uuid, bytea, text, bytea)": _APPEND,
    "quaestor_propose()": _PROPOSE,
    "quaestor_approve()": _APPROVE,
    "quaestor_settle()": _SETTLE,
}
_TRIGGERS = {
    "quaestor_proposals": ("quaestor_propose", "INSERT"),
    "quaestor_approvals": ("quaestor_approve", "INSERT"),
    "quaestor_policy": ("quaestor_settle", "INSERT OR UPDATE"),
}


def up() -> Iterator[str]:
    """Functions that nobody may call yet, and the triggers."""
    for name, body in _FUNCTIONS.items():
        yield _PLACE.format(body=body.strip())
        yield f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"
    for table, (function, events) in _TRIGGERS.items():
        yield (
            f"CREATE TRIGGER {function} BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
        )


def down() -> Iterator[str]:
    """Without the triggers, which go with their tables."""
    for name in _FUNCTIONS:
        yield f"DROP FUNCTION {name}"
