# What a developer does here, one word each: `make` lists the words.

PORT ?= 8000
PYTHON ?= python3
T ?=
N ?= 100000
SEED ?= $(shell date +%s)
B ?=

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

BIN := .venv/bin
LOCKED := .venv/.locked
INSTALLED := .venv/.installed
EXPLORER := .venv/.explorer

.DEFAULT_GOAL := help
.PHONY: help dev test soak check fix schema lock bench install explorer clean

help: ## List these words.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

dev: install ## Serve on this machine, with demo people: make dev PORT=8171.
	@$(BIN)/orgraph dev --port $(PORT)

test: install ## Run the tests, or some of them: make test T="tests/server -k cors".
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadscope $(T)

soak: install ## Ask N times in both ways, then be attacked: make soak N=5000 SEED=7.
	@EXAMPLES=$(N) SEED=$(SEED) $(BIN)/python -m pytest -s tests/plan/test_equality.py
	@SOAK=1 $(BIN)/python -m pytest tests/server/test_log_canaries.py
	@SOAK=1 $(BIN)/python -m pytest -s tests/graph/test_hostile_documents.py

check: install ## Everything but the tests: format, lint, types, imports, schema, migrations.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/orgraph schema print | diff schema.graphql - || { echo 'schema.graphql is not what the code says: make schema'; exit 1; }
	@$(BIN)/orgraph db migrate --sql | $(BIN)/squawk

fix: install ## Format, and mend what the linter can mend.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

schema: install ## Print the schema to schema.graphql.
	@$(BIN)/orgraph schema print > .venv/schema.graphql
	@mv .venv/schema.graphql schema.graphql

lock: install ## Pin every dependency anew, with hashes and without addresses.
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --all-extras --upgrade --output-file requirements.lock pyproject.toml

bench: install ## Measure against the peers, half an hour: make bench B="--contenders raw,planned --rounds 2".
	@$(BIN)/python -m bench run $(B)

install: $(INSTALLED) $(EXPLORER) ## Prepare .venv, once, and again when the lock changes.

explorer: $(INSTALLED) ## Build the explorer again.
	@$(BIN)/orgraph explorer build --force > /dev/null
	@touch $(EXPLORER)

clean: ## Remove what can be made again; the data in .orgraph stays.
	rm -rf .venv dist graph/explorer/dist graph/explorer/node_modules bench/postgraphile/node_modules tests/clients/node_modules
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# Each step leaves a stamp, so that it is done once, and again when what it was made of changes.

$(LOCKED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is older than Python 3.11, or not there: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo 'Python has no venv here. On Debian: apt-get install python3-venv'; exit 1; }
	@echo 'installing the dependencies (once)' >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(INSTALLED): $(LOCKED) pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(EXPLORER): $(INSTALLED) graph/explorer/package.json graph/explorer/package-lock.json $(wildcard graph/explorer/src/*)
	@$(BIN)/orgraph explorer build > /dev/null
	@touch $@
