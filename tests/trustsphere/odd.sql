-- What has become of such a database in other hands: columns and words that quaestor does not know, NULL wherever
-- it is allowed, values at the type's end, zero dates, texts that are not what their column says.

SET SESSION sql_mode = '';
SET SESSION foreign_key_checks = 0;

ALTER TABLE users ADD COLUMN branch_code VARCHAR(8) NULL AFTER email, ADD COLUMN avatar BLOB NULL;
ALTER TABLE users MODIFY COLUMN status VARCHAR(20) NULL DEFAULT 'ACTIVE', MODIFY COLUMN full_name VARCHAR(255) NULL;
ALTER TABLE accounts ADD COLUMN iban VARCHAR(34) NULL,
    MODIFY COLUMN status ENUM('ACTIVE', 'FROZEN', 'CLOSED', 'DORMANT') NULL,
    MODIFY COLUMN account_type ENUM('SAVINGS', 'CHECKING', 'BUSINESS', 'ESCROW') NULL,
    MODIFY COLUMN balance DECIMAL(15,2) NULL;
ALTER TABLE transactions MODIFY COLUMN timestamp TIMESTAMP NULL, MODIFY COLUMN exchange_rate DECIMAL(10,6) NULL,
    MODIFY COLUMN currency VARCHAR(3) NULL;
ALTER TABLE audit_logs MODIFY COLUMN severity VARCHAR(20) NULL, MODIFY COLUMN timestamp TIMESTAMP NULL,
    MODIFY COLUMN details JSON NULL, DROP INDEX idx_audit_logs_action;
ALTER TABLE audit_logs_archive DROP COLUMN user_agent;
ALTER TABLE notifications MODIFY COLUMN `read` INT NULL, MODIFY COLUMN title VARCHAR(255) NULL;
CREATE TABLE branches (code VARCHAR(8) PRIMARY KEY, note TEXT);

INSERT INTO users (id, email, password_hash, full_name, status, failed_login_attempts, account_locked_until,
    password_expires_at, last_login_at, created_at, updated_at, created_by, updated_by, version, branch_code, avatar) VALUES
    ('u1', 'ann@example.org', 'x', NULL, NULL, -1, NULL, '0000-00-00 00:00:00', NULL, '1970-01-01 00:00:01',
     '2038-01-19 03:14:07', NULL, NULL, 2147483647, NULL, NULL),
    ('u2', 'BEN@EXAMPLE.ORG ', '', '', 'PENDING_KYC', 2147483647, '0000-00-00 00:00:00', '2038-01-19 03:14:07',
     '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', 'system', 'flyway', 0, 'ZRH', x'00ff'),
    ('a/b %2F ü', 'slash@example.org', 'x', 'Key with a slash', 'ACTIVE', 0, '2038-01-19 03:14:07', '2038-01-19 03:14:07',
     NULL, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, NULL, NULL, 1, NULL, NULL);
INSERT INTO roles (id, name) VALUES ('r1', 'ROOT');
INSERT INTO user_roles (user_id, role_id) VALUES ('u1', 'r1'), ('nobody', 'r1'), ('a/b %2F ü', 'nothing');
INSERT INTO accounts (id, account_number, user_id, account_type, balance, status, interest_rate, daily_transaction_limit,
    daily_transaction_amount, minimum_balance, overdraft_limit) VALUES
    ('c1', '1', 'u1', 'ESCROW', 9999999999999.99, 'DORMANT', 9.9999, -1.00, 9999999999999.99, -9999999999999.99, -5.00),
    ('c2', '2', 'nobody', NULL, NULL, NULL, -1.0000, 0.00, 0.00, 0.00, 0.00),
    ('c3', '3', 'u2', 'no such type', -9999999999999.99, 'no such status', 0, 1, 1, 0, 0);
INSERT INTO transactions (id, source_account_id, target_account_id, amount, type, status, reference_number, fee_amount,
    currency, exchange_rate, timestamp, processed_at) VALUES
    ('t1', 'c1', 'c2', 9999999999999.99, 'TRANSFER', 'COMPLETED', 'n1', -9999999999999.99, 'XXX', 9999.999999, NULL, NULL),
    ('t2', NULL, NULL, -0.01, 'no such type', 'no such status', 'n2', 0, NULL, NULL, '0000-00-00 00:00:00', NULL),
    ('t3', 'gone', 'c1', 0.00, 'DEPOSIT', 'COMPLETED', 'n3', 0, 'USD', 0, '1970-01-01 00:00:01', '0000-00-00 00:00:00'),
    ('t4', 'c1', 'c1', 10000.00, 'TRANSFER', 'PENDING', 'n4', 0, 'USD', 1, '0000-00-00 00:00:00', NULL);
INSERT INTO transactions_archive (id, amount, type, reference_number) VALUES ('t1', 1, 'DEPOSIT', 'n1');
INSERT INTO audit_logs (id, actor_user_id, action, resource_type, resource_id, severity, details, timestamp) VALUES
    ('l1', 'nobody', '', '', NULL, NULL, NULL, NULL),
    ('l2', NULL, 'LOGIN_FAILED', 'user', 'u1', 'CRITICAL', '{"a": [1, 2.50, null]}', '0000-00-00 00:00:00'),
    ('l3', 'u1', 'LOGIN', 'USER', 'u1', 'info', '[]', CURRENT_TIMESTAMP);
INSERT INTO audit_logs_archive (id, action, resource_type) VALUES ('l0', 'LOGIN', 'USER');
INSERT INTO notifications (id, user_id, type, title, message, status, `read`, sent_at) VALUES
    ('m1', 'nobody', 'no such type', NULL, '', 'SENT', 7, '0000-00-00 00:00:00'),
    ('m2', 'u1', 'SMS', 'x', 'y', 'SENT', NULL, NULL);
