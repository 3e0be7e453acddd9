#!/usr/bin/env bash
# Makes an R package of a Python library's layers and runs R CMD check on it, first with
# Python and then without: neither may end with an error or a warning.
#
# usage: tools/check_packages.sh [TARGET NAME]...     by default keras.layers kerasLayers
#
# PYTHON may name another Python, one that has the library and layerbridge.
set -euo pipefail
python=${PYTHON:-$(cd "$(dirname "$0")/.." && pwd)/.venv/bin/python}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

check() {
  local name=$1 interpreter=$2 log
  RETICULATE_PYTHON=$interpreter R CMD check --no-manual "$name"_*.tar.gz >check.log 2>&1 || true
  log=$name.Rcheck/00check.log
  printf '%s, Python %s: %s\n' "$name" "$interpreter" "$(grep '^Status' "$log")"
  if grep -qE '^Status:.*(ERROR|WARNING)' "$log"; then
    cat "$log"
    return 1
  fi
}

(($#)) || set -- keras.layers kerasLayers
while (($#)); do
  "$python" -m layerbridge.bridge package "$1" --name "$2" --out "$2" >/dev/null
  R CMD build "$2" >/dev/null
  check "$2" "$python"
  check "$2" /no/python
  shift 2
done
