#!/usr/bin/env bash
# Builds the documentation sites, site/r with pkgdown and site/python with MkDocs, which site/index.html leads to, and
# checks their links.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python

tools/stage.sh
rm -rf build/docs site
mkdir -p site
"$python" tools/render.py
"$python" tools/pages.py

Rscript --vanilla tools/pkgdown.R

cp -r docs/python/. man build/docs
NO_MKDOCS_2_WARNING=1 "$python" -m mkdocs build

rm site/python/404.html # its links are those of a server's root
cp docs/index.html site
"$python" tools/check_links.py site
