# Purser: every target makes what it needs itself. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help up test lint docs verify bench clean

PY := .venv/bin/python
# The names carry the hash of what is to be installed: a changed requirement file is a stamp that does not exist yet.
RUN_STAMP := .venv/run-$(shell cat requirements.txt requirements-embedded.txt | sha256sum | cut -c1-12)
DEV_STAMP := .venv/dev-$(shell cat requirements.txt requirements-embedded.txt requirements-dev.txt | sha256sum | cut -c1-12)
# The supervisor ends with this make, even when it is killed (setpriv is part of every Debian and Ubuntu).
TIED := $(shell command -v setpriv >/dev/null && echo setpriv --pdeathsig TERM)

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS=$$'\t' read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done

up: $(RUN_STAMP)  ## run everything here: servers, API on PORT (8000), workers, cron, demo data; Ctrl-C stops it
	@$(TIED) $(PY) -m config.supervisor

test: $(DEV_STAMP)  ## run the whole test suite
	@$(PY) -m pytest -n auto --dist loadgroup

lint: $(DEV_STAMP)  ## ruff, import-linter, mypy
	@$(PY) -m ruff check .
	@.venv/bin/lint-imports
	@$(PY) -m mypy

docs: $(DEV_STAMP)  ## build docs/ into site/; a broken link between pages is an error
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build -f env/mkdocs.yml	# not --quiet: that hides warnings from --strict too

verify: $(RUN_STAMP)  ## prove the books of the running installation
	@$(PY) -m flask ledger verify

bench: $(DEV_STAMP)  ## measure the API against raw pymongo
	@$(PY) -m benchmarks

clean:  ## remove the virtual environment and caches; .data stays
	@rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/pip:
	@for python in python3 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; python=; done; \
	[ -n "$$python" ] || { echo "Purser needs Python 3.11 or newer: sudo apt-get install -y python3"; exit 1; }; \
	$$python -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing: sudo apt-get install -y python3-venv"; exit 1; }; \
	echo "Making .venv with $$($$python --version)"; $$python -m venv --clear .venv

define install
	@echo "Installing $(1); this takes a minute, once"
	@$(PY) -m pip install --disable-pip-version-check --progress-bar off -r $(1) 2>&1 | tee .venv/pip.log | \
	  sed -un -e 's/^Collecting \([^ ]*\).*/  \1/p' -e '/^ERROR/p' || \
	  { echo "Installing $(1) failed: check the network, read .venv/pip.log, then run this again."; exit 1; }
endef

$(RUN_STAMP): | .venv/bin/pip
	$(call install,requirements.txt -r requirements-embedded.txt)
	@touch $@

$(DEV_STAMP): | .venv/bin/pip
	$(call install,requirements-dev.txt)
	@touch $@ $(RUN_STAMP)
