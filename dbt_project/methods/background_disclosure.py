"""Which background datasets are published, and in which form.

Belongs here: from plants' quantities to the decision on every process, earlier releases included;
the one place where the disclosure package meets the warehouse's frames. Does not belong here: the
rules (`disclosure`), and what is written of a published dataset.

Everything that a published cell tells of is judged: its score, each of its elementary flows (all
indicators are sums of these) and, where they are shown, its stages and its electricity. A cell that
is unsafe in its score or in one flow is not published; one that is unsafe in a stage shows no
stages. Shares of stages are shown all or not at all: one left out follows from the others.

Earlier releases. What they published of a cell is known; the contributors of then are computed
again (`contributor_sets`) with today's figures, those that no longer count (`former`: left, or
replaced by a newer form) among them, so that the difference between then and now is who came, left
or revised. Where that difference would be unsafe, or where a contributor of then cannot be computed
any more (`lost`), the value published last stands (`is_held`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dbt_project.methods.background_cells import cell_hierarchy
from dbt_project.methods.disclosure.differencing import release_differences, update_actions
from dbt_project.methods.disclosure.hierarchy import Hierarchy, decide, over_cells
from dbt_project.methods.disclosure.published_form import round_published
from dbt_project.methods.disclosure.rules import DisclosureRules, primary_decisions

HEADLINE, FLOW, STAGE, ELECTRICITY = "headline", "flow:", "stage:", "electricity"
SHOWN = ("open", "aggregated")

DECISION = {
    "process_id": pl.String(),
    "cell_id": pl.String(),
    "disclosure": pl.String(),
    "merged_into": pl.String(),
    "contributors_band": pl.String(),
    "shows_stages": pl.Boolean(),
    "shows_electricity": pl.Boolean(),
    "is_held": pl.Boolean(),
    "n_groups": pl.Int64(),
    "reason": pl.String(),
}


@dataclass(frozen=True)
class DisclosureFrames:
    """What decisions are made of.

    Attributes:
        cells: `process_id`, `product_code`, `technology`, `region_code`, `year`, `allocation`.
        members: of `background_cells.cell_members`.
        grid_region: `region_code`, `grid_region_code`.
        quantities: `process_id` (of the finest cell), `submission_id`, `group_code`,
            `quantity`, `weight`, `value`.
        flows: `process_id`, `group_code`, `flow_key` (an exchange as it would be shown), `amount`.
        published: `release_id`, `process_id`: what earlier releases published; may be empty.
        contributors: `release_id`, `submission_id`: whom they counted (`contributor_sets`).
        former: the columns of `quantities`: of those whom an earlier release counted and this one
            does not.
        lost: `release_id`, `process_id`: what earlier releases published of contributors who
            cannot all be computed any more (`contributor_sets.lost_contributors`).
    """

    cells: pl.DataFrame
    members: pl.DataFrame
    grid_region: pl.DataFrame
    quantities: pl.DataFrame
    flows: pl.DataFrame
    published: pl.DataFrame
    contributors: pl.DataFrame
    former: pl.DataFrame | None = None
    lost: pl.DataFrame | None = None


def decisions(
    frames: DisclosureFrames, rules: DisclosureRules, kept_back: tuple[str, ...] = ()
) -> pl.DataFrame:
    """Decide every process that plants stand behind: `DECISION`, sorted by process.

    Cells in `kept_back` are not published: an audit found that they tell of a contributor.

    `n_groups` and `reason` are confidential. `merged_into` is the process of the parent.

    Raises:
        DisclosureError: figures that cannot be judged; the sentence says which.
    """
    if frames.cells.is_empty():
        return pl.DataFrame(schema=DECISION)
    hierarchy = cell_hierarchy(frames.cells, frames.grid_region)
    leaf_of = frames.members.select("leaf_process_id", "leaf_id").unique()
    quantities = frames.quantities.join(leaf_of, left_on="process_id", right_on="leaf_process_id")
    headline = quantities.filter(quantity=HEADLINE)
    contributions = _by_group(headline, ["leaf_id"])
    history = _history(headline, frames, hierarchy, leaf_of)
    lost = _lost(frames, hierarchy)
    judged = _judged_quantities(quantities, hierarchy, rules)
    flow_cells = judged.filter(pl.col("quantity").str.starts_with(FLOW) & ~pl.col("is_safe"))
    held = _held(contributions, history, hierarchy, rules, lost)
    # Nobody of then is left to say how many they were: the value of then cannot stand.
    nothing_stands = lost.filter(~lost.is_in(history["cell_id"].unique().implode()))
    decided = decide(
        contributions.drop("evidence"),
        hierarchy,
        rules,
        history=None if history.is_empty() else history.drop("evidence"),
        flows=_open_flows(frames, leaf_of),
        barred=_barred(pl.concat([flow_cells["cell_id"], nothing_stands]), kept_back),
        held=held if held.height else None,
    )
    # A cell whose update is unsafe is not updated; where nothing can stand, it is withheld.
    by_cell = (
        judged.group_by("cell_id")
        .agg(
            shows_stages=pl.col("is_safe").filter(pl.col("quantity").str.starts_with(STAGE)).all(),
            shows_electricity=pl.col("is_safe").filter(quantity=ELECTRICITY).all(),
        )
        .sort("cell_id")
    )
    processes = frames.members.select("cell_id", "process_id", "cell_type").unique()
    standing = (
        processes.sort("cell_id", pl.col("cell_type") == "market", "process_id")
        .unique("cell_id", keep="first", maintain_order=True)
        .select(parent="cell_id", parent_process="process_id")
    )
    return (
        decided.join(by_cell, on="cell_id", how="left")
        .join(standing, left_on="merged_into", right_on="parent", how="left")
        .with_columns(merged_into="parent_process")
        .join(processes, on="cell_id")
        .select(pl.col(name).cast(kind) for name, kind in DECISION.items())
        .sort("process_id")
    )


def _barred(unsafe: pl.Series, kept_back: tuple[str, ...]) -> pl.DataFrame:
    """Cells that are unsafe in a flow, and those that the audit wants back."""
    first = unsafe.unique().sort()
    others = sorted(set(kept_back) - set(first))
    return pl.DataFrame(
        {
            "cell_id": [*first, *others],
            "reason": ["primary"] * len(first) + ["secondary"] * len(others),
        },
        schema={"cell_id": pl.String, "reason": pl.String},
    )


def _by_group(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Sum plants to legal groups; evidence is which submissions the figures are of."""
    return (
        rows.sort(*keys, "group_code", "submission_id")
        .group_by(*keys, "group_code", maintain_order=True)
        .agg(
            pl.col("weight").sum(),
            pl.col("value").sum(),
            evidence=pl.col("submission_id").str.join("+"),
        )
    )


def _judged_quantities(
    quantities: pl.DataFrame, hierarchy: Hierarchy, rules: DisclosureRules
) -> pl.DataFrame:
    """Judge each quantity of each cell by itself: `cell_id`, `quantity`, `is_safe`."""
    spread = over_cells(quantities.drop("process_id"), hierarchy).with_columns(
        cell_id=pl.concat_str("cell_id", "quantity", separator="\x1f")
    )
    summed = _by_group(spread, ["cell_id"]).drop("evidence").with_columns(quantity=pl.lit("one"))
    judged = primary_decisions(summed, rules, is_summed=True)
    parts = pl.col("cell_id").str.split_exact("\x1f", 1)
    return judged.select(
        cell_id=parts.struct.field("field_0"),
        quantity=parts.struct.field("field_1"),
        is_safe=pl.col("status") == "safe",
    ).sort("cell_id", "quantity")


def _open_flows(frames: DisclosureFrames, leaf_of: pl.DataFrame) -> pl.DataFrame:
    weight = frames.quantities.filter(quantity=HEADLINE).select(
        "process_id", "submission_id", "group_code", "weight"
    )
    weight = (
        weight.sort("process_id", "group_code", "submission_id")
        .group_by("process_id", "group_code", maintain_order=True)
        .agg(pl.col("weight").sum())
    )
    return (
        frames.flows.join(weight, on=["process_id", "group_code"])
        .join(leaf_of, left_on="process_id", right_on="leaf_process_id")
        .select("leaf_id", "group_code", "weight", flow_id="flow_key", value="amount")
    )


def _history(
    headline: pl.DataFrame, frames: DisclosureFrames, hierarchy: Hierarchy, leaf_of: pl.DataFrame
) -> pl.DataFrame:
    """Contributors of every cell that an earlier release published, per finest cell."""
    everybody = headline
    if frames.former is not None:
        former = frames.former.filter(quantity=HEADLINE).join(
            leaf_of, left_on="process_id", right_on="leaf_process_id"
        )
        everybody = pl.concat([headline, former.select(headline.columns)])
    cells = (
        frames.published.join(
            frames.members.select("process_id", "cell_id").unique(), on="process_id"
        )
        .select("release_id", "cell_id")
        .unique()
    )
    then = everybody.join(frames.contributors, on="submission_id")
    return (
        _by_group(then, ["release_id", "leaf_id"])
        .join(hierarchy.members, on="leaf_id")
        .join(cells, on=["release_id", "cell_id"], how="semi")
        .select("release_id", "cell_id", "leaf_id", "group_code", "weight", "value", "evidence")
        .sort("release_id", "cell_id", "leaf_id", "group_code")
    )


def _lost(frames: DisclosureFrames, hierarchy: Hierarchy) -> pl.Series:
    """Cells of today of which an earlier release counted somebody who cannot be computed now."""
    if frames.lost is None:
        return hierarchy.cells["cell_id"].clear()
    cells = frames.members.select("process_id", "cell_id").unique()
    return frames.lost.join(cells, on="process_id")["cell_id"].unique().sort()


def _held(
    contributions: pl.DataFrame,
    history: pl.DataFrame,
    hierarchy: Hierarchy,
    rules: DisclosureRules,
    lost: pl.Series,
) -> pl.DataFrame:
    """Cells whose update would tell of those who came, left or revised, with their groups of then.

    Of cells in `lost` nobody can say what it would tell.
    """
    schema = {"cell_id": pl.String(), "n_groups": pl.Int64()}
    if history.is_empty():
        return pl.DataFrame(schema=schema)
    current = over_cells(contributions, hierarchy).drop("leaf_id", "table_id")
    differences = release_differences(current, history.drop("leaf_id"), rules)
    actions = update_actions(current["cell_id"], differences, "hold")
    last = history.filter(pl.col("release_id") == pl.col("release_id").max().over("cell_id"))
    is_lost = pl.col("cell_id").is_in(lost.implode())
    held = actions.filter((pl.col("action") == "hold") | is_lost)
    return (
        last.join(held, on="cell_id", how="semi")
        .group_by("cell_id")
        .agg(n_groups=pl.col("group_code").n_unique().cast(pl.Int64))
        .sort("cell_id")
    )


def published_figures(figures: pl.DataFrame) -> pl.DataFrame:
    """Round every figure as it is published; the only place where that is done.

    Args:
        figures: `value` and any other columns.

    Returns:
        The frame with `published` in place of `value`, in the same order.
    """
    values = figures["value"].unique().sort()
    rounded = [float(round_published(value)) for value in values]
    form = pl.DataFrame({"value": values, "published": rounded},
                        schema={"value": pl.Float64, "published": pl.Float64})  # fmt: skip
    return figures.join(form, on="value", how="left", maintain_order="left").drop("value")
