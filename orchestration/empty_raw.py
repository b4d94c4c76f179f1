"""Empty raw tables in a scratch folder, for tools that only look at SQL (`make lint`).

Belongs here: this one command. Does not belong here: anything else.
"""

import sys
from pathlib import Path

from ingestion.raw import ensure_empty_tables

if __name__ == "__main__":
    ensure_empty_tables(Path(sys.argv[1]))
