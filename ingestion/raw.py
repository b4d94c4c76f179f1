"""Raw tables: typed rows as Parquet, one file a receipt, one folder a table.

Belongs here: where raw tables lie, and how they are written and read.
Does not belong here: casting (cast.py), anything derived.
"""

from pathlib import Path

import polars as pl

from ingestion.codes import CODES, code_table
from ingestion.contract import all_contracts, load_contract
from ingestion.landing import sha256_of, write_atomically
from ingestion.receipts import receipt_id_of

_EMPTY = "_empty"
_REGION_SOURCE = "pcf_region_codes"
_REGION_KNOWN_AT = "2019-01-01"


def table_folder(home: Path, table: str) -> Path:
    """The folder of a raw table."""
    return home / "raw" / table


def table_glob(home: Path, table: str) -> str:
    """A pattern of all Parquet files of a raw table, for DuckDB or Polars. Never without a file
    once ingested.
    """
    load_contract(table)
    return (table_folder(home, table) / "*.parquet").as_posix()


def write_rows(home: Path, table: str, name: str, rows: pl.DataFrame) -> None:
    """Write the rows of one receipt in the full order of the contract; no rows take an older file
    away.
    """
    path = table_folder(home, table) / f"{name}.parquet"
    contract = load_contract(table)
    if rows.is_empty() and name != _EMPTY:
        path.unlink(missing_ok=True)
        return
    ordered = rows.match_to_schema(contract.polars_schema()).sort(contract.sort_columns())
    write_atomically(path, ordered.write_parquet)


def read_raw(home: Path, table: str) -> pl.DataFrame:
    """All rows of a raw table with the schema of its contract, sorted by the full key.

    Empty when nothing was ingested. ContractError when there is no such table.
    """
    contract = load_contract(table)
    paths = sorted(table_folder(home, table).glob("*.parquet"))
    frames = [pl.read_parquet(path) for path in paths]
    return pl.concat([contract.polars_schema().to_frame(), *frames]).sort(contract.sort_columns())


def ensure_empty_tables(home: Path) -> None:
    """Make every raw table readable: a file without rows for each, and the code table of
    regions.
    """
    for table, contract in all_contracts().items():
        path = table_folder(home, table) / f"{_EMPTY}.parquet"
        if not path.exists() or pl.read_parquet_schema(path) != contract.polars_schema():
            write_rows(home, table, _EMPTY, contract.polars_schema().to_frame())
    _write_regions(home)


def _write_regions(home: Path) -> None:
    """The region table holds exactly the present code table, under the receipt id of that file's
    content.
    """
    sha256 = sha256_of((CODES / "regions.csv").read_bytes())
    receipt_id = receipt_id_of(_REGION_SOURCE, sha256)
    folder = table_folder(home, "region")
    if not (folder / f"{receipt_id}.parquet").exists():
        rows = (
            code_table("regions")
            .with_columns(
                pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)
                for name in ("aliases", "parent_code")
            )
            .with_columns(
                pl.lit(_REGION_SOURCE).alias("source_id"),
                pl.lit(receipt_id).alias("receipt_id"),
                pl.lit("regions.csv").alias("file_name"),
                pl.lit(None, dtype=pl.String).alias("sheet"),
                (pl.int_range(pl.len(), dtype=pl.Int32) + 2).alias("row_number"),
                pl.lit(_REGION_KNOWN_AT).str.to_date().alias("known_at"),
            )
        )
        write_rows(home, "region", receipt_id, rows)
    for path in folder.glob("r*.parquet"):
        if path.stem != receipt_id:
            path.unlink()
