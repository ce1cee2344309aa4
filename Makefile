# Longhouse: every target below starts from nothing but python3 and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help up test test-all fast-warehouse fast-others test-rooms test-journeys check check-code check-words bench bench-ml screenshots lock

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:[^#]*## /\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Longhouse needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Making the environment in $(VENV) (one to two minutes the first time)"
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements.lock || \
		$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip check
	@touch $@

up: $(READY)  ## environment, stores, demo company, first build, serve
	@$(BIN)/longhouse up

# Two halves beside each other, one for each core; what both need built is built once, in a folder they share.
BESIDE := export TMPDIR=$$($(BIN)/python -m tests.scratch) && houses=$$(mktemp -d) && \
	trap 'rm -rf "$$houses"' EXIT && LONGHOUSE_TEST_HOUSES=$$houses \
	$(MAKE) --no-print-directory -j2 --output-sync=target
FAST := -m "not slow and not browser"

test: $(READY)  ## the fast suite
	@$(BESIDE) fast-warehouse fast-others

fast-warehouse: $(READY)
	@$(BIN)/python -m pytest -q $(FAST) tests/warehouse

fast-others: $(READY)
	@$(BIN)/python -m pytest -q $(FAST) --ignore=tests/warehouse

test-all: $(READY)  ## every test: slow and browser suites too
	@$(BESIDE) test-rooms test-journeys

# Two halves beside each other: most of a journey is waiting, most of a room is work.
test-rooms: $(READY)
	@$(BIN)/python -m pytest -q --durations=25 --ignore=tests/browser --ignore=tests/journeys

test-journeys: $(READY)
	@$(BIN)/python -m pytest -q -rR --durations=25 tests/browser tests/journeys

check: $(READY)  ## lint, types, floors, SQL, secrets, licences
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory -j2 --output-sync=target check-code check-words

# Two halves beside each other again: types take as long as SQL and secrets together.
check-code: $(READY)
	@$(BIN)/mypy apps ml pipelines warehouse
	@$(BIN)/lint-imports

check-words: $(READY)
	@$(BIN)/sqlfluff lint dbt --disable-progress-bar
	@$(BIN)/python -m tests.checks.secrets
	@$(BIN)/python -m tests.checks.licences

bench: $(READY)  ## measured bars, as ratios within one run
	@$(BIN)/python -m tests.benchmarks

bench-ml: $(READY)  ## how good and how fast guesses are, on public files
	@$(BIN)/python -m tests.benchmarks.learning

screenshots: $(READY)  ## every page, light, dark and on a phone, into build/screenshots (needs chromium)
	@$(BIN)/python -m tests.browser.pictures

lock: $(READY)  ## resolve requirements.lock anew
	@$(BIN)/uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade -o requirements.lock
