#!/usr/bin/env bash
# Runs every check and names those that failed: format, lint, types, the wheel, generated files, the R package.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
failed=()

check() {
  local name=$1
  shift
  echo "== $name"
  "$@" || failed+=("$name")
}

documented() {
  rm -rf build/documented && cp -r build/source build/documented
  (cd build/documented && Rscript --vanilla -e 'roxygen2::roxygenise(load_code = "source")' >/dev/null) || return 1
  diff NAMESPACE build/documented/NAMESPACE && diff -r man build/documented/man || {
    echo "Run make generate and commit the result."
    return 1
  }
}

lint_r() {
  Rscript --vanilla -e '
    found <- c(lintr::lint_dir("R"), lintr::lint_dir("tests/testthat"), lintr::lint_dir("tools"))
    for (lint in found) print(lint)
    quit(status = length(found) > 0)'
}

spelling() {
  Rscript --vanilla -e '
    found <- spelling::spell_check_package()
    print(found)
    quit(status = nrow(found) > 0)'
}

check_r_with_python() {
  NOT_CRAN=true tools/check_r.sh "$RETICULATE_PYTHON" with-python &&
    grep --fixed-strings "SKIP 0" build/with-python/layerbridge.Rcheck/tests/testthat.Rout
}

check "Python format" ruff format --check --quiet .
check "Python lint" ruff check --quiet .
check "Python types" mypy
check "Python wheel" tools/check_wheel.sh
check "R wrappers in step" layerbridge wrap layerbridge --out R --check
check "R build" tools/build_r.sh
check "NAMESPACE and man/ in step" documented
check "R lint" lint_r
check "R spelling" spelling
check "R CMD check, with Python and no test skipped" check_r_with_python
check "R CMD check, without Python" tools/check_r.sh /no/python without-python
check "R CMD check of a generated package" tools/check_packages.sh

if ((${#failed[@]} > 0)); then
  printf 'FAILED: %s\n' "${failed[@]}"
  exit 1
fi
echo "All checks passed."
