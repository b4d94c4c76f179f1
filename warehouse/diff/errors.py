"""What a comparison may end with instead of a verdict.

Belongs here: the exceptions of the package. Does not belong here: differences, which are results.
"""

from __future__ import annotations


class DiffError(ValueError):
    """Two releases cannot be compared at all; the message says which and what to do."""

    exit_code = 2


class NotCompared(Exception):
    """One table or column could not be compared; the message is the reason, as a sentence."""
