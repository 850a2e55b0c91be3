"""FinPass: verifiable credentials, their holders, payments and the audit of both."""
