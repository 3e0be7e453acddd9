"""The command as a module: `python -m layerbridge.rwrap`."""

import sys

from layerbridge.rwrap.cli import main

sys.exit(main())
