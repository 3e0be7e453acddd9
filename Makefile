SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# An absolute path: reticulate finds a running Python by the name it was started with.
PYTHON := $(CURDIR)/.venv/bin/python
OLDEST_PYTHON := python3.10
PIP := $(PYTHON) -m pip install --quiet --constraint .venv/constraints.txt

export RETICULATE_PYTHON := $(PYTHON)
export R_LIBS := $(CURDIR)/.rlib
export TF_CPP_MIN_LOG_LEVEL ?= 2

R_SOURCES := DESCRIPTION NAMESPACE LICENSE configure $(shell find R inst man python -type f -not -name '*.pyc')

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/group-demo .rlib/layerbridge  ## train a small network from R with each kind of dropout
	Rscript examples/demo.R

setup: .venv/group-test .venv/group-lint .venv/torch .rlib/layerbridge  ## set up what the tests and the linters need

test: .venv/group-test .venv/torch .rlib/layerbridge  ## set up, then run every test but those that only a release needs
	tools/test.sh

test-py: .venv/group-test .rlib/layerbridge  ## run Python's tests, or some: make test-py ARGS="-k name tests/python/layers"
	$(PYTHON) -m pytest $(ARGS)

test-r: .venv/group-test .rlib/layerbridge  ## run R's tests, or those of a file: make test-r FILE=test-errors.R
	Rscript tools/testthat.R $(FILE)

test-oldest:  ## run Python's tests on the oldest versions that pyproject.toml allows
	tools/test_oldest.sh $(OLDEST_PYTHON)

coverage: .venv/group-coverage .venv/torch .rlib/layerbridge  ## measure how much of the code the tests run, in both languages
	tools/coverage.sh

fuzz: .venv/group-test  ## try thousands of random layers, tensors and arguments, different ones each time
	$(PYTHON) -m pytest --hypothesis-profile=fuzz tests/python/layers/test_properties.py tests/python/layers/test_gamma.py

test-keras3: .venv/group-test .rlib/layerbridge  ## compare the functions with those of the R package keras3; with KERAS3=sources, run its own tests too
	KERAS3=$(KERAS3) Rscript tests/keras3/run.R

test-libraries: export RETICULATE_PYTHON := $(CURDIR)/.venv-libraries/bin/python
test-libraries: .venv-libraries/made .rlib/layerbridge | system  ## wrap other libraries, and compare their layers in R with those in Python
	Rscript tests/libraries/run.R $(LIBRARIES)
	Rscript tests/libraries/guide.R
	Rscript tests/libraries/zoo.R $(ZOO)

lint: .venv/group-lint  ## check format, lint, types and spelling, in both languages
	tools/lint.sh

check: .venv/group-lint .venv/torch .venv/triton .rlib/layerbridge  ## lint, generated files, the tests that only a release needs, every way to install, R CMD check
	tools/check.sh

bench: .venv/group-test .venv/torch .venv/peers .rlib/layerbridge  ## time the layers against their peers, side by side
	$(PYTHON) bench/bench.py $(ARGS)

study: .venv/group-study  ## train the networks of the accuracy study, continuing where it stopped
	$(PYTHON) study/study.py

docs: export RETICULATE_PYTHON := $(CURDIR)/.venv-libraries/bin/python
docs: .venv/group-docs .venv-libraries/made .rlib/layerbridge  ## build the sites of both languages, in site/
	@tools/system.sh pkgdown
	tools/docs.sh

generate: export RETICULATE_PYTHON := $(CURDIR)/.venv-libraries/bin/python
generate: .venv/group-test .venv-libraries/made .rlib/layerbridge  ## rewrite the generated files, and run the guides that changed
	tools/generate.sh
	$(PYTHON) tools/render.py

clean:  ## remove what the other commands made
	rm -rf .venv .venv-libraries .venv-oldest .rlib build dist site

# Set-up. `system` looks each time; the rest is done again only where its sources changed.

system:
	@tools/system.sh

.venv/made: | system
	"$$(tools/find_python.sh)" -m venv .venv
	$(PYTHON) -m pip install --quiet --upgrade pip
	@touch $@

.venv/constraints.txt: .venv/made FORCE
	@Rscript --vanilla tools/constraints.R >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

.venv/group-%: pyproject.toml .venv/constraints.txt
	$(PIP) --editable . --group $*
	@touch $@

.venv/torch: pyproject.toml .venv/constraints.txt
	tools/torch.sh $(PIP)
	@! $(PYTHON) -c 'import torch' 2>/dev/null || touch $@

# Of a gigabyte and apart, so that nothing but its own test finds it.
.venv/triton: pyproject.toml .venv/constraints.txt
	$(PIP) --upgrade --target $@ --group triton
	@mkdir -p $@ && touch $@

.venv-libraries/made: tests/libraries/requirements.txt .venv/group-test
	tests/libraries/setup.sh .venv-libraries
	@touch $@

.venv/peers: .venv/constraints.txt
	$(PIP) keras-cv
	$(PIP) --no-deps dropblock  # it asks for PyTorch, whichever the registry has
	@touch $@

.rlib/layerbridge: $(R_SOURCES) | system
	@mkdir -p .rlib
	R CMD INSTALL --library=.rlib .
	@touch $@

.PHONY: help demo setup test test-py test-r test-oldest test-keras3 test-libraries coverage fuzz lint check bench study docs generate clean \
	system FORCE
