#!/usr/bin/env bash
# Runs every test: R's own, the layers' on each other backend, and all of Python's on TensorFlow.
# `make test` sets up first; whatever is skipped counts as failed.
set -euo pipefail
cd "$(dirname "$0")/.."

has() { .venv/bin/python -c "import importlib.util, sys; sys.exit(not importlib.util.find_spec('$1'))"; }

Rscript tools/testthat.R

untested=()
for backend in jax torch; do
  if has "$backend"; then
    echo "== The layers on $backend"
    KERAS_BACKEND=$backend "$PWD/.venv/bin/python" -m pytest --quiet --no-skips -m backends
  else
    untested+=("$backend")
  fi
done

echo "== Everything on tensorflow"
KERAS_BACKEND=tensorflow "$PWD/.venv/bin/python" -m pytest --quiet --no-skips
((${#untested[@]} == 0)) ||
  echo "NOT TESTED, because pip found no build of it for this system: ${untested[*]} (run tools/torch.sh for more)."
