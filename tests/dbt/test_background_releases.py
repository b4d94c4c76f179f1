"""Two candidates in a row: what the second says beside the first tells of no newcomer, and of none
who revised his form.

The intruder knows every plant's output (capacities are public) and both releases. From two means of
a dataset he takes the newcomer's: (v2 W2 - v1 W1) / (W2 - W1); and of who revised, what he revised.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from warehouse.background_history import EarlierRelease, write_published_background

pytestmark = pytest.mark.slow

NEWCOMERS, REVISED = 10, 3
# Models that questionnaires and earlier releases change; all others are taken from the first build.
CHANGED = [f"stg_survey_{part}+" for part in (
    "arrival", "submission", "product", "input", "electricity", "transport", "emission", "waste",
    "device",
)] + [f"{name}+" for name in (
    "stg_release_input", "stg_published_dataset", "stg_published_score",
    "stg_published_inventory", "stg_published_contribution",
)]  # fmt: skip
# Boundaries that the plants would not give, of four digits as they are published.
TWICE = (pl.col("above", "up_to") * 2).round_sig_figs(4)


def newcomers(rows: pl.DataFrame, models: pl.Series) -> pl.DataFrame:
    """Plants of new groups, each with a third more of every input than the plant it is like."""
    named = pl.col("^(plant|group)_(code|name)$")
    return as_other(rows, models, "came_").with_columns(named.str.replace("^", "came_"))


def revisions(rows: pl.DataFrame, revised: pl.Series) -> pl.DataFrame:
    """The newer forms of these plants: a later day, a third more of every input."""
    return as_other(rows, revised, "new_").with_columns(
        known_at=pl.col("known_at") + pl.duration(days=1)
    )


def as_other(rows: pl.DataFrame, submissions: pl.Series, prefix: str) -> pl.DataFrame:
    """Rows of some submissions under other ids, with a third more of every input."""
    amount = (pl.col("^amount$") * 4 / 3).cast(rows.schema.get("amount", pl.Float64))
    more = amount if "kind" in rows.columns else pl.col("^amount$")
    return rows.filter(pl.col("submission_id").is_in(submissions.implode())).with_columns(
        more, submission_id=prefix + pl.col("submission_id")
    )


def deliver(raw: Path, models: pl.Series, revised: pl.Series, target: Path) -> Path:
    """Copy the raw tables; newcomers and newer forms come under a receipt of their own."""
    shutil.copytree(raw, target)
    for path in [target, *target.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)
    for file in sorted(target.glob("survey_*/*.parquet")):
        rows = pl.read_parquet(file)
        if rows.is_empty():
            continue
        late = pl.concat([newcomers(rows, models), revisions(rows, revised)])
        late.with_columns(receipt_id=pl.lit("r_late")).write_parquet(
            file.with_name(f"late_{file.name}")
        )
    return target


def export(database: Path, folder: Path) -> EarlierRelease:
    """Write the background tables of a candidate as a release has them."""
    folder.mkdir()
    names = ("background_dataset", "background_score", "background_inventory",
             "background_contribution", "background_grade")  # fmt: skip
    with duckdb.connect(database, read_only=True) as connection:
        for name in names:
            connection.execute(f"copy marts.{name} to '{folder / name}.parquet' (format parquet)")
        receipts = connection.execute(
            "select distinct receipt_id from staging.stg_survey_submission order by all"
        ).fetchall()
    return EarlierRelease(
        "2023.12.0",
        {name: folder / f"{name}.parquet" for name in names},
        tuple(receipt for (receipt,) in receipts),
    )


DATASETS = "select dataset_id, value, disclosure, dataset_version from marts.background_dataset"
CONTRIBUTORS = """
    select
        state.dataset_id,
        sum(plant.weight) as weight,
        sum(plant.weight) filter (where plant.receipt_id = 'r_late') as late_weight,
        sum(plant.value) filter (where plant.receipt_id = 'r_late') as late_value,
        count(distinct plant.group_code) filter (where plant.receipt_id = 'r_late') as late_groups,
        count(*) filter (where plant.submission_id like 'new_%') as revised
    from intermediate.int_publishable_member as member
    inner join intermediate.int_plant_quantity as plant
        on member.leaf_process_id = plant.process_id
    inner join intermediate.int_dataset_state as state on member.process_id = state.process_id
    where plant.quantity = 'headline'
    group by all
"""
# Plants that make one product, one of each product of which the first candidate shows a figure.
SHOWN_PLANTS = """
    select min(plant.submission_id) as submission_id
    from intermediate.int_plant_quantity as plant
    inner join intermediate.int_dataset_state as state on plant.process_id = state.process_id
    inner join intermediate.int_plant_product as product
        on plant.submission_id = product.submission_id
        and state.product_code = product.product_code
    where plant.quantity = 'headline' and state.disclosure in ('open', 'aggregated')
        and product.factor = 1
    group by state.dataset_id, state.product_code
    qualify row_number() over (partition by state.product_code order by state.dataset_id) = 1
    order by state.product_code
"""
CELL = """
    select
        state.dataset_id,
        plant.submission_id,
        plant.value,
        sum(plant.weight) over (partition by state.dataset_id) as weight
    from intermediate.int_plant_quantity as plant
    inner join intermediate.int_dataset_state as state on plant.process_id = state.process_id
    where plant.quantity = 'headline'
"""


def asked(database: Path, query: str) -> pl.DataFrame:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(query).pl()


@pytest.fixture(scope="module")
def builds(dbt, built, tmp_path_factory):
    """The first candidate, the second after it, and the second as if nothing had been published."""
    tmp_path = tmp_path_factory.mktemp("builds")
    first = built.candidate / "candidate.duckdb"
    plants = asked(first, SHOWN_PLANTS)["submission_id"]
    assert plants.len() >= NEWCOMERS + REVISED, "the first candidate shows too few products"
    models, revised = plants.head(NEWCOMERS), plants.tail(REVISED)
    after = deliver(built.home / "raw", models, revised, tmp_path / "after")
    release = export(first, tmp_path / "release")
    scales = pl.read_parquet(release.tables["background_grade"])
    assert scales.height > 0
    scales.with_columns(TWICE).write_parquet(release.tables["background_grade"])
    write_published_background([release], tmp_path / "published")
    pl.DataFrame(
        schema={"factor_id": pl.String, "factor_version": pl.Int32}
    ).write_parquet(tmp_path / "published" / "electricity_factor.parquet")  # fmt: skip
    found = [first]
    for name, published in (("second", str(tmp_path / "published")), ("unprotected", "")):
        # Views name the database: every copy has the name of the first.
        (tmp_path / name).mkdir()
        database = tmp_path / name / first.name
        shutil.copyfile(first, database)
        done = dbt(
            "run", "--select", "int_contributor_candidate+,+background_dataset",
            "int_contributor_candidate+,+background_contribution",
            "int_contributor_candidate+,+background_grade",
            *[f"{each},+background_dataset" for each in CHANGED],
            "stg_published_grade+,+background_grade",
            # What is not asked of a build here stays as it is in the first.
            "--exclude", "int_life_cycle_interval", "int_disclosure_audit",
            raw=after, database=database,
            variables={"PCF_PUBLISHED": published},
        )  # fmt: skip
        assert done.returncode == 0, done.printed
        found.append(database)
    return found


def test_a_second_release_tells_of_no_newcomer_and_of_no_revised_form(builds) -> None:
    first, second, unprotected = builds
    then, now = asked(first, DATASETS), asked(second, DATASETS)
    both = then.join(now, on="dataset_id", how="full", suffix="_now")
    # Nobody of the few who came or revised is counted yet, and who revised stands with his first
    # form: so nothing moves, not even where others buy.
    assert both.filter(pl.col("value").ne_missing(pl.col("value_now"))).is_empty()
    assert now["dataset_version"].unique().to_list() == [1]
    waiting = asked(
        second, "select * from intermediate.int_contributor_set where release_id = 'now'"
    ).filter(~pl.col("is_counted"))
    assert waiting.height == NEWCOMERS + REVISED
    assert waiting["submission_id"].str.starts_with("new_").sum() == REVISED
    # Without the record of the release before, the same intruder computes them.
    told = (
        asked(unprotected, CONTRIBUTORS)
        .filter(pl.col("revised") == 0, late_groups=1)
        .join(asked(unprotected, DATASETS).drop_nulls("value"), on="dataset_id")
        .join(then.drop_nulls("value"), on="dataset_id", suffix="_then")
        .with_columns(weight_then=pl.col("weight") - pl.col("late_weight"))
        .with_columns(
            guess=(
                pl.col("value") * pl.col("weight") - pl.col("value_then") * pl.col("weight_then")
            )
            / pl.col("late_weight"),
            truth=pl.col("late_value") / pl.col("late_weight"),
        )
    )
    near = (told["guess"] / told["truth"] - 1).abs() < 0.01
    assert near.sum() >= told.height / 2 > 0
    # And of who revised what he revised: v2 W2 - v1 W1.
    form = pl.col("submission_id").str.strip_prefix("new_")
    newer = asked(unprotected, CELL).filter(pl.col("submission_id").str.starts_with("new_"))
    mended = (
        newer.with_columns(form)
        .join(asked(first, CELL), on=["dataset_id", "submission_id"], suffix="_then")
        .join(asked(unprotected, DATASETS).select("dataset_id", mean="value"), on="dataset_id")
        .join(then.select("dataset_id", mean_then="value"), on="dataset_id")
        .with_columns(
            guess=pl.col("mean") * pl.col("weight") - pl.col("mean_then") * pl.col("weight_then"),
            truth=pl.col("value") - pl.col("value_then"),
        )
    )
    near = (mended["guess"] / mended["truth"] - 1).abs() < 0.05
    assert near.any(), mended


def test_the_scale_of_a_year_stands_once_published(builds) -> None:
    first, second, unprotected = builds
    scales = "select * from marts.background_grade order by product_code, grade"
    set_first, standing, anew = (asked(each, scales) for each in (first, second, unprotected))
    assert_frame_equal(standing, set_first.with_columns(TWICE))
    assert anew["up_to"].max() < standing["up_to"].max()
