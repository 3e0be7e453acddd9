#!/usr/bin/env bash
# Copies the repository's own files to build/source: R would take .venv and .rlib, too.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf build/source
mkdir -p build/source
git ls-files -z --cached --others --exclude-standard |
  tar --create --null --files-from - --ignore-failed-read |
  tar --extract --directory build/source
