"""Whole numbers for datasets and flows, which Brightway's matrices are indexed by.

Belongs here: handing numbers out, once and for good. Does not belong here: matrices (`brightway`).

A number is given once and never to anything else: a release takes over all numbers of the one
before, also of what it no longer holds, and goes on above the highest. New things get theirs in
order of identifier, so the same two releases give the same numbers anywhere.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.exchange.errors import ExchangeError
from warehouse.exchange.system import ExchangeSystem

FIRST = 5_000_000_000_000
"""Above the numbers that Brightway projects count from 1, below those it draws by time."""

DATASET, FLOW = "dataset", "elementary_flow"
NAME = "ids.parquet"

_SCHEMA = pa.schema(
    [
        ("id", pa.int64()), ("uuid", pa.string()), ("kind", pa.string()),
        ("version", pa.string()), ("name_en", pa.string()), ("name_zh", pa.string()),
        ("location_code", pa.string()), ("unit", pa.string()), ("in_release", pa.bool_()),
    ],
    metadata={
        "description_en": "One row per integer id of the matrices; never given twice",
        "description_zh": "每个矩阵整数编号一行，永不重复使用",
        "primary_key": "id",
    },
)  # fmt: skip


def numbered(system: ExchangeSystem, earlier: pl.DataFrame | None) -> pl.DataFrame:
    """Return one row for each number ever given, in order of number.

    Columns: id, uuid, kind (dataset or elementary_flow), version, name_en, name_zh, location_code,
    unit, in_release. `earlier` is the same frame of the release before.
    """
    wanted = pl.concat(
        [
            system.datasets.select(
                "name_en", "name_zh", "location_code", "unit",
                uuid="dataset_id", kind=pl.lit(DATASET), version="version_text",
            ),
            system.flows.select(
                "name_en", "name_zh", "unit",
                location_code=pl.lit(None, pl.String), uuid="flow_id", kind=pl.lit(FLOW),
                version=pl.lit(None, pl.String),
            ).select(
                "name_en", "name_zh", "location_code", "unit", "uuid", "kind", "version"
            ),
        ]
    ).with_columns(in_release=pl.lit(True))  # fmt: skip
    known = empty() if earlier is None else earlier
    highest = known["id"].max()
    start = FIRST if highest is None else int(str(highest)) + 1
    kept = wanted.join(known.select("id", "uuid", "kind"), on=["uuid", "kind"])
    new = (
        wanted.join(known, on=["uuid", "kind"], how="anti")
        .sort("kind", "uuid")
        .with_row_index("id", offset=0)
        .with_columns(pl.col("id").cast(pl.Int64) + start)
    )
    gone = known.join(wanted, on=["uuid", "kind"], how="anti").with_columns(
        in_release=pl.lit(False)
    )
    columns = _SCHEMA.names
    return pl.concat([kept.select(columns), new.select(columns), gone.select(columns)]).sort("id")


def empty() -> pl.DataFrame:
    """Return the frame of a release that has no release before it."""
    frame = pl.from_arrow(_SCHEMA.empty_table())
    assert isinstance(frame, pl.DataFrame)
    return frame


def rendered(ids: pl.DataFrame) -> bytes:
    """Return the ids as a Parquet file."""
    sink = io.BytesIO()
    table = ids.select(_SCHEMA.names).to_arrow().cast(_SCHEMA)
    pq.write_table(table, sink, compression="zstd", compression_level=9)
    return sink.getvalue()


def of_package(path: Path) -> pl.DataFrame:
    """Read the ids of a published package.

    Raises `ExchangeError` when the package holds none that can be read: going on would give the
    numbers of the release before to other things.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            content = archive.read(NAME)
        table = pq.read_table(io.BytesIO(content)).select(_SCHEMA.names).cast(_SCHEMA)
        frame = pl.from_arrow(table)
    except (OSError, KeyError, zipfile.BadZipFile, pa.ArrowException) as problem:
        raise ExchangeError(
            [
                f"ids_unreadable: the integer ids of the release before cannot be read from "
                f"{path.name} ({problem}). Numbers must go on from there: restore that file."
            ]
        ) from problem
    assert isinstance(frame, pl.DataFrame)
    return frame
