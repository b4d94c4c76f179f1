"""The client against the release that the pipeline makes of the worked example."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import carbon_factors as cf
import polars as pl
import pytest
from carbon_factors.lookup import DIMENSIONS
from carbon_factors.periods import period_name

pytestmark = pytest.mark.release


def test_the_client_verifies_and_pins_the_published_release(built, tmp_path):
    lock = cf.pin(built.release.parent, lock=tmp_path / "carbon-factors.lock", without_key=True)
    release = cf.open_pinned(tmp_path / "carbon-factors.lock")
    assert release.release_id == lock.release_id == built.release.name
    assert cf.problems_of(release) == []
    assert Path(lock.tables[0].path).suffix == ".parquet"


def test_a_sample_of_all_factors_is_found_by_what_tells_them_apart(built):
    release = cf.open_release(built.release)
    table = release.polars("electricity_factor")
    for row in table.sample(300, seed=1).to_dicts():
        dimensions = {name: row[name] for name in DIMENSIONS if name in row}
        found = release.factor(
            row["region_code"],
            row["factor_kind"],
            period_name(row["period_start"], row["period_end"]),
            **dimensions,
        )
        assert dict(found.row) == row
        assert found.match.is_exact


def test_every_kind_and_every_unit_of_the_release_is_known_to_the_client(built):
    release = cf.open_release(built.release)
    table = release.polars("electricity_factor")
    for unit in table["unit"].unique():
        assert cf.convert(1, unit, unit.replace("kg", "g", 1)) == 1000
    series = table.group_by("factor_kind", *DIMENSIONS, "region_code", "period_start", "period_end")
    assert series.len()["len"].max() == 1


def test_what_was_known_on_a_day_agrees_with_the_history(built):
    release = cf.open_release(built.release)
    day = dt.date(2023, 8, 15)
    history = release.polars("factor_history").filter(
        pl.col("known_on") <= day,
        pl.col("superseded_on").is_null() | (pl.col("superseded_on") > day),
    )
    factors = release.polars("electricity_factor").select("factor_id", *DIMENSIONS)
    known = history.join(factors, on="factor_id").sample(100, seed=1)
    for row in known.to_dicts():
        found = release.factor_as_of(
            row["region_code"],
            row["factor_kind"],
            period_name(row["period_start"], row["period_end"]),
            day,
            **{
                name: row[f"{name}_right"] if f"{name}_right" in row else row[name]
                for name in DIMENSIONS
            },
        )
        assert (found.value, found.known_on) == (row["value"], row["known_on"])
