"""What speaks for and against an applicant: addresses, reports, documents, and the model's explanation."""

from __future__ import annotations

import json
from random import Random

FEATURES = (
    "velocity",
    "income",
    "account_age",
    "credit_history",
    "device_reputation",
    "address_stability",
    "debt_ratio",
    "identity_match",
)
EMPLOYMENT = ("employed", "employed", "employed", "self_employed", "unemployed", "retired", "student")
APPROVING = ("income documents match", "thin file, guarantor named", "velocity explained by a family plan")
DECLINING = (
    "documents do not match the applicant",
    "address cannot be confirmed",
    "same device as a declined applicant",
)
MODELS = ("risk-2.9.1", "risk-3.0.0", "risk-3.1.4", "risk-3.2.0")
"""The versions of the model, the oldest first."""

_CITIES = (
    ("Springfield", "IL"),
    ("Portland", "OR"),
    ("Savannah", "GA"),
    ("Duluth", "MN"),
    ("Santa Fe", "NM"),
    ("Burlington", "VT"),
    ("Mobile", "AL"),
)
_STREETS = (
    "Oak Street",
    "Maple Avenue",
    "2nd Street",
    "Washington Boulevard",
    "Río Grande Road",
    "Mill Lane",
)

ADDRESSES = tuple(
    json.dumps(
        {
            "street": f"{n * 7 % 990 + 1} {_STREETS[n % 6]}",
            "city": _CITIES[n % 7][0],
            "state": _CITIES[n % 7][1],
            "zip": f"{n * 911 % 90_000 + 10_000}",
        }
    )
    for n in range(210)
)
REPORTS = tuple(
    json.dumps(
        {
            "bureau": ("experian", "equifax", "transunion")[n % 3],
            "accounts": n % 14,
            "delinquencies": n % 4,
            "utilization": n * 13 % 100 / 100,
        }
    )
    for n in range(60)
)
IDENTITIES = tuple(
    json.dumps(
        {
            "provider": "plaid",
            "name_match": n % 7 != 0,
            "address_match": n % 5 != 0,
            "watchlist_hit": n % 29 == 0,
        }
    )
    for n in range(58)
)
DOCUMENTS = (
    '[{"type": "passport", "verified": true}]',
    '[{"type": "drivers_license", "verified": true}]',
    '[{"type": "utility_bill", "verified": false}]',
    "[]",
    None,
)


def explained(random: Random, risk: int) -> tuple[str, str]:
    """What each of five features contributed to the score, and the factors that spoke against the applicant."""
    lean = (risk - 500) / 1000
    first = random.randrange(8)
    parts = [
        (FEATURES[(first + n) & 7], (random.randrange(160) - 80) / 100 + (lean if n < 2 else 0.0))
        for n in range(5)
    ]
    contributions = ", ".join(f'"{feature}": {part:.2f}' for feature, part in parts)
    against = ", ".join(
        f'{{"factor": "{feature}", "impact": {part:.2f}}}' for feature, part in parts if part > 0.1
    )
    return f"{{{contributions}}}", f"[{against}]"
