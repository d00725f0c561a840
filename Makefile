# Stadtkern: everything begins here. `make run` needs Python 3.11 and Node 20, nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps

INSTALLED := .venv/.installed
INSTALLED_DEV := .venv/.installed-dev
PACKAGES := node_modules/.installed
ASSETS := stadtkern/static_built/.built
SOURCES := $(shell find stadtkern -path '*/assets/*' -type f -not -path '*/tests/*' 2>/dev/null) \
           $(shell find stadtkern -path '*/templates/*' -type f 2>/dev/null) $(wildcard cities/*/theme.css) $(wildcard tools/build*.mjs)
MESSAGES := $(shell find stadtkern -name '*.po' 2>/dev/null)
SMOKE := $(wildcard $(addprefix stadtkern/,core/tests/test_events.py people/tests/test_rights.py \
           places/tests/test_gazetteer.py threads/tests/test_conversation.py threads/tests/test_notifying.py \
           threads/tests/test_due.py reports/tests/test_filing.py reports/tests/test_workflow.py \
           reports/tests/test_imports.py reports/tests/citizen/test_lists.py reports/tests/desk \
           reports/tests/open311/test_api.py hub/tests/store/test_append.py hub/tests/store/test_rolling.py \
           hub/tests/sta_read/test_filter.py hub/tests/sta_read/test_apply.py hub/tests/sta_write/test_posting.py \
           hub/tests/registering)) tests/operations/test_commands.py
SPREAD ?= -n 2 --dist loadfile

.PHONY: help run setup develop test test-fast test-smoke test-scripts check bench shots locks clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: setup ## set up and start the Bochum pack with demo data on one port (STADTKERN_PORT, default 8000)
	@exec $(BIN)/stadtkern up --demo

setup: $(INSTALLED) $(ASSETS) .venv/.messages ## everything that is needed to run
develop: setup $(INSTALLED_DEV) ## what the checks, tests and benches need on top

test: develop test-scripts ## every test
	$(BIN)/pytest $(SPREAD)

test-fast: develop test-scripts ## the tests that need no browser and no whole installation
	$(BIN)/pytest $(SPREAD) -m "not browser and not slow and not operations"

test-smoke: develop ## the smoke part: what leans on SQL; set DATABASE_URL to try another PostgreSQL
	$(BIN)/pytest $(SPREAD) -m "not browser and not slow and not operations" $(SMOKE)

test-scripts: $(PACKAGES)
	@npm test --silent

check: develop ## lint, types, import rules, sizes, addresses, translations
	@$(BIN)/python tools/check.py

bench: develop bench/node_modules/.installed ## measure the pages, the hub's ingest and its answers against floors
	$(BIN)/python -m bench
	$(BIN)/python -m bench.hub_ingest
	$(BIN)/python -m bench.hub_csv
	$(BIN)/python -m bench.hub_reads
	$(BIN)/python -m bench.hub_mixed

shots: develop ## screenshots of the main pages, phone and desktop
	$(BIN)/python tools/shots.py

# Without --upgrade uv keeps every version that still fits; overrides leave out what a server never needs.
LOCK = uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

locks: ## write the lock files anew after a change of requirements/*.in (needs uv)
	@command -v uv >/dev/null || { echo "uv is missing: it writes the lock files. pip install uv"; exit 1; }
	$(LOCK) --override requirements/overrides.txt -o requirements/main.lock requirements/main.in
	$(LOCK) -o requirements/dev.lock requirements/dev.in

clean: ## stop the tests' PostgreSQL and throw its data away
	@$(BIN)/python -c "from pathlib import Path; from stadtkern.config.run import postgres; \
	postgres.throw_away(Path('.data/test-postgres'))"

$(INSTALLED): requirements/main.lock tools/link_checkout.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 is missing."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "Python cannot make virtual environments here. On Debian: apt-get install python3-venv"; exit 1; }
	$(PIP) -r requirements/main.lock
	@$(BIN)/python tools/link_checkout.py
	@touch $@

$(INSTALLED_DEV): requirements/dev.lock $(INSTALLED)
	$(PIP) -r requirements/dev.lock
	@touch $@

$(PACKAGES): package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

bench/node_modules/.installed: bench/package.json bench/package-lock.json
	cd bench && npm ci --no-audit --no-fund
	@touch $@

$(ASSETS): $(SOURCES) $(PACKAGES)
	node tools/build.mjs
	@touch $@

.venv/.messages: $(MESSAGES) $(INSTALLED)
	@if [ -f tools/messages.py ]; then $(BIN)/python tools/messages.py compile; fi
	@touch $@
