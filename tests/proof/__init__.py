"""Audit mode: what cannot be written, tried."""
