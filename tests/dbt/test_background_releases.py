"""The candidate after a release: what it says again is the same, and it tells of no newcomer, and
of none who revised his form.

What an intruder would compute from two releases otherwise: `tests/methods/test_disclosure_attack`.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from expectations.published import published_tables
from warehouse.background_history import EarlierRelease, write_published_background
from warehouse.factor_versions import published_factor_files, write_published_factors

pytestmark = pytest.mark.slow

NEWCOMERS, REVISED = 10, 3
# What questionnaires and earlier releases change; all others are taken from the first build.
CHANGED = [f"stg_survey_{part}+" for part in (
    "arrival", "submission", "product", "input", "electricity", "transport", "emission", "waste",
    "device",
)] + [f"stg_published_{part}+" for part in (
    "dataset", "score", "inventory", "contribution", "grade", "factor",
)] + ["stg_release_input+"]  # fmt: skip
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


def asked(database: Path, query: str) -> pl.DataFrame:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(query).pl()


@dataclass(frozen=True)
class Builds:
    """Databases of the first candidate, and of the second that comes after its release."""

    first: Path
    second: Path


@pytest.fixture(scope="module")
def builds(dbt, built, tmp_path_factory) -> Builds:
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
    published = tmp_path / "published"
    write_published_background([release], published)
    write_published_factors(published_factor_files(built.home / "releases"), published)
    # Views name the database: the copy has the name of the first.
    second = Path(shutil.copy(first, tmp_path))
    done = dbt(
        "run", "--select", *CHANGED,
        # Nothing here asks for draws or proofs: they stay as they are in the first.
        "--exclude", "int_life_cycle_interval", "int_disclosure_audit",
        raw=after, database=second, variables={"PCF_PUBLISHED": str(published)},
    )  # fmt: skip
    assert done.returncode == 0, done.printed
    return Builds(first, second)


def test_what_is_derived_again_after_its_release_is_the_same(builds) -> None:
    """Nobody of the few who came or revised is counted yet, and who revised stands with his first
    form: so nothing moves, not even where others buy.
    """
    for table in set(published_tables()) - {"background_grade"}:
        query = f"from marts.{table} order by all"
        said, again = asked(builds.first, query), asked(builds.second, query)
        assert said.height > 0, table
        assert_frame_equal(again, said)


def test_newcomers_and_revised_forms_wait(builds) -> None:
    waiting = asked(
        builds.second, "select * from intermediate.int_contributor_set where release_id = 'now'"
    ).filter(~pl.col("is_counted"))
    for prefix, count in (("came_", NEWCOMERS), ("new_", REVISED)):
        assert waiting["submission_id"].str.starts_with(prefix).sum() == count
    assert waiting.height == NEWCOMERS + REVISED


def test_the_scale_of_a_year_stands_once_published(builds) -> None:
    scales = "select * from marts.background_grade order by product_code, grade"
    set_first, standing = (asked(each, scales) for each in (builds.first, builds.second))
    assert_frame_equal(standing, set_first.with_columns(TWICE))
