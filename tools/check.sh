#!/usr/bin/env bash
# Runs every check and names those that failed: lint, the wheel, generated files, the tests of a release, the R package.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/steps.sh

# The version of Keras that a page was made from, and that of roxygen2, may differ from those here.
generated() {
  rm -rf build/generated && cp -r build/source build/generated
  build/generated/tools/generate.sh "$PWD/.venv/bin/python" >/dev/null &&
    diff -r --exclude=__pycache__ -I "makes from Keras" -I "^RoxygenNote:" build/source build/generated || {
    echo "Run make generate and commit the result."
    return 1
  }
}

check_r_with_python() {
  NOT_CRAN=true tools/check_r.sh "$RETICULATE_PYTHON" with-python &&
    grep --fixed-strings "SKIP 0" build/with-python/layerbridge.Rcheck/tests/testthat.Rout
}

step "Lint" tools/lint.sh
step "R build" tools/build_r.sh
step "Generated files in step" generated
step "Python in the R package" tools/check_bundle.sh
step "Python wheel" tools/check_wheel.sh
step "Tests that only a release needs" tools/test.sh release
step "R CMD check, with Python and no test skipped" check_r_with_python
step "R CMD check, without Python" tools/check_r.sh /no/python without-python
step "R CMD check of a generated package" tools/check_packages.sh
finish "All checks passed."
