"""What FinPass's invented rows are made of: places, programs, issuers, goods, and JSON that is none."""

PLACES = (
    ("DE", "Berlin", "de-DE", "+49 30"), ("SE", "Malmö", "sv-SE", "+46 40"), ("US", "Austin", "en-US", "+1 512"),
    ("GB", "Leeds", "en-GB", "+44 113"), ("NG", "Lagos", "en-NG", "+234 1"), ("IN", "Pune", "mr-IN", "+91 20"),
    ("JP", "大阪", "ja-JP", "+81 6"), ("BR", "São Paulo", "pt-BR", "+55 11"), ("CH", "Zürich", "de-CH", "+41 44"),
    ("SG", "Singapore", "en-SG", "+65 6"), ("PL", "Łódź", "pl-PL", "+48 42"), ("VN", "Đà Nẵng", "vi-VN", "+84 236"),
)  # fmt: skip
"""Country, city, locale, beginning of a phone number."""
MAIL_HOSTS = ("example.org", "example.com", "example.net", "mail.example")
CLIENTS = (
    ("wallet-ios/3.2.1", "FinPassWallet/3.2.1 (iPhone; iOS 18.1; Scale/3.00)"),
    ("wallet-ios/3.1.0", "FinPassWallet/3.1.0 (iPhone; iOS 17.6; Scale/2.00)"),
    ("wallet-android/3.2.0", "FinPassWallet/3.2.0 (Linux; Android 15; Pixel 8) okhttp/4.12"),
    ("wallet-android/2.9.4", "FinPassWallet/2.9.4 (Linux; Android 12; SM-A525F) okhttp/4.9"),
    ("web/2025.11", "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"),
    ("web/2025.10", "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15"),
    ("sdk-java/1.8", "finpass-sdk/1.8 (Java/21.0.2)"),
)  # fmt: skip
STAFF = (
    ("m.okafor", "COMPLIANCE_OFFICER"), ("a.lindqvist", "SUPPORT"), ("r.menon", "RISK_ANALYST"),
    ("k.tanaka", "ADMIN"), ("svc-screening", "SERVICE"), ("svc-scheduler", "SERVICE"),
)  # fmt: skip
ISSUERS = (
    "did:web:issuer.finpass.example", "did:web:kyc.nordbank.example", "did:web:id.helvetia-trust.example",
    "did:web:registry.gov.example", "did:web:verify.lagospay.example",
)  # fmt: skip
CREDENTIAL_TYPES = (
    "KycCredential", "AccreditedInvestorCredential", "BankAccountCredential", "AgeCredential", "AddressCredential",
)  # fmt: skip
PROOFS = ("Ed25519Signature2020", "JsonWebSignature2020", "DataIntegrityProof")
CURRENCIES = ("USD",) * 9 + ("EUR",) * 6 + ("GBP",) * 2 + ("CHF", "SGD", "INR")
METHODS = ("CARD",) * 5 + ("BANK_TRANSFER",) * 3 + ("WALLET",) * 2 + ("SEPA_DEBIT",)
MERCHANTS = tuple(
    f"did:web:{name}.example"
    for name in (
        "books-and-more", "fjord-energy", "velo-berlin", "spice-market", "cloud-nine-hosting", "st-anne-clinic",
        "metro-tickets", "kakadu-tours", "quick-loans", "green-grocer", "opera-house", "fit-club",
    )
)  # fmt: skip
GOODS = (
    "Invoice {n}", "Order {n}", "Monthly plan, period {n}", "Rent {n}", "Insurance premium {n}", "Ticket {n}",
    "Überweisung Nr. {n}", "付款 {n}", "Facture nº {n}", "تحويل {n}", "Refundable deposit {n}", "Salary advance {n}",
)  # fmt: skip
FAILURES = (
    "insufficient funds", "card expired", "declined by issuer", "KYC decision token expired", "processor timeout",
    "suspected fraud", "payee account closed",
)  # fmt: skip
REFUNDS = ("requested by customer", "duplicate payment", "goods not delivered", "wrong amount")
NOT_JSON = (
    "imported from the old system, see ticket 4711", "{'single': 'quotes'}", '{"cut off": ', "key=value;key2=value2",
    "NaN", "null,", "<metadata/>",
)  # fmt: skip
