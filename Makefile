# One word each: run, test, lint, docs, bench, fuzz, lock, clean.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint docs bench fuzz lock clean

run: $(VENV)/.run  ## start the server on 127.0.0.1:8000 with its data in ./var
	@$(BIN)/helpa serve

# More than a small machine has cores: the tests often wait, for a server to start or a deadline.
TEST_PROCESSES ?= 3

test: $(VENV)/.dev  ## everything the project promises, on real parts
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev  ## style, types, deployment files, and documents that drifted from the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check
	$(BIN)/hadolint deploy/Containerfile
	$(BIN)/check-jsonschema -q --builtin-schema vendor.compose-spec deploy/compose.yaml
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-workflows .github/workflows/ci.yml
	$(BIN)/zizmor -q --offline --persona pedantic .github/workflows

docs: $(VENV)/.dev  ## write the generated documents anew
	$(BIN)/python docs/generate.py

bench: $(VENV)/.dev  ## side by side with thumbor, ipx, nginx and bare ASGI, into bench/RESULTS.md
	bash bench/install.sh
	$(BIN)/python -m bench

FUZZ_SECONDS ?= 60

fuzz: $(VENV)/.dev  ## each parser of strangers' input for FUZZ_SECONDS; keeps what breaks one
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@for target in $$(ls tests/fuzz/inputs); do \
	  echo "Fuzzing $$target for $(FUZZ_SECONDS) s …"; \
	  $(BIN)/python tests/fuzz/run.py $$target $(FUZZ_SECONDS) || exit 1; \
	done

lock: $(VENV)/.dev  ## write the lock files anew
	$(BIN)/pip install -q uv
	bash requirements/lock.sh

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@echo "Making $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit("Helpa needs Python 3.11 or newer, this is %s" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

# A stamp says which lock file is installed; the second set holds the first.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing locked dependencies …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing locked dependencies, those of the tests too …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run
