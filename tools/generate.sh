#!/usr/bin/env bash
# Writes the generated files again; CONTRIBUTING.md lists them with their sources.
# usage: tools/generate.sh [PYTHON]
set -euo pipefail
python=${1:-$(dirname "$0")/../.venv/bin/python}
python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python")
cd "$(dirname "$0")/.."
export PYTHONPATH=$PWD/python

"$python" tools/requirements.py
"$python" -m layerbridge.bridge wrap layerbridge --out R
"$python" -m layerbridge.bridge spec layerbridge --json >tests/fixtures/spec.json
"$python" tools/keras3_agreement.py
"$python" tools/guides.py r vignettes
Rscript --vanilla -e 'roxygen2::roxygenise(load_code = "source")'
