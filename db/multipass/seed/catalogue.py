"""What is there before anybody comes: modules, assets, report definitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from db.invent import uuids
from db.multipass.seed.rows import Rows, Spice, between
from db.seed import Plan


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset, with what its amounts and prices look like."""

    id: str
    symbol: str
    kind: str
    status: str
    median: float
    """The middle of the amounts that are moved."""
    price: float
    quantum: Decimal
    """The smallest step of an amount."""


MODULES = (
    ("identity", "Profiles and verifications", "3.4.1", ("identity:read", "identity:write"), "enabled"),
    ("wallet", "Wallets and transfers", "5.0.2", ("wallet:read", "wallet:write"), "enabled"),
    ("market", "Orders and trades", "2.11.0", ("orders:read", "orders:write"), "enabled"),
    ("auth", "Sign-in and sessions", "4.2.7", ("session:manage",), "enabled"),
    ("passes", "Hardware passes", "1.9.3", ("pass:read", "pass:manage"), "enabled"),
    ("reports", "Reports and notifications", "2.0.0", ("report:read",), "enabled"),
    ("bridge", "Transfers between chains", "0.8.4", ("wallet:write", "bridge:use"), "disabled"),
    ("loyalty", "Points of the former programme", "1.0.9", (), "deprecated"),
)
"""Name, description, version, scopes, status."""

_ASSETS = (
    ("USD", "US dollar", "fiat", 2, "active", 900.0, 1.0),
    ("EUR", "Euro", "fiat", 2, "active", 850.0, 1.08),
    ("CHF", "Swiss franc", "fiat", 2, "active", 1200.0, 1.12),
    ("GBP", "Pound sterling", "fiat", 2, "halted", 700.0, 1.27),
    ("BTC", "Bitcoin", "token", 8, "active", 0.04, 64_000.0),
    ("ETH", "Ether", "token", 18, "active", 0.7, 3_200.0),
    ("USDC", "USD Coin", "token", 6, "active", 1500.0, 1.0),
    ("BLS", "Boundless", "token", 18, "active", 4000.0, 0.35),
    ("OLDX", "Former exchange token", "token", 18, "delisted", 60.0, 0.01),
    ("ACME", "Acme Holding, registered shares", "security", 0, "active", 25.0, 118.4),
    ("HELV31", "Helvetic bond 1.75 % 2031", "security", 0, "active", 40.0, 97.6),
    ("SOLAR", "Solar fund, class B", "security", 4, "active", 60.0, 41.2),
    ("NORD27", "Nordic note 3.1 % 2027", "security", 0, "halted", 30.0, 99.1),
    ("WIND19", "Wind farm note 2019", "security", 0, "delisted", 20.0, 12.5),
)
"""Symbol, name, kind, decimals, status, median amount, price."""

_REPORTS = (
    ("account-statement", "Movements of one profile in a period", ("profile_id", "from", "to"), "active"),
    ("kyc-register", "Verifications and their outcome", ("from", "to"), "active"),
    ("large-transactions", "Transactions above a threshold", ("threshold", "from", "to"), "active"),
    ("holdings", "Holdings by asset at a date", ("date",), "active"),
    ("trade-log", "Executed trades of an asset", ("asset", "from", "to"), "active"),
    ("pass-inventory", "Hardware passes by model and state", (), "active"),
    ("tax-2019", "Yearly tax summary in the old form", ("profile_id",), "archived"),
    ("stress-test", "Scenario over all positions", ("scenario",), "active"),
)
"""Name, description, parameters, status; of the last one no report is ever made."""


class Catalogue:
    """The rows that all others refer to, with their ids."""

    def __init__(self, plan: Plan) -> None:
        random = plan.random("multipass/catalogue")
        ids = iter(uuids(random, 64))
        self.now = plan.now
        self.modules = {name: next(ids) for name, *_ in MODULES}
        self.assets = [
            Asset(next(ids), symbol, kind, status, median, price, Decimal(1).scaleb(-min(decimals, 8)))
            for symbol, _, kind, decimals, status, median, price in _ASSETS
        ]
        self.reports = {name: (next(ids), parameters) for name, _, parameters, _ in _REPORTS}
        self.spice = Spice(plan, 7)

    def add(self, rows: Rows) -> None:
        """All of them, made two years ago and changed since."""
        begun = self.now - timedelta(days=760)
        for n, (name, description, version, scopes, status) in enumerate(MODULES):
            rows.of["application_modules"].append(
                (
                    self.modules[name],
                    name,
                    self.spice(description),
                    version,
                    scopes,
                    status,
                    begun,
                    between(begun, self.now, n / len(MODULES)),
                )
            )
        for n, (asset, row) in enumerate(zip(self.assets, _ASSETS, strict=True)):
            changed = between(begun, self.now, n / len(_ASSETS))
            issuer = f'{{"issuer": "{row[1]}", "listed": {str(asset.status != "delisted").lower()}}}'
            rows.of["asset_definitions"].append(
                (asset.id, asset.symbol, row[1], asset.kind, row[3], asset.status, issuer, begun, changed)
            )
        for n, (name, description, parameters, status) in enumerate(_REPORTS):
            named = " AND ".join(f"{parameter} = :{parameter}" for parameter in parameters) or "true"
            rows.of["report_definitions"].append(
                (
                    self.reports[name][0],
                    name,
                    self.spice(description),
                    f"SELECT * FROM {name.replace('-', '_')} WHERE {named}",  # noqa: S608 - an invented template
                    parameters,
                    status,
                    begun,
                    between(begun, self.now, n / len(_REPORTS)),
                )
            )

    @property
    def payable(self) -> list[Asset]:
        """What wallets are paid in and out with."""
        return [asset for asset in self.assets if asset.kind != "security" and asset.status == "active"]

    @property
    def traded(self) -> list[Asset]:
        """What is, or was, traded."""
        return [asset for asset in self.assets if asset.kind == "security" or asset.symbol in ("BLS", "OLDX")]
