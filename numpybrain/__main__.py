"""`python -m numpybrain` is the command line."""

import sys

from numpybrain.cli.main import main

sys.exit(main())
