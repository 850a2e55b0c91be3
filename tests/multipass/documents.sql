-- Multipass as somebody might have made it who read only the document: its tables, the columns that it names,
-- the tree of references; everything else is that person's own invention. PostgreSQL, by psql or SQLx.

CREATE TABLE identity_profiles (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    email VARCHAR(255) UNIQUE,
    first_name TEXT,
    last_name TEXT,
    status VARCHAR(32) DEFAULT 'active',
    is_verified BOOLEAN DEFAULT FALSE,
    metadata JSONB,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE kyc_verifications (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    profile_id UUID REFERENCES identity_profiles (id),
    status VARCHAR(32),
    verification_type TEXT,
    metadata JSONB,
    created_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE attestations (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    profile_id UUID REFERENCES identity_profiles (id),
    attestation_type TEXT,
    anchor_tx TEXT,
    status TEXT,
    metadata JSONB,
    expires_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ
);

CREATE TABLE wallet_accounts (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    identity_id UUID REFERENCES identity_profiles (id),
    label TEXT,
    status TEXT,
    boundless_addresses JSONB,
    labels TEXT[],
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ
);

CREATE TABLE wallet_balances (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    wallet_id UUID REFERENCES wallet_accounts (id),
    currency VARCHAR(12),
    available NUMERIC,
    locked NUMERIC
);

CREATE TABLE wallet_transactions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    wallet_id UUID REFERENCES wallet_accounts (id),
    tx_type TEXT,
    asset TEXT,
    amount NUMERIC,
    status TEXT,
    metadata JSONB,
    created_at TIMESTAMPTZ
);

CREATE TABLE multipass_credentials (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    profile_id UUID REFERENCES identity_profiles (id),
    username VARCHAR(64) UNIQUE,
    password_hash TEXT,
    totp_secret TEXT,
    backup_codes TEXT[],
    locked BOOLEAN,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ
);

CREATE TABLE multipass_sessions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    profile_id UUID REFERENCES identity_profiles (id),
    token_hash TEXT,
    scopes TEXT[],
    device_info JSONB,
    ip TEXT,
    created_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);

CREATE TABLE application_modules (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name TEXT UNIQUE,
    required_scopes TEXT[],
    is_active BOOLEAN,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ
);

CREATE TABLE application_events (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    module_id UUID REFERENCES application_modules (id),
    profile_id UUID REFERENCES identity_profiles (id),
    event_type TEXT,
    payload JSONB,
    created_at TIMESTAMPTZ
);

CREATE TABLE asset_definitions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    symbol VARCHAR(12) UNIQUE,
    name TEXT,
    precision_digits SMALLINT,
    metadata JSONB,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ
);

CREATE TABLE asset_balances (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    wallet_id UUID REFERENCES wallet_accounts (id),
    asset_id UUID REFERENCES asset_definitions (id),
    amount NUMERIC
);

CREATE TABLE market_orders (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    wallet_id UUID REFERENCES wallet_accounts (id),
    asset_id UUID REFERENCES asset_definitions (id),
    side VARCHAR(4),
    quantity NUMERIC,
    price NUMERIC,
    status TEXT,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ
);

CREATE TABLE positions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    wallet_id UUID REFERENCES wallet_accounts (id),
    asset_id UUID REFERENCES asset_definitions (id),
    quantity NUMERIC,
    entry_price NUMERIC
);

CREATE TABLE trades (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    asset_id UUID REFERENCES asset_definitions (id),
    buyer_wallet UUID,
    seller_wallet UUID,
    quantity NUMERIC,
    price NUMERIC,
    executed_at TIMESTAMPTZ
);

CREATE TABLE notifications (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    profile_id UUID REFERENCES identity_profiles (id),
    title TEXT,
    body TEXT,
    is_read BOOLEAN,
    metadata JSONB,
    created_at TIMESTAMPTZ
);

CREATE TABLE report_definitions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name TEXT UNIQUE,
    parameters TEXT[],
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ
);

CREATE TABLE generated_reports (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    report_id UUID REFERENCES report_definitions (id),
    profile_id UUID REFERENCES identity_profiles (id),
    parameters JSONB,
    status TEXT,
    chain_anchor TEXT,
    created_at TIMESTAMPTZ
);

CREATE TABLE hardware_passes (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    profile_id UUID REFERENCES identity_profiles (id),
    device_serial TEXT,
    model TEXT,
    firmware_version TEXT,
    capabilities TEXT[],
    status TEXT,
    last_seen_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ
);

-- hardware_challenges was never rolled out here.

CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT, success BOOLEAN);

INSERT INTO identity_profiles (id, email, first_name, status, metadata, created_at, updated_at) VALUES
    ('00000000-0000-4000-8000-000000000001', 'ann@example.org', 'Ann', 'active', '{"a": 1}',
     '2025-03-01 10:00:00+00', '2025-03-02 10:00:00+00'),
    ('00000000-0000-4000-8000-000000000002', NULL, NULL, NULL, NULL, NULL, NULL),
    ('00000000-0000-4000-8000-000000000003', 'odd@example.org', '', 'on_hold', '[1e400, "x"]',
     'infinity', '-infinity'),
    ('00000000-0000-4000-8000-000000000004', 'old@example.org', NULL, 'closed', 'null',
     '0044-03-15 12:00:00+00 BC', '29999-12-31 23:59:59+00'),
    ('00000000-0000-4000-8000-000000000005', 'wait@example.org', 'Wes', 'pending', '{}', now(), now());
INSERT INTO kyc_verifications (profile_id, status, verification_type, metadata, created_at) VALUES
    ('00000000-0000-4000-8000-000000000001', 'approved', 'full', '{}', now()),
    ('00000000-0000-4000-8000-000000000005', 'pending', 'full', NULL, now()),
    (NULL, 'escalated', NULL, '17', 'infinity'),
    (NULL, NULL, NULL, NULL, NULL);
INSERT INTO attestations (profile_id, attestation_type, status, expires_at, created_at) VALUES
    ('00000000-0000-4000-8000-000000000001', 'age', 'active', 'infinity', now()),
    ('00000000-0000-4000-8000-000000000001', 'age', 'active', now() + interval '3 days', now()),
    (NULL, NULL, 'superseded', NULL, NULL);
INSERT INTO wallet_accounts (id, identity_id, label, status, boundless_addresses, labels, created_at) VALUES
    ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-000000000001', 'Main', 'frozen',
     '{"boundless": null}', '{a,NULL,"b c"}', now()),
    ('00000000-0000-4000-8000-00000000000b', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO wallet_balances (wallet_id, currency, available, locked) VALUES
    ('00000000-0000-4000-8000-00000000000a', 'EUR', 12.5, 0),
    ('00000000-0000-4000-8000-00000000000a', 'NAN', 'NaN', -1),
    (NULL, NULL, NULL, NULL),
    ('00000000-0000-4000-8000-00000000000b', 'BIG', 99999999999999999999999999999999999999999999, 1e-30);
INSERT INTO wallet_transactions (wallet_id, tx_type, asset, amount, status, created_at) VALUES
    ('00000000-0000-4000-8000-00000000000a', 'withdrawal', 'EUR', 10000.01, 'pending', now() - interval '3 days'),
    ('00000000-0000-4000-8000-00000000000a', 'swap', 'EUR', 'NaN', 'reorged', 'infinity'),
    (NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO multipass_credentials (profile_id, username, password_hash, backup_codes, locked, created_at) VALUES
    ('00000000-0000-4000-8000-000000000001', 'ann', '$argon2id$secret-hash', '{code-one,code-two}', TRUE, now()),
    (NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO multipass_sessions (profile_id, token_hash, scopes, ip, created_at, expires_at, revoked_at) VALUES
    ('00000000-0000-4000-8000-000000000001', 'aa', '{admin:all,NULL}', 'not an address', now(), 'infinity', NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, '-infinity'),
    (NULL, NULL, '{}', NULL, NULL, now() - interval '1 day', NULL);
INSERT INTO application_modules (id, name, required_scopes, is_active) VALUES
    ('00000000-0000-4000-8000-00000000000c', 'core', '{}', TRUE),
    ('00000000-0000-4000-8000-00000000000d', NULL, NULL, NULL);
INSERT INTO application_events (module_id, profile_id, event_type, payload, created_at) VALUES
    ('00000000-0000-4000-8000-00000000000c', '00000000-0000-4000-8000-000000000001', 'x', '"text"', now()),
    (NULL, NULL, NULL, NULL, NULL);
INSERT INTO asset_definitions (id, symbol, name, precision_digits) VALUES
    ('00000000-0000-4000-8000-00000000000e', 'EUR', 'Euro', 2),
    ('00000000-0000-4000-8000-00000000000f', NULL, NULL, NULL);
INSERT INTO asset_balances (wallet_id, asset_id, amount) VALUES
    ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000e', 'NaN'), (NULL, NULL, NULL);
INSERT INTO market_orders (wallet_id, asset_id, side, quantity, status, created_at) VALUES
    ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000e', 'buy', 1e30, 'open', now()),
    (NULL, NULL, 'swap', NULL, 'triggered', NULL);
INSERT INTO positions (wallet_id, asset_id, quantity) VALUES
    ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000e', 'NaN'), (NULL, NULL, NULL);
INSERT INTO trades (asset_id, quantity, price, executed_at) VALUES
    ('00000000-0000-4000-8000-00000000000e', 2000, 'NaN', now()), (NULL, NULL, NULL, NULL);
INSERT INTO notifications (profile_id, title, body, is_read, created_at) VALUES
    ('00000000-0000-4000-8000-000000000001', 'Hi', E'bell \x07 and \x1b[31mred', FALSE, now()),
    (NULL, NULL, NULL, NULL, NULL);
INSERT INTO report_definitions (name, parameters) VALUES ('daily', '{from,to}'), (NULL, NULL);
INSERT INTO generated_reports (profile_id, parameters, status, created_at) VALUES
    ('00000000-0000-4000-8000-000000000001', '{}', 'failed', now()), (NULL, NULL, 'expired', 'infinity');
INSERT INTO hardware_passes (profile_id, device_serial, model, firmware_version, capabilities, status, last_seen_at) VALUES
    ('00000000-0000-4000-8000-000000000001', 'S1', 'A', '1.9', '{nfc}', 'active', now()),
    (NULL, 'S2', 'A', 'v1.10-beta', NULL, 'recalled', 'infinity'),
    (NULL, NULL, 'A', 'unknown', NULL, NULL, NULL),
    (NULL, NULL, NULL, NULL, '{}', 'lost', '-infinity');
