"""Multipass: its tables, views, figures and synthetic rows, against SQL that was written by hand."""
