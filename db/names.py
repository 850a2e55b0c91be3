"""The systems by name, apart from ``db.registry``: a profile is read before SQLAlchemy is imported."""

NAMES = ("trustsphere", "paymentlinker", "finpass", "multipass")
"""A fifth is a folder and one line here."""
