# Each target works as the first command on a fresh clone: what it needs is built before.
# Wanted on the machine: python3.11 or newer, make. Nothing else.

MONTH        ?= 2023-12
CARBON_HOME  ?= var
PYTHON       ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed

# The filled questionnaires of the worked example: too many to keep, the same whenever they are drawn.
SURVEYS := data/surveys/surveys_2023.zip
# Whatever the draw reads: a change there makes them anew.
DRAWN_FROM := ingestion/industries/*.yml ingestion/contracts/survey_*.yml ingestion/codes/*.csv \
  ingestion/survey/*.py ingestion/survey/*.csv ingestion/synthetic/*.py ingestion/synthetic/*.csv \
  ingestion/__init__.py ingestion/codes.py ingestion/contract.py ingestion/industry.py \
  ingestion/rules.py ingestion/text.py ingestion/workbook_guard.py data/product/* \
  data/background_default/*

export CARBON_HOME
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DAGSTER_DISABLE_TELEMETRY := 1
export GX_ANALYTICS_ENABLED := false
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help release test lint bench ui docs clean lock

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  variables: MONTH=$(MONTH)  CARBON_HOME=$(CARBON_HOME)"

release: $(STAMP) $(SURVEYS) ## Take the files of data/ in and publish the release of MONTH
	@$(BIN)/carbon-warehouse release --month $(MONTH)

test: $(STAMP) $(SURVEYS) ## Run every test (set ARGS for pytest's arguments)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(STAMP) ## Check style, types and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd clients/python && ../../$(BIN)/mypy
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && \
	  $(BIN)/python -m orchestration.empty_raw "$$scratch" && \
	  cd dbt_project && PCF_DB=:memory: PCF_RAW="$$scratch/raw" \
	  PATH="$(CURDIR)/$(BIN):$$PATH" DBT_TARGET_PATH="$$scratch/target" DBT_LOG_PATH="$$scratch/logs" \
	  ../$(BIN)/sqlfluff lint models tests/singular

bench: $(STAMP) $(SURVEYS) ## Measure each part against its floor or peer
	@$(BIN)/python -m benchmarks

ui: $(STAMP) ## Open the Dagster graph in the browser
	@$(BIN)/carbon-warehouse ui

docs: $(STAMP) ## Rewrite the generated pages of docs/
	@$(BIN)/python -m orchestration.docs

clean: ## Remove caches and dbt's artefacts; releases and the environment stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs logs build dist
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

lock: ## Resolve requirements.lock anew (maintainers)
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet uv
	$(VENV)-lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-strip-extras --no-emit-index-url \
	  --custom-compile-command 'make lock' --output-file requirements.lock
	rm -rf $(VENV)-lock

$(SURVEYS): $(wildcard $(DRAWN_FROM)) | $(STAMP)
	@echo "Drawing the filled questionnaires of invented plants (some 30 seconds) ..."
	@$(BIN)/python -m ingestion.synthetic.surveys --archives --out data/surveys

# The environment is what the lock says, hash by hash; the project itself is linked in.
$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Set PYTHON=/path/to/python3.11."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked environment into $(VENV) (once; some minutes) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@
