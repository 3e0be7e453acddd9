#!/bin/sh
# Copies the Python package to python/ in FOLDER, for the R package to carry.
# usage: tools/bundle_python.sh FOLDER
set -eu

rm -rf inst/python "$1/python"
mkdir -p "$1/python"
cp -R python/layerbridge "$1/python/"
find "$1/python" -name __pycache__ -prune -exec rm -rf {} +
