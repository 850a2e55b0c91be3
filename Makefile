# Every target does all of its own set-up, on Debian or Ubuntu with Python 3.11 or later.
# A second run finds the stamps and starts at once. Nothing asks a question when CI is set or there is no terminal.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
READY := .venv/.stamp-project
MYSQL := .cache/mysql
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadgroup

.PHONY: help demo test test-mysql lint bench lock clean

help:
	@echo "make demo        four SQLite systems with invented rows, in the console"
	@echo "make test        the gate: ruff, mypy, pytest on SQLite, PostgreSQL and MariaDB"
	@echo "make test-mysql  the bodies that run on a real MySQL"
	@echo "make lint        ruff and mypy alone"
	@echo "make bench       the measured figures, printed and written to RESULTS.md"
	@echo "make lock        requirements.lock anew (UPGRADE=--upgrade takes newer releases)"
	@echo "make clean       what the targets made"

demo: $(READY)
	@$(BIN)/quaestor demo

test: lint
	@.ci/packages servers
	@$(PYTEST)

test-mysql: $(READY)
	@.ci/packages mysql
	@.ci/mysql $(MYSQL)
	@$(PYTEST) --engines mysql

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy

bench: $(READY)
	@.ci/packages servers
	@$(BIN)/python -m tests.benchmarks

lock: .cache/uv/.stamp
	@.cache/uv/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet $(UPGRADE) --output-file requirements.lock

clean:
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml .venv/.stamp-requirements
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.stamp-requirements: requirements.lock
	@test -n "$(PYTHON)" || { echo "quaestor needs Python 3.11 or later: install it, or say make PYTHON=…" >&2; exit 1; }
	@.ci/packages venv "$(PYTHON)"
	@$(BIN)/python -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv
	@echo "installing what requirements.lock names into .venv (once)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@

.cache/uv/.stamp:
	@test -n "$(PYTHON)" && .ci/packages venv "$(PYTHON)"
	@"$(PYTHON)" -m venv --clear .cache/uv
	@.cache/uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	@touch $@
