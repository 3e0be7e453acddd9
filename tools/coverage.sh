#!/usr/bin/env bash
# Measures how much of the code the tests run, in both languages. Fails below the bound of either.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/steps.sh

step "Python" "$PWD/.venv/bin/python" -m pytest --quiet --no-skips --cov
step "R" Rscript tools/coverage.R
finish "Enough is tested."
