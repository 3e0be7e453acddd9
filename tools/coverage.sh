#!/usr/bin/env bash
# Measures how much of the code the tests run, in both languages. Fails below the bound of either.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=()

echo "== Python"
"$PWD/.venv/bin/python" -m pytest --quiet --no-skips --cov || failed+=(Python)
echo "== R"
Rscript tools/coverage.R || failed+=(R)

if ((${#failed[@]} > 0)); then
  echo "FAILED: ${failed[*]}"
  exit 1
fi
