#!/usr/bin/env bash
# Writes the generated files again; CONTRIBUTING.md lists them with their sources.
# usage: tools/generate.sh [PYTHON]
set -euo pipefail
python=${1:-$(dirname "$0")/../.venv/bin/python}
python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python")
cd "$(dirname "$0")/.."
export PYTHONPATH=$PWD/python

"$python" tools/metadata.py
"$python" tools/docstrings.py
rm -f R/{layerbridge-manifest,wrappers,generics,runtime-*}.R # which differ from their list after a merge
"$python" -m layerbridge.bridge wrap layerbridge --out R
"$python" -m layerbridge.bridge spec layerbridge --json >tests/fixtures/spec.json
"$python" tools/keras3_agreement.py
"$python" tools/guides.py vignettes
"$python" tools/works_with.py
# Older versions of roxygen2 do not know the NULL that says that a method is registered elsewhere.
Rscript --vanilla -e '
  unknown <- "@exportS3Method must be used with a function"
  withCallingHandlers(roxygen2::roxygenise(load_code = "source"), warning = function(w) {
    if (grepl(unknown, conditionMessage(w), fixed = TRUE)) invokeRestart("muffleWarning")
  })'
