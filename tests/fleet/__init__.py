"""Fleets: rules, counts, following."""
