"""What goes wrong when a release is written in its other forms.

Belongs here: the error of this package. Does not belong here: what becomes of it (`staging`).
"""

from __future__ import annotations


class FormatError(RuntimeError):
    """A table or a fact cannot be written in one of the forms; the message is a sentence."""
