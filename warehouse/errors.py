"""What a publication may end with instead of a release.

Belongs here: the exceptions of publishing, so that callers can tell them apart without importing
the publisher. Does not belong here: errors of reading or judging, which stand in their modules.
"""

from __future__ import annotations

from collections.abc import Sequence


class PublishError(RuntimeError):
    """Nothing was published; the message says why, in sentences."""


class PublishRefused(PublishError):
    """The candidate may not be published. `reasons` holds one sentence for each cause."""

    def __init__(self, reasons: Sequence[str]) -> None:
        """Keep the reasons and make them the message, one a line."""
        super().__init__("\n".join(reasons))
        self.reasons = list(reasons)


class PublishBusy(PublishError):
    """Another publisher holds the lock of the releases folder."""
