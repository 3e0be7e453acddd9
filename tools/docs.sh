#!/usr/bin/env bash
# Builds the documentation sites: site/r with pkgdown, site/python with pdoc.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/build_r.sh
Rscript --vanilla -e 'options(pkgdown.internet = FALSE); pkgdown::build_site_github_pages("build/source", dest_dir = "../../site/r", install = FALSE, new_process = FALSE)'
.venv/bin/pdoc --docformat google --math --output-directory site/python layerbridge
