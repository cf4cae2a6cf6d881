# Ridgeline. `make run` starts it; `make test` runs every check. Everything that they need is put into this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NPM := ../setup/with-node npm
PIP_INSTALL := $(BIN)/python -m pip install --quiet --require-hashes
UV_COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet
PAGE_SOURCES := $(shell find frontend/src frontend/public frontend/plugins -type f 2>/dev/null) \
	$(wildcard frontend/*.ts frontend/*.json frontend/*.html)
# Most tests wait for something more than they compute, so that two cores keep up with four.
PROCESSES ?= 4
# Whole files to each process, in the order of tests/scheduling.py.
SIDE_BY_SIDE = $(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder
BENCHMARKS := training recording page_load epoch_to_screen viewers first_point coverage

.DELETE_ON_ERROR:
.PHONY: run build test lint check-page pytest coverage faults bench audit licences picture format hooks lock clean help

run: build ## start Ridgeline at http://127.0.0.1:8000; Ctrl-C ends it
	@exec $(BIN)/ridgeline up

build: $(VENV)/run.stamp frontend/dist/.stamp ## everything that `make run` needs, without starting it

test: lint check-page pytest ## every check and every test

lint: $(VENV)/dev.stamp ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check-page: frontend/node_modules/.stamp ## biome, the TypeScript compiler and vitest
	cd frontend && $(NPM) run check && $(NPM) test

pytest: $(VENV)/dev.stamp build ## the Python tests, all tiers, side by side in $(PROCESSES) processes; ARGS="-k name" chooses
ifdef ARGS
	$(SIDE_BY_SIDE) $(ARGS)
else
	$(SIDE_BY_SIDE) -m "not alone"
	$(BIN)/python -m pytest -m alone
endif

coverage: $(VENV)/dev.stamp build ## the Python tests again, and which lines of core, backend and worker none of them ran: build/coverage/index.html
	$(BIN)/python -m pytest --cov=core --cov=backend --cov=worker --cov-report=term --cov-report=html:build/coverage $(ARGS)

faults: $(VENV)/dev.stamp build ## the fault tests at their full numbers, and their figures; ARGS="-k broker" chooses, RIDGELINE_FAULTS_SEED too
	RIDGELINE_FAULTS=full $(BIN)/python -m pytest tests/faults $(ARGS)

bench: $(VENV)/bench.stamp build ## the benchmarks, each printing what it measured
	@for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python -m "benchmarks.$$name" || exit 1; done

format: $(VENV)/dev.stamp frontend/node_modules/.stamp ## rewrite the sources as the linters want them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd frontend && $(NPM) run format

hooks: $(VENV)/dev.stamp frontend/node_modules/.stamp ## have git run the linters before each commit
	$(BIN)/pre-commit install

lock: | $(BIN)/python ## pin every dependency anew from pyproject.toml
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(UV_COMPILE) --extra install --extra node --extra worker --extra test -o requirements/dev.lock
	$(UV_COMPILE) --extra install --extra node --extra worker -c requirements/dev.lock -o requirements/run.lock
	$(UV_COMPILE) --extra install --extra worker -c requirements/dev.lock -o requirements/worker.lock
	$(UV_COMPILE) --extra install -c requirements/dev.lock -o requirements/api.lock
	$(UV_COMPILE) --extra worker --extra bench -c requirements/dev.lock -o requirements/bench.lock
	$(UV_COMPILE) --extra audit -c requirements/dev.lock -o requirements/audit.lock

clean: ## remove all that was built or installed here; var/, with your experiments, stays
	rm -rf $(VENV) build .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis frontend/dist frontend/node_modules *.egg-info

audit: $(VENV)/audit.stamp frontend/node_modules/.stamp ## known vulnerabilities of what is locked; fails where they cannot be looked up
	@$(BIN)/python -m setup.audit

licences: $(VENV)/dev.stamp ## write docs/licences.md anew
	@$(BIN)/python -m setup.licences

picture: $(VENV)/dev.stamp build ## draw the README's picture anew
	@$(BIN)/python -m setup.picture

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1 | \2/p' Makefile

$(BIN)/python:
	@sh setup/check-python "$(PYTHON)"
	@echo "Making the environment in $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

# One environment serves both: the two locks pin the same releases, so neither undoes the other.
$(VENV)/run.stamp: requirements/run.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Ridgeline needs (the first time takes minutes: PyTorch is large)"
	@$(PIP_INSTALL) -r requirements/run.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	@echo "Installing what the tests need"
	@$(PIP_INSTALL) -r requirements/dev.lock
	@touch $@

$(VENV)/bench.stamp: requirements/bench.lock $(VENV)/dev.stamp
	@echo "Installing what the benchmarks compare with"
	@$(PIP_INSTALL) -r requirements/bench.lock
	@touch $@

$(VENV)/audit.stamp: requirements/audit.lock $(VENV)/dev.stamp
	@$(PIP_INSTALL) -r requirements/audit.lock
	@touch $@

frontend/node_modules/.stamp: frontend/package.json frontend/package-lock.json | $(VENV)/run.stamp
	@echo "Installing what the page is built with"
	@cd frontend && $(NPM) ci --no-audit --no-fund
	@touch $@

frontend/dist/.stamp: frontend/node_modules/.stamp $(PAGE_SOURCES)
	@echo "Building the page"
	@cd frontend && $(NPM) run build
	@touch $@
