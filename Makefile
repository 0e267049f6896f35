# Makes the environment, runs a config to the end, tests, lints. Everything else is a target of
# the workflow itself: .venv/bin/snakemake --cores all [target]

CONFIG ?= config.yaml
CORES ?= all
# Makes the environment. Empty: the first Python that fits.
PYTHON ?=

# As they were typed, and to the shell as variables, never as text: a name may hold spaces, quotes
# or $(...), and none of it is run.
override CONFIG := $(value CONFIG)
override CORES := $(value CORES)
override PYTHON := $(value PYTHON)
export CONFIG CORES PYTHON

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help env results test test-inputs test-kills test-slurm bench readme lint format python

BIN := .venv/bin
READY := .venv/.ready

# ultralytics otherwise asks the network at import and installs packages by itself.
export YOLO_OFFLINE := true
export YOLO_AUTOINSTALL := false

# uv trusts the machine's certificates, as pip does, where the machine has any.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/ca-certificates.crt),true,false)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile
	echo "  CONFIG=configs/smoke.yaml, CORES=4 and PYTHON=python3.12 change what these use."
	echo "  After any of them: .venv/bin/snakemake --cores all [target]"

env: $(READY) ## Make .venv from the hashed lock (7 GB; nothing is done where it is up to date)

results: $(READY) ## Run CONFIG (config.yaml) to the end; say where everything is, and the times
	@run=$$($(BIN)/python -m seedbed.render.summary --folder --configfile="$$CONFIG")
	$(BIN)/python -m seedbed.locks "$$run"
	$(BIN)/snakemake --cores="$$CORES" --configfile="$$CONFIG" \
	    --report "$$run/report.zip" --report-after-run
	$(BIN)/python -m seedbed.render.summary --configfile="$$CONFIG"

test: $(READY) ## Run the tests, two at a time
	@$(BIN)/python -m pytest -n 2 --no-loadscope-reorder

test-inputs: $(READY) ## Run the bad inputs for which a job must start
	@$(BIN)/python -m pytest -m jobs

test-slurm: $(READY) ## Run the smoke config through a real SLURM on this machine (root, Debian; an hour)
	@tests/slurm/up.sh install
	SEEDBED_SLURM=whole $(BIN)/python -m pytest -m slurm -s tests/workflow/test_slurm.py

test-kills: $(READY) ## Kill the smoke run a hundred times; its results must stay the same (45 min)
	@$(BIN)/python -m pytest -m kills -s tests/workflow/test_kills.py

bench: $(READY) ## Time everything that claims to be fast beside what it is faster than (10 min)
	@$(BIN)/python -m benchmarks

readme: $(READY) ## Write README's results from the finished run of CONFIG
	@$(BIN)/python -m seedbed.render.readme --configfile="$$CONFIG"

lint: $(READY) ## Check style, format and the workflow's own rules
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

format: $(READY) ## Format the code and the rules in place
	@$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile rules

# The Python that an environment would be made with: rather one that every locked package has a
# wheel for than a newer one, where some are compiled.
python:
	@found=
	candidates=(python3 python3.11 python3.12 python3.13)
	if [ -n "$$PYTHON" ]; then candidates=("$$PYTHON"); fi
	for before in 14 99; do
	    for candidate in "$${candidates[@]}"; do
	        fits="import sys; sys.exit(not (3, 11) <= sys.version_info < (3, $$before))"
	        "$$candidate" -c "$$fits" 2>/dev/null || continue
	        found=$$candidate
	        if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
	            echo "$$candidate"
	            exit 0
	        fi
	    done
	done
	if [ -n "$$found" ]; then
	    echo "$$found cannot make virtual environments yet: sudo apt-get install python3-venv" >&2
	else
	    echo "No Python from 3.11 on is here: sudo apt-get install python3 python3-venv," \
	        "or make PYTHON=/path/to/python" >&2
	fi
	exit 1

# `sync` leaves exactly what the locks name, so an older environment is brought up to date too.
$(READY): envs/requirements.lock envs/uv.lock.txt pyproject.toml
	@if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
	    python=$$($(MAKE) --silent python)
	    echo "Making .venv with $$python ($$("$$python" -V))"
	    "$$python" -m venv --clear .venv
	    "$$python" -c 'import sys; sys.exit(sys.version_info >= (3, 14))' ||
	        echo "immutables has no wheel for it and is compiled: this needs gcc and python3-dev"
	fi
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	    -r envs/uv.lock.txt
	echo "Installing what envs/requirements.lock names"
	$(BIN)/uv pip sync --python $(BIN)/python --require-hashes --compile-bytecode \
	    $$([ -t 2 ] || echo --quiet) envs/requirements.lock envs/uv.lock.txt
	touch $@
