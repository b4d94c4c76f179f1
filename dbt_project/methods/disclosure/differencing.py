"""What two releases say together that neither says alone.

Belongs here: the differences between the contributor sets of published values, judged by the
primary rules; what becomes of an update that fails. Does not belong here: combinations of more than
two values, which `suppression` and `audit` see because earlier values enter them as known.

A release says sum w_i c_i / W; weights are public, so two releases of a cell say the difference of
their sums: the figures of those who came, who left and what was corrected. Example: 11.4194 over
W = 310, then 11.1111 over W = 360, are 9.2000 for the plant of output 50 that came. Therefore three
sets, each as if it were a published cell of its own, must satisfy the rules or be empty:

    membership   groups in one of the two only, with their full figures
    evidence     these, and groups whose evidence changed (a correction), with what changed
    any          everybody whose figure changed

The first two matter beside the third where a method changed for everybody by a public amount: what
is public hides nobody.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from dbt_project.methods.disclosure.rules import (
    DisclosureError,
    DisclosureRules,
    primary_decisions,
    sum_to_groups,
)

Policy = Literal["freeze", "hold"]
# Figures closer than this, relative to the larger, are the same: sums of floats differ in order.
_SAME = 1e-9

_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "cell_id": pl.String,
    "against": pl.String,
    "difference": pl.String,
    "n_groups": pl.Int64,
    "status": pl.String,
    "failed": pl.List(pl.String),
}


def release_differences(
    current: pl.DataFrame, history: pl.DataFrame, rules: DisclosureRules
) -> pl.DataFrame:
    """Judge each cell against the same cell in every earlier release. Vectorised.

    Args:
        current: `cell_id`, `group_code`, `weight`, `value`, optional `evidence`: what is about to
            be published.
        history: the same with `release_id`: what was published, one set per release and cell.
        rules: the parameters.

    Returns:
        One row per cell, earlier release and kind of difference that is not empty: `cell_id`,
        `against`, `difference`, `n_groups`, `status`, `failed`; sorted. Confidential.
    """
    if "release_id" not in history.columns:
        raise DisclosureError("DC050: the record of earlier releases lacks the column release_id")
    now = sum_to_groups(current)
    cells = history.select("release_id", "cell_id").unique().filter(
        pl.col("cell_id").is_in(now["cell_id"].unique().implode())
    )  # fmt: skip
    right = cells.join(now, on="cell_id", how="inner")
    left = _by_release(history).join(cells, on=["release_id", "cell_id"], how="semi")
    return _judge(left, right, rules)


def residual_differences(
    parents: pl.DataFrame, children: pl.DataFrame, edges: pl.DataFrame, rules: DisclosureRules
) -> pl.DataFrame:
    """Judge what is left of a published parent when its published children are taken away.

    Parents and children may be of any two releases: a child withheld now is `parent now - other
    children then`.

    Args:
        parents: `release_id`, `cell_id`, `group_code`, `weight`, `value`: published parents, one
            row per group and finest part if a group has several.
        children: the same of published children; `cell_id` is the child.
        edges: `parent_id`, `child_id`: the children partition their parent.
        rules: the parameters.

    Returns:
        As `release_differences`, `against` being `<release of the parent>/<release of the
        children>`; a parent none of whose children is published is not in it.
    """
    releases = children.select(child_release="release_id").unique()
    linked = children.rename({"release_id": "child_release", "cell_id": "child_id"}).join(
        edges, on="child_id", how="inner"
    )
    pairs = (
        parents.select("release_id", parent_id="cell_id")
        .unique()
        .join(releases, how="cross")
        .join(linked.select("child_release", "parent_id").unique(),
              on=["child_release", "parent_id"], how="semi")
        .with_columns(pair=pl.concat_str("release_id", "child_release", separator="/"))
    )  # fmt: skip
    figures = ["group_code", "weight", "value"]
    left = parents.rename({"cell_id": "parent_id"}).join(pairs, on=["release_id", "parent_id"])
    right = linked.join(
        pairs.select("parent_id", "child_release", "pair"), on=["parent_id", "child_release"]
    )
    keys = {"pair": "release_id", "parent_id": "cell_id"}
    return _judge(
        _by_release(left.select("pair", "parent_id", *figures).rename(keys)),
        _by_release(right.select("pair", "parent_id", *figures).rename(keys)),
        rules,
    )


def _by_release(frame: pl.DataFrame) -> pl.DataFrame:
    """Sum to groups within release and cell."""
    keyed = frame.with_columns(
        cell_id=pl.concat_str("release_id", "cell_id", separator="\x1f")
    ).drop("release_id")
    return (
        sum_to_groups(keyed)
        .with_columns(pl.col("cell_id").str.split_exact("\x1f", 1))
        .with_columns(
            release_id=pl.col("cell_id").struct.field("field_0"),
            cell_id=pl.col("cell_id").struct.field("field_1"),
        )
    )


def _judge(left: pl.DataFrame, right: pl.DataFrame, rules: DisclosureRules) -> pl.DataFrame:
    keys = ["release_id", "cell_id", "group_code"]
    both = left.join(right, on=keys, how="full", coalesce=True, suffix="_now").sort(keys)
    then, now = pl.col("value").fill_null(0.0), pl.col("value_now").fill_null(0.0)
    moved = pl.col("value").is_null() | pl.col("value_now").is_null()
    size = pl.max_horizontal(then.abs(), now.abs())
    has_evidence = "evidence" in left.columns and "evidence" in right.columns
    corrected = (
        pl.col("evidence").ne_missing(pl.col("evidence_now")) if has_evidence else pl.lit(False)
    )
    changed = both.select(
        *keys,
        weight=pl.max_horizontal("weight", "weight_now"),
        value=(now - then).abs(),
        membership=moved,
        evidence=moved | corrected,
        any=pl.lit(True),
        hides=(now - then).abs() > _SAME * size,
    ).filter("hides")
    sets = [
        changed.filter(kind).with_columns(difference=pl.lit(kind))
        for kind in ("membership", "evidence", "any")
    ]
    rows = pl.concat(sets)
    if rows.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    key = pl.concat_str("cell_id", "release_id", "difference", separator="\x1f")
    judged = primary_decisions(
        rows.select(key.alias("cell_id"), "group_code", "weight", "value"), rules, is_summed=True
    )
    return (
        judged.with_columns(pl.col("cell_id").str.split_exact("\x1f", 2))
        .with_columns(
            cell_id=pl.col("cell_id").struct.field("field_0"),
            against=pl.col("cell_id").struct.field("field_1"),
            difference=pl.col("cell_id").struct.field("field_2"),
        )
        .select(list(_SCHEMA))
        .sort("cell_id", "against", "difference")
    )


def update_actions(
    cells: pl.Series, differences: pl.DataFrame, policy: Policy = "freeze"
) -> pl.DataFrame:
    """What is done with each cell's update: `publish`, or the policy where a difference fails.

    `freeze`: the cell is computed from the contributors and evidence it had in its last release,
    by today's method. `hold`: its last published value stands.

    Returns:
        `cell_id`, `action`; sorted. Which difference failed stays in `differences`.
    """
    unsafe = differences.filter(pl.col("status") != "safe")["cell_id"].unique()
    return (
        pl.DataFrame({"cell_id": cells.unique()})
        .with_columns(
            action=pl.when(pl.col("cell_id").is_in(unsafe.implode()))
            .then(pl.lit(policy))
            .otherwise(pl.lit("publish"))
        )
        .sort("cell_id")
    )


def frozen_contributions(
    current: pl.DataFrame, history: pl.DataFrame, actions: pl.DataFrame
) -> pl.DataFrame:
    """Contributions to publish from: the last recorded ones wherever an update is not published.

    Args:
        current: as for `release_differences`; further columns are dropped.
        history: the record; `release_id` orders releases.
        actions: of `update_actions`.

    Returns:
        `cell_id`, `group_code`, `weight`, `value`, `evidence` where both have it; sorted.
    """
    columns = ["cell_id", "group_code", "weight", "value"]
    if "evidence" in current.columns and "evidence" in history.columns:
        columns.append("evidence")
    kept = actions.filter(pl.col("action") != "publish").select("cell_id")
    last = history.filter(pl.col("release_id") == pl.col("release_id").max().over("cell_id"))
    return pl.concat(
        [
            current.select(columns).join(kept, on="cell_id", how="anti"),
            last.select(columns).join(kept, on="cell_id", how="semi"),
        ]
    ).sort(columns[:2])
