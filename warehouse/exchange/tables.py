"""The published tables that exchange formats are made from, and their columns.

Belongs here: which tables and columns are read, as which types, from the Parquet files of a
release. Does not belong here: judging the rows (`checks`), putting them together (`system`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import polars as pl

from warehouse.exchange.errors import ExchangeError
from warehouse.formats.published_table import TABLES

DATASET, EXCHANGE, INVENTORY = "background_dataset", "background_exchange", "background_inventory"
SCORE, ALLOCATION = "background_score", "background_allocation"
UNALLOCATED = "background_unallocated"
PRODUCT, FLOW, FACTOR = "product", "elementary_flow", "characterisation_factor"
MAPPING, REGION = "flow_mapping", "region"

_TEXT, _NUMBER, _WHOLE, _DAY = pl.String, pl.Float64, pl.Int64, pl.Date

_EXCHANGE_COLUMNS: Mapping[str, type[pl.DataType]] = {
    "dataset_id": _TEXT, "exchange_no": _WHOLE, "kind": _TEXT, "direction": _TEXT,
    "flow_id": _TEXT, "provider_id": _TEXT, "product_code": _TEXT, "amount": _NUMBER,
    "unit": _TEXT, "origin": _TEXT, "stage": _TEXT, "sigma": _NUMBER, "dqr_te": _NUMBER,
    "dqr_ge": _NUMBER, "dqr_ti": _NUMBER, "dqr_p": _NUMBER,
}  # fmt: skip

COLUMNS: Mapping[str, Mapping[str, type[pl.DataType]]] = MappingProxyType(
    {
        DATASET: {
            "dataset_id": _TEXT, "dataset_version": _WHOLE, "version_text": _TEXT,
            "name_zh": _TEXT, "name_en": _TEXT, "product_code": _TEXT, "technology": _TEXT,
            "technology_zh": _TEXT, "technology_en": _TEXT, "region_code": _TEXT,
            "location_code": _TEXT, "year": _WHOLE, "period_start": _DAY, "period_end": _DAY,
            "unit": _TEXT, "process_type": _TEXT, "system_model": _TEXT, "allocation": _TEXT,
            "system_boundary": _TEXT, "disclosure": _TEXT, "merged_into": _TEXT,
            "contributors_band": _TEXT, "value": _NUMBER, "primary_data_share": _NUMBER,
            "dqr": _NUMBER, "dqr_technological": _NUMBER, "dqr_geographical": _NUMBER,
            "dqr_temporal": _NUMBER, "dqr_precision": _NUMBER, "quality_tier": _TEXT,
            "review_status": _TEXT, "licence": _TEXT, "national_code": _TEXT, "cpc_code": _TEXT,
            "source_ids": _TEXT, "known_at": _DAY,
        },
        EXCHANGE: _EXCHANGE_COLUMNS,
        INVENTORY: {
            "dataset_id": _TEXT, "flow_id": _TEXT, "direction": _TEXT, "amount": _NUMBER,
            "unit": _TEXT,
        },
        SCORE: {"dataset_id": _TEXT, "indicator": _TEXT, "value": _NUMBER},
        ALLOCATION: {
            "dataset_id": _TEXT, "product_code": _TEXT, "method": _TEXT, "factor": _NUMBER,
        },
        UNALLOCATED: {"dataset_id": _TEXT},
        PRODUCT: {
            "product_code": _TEXT, "name_zh": _TEXT, "name_en": _TEXT, "chain": _TEXT,
            "unit": _TEXT, "product_flow_id": _TEXT,
        },
        FLOW: {
            "flow_id": _TEXT, "name_zh": _TEXT, "name_en": _TEXT, "formula": _TEXT, "cas": _TEXT,
            "compartment": _TEXT, "unit": _TEXT, "carbon_origin": _TEXT, "direction": _TEXT,
            "id_origin": _TEXT,
        },
        FACTOR: {
            "indicator": _TEXT, "flow_id": _TEXT, "gwp_set": _TEXT, "factor": _NUMBER,
            "unit": _TEXT, "source_ids": _TEXT,
        },
        MAPPING: {
            "flow_id": _TEXT, "list": _TEXT, "target_id": _TEXT, "target_name": _TEXT,
            "factor": _NUMBER,
        },
        REGION: {"region_code": _TEXT, "name_zh": _TEXT, "name_en": _TEXT},
    }
)  # fmt: skip
"""Columns that the formats use; a published table may have more."""

OPTIONAL_COLUMNS: Mapping[str, Mapping[str, type[pl.DataType]]] = MappingProxyType(
    {DATASET: {"product_flow_id": _TEXT}}
)
"""Columns that are used where a table has them, and are null where it has not."""

MAY_BE_MISSING = frozenset({INVENTORY, SCORE, ALLOCATION, UNALLOCATED, MAPPING, REGION})
"""A release without these still has datasets; a missing one counts as empty."""


def has_background(release: Path) -> bool:
    """Return whether a release or staging folder holds background datasets at all."""
    return _path(release, DATASET).is_file()


def read(release: Path, table: str) -> pl.DataFrame:
    """Read the columns of one table, cast to the types of this module.

    Raises `ExchangeError` when the file is missing or unreadable, or lacks a column.
    """
    path, wanted = _path(release, table), COLUMNS[table]
    optional = OPTIONAL_COLUMNS.get(table, {})
    if not path.is_file():
        if table in MAY_BE_MISSING:
            return pl.DataFrame(schema={**wanted, **optional})
        raise ExchangeError(
            [
                f"table_missing: the release has {DATASET} but no table {table}, which the "
                "exchange formats need. Publish it too."
            ]
        )
    try:
        frame = pl.scan_parquet(path, hive_partitioning=False)
        found = frame.collect_schema().names()
        if lost := [name for name in wanted if name not in found]:
            raise ExchangeError(
                [
                    f"column_missing: table {table} has no column {name}, which the exchange "
                    "formats need. Add it to the model and its contract."
                    for name in lost
                ]
            )
        return frame.select(
            *(pl.col(name).cast(kind) for name, kind in wanted.items()),
            *(
                (pl.col(name) if name in found else pl.lit(None)).cast(kind).alias(name)
                for name, kind in optional.items()
            ),
        ).collect()
    except pl.exceptions.PolarsError as problem:
        raise ExchangeError(
            [
                f"table_unreadable: table {table} cannot be read for the exchange formats: "
                f"{str(problem).splitlines()[0]}. Export the candidate again."
            ]
        ) from problem


def _path(release: Path, table: str) -> Path:
    return release / TABLES / f"{table}.parquet"
