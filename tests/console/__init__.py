"""The command line, profiles and secrets."""
