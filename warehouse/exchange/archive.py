"""The one writer of zip archives: the same members give the same bytes.

Belongs here: names, order, dates, permissions and compression of an archive. Does not belong here:
what is in it.

Members stand in order of name, dated 1980-01-01 (the first day that the format knows), readable by
everybody, deflated at one fixed level, without comment or extra field. What is left that could
differ between machines is the compressor itself: another zlib may pack the same bytes otherwise.
"""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path

from warehouse import files

DATE = (1980, 1, 1, 0, 0, 0)
MODE = stat.S_IFREG | 0o644
LEVEL = 6
_UNIX = 3

_PLAIN = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*", re.ASCII)


class ArchiveError(ValueError):
    """The members of an archive are out of order or have names that no archive should hold."""


def write_archive(path: Path, members: Iterable[tuple[str, bytes]]) -> int:
    """Write a new archive of `(name, content)` members and force it to disk; return their number.

    Members come in strictly ascending order of name, so that an archive of any size is written in
    one pass. Raises `ArchiveError` for a name that is out of order, stands twice or is not plain
    (letters, digits, dots, hyphens, underscores and single slashes), `OSError` when the disk fails.
    """
    last, count = "", 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, content in members:
            if not _PLAIN.fullmatch(name):
                raise ArchiveError(f"{path.name}: the name {name!r} is not plain.")
            if name <= last:
                raise ArchiveError(
                    f"{path.name}: {name!r} comes after {last!r}. Give each name once, in order."
                )
            member = zipfile.ZipInfo(name, DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = _UNIX
            member.external_attr = MODE << 16
            archive.writestr(member, content)
            last, count = name, count + 1
    files.sync_file(path)
    return count
