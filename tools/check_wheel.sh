#!/usr/bin/env bash
# Builds sdist and wheel, installs the wheel by itself, and asks it about its own layers: nothing may be missing.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf build/dist
.venv/bin/python -m build --outdir build/dist >/dev/null # the sdist, and from it the wheel
.venv/bin/python -m venv --clear build/alone
build/alone/bin/python -m pip install --quiet build/dist/*.whl jax
diff -r --exclude=__pycache__ python/layerbridge build/alone/lib/python*/site-packages/layerbridge
cd build
KERAS_BACKEND=jax alone/bin/layerbridge spec layerbridge --json >spec.json
cmp spec.json ../tests/fixtures/spec.json
