"""`python -m carbon_factors`: the command line.

Belongs here: starting it. Does not belong here: anything else.
"""

import sys

from carbon_factors.cli import main

if __name__ == "__main__":
    sys.exit(main())
