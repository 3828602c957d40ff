"""`python -m numpybrain` is the command line."""

import sys

from numpybrain.cli import main

sys.exit(main())
