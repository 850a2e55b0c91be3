-- The five tables as Payment Linker's document has them, typed anew; its indexes too.

CREATE TABLE applications (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL,
    stripe_account_id VARCHAR(255),
    plaid_verification_id VARCHAR(255),
    duoplus_device_id VARCHAR(255),
    blockchain_tx_hash VARCHAR(255),
    full_legal_name VARCHAR(255) NOT NULL,
    ssn_encrypted TEXT NOT NULL,
    annual_income DECIMAL(12,2) NOT NULL,
    employment_status VARCHAR(20) NOT NULL,
    requested_limit DECIMAL(12,2),
    credit_score INTEGER,
    email VARCHAR(255),
    phone VARCHAR(20),
    address JSONB,
    risk_score INTEGER,
    fraud_probability DECIMAL(5,2),
    identity_match DECIMAL(5,2),
    decision VARCHAR(20),
    confidence DECIMAL(5,2),
    processing_time_ms INTEGER,
    model_version VARCHAR(50),
    shap_explanation JSONB,
    risk_factors JSONB,
    identity_verification JSONB,
    credit_report JSONB,
    kyc_documents JSONB,
    reviewed_by VARCHAR(255),
    review_reason TEXT,
    reviewed_at TIMESTAMP,
    ip_address INET,
    user_agent TEXT,
    device_fingerprint JSONB,
    status VARCHAR(20) DEFAULT 'created',
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    deleted_at TIMESTAMP
);

CREATE TABLE devices (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    device_id_external VARCHAR(255) UNIQUE NOT NULL,
    tenant_id UUID NOT NULL,
    device_type VARCHAR(50) NOT NULL,
    model VARCHAR(100),
    os_version VARCHAR(50),
    region VARCHAR(20) NOT NULL,
    status VARCHAR(20) DEFAULT 'offline',
    current_task VARCHAR(255),
    last_heartbeat TIMESTAMP,
    last_seen TIMESTAMP,
    capabilities JSONB,
    installed_apps JSONB,
    battery_level DECIMAL(5,2),
    signal_strength INTEGER,
    data_usage_mb DECIMAL(10,2),
    temperature_celsius DECIMAL(5,2),
    uptime_seconds INTEGER,
    wifi_connected BOOLEAN DEFAULT FALSE,
    cellular_connected BOOLEAN DEFAULT FALSE,
    bluetooth_enabled BOOLEAN DEFAULT FALSE,
    ip_address INET,
    mac_address VARCHAR(17),
    configuration JSONB,
    automation_rules JSONB,
    provisioned_by VARCHAR(255),
    provisioned_at TIMESTAMP,
    decommissioned_by VARCHAR(255),
    decommissioned_at TIMESTAMP,
    total_tasks_processed INTEGER DEFAULT 0,
    successful_tasks INTEGER DEFAULT 0,
    failed_tasks INTEGER DEFAULT 0,
    last_task_at TIMESTAMP,
    security_profile VARCHAR(100),
    security_events JSONB,
    compromised BOOLEAN DEFAULT FALSE,
    last_security_scan TIMESTAMP,
    last_maintenance TIMESTAMP,
    maintenance_notes TEXT,
    next_maintenance_due TIMESTAMP,
    metadata JSONB,
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    deleted_at TIMESTAMP
);

CREATE TABLE audit_logs (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    application_id UUID REFERENCES applications(id) ON DELETE CASCADE,
    tenant_id UUID NOT NULL,
    blockchain_tx_hash VARCHAR(255),
    block_number VARCHAR(50),
    merkle_root VARCHAR(255),
    block_timestamp TIMESTAMP,
    event_type VARCHAR(100) NOT NULL,
    event_category VARCHAR(50) NOT NULL,
    event_description TEXT,
    decision VARCHAR(20),
    risk_score INTEGER,
    confidence DECIMAL(5,2),
    user_id VARCHAR(255),
    user_role VARCHAR(50),
    ip_address INET,
    user_agent TEXT,
    service_name VARCHAR(100) NOT NULL,
    service_version VARCHAR(50),
    environment VARCHAR(20),
    event_data JSONB,
    previous_state JSONB,
    new_state JSONB,
    metadata JSONB,
    compliance_requirement VARCHAR(100),
    regulation VARCHAR(50),
    audit_required BOOLEAN DEFAULT TRUE,
    retention_until TIMESTAMP,
    verification_hash VARCHAR(255),
    signature TEXT,
    signing_key_id VARCHAR(100),
    status VARCHAR(20) DEFAULT 'pending',
    verification_notes TEXT,
    verified_at TIMESTAMP,
    verified_by VARCHAR(255),
    event_timestamp TIMESTAMP DEFAULT NOW(),
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    deleted_at TIMESTAMP
);

CREATE TABLE users (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL,
    email VARCHAR(255) UNIQUE NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    last_login_at TIMESTAMP,
    first_name VARCHAR(100),
    last_name VARCHAR(100),
    phone VARCHAR(20),
    role VARCHAR(50) DEFAULT 'user',
    permissions JSONB,
    is_active BOOLEAN DEFAULT TRUE,
    is_verified BOOLEAN DEFAULT FALSE,
    mfa_enabled BOOLEAN DEFAULT FALSE,
    mfa_secret VARCHAR(255),
    failed_login_attempts INTEGER DEFAULT 0,
    locked_until TIMESTAMP,
    created_by UUID,
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    deleted_at TIMESTAMP
);

CREATE TABLE tenants (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name VARCHAR(255) NOT NULL,
    slug VARCHAR(100) UNIQUE NOT NULL,
    domain VARCHAR(255),
    settings JSONB,
    feature_flags JSONB,
    max_applications_per_month INTEGER DEFAULT 10000,
    max_devices INTEGER DEFAULT 100,
    max_users INTEGER DEFAULT 50,
    is_active BOOLEAN DEFAULT TRUE,
    subscription_plan VARCHAR(50) DEFAULT 'basic',
    billing_email VARCHAR(255),
    billing_address JSONB,
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW(),
    deleted_at TIMESTAMP
);

CREATE INDEX idx_applications_tenant_id ON applications(tenant_id);
CREATE INDEX idx_applications_status ON applications(status);
CREATE INDEX idx_applications_decision ON applications(decision);
CREATE INDEX idx_applications_created_at ON applications(created_at);
CREATE INDEX idx_applications_risk_score ON applications(risk_score);
CREATE INDEX idx_applications_stripe_account_id ON applications(stripe_account_id);
CREATE INDEX idx_devices_tenant_id ON devices(tenant_id);
CREATE INDEX idx_devices_status ON devices(status);
CREATE INDEX idx_devices_device_type ON devices(device_type);
CREATE INDEX idx_devices_region ON devices(region);
CREATE INDEX idx_devices_last_heartbeat ON devices(last_heartbeat);
CREATE INDEX idx_audit_logs_application_id ON audit_logs(application_id);
CREATE INDEX idx_audit_logs_tenant_id ON audit_logs(tenant_id);
CREATE INDEX idx_audit_logs_event_type ON audit_logs(event_type);
CREATE INDEX idx_audit_logs_event_timestamp ON audit_logs(event_timestamp);
CREATE INDEX idx_audit_logs_blockchain_tx_hash ON audit_logs(blockchain_tx_hash);
CREATE INDEX idx_users_tenant_id ON users(tenant_id);
CREATE INDEX idx_users_email ON users(email);
CREATE INDEX idx_users_role ON users(role);
CREATE INDEX idx_users_is_active ON users(is_active);
