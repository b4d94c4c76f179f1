"""Small releases of invented tables, for tests of comparisons.

Belongs here: writing a folder with a manifest and Parquet files from frames. Does not belong here:
real publication, which has tests of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from warehouse.export import write_parquet


def write_table(
    path: Path,
    frame: pl.DataFrame,
    units: Mapping[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    fields = [
        field.with_metadata({"unit": (units or {}).get(field.name, "")}) for field in table.schema
    ]
    write_parquet(table.cast(pa.schema(fields, metadata=metadata)), path)


def write_release(
    folder: Path,
    tables: Mapping[str, tuple[pl.DataFrame, Sequence[str]]],
    *,
    units: Mapping[str, str] | None = None,
    versions: Mapping[str, str] | None = None,
    **facts: Any,
) -> Path:
    """Write a release folder; each table is a frame (rows as given) and its key."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (frame, _) in tables.items():
        write_table(folder / "tables" / f"{name}.parquet", frame, units)
    manifest = {
        "release_id": folder.name,
        "code_version": "1",
        "parameters": {},
        "inputs": [],
        "tables": entries(tables, versions),
        **facts,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def entries(
    tables: Mapping[str, tuple[pl.DataFrame, Sequence[str]]],
    versions: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "path": f"tables/{name}.parquet",
            "primary_key": list(key),
            "contract_version": (versions or {}).get(name, "1.0.0"),
        }
        for name, (_, key) in tables.items()
    ]
