"""What a path holds: workbooks, JSON documents, sets of CSV files, and archives of these.

Belongs here: finding submissions under a path, in a fixed order, and giving their bytes.
Does not belong here: reading them (workbook.py, flat.py).
"""

import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from ingestion.survey.answered import Answered, Refused, Remark
from ingestion.survey.flat import read_csv_files, read_json
from ingestion.survey.package import MAX_WORKBOOK_BYTES, too_large
from ingestion.survey.workbook import read_workbook

MAX_SUBMISSIONS = 100_000
_FIRST_CSV = "survey_submission.csv"
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xltm", ".xlsb")
_PASSED_OVER = ("delivery.yml", "readme.md", ".ds_store", "thumbs.db", ".gitignore")

_DAMAGED = (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, KeyError,
            ValueError, RuntimeError)  # fmt: skip
"""What unpacking raises where the bytes are damaged, locked or packed in an unknown way."""


@dataclass(frozen=True)
class Piece:
    """One submission that is to be read. `members`: its files in the archive `path`, none where
    it is a file of its own; a set of CSV files in a folder names them relative to it.
    """

    name: str
    form: str
    path: Path
    members: tuple[str, ...] = ()


def pieces_of(paths: Sequence[Path]) -> list[Piece]:
    """Every submission under the paths, in the order of their names. FileNotFoundError for a path
    that is not there.
    """
    found: list[Piece] = []
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist.")
        found += _in_folder(path) if path.is_dir() else _of_file(path, path.name)
    named = [replace(piece, name=_as_text(piece.name)) for piece in found]
    return sorted(named, key=lambda piece: (piece.name, str(piece.path)))


def _as_text(name: str) -> str:
    """A file name as text: bytes of it that are no UTF-8 are replaced."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _in_folder(folder: Path) -> list[Piece]:
    found: list[Piece] = []
    for root, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        here = Path(root)
        flat = [name for name in names if name.lower().endswith(".csv")]
        if _FIRST_CSV in names:
            name = here.relative_to(folder).as_posix()
            name = folder.name if name == "." else name
            found.append(Piece(name, "csv", here, tuple(sorted(flat))))
        for name in names:
            inside = (here / name).relative_to(folder).as_posix()
            if not _skipped(name) and not (_FIRST_CSV in names and name in flat):
                found += _of_file(here / name, inside)
    return found


def _skipped(name: str) -> bool:
    return name.lower() in _PASSED_OVER or name.startswith(("~$", "."))


def _of_file(path: Path, name: str) -> list[Piece]:
    suffix = path.suffix.lower()
    if suffix in _WORKBOOKS:
        return [Piece(name, "workbook", path)]
    if suffix == ".json":
        return [Piece(name, "json", path)]
    if suffix == ".zip":
        return _in_archive(path, name)
    return [Piece(name, "unknown", path)]


def _in_archive(path: Path, name: str) -> list[Piece]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
    except _DAMAGED:
        return [Piece(name, "broken_archive", path)]
    members = [each.filename for each in entries if not _skipped(PurePosixPath(each.filename).name)]
    if len(members) > MAX_SUBMISSIONS:
        return [Piece(name, "crowded_archive", path)]
    sets = {
        str(PurePosixPath(each).parent)
        for each in members
        if PurePosixPath(each).name == _FIRST_CSV
    }
    found = []
    for each in sets:
        files = [m for m in members if str(PurePosixPath(m).parent) == each and m.endswith(".csv")]
        label = name if each == "." else f"{name}/{each}"
        found.append(Piece(label, "csv", path, tuple(sorted(files))))
    for each in members:
        inside = PurePosixPath(each)
        if str(inside.parent) in sets and each.endswith(".csv"):
            continue
        form = {".json": "json"}.get(inside.suffix.lower(), "unknown")
        form = "workbook" if inside.suffix.lower() in _WORKBOOKS else form
        found.append(Piece(f"{name}/{each}", form, path, (each,)))
    return found


def read_piece(piece: Piece) -> Answered:
    """The answers of a submission; Refused with the reason when there are none to be had."""
    if piece.form == "unknown":
        suffix = PurePosixPath(piece.name).suffix or "?"
        raise Refused(Remark("survey_file_unknown", found=suffix))
    if piece.form == "broken_archive":
        raise Refused(Remark("archive_broken", found=piece.name))
    if piece.form == "crowded_archive":
        raise Refused(Remark("archive_crowded", expected=f"{MAX_SUBMISSIONS:,}"))
    try:
        contents = [_content(piece, member) for member in piece.members or ("",)]
    except _DAMAGED as error:
        raise Refused(Remark("archive_broken", found=str(error) or piece.name)) from error
    if piece.form == "csv":
        names = [_as_text(member) for member in piece.members]
        return read_csv_files(dict(zip(names, contents, strict=True)))
    if piece.form == "json":
        return read_json(contents[0])
    return read_workbook(contents[0], piece.name)


@lru_cache(maxsize=2)
def _archive(path: Path, size: int, changed: int) -> zipfile.ZipFile:
    """The archive, kept open: its list of members is long and is read once a process."""
    return zipfile.ZipFile(path)


def _content(piece: Piece, member: str) -> bytes:
    """The bytes of a file; what is too large is refused before it is read."""
    if piece.path.is_dir() or not member:
        path = piece.path / member if member else piece.path
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise Refused(Remark("survey_file_unknown", found="no plain file"))
        if facts.st_size > MAX_WORKBOOK_BYTES:
            raise too_large(facts.st_size)
        return path.read_bytes()
    facts = piece.path.stat()
    archive = _archive(piece.path, facts.st_size, facts.st_mtime_ns)
    entry = archive.getinfo(member)
    if entry.file_size > MAX_WORKBOOK_BYTES:
        raise too_large(entry.file_size)
    with archive.open(entry) as stream:
        content = stream.read(MAX_WORKBOOK_BYTES + 1)
    if len(content) > MAX_WORKBOOK_BYTES:
        raise too_large(len(content))
    return content
