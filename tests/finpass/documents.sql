-- FinPass as somebody else made it: the tables and indexes of its document, with Flyway's own table, a few
-- columns that nobody told us of, and the status table that the document uses without creating it.

CREATE TABLE flyway_schema_history (installed_rank INTEGER PRIMARY KEY, version VARCHAR(50), script VARCHAR(1000));

CREATE TABLE users (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    did TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_seen TIMESTAMP,
    email VARCHAR(255),
    phone VARCHAR(50),
    kyc_verified BOOLEAN NOT NULL DEFAULT FALSE,
    kyc_verified_at TIMESTAMP,
    status VARCHAR(20) NOT NULL DEFAULT 'ACTIVE',
    metadata TEXT,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    referred_by UUID,
    marketing_consent BOOLEAN DEFAULT FALSE
);

CREATE TABLE credentials (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    issuer_id TEXT NOT NULL,
    credential_type TEXT NOT NULL,
    credential_jwt TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    expires_at TIMESTAMP,
    status VARCHAR(20) NOT NULL DEFAULT 'VALID',
    revoked_at TIMESTAMP,
    revocation_handle VARCHAR(255),
    revocation_reason VARCHAR(100),
    revoked_by VARCHAR(255),
    credential_hash VARCHAR(255) UNIQUE,
    nonce VARCHAR(255),
    subject_did VARCHAR(255),
    verification_method VARCHAR(100),
    proof_type VARCHAR(50),
    proof_created_at TIMESTAMP,
    proof_purpose VARCHAR(50),
    metadata TEXT,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    schema_uri TEXT
);

CREATE TABLE credential_status (
    credential_id UUID PRIMARY KEY REFERENCES credentials(id),
    status VARCHAR(20) NOT NULL,
    created_at TIMESTAMP,
    updated_at TIMESTAMP
);

CREATE TABLE payments (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    payer_did TEXT NOT NULL,
    payee_did TEXT NOT NULL,
    amount DECIMAL(18,2) NOT NULL,
    currency VARCHAR(3) NOT NULL DEFAULT 'USD',
    status VARCHAR(20) NOT NULL DEFAULT 'PENDING',
    payment_type VARCHAR(20) NOT NULL DEFAULT 'ONE_TIME',
    kyc_decision_token VARCHAR(500),
    payment_method VARCHAR(50),
    transaction_id VARCHAR(255) UNIQUE,
    reference_id VARCHAR(255),
    description VARCHAR(500),
    fee_amount DECIMAL(18,2),
    tax_amount DECIMAL(18,2),
    total_amount DECIMAL(18,2),
    authorized_at TIMESTAMP,
    captured_at TIMESTAMP,
    failed_at TIMESTAMP,
    refunded_at TIMESTAMP,
    failure_reason VARCHAR(500),
    refund_reason VARCHAR(500),
    metadata TEXT,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    completed_at TIMESTAMP,
    settlement_batch INTEGER
);

CREATE TABLE audit_events (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    event_type VARCHAR(50) NOT NULL,
    user_id_hash VARCHAR(64),
    session_id VARCHAR(255),
    ip_address VARCHAR(45),
    user_agent VARCHAR(500),
    tenant_id VARCHAR(255),
    resource_id VARCHAR(255),
    resource_type VARCHAR(100),
    action VARCHAR(100),
    outcome VARCHAR(20),
    severity VARCHAR(20) DEFAULT 'INFO',
    description VARCHAR(1000),
    details TEXT,
    previous_values TEXT,
    new_values TEXT,
    performed_by VARCHAR(255),
    performed_by_role VARCHAR(100),
    source_system VARCHAR(100),
    correlation_id VARCHAR(255),
    request_id VARCHAR(255),
    duration_ms BIGINT,
    error_code VARCHAR(100),
    error_message VARCHAR(1000),
    stack_trace TEXT,
    client_version VARCHAR(50),
    api_version VARCHAR(50),
    geolocation VARCHAR(255),
    device_fingerprint VARCHAR(255),
    compliance_flags VARCHAR(255),
    retention_days INTEGER,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    shard INTEGER
);

CREATE INDEX idx_users_did ON users(did);
CREATE INDEX idx_users_status ON users(status);
CREATE INDEX idx_users_kyc_verified ON users(kyc_verified);
CREATE INDEX idx_users_last_seen ON users(last_seen);

CREATE INDEX idx_credentials_user_id ON credentials(user_id);
CREATE INDEX idx_credentials_status ON credentials(status);
CREATE INDEX idx_credentials_issuer_id ON credentials(issuer_id);
CREATE INDEX idx_credentials_expires_at ON credentials(expires_at);
CREATE INDEX idx_credentials_revocation_handle ON credentials(revocation_handle);
CREATE INDEX idx_credentials_credential_hash ON credentials(credential_hash);

CREATE INDEX idx_payments_payer_did ON payments(payer_did);
CREATE INDEX idx_payments_payee_did ON payments(payee_did);
CREATE INDEX idx_payments_status ON payments(status);
CREATE INDEX idx_payments_transaction_id ON payments(transaction_id);
CREATE INDEX idx_payments_created_at ON payments(created_at);

CREATE INDEX idx_audit_events_event_type ON audit_events(event_type);
CREATE INDEX idx_audit_events_created_at ON audit_events(created_at);
CREATE INDEX idx_audit_events_user_id_hash ON audit_events(user_id_hash);
CREATE INDEX idx_audit_events_severity ON audit_events(severity);
CREATE INDEX idx_audit_events_correlation_id ON audit_events(correlation_id);
