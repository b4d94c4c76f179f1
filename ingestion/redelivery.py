"""Deliveries made again from the landing zone: the same files under the same notes.

Belongs here: the note of a single file as it was taken in, kept beside the landed bytes, and laying
out a folder from which ingestion gives the same receipts and rows. Does not belong here: reading
notes (`delivery`) and taking files in (`ingest`).
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import yaml

from ingestion.delivery import NOTE, Delivered
from ingestion.landing import landing_path, sha256_of, write_atomically
from ingestion.receipts import Receipt

_OF_THE_FILE = ("period", "known_at", "known_at_basis", "submitter")
_ELSEWHERE = frozenset({*_OF_THE_FILE, "path", "file_name", "details"})


class RedeliveryError(LookupError):
    """A file or note is no longer in the landing zone as it was taken in; the message names it."""


def note_path(home: Path, receipt_id: str) -> Path:
    """Where the note of one landed file lies."""
    return home / "landing" / "notes" / f"{receipt_id}.yml"


def keep_note(home: Path, receipt_id: str, item: Delivered) -> None:
    """Keep what the note said about a file, as a note of this file alone."""
    write_atomically(note_path(home, receipt_id), as_note(item).encode())


def as_note(item: Delivered) -> str:
    """Return a delivery note of one file from which `deliveries` gives the same item."""
    shared = {
        each.name: getattr(item, each.name) for each in fields(item) if each.name not in _ELSEWHERE
    }
    entry = {
        "file": item.file_name,
        "period": item.period.text,
        "known_at": item.known_at,
        "known_at_basis": item.known_at_basis,
        **({"submitter": item.submitter} if item.submitter else {}),
        **item.details,
    }
    return yaml.safe_dump({**shared, "files": [entry]}, allow_unicode=True, sort_keys=False)


def redeliver(home: Path, receipts: Sequence[Receipt], folder: Path) -> None:
    """Lay out the files of some receipts in a folder, each under its own note.

    Raises `RedeliveryError` when a file or its note is gone, or is not what was taken in.
    """
    for receipt in receipts:
        note = note_path(home, receipt.receipt_id)
        landed = landing_path(home, receipt.sha256)
        for path in (note, landed):
            if not path.is_file():
                raise RedeliveryError(
                    f"{receipt.file_name} (receipt {receipt.receipt_id}) cannot be taken in again: "
                    f"{path.relative_to(home)} is not there. Restore the landing zone from a copy."
                )
        if sha256_of(landed.read_bytes()) != receipt.sha256:
            raise RedeliveryError(
                f"{receipt.file_name} (receipt {receipt.receipt_id}) was changed in the landing "
                f"zone: {landed.relative_to(home)} has other bytes. Restore it from a copy."
            )
        place = folder / receipt.receipt_id
        target = place / receipt.file_name
        if place.resolve() not in target.resolve().parents:
            raise RedeliveryError(f"{receipt.file_name} may not be the name of a file.")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(note, place / NOTE)
        try:
            os.link(landed, target)
        except OSError:  # another file system
            shutil.copyfile(landed, target)
