"""Hardening: the database itself refuses an operator's change that the ledger does not tell of."""
