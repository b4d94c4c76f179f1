"""Whose answers count in a release, so that its difference to earlier ones tells of nobody.

Belongs here: which submissions are counted now and were counted in each earlier release. Does not
belong here: the judgement of a difference (`disclosure.differencing`), what is published of a cell
(`background_disclosure`).

A newcomer's figures follow from two releases of a mean: not only of his own cell, but of every
dataset that buys from it. So do the figures of who leaves, and both forms of who revises his: the
old one went into the mean of then, the new one into that of now. So the set of contributors is
frozen before anything is derived: where the difference to any earlier release of any published cell
of a product would be unsafe, nothing that changed of that product and year counts, in no cell,
until enough has changed. New submissions wait, and the form that a revised one replaces stands
until then; so does the last form that can be derived of a plant whose newer one is set aside.
Whether a difference is safe is judged by outputs alone, since emissions are not known before the
derivation: a group that revised changes by all the output that its changed forms speak of, whether
or not that output changed. The decision on each dataset afterwards sees both
(`background_disclosure`).

A plant has one form for each product, technology and period. Releases are gone through in order:
what a release counted is found by the same rule from the receipts behind it, of several submissions
of a form the last that those receipts brought. So nothing but receipts and what was published needs
to be remembered. Who could be derived then and cannot be now is not seen here, but by
`lost_contributors`.
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
_FORM = ["form_id", "submission_id"]


def contributor_sets(
    plants: pl.DataFrame,
    arrivals: pl.DataFrame,
    published: pl.DataFrame,
    receipts: pl.DataFrame,
    grid_region: pl.DataFrame,
    rules: DisclosureRules,
) -> pl.DataFrame:
    """Say which submissions count now and counted in each earlier release.

    Args:
        plants: `submission_id`, `form_id`, `group_code`, `product_code`, `technology`,
            `region_code`, `year`, `allocation`, `weight` (output): one row for each product that
            takes a part of a submission's inventory; of all submissions that can be derived, those
            that a newer one replaced among them.
        arrivals: `submission_id`, `receipt_id`, `form_id`, `known_at`, `row_number`: every receipt
            of every submission, also of those that are set aside.
        published: `release_id`, `dataset_id`, `product_code`, `technology`, `region_code`,
            `year`, `allocation`: datasets that earlier releases showed. Releases in order of id.
        receipts: `release_id`, `receipt_id`: what stood behind them.
        grid_region: `region_code`, `grid_region_code`.
        rules: the parameters.

    Returns:
        `COUNTED`, one row for each release and submission of `plants` that had arrived by then,
        sorted; `NOW` stands for what is being built. Of one form at most one counts.

    Raises:
        DisclosureError: figures that cannot be judged.
    """
    if plants.is_empty():
        return pl.DataFrame(schema=COUNTED)
    releases = published["release_id"].unique().sort().to_list()
    found: list[pl.DataFrame] = []
    history: list[pl.DataFrame] = []
    counted = plants.select(_FORM).clear()
    for release in [*releases, NOW]:
        known = arrivals
        if release != NOW:
            known = arrivals.join(receipts.filter(release_id=release), on="receipt_id", how="semi")
        derivable = known.select(_FORM).unique().join(plants, on="submission_id", how="semi")
        wanted = _latest(known).join(derivable, on="submission_id", how="semi")
        before = counted.join(derivable, on="submission_id", how="semi")
        counted = _counted(plants, wanted, before, history, grid_region, published, rules)
        found.append(
            derivable.select("submission_id").unique().select(
                "submission_id",
                release_id=pl.lit(release),
                is_counted=pl.col("submission_id").is_in(counted["submission_id"].implode()),
            )
        )  # fmt: skip
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


def lost_contributors(
    plants: pl.DataFrame,
    sets: pl.DataFrame,
    published: pl.DataFrame,
    derived: pl.DataFrame,
    grid_region: pl.DataFrame,
) -> pl.DataFrame:
    """List the published cells whose contributors of then cannot all be computed today.

    Nobody can say what the difference of such a cell to its earlier release tells.

    Args:
        plants: as for `contributor_sets`.
        sets: what it returned.
        published: as for it.
        derived: `submission_id`, `product_code`: of whom there are quantities, whether they count
            now or not.
        grid_region: as for it.

    Returns:
        `release_id`, `dataset_id`; sorted.
    """
    lost = plants.join(derived, on=["submission_id", "product_code"], how="anti")
    cells = [
        _in_cells(lost, part, published.filter(release_id=release), grid_region).select(
            "dataset_id", release_id=pl.lit(release)
        )
        for (release,), part in sets.filter("is_counted").group_by("release_id")
    ]
    schema = {"release_id": pl.String(), "dataset_id": pl.String()}
    empty = pl.DataFrame(schema=schema)
    return pl.concat([empty, *(cell.select(list(schema)) for cell in cells)]).unique().sort(
        list(schema)
    )  # fmt: skip


def _latest(arrivals: pl.DataFrame) -> pl.DataFrame:
    """Of each form the submission that was told last."""
    return (
        arrivals.sort("form_id", "known_at", "receipt_id", "row_number", "submission_id")
        .unique("form_id", keep="last", maintain_order=True)
        .select(_FORM)
    )


def _counted(
    plants: pl.DataFrame,
    wanted: pl.DataFrame,
    before: pl.DataFrame,
    history: list[pl.DataFrame],
    grid_region: pl.DataFrame,
    published: pl.DataFrame,
    rules: DisclosureRules,
) -> pl.DataFrame:
    """Return who counts: what is wanted where the difference is safe, else who did before."""
    if not history:
        return wanted
    then = pl.concat(history)
    shown = published.unique("dataset_id").sort("dataset_id")
    counted = wanted
    changing = _changing(plants, wanted, before)
    while True:
        now = _in_cells(plants, counted, shown, grid_region)
        unsafe = shown.join(_unsafe(now, then, rules), on="dataset_id", how="semi")
        # Who waits in one of his products waits in all: a submission is derived whole.
        waiting = changing.join(unsafe, on=["product_code", "year"], how="semi")
        if waiting.is_empty():
            return counted
        changing = changing.join(waiting, on="form_id", how="anti")
        counted = pl.concat(
            [
                counted.join(waiting, on="form_id", how="anti"),
                before.join(waiting, on="form_id", how="semi"),
            ]
        )


def _changing(plants: pl.DataFrame, wanted: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Forms whose submission would come, go or be replaced, with every product that it touches."""
    moved = pl.concat(
        [
            wanted.join(before, on=_FORM, how="anti"),
            before.join(wanted, on=_FORM, how="anti"),
        ]
    )
    touched = plants.select("submission_id", "product_code", "year")
    return moved.join(touched, on="submission_id").drop("submission_id").unique()


def _unsafe(now: pl.DataFrame, then: pl.DataFrame, rules: DisclosureRules) -> pl.DataFrame:
    """Cells whose change since one of the earlier releases tells of a few: `dataset_id`.

    A group brings in the output of all its forms that changed: `differencing` is told nothing of it
    before and all of it now.
    """
    key = ["release_id", "dataset_id", "form_id", "group_code"]
    pairs = then.select("release_id", "dataset_id").unique()
    both = then.join(pairs.join(now, on="dataset_id"), on=key, how="full", coalesce=True,
                     suffix="_now")  # fmt: skip
    is_changed = pl.col("submission_id").ne_missing(pl.col("submission_id_now"))
    groups = (
        both.sort(*key)
        .group_by("release_id", "dataset_id", "group_code", maintain_order=True)
        .agg(
            changed=pl.max_horizontal("weight", "weight_now").filter(is_changed).sum(),
            then=pl.col("weight").sum(),
            now=pl.col("weight_now").sum(),
            evidence=pl.col("submission_id").drop_nulls().str.join("+"),
            evidence_now=pl.col("submission_id_now").drop_nulls().str.join("+"),
        )
        .with_columns(cell_id=pl.concat_str("dataset_id", "release_id", separator="\n"))
    )
    here, there = pl.col("now") > 0, pl.col("then") > 0
    current = groups.filter(here).select(
        "cell_id", "group_code", weight="now", value="changed", evidence="evidence_now"
    )
    earlier = groups.filter(there).select(
        "cell_id",
        "group_code",
        "evidence",
        weight="then",
        value=pl.when(here).then(0.0).otherwise("changed"),
        release_id=pl.lit("then"),
    )
    differences = release_differences(current, earlier, rules)
    return (
        differences.filter(pl.col("status") != "safe")
        .select(dataset_id=pl.col("cell_id").str.split("\n").list.first())
        .unique()
    )


def _in_cells(
    plants: pl.DataFrame, counted: pl.DataFrame, shown: pl.DataFrame, grid_region: pl.DataFrame
) -> pl.DataFrame:
    """Give each dataset the forms that it is the mean of."""
    placed = plants.join(counted, on="submission_id", how="semi").join(
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
        .select("dataset_id", "form_id", "group_code", "submission_id", "weight")
        .sort("dataset_id", "form_id", "group_code", "submission_id")
    )  # fmt: skip
