"""The rules of quaestor's tables on MySQL and MariaDB: a definer procedure and triggers.

A principal is the session's user without its host, and so everything before the last ``@``: a user's name may
contain one. Hashes are made by ``SHA2`` and unhexed; numbers become bytes by way of hexadecimal.
"""

from __future__ import annotations

from collections.abc import Iterator

_PLACES = {
    "<me>": "LEFT(USER(), CHAR_LENGTH(USER()) - CHAR_LENGTH(SUBSTRING_INDEX(USER(), '@', -1)) - 1)",
    "<now>": "SYSDATE()",  # unlike NOW() it cannot be set by the session
    "<quorum>": "(SELECT CAST(value AS SIGNED) FROM quaestor_policy WHERE name = 'quorum')",
    "<hours>": "(SELECT CAST(value AS DECIMAL(12, 4)) FROM quaestor_policy WHERE name = 'proposal_hours')",
    "<no>": "SIGNAL SQLSTATE '42000' SET MESSAGE_TEXT",
}

_HASH = """
CREATE FUNCTION quaestor_row_hash(p_seq BIGINT, p_prev VARBINARY(32), p_payload MEDIUMBLOB,
    p_key VARCHAR(80) CHARACTER SET utf8mb4, p_signature VARBINARY(64), p_user VARCHAR(255) CHARACTER SET utf8mb4,
    p_time_us BIGINT)
RETURNS VARBINARY(32) DETERMINISTIC NO SQL
BEGIN
    DECLARE v_key, v_user VARBINARY(1020);
    SET v_key = CAST(p_key AS BINARY), v_user = CAST(p_user AS BINARY);
    RETURN UNHEX(SHA2(CONCAT(
        UNHEX('00'), CAST('quaestor/v1' AS BINARY), UNHEX('00'), UNHEX(LPAD(HEX(p_seq), 16, '0')), p_prev,
        UNHEX(SHA2(p_payload, 256)), UNHEX(LPAD(HEX(OCTET_LENGTH(v_key)), 4, '0')), v_key, p_signature,
        UNHEX(LPAD(HEX(OCTET_LENGTH(v_user)), 4, '0')), v_user, UNHEX(LPAD(HEX(p_time_us), 16, '0'))), 256));
END"""

_APPEND = """
CREATE PROCEDURE quaestor_append(IN p_operation VARCHAR(36) CHARACTER SET ascii, IN p_payload MEDIUMBLOB,
    IN p_key VARCHAR(80) CHARACTER SET utf8mb4, IN p_signature VARBINARY(64))
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
    DECLARE v_seq, v_time BIGINT;
    DECLARE v_prev, v_hash VARBINARY(32);
    DECLARE v_who VARCHAR(255) CHARACTER SET utf8mb4 DEFAULT <me>;
    DECLARE v_told LONGTEXT CHARACTER SET utf8mb4;
    SELECT h.seq + 1, h.row_hash INTO v_seq, v_prev FROM quaestor_ledger_head h WHERE h.id = 1 FOR UPDATE;
    SET v_time = CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED);
    SET v_hash = quaestor_row_hash(v_seq, v_prev, p_payload, p_key, p_signature, v_who, v_time);
    INSERT INTO quaestor_ledger
        (seq, operation_id, payload, key_id, signature, db_user, db_time_us, prev_hash, row_hash)
    VALUES (v_seq, p_operation, p_payload, p_key, p_signature, v_who, v_time, v_prev, v_hash);
    UPDATE quaestor_ledger_head SET seq = v_seq, row_hash = v_hash WHERE id = 1;
    IF LOCATE(CAST('"action":"key-' AS BINARY), p_payload) > 0 THEN
        SET v_told = CONVERT(p_payload USING utf8mb4);
        INSERT INTO quaestor_operator_keys (seq, key_id, event, public_key, name) VALUES (
            v_seq, JSON_UNQUOTE(JSON_EXTRACT(v_told, '$.key')),
            SUBSTR(JSON_UNQUOTE(JSON_EXTRACT(v_told, '$.action')), 5),
            JSON_UNQUOTE(JSON_EXTRACT(v_told, '$.public_key')), JSON_UNQUOTE(JSON_EXTRACT(v_told, '$.name')));
    END IF;
    SELECT v_seq AS seq, v_hash AS row_hash, v_who AS db_user, v_time AS db_time_us;
END"""

_PROPOSE = """
CREATE TRIGGER quaestor_propose BEFORE INSERT ON quaestor_proposals FOR EACH ROW
BEGIN
    DECLARE me VARCHAR(300) CHARACTER SET utf8mb4 DEFAULT CONCAT('db:', <me>);
    DECLARE people VARCHAR(3) CHARACTER SET utf8mb4;
    SELECT principals INTO people FROM quaestor_ledger_head WHERE id = 1;
    IF people = 'db' THEN
        IF NEW.proposer <> '' AND CAST(NEW.proposer AS BINARY) <> CAST(me AS BINARY) THEN
            <no> = 'The proposer is the user of the session, nobody else';
        END IF;
        SET NEW.proposer = me;
    END IF;
    IF NEW.proposer = '' THEN <no> = 'A proposal names the key of its proposer'; END IF;
    SET NEW.created_at = <now>;
    SET NEW.quorum = GREATEST(1, COALESCE(<quorum>, 1));
    SET NEW.expires_at = <now>
        + INTERVAL ROUND(3600 * IF(NEW.entity = 'ledger', 8760, COALESCE(<hours>, 24))) SECOND;
END"""

_APPROVE = """
CREATE TRIGGER quaestor_approve BEFORE INSERT ON quaestor_approvals FOR EACH ROW
BEGIN
    DECLARE me VARCHAR(300) CHARACTER SET utf8mb4 DEFAULT CONCAT('db:', <me>);
    DECLARE people VARCHAR(3) CHARACTER SET utf8mb4;
    DECLARE ends DATETIME;
    SELECT principals INTO people FROM quaestor_ledger_head WHERE id = 1;
    IF people = 'db' THEN
        IF NEW.approver <> '' AND CAST(NEW.approver AS BINARY) <> CAST(me AS BINARY) THEN
            <no> = 'The approver is the user of the session, nobody else';
        END IF;
        SET NEW.approver = me;
    END IF;
    IF NEW.approver = '' THEN <no> = 'An approval names the key of its approver'; END IF;
    SET NEW.created_at = <now>;
    SELECT expires_at INTO ends FROM quaestor_proposals WHERE id = NEW.proposal_id;
    IF ends <= <now> THEN <no> = 'The proposal has expired'; END IF;
END"""

_SETTLE = """
CREATE TRIGGER quaestor_settle_{event} BEFORE {event} ON quaestor_policy FOR EACH ROW
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM quaestor_proposals p
        WHERE p.id = NEW.proposal_id AND p.entity = 'policy' AND p.action = 'set'
            AND JSON_CONTAINS(p.targets, JSON_QUOTE(NEW.name))
            AND JSON_UNQUOTE(JSON_EXTRACT(p.form, '$.value')) = NEW.value AND p.expires_at > <now>
            AND p.quorum <= (SELECT COUNT(*) FROM quaestor_approvals a
                WHERE a.proposal_id = p.id AND a.decision = 'approve')
            AND NOT EXISTS (SELECT 1 FROM quaestor_approvals a
                WHERE a.proposal_id = p.id AND a.decision = 'reject')
    ) THEN <no> = 'The policy is changed by an approved proposal only'; END IF;
    SET NEW.changed_at = <now>;
END"""


def _filled(statement: str) -> str:
    for place, text in _PLACES.items():
        statement = statement.replace(place, text)
    return statement.strip()


def up() -> Iterator[str]:
    """The procedure and the triggers."""
    settling = (_SETTLE.replace("{event}", event) for event in ("insert", "update"))
    yield from map(_filled, (_HASH, _APPEND, _PROPOSE, _APPROVE, *settling))


def down() -> Iterator[str]:
    """Without the triggers, which go with their tables."""
    yield "DROP PROCEDURE quaestor_append"
    yield "DROP FUNCTION quaestor_row_hash"
