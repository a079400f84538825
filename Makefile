# Needs Python 3.11 or newer, make and git; everything else is installed into .venv from requirements.txt.
# PYTHON=/path/to/python chooses the Python that .venv is made with; ARGS="..." is handed to pytest, the benchmarks and the lock.

PYTHON ?=
ARGS ?=

bin := .venv/bin
pip := $(bin)/python -m pip --disable-pip-version-check --no-input
python_folders := connectors transforms warehouse pipelines portal benchmarks tests
# mypy refuses a folder that holds no Python file.
typed := $(foreach folder,$(python_folders),$(if $(wildcard $(folder)/*.py $(folder)/*/*.py),$(folder)))

# Nothing here reports home.
export GX_ANALYTICS_ENABLED = false
export RUNTIME__DLTHUB_TELEMETRY = false
export MPLBACKEND = Agg

.DEFAULT_GOAL := help
.PHONY: help env demo test fast faults check check-only bench bench-identity bench-portal bench-evidence docs screens lock clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: .venv/.made ## Make the environment in .venv (every other target does so when it is needed)

.venv/.made: requirements.txt pyproject.toml
	@echo "Making the environment (.venv); the first time takes a minute or two ..."
	@found=; if ! $(bin)/python -m pip --version >/dev/null 2>&1; then \
	  for candidate in $(or $(PYTHON),python3.11 python3); do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$candidate; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "Homeroom needs Python 3.11 or newer and found none. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; \
	  fi; \
	  "$$found" -m venv --clear .venv; \
	fi
	@echo "  installing the locked libraries (requirements.txt) ..."
	@$(pip) install --quiet --require-hashes -r requirements.txt
	@echo "  installing homeroom itself ..."
	@$(pip) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@
	@echo "The environment is ready."

demo: env ## Make a small sample district in demo/, run it through the pipeline, print what came out and how to see the pages
	@$(bin)/homeroom sample demo
	@$(bin)/homeroom run --config demo/homeroom.toml --summary
	@echo
	@echo "The teachers' pages:  $(bin)/homeroom serve --config demo/homeroom.toml"

# Only the tests need it: Spark is some 480 MB, and the demo runs without.
.venv/.spark: .venv/.made requirements-spark.txt
	@echo "Installing Spark for the tests (requirements-spark.txt) ..."
	@$(pip) install --quiet --no-build-isolation --require-hashes -r requirements-spark.txt
	@touch $@

test: env .venv/.spark ## Run every test
	@$(bin)/python -m pytest $(ARGS)

fast: env .venv/.spark ## Run the tests that take no more than a few seconds
	@$(bin)/python -m pytest -m "not slow" $(ARGS)

faults: env ## Try what may go wrong (kill -9 200 times, full disks, ...); half an hour and more
	@HOMEROOM_KILLS=$${HOMEROOM_KILLS:-200} HOMEROOM_SEED=$${HOMEROOM_SEED:-$$(date +%s)} \
	  $(bin)/python -m pytest -s -n 0 tests/warehouse/test_killed.py tests/warehouse/test_faults.py $(ARGS)

check: env .venv/.spark ## Format the code and mend what can be mended safely, then lint it and check its types
	@$(bin)/ruff check --fix-only --quiet .
	@$(bin)/ruff format .
	@$(MAKE) --no-print-directory check-only

check-only: env .venv/.spark ## The same, changing nothing (what CI runs)
	@$(bin)/ruff format --check .
	@$(bin)/ruff check .
	@$(bin)/python -m mypy --strict $(typed)

bench: env ## Run the benchmarks
	@$(bin)/python -m benchmarks $(ARGS)

bench-identity: env ## Measure how right and how fast accounts are linked, into docs/identity.md
	@$(bin)/python -m benchmarks.identity $(ARGS)

bench-portal: env ## Measure how fast boards come, into docs/portal.md
	@$(bin)/python -m benchmarks.portal $(ARGS)

bench-evidence: env ## Measure what the cards are worth, into docs/evidence.md (needs ../shared/data)
	@$(bin)/python -m benchmarks.evidence $(ARGS)

docs: env ## Write the generated pages of docs/ anew
	@$(bin)/python -m pipelines.docs

screens: env ## Take pictures of the portal's pages into docs/screens (needs Chromium)
	@$(bin)/python -m tests.portal.browser.screens

lock: env ## Write the requirements files anew from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(bin)/uv pip compile pyproject.toml --extra dev --output-file requirements.txt --quiet \
	  --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-strip-extras \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(ARGS)
	@$(bin)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["spark"])' \
	  | $(bin)/uv pip compile - --output-file requirements-spark.txt --quiet \
	  --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(ARGS)

clean: ## Remove what the other targets made, except the environment
	rm -rf demo bench-work build dist *.egg-info .dagster .make .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
