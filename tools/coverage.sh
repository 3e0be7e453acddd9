#!/usr/bin/env bash
# Measures how much of the code the tests run, in both languages. Fails below the bound of either.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/steps.sh

python_tests() {
  KERAS_BACKEND=$1 "$PWD/.venv/bin/python" -m pytest --quiet --no-skips --cov "${@:2}"
}

# The bound is of both runs together.
step "Python on TensorFlow" python_tests tensorflow --cov-fail-under=0 --cov-report=
step "Python on PyTorch" python_tests torch -m backends --cov-append
step "R" Rscript tools/coverage.R
finish "Enough is tested."
