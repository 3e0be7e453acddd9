#!/usr/bin/env bash
# Writes the generated files again: the R wrappers, NAMESPACE and man/.
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/layerbridge wrap layerbridge --out R
Rscript --vanilla -e 'roxygen2::roxygenise(load_code = "source")'
