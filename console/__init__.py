"""The program: command line, profiles, secrets and the app; the only package that knows the other two."""
