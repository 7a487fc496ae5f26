"""`python -m merchants`: the till in a terminal."""

import sys

from merchants.cli import main

sys.exit(main())
