"""Which background datasets are published, proven: decide, audit, keep back, until nothing follows.

Belongs here: what is kept back for what the joint tables tell (`background_joint_tables`). Does
not belong here: the decision on each product by itself (`background_disclosure`), the proof of the
figures as they leave (`background_audit`), linear programmes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dbt_project.methods.background_disclosure import (
    DECISION,
    HEADLINE,
    SHOWN,
    DisclosureFrames,
    decisions,
)
from dbt_project.methods.background_joint_tables import (
    ELECTRICITY_USE,
    FIGURE,
    PARTS,
    STAGES,
    WHOLE,
    AuditFrames,
    JointTable,
    joint_tables,
)
from dbt_project.methods.disclosure.audit import audit_cells, audit_groups
from dbt_project.methods.disclosure.rules import DisclosureError, DisclosureRules


def proven_decisions(frames: DisclosureFrames, rules: DisclosureRules) -> pl.DataFrame:
    """Decide, audit, and keep back a further cell wherever a contributor's figure follows.

    Secondary suppression sees the headline score of one product alone; a flow that few plants have
    may follow all the same, and so may a plant's figure from what else it makes. Of the cells that
    hold the place found, that which costs least for what it mends is kept back, or shows no stages
    or no electricity where these tell; and its products are decided again, until nothing follows
    that another cell could hide.

    What stands behind a product as it stood behind the last release is decided as it was then,
    so that a release made again is the same: the last release is no history of it. Where the two
    together tell of somebody after all - the rules have changed -, all history counts.

    Returns:
        As `background_disclosure.decisions`.
    """
    again = _without_repeated_history(frames)
    if again.published.height < frames.published.height:
        decided = _proven(again, rules)
        told = joint_tables(_as_decided(frames, decided), rules)
        if not _remedies(told, _costs(frames), rules):
            return decided
    return _proven(frames, rules)


def _without_repeated_history(frames: DisclosureFrames) -> DisclosureFrames:
    """Leave out what the latest releases published of products and years whose contributors are
    those of now: every release back to the first that counted others.
    """
    made = ["product_code", "year"]
    product = frames.members.select("leaf_process_id", *made).unique()
    known = [("now", frames.quantities)]
    if frames.former is not None:
        known.append(("then", frames.former))
    contributor = pl.concat(
        [
            each.select("process_id", "submission_id", known=pl.lit(name))
            .unique()
            .join(product, left_on="process_id", right_on="leaf_process_id")
            .select(*made, "submission_id", "known")
            .unique()
            for name, each in known
        ]
    )
    releases = frames.published.select("release_id").unique()
    counted = frames.contributors.with_columns(is_counted=pl.lit(value=True))
    last_other = (
        contributor.join(releases, how="cross")
        .join(counted, on=["release_id", "submission_id"], how="left")
        .filter(pl.col("is_counted").fill_null(value=False) != (pl.col("known") == "now"))
        .group_by(made)
        .agg(last_other=pl.col("release_id").max())
    )
    lost = frames.members.head(0).select("process_id")
    if frames.lost is not None:
        lost = frames.lost.select("process_id").unique()
    process = frames.members.select("process_id", *made).unique()
    kept = process.join(lost, on="process_id", how="semi").select(made).unique()
    repeated = (
        frames.published.select("release_id", "process_id")
        .join(process, on="process_id")
        .join(kept, on=made, how="anti")
        .join(last_other, on=made, how="left")
        .filter(pl.col("last_other").is_null() | (pl.col("release_id") > pl.col("last_other")))
    )
    return replace(
        frames,
        published=frames.published.join(repeated, on=["release_id", "process_id"], how="anti"),
    )


def _as_decided(frames: DisclosureFrames, decided: pl.DataFrame) -> AuditFrames:
    """What is audited of a decision, before there are rounded figures."""
    return AuditFrames(
        members=frames.members,
        quantities=frames.quantities,
        shown=decided.filter(pl.col("disclosure").is_in(SHOWN)),
        figures=pl.DataFrame(schema=FIGURE),
        earlier=frames.published,
        contributors=frames.contributors,
        former=frames.former,
    )


def _proven(frames: DisclosureFrames, rules: DisclosureRules) -> pl.DataFrame:
    """Decide, audit and keep back until nothing follows: `background_disclosure.DECISION`.

    Decided again are the products of which a cell is kept back; audited again are all that plants
    make together with them.
    """
    cost = _costs(frames)
    kept_back: dict[str, set[str]] = {part: set() for part in PARTS}
    decided = pl.DataFrame(schema=DECISION)
    undecided = unproven = frames
    while True:
        fresh = decisions(undecided, rules, tuple(sorted(kept_back[WHOLE])))
        decided = pl.concat([decided.join(fresh, on="process_id", how="anti"), fresh])
        shown = decided.with_columns(
            pl.col(part) & ~pl.col("cell_id").is_in(sorted(kept_back[part]))
            for part in (STAGES, ELECTRICITY_USE)
        )
        audited = shown.join(unproven.members, on="process_id", how="semi")
        further = [
            (table, cell)
            for table, cell in _remedies(
                joint_tables(_as_decided(unproven, audited), rules), cost, rules
            )
            if cell not in kept_back[table.part]
        ]
        if not further:
            return shown.sort("process_id")
        for table, cell in further:
            kept_back[table.part].add(cell)
        unproven = _of_products(unproven, [table.rows for table, _ in further])
        undecided = _of_products(
            frames,
            [table.rows.filter(cell_id=cell) for table, cell in further if table.part == WHOLE],
        )


def _costs(frames: DisclosureFrames) -> dict[str, tuple[float, float]]:
    """What a cell costs to keep back: the share of its product's output that it stands for, in
    hundredths; and where equal, what of the emission of all is allocated to its product.
    """
    leaf = frames.quantities.filter(quantity=HEADLINE).sort("process_id", "submission_id")
    leaf = leaf.group_by(leaf_process_id="process_id").agg(pl.col("weight", "value").sum())
    return {
        cell: (weight, value)
        for cell, weight, value in frames.members.select("cell_id", "leaf_id", "leaf_process_id")
        .unique()
        .with_columns(
            product=pl.col("cell_id").str.replace(r"\|.*\|", "|"),
            own=pl.col("cell_id") == pl.col("leaf_id"),
        )
        .join(leaf, on="leaf_process_id")
        .sort("cell_id", "leaf_id")
        .with_columns(
            pl.col("weight") / pl.col("weight").filter("own").sum().over("product"),
            pl.col("value").filter("own").sum().over("product"),
        )
        .group_by("cell_id", maintain_order=True)
        .agg(pl.col("weight").sum().round(2), pl.col("value").first())
        .iter_rows()
    }


def _remedies(
    tables: Iterator[JointTable], cost: dict[str, tuple[float, float]], rules: DisclosureRules
) -> list[tuple[JointTable, str]]:
    """For products made together of which something follows: the table, and one cell to keep back.

    The score comes before flows, and these before stages and electricity: what is kept back for
    the one often mends the other.
    """
    chosen: dict[str, tuple[JointTable, str]] = {}
    for table in sorted(
        tables, key=lambda each: (each.component, each.part, each.quantity != HEADLINE)
    ):
        if table.component not in chosen and (cell := _remedy(table, cost, rules)):
            chosen[table.component] = (table, cell)
    return list(chosen.values())


def _remedy(
    table: JointTable, cost: dict[str, tuple[float, float]], rules: DisclosureRules
) -> str | None:
    """The cell whose absence mends most of what is found, for what it costs; None without any.

    Where no cell alone mends anything, the one that costs least is the first of several. What
    follows without all that could go cannot be mended, and nothing goes for it.
    """
    groups, spots = _faults(table, [], rules)
    if not spots:
        return None
    inside = np.any([spot != 0 for spot in spots], axis=0)
    holding = table.can_go & (table.published.holds[:, inside] != 0).any(axis=1)
    every = sorted({*table.cell[holding].tolist()})
    if len(_faults(table, table.cell.tolist(), rules, groups, spots)[1]) >= len(spots):
        return None
    ranked = []
    for cell in every:
        share, emission = cost[cell]
        mended = len(spots) - len(_faults(table, [cell], rules, groups, spots)[1])
        ranked.append((mended <= 0, (0.5 + 0.5 * share) / max(mended, 1), emission, cell))
    return min(ranked)[-1]


def _faults(
    table: JointTable,
    gone: list[str],
    rules: DisclosureRules,
    groups: frozenset[str] | None = None,
    among: list[NDArray[np.float64]] | None = None,
) -> tuple[frozenset[str], list[NDArray[np.float64]]]:
    """What stops a release where some cells are kept back: groups, coefficients of each sum.

    Of `groups` and `among` sums alone where given: what was found with more published.

    Figures that are no means cannot be judged: the proof at the end says so.
    """
    published = table.without(gone)
    try:
        found = audit_groups(published, rules, groups, among)
        cells = audit_cells(published, table.unsafe, rules) if table.quantity == HEADLINE else None
    except DisclosureError:
        return frozenset(), []
    everyone = np.arange(len(published.value))
    spots = [np.isin(everyone, places.to_numpy()).astype(np.float64) for places in found["places"]]
    if cells is not None:
        spots += [table.unsafe[cell] for cell in cells.filter(~pl.col("is_protected"))["cell_id"]]
    return frozenset(found["group"]), spots


def _of_products(frames: DisclosureFrames, rows: list[pl.DataFrame]) -> DisclosureFrames:
    """Return the frames of the products and years in some rows alone."""
    made = pl.concat(
        [
            pl.DataFrame(schema={"product_code": pl.String, "year": pl.Int64}),
            *(each.select("product_code", "year").unique() for each in rows),
        ]
    )
    cells = frames.cells.with_columns(pl.col("year").cast(pl.Int64)).join(
        made, on=["product_code", "year"], how="semi"
    )
    leaves = cells["process_id"].unique().implode()
    return replace(
        frames,
        cells=cells,
        members=frames.members.filter(pl.col("leaf_process_id").is_in(leaves)),
        quantities=frames.quantities.filter(pl.col("process_id").is_in(leaves)),
        flows=frames.flows.filter(pl.col("process_id").is_in(leaves)),
    )
