#!/usr/bin/env bash
# Installs PyTorch's CPU build, or says that there is none to be had.
# usage: tools/torch.sh PIP-INSTALL-COMMAND...
set -euo pipefail

problem=$("$@" --group torch 2>&1) && exit 0
[[ $problem == *"No matching distribution found for torch"* ]] || { echo "$problem" >&2; exit 1; }
echo "PyTorch will not be tested: pip finds no CPU build of it for this system and Python.
To have it tested, give pip a source that holds one (https://pytorch.org/get-started tells which) and run make again." >&2
