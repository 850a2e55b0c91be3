"""Every figure by hand, as it is with its own default parameters; the columns and rows in the same order."""

from tests.multipass.views import FINDINGS

_MONTH = "created_at >= [-30 days] AND created_at < [now]"
_DAY = "created_at >= [-1 day] AND created_at < [now]"
_LIVE = "revoked_at IS NULL AND expires_at > [now]"


def _rates(by: str) -> str:
    return f"""
        SELECT {by}, count(*), sum(CASE WHEN status IN ('pending', 'in_review') THEN 1 ELSE 0 END),
               sum(CASE WHEN status = 'approved' THEN 1 ELSE 0 END),
               sum(CASE WHEN status = 'rejected' THEN 1 ELSE 0 END),
               sum(CASE WHEN status = 'expired' THEN 1 ELSE 0 END),
               round(100.0 * sum(CASE WHEN status = 'approved' THEN 1 ELSE 0 END)
                     / nullif(sum(CASE WHEN status IN ('approved', 'rejected') THEN 1 ELSE 0 END), 0), 1)
        FROM kyc_verifications WHERE submitted_at >= [-30 days] AND submitted_at < [now]
        GROUP BY {by} ORDER BY {by}"""


def _severities(what: str, tables: str, period: str) -> str:
    return f"""
        SELECT {what}, count(*), sum(CASE WHEN severity = 'warning' THEN 1 ELSE 0 END),
               sum(CASE WHEN severity = 'error' THEN 1 ELSE 0 END),
               sum(CASE WHEN severity = 'critical' THEN 1 ELSE 0 END)
        FROM {tables} WHERE {period} GROUP BY {what} ORDER BY {what}"""


FIGURES: dict[str, dict[str, str]] = {
    "identity_profiles": {
        "by-status": """SELECT status, risk_tier, count(*) FROM identity_profiles GROUP BY status, risk_tier
                        ORDER BY status, risk_tier""",
        "by-country": """SELECT country, status, count(*) FROM identity_profiles GROUP BY country, status
                         ORDER BY country, status""",
        "new-by-day": f"""SELECT day#created_at#, status, count(*) FROM identity_profiles WHERE {_MONTH}
                          GROUP BY 1, 2 ORDER BY 1, 2""",
    },
    "kyc_verifications": {
        "rates": _rates("level"),
        "by-provider": _rates("provider"),
        "by-country": _rates("document_country"),
        "by-status": """SELECT status, level, count(*), min(submitted_at) FROM kyc_verifications
                        GROUP BY status, level ORDER BY status, level""",
        "rejections": """SELECT rejection_reason, count(*) FROM kyc_verifications WHERE status = 'rejected'
                         AND reviewed_at >= [-30 days] AND reviewed_at < [now]
                         GROUP BY rejection_reason ORDER BY rejection_reason""",
        "by-reviewer": """SELECT reviewed_by, status, count(*) FROM kyc_verifications
                          WHERE reviewed_at >= [-30 days] AND reviewed_at < [now]
                          GROUP BY reviewed_by, status ORDER BY reviewed_by, status""",
    },
    "attestations": {
        "by-kind": "SELECT kind, status, count(*) FROM attestations GROUP BY kind, status ORDER BY kind, status",
        "by-issuer": """SELECT issuer, status, count(*) FROM attestations GROUP BY issuer, status
                        ORDER BY issuer, status""",
        "revocations": """SELECT revocation_reason, count(*), min(revoked_at) FROM attestations
                          WHERE status = 'revoked' AND revoked_at >= [-30 days] AND revoked_at < [now]
                          GROUP BY revocation_reason ORDER BY revocation_reason""",
    },
    "wallet_accounts": {
        "by-status": "SELECT kind, status, count(*) FROM wallet_accounts GROUP BY kind, status ORDER BY kind, status",
    },
    "wallet_balances": {
        "by-asset": """SELECT asset, count(*), sum#available#, sum#locked# FROM wallet_balances
                       GROUP BY asset ORDER BY asset""",
        "locked-against-pending": """
            SELECT asset, sum#locked#, sum#pending#, sum(CASE WHEN locked <> pending THEN 1 ELSE 0 END)
            FROM (SELECT b.wallet_id, b.asset, b.locked,
                         coalesce((SELECT sum#t.amount# FROM wallet_transactions t WHERE t.wallet_id = b.wallet_id
                                   AND t.asset = b.asset AND t.kind = 'withdrawal' AND t.status = 'pending'),
                                  #0#) AS pending
                  FROM wallet_balances b) AS both_sides
            GROUP BY asset ORDER BY asset""",
        "locked-differences": """
            SELECT wallet_id, asset, locked, pending
            FROM (SELECT b.wallet_id, b.asset, b.locked,
                         coalesce((SELECT sum#t.amount# FROM wallet_transactions t WHERE t.wallet_id = b.wallet_id
                                   AND t.asset = b.asset AND t.kind = 'withdrawal' AND t.status = 'pending'),
                                  #0#) AS pending
                  FROM wallet_balances b) AS both_sides
            WHERE locked <> pending ORDER BY wallet_id, asset""",
    },
    "wallet_transactions": {
        "volume": f"""SELECT asset, kind, count(*), sum#amount# FROM wallet_transactions
                      WHERE status = 'confirmed' AND {_MONTH} GROUP BY asset, kind ORDER BY asset, kind""",
        "by-status": f"""SELECT kind, status, count(*), min(created_at) FROM wallet_transactions WHERE {_MONTH}
                         GROUP BY kind, status ORDER BY kind, status""",
        "pending-withdrawals-by-asset": """
            SELECT asset, count(*), count(DISTINCT wallet_id), sum#amount#, min(created_at) FROM wallet_transactions
            WHERE kind = 'withdrawal' AND status = 'pending' GROUP BY asset ORDER BY asset""",
        "counterparties": f"""
            SELECT counterparty, count(DISTINCT wallet_id), count(*),
                   sum(CASE WHEN status = 'pending' THEN 1 ELSE 0 END)
            FROM wallet_transactions WHERE kind = 'withdrawal' AND counterparty IS NOT NULL AND {_MONTH}
            GROUP BY counterparty ORDER BY 2 DESC, 3 DESC, 1 LIMIT 100""",
    },
    "multipass_credentials": {
        "by-status": """SELECT status, mfa_enabled, count(*) FROM multipass_credentials
                        GROUP BY status, mfa_enabled ORDER BY status, mfa_enabled""",
        "failed-attempts": """SELECT failed_attempts, count(*) FROM multipass_credentials
                              WHERE failed_attempts > 0 GROUP BY failed_attempts ORDER BY failed_attempts""",
    },
    "multipass_sessions": {
        "by-scope": f"""SELECT one.value, count(*), count(DISTINCT s.profile_id)
                        FROM multipass_sessions s, each#s.scopes# WHERE {_LIVE} GROUP BY one.value ORDER BY one.value""",
        "by-age": f"""
            SELECT label, count(*), min(created_at) FROM (
                SELECT created_at, CASE
                    WHEN created_at > [-1 hours] THEN 'under an hour' WHEN created_at > [-1 days] THEN 'under a day'
                    WHEN created_at > [-7 days] THEN 'under a week' WHEN created_at > [-30 days] THEN 'under 30 days'
                    ELSE '30 days and more' END AS label
                FROM multipass_sessions WHERE {_LIVE}) AS ages
            GROUP BY label ORDER BY 3 DESC""",
        "shared-addresses": f"""
            SELECT ip_address, count(DISTINCT profile_id), count(*) FROM multipass_sessions
            WHERE {_LIVE} AND ip_address IS NOT NULL GROUP BY ip_address HAVING count(DISTINCT profile_id) >= 3
            ORDER BY 2 DESC, 3 DESC, 1 LIMIT 100""",
        "revocations": """SELECT revocation_reason, count(*), min(revoked_at) FROM multipass_sessions
                          WHERE revoked_at >= [-30 days] AND revoked_at < [now]
                          GROUP BY revocation_reason ORDER BY revocation_reason""",
    },
    "application_modules": {
        "by-status": "SELECT status, count(*) FROM application_modules GROUP BY status ORDER BY status",
    },
    "application_events": {
        "by-type": _severities("event_type", "application_events", _DAY),
        "by-severity": f"""SELECT severity, count(*) FROM application_events WHERE {_DAY}
                           GROUP BY severity ORDER BY severity""",
        "by-module": _severities(
            "m.name",
            "application_events e JOIN application_modules m ON m.id = e.module_id",
            "e.created_at >= [-1 day] AND e.created_at < [now]",
        ),
        "by-day": _severities("day#created_at#", "application_events", _MONTH),
        "noisy-addresses": f"""
            SELECT ip_address, count(*), count(DISTINCT profile_id), max(created_at) FROM application_events
            WHERE severity IN ('error', 'critical') AND ip_address IS NOT NULL AND {_MONTH}
            GROUP BY ip_address ORDER BY 2 DESC, 1 LIMIT 100""",
    },
    "asset_definitions": {
        "by-kind": "SELECT kind, status, count(*) FROM asset_definitions GROUP BY kind, status ORDER BY kind, status",
    },
    "asset_balances": {
        "by-asset": """SELECT a.symbol, a.status, count(*), sum#b.quantity#, max(b.quantity)
                       FROM asset_balances b JOIN asset_definitions a ON a.id = b.asset_id
                       GROUP BY a.symbol, a.status ORDER BY a.symbol""",
    },
    "market_orders": {
        "by-status": f"""SELECT status, side, count(*), min(created_at) FROM market_orders WHERE {_MONTH}
                         GROUP BY status, side ORDER BY status, side""",
        "open-by-asset": """
            SELECT a.symbol, o.side, count(*), sum(CASE WHEN o.kind = 'limit' THEN 1 ELSE 0 END), sum#o.quantity#,
                   sum#o.filled_quantity#, min(o.created_at)
            FROM market_orders o JOIN asset_definitions a ON a.id = o.asset_id WHERE o.status IN ('open', 'partial')
            GROUP BY a.symbol, o.side ORDER BY a.symbol, o.side""",
    },
    "positions": {
        "by-asset": """SELECT a.symbol, count(*), sum#p.quantity#, sum#p.realized_pnl#
                       FROM positions p JOIN asset_definitions a ON a.id = p.asset_id WHERE p.closed_at IS NULL
                       GROUP BY a.symbol ORDER BY a.symbol""",
    },
    "trades": {
        "volume": """SELECT a.symbol, count(*), sum#t.quantity#, min(t.price), max(t.price), max(t.executed_at)
                     FROM trades t JOIN asset_definitions a ON a.id = t.asset_id
                     WHERE t.executed_at >= [-30 days] AND t.executed_at < [now] GROUP BY a.symbol ORDER BY a.symbol""",
    },
    "notifications": {
        "by-status": f"""SELECT channel, status, count(*), min(created_at) FROM notifications WHERE {_MONTH}
                         GROUP BY channel, status ORDER BY channel, status""",
        "by-channel": f"""
            SELECT channel, count(*), sum(CASE WHEN status = 'sent' THEN 1 ELSE 0 END),
                   sum(CASE WHEN status = 'failed' THEN 1 ELSE 0 END), count(read_at),
                   round(100.0 * sum(CASE WHEN status = 'failed' THEN 1 ELSE 0 END)
                         / nullif(sum(CASE WHEN status IN ('sent', 'failed') THEN 1 ELSE 0 END), 0), 1)
            FROM notifications WHERE {_MONTH} GROUP BY channel ORDER BY channel""",
    },
    "report_definitions": {
        "by-status": "SELECT status, count(*) FROM report_definitions GROUP BY status ORDER BY status",
    },
    "generated_reports": {
        "by-status": f"""SELECT status, count(*), min(created_at) FROM generated_reports WHERE {_MONTH}
                         GROUP BY status ORDER BY status""",
        "by-definition": """
            SELECT d.name, count(*), sum(CASE WHEN r.status = 'ready' THEN 1 ELSE 0 END),
                   sum(CASE WHEN r.status = 'failed' THEN 1 ELSE 0 END), max(r.completed_at)
            FROM generated_reports r JOIN report_definitions d ON d.id = r.definition_id
            WHERE r.created_at >= [-30 days] AND r.created_at < [now] GROUP BY d.name ORDER BY d.name""",
    },
    "hardware_passes": {
        "by-status": "SELECT status, count(*), min(created_at) FROM hardware_passes GROUP BY status ORDER BY status",
        "by-model": """SELECT model, status, count(*) FROM hardware_passes GROUP BY model, status
                       ORDER BY model, status""",
        "by-firmware": """SELECT model, firmware_version, count(*) FROM hardware_passes WHERE status <> 'revoked'
                          GROUP BY model, firmware_version ORDER BY model, firmware_version""",
        "by-battery": """
            SELECT label, count(*) FROM (
                SELECT battery_level, CASE
                    WHEN battery_level IS NULL THEN 'unknown' WHEN battery_level <= 14 THEN '0 to 14 %'
                    WHEN battery_level <= 49 THEN '15 to 49 %' WHEN battery_level <= 79 THEN '50 to 79 %'
                    ELSE '80 to 100 %' END AS label
                FROM hardware_passes WHERE status <> 'revoked') AS bands
            GROUP BY label ORDER BY min(battery_level)""",
        "findings": " UNION ALL ".join(
            f"SELECT '{name}', count(*) FROM hardware_passes x WHERE {rule}"
            for name, rule in FINDINGS.items()
        ),
        "revocations": """SELECT revocation_reason, count(*) FROM hardware_passes
                          WHERE status = 'revoked' AND revoked_at >= [-30 days] AND revoked_at < [now]
                          GROUP BY revocation_reason ORDER BY revocation_reason""",
    },
    "hardware_challenges": {
        "by-status": f"""SELECT status, count(*), min(created_at) FROM hardware_challenges WHERE {_MONTH}
                         GROUP BY status ORDER BY status""",
        "by-model": """
            SELECT p.model, count(*), sum(CASE WHEN c.status = 'passed' THEN 1 ELSE 0 END),
                   sum(CASE WHEN c.status = 'failed' THEN 1 ELSE 0 END),
                   round(100.0 * sum(CASE WHEN c.status = 'failed' THEN 1 ELSE 0 END)
                         / nullif(sum(CASE WHEN c.status IN ('passed', 'failed') THEN 1 ELSE 0 END), 0), 1)
            FROM hardware_challenges c JOIN hardware_passes p ON p.id = c.pass_id
            WHERE c.created_at >= [-30 days] AND c.created_at < [now] GROUP BY p.model ORDER BY p.model""",
        "failing-passes": """
            SELECT p.serial, p.model, p.status, count(*), max(c.created_at)
            FROM hardware_challenges c JOIN hardware_passes p ON p.id = c.pass_id
            WHERE c.status = 'failed' AND c.created_at >= [-1 day] AND c.created_at < [now]
            GROUP BY p.serial, p.model, p.status ORDER BY 4 DESC, 1 LIMIT 100""",
    },
}
