#!/usr/bin/env bash
# Builds the R package from the repository's own files, in build/: R would copy .venv and .rlib first.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf build/source build/*.tar.gz
mkdir -p build/source
git ls-files -z --cached --others --exclude-standard |
  tar --create --null --files-from - --ignore-failed-read |
  tar --extract --directory build/source
cd build
R CMD build --no-manual source
