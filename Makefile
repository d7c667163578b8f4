# Everything a newcomer needs: make run, make test. Only Python 3.11+, git and make must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install dev run test test-fast check golden docs bench bench-unchanged clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

install: $(VENV)/.installed  ## install into .venv
dev: $(VENV)/.installed-dev  ## install into .venv with what tests and checks need

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

run: install  ## install and run the job on timm's newest results (on a made-up sample if they can't be reached)
	$(BIN)/timm-charts refresh --sample-if-unreachable

test: dev  ## install and run all checks and all tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadgroup

test-fast: dev  ## the tests that take half a minute together
	$(BIN)/python -m pytest -n 2 -m "not slow"

check: dev  ## lint and types only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

golden: dev  ## write the agreed specifications of charts anew; look at the diff
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q tests/charts/test_golden.py

docs: install  ## write the generated parts of docs/
	$(BIN)/python -m config.dictionary docs

bench: dev  ## time the job against a plain script that makes the same files
	$(BIN)/python -m tests.bench.compare

bench-unchanged: dev  ## time a refresh with nothing new against an empty flow
	$(BIN)/python -m tests.bench.unchanged

clean:  ## remove the environment and tool caches, not the outputs
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
