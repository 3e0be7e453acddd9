#!/usr/bin/env bash
# Builds the documentation sites, site/r with pkgdown and site/python with pdoc, and checks their links.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/build_r.sh

# For a package that the articles name and that is not installed, pkgdown asks CRAN. It asks less of one that looks
# installed.
Rscript --vanilla - <<'R'
for (name in setdiff("keras3", rownames(installed.packages()))) {
  meta <- file.path("build/absent", name, "Meta")
  dir.create(meta, recursive = TRUE, showWarnings = FALSE)
  description <- c(Package = name, Version = "0.0")
  saveRDS(list(DESCRIPTION = description), file.path(meta, "package.rds"))
  write.dcf(rbind(description), file.path(dirname(meta), "DESCRIPTION"))
}
R
R_LIBS=$R_LIBS:$PWD/build/absent Rscript --vanilla -e 'options(pkgdown.internet = FALSE); pkgdown::build_site_github_pages("build/source", dest_dir = "../../site/r", install = FALSE, new_process = FALSE)'

.venv/bin/pdoc --docformat google --math --template-directory tools/pdoc --output-directory site/python layerbridge
.venv/bin/python tools/check_links.py site/r site/python
