# recoup: `make demo` sets up and runs the main job on the demo bank; `make test` sets up and runs all tests.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOANS ?= 20000
SEED ?= 7
AS_OF ?= 2026-11-20
SERVE ?= 1
PORT ?= 8000
DEBTORS ?= 1500000
MINUTES ?= 10
ROUNDS ?= 20
MOMENTS ?= 120
EXAMPLES ?= 200
RESULTS ?= out/bench-web

.PHONY: help setup demo test unbroken fuzz gate-million bench bench-web bench-gate check docs screenshots lock format clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.ready ## install system packages (as root), Python packages, front-end files

$(VENV)/.ready: pyproject.toml requirements.lock package.json package-lock.json tools/setup.sh tools/build_hook.py
	@PYTHON=$(PYTHON) tools/setup.sh $(VENV)
	@touch $@

$(VENV)/.spark: $(VENV)/.ready requirements-spark.lock
	@PYTHON=$(PYTHON) tools/setup.sh $(VENV) spark && touch $@ || \
		echo "set-up: Java or PySpark could not be installed; the tests of the night on Spark are skipped" >&2

demo: setup ## build the demo bank, run the night, serve its desk until Ctrl-C (SERVE=0: only build)
ifeq ($(SERVE),0)
	$(BIN)/recoup demo --loans $(LOANS) --seed $(SEED) --as-of $(AS_OF) --out demo-bank
	$(BIN)/recoup night --book demo-bank/book --as-of $(AS_OF) --pack cn --strategy example \
		--out demo-bank/night || test $$? -eq 1 # 1: done, and some dirty rows were refused
else
	$(BIN)/recoup demo --loans $(LOANS) --seed $(SEED) --as-of $(AS_OF) --out demo-bank \
		--serve --port $(PORT)
endif

test: check $(VENV)/.spark ## run the linters, then all tests; those of the rooms again on PostgreSQL
	$(BIN)/pytest -n 2 --dist loadgroup
	$(BIN)/python tools/with_postgres.py -- $(BIN)/pytest -n 2 --dist loadgroup -m rooms

gate-million: setup ## hold the gate against the plainly told law on a million contacts (about half an hour)
	GATE_CONTACTS=1000000 $(BIN)/pytest -n 2 tests/gate/test_plain_law.py

unbroken: setup ## kill nights and the desk's processes, many times; live through books (MOMENTS= ROUNDS= EXAMPLES=)
	RECOUP_UNBROKEN_MOMENTS=$(MOMENTS) RECOUP_EXAMPLES=$(EXAMPLES) $(BIN)/pytest \
		tests/unbroken/test_nights.py tests/conformance/test_generated_books.py
	RECOUP_UNBROKEN_ROUNDS=$(ROUNDS) $(BIN)/pytest tests/unbroken/test_killing.py
	RECOUP_UNBROKEN_ROUNDS=$(ROUNDS) $(BIN)/python tools/with_postgres.py -- \
		$(BIN)/pytest tests/unbroken/test_killing.py

fuzz: setup ## give the readers of CSV, Parquet, YAML and DMN spoilt files (MINUTES=10)
	$(BIN)/python -m tests.fuzz.run --minutes $(MINUTES)

check: setup ## run the linters: format, style, types, import law, the house's own limits
	$(BIN)/ruff format --check src tests tools
	$(BIN)/ruff check src tests tools
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/limits.py

bench: setup ## time the night beside the scan limit and its peers (LOANS=5000000 for the large one)
	$(BIN)/python tests/speed/bench.py $(if $(filter command line,$(origin LOANS)),--loans $(LOANS))

bench-web: setup ## measure the desk under 50 collectors on PostgreSQL (DEBTORS= MINUTES= RESULTS= FOLDER=)
	$(BIN)/python -m tests.speed.bench_web --debtors $(DEBTORS) --minutes $(MINUTES) \
		--results $(RESULTS) $(if $(FOLDER),--folder $(FOLDER))

bench-gate: setup ## time the gate beside ten million stored contacts on PostgreSQL (FOLDER= keeps them)
	$(BIN)/python tests/speed/gate.py $(if $(FOLDER),--folder $(FOLDER))

docs: setup ## regenerate the generated pages and the output shown in the README and docs/
	$(BIN)/recoup packs pages --out docs/rules
	$(BIN)/python tools/data_pages.py
	$(BIN)/python tools/shown_output.py

screenshots: setup ## take the pictures of the desk anew, into docs/screenshots
	PYTHONPATH=. $(BIN)/python tools/screenshots.py

lock: ## resolve the dependencies anew and write the two locks
	$(BIN)/uv pip compile pyproject.toml --group dev --extra telemetry --python-version 3.11 \
		--python-platform x86_64-manylinux_2_28 --generate-hashes \
		--no-annotate --no-header --upgrade -o requirements.lock
	grep -o 'pyspark>=[^"]*' pyproject.toml | $(BIN)/uv pip compile - --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --upgrade -o requirements-spark.lock

format: setup ## put the code into its one layout
	$(BIN)/ruff format src tests tools
	$(BIN)/ruff check --fix src tests tools

clean: ## remove what set-up and runs have made
	rm -rf $(VENV) node_modules build dist out demo-bank src/recoup/engine/report/vendor
