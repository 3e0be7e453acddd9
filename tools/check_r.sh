#!/usr/bin/env bash
# Runs R CMD check as CRAN does on what tools/build_r.sh made. Fails on every error, warning and note, but not on
# suggested packages that are not installed.
# usage: tools/check_r.sh PYTHON FOLDER, which is made in build/
set -euo pipefail
shopt -s failglob # R CMD check passes over a file that is not there
cd "$(dirname "$0")/../build"
options=(--as-cran "--output=$2")
mkdir -p "$2"
command -v pdflatex >/dev/null || options+=(--no-manual)

# CRAN's list of packages, which --as-cran asks for orphans, cannot be had without a network.
mkdir -p cran/web/packages
Rscript --vanilla -e '
  saveRDS(data.frame(Package = character(), Maintainer = character()), "cran/web/packages/packages.rds")'

export RETICULATE_PYTHON=$1
export R_CRAN_WEB=file://$PWD/cran
export R_QPDF=true # there is no PDF
export _R_CHECK_CRAN_INCOMING_REMOTE_=false # needs a network
export _R_CHECK_SYSTEM_CLOCK_=false # needs a network
export _R_CHECK_RD_VALIDATE_RD2HTML_=false # needs a recent HTML Tidy
export _R_CHECK_RD_MATH_RENDERING_=false # needs V8
export _R_CHECK_FORCE_SUGGESTS_=false # keras3
export _R_CHECK_THINGS_IN_TEMP_DIR_EXCLUDE_=^__autograph_generated_file # TensorFlow's
export _R_CHECK_EXAMPLE_TIMING_THRESHOLD_=60 # the first example waits for TensorFlow
R CMD check "${options[@]}" layerbridge_*.tar.gz
! sed -z 's/\* checking package dependencies ... NOTE\nPackage suggested but not available for checking: .keras3.\n//' \
  "$2/layerbridge.Rcheck/00check.log" | grep -vE '^Status:' | grep -E '(NOTE|WARNING|ERROR)$'
