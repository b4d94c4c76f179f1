"""What verification finds: one record for each thing that is wrong.

Belongs here: the record and the names of the links. Does not belong here: finding problems
(`verify`, `states`, `trust`).
"""

from __future__ import annotations

import dataclasses
from typing import Literal

Link = Literal["files", "manifest", "signature", "state", "chain", "registry"]
"""What a release hangs by: its files, its manifest, who signed it, its state, the release before
it, and the registry of the folder."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a release.

    `kind` is one of missing, extra, changed, unreadable, signature, state, chain, registry; `path`
    is relative to the releases folder; `sentence` says what was expected and found; `link` is what
    failed.
    """

    path: str
    kind: str
    sentence: str
    link: Link = "files"
