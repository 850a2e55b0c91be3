"""Every view by hand: what follows ``SELECT id FROM table`` (as ``x``), with the order that the view shows."""

_UNDECIDED = "x.status IN ('pending', 'in_review')"
_HIGH = "EXISTS (SELECT 1 FROM identity_profiles p WHERE p.id = x.profile_id AND p.risk_tier = 'high')"
_ENDED = "EXISTS (SELECT 1 FROM identity_profiles p WHERE p.id = x.profile_id AND p.status IN ('suspended', 'closed'))"
_NOT_ACTIVE_ASSET = "x.asset_id IN (SELECT id FROM asset_definitions WHERE status <> 'active')"
_LIVE = "x.revoked_at IS NULL AND x.expires_at > [now]"
_IN_FLEET = "x.status <> 'revoked'"

FINDINGS = {
    "lost-not-revoked": "x.status = 'lost' AND x.revoked_at IS NULL",
    "failing": (
        f"{_IN_FLEET} AND (SELECT count(*) FROM hardware_challenges c WHERE c.pass_id = x.id "
        "AND c.status = 'failed' AND c.created_at > [-24 hours]) >= 3"
    ),
    "not-seen": f"{_IN_FLEET} AND coalesce(x.last_seen_at, x.created_at) < [-30 days]",
    "low-battery": f"{_IN_FLEET} AND x.battery_level < 15",
    "never-attested": f"{_IN_FLEET} AND x.attested_at IS NULL",
    # The seed knows four models; the versions that are older than the newest of each, as a person reads them.
    "outdated-firmware": (
        f"{_IN_FLEET} AND (x.model = 'MP-1' AND x.firmware_version IN ('1.8.9', '1.9.0') "
        "OR x.model = 'MP-2' AND x.firmware_version IN ('2.0.0', '2.0.11') "
        "OR x.model = 'MP-2 Pro' AND x.firmware_version = '2.1.0-rc3' "
        "OR x.model = 'Keyfob Ü' AND x.firmware_version = 'v0.9')"
    ),
}

VIEWS: dict[str, dict[str, str]] = {
    "identity_profiles": {
        "all": "ORDER BY created_at DESC, id DESC",
        "pending": "WHERE status = 'pending' ORDER BY created_at, id",
        "active": "WHERE status = 'active' ORDER BY created_at DESC, id DESC",
        "suspended": "WHERE status = 'suspended' ORDER BY updated_at DESC, id DESC",
        "closed": "WHERE status = 'closed' ORDER BY updated_at DESC, id DESC",
        "high-risk": "WHERE risk_tier = 'high' AND status <> 'closed' ORDER BY created_at DESC, id DESC",
        "recent": "WHERE created_at > [-7 days] ORDER BY created_at DESC, id DESC",
        "unverified": (
            "WHERE status = 'active' AND id NOT IN (SELECT profile_id FROM kyc_verifications "
            "WHERE status = 'approved' AND coalesce(expires_at, [1 day]) > [now]) ORDER BY created_at, id"
        ),
        "without-kyc": (
            "WHERE status = 'pending' AND id NOT IN (SELECT profile_id FROM kyc_verifications "
            "WHERE status IN ('pending', 'in_review')) ORDER BY created_at, id"
        ),
        "without-credential": (
            "WHERE status = 'active' AND id NOT IN (SELECT profile_id FROM multipass_credentials) "
            "ORDER BY created_at, id"
        ),
        "closed-with-access": (
            "WHERE status IN ('suspended', 'closed') AND (id IN (SELECT profile_id FROM multipass_credentials "
            "WHERE status = 'active') OR id IN (SELECT profile_id FROM hardware_passes "
            "WHERE status IN ('issued', 'active'))) ORDER BY updated_at DESC, id DESC"
        ),
    },
    "kyc_verifications": {
        "queue": f"WHERE {_UNDECIDED} ORDER BY submitted_at, id",
        "high-risk": f"WHERE {_UNDECIDED} AND (level = 'enhanced' OR {_HIGH}) ORDER BY submitted_at, id",
        "enhanced": f"WHERE {_UNDECIDED} AND level = 'enhanced' ORDER BY submitted_at, id",
        "pending": "WHERE status = 'pending' ORDER BY submitted_at, id",
        "in-review": "WHERE status = 'in_review' ORDER BY submitted_at, id",
        "late": f"WHERE {_UNDECIDED} AND submitted_at < [-48 hours] ORDER BY submitted_at, id",
        "all": "ORDER BY submitted_at DESC, id DESC",
        "approved": "WHERE status = 'approved' ORDER BY reviewed_at DESC, id DESC",
        "rejected": "WHERE status = 'rejected' ORDER BY reviewed_at DESC, id DESC",
        "expired": "WHERE status = 'expired' ORDER BY expires_at DESC, id DESC",
        "expiring": (
            "WHERE status = 'approved' AND expires_at > [now] AND expires_at <= [30 days] "
            "ORDER BY expires_at, id"
        ),
        "overdue": "WHERE status = 'approved' AND expires_at <= [now] ORDER BY expires_at, id",
        "decided-recently": (
            "WHERE status IN ('approved', 'rejected') AND reviewed_at > [-24 hours] "
            "ORDER BY reviewed_at DESC, id DESC"
        ),
    },
    "attestations": {
        "all": "ORDER BY issued_at DESC, id DESC",
        "active": "WHERE status = 'active' ORDER BY issued_at DESC, id DESC",
        "expiring": (
            "WHERE status = 'active' AND expires_at > [now] AND expires_at <= [30 days] ORDER BY expires_at, id"
        ),
        "overdue": "WHERE status = 'active' AND expires_at <= [now] ORDER BY expires_at, id",
        "expired": "WHERE status = 'expired' ORDER BY expires_at DESC, id DESC",
        "revoked": "WHERE status = 'revoked' ORDER BY revoked_at DESC, id DESC",
        "unlimited": "WHERE status = 'active' AND expires_at IS NULL ORDER BY issued_at DESC, id DESC",
        "anchored": "WHERE chain_anchor IS NOT NULL ORDER BY issued_at DESC, id DESC",
        "unanchored": "WHERE status = 'active' AND chain_anchor IS NULL ORDER BY issued_at DESC, id DESC",
    },
    "wallet_accounts": {
        "all": "ORDER BY created_at DESC, id DESC",
        "active": "WHERE status = 'active' ORDER BY created_at DESC, id DESC",
        "frozen": "WHERE status = 'frozen' ORDER BY updated_at DESC, id DESC",
        "closed": "WHERE status = 'closed' ORDER BY updated_at DESC, id DESC",
        "custodial": "WHERE kind = 'custodial' ORDER BY created_at DESC, id DESC",
        "external": "WHERE kind = 'external' ORDER BY created_at DESC, id DESC",
        "frozen-with-pending": (
            "WHERE status = 'frozen' AND id IN (SELECT wallet_id FROM wallet_transactions "
            "WHERE kind = 'withdrawal' AND status = 'pending') ORDER BY updated_at DESC, id DESC"
        ),
        "frozen-with-orders": (
            "WHERE status = 'frozen' AND id IN (SELECT wallet_id FROM market_orders "
            "WHERE status IN ('open', 'partial')) ORDER BY updated_at DESC, id DESC"
        ),
        "closed-with-balance": (
            "WHERE status = 'closed' AND id IN (SELECT wallet_id FROM wallet_balances "
            "WHERE available <> #0# OR locked <> #0#) ORDER BY updated_at DESC, id DESC"
        ),
        "without-balance": (
            "WHERE status = 'active' AND id NOT IN (SELECT wallet_id FROM wallet_balances) "
            "ORDER BY created_at, id"
        ),
    },
    "wallet_balances": {
        "all": "ORDER BY updated_at DESC, id DESC",
        "locked": "WHERE locked > #0# ORDER BY locked DESC, id DESC",
        "largest": "WHERE available > #0# ORDER BY available DESC, id DESC",
        "negative": "WHERE available < #0# OR locked < #0# ORDER BY available, id",
    },
    "wallet_transactions": {
        "all": "ORDER BY created_at DESC, id DESC",
        "pending-withdrawals": "WHERE kind = 'withdrawal' AND status = 'pending' ORDER BY created_at, id",
        "pending": "WHERE status = 'pending' ORDER BY created_at, id",
        "stuck": "WHERE status = 'pending' AND created_at < [-24 hours] ORDER BY created_at, id",
        "from-frozen": (
            "WHERE kind = 'withdrawal' AND status = 'pending' AND wallet_id IN "
            "(SELECT id FROM wallet_accounts WHERE status <> 'active') ORDER BY created_at, id"
        ),
        "failed": "WHERE status = 'failed' ORDER BY created_at DESC, id DESC",
        "rejected": "WHERE status = 'rejected' ORDER BY created_at DESC, id DESC",
        "recent": "WHERE created_at > [-24 hours] ORDER BY created_at DESC, id DESC",
        "large": "WHERE amount >= #10000# ORDER BY created_at DESC, id DESC",
        "large-withdrawals": (
            "WHERE kind = 'withdrawal' AND amount >= #10000# ORDER BY created_at DESC, id DESC"
        ),
        "confirmed-without-hash": (
            "WHERE status = 'confirmed' AND tx_hash IS NULL AND kind IN ('deposit', 'withdrawal') AND asset NOT IN "
            "(SELECT symbol FROM asset_definitions WHERE kind = 'fiat') ORDER BY created_at DESC, id DESC"
        ),
        "deposits": "WHERE kind = 'deposit' ORDER BY created_at DESC, id DESC",
        "withdrawals": "WHERE kind = 'withdrawal' ORDER BY created_at DESC, id DESC",
        "transfers": "WHERE kind = 'transfer' ORDER BY created_at DESC, id DESC",
        "fees": "WHERE kind = 'fee' ORDER BY created_at DESC, id DESC",
    },
    "multipass_credentials": {
        "all": "ORDER BY created_at DESC, id DESC",
        "locked": "WHERE status = 'locked' OR locked_until > [now] ORDER BY updated_at DESC, id DESC",
        "lock-over": "WHERE status = 'locked' AND locked_until <= [now] ORDER BY locked_until, id",
        "failing": "WHERE failed_attempts >= 3 ORDER BY failed_attempts DESC, id DESC",
        "active": "WHERE status = 'active' ORDER BY created_at DESC, id DESC",
        "disabled": "WHERE status = 'disabled' ORDER BY updated_at DESC, id DESC",
        "without-mfa": ("WHERE status = 'active' AND NOT mfa_enabled ORDER BY last_login_at DESC, id DESC"),
        "never-used": "WHERE status = 'active' AND last_login_at IS NULL ORDER BY created_at, id",
        "dormant": "WHERE status = 'active' AND last_login_at < [-90 days] ORDER BY last_login_at, id",
        "of-inactive": f"WHERE status = 'active' AND {_ENDED} ORDER BY updated_at DESC, id DESC",
    },
    "multipass_sessions": {
        "live": f"WHERE {_LIVE} ORDER BY created_at DESC, id DESC",
        "all": "ORDER BY created_at DESC, id DESC",
        "expired": "WHERE revoked_at IS NULL AND expires_at <= [now] ORDER BY expires_at DESC, id DESC",
        "revoked": "WHERE revoked_at IS NOT NULL ORDER BY revoked_at DESC, id DESC",
        "idle": f"WHERE {_LIVE} AND last_seen_at < [-24 hours] ORDER BY last_seen_at, id",
        "old": f"WHERE {_LIVE} AND created_at < [-30 days] ORDER BY created_at, id",
        "expiring": f"WHERE {_LIVE} AND expires_at <= [60 minutes] ORDER BY expires_at, id",
        "privileged": (
            f"WHERE {_LIVE} AND EXISTS (SELECT 1 FROM each#x.scopes# WHERE one.value LIKE 'admin%') "
            "ORDER BY created_at DESC, id DESC"
        ),
        "of-inactive": f"WHERE {_LIVE} AND {_ENDED} ORDER BY created_at DESC, id DESC",
    },
    "application_modules": {
        "all": "ORDER BY name, id",
        "enabled": "WHERE status = 'enabled' ORDER BY name, id",
        "disabled": "WHERE status = 'disabled' ORDER BY updated_at DESC, id DESC",
        "deprecated": "WHERE status = 'deprecated' ORDER BY name, id",
    },
    "application_events": {
        "all": "ORDER BY created_at DESC, id DESC",
        "severe": "WHERE severity IN ('error', 'critical') ORDER BY created_at DESC, id DESC",
        "critical": "WHERE severity = 'critical' ORDER BY created_at DESC, id DESC",
        "warnings": "WHERE severity = 'warning' ORDER BY created_at DESC, id DESC",
        "recent": "WHERE created_at > [-24 hours] ORDER BY created_at DESC, id DESC",
        "console": (
            "WHERE module_id IN (SELECT id FROM application_modules WHERE name = 'quaestor') "
            "ORDER BY created_at DESC, id DESC"
        ),
        "without-profile": "WHERE profile_id IS NULL ORDER BY created_at DESC, id DESC",
    },
    "asset_definitions": {
        "all": "ORDER BY symbol, id",
        "active": "WHERE status = 'active' ORDER BY symbol, id",
        "halted": "WHERE status = 'halted' ORDER BY updated_at DESC, id DESC",
        "delisted": "WHERE status = 'delisted' ORDER BY updated_at DESC, id DESC",
        "delisted-held": (
            "WHERE status = 'delisted' AND id IN (SELECT asset_id FROM asset_balances WHERE quantity > #0#) "
            "ORDER BY symbol, id"
        ),
    },
    "asset_balances": {
        "all": "ORDER BY updated_at DESC, id DESC",
        "largest": "WHERE quantity > #0# ORDER BY quantity DESC, id DESC",
        "negative": "WHERE quantity < #0# ORDER BY quantity, id",
        "of-inactive": f"WHERE quantity > #0# AND {_NOT_ACTIVE_ASSET} ORDER BY quantity DESC, id DESC",
    },
    "market_orders": {
        "live": "WHERE status IN ('open', 'partial') ORDER BY created_at DESC, id DESC",
        "all": "ORDER BY created_at DESC, id DESC",
        "open": "WHERE status = 'open' ORDER BY created_at DESC, id DESC",
        "partial": "WHERE status = 'partial' ORDER BY created_at DESC, id DESC",
        "filled": "WHERE status = 'filled' ORDER BY created_at DESC, id DESC",
        "cancelled": "WHERE status = 'cancelled' ORDER BY created_at DESC, id DESC",
        "rejected": "WHERE status = 'rejected' ORDER BY created_at DESC, id DESC",
        "stale": "WHERE status IN ('open', 'partial') AND created_at < [-30 days] ORDER BY created_at, id",
        "on-inactive": f"WHERE status IN ('open', 'partial') AND {_NOT_ACTIVE_ASSET} ORDER BY created_at, id",
        "of-frozen": (
            "WHERE status IN ('open', 'partial') AND wallet_id IN "
            "(SELECT id FROM wallet_accounts WHERE status <> 'active') ORDER BY created_at, id"
        ),
        "overfilled": "WHERE filled_quantity > quantity ORDER BY created_at DESC, id DESC",
    },
    "positions": {
        "open": "WHERE closed_at IS NULL ORDER BY opened_at DESC, id DESC",
        "all": "ORDER BY opened_at DESC, id DESC",
        "closed": "WHERE closed_at IS NOT NULL ORDER BY closed_at DESC, id DESC",
        "losing": "WHERE realized_pnl < #0# ORDER BY realized_pnl, id",
        "winning": "WHERE realized_pnl > #0# ORDER BY realized_pnl DESC, id DESC",
        "open-in-inactive": (
            f"WHERE closed_at IS NULL AND {_NOT_ACTIVE_ASSET} ORDER BY opened_at DESC, id DESC"
        ),
    },
    "trades": {
        "all": "ORDER BY executed_at DESC, id DESC",
        "recent": "WHERE executed_at > [-24 hours] ORDER BY executed_at DESC, id DESC",
        "large": "WHERE quantity >= #1000# ORDER BY quantity DESC, id DESC",
        "self-trades": (
            "WHERE (SELECT wallet_id FROM market_orders WHERE id = buy_order_id) = "
            "(SELECT wallet_id FROM market_orders WHERE id = sell_order_id) ORDER BY executed_at DESC, id DESC"
        ),
        "of-inactive": f"WHERE {_NOT_ACTIVE_ASSET} ORDER BY executed_at DESC, id DESC",
    },
    "notifications": {
        "failed": "WHERE status = 'failed' ORDER BY created_at, id",
        "all": "ORDER BY created_at DESC, id DESC",
        "queued": "WHERE status = 'queued' ORDER BY created_at, id",
        "stuck": "WHERE status = 'queued' AND created_at < [-60 minutes] ORDER BY created_at, id",
        "sent": "WHERE status = 'sent' ORDER BY sent_at DESC, id DESC",
        "unread": "WHERE status = 'sent' AND read_at IS NULL ORDER BY sent_at DESC, id DESC",
        "recent": "WHERE created_at > [-24 hours] ORDER BY created_at DESC, id DESC",
    },
    "report_definitions": {
        "all": "ORDER BY name, id",
        "active": "WHERE status = 'active' ORDER BY name, id",
        "archived": "WHERE status = 'archived' ORDER BY name, id",
        "never-run": "WHERE id NOT IN (SELECT definition_id FROM generated_reports) ORDER BY name, id",
    },
    "generated_reports": {
        "failed": "WHERE status = 'failed' ORDER BY created_at, id",
        "all": "ORDER BY created_at DESC, id DESC",
        "queued": "WHERE status = 'queued' ORDER BY created_at, id",
        "running": "WHERE status = 'running' ORDER BY created_at, id",
        "stuck": "WHERE status IN ('queued', 'running') AND created_at < [-60 minutes] ORDER BY created_at, id",
        "ready": "WHERE status = 'ready' ORDER BY completed_at DESC, id DESC",
        "anchored": "WHERE chain_anchor IS NOT NULL ORDER BY created_at DESC, id DESC",
        "unanchored": "WHERE status = 'ready' AND chain_anchor IS NULL ORDER BY completed_at DESC, id DESC",
        "without-profile": "WHERE profile_id IS NULL ORDER BY created_at DESC, id DESC",
    },
    "hardware_passes": {
        "all": "ORDER BY created_at DESC, id DESC",
        "needs-attention": (
            f"WHERE {' OR '.join(f'({rule})' for rule in FINDINGS.values())} ORDER BY updated_at DESC, id DESC"
        ),
        "lost-not-revoked": f"WHERE {FINDINGS['lost-not-revoked']} ORDER BY updated_at DESC, id DESC",
        "failing": f"WHERE {FINDINGS['failing']} ORDER BY last_seen_at DESC, id DESC",
        "not-seen": f"WHERE {FINDINGS['not-seen']} ORDER BY last_seen_at, id",
        "low-battery": f"WHERE {FINDINGS['low-battery']} ORDER BY battery_level, id",
        "never-attested": f"WHERE {FINDINGS['never-attested']} ORDER BY created_at, id",
        "outdated-firmware": f"WHERE {FINDINGS['outdated-firmware']} ORDER BY last_seen_at DESC, id DESC",
        "issued": "WHERE status = 'issued' ORDER BY updated_at DESC, id DESC",
        "active": "WHERE status = 'active' ORDER BY updated_at DESC, id DESC",
        "suspended": "WHERE status = 'suspended' ORDER BY updated_at DESC, id DESC",
        "lost": "WHERE status = 'lost' ORDER BY updated_at DESC, id DESC",
        "revoked": "WHERE status = 'revoked' ORDER BY revoked_at DESC, id DESC",
        "of-inactive": f"WHERE status IN ('issued', 'active') AND {_ENDED} ORDER BY updated_at DESC, id DESC",
    },
    "hardware_challenges": {
        "all": "ORDER BY created_at DESC, id DESC",
        "failed": "WHERE status = 'failed' ORDER BY created_at DESC, id DESC",
        "failed-recently": (
            "WHERE status = 'failed' AND created_at > [-24 hours] ORDER BY created_at DESC, id DESC"
        ),
        "open": "WHERE status = 'pending' AND expires_at > [now] ORDER BY expires_at, id",
        "overdue": "WHERE status = 'pending' AND expires_at <= [now] ORDER BY expires_at, id",
        "passed": "WHERE status = 'passed' ORDER BY created_at DESC, id DESC",
        "expired": "WHERE status = 'expired' ORDER BY created_at DESC, id DESC",
    },
}
