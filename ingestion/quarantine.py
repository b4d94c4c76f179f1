"""The quarantine: rows and whole files that broke a rule, each with the rule and a sentence.

Belongs here: the uniform schema of quarantined rows, its writing and reading.
Does not belong here: deciding what is quarantined (ingest.py).
"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from ingestion.landing import write_atomically
from ingestion.rules import Finding

SCHEMA = pl.Schema(
    {
        "rule_id": pl.String(),
        "sentence": pl.String(),
        "sentence_zh": pl.String(),
        "receipt_id": pl.String(),
        "source_id": pl.String(),
        "file_name": pl.String(),
        "sheet": pl.String(),
        "row_number": pl.Int32(),
        "column": pl.String(),
        "cell_text": pl.String(),
        "known_at": pl.Date(),
    }
)
"""Columns of the quarantine. Whole files have no row_number."""

_ORDER = ["source_id", "file_name", "receipt_id", "sheet", "row_number", "column", "rule_id",
          "sentence"]  # fmt: skip


def quarantined_rows(
    findings: Sequence[Finding], cells: Sequence[str], source_id: str, known_at: date
) -> pl.DataFrame:
    """The frame of quarantined rows: one per finding, with the text of the cell that broke the
    rule.
    """
    frame = pl.DataFrame(
        {
            "rule_id": [finding.rule_id for finding in findings],
            "sentence": [finding.sentence for finding in findings],
            "sentence_zh": [finding.sentence_zh for finding in findings],
            "receipt_id": [finding.receipt_id for finding in findings],
            "source_id": [source_id] * len(findings),
            "file_name": [finding.file_name for finding in findings],
            "sheet": [finding.sheet for finding in findings],
            "row_number": [finding.row_number for finding in findings],
            "column": [finding.column for finding in findings],
            "cell_text": list(cells),
            "known_at": [known_at] * len(findings),
        },
        schema=SCHEMA,
    )
    return frame.unique(maintain_order=True).sort(_ORDER)


def write_rows(home: Path, receipt_id: str, rows: pl.DataFrame) -> None:
    """Keep the quarantined rows of a receipt; an empty frame takes an older file away."""
    path = home / "quarantine" / "rows" / f"{receipt_id}.parquet"
    if rows.is_empty():
        path.unlink(missing_ok=True)
    else:
        write_atomically(path, rows.write_parquet)


def write_file(
    home: Path, key: str, finding: Finding | None, source_id: str | None, known_at: date | None
) -> None:
    """Keep the record of a file that was set aside whole, under its receipt id or key; None takes
    it away.
    """
    path = home / "quarantine" / "files" / f"{key}.json"
    if finding is None:
        path.unlink(missing_ok=True)
        return
    content = {
        "rule_id": finding.rule_id,
        "sentence": finding.sentence,
        "sentence_zh": finding.sentence_zh,
        "receipt_id": finding.receipt_id,
        "source_id": source_id,
        "file_name": finding.file_name,
        "sheet": finding.sheet,
        "row_number": finding.row_number,
        "column": finding.column,
        "known_at": known_at.isoformat() if known_at else None,
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(path, text.encode() + b"\n")


def read_quarantine(home: Path) -> pl.DataFrame:
    """All that is in quarantine, rows and whole files, in a fixed order. Whole files have no
    cell_text.
    """
    frames = [pl.DataFrame(schema=SCHEMA)]
    frames += [
        pl.read_parquet(path) for path in sorted((home / "quarantine" / "rows").glob("*.parquet"))
    ]
    for path in sorted((home / "quarantine" / "files").glob("*.json")):
        entry = json.loads(path.read_bytes())
        known_at = entry["known_at"]
        entry["known_at"] = date.fromisoformat(known_at) if known_at else None
        frames.append(pl.DataFrame([{name: entry.get(name) for name in SCHEMA}], schema=SCHEMA))
    return pl.concat(frames).sort(_ORDER)
