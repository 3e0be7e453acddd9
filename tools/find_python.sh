#!/usr/bin/env bash
# Prints the Python to make .venv with: the system's own if it will do, otherwise the first on the path.
# reticulate needs its shared library, rpy2 its headers.
set -euo pipefail

for python in /usr/bin/python3 "$(command -v python3 || true)"; do
  if [[ -x $python ]] && "$python" - <<'PY' 2>/dev/null
import ensurepip, pathlib, sys, sysconfig
setting = sysconfig.get_config_var
shared = setting("PYTHONFRAMEWORK") or setting("Py_ENABLE_SHARED")
headers = pathlib.Path(sysconfig.get_path("include"), "Python.h")
sys.exit(not (sys.version_info >= (3, 10) and shared and headers.exists()))
PY
  then
    echo "$python"
    exit 0
  fi
done
exit 1
