"""Bun Payment Linker: loan applications, the device fleet and their audit trail, for many tenants."""
