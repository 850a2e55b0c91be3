"""The town of ``tests/who``, on files and on the real engines."""

from tests.who.conftest import lite, model, pytest_generate_tests, town

__all__ = ["lite", "model", "pytest_generate_tests", "town"]
