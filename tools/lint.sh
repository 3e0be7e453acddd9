#!/usr/bin/env bash
# Checks format, lint, types and spelling, in both languages.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/steps.sh
PATH=$PWD/.venv/bin:$PATH

lint_r() {
  git ls-files -z --cached --others --exclude-standard '*.R' |
    xargs --null Rscript --vanilla -e '
      found <- lapply(Filter(file.exists, commandArgs(TRUE)), lintr::lint)
      for (lints in found) print(lints)
      quit(status = any(lengths(found) > 0))'
}

spelling() {
  Rscript --vanilla -e '
    found <- spelling::spell_check_package()
    print(found)
    quit(status = nrow(found) > 0)'
}

step "Python format" ruff format --check --quiet .
step "Python lint" ruff check --quiet .
step "Python types" mypy
step "Python types, as editors see them" basedpyright --level error
step "Types in a user's script" python tests/typing/check.py
step "R lint" lint_r
step "R spelling" spelling
finish "Nothing to mend."
