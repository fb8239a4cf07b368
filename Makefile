# install: everything the other targets need · run: bot + pretend WeCom with sample data
# check: lint, types and the quick tests, before every commit · test: lint, types, all tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: install run check test mutants lint format bench lock docs migration clean

install: $(VENV)/.ready

$(VENV)/.ready: requirements-dev.lock $(VENV)/.runs
	@echo "正在安装测试工具 / installing the tools for tests"
	@$(PIP) -r requirements-dev.lock
	@touch $@

# what running needs, without the tools for tests: a first start should be quick
$(VENV)/.runs: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "voidbot needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "正在安装依赖，头一次约一分钟 / installing what it needs, about a minute the first time"
	@$(PIP) -r requirements.lock
	@touch $@

run: $(VENV)/.runs
	@$(BIN)/python -m sandbox demo

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/deptry --no-ansi .
	$(BIN)/mypy

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint
	@sh tests/machine.sh
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not slow" tests/unit tests/house tests/snapshots

test: lint # more workers than cores: most of a story is waiting
	@sh tests/machine.sh
	$(BIN)/python -m pytest -n 4 --dist worksteal

mutants: install # bends each rule of the modules that decide: does a unit test notice?
	$(BIN)/python -m mutmut run --max-children 2
	$(BIN)/python -m tests.mutants

bench: install
	@sh tests/machine.sh
	$(BIN)/python -m benchmarks

lock:
	uv pip compile -q --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header pyproject.toml --group dev -o requirements-dev.lock

docs: install # docs/commands.md, from the tables the bot works by
	$(BIN)/python -m bot.docs

migration: install # NAME="what changes": the next database migration, from core/**/tables.py
	$(BIN)/python -m tests.new_migration "$(NAME)"

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache mutants
