# The daily vocabulary. Each command makes .venv first: by uv where it is installed, else by Python's own venv and pip.
# Nothing is installed that the locks do not name with its hash.

PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	--no-emit-find-links --python-version 3.11 --group install pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help demo run test check lock migration

help:  ## what there is
	@echo "make demo    a believable store to look around in; prints its address and sign-ins"
	@echo "make run     your own desk (the same as: .venv/bin/checkout-desk up)"
	@echo "make test    the tests, with what they need from the system where it can be fetched"
	@echo "make check   linter, formatter, type checker, and who may import whom"
	@echo "make lock    write requirements.lock and requirements-dev.lock anew from pyproject.toml"
	@echo "make migration NAME=\"what it does\"    a new version of the database"

demo: .venv/core
	@$(BIN)/checkout-desk demo

run: .venv/core
	@$(BIN)/checkout-desk up

test: .venv/dev
	$(BIN)/python -m tests.parts.install
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

lock: .venv/dev
	$(COMPILE) -o requirements.lock
	$(COMPILE) --all-extras -c requirements.lock -o requirements-dev.lock

migration: .venv/core
	@test -n "$(NAME)" || { echo 'Say what it does: make migration NAME="add the colour of tags"'; exit 2; }
	$(BIN)/python -c 'import sys; from checkout_desk import app, migrating; a = app.create_app(); migrating.upgrade(a); a.app_context().push(); migrating.write_version(sys.argv[1])' "$(NAME)"

# A development environment serves for running as well, so `make demo` leaves one alone.
.venv/core: requirements.lock pyproject.toml
	@test -e .venv/dev || sh .ci/venv $(PYTHON) requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock pyproject.toml
	@sh .ci/venv $(PYTHON) requirements-dev.lock
	@touch $@ .venv/core
