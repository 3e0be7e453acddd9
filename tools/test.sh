#!/usr/bin/env bash
# Runs the tests: R's own, the layers' on each backend, the bridge's and the rest of Python's; as many suites side by side
# as there are cores. `make test` sets up first; whatever is skipped counts as failed.
# usage: tools/test.sh [SUITE | release]     a suite is one of R, jax, layers, more-layers, torch, bridge and guides, the
#                                            slowest first;
#                                            release is the tests so marked, on each backend, as `make check` runs them
set -euo pipefail
cd "$(dirname "$0")/.."

# The tests that try examples, of which a release tries more.
properties=(tests/python/layers/test_{hazard,properties}.py tests/python/bridge/test_hostile.py)

python_tests() {
  local backend=$1
  shift
  KERAS_BACKEND=$backend "$PWD/.venv/bin/python" -m pytest --quiet --no-skips "$@"
}

# Set-up cannot have PyTorch everywhere, and has said so where it could not.
has_torch() {
  .venv/bin/python -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)'
}

side_by_side() {
  echo "Testing: $*"
  mkdir -p build/tests
  local cores
  cores=$(nproc) # before OMP_NUM_THREADS, which it heeds
  export OMP_NUM_THREADS=1 # a core each: PyTorch's threads would wait for one another
  # shellcheck disable=SC2016
  printf '%s\n' "$@" | xargs --max-procs="$cores" -I SUITE bash -c '
    tools/test.sh SUITE >build/tests/SUITE.log 2>&1 && said=passed || said=FAILED
    printf "== SUITE: %s\n%s\n" $said "$(<build/tests/SUITE.log)"
    [[ $said = passed ]]'
}

case ${1:-all} in
  R) Rscript tools/testthat.R ;;
  bridge) python_tests tensorflow tests/python/bridge ;;
  # In two halves, which take as long and half the memory.
  layers) python_tests tensorflow tests/python/layers/test_[!m-z]*.py ;;
  more-layers) python_tests tensorflow tests/python/layers/test_[m-z]*.py ;;
  guides) python_tests tensorflow tests/python/test_*.py ;;
  jax | torch) python_tests "$1" -m backends ;;
  # As users run them, with all of XLA's optimizations.
  release-*)
    export XLA_FLAGS=
    backend=${1#release-}
    here=" and backends"
    [[ $backend != tensorflow ]] || here=
    python_tests "$backend" -m "release$here"
    python_tests "$backend" -m "(release or not release)$here" --hypothesis-profile=release "${properties[@]}"
    ;;
  release)
    suites=(release-jax release-tensorflow)
    has_torch && suites+=(release-torch)
    side_by_side "${suites[@]}"
    ;;
  all)
    suites=(R jax layers more-layers bridge guides)
    has_torch && suites=(R jax layers more-layers torch bridge guides)
    side_by_side "${suites[@]}"
    ;;
  *)
    sed -n '/^# usage/,/^[^#]/s/^# //p' "$0" >&2
    exit 2
    ;;
esac
