#!/usr/bin/env bash
# Installs the R package in each way that there is: every Python file of the checkout must arrive, and nothing else.
# Takes what tools/build_r.sh made. Ways that need an R package which is not installed are named and left out.
set -euo pipefail
cd "$(dirname "$0")/../build"
rm -rf bundle
mkdir -p bundle/library
cd bundle
python=../source/python/layerbridge

# A checkout that has been worked in: with a cache, and with a module in inst/ that is gone from python/.
cp -r ../source checkout
mkdir -p checkout/python/layerbridge/__pycache__ checkout/inst/python/layerbridge
touch checkout/python/layerbridge/__pycache__/masks.pyc checkout/inst/python/layerbridge/gone.py

same() {
  diff -r "$python" "$1" && echo "$2: the same Python files" || { echo "$2: other Python files"; exit 1; }
}

installed() {
  same library/layerbridge/python/layerbridge "$1"
  rm -rf library/layerbridge
}

with() {
  local package=$1 code=$2
  if Rscript --vanilla -e "quit(status = !requireNamespace('$package', quietly = TRUE))"; then
    Rscript --vanilla -e "$code" >log 2>&1 || { cat log; exit 1; }
  else
    echo "$package is not installed, and was not tried"
    return 1
  fi
}

install() {
  R CMD INSTALL --no-docs --library=library "$1" >log 2>&1 || { cat log; exit 1; }
}

tar --extract --file ../layerbridge_*.tar.gz
same layerbridge/inst/python/layerbridge "R CMD build"
install ../layerbridge_*.tar.gz
installed "R CMD INSTALL of what R CMD build made"

install checkout
installed "R CMD INSTALL of a checkout"

mkdir built
if with pkgbuild 'pkgbuild::build("checkout", "built", vignettes = FALSE)'; then
  install built/*.tar.gz
  installed "pkgbuild::build()"
fi

local='remotes::install_local("checkout", lib = "library", dependencies = FALSE, upgrade = "never", force = TRUE, build = %s)'
for build in TRUE FALSE; do
  # shellcheck disable=SC2059
  if with remotes "$(printf "$local" $build)"; then
    installed "remotes::install_local(build = $build)"
  fi
done

loaded='pkgload::load_all("../source", quiet = TRUE); writeLines(system.file("python", package = "layerbridge"), "python")'
if with pkgload "$loaded"; then
  same "$(cat python)/layerbridge" "pkgload::load_all()"
fi
