# The two that everybody needs: `make demo` and `make test`. Both do all the set-up.
# On Windows and macOS: `uv run tacit demo` and `uv run pytest` (README.md).

SHELL := bash
export QT_QPA_PLATFORM ?= offscreen
export UV_PYTHON_DOWNLOADS := never
export VENV ?= .venv

# Two tests at a time: each has folders of its own, and a file's tests stay together, so that they share what is dear.
# In the order of the folders: the slow files of tests/acceptance begin, and none of them is left to one process at the end.
ABREAST := -n 2 --dist loadfile --no-loadscope-reorder
# What needs no model and no window: minutes become seconds.
QUICK := tests/core tests/catalog tests/storage tests/services/hardware tests/services/jobs tests/packaging tests/test_house.py \
    tests/test_readme.py

.PHONY: help demo test check check-pythons test-long test-real test-offline coverage mutants lint pictures package test-package \
    lock clean set-up set-up-for-tests

help:
	@echo "make demo       set up, then take a recorded call through the whole product"
	@echo "make test       set up, then run every check: ruff, mypy, import-linter, pytest"
	@echo "make check      lint, and the tests that need no model and no window: two minutes"
	@echo "make check-pythons  the same tests on every other Python of this computer that Tacit runs on"
	@echo "make test-long  the tests that take minutes"
	@echo "make test-real  the tests that need real models and recordings, in the folder TACIT_REAL; says what is missing"
	@echo "make test-offline  all tests in a network with nothing in it but this computer itself"
	@echo "make coverage   which lines of the core, the keys and the catalogue no test runs"
	@echo "make mutants    change each threshold that decides what a person sees, and see a test fail"
	@echo "make lint       the checks without the tests"
	@echo "make package    the packages for Linux, into dist/: a .deb, and an archive that runs from any folder"
	@echo "make test-package  install, use, update and remove the .deb in a bare Debian 12; as root"
	@echo "make pictures   screenshots of every page in both themes, into build/pictures"
	@echo "make lock       resolve the versions in requirements.lock anew"
	@echo "make clean      remove .venv, build/ and caches; your calls and models are not here and stay"

demo: set-up
	@$(VENV)/bin/tacit demo
	@echo
	@echo "That was the demo. Next:"
	@echo "  $(VENV)/bin/tacit                       the window"
	@echo "  $(VENV)/bin/tacit demo --window         the window, on the demo call"
	@echo "  $(VENV)/bin/tacit import CALL.m4a       a call of your own; it asks for a passphrase"
	@echo "  $(VENV)/bin/tacit models recommend      models for calls of your own; «tacit models pull ID» fetches one"
	@echo "The demo models know eight topics and four synthetic voices, and nothing else."

test: lint
	@echo "== pytest: what the product does"
	@$(VENV)/bin/pytest $(ABREAST) -m "not long and not alone"
	@echo "== pytest: what is measured, by itself"
	@$(VENV)/bin/pytest -m "alone and not long"
	@echo
	@echo "Every check passed. Next: make test-long (minutes), make pictures (look at the window), or commit."

check: lint
	@echo "== pytest: what needs no model and no window"
	@$(VENV)/bin/pytest -q $(ABREAST) -m "not long and not alone" $(QUICK)

# Each in an environment of its own, so that .venv stays as it is.
check-pythons: set-up-for-tests
	@for python in $$(PYTHON= packaging/find-pythons.sh); do \
	    version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	    case "$$($(VENV)/bin/python --version)" in "Python $$version."*) continue ;; esac; \
	    echo "== Python $$version"; \
	    PYTHON="$$python" VENV="build/python$$version" packaging/set-up.sh --for-tests && \
	    "build/python$$version/bin/pytest" -q $(ABREAST) -m "not long and not alone" $(QUICK) || exit 1; \
	done

test-long: set-up-for-tests
	@echo "== pytest -m long: what takes minutes"
	@$(VENV)/bin/pytest -m long

test-real: set-up-for-tests
	@echo "== pytest -m real: real models, recordings and meetings"
	@$(VENV)/bin/python -m tests.real

# Ordinary users get their own network by way of a user namespace, where the system allows it.
test-offline: set-up-for-tests
	@echo "== pytest, in a network of its own with nothing but lo"
	@unshare $$([ "$$(id -u)" = 0 ] && echo --net || echo --net --map-root-user) \
	    sh -c 'ip link set lo up && exec $(VENV)/bin/pytest'

lint: set-up-for-tests
	@echo "== ruff: style and likely mistakes"
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@echo "== mypy: types, strict"
	@$(VENV)/bin/mypy
	@echo "== import-linter: which floor may use which"
	@$(VENV)/bin/lint-imports

coverage: set-up-for-tests
	@rm -rf build/coverage && mkdir -p build/coverage
	@echo "== coverage: every line of the core, the keys and the catalogue"
	@$(VENV)/bin/coverage run -m pytest -q -m "not long" tests/core tests/catalog tests/storage tests/services/models \
	    tests/acceptance/test_locking.py || \
	    echo "A test failed while measured: make test is what judges it, and the lines below may be more than they are."
	@$(VENV)/bin/coverage combine -q
	@$(VENV)/bin/python -m tests.quality.complete_files

mutants: set-up-for-tests
	@echo "== mutants: every change of a threshold is caught"
	@$(VENV)/bin/python -m tests.quality.mutants

pictures: set-up-for-tests
	@$(VENV)/bin/python -m tests.ui.pictures build/pictures
	@echo "The pictures are in build/pictures."

package:
	@VENV=build/package/python packaging/set-up.sh --for-package
	@build/package/python/bin/python packaging/make_package.py

test-package:
	@packaging/test-package.sh

# A cache of its own: where an index sends no caching headers, resolving would push the built llama.cpp out of uv's.
lock: set-up
	@$(VENV)/bin/uv --cache-dir build/lock-cache pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --upgrade --quiet \
	    --output-file requirements.lock
	@$(VENV)/bin/uv --cache-dir build/lock-cache pip compile packaging/tools.in --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --upgrade --quiet \
	    --output-file packaging/tools.lock
	@$(VENV)/bin/uv --cache-dir build/lock-cache pip compile packaging/freezer.in --constraints requirements.lock --universal \
	    --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --upgrade --quiet \
	    --output-file packaging/freezer.lock
	@echo "requirements.lock and packaging/*.lock are new; look at what changed, then: make test"

clean:
	@rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find app tests -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Removed .venv, build/ and caches. The build of llama.cpp stays in uv's cache (uv cache clean removes it)."

set-up:
	@packaging/set-up.sh

set-up-for-tests:
	@packaging/set-up.sh --for-tests
