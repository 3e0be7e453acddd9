#!/usr/bin/env bash
# Builds the R package, in build/.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/stage.sh
cd build
rm -f ./*.tar.gz
R CMD build --no-manual source
