"""What may go wrong when background datasets are written for LCA software.

Belongs here: the exception, with one sentence for each cause. Does not belong here: finding the
causes (`checks`).
"""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.formats.errors import FormatError

SHOWN = 20
"""So many causes stand in the message; the rest is counted."""


class ExchangeError(FormatError):
    """The background datasets cannot be exchanged. `reasons` has a sentence for each cause."""

    def __init__(self, reasons: Sequence[str]) -> None:
        """Keep all reasons; the message shows the first of them, one a line."""
        more = len(reasons) - SHOWN
        tail = [f"... and {more} more of this kind."] if more > 0 else []
        super().__init__("\n".join([*reasons[:SHOWN], *tail]))
        self.reasons = list(reasons)
