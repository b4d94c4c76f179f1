"""Delivery notes: what a folder of files says about itself.

Belongs here: reading `delivery.yml`, finding the files it covers, refusing names that leave the
folder, and saying which files have no note and which notes have no file.
Does not belong here: the content of the files (grid.py, readers) and what was received before
(receipts.py).
"""

import calendar
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from ingestion.rules import Problem

NOTE = "delivery.yml"
_NOT_DELIVERED = {NOTE, "README.md", ".gitattributes", ".gitignore", ".DS_Store"}
_NEEDED = (
    "source_id",
    "contract",
    "reader",
    "title_zh",
    "title_en",
    "publisher_zh",
    "publisher_en",
    "found_at",
    "licence",
    "access_class",
    "quality_tier",
    "files",
)
_ACCESS = ("public", "restricted", "confidential")
_TIERS = ("measured", "reported", "estimated", "modelled", "default", "synthetic")
_BASES = ("stated", "schedule")
_DAY = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


@dataclass(frozen=True)
class Period:
    """The time a file is about, from its first to its last day. Written YYYY, YYYY-MM, YYYY-MM-DD
    or first/last.
    """

    text: str
    start: date
    end: date

    @classmethod
    def parse(cls, text: str) -> "Period":
        """The period written as `text`; ValueError when it is none."""
        first, _, last = text.partition("/")
        start, end = _span(first)[0], _span(last or first)[1]
        if start > end:
            raise ValueError(f"the period '{text}' ends before it starts")
        return cls(text, start, end)


def _span(text: str) -> tuple[date, date]:
    match = _DAY.match(text.strip())
    if not match:
        raise ValueError(f"'{text}' is not a period of the form 2024, 2024-03 or 2023/2024-06")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


@dataclass(frozen=True)
class Delivered:
    """One file of a delivery with all that its note says about it. `path` is where it lies now."""

    path: Path
    file_name: str
    source_id: str
    contract: str
    reader: str
    period: Period
    known_at: date
    known_at_basis: str
    title_zh: str
    title_en: str
    publisher_zh: str
    publisher_en: str
    found_at: str
    licence: str
    access_class: str
    quality_tier: str
    submitter: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Undelivered:
    """A note or file that cannot enter: its name, the source where known, and why."""

    file_name: str
    source_id: str | None
    problem: Problem


def deliveries(source: Path) -> list[Delivered | Undelivered]:
    """All that `source` delivers, in the order of source and file name.

    `source` is a folder with delivery notes in it or below, or a folder or single file covered by
    a note above it.
    """
    source = Path(os.path.abspath(source))  # noqa: PTH100 - resolve() would follow links
    if source.name == NOTE:
        source = source.parent
    found: list[Delivered | Undelivered] = []
    if not source.exists():
        problem = Problem("note_names_missing_file")
        return [Undelivered(source.name, None, problem)]
    notes = sorted(source.rglob(NOTE)) if source.is_dir() else []
    above = _note_above(source) if source / NOTE not in notes else None
    unusable: set[Path] = set()
    for note in [*([above] if above else []), *notes]:
        items = _of_note(note, source)
        found += items
        if any(item.file_name == _note_name(note) for item in items):
            unusable.add(note)
    covered = {item.path for item in found if isinstance(item, Delivered)}
    refused = {item.file_name for item in found if isinstance(item, Undelivered)}
    for path in _files(source):
        note_above = _note_above(path)
        root = note_above.parent if note_above else (source if source.is_dir() else path.parent)
        name = path.relative_to(root).as_posix()
        if path not in covered and name not in refused and note_above not in unusable:
            found.append(Undelivered(name, None, Problem("note_missing")))
    return sorted(found, key=lambda item: (item.source_id or "", item.file_name))


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for folder, folders, names in os.walk(source, followlinks=False):
        folders.sort()
        for name in sorted(names):
            if name not in _NOT_DELIVERED and not name.startswith("~$"):
                yield Path(folder) / name


def _note_above(path: Path) -> Path | None:
    for folder in ([path] if path.is_dir() else []) + list(path.parents):
        if (folder / NOTE).is_file():
            return folder / NOTE
    return None


def _note_name(note: Path) -> str:
    return f"{note.parent.name}/{NOTE}"


def _of_note(note: Path, source: Path) -> list[Delivered | Undelivered]:
    folder = note.parent
    note_name = _note_name(note)
    try:
        with note.open(encoding="utf-8") as stream:
            content = yaml.safe_load(stream)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        return [_invalid(note_name, None, f"it is not YAML ({reason})")]
    if not isinstance(content, dict):
        return [_invalid(note_name, None, "it holds no fields")]
    source_id = str(content.get("source_id") or "") or None
    missing = [name for name in _NEEDED if not content.get(name)]
    if missing:
        return [_invalid(note_name, source_id, f"it lacks {', '.join(missing)}")]
    if content["access_class"] not in _ACCESS:
        return [_invalid(note_name, source_id, f"access_class must be one of {', '.join(_ACCESS)}")]
    if content["quality_tier"] not in _TIERS:
        return [_invalid(note_name, source_id, f"quality_tier must be one of {', '.join(_TIERS)}")]
    found: list[Delivered | Undelivered] = []
    for entry in content["files"]:
        item = _of_entry(folder, content, entry)
        path = item.path if isinstance(item, Delivered) else None
        if path is None or path == source or source in path.parents:
            found.append(item)
    return found


def _of_entry(folder: Path, content: Mapping[str, Any], entry: Any) -> Delivered | Undelivered:
    source_id = str(content["source_id"])
    if not isinstance(entry, dict) or not entry.get("file"):
        return _invalid(_note_name(folder / NOTE), source_id, "an entry of files names no file")
    name = str(entry["file"])
    if reason := _unsafe(folder, name):
        return Undelivered(name, source_id, Problem("name_unsafe", found=name, hint=reason))
    path = folder / name
    if not path.is_file():
        return Undelivered(name, source_id, Problem("note_names_missing_file"))
    try:
        period = Period.parse(str(entry.get("period", "")))
        known_at = entry.get("known_at")
        if not isinstance(known_at, date):
            raise ValueError("known_at must be a date such as 2024-03-20")
        basis = str(entry.get("known_at_basis", ""))
        if basis not in _BASES:
            raise ValueError(f"known_at_basis must be one of {', '.join(_BASES)}")
    except ValueError as error:
        return _invalid(name, source_id, str(error))
    own = {"file", "period", "known_at", "known_at_basis", "submitter"}
    return Delivered(
        path=path,
        file_name=PurePosixPath(name).as_posix(),
        period=period,
        known_at=known_at,
        known_at_basis=basis,
        submitter=str(entry["submitter"]) if entry.get("submitter") else None,
        details={str(key): str(value) for key, value in entry.items() if key not in own},
        **{key: str(content[key]) for key in _NEEDED if key != "files"},
    )


def _unsafe(folder: Path, name: str) -> str | None:
    """Why a name may not be opened, or None when it is safe."""
    if "\x00" in name:
        return "it holds a NUL character"
    if "\\" in name:
        return "it holds a backslash"
    if PurePosixPath(name).is_absolute() or re.match(r"^[A-Za-z]:", name):
        return "it is an absolute path"
    if ".." in PurePosixPath(name).parts:
        return "it climbs out of its folder with '..'"
    root = folder.resolve()
    if root not in (folder / name).resolve().parents:
        return "it is a link that leads out of its folder"
    return None


def _invalid(name: str, source_id: str | None, reason: str) -> Undelivered:
    problem = Problem("note_invalid", found=reason, hint="Correct the note and deliver again.")
    return Undelivered(name, source_id, problem)
