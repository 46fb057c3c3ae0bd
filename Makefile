# make run   sets everything up and serves the website
# make test  sets everything up and runs all tests
# make dev   serves it for developers: reloads changed code, shows each page's queries
# also: make lint, make bench, make lock, make editor, make attack,
#       make nothing-lost, make sbom, make screenshots, make test-slow, make test-calendar, make coverage

# Compiled modules are kept, also where images of Python forbid it: every process starts sooner.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--no-header --python-version 3.11 pyproject.toml

# PostgreSQL and media in a bucket need more packages.
ifneq ($(DATABASE_URL)$(MEDIA_STORAGE),)
RUNTIME := $(VENV)/.scale
else
RUNTIME := $(VENV)/.runtime
endif

.PHONY: run dev test test-slow test-calendar coverage lint lint-types lint-text lint-site
.PHONY: bench lock editor attack nothing-lost sbom screenshots
.DEFAULT_GOAL := run

run: $(RUNTIME)
	@exec $(MANAGE) start

dev: export DEBUG = 1
dev: $(VENV)/.dev
	@exec $(MANAGE) start

test: $(VENV)/.dev
	@exec $(BIN)/python tests/run.py

# Hostile texts of 200 KB, where `make test` has 20 KB; all pairs of actions; all heavy pictures;
# 20 times the random examples, and four times the requests that nobody expects.
test-slow: $(VENV)/.dev
	EXAMPLES=thorough $(BIN)/python -m pytest -n 2 -m "slow or hypothesis or sized"

# Which lines the tests reach, on SQLite.
coverage: $(VENV)/.dev
	$(BIN)/python -m coverage run -m pytest -n 2 --dist worksteal -m "not slow"
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --skip-covered

# What depends on the date, at more than 400 moments: up to an hour.
test-calendar: $(VENV)/.dev
	@exec $(BIN)/python tests/every_day.py

# In three parts, which `make --jobs=2 lint` runs beside each other.
lint: lint-types lint-text lint-site

lint-types: $(VENV)/.dev
	$(BIN)/mypy clinic articles bookings

lint-text: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find templates -name '*.html' -exec $(BIN)/djade --check {} +
	$(BIN)/python tests/words.py
	$(BIN)/codespell clinic articles bookings templates static/js static/css docs *.md

lint-site: export DATA_DIR = $(VENV)/lint
lint-site: $(VENV)/.dev
	$(BIN)/python -m pip check
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check

# The running site from outside, beside bare servers: needs wrk, and writes docs/speed.md.
bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.bench_site

# 5,000 false requests, and a real one among them.
attack: $(VENV)/.dev
	ATTACK_SIZE=5000 $(BIN)/python -m pytest -q tests/bookings/intake/test_suspicion.py -k attack

# 2,000 requests while web server and worker are killed again and again, 200 of them for one time:
# a quarter of an hour.
nothing-lost: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.bench_nothing_lost 2000 200

screenshots: $(VENV)/.dev
	$(BIN)/python -m pytest tests/browser/screenshots.py

# One version of each package in all three: that of the widest set.
lock: $(VENV)/.dev
	$(COMPILE) --extra dev --output-file requirements-dev.txt
	$(COMPILE) --constraint requirements-dev.txt --output-file requirements.txt
	$(COMPILE) --constraint requirements-dev.txt --extra scale --output-file requirements-scale.txt

# What a release is made of, with licences (CycloneDX), for whoever must keep such a list.
sbom: $(VENV)/.dev
	$(BIN)/python deploy/sbom.py requirements-scale.txt sbom.cdx.json

# The packages of the visual editor as one module. Needs Node and npm; nothing else does.
editor:
	cd editor && npm ci --no-audit --no-fund && node build.mjs

# What is installed is told by stamps: each holds as long as its lock file is older.
$(VENV)/.runtime $(VENV)/.scale $(VENV)/.dev: $(VENV)/.made
$(VENV)/.runtime: requirements.txt
$(VENV)/.scale: requirements-scale.txt
$(VENV)/.dev: requirements-dev.txt
$(VENV)/.%:
	@echo "Installing $(lastword $^) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(lastword $^)
	@touch $@

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing. Debian, Ubuntu: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old, 3.11 is needed. If another is installed: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. Debian, Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@
