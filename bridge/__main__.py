"""`python -m bridge`: the commands that need no screen."""

import sys

from bridge.cli import main

sys.exit(main())
