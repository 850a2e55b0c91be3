-- What has become of such a database in other hands: columns and words that quaestor does not know, NULL wherever it
-- is allowed, numbers at the type's end, rows of tenants that are not there.

ALTER TABLE applications ADD COLUMN partner_reference VARCHAR(40);
ALTER TABLE devices ADD COLUMN firmware BYTEA;
ALTER TABLE audit_logs ADD COLUMN shard INTEGER;
CREATE TABLE knex_migrations (id INTEGER PRIMARY KEY, name VARCHAR(255), batch INTEGER, migration_time TIMESTAMP);

INSERT INTO tenants (id, name, slug, max_applications_per_month, max_devices, max_users, is_active, subscription_plan,
    created_at, updated_at) VALUES
    ('aaaaaaaa-0000-4000-8000-000000000001', 'No limits', 'no-limits', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('aaaaaaaa-0000-4000-8000-000000000002', '', 'largest', 2147483647, 2147483647, 2147483647, TRUE, 'platinum+',
     '1970-01-01 00:00:00.000000', '9999-12-31 23:59:59.999999'),
    ('aaaaaaaa-0000-4000-8000-000000000003', 'Zero', 'zero', 0, -1, -2147483648, TRUE, '',
     '0001-01-01 00:00:00.000000', NULL);

INSERT INTO users (id, tenant_id, email, password_hash, role, is_active, is_verified, mfa_enabled,
    failed_login_attempts, created_at, updated_at) VALUES
    ('bbbbbbbb-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000001', 'ann@example.org', 'plain', NULL,
     NULL, NULL, NULL, NULL, NULL, NULL),
    ('bbbbbbbb-0000-4000-8000-000000000002', 'cccccccc-0000-4000-8000-00000000ffff', '', '', 'ROOT', TRUE, FALSE, TRUE,
     2147483647, '9999-12-31 23:59:59.999999', '0001-01-01 00:00:00.000000'),
    ('bbbbbbbb-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000001', 'BEN@EXAMPLE.ORG ', 'x', 'superuser',
     TRUE, TRUE, TRUE, -1, '1970-01-01 00:00:00.000000', NULL);

INSERT INTO devices (id, device_id_external, tenant_id, device_type, region, status, total_tasks_processed,
    successful_tasks, failed_tasks, signal_strength, uptime_seconds, created_at, updated_at, compromised,
    security_events, metadata) VALUES
    ('dddddddd-0000-4000-8000-000000000001', '', 'aaaaaaaa-0000-4000-8000-000000000001', '', '', NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('dddddddd-0000-4000-8000-000000000002', 'd/2 %2F', 'aaaaaaaa-0000-4000-8000-000000000002', 'toaster', 'moon',
     'on fire', 2147483647, -2147483648, 2147483647, -2147483648, 2147483647, '9999-12-31 23:59:59.999999', NULL, TRUE,
     'null', '[1, "two", {"three": null}]'),
    ('dddddddd-0000-4000-8000-000000000003', 'd3', 'cccccccc-0000-4000-8000-00000000ffff', 'x', 'x', 'ONLINE', 20, 0, 4,
     0, -1, NULL, NULL, FALSE, '17', '"text"');

INSERT INTO applications (id, tenant_id, full_legal_name, ssn_encrypted, annual_income, employment_status, decision,
    status, risk_score, credit_score, processing_time_ms, created_at, updated_at, reviewed_by, duoplus_device_id, email,
    shap_explanation, risk_factors) VALUES
    ('eeeeeeee-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000001', '', '', 0, '', NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('eeeeeeee-0000-4000-8000-000000000002', 'cccccccc-0000-4000-8000-00000000ffff', 'x', '123-45-6789', 0, 'x', 'maybe',
     'ON_HOLD', 2147483647, -2147483648, 2147483647, '9999-12-31 23:59:59.999999', NULL, 'nobody in particular', '', '',
     '[]', '{"velocity": "high"}'),
    ('eeeeeeee-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000002', 'x', 'v1:k1:AAAA', 0, 'x', 'refer',
     'review', -2147483648, 0, -1, '0001-01-01 00:00:00.000000', NULL, '', 'd/2 %2F', 'ANN@example.org', '"high"', '12'),
    ('eeeeeeee-0000-4000-8000-000000000004', 'aaaaaaaa-0000-4000-8000-000000000002', 'x', 'v2:k1:AAAA', 0, 'x', 'REVIEW',
     'REVIEW', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO audit_logs (id, application_id, tenant_id, event_type, event_category, service_name, status, audit_required,
    user_id, event_timestamp, created_at, updated_at, regulation, retention_until, risk_score, event_data) VALUES
    ('ffffffff-0000-4000-8000-000000000001', NULL, 'aaaaaaaa-0000-4000-8000-000000000001', '', '', '', NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('ffffffff-0000-4000-8000-000000000002', 'eeeeeeee-0000-4000-8000-000000000002',
     'cccccccc-0000-4000-8000-00000000ffff', 'something.else', 'OTHER', 'cron', 'VERIFIED?', FALSE, 'cron@host',
     '9999-12-31 23:59:59.999999', NULL, NULL, 'HIPAA', '0001-01-01 00:00:00.000000', 2147483647, '{"n": 1e400}'),
    ('ffffffff-0000-4000-8000-000000000003', 'eeeeeeee-0000-4000-8000-000000000003',
     'aaaaaaaa-0000-4000-8000-000000000002', 'x', 'REVIEW', 'x', 'pending', TRUE,
     'bbbbbbbb-0000-4000-8000-000000000003', '0001-01-01 00:00:00.000000', NULL, NULL, 'GDPR', NULL, -1, '[]');
