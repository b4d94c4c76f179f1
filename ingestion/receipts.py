"""Receipts: one for every content that a source delivered, with what became of it.

Belongs here: the receipt, its id, reading and writing. A receipt is written last: it is what makes
a file known.
Does not belong here: rows. `received_at` is a fact of the receipt alone and never reaches a row.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.landing import write_atomically
from ingestion.rules import Finding


@dataclass(frozen=True)
class Receipt:
    """What was received and what became of it. Row counts are counts of raw records.

    `rows_read` = `rows_accepted` + `rows_quarantined`. `is_quarantined`: the file as a whole was
    set aside. `code_version` is the hash of this package's code and tables; when it changes, the
    landed file is read again.
    """

    receipt_id: str
    source_id: str
    file_name: str
    sha256: str
    bytes: int
    period: str
    known_at: date
    known_at_basis: str
    contract: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    is_quarantined: bool
    encoding: str | None
    submitter: str | None
    access_class: str
    quality_tier: str
    note_sha256: str
    code_version: str
    received_at: str
    findings: tuple[Finding, ...] = ()


def receipt_id_of(source_id: str, sha256: str) -> str:
    """The id of the receipt for this content from this source: r and 16 hexadecimal digits."""
    return "r" + hashlib.sha256(f"{source_id}\n{sha256}".encode()).hexdigest()[:16]


@cache
def code_version() -> str:
    """Hash of everything in this package that decides what a file becomes: code, contracts, code
    tables, rules.
    """
    package = Path(__file__).parent
    paths = sorted(
        path
        for path in package.rglob("*")
        if path.suffix in (".py", ".yml", ".csv") and "__pycache__" not in path.parts
    )
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(package).as_posix().encode() + b"\n")
        digest.update(path.read_bytes() + b"\n")
    return digest.hexdigest()[:16]


def receipt_path(home: Path, receipt_id: str) -> Path:
    """Where the receipt lies."""
    return home / "receipts" / f"{receipt_id}.json"


def write_receipt(home: Path, receipt: Receipt) -> None:
    """Write the receipt, whole or not at all."""
    content = asdict(receipt)
    content["known_at"] = receipt.known_at.isoformat()
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(receipt_path(home, receipt.receipt_id), text.encode() + b"\n")


def read_receipt(home: Path, receipt_id: str) -> Receipt | None:
    """The receipt of this id; None when there is none (or it was left unreadable, which makes the
    file new).
    """
    path = receipt_path(home, receipt_id)
    try:
        return _receipt(json.loads(path.read_bytes()))
    except (FileNotFoundError, json.JSONDecodeError, KeyError, TypeError):
        return None


def _receipt(content: dict[str, Any]) -> Receipt:
    content = {field.name: content[field.name] for field in fields(Receipt)}
    content["known_at"] = date.fromisoformat(content["known_at"])
    content["findings"] = tuple(Finding(**finding) for finding in content["findings"])
    return Receipt(**content)


def read_receipts(home: Path) -> list[Receipt]:
    """All receipts, in the order of source, file name and id."""
    folder = home / "receipts"
    found: Iterable[Receipt | None] = (
        read_receipt(home, path.stem) for path in folder.glob("r*.json")
    )
    return sorted(
        (receipt for receipt in found if receipt),
        key=lambda receipt: (receipt.source_id, receipt.file_name, receipt.receipt_id),
    )
