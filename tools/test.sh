#!/usr/bin/env bash
# Runs every test: R's own, the layers' on each other backend, and all of Python's on TensorFlow.
# `make test` sets up first; whatever is skipped counts as failed.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=()

tests() {
  local backend=$1
  shift
  echo "== Python, on $backend"
  KERAS_BACKEND=$backend "$PWD/.venv/bin/python" -m pytest --quiet --no-skips "$@" || failed+=("$backend")
}

echo "== R"
Rscript tools/testthat.R || failed+=(R)

tests jax -m backends
# Set-up cannot have PyTorch everywhere, and has said so where it could not.
if .venv/bin/python -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)'; then
  tests torch -m backends
fi
tests tensorflow

if ((${#failed[@]} > 0)); then
  echo "FAILED: ${failed[*]}"
  exit 1
fi
