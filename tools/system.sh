#!/usr/bin/env bash
# Makes sure that the system has R, its packages, a compiler, pandoc and a Python to build on.
# usage: tools/system.sh [further R packages]
# Root on a system with apt: installs what is missing. Otherwise: names it, and the command that installs it.
set -euo pipefail
cd "$(dirname "$0")/.."

r_packages=(cli covr generics ggplot2 knitr lintr magrittr reticulate rmarkdown roxygen2 spelling testthat withr "$@")

missing_programs() {
  for program in R cc pandoc; do
    command -v "$program" >/dev/null || echo "$program"
  done
  tools/find_python.sh >/dev/null || echo python3
}

missing_r_packages() {
  if ! command -v Rscript >/dev/null; then
    printf '%s\n' "${r_packages[@]}"
  else
    Rscript --vanilla -e 'writeLines(setdiff(commandArgs(TRUE), rownames(installed.packages())))' \
      "${r_packages[@]}"
  fi
}

look() {
  mapfile -t programs < <(missing_programs)
  mapfile -t packages < <(missing_r_packages)
  ((${#programs[@]} + ${#packages[@]} > 0))
}

debian_packages() {
  for program in "${programs[@]}"; do
    case $program in
      R | cc) echo r-base-dev ;;
      python3) echo python3-venv python3-dev ;;
      *) echo "$program" ;;
    esac
  done
  for package in "${packages[@],,}"; do
    echo "r-cran-$package"
  done
}

look || exit 0
if command -v apt-get >/dev/null; then
  mapfile -t wanted < <(debian_packages | tr ' ' '\n' | sort -u)
  install=(apt-get install --yes --no-install-recommends "${wanted[@]}")
  if ((EUID == 0)); then
    echo "Installing ${wanted[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    "${install[@]}" -qq >/dev/null
    look || exit 0
  fi
fi

{
  echo "Missing on this system: ${programs[*]} ${packages[*]/#/R package }"
  if [[ -v install ]]; then
    echo "Install it with: sudo ${install[*]}"
  else
    [[ ${programs[*]} != *python3* ]] ||
      echo "python3: Python 3.10 or newer, built with its shared library, with venv and its headers."
    ((${#programs[@]} == 0)) || echo "Install the programs with your system's package manager."
    ((${#packages[@]} == 0)) ||
      printf "Install the R packages with: mkdir -p .rlib && R_LIBS=.rlib Rscript -e 'install.packages(c(%s), lib = \".rlib\")'\n" \
        "$(printf '"%s", ' "${packages[@]}" | sed 's/, $//')"
  fi
  echo "Nothing has been changed. Run make again afterwards."
} >&2
exit 1
