# The two that everybody needs: `make demo` and `make test`. Both do all the set-up.
# On Windows and macOS: `uv run tacit demo` and `uv run pytest` (README.md).

SHELL := bash
export QT_QPA_PLATFORM ?= offscreen
export UV_PYTHON_DOWNLOADS := never

# Two tests at a time: each has folders of its own, and a file's tests stay together, so that they share what is dear.
ABREAST := -n 2 --dist loadfile
# What needs no model and no window: minutes become seconds.
QUICK := tests/core tests/catalog tests/storage tests/services/hardware tests/services/jobs tests/test_house.py \
    tests/test_readme.py

.PHONY: help demo test check test-long test-offline coverage mutants lint pictures lock clean set-up set-up-for-tests

help:
	@echo "make demo       set up, then take a recorded call through the whole product"
	@echo "make test       set up, then run every check: ruff, mypy, import-linter, pytest"
	@echo "make check      lint, and the tests that need no model and no window: two minutes"
	@echo "make test-long  the tests that take minutes"
	@echo "make test-offline  all tests in a network with nothing in it but this computer itself"
	@echo "make coverage   which lines of the core, the keys and the catalogue no test runs"
	@echo "make mutants    change each threshold that decides what a person sees, and see a test fail"
	@echo "make lint       the checks without the tests"
	@echo "make pictures   screenshots of every page in both themes, into build/pictures"
	@echo "make lock       resolve the versions in requirements.lock anew"
	@echo "make clean      remove .venv, build/ and caches; your calls and models are not here and stay"

demo: set-up
	@.venv/bin/tacit demo
	@echo
	@echo "That was the demo. Next:"
	@echo "  .venv/bin/tacit                       the window"
	@echo "  .venv/bin/tacit demo --window         the window, on the demo call"
	@echo "  .venv/bin/tacit import CALL.m4a       a call of your own; it asks for a passphrase"
	@echo "  .venv/bin/tacit models recommend      models for calls of your own; «tacit models pull ID» fetches one"
	@echo "The demo models know eight topics and four synthetic voices, and nothing else."

test: lint
	@echo "== pytest: what the product does"
	@.venv/bin/pytest $(ABREAST) -m "not long and not alone"
	@echo "== pytest: what is measured, by itself"
	@.venv/bin/pytest -m "alone and not long"
	@echo
	@echo "Every check passed. Next: make test-long (minutes), make pictures (look at the window), or commit."

check: lint
	@echo "== pytest: what needs no model and no window"
	@.venv/bin/pytest -q $(ABREAST) -m "not long and not alone" $(QUICK)

test-long: set-up-for-tests
	@echo "== pytest -m long: what takes minutes"
	@.venv/bin/pytest -m long

# Ordinary users get their own network by way of a user namespace, where the system allows it.
test-offline: set-up-for-tests
	@echo "== pytest, in a network of its own with nothing but lo"
	@unshare $$([ "$$(id -u)" = 0 ] && echo --net || echo --net --map-root-user) \
	    sh -c 'ip link set lo up && exec .venv/bin/pytest'

lint: set-up-for-tests
	@echo "== ruff: style and likely mistakes"
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@echo "== mypy: types, strict"
	@.venv/bin/mypy
	@echo "== import-linter: which floor may use which"
	@.venv/bin/lint-imports

coverage: set-up-for-tests
	@rm -rf build/coverage && mkdir -p build/coverage
	@echo "== coverage: every line of the core, the keys and the catalogue"
	@.venv/bin/coverage run -m pytest -q -m "not long and not alone" tests/core tests/catalog tests/storage tests/services/models || \
	    echo "A test failed while measured: make test is what judges it, and the lines below may be more than they are."
	@.venv/bin/coverage combine -q
	@.venv/bin/python -m tests.quality.complete_files

mutants: set-up-for-tests
	@echo "== mutants: every change of a threshold is caught"
	@.venv/bin/python -m tests.quality.mutants

pictures: set-up-for-tests
	@.venv/bin/python -m tests.ui.pictures build/pictures
	@echo "The pictures are in build/pictures."

# A cache of its own: where an index sends no caching headers, resolving would push the built llama.cpp out of uv's.
lock: set-up
	@.venv/bin/uv --cache-dir build/lock-cache pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --upgrade --quiet \
	    --output-file requirements.lock
	@echo "requirements.lock is new; look at what changed, then: make test"

clean:
	@rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find app tests -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Removed .venv, build/ and caches. The build of llama.cpp stays in uv's cache (uv cache clean removes it)."

set-up:
	@packaging/set-up.sh

set-up-for-tests:
	@packaging/set-up.sh --for-tests
