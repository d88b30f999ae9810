# capcoada: `make help` lists what can be made.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help run demo setup setup-dev test check format types imports tests test-auth-emulator lock i18n rules wording docs bench bench-huge bench-long soak day eval screenshots clean audit

help: # this list
	@grep -E '^[a-z0-9-]+:.*#' Makefile | sed -E 's/:[^#]*# /\t/' | expand -t 14

run: setup # open the console on this machine's data folder
	@$(BIN)/capcoada

demo: setup # open the console against a simulated WhatsApp with a lively little company
	@$(BIN)/capcoada demo

setup: $(VENV)/.ready # make the environment from the lock file
setup-dev: $(VENV)/.ready-dev # the same, with the tools that the checks need

$(VENV)/.ready: requirements.lock pyproject.toml
	@./scripts/make-environment $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock pyproject.toml
	@./scripts/make-environment $(PYTHON) $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/.ready

test: setup-dev check # set up, then run every check

check: format types imports tests # every check, in an environment that is there

format: # ruff: format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: # mypy, strict
	$(BIN)/mypy

imports: # the doors between tui, core and bridge
	$(BIN)/lint-imports

tests: # pytest, in parallel
	$(BIN)/pytest -n 2 --dist worksteal

test-auth-emulator: setup-dev # the sign-in against Firebase's own Auth emulator (needs Node)
	npx --yes firebase-tools@15 emulators:exec --only auth --project demo-capcoada \
	  "$(BIN)/pytest -q tests/core/identity tests/bridge/server/test_emulator_token.py"

bench: setup-dev # measure, and write benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

bench-huge: setup-dev # the same of 5,000,000 messages: half an hour and four GB the first time
	$(BIN)/python -m benchmarks --only huge

bench-long: setup-dev # the console's memory through ten busy hours, in twenty minutes
	$(BIN)/python -m benchmarks --only long

SOAK_KILLS ?= 500
SOAK_SEED ?= 0

soak: setup-dev # kill the bridge 500 times and count what it cost (SOAK_KILLS, SOAK_SEED)
	$(BIN)/python -m tests.faults.soak --kills $(SOAK_KILLS) --seed $(SOAK_SEED)

day: setup-dev # a day of a busy firm in minutes, and whether anything grows
	$(BIN)/python -m tests.faults.day

EVAL_ENGINE ?= rules
EVAL_DATA ?= $(firstword $(wildcard ../shared/data/bookings.dev.jsonl) tests/data/bookings.own.jsonl)
EVAL_OUT ?= build/extraction.jsonl

eval: setup-dev # score the extraction engine on labelled conversations (EVAL_DATA, EVAL_ENGINE)
	@mkdir -p $(dir $(EVAL_OUT))
	$(BIN)/python -m bridge extract --engine $(EVAL_ENGINE) --input $(EVAL_DATA) --output $(EVAL_OUT)
	$(BIN)/python -m benchmarks.eval_extraction --expected $(EVAL_DATA) --actual $(EVAL_OUT)

screenshots: setup-dev # draw every screen anew into screenshots/
	$(BIN)/python -m screenshots

i18n: setup-dev # bring the message catalogues into step with the code, and compile them
	$(BIN)/python scripts/i18n.py

rules: setup-dev # bring the packaged security rules into step with firestore.rules
	$(BIN)/python -m scripts.rules

wording: setup-dev # learn anew what chats want by their wording, from tests/data
	$(BIN)/python -m scripts.wording

docs: setup-dev # write the pages that are made from the code
	$(BIN)/python -m scripts.keys
	$(BIN)/python -m scripts.settings
	$(BIN)/python -m scripts.cost

lock: # renew the lock files from pyproject.toml
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --upgrade -q -o requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header -c requirements.lock -q -o requirements-dev.lock

audit: # ask the advisory database about every pinned dependency; needs the internet
	$(PYTHON) -m venv build/audit
	build/audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	build/audit/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip

clean: # remove the environment and caches
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
