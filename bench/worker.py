"""Runs one module's `measure()` and prints its records as JSON, in the last line."""

import importlib
import json
import sys

if __name__ == "__main__":
    module, *arguments = sys.argv[1:]
    print("\n" + json.dumps(importlib.import_module(module).measure(*arguments)))
