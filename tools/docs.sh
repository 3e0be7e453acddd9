#!/usr/bin/env bash
# Builds the documentation sites, site/r with pkgdown and site/python with pdoc, and checks their links.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/build_r.sh
Rscript --vanilla tools/pkgdown.R
.venv/bin/python tools/pdoc_site.py
.venv/bin/python tools/check_links.py site/r site/python
