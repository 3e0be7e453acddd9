#!/usr/bin/env bash
# Makes a virtual environment with the libraries, which sees what .venv has as well.
# usage: tests/libraries/setup.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."
rm -rf "$1"
.venv/bin/python -m venv "$1"
site=$("$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' >"$site/base.pth"
echo "$PWD/python" >>"$site/base.pth" # editable installs are not seen through a .pth file
"$1/bin/python" -m pip install --quiet --no-deps --requirement tests/libraries/requirements.txt
