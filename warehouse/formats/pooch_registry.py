"""The list of a release's files in the form that the library pooch reads.

Belongs here: `registry.txt`. Does not belong here: `SHA256SUMS`, which `sha256sum -c` reads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from warehouse.formats.errors import FormatError
from warehouse.manifest import FileEntry

REGISTRY = "registry.txt"

_PLAIN = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*", re.ASCII)


def registry_txt(files: Sequence[FileEntry]) -> bytes:
    """Return `registry.txt`: one line `path sha256:hex` for each file, in order of path.

    Raises `FormatError` for a path that is not plain: pooch splits lines at spaces, and a URL
    is made by joining the path to an address.
    """
    if odd := [file.path for file in files if not _PLAIN.fullmatch(file.path)]:
        raise FormatError(
            f"File {odd[0]!r} has a name that cannot stand in an address. "
            "Use letters, digits, dots, hyphens and underscores."
        )
    lines = sorted(f"{file.path} sha256:{file.sha256}\n" for file in files)
    return "".join(lines).encode("ascii")
