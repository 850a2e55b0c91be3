"""Measured figures: run by ``make bench``, never by the gate."""
