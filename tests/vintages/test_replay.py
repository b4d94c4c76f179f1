"""What was known on a day stays what it was, whatever arrives later and in whichever order."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from dbt_project.vintages.days import Knowledge
from dbt_project.vintages.history import CAUSES, revision
from dbt_project.vintages.replay import KEY, AsOf, Replayer, Vintage
from orchestration.as_of import known_on
from orchestration.dbt import environment, executable
from orchestration.settings import DBT_PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.release]

EARLIER, DAY, LATER = dt.date(2021, 6, 20), dt.date(2021, 8, 15), dt.date(2021, 8, 20)
REVISED = dt.date(2021, 8, 10)
JUNE = pl.date(2021, 6, 1)


def same(one: Vintage, other: Vintage) -> bool:
    return (
        one.values.equals(other.values)
        and one.nodes.equals(other.nodes)
        and one.edges.equals(other.edges)
        and dict(one.frontier) == dict(other.frontier)
    )


@pytest.fixture(scope="module")
def replayer(store, raw) -> Replayer:
    """A replayer that has looked at a later and an earlier day before it is asked."""
    replayer = Replayer(store.derivation, raw)
    replayer.run(AsOf.day(LATER))
    replayer.run(AsOf.day(EARLIER))
    return replayer


@pytest.fixture(scope="module")
def on_the_day(replayer) -> Vintage:
    return replayer.run(AsOf.day(DAY))


@pytest.fixture
def raw_copy(raw, tmp_path):
    """Copy the raw tables, `keep` choosing rows by table; tables keep their empty files."""

    def copy(name: str, keep) -> object:
        for file in sorted(raw.glob("*/*.parquet")):
            target = tmp_path / name / file.parent.name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            frame = pl.read_parquet(file)
            frame.filter(keep(file.parent.name, frame)).write_parquet(target)
        return tmp_path / name

    return copy


def test_what_arrives_later_changes_nothing_that_was_known(store, raw, raw_copy, on_the_day):
    tables = {table.name: table for table in store.derivation.raw}
    visible = Knowledge(tables.values(), raw).items.filter(
        pl.col("visible_from").is_null() | (pl.col("visible_from") <= DAY)
    )
    known = set(visible.select("raw_table", "file").iter_rows())
    then = raw_copy(
        "then",
        lambda table, frame: (
            (
                pl.lit(value=True)
                if tables[table].layer == "parameters"
                else pl.col("known_at") <= DAY
            )
            if table in tables
            else pl.lit(value=True)
        ),
    )
    files = {(file.parent.name, file.name) for file in then.glob("*/*.parquet")}
    assert len(files - known) > 50, "much arrived later"
    assert same(Replayer(store.derivation, then).run(AsOf.day(DAY)), on_the_day)


def test_a_release_as_of_the_day_holds_what_the_replay_gives(raw, on_the_day, tmp_path):
    database = tmp_path / "candidate.duckdb"
    run = subprocess.run(
        [
            executable(), "build", "--select", "+int_factor_value",
            "--resource-type", "model", "--resource-type", "seed",
            "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
            "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs"),
            "--vars", json.dumps({"as_of": DAY.isoformat(), "release_month": "2021-06"}),
        ],
        env={**os.environ, **environment(database, raw)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-2000:]
    with duckdb.connect(database, read_only=True) as connection:
        released = connection.execute(
            f"select {', '.join(KEY)}, maturity, "
            "cast(round_even(cast(value as double), 8) as decimal(18, 12)) as value "
            "from intermediate.int_factor_value where period_end <= date '2021-06-30'"
        ).pl()
    ours = on_the_day.values.filter(pl.col("period_end") <= dt.date(2021, 6, 30))
    assert ours.height > 1000
    assert ours.join(released, on=[*KEY, "maturity", "value"], nulls_equal=True).height == (
        ours.height
    )


def test_a_revision_that_arrives_before_its_value_counts_from_its_own_day(
    store, raw, raw_copy, replayer, on_the_day
):
    everything = pl.lit(value=True)
    both = raw_copy("both", lambda table, frame: everything)
    june = (pl.col("period_month") == JUNE) & (pl.col("region_code") == "340000")
    (original,) = [
        file
        for file in sorted((both / "electricity_bulletin").glob("*.parquet"))
        if pl.read_parquet(file).filter(june).height
    ]
    anhui_thermal = june & (pl.col("flow") == "generation") & (pl.col("technology") == "thermal")
    energy = pl.read_parquet(original).schema["energy_ytd_mwh"]
    pl.read_parquet(original).filter(anhui_thermal).with_columns(
        (pl.col("energy_ytd_mwh") * Decimal("1.05")).cast(energy),
        pl.lit(REVISED).alias("known_at"),
        pl.lit("rrevision00000000").alias("receipt_id"),
    ).write_parquet(original.with_name("rrevision00000000.parquet"))
    revised = Replayer(store.derivation, both)
    before = revised.run(AsOf.day(REVISED - dt.timedelta(days=1)))
    after = revised.run(AsOf.day(DAY))
    assert same(before, replayer.run(AsOf.day(REVISED - dt.timedelta(days=1))))

    moved = revision([before, before, after, after], REVISED)
    anhui = moved.filter(
        (pl.col("area_code") == "340000")
        & (pl.col("period_start") == JUNE)
        & (pl.col("resolution") == "month")
        & (pl.col("factor_kind") == "supply_average")
        & (pl.col("import_factor_basis") == "network")
    )
    assert anhui["by_data"].item() > Decimal("0.001")
    assert moved.filter(
        pl.sum_horizontal(CAUSES) != pl.col("value") - pl.col("previous_value")
    ).is_empty()
    assert set(moved.filter(pl.col("by_upstream") != 0)["factor_kind"]) >= {"consumption_mix"}

    # The revision came first, and its value after it: nothing of the day differs.
    text = pl.read_parquet(original)
    text.filter(~anhui_thermal).write_parquet(original)
    alone = Replayer(store.derivation, both).run(AsOf.day(DAY))
    assert same(alone, after)
    text.write_parquet(original)
    assert same(Replayer(store.derivation, both).run(AsOf.day(DAY)), after)


def test_the_history_of_the_release_is_what_as_of_derives_anew(built, asked, store):
    tables = built.release / "tables"
    history = pl.read_parquet(tables / "factor_history.parquet")
    days = history["known_on"].unique().sort().to_list()
    assert len(days) > 1
    for day in days:
        stood = history.filter(
            (pl.col("known_on") <= day)
            & (pl.col("superseded_on").is_null() | (pl.col("superseded_on") > day))
        ).select("factor_id", "maturity", "value")
        known = known_on(asked, day).factors.filter(pl.col("period_end") <= dt.date(2023, 12, 31))
        assert known.select("factor_id", "maturity", "value").equals(stood.sort("factor_id"))


def test_every_kind_of_early_value_is_judged(built):
    judged = pl.read_parquet(built.release / "tables" / "nowcast_backtest.parquet")
    assert set(judged["maturity"]) == {"nowcast", "provisional"}
    assert judged.filter(pl.col("mean_error").abs() > pl.col("mean_absolute_error")).is_empty()
