#!/usr/bin/env bash
# Installs PyTorch's CPU build where there is none, or says that pip finds none.
# usage: tools/torch.sh PIP-INSTALL-COMMAND...
set -euo pipefail

.venv/bin/python -c 'import torch' 2>/dev/null && exit 0
problem=$("$@" --group torch 2>&1) && exit 0
# pip finds nothing without a network either, after its last try.
if [[ $problem == *"Retry(total=0"* || $problem != *"No matching distribution found for torch"* ]]; then
  echo "$problem" >&2
  exit 1
fi
echo "PyTorch will not be tested: pip finds no CPU build of it for this system and Python.
CONTRIBUTING.md tells how to have it tested." >&2
