"""The command as a module: `python -m layerbridge.bridge`."""

import sys

from layerbridge_command import main

sys.exit(main())
