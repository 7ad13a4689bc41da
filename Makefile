# Two commands are enough: `make run` and `make test`. Each makes its own environment first.
# Modules are compiled once here: where PYTHONDONTWRITEBYTECODE is set, every process would compile all it imports, 8 s each.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
FLAGSHIP := scenarios/checkout-evening-peak.yaml
ARGS ?=

.PHONY: help run test verify bench soak docs format lock clean

help: ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/.run: pyproject.toml requirements.lock
ifdef UV
	test -x $(BIN)/python || uv venv --quiet --seed $(VENV)
	uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.lock
	uv pip install --quiet --python $(BIN)/python --no-deps -e .
else
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
endif
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.lock
ifdef UV
	uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements-dev.lock
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
endif
	@touch $@

$(VENV)/.bench: $(VENV)/.test requirements-bench.lock
ifdef UV
	uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements-bench.lock
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.lock
endif
	@touch $@

run: $(VENV)/.run ## play the flagship scenario and write its report (ARGS="--precision 5%" for a longer study)
	@$(BIN)/python -m compileall -q sim
	@$(BIN)/rollrisk run $(FLAGSHIP) $(ARGS)

test: $(VENV)/.test ## lint, types, floors, and all tests
	@$(BIN)/python -m compileall -q sim
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -n auto --dist worksteal -m "not verify"

verify: $(VENV)/.test ## the longer statistical proofs
	@$(BIN)/pytest -n auto --dist worksteal -m verify tests/verify tests sim

bench: $(VENV)/.bench ## how fast, beside SimPy, Ciw and C (ARGS="--most 1e8" for a hundred million requests)
	@PYTHONPATH=tests/requests $(BIN)/python tests/bench $(ARGS)

soak: $(VENV)/.test ## kills, turned bits and full disks by the thousand (ARGS="--kills 50 --flips 100 --seed 7" for fewer)
	@PYTHONPATH=tests/soak:tests/cli:tests/study $(BIN)/python tests/soak $(ARGS)

docs: $(VENV)/.test ## the pages of docs/ as a site in docs/_build, readable offline
	@$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build
	@echo docs/_build/index.html

format: $(VENV)/.test ## put the sources in shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(VENV)/.test ## pin every dependency anew, for all supported versions of Python
	uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header --quiet pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header --quiet pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header --quiet pyproject.toml --group bench -o requirements-bench.lock

clean: ## remove the environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist docs/_build docs/reference
