#!/usr/bin/env bash
# Runs the Python tests that need no R on the oldest versions that pyproject.toml allows, in .venv-oldest. What they warn of
# has been mended since.
# usage: tools/test_oldest.sh PYTHON-3.10
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv-oldest/bin/python

"$1" -m venv --clear .venv-oldest
$python -m pip install --quiet uv
$python -m uv pip install --quiet --python $python --resolution lowest-direct --editable . --group layers
echo "== Python, on the oldest versions: $($python --version)" \
  "$($python -m pip freeze | grep -iE '^(griffe|jinja2|keras|markdown-it-py|matplotlib|numpy|tensorflow)==' | xargs)"
$python -m pytest --quiet --no-skips -W default -m "not r and not newest" -k "not jax"
