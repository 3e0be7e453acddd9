#!/usr/bin/env bash
# Runs every test: R's own, the layers' on each other backend, and all of Python's on TensorFlow; as many suites side by
# side as there are cores. `make test` sets up first; whatever is skipped counts as failed.
# usage: tools/test.sh [SUITE]     one of jax, tensorflow, R and torch, the slowest first
set -euo pipefail
cd "$(dirname "$0")/.."

python_tests() {
  local backend=$1
  shift
  KERAS_BACKEND=$backend "$PWD/.venv/bin/python" -m pytest --quiet --no-skips "$@"
}

case ${1:-all} in
  R) Rscript tools/testthat.R ;;
  tensorflow) python_tests tensorflow ;;
  jax | torch) python_tests "$1" -m backends ;;
  all)
    suites=(jax tensorflow R)
    # Set-up cannot have PyTorch everywhere, and has said so where it could not.
    .venv/bin/python -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)' && suites+=(torch)
    echo "Testing: ${suites[*]}"
    mkdir -p build/tests
    cores=$(nproc) # before OMP_NUM_THREADS, which it heeds
    export OMP_NUM_THREADS=1 # a core each: PyTorch's threads would wait for one another
    # shellcheck disable=SC2016
    printf '%s\n' "${suites[@]}" | xargs --max-procs="$cores" -I SUITE bash -c '
      tools/test.sh SUITE >build/tests/SUITE.log 2>&1 && said=passed || said=FAILED
      printf "== SUITE: %s\n%s\n" $said "$(<build/tests/SUITE.log)"
      [[ $said = passed ]]'
    ;;
  *)
    sed -n '/^# usage/s/^# //p' "$0" >&2
    exit 2
    ;;
esac
