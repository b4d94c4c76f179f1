"""Releases as the publisher makes them are compared whole."""

from __future__ import annotations

import json
import shutil

import jsonschema
import polars as pl
import pytest

from warehouse.diff import contract_changes, described_tables, diff_folders
from warehouse.diff.report import schema
from warehouse.export import read_parquet, write_parquet

pytestmark = pytest.mark.slow


def test_a_published_release_differs_from_its_copy_only_where_that_was_edited(published) -> None:
    old = published / "2019.03.0"
    new = shutil.copytree(old, published / "copy")
    assert diff_folders(old, new).exit_code == 0
    path = new / "tables" / "electricity_factor.parquet"
    table = read_parquet(path)
    kind = table.schema.field("value").type
    frame = pl.from_arrow(table).with_columns(
        value=pl.when(pl.int_range(pl.len()) == 3)
        .then(pl.col("value") + pl.col("value"))
        .otherwise("value")
        .cast(pl.Decimal(kind.precision, kind.scale))
    )
    write_parquet(frame.to_arrow().cast(table.schema), path)
    found = diff_folders(old, new)
    record = found.as_record()
    jsonschema.validate(record, schema())
    assert [each["name"] for each in record["tables"] if each["state"] != "same"] == [
        "electricity_factor"
    ]
    assert record["compared"]["not_compared"] == 0
    (mover,) = record["factors"]["movers"]
    assert mover["factor_id"] == frame["factor_id"][3] and mover["relative"] == "1.00000000"


def test_the_contracts_of_a_manifest_are_those_of_its_files(published) -> None:
    folder = published / "2019.03.0"
    stated = json.loads((folder / "manifest.json").read_bytes())["tables"]
    found = described_tables(folder)
    assert len(found) == len(stated)
    assert contract_changes(found, stated) == [] == contract_changes(stated, found)
