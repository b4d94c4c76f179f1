"""`python -m orchestration`: the command line without its installed name.

Belongs here: this call. Does not belong here: anything else.
"""

from orchestration.cli import main

if __name__ == "__main__":
    main()
