"""The synthetic certificates: what is committed is what the generator makes, at the national scale
that the official factors imply, and it says everywhere that it is synthetic.
"""

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.raw import read_raw
from ingestion.synthetic import certificates as synthetic

DATA = Path(__file__).parents[2] / "data" / "certificates"


@pytest.fixture(scope="module")
def made(example) -> dict[str, str]:
    return synthetic.delivery(example.home)


def test_the_committed_files_are_those_of_the_generator(made) -> None:
    there = {
        path.relative_to(DATA).as_posix(): path.read_text(encoding="utf-8")
        for path in DATA.rglob("*")
        if path.is_file()
    }
    assert sorted(there) == sorted(made)
    assert [name for name in made if there[name] != made[name]] == []


def test_every_file_says_that_it_is_synthetic_and_with_which_seed(made) -> None:
    for name, text in made.items():
        assert str(synthetic.SEED) in text, name
        assert "合成" in text.splitlines()[0] or name == "delivery.yml", name


def test_synthetic_travels_with_the_source(example) -> None:
    source = read_raw(example.home, "source").filter(pl.col("raw_table") == "certificate")
    assert set(source["quality_tier"]) == {"synthetic"}
    assert source["title_en"].str.contains("SYNTHETIC").all()
    assert source["title_zh"].str.contains("合成").all()


@pytest.mark.parametrize(("year", "percent"), [(2021, "6.3"), (2022, "8.4"), (2023, "13.0")])
def test_the_nation_claims_what_the_official_factors_imply(example, year: int, percent) -> None:
    rows = read_raw(example.home, "certificate").filter(
        pl.col("period_month").dt.year() == year, pl.col("status") == "retired"
    )
    claimed = rows["energy_mwh"].sum()
    assert claimed == synthetic.claimed_mwh(example.home, year)
    nation = read_raw(example.home, "national_generation").filter(
        pl.col("year") == year, pl.col("technology") == "total", pl.col("coverage") == "total"
    )["energy_mwh"]
    assert round(100 * claimed / nation.item(), 1) == Decimal(percent)


def test_nothing_is_claimed_beyond_three_fifths_of_a_bulletin_year(example) -> None:
    by = ["region_code", "technology", "year"]
    year = pl.col("period_month").dt.year().alias("year")
    generated = (
        read_raw(example.home, "electricity_bulletin")
        .filter(pl.col("flow") == "generation")
        .group_by("region_code", "technology", year)
        .agg(pl.col("energy_ytd_mwh").max().cast(pl.Float64).alias("generated"))
    )
    claimed = (
        read_raw(example.home, "certificate")
        .filter(pl.col("status") == "retired")
        .group_by(pl.col("issuing_region_code").alias("region_code"), "technology", year)
        .agg(pl.col("energy_mwh").sum().cast(pl.Float64).alias("claimed"))
    )
    joined = claimed.join(generated, on=by, how="left")
    # Wind bulletins end with November; what the year then claims stays below them all the same.
    assert joined.height > 200
    assert joined.filter(~(pl.col("claimed") < 0.65 * pl.col("generated"))).is_empty()


def test_most_claims_are_made_in_the_east(example) -> None:
    rows = read_raw(example.home, "certificate").filter(pl.col("status") == "retired")
    east = rows.filter(pl.col("retiring_region_code").is_in(list(synthetic.EASTERN)))
    assert east["energy_mwh"].sum() > rows["energy_mwh"].sum() / 2


def test_another_seed_gives_other_batches_of_the_same_volume(example) -> None:
    one = synthetic.year_of_batches(example.home, 2022)
    other = synthetic.year_of_batches(example.home, 2022, seed=1)
    retired = pl.col("status") == "已核销"
    assert not one.equals(other)
    assert one.filter(retired)["mwh"].sum() == other.filter(retired)["mwh"].sum()


@given(
    st.integers(0, 10**10),
    st.lists(st.integers(0, 10**8), min_size=1, max_size=40).filter(lambda w: sum(w) > 0),
)
def test_a_volume_is_shared_out_whole_and_near_its_weights(total: int, weights: list[int]) -> None:
    parts = synthetic.shared(total, np.array(weights, dtype=np.int64))
    assert parts.sum() == total
    exact = np.array(weights) * (total / sum(weights))
    assert np.all(np.abs(parts - exact) < 1 + 1e-6 * exact)


def test_a_volume_without_weights_cannot_be_shared() -> None:
    with pytest.raises(ValueError, match="nothing to share"):
        synthetic.shared(5, np.zeros(3, dtype=np.int64))
