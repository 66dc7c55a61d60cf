# `make run` starts everything on this machine; `make test` runs every test. The other goals serve these two.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check install install-dev browser node tester lock audit clean

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
ARGS ?=

SUITABLE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	if $$name -c '$(SUITABLE)' 2>/dev/null; then echo $$name; break; fi; done)

# A virtual environment survives neither the end of its Python nor a move of its folder: then it is made anew.
STALE := $(shell if [ -e $(VENV)/.place ] && { [ "$$(cat $(VENV)/.place)" != "$(CURDIR)" ] || \
	! $(BIN)/python -c '' 2>/dev/null; }; then rm -rf $(VENV); echo yes; fi)

help: ## Say what can be made.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 :: /p' Makefile | awk -F ' :: ' '{ printf "%-18s %s\n", $$1, $$2 }'

run: install ## Start the database, the server and the worker here, and print the page's address.
	$(BIN)/neuvo dev $(ARGS)

test: install-dev node browser tester ## Run every test, one process a core. ARGS goes to pytest.
	$(BIN)/pytest --numprocesses auto $(ARGS)

check: install-dev audit ## Look for faults without running: style, types, imports, copies, dead code, files.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pylint --disable=all --enable=duplicate-code bot channels console dialogs health knowledge mydata nlu portal proactive
	! $(BIN)/vulture --min-confidence 60 | grep -v '^tests/' | grep -E 'unused (function|class|method|property|import)|unreachable'
	$(BIN)/yamllint --strict .
	$(BIN)/shellcheck .ci/run scripts/*.sh
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

audit: install-dev ## Ask whether a dependency has a known weakness; without a network, say so and go on.
	sh scripts/audit.sh $(BIN) requirements.lock

install: $(VENV)/.installed ## Make the virtual environment with what running needs.

install-dev: $(VENV)/.installed-dev ## Add what testing and checking need.

$(VENV)/.place:
	@if [ -z "$(PYTHON)" ]; then \
		echo 'Neuvo needs Python 3.11, 3.12 or 3.13 with venv (on Debian: apt-get install python3-venv),' >&2; \
		echo 'or the name of one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12' >&2; exit 1; fi
	$(PYTHON) -m venv $(VENV)
	@printf '%s' '$(CURDIR)' > $@

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/.place
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	$(PIP) install --quiet --no-build-isolation --no-deps --no-index --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

# Packages of Node, for the peers and the widget's tests.
node: $(if $(wildcard package.json),node_modules/.package-lock.json)

node_modules/.package-lock.json: package.json package-lock.json
	@command -v npm >/dev/null || { echo 'the tests need Node.js 20 with npm (on Debian: apt-get install npm)' >&2; exit 1; }
	npm ci --no-audit --no-fund
	@touch $@

browser: install-dev
	@sh scripts/browser.sh $(BIN)

# The city's tester of GDPR APIs, which must not share an environment with the server's packages.
TESTER := $(VENV)/gdpr-api-tester

tester: $(TESTER)/.installed

$(TESTER)/.installed: tests/peers/gdpr-api-tester.lock | $(VENV)/.installed
	$(BIN)/python -m venv --clear $(TESTER)
	$(TESTER)/bin/python -m pip --disable-pip-version-check --no-input install --quiet --no-deps --require-hashes \
		--requirement $<
	@touch $@

LOCK := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

lock: install-dev ## Choose the newest versions anew and write both lock files.
	$(BIN)/$(LOCK) --upgrade --group build --output-file requirements.lock
	$(BIN)/$(LOCK) --upgrade --extra semantic --extra plot --group build --group test --group check --constraint requirements.lock \
		--output-file requirements-dev.lock

clean: ## Remove what was made, but not the data in var/.
	rm -rf $(VENV) node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
