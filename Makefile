# Every target installs what it needs in .venv. The second time, this is quick.

PYTHON ?= python3
PIP_ARGS ?=
ADDRESS ?= localhost
PORT ?= 8501

BIN := .venv/bin
RUN := .venv/run.stamp
DEV := .venv/dev.stamp
NODE := node_modules/dev.stamp
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm

.DEFAULT_GOAL := help
.PHONY: help run test test-bits lint format bench

help:
	@echo 'make run      install what the app needs and start it; prints its address'
	@echo '              PORT=8501 ADDRESS=localhost (0.0.0.0 serves other machines too)'
	@echo 'make test     run every check and test, also in a browser'
	@echo 'make test-bits  the tests without a browser, twice, with other last bits, as on other processors'
	@echo 'make lint     check only style, types and layers'
	@echo 'make format   format the code'
	@echo 'make bench    run benchmarks/*.py'
	@echo 'All of them:  PYTHON=python3.12 chooses the interpreter (3.11 or newer), PIP_ARGS=... goes to pip.'

run: $(RUN)
	$(BIN)/streamlit run app.py --server.address $(ADDRESS) --server.port $(PORT)

# The browser tests come last, because they need all cores. Each of their two processes has a server of its own.
test: lint
	$(NPM) test --silent
	sh scripts/browser.sh $(BIN)
	$(BIN)/pytest -n 2 --ignore tests/browser
	$(BIN)/pytest -n 2 --dist loadfile tests/browser

# Other kernels round differently, like another kind of processor. A test that depends on the last bits fails here.
test-bits: $(DEV)
	ATEN_CPU_CAPABILITY=default $(BIN)/pytest -n 2 --ignore tests/browser
	MKL_CBWR=COMPATIBLE $(BIN)/pytest -n 2 --ignore tests/browser

lint: $(DEV) $(NODE)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(NPM) run --silent lint

format: $(DEV) $(NODE)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(NPM) run --silent format

bench: $(DEV)
	set -e; for script in benchmarks/*.py; do echo "== $$script"; PYTHONPATH=. $(BIN)/python "$$script"; done

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "Gradient Lab needs Python 3.11 or newer; $(PYTHON) is {}.{}. Name another one: make PYTHON=python3.12 ...".format(v[0], v[1]))'
	$(PYTHON) -m venv .venv

$(RUN): requirements.txt | $(BIN)/pip
	$(BIN)/pip install $(PIP_ARGS) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(BIN)/pip
	$(BIN)/pip install $(PIP_ARGS) -r requirements-dev.txt
	@touch $@ $(RUN)

# npm ci empties node_modules first, so it deletes the stamp too.
$(NODE): package.json package-lock.json scripts/node.sh | $(BIN)/pip
	sh scripts/node.sh $(BIN) $(PIP_ARGS)
	$(NPM) ci --no-audit --no-fund
	@touch $@
