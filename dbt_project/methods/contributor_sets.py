"""Whose answers count in a release, so that its difference to earlier ones tells of nobody.

Belongs here: which submissions are counted now and were counted in each earlier release. Does not
belong here: the judgement of a difference (`disclosure.differencing`), what is published of a cell
(`background_disclosure`).

A newcomer's figures follow from two releases of a mean: not only of his own cell, but of every
dataset that buys from it. So the set of contributors is frozen before anything is derived: where
the difference to any earlier release of any published cell of a product would be unsafe, no new
submission of that product and year counts, in no cell, until enough have come. Whether it would is
judged by outputs alone, since emissions are not known before the derivation; the decision on each
dataset afterwards sees both (`background_disclosure`).

Releases are gone through in order: what a release counted is found by the same rule from the
receipts behind it. So nothing but receipts and what was published needs to be remembered.
"""

from __future__ import annotations

import polars as pl

from dbt_project.methods.disclosure.differencing import release_differences
from dbt_project.methods.disclosure.rules import DisclosureRules

NOW = "now"
COUNTED = {"release_id": pl.String(), "submission_id": pl.String(), "is_counted": pl.Boolean()}
# Technologies of datasets that hold every way of making a product.
_EVERY_WAY = ("any", "market")
_NATION = "CN"


def contributor_sets(
    plants: pl.DataFrame,
    published: pl.DataFrame,
    receipts: pl.DataFrame,
    grid_region: pl.DataFrame,
    rules: DisclosureRules,
) -> pl.DataFrame:
    """Say which submissions count now and counted in each earlier release.

    Args:
        plants: `submission_id`, `receipt_id`, `group_code`, `product_code`, `technology`,
            `region_code`, `year`, `allocation`, `weight` (output): one row for each product that
            takes a part of a submission's inventory.
        published: `release_id`, `dataset_id`, `product_code`, `technology`, `region_code`,
            `year`, `allocation`: datasets that earlier releases showed. Releases in order of id.
        receipts: `release_id`, `receipt_id`: what stood behind them.
        grid_region: `region_code`, `grid_region_code`.
        rules: the parameters.

    Returns:
        `COUNTED`, one row for each release and submission that had arrived by then, sorted; `NOW`
        stands for what is being built.

    Raises:
        DisclosureError: figures that cannot be judged.
    """
    if plants.is_empty():
        return pl.DataFrame(schema=COUNTED)
    everybody = plants["submission_id"].unique().sort()
    releases = published["release_id"].unique().sort().to_list()
    found: list[pl.DataFrame] = []
    history: list[pl.DataFrame] = []
    counted = everybody.clear()
    for release in [*releases, NOW]:
        arrived = everybody
        if release != NOW:
            known = receipts.filter(release_id=release)
            arrived = (
                plants.join(known, on="receipt_id", how="semi")["submission_id"].unique().sort()
            )
        counted = _counted(plants, arrived, counted, history, grid_region, published, rules)
        found.append(
            pl.DataFrame({"submission_id": arrived}).select(
                release_id=pl.lit(release),
                submission_id="submission_id",
                is_counted=pl.col("submission_id").is_in(counted.implode()),
            )
        )
        if release != NOW:
            shown = published.filter(release_id=release)
            history.append(
                _in_cells(plants, counted, shown, grid_region).with_columns(
                    release_id=pl.lit(release)
                )
            )
    return pl.concat(found).select(
        pl.col(name).cast(kind) for name, kind in COUNTED.items()
    ).sort("release_id", "submission_id")  # fmt: skip


def _counted(
    plants: pl.DataFrame,
    arrived: pl.Series,
    before: pl.Series,
    history: list[pl.DataFrame],
    grid_region: pl.DataFrame,
    published: pl.DataFrame,
    rules: DisclosureRules,
) -> pl.Series:
    """Return who counts: those who did before, and newcomers where the difference is safe."""
    if not history:
        return arrived
    then = pl.concat(history)
    shown = published.unique("dataset_id").sort("dataset_id")
    tables = plants.select("submission_id", "product_code", "year").unique()
    counted = arrived
    while True:
        now = _in_cells(plants, counted, shown, grid_region)
        differences = release_differences(now, then, rules)
        unsafe = shown.join(
            differences.filter(pl.col("status") != "safe"),
            left_on="dataset_id",
            right_on="cell_id",
            how="semi",
        )
        new = pl.col("submission_id").is_in(counted.implode()) & ~pl.col("submission_id").is_in(
            before.implode()
        )
        # Who waits in one of his products waits in all: a submission is derived whole.
        waiting = tables.filter(new).join(unsafe, on=["product_code", "year"], how="semi")
        if waiting.is_empty():
            return counted
        counted = counted.filter(~counted.is_in(waiting["submission_id"].unique().implode()))


def _in_cells(
    plants: pl.DataFrame, counted: pl.Series, shown: pl.DataFrame, grid_region: pl.DataFrame
) -> pl.DataFrame:
    """Give each dataset its contributors; `cell_id` is the dataset."""
    placed = plants.filter(pl.col("submission_id").is_in(counted.implode())).join(
        grid_region.select("region_code", "grid_region_code"), on="region_code", how="left"
    )
    every_way = pl.col("of_technology").is_in(_EVERY_WAY)
    return (
        placed.join(
            shown.select("dataset_id", "product_code", "year", of_technology="technology",
                         of_region="region_code", of_allocation="allocation"),
            on=["product_code", "year"],
        )
        .filter(
            every_way
            | (
                (pl.col("technology") == pl.col("of_technology"))
                & (pl.col("allocation") == pl.col("of_allocation"))
            ),
            (pl.col("of_region") == _NATION)
            | (pl.col("of_region") == pl.col("region_code"))
            | (pl.col("of_region") == pl.col("grid_region_code")).fill_null(value=False),
        )
        .sort("dataset_id", "group_code", "submission_id")
        .group_by("dataset_id", "group_code", maintain_order=True)
        .agg(pl.col("weight").sum(), evidence=pl.col("submission_id").str.join("+"))
        .select("group_code", "weight", "evidence", cell_id="dataset_id", value="weight")
    )  # fmt: skip
