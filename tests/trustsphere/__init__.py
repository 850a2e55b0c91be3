"""TrustSphere on SQLite, MariaDB and MySQL."""
