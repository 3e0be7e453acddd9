"""The command as a module: `python -m layerbridge.bridge`."""

import sys

from layerbridge.bridge.cli import main

sys.exit(main())
