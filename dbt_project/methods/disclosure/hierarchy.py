"""The cells of a dataset's hierarchy, and what becomes of a cell that cannot be published.

Belongs here: a product's cells over technology (each, `any`) and region (province, grid region,
nation), the tables of suppression made of them, the decision per dataset. Does not belong here: the
rules, the solver.

A dataset is one cell and is decided whole:

    open        the unit process with all its flows
    aggregated  scores and inventory results only
    merged      not published; users are sent to the cell named in `merged_into`
    withheld    not published, and no parent is

No single flow is ever masked: one flow left out of an open unit process follows from its score.

The ladder of parents keeps the technology as long as it can and widens the region first: another
technology is a worse proxy than another province (the pedigree factors of technological correlation
are larger than those of geographical correlation). It is a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from dbt_project.methods.disclosure.audit import Published
from dbt_project.methods.disclosure.published_form import contributors_band
from dbt_project.methods.disclosure.rules import (
    DisclosureError,
    DisclosureRules,
    flow_decisions,
    primary_decisions,
    sum_to_groups,
)
from dbt_project.methods.disclosure.suppression import Table, suppress

NATION = "CN"
ANY = "any"

Step = tuple[Literal["own", "any"], Literal["own", "grid", "nation"]]
LADDER: tuple[Step, ...] = (
    ("own", "grid"),
    ("own", "nation"),
    ("any", "own"),
    ("any", "grid"),
    ("any", "nation"),
)

_CELL = ["cell_id", "table_id", "product_code", "technology", "region_code", "year"]


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Cells and what they are made of.

    Attributes:
        cells: `cell_id`, `table_id`, `product_code`, `technology`, `region_code`, `year`,
            `technology_level` (own, any), `region_level` (own, grid, nation); sorted. A parent of
            exactly one cell is that cell, and not listed again.
        members: `cell_id`, `leaf_id`: the finest cells in each cell; sorted.
        parents: `leaf_id`, `step` (place in the ladder, from 0), `parent_id`; sorted.
    """

    cells: pl.DataFrame
    members: pl.DataFrame
    parents: pl.DataFrame


def cell_id(product_code: str, technology: str, region_code: str, year: int) -> str:
    """Identifier of a cell."""
    return f"{product_code}|{technology}|{region_code}|{year}"


def build_hierarchy(
    leaves: pl.DataFrame, grid_of: Mapping[str, str], ladder: Sequence[Step] = LADDER
) -> Hierarchy:
    """List every cell above the finest ones.

    Args:
        leaves: `product_code`, `technology`, `region_code`, `year`: one row per finest cell.
        grid_of: grid region of each province; each grid region is in the nation.
        ladder: parents in the order in which they are tried.

    Raises:
        DisclosureError: a province without grid region, or a leaf given twice.
    """
    keys = ["product_code", "technology", "region_code", "year"]
    finest = leaves.select(keys).sort(keys)
    if finest.height != finest.unique().height:
        raise DisclosureError("DC060: a finest cell is given twice: sum plants to cells first")
    unknown = sorted(set(finest["region_code"]) - set(grid_of) - {NATION} - set(grid_of.values()))
    if unknown:
        raise DisclosureError(
            f"DC061: no grid region is given for {', '.join(unknown)}: add it to the map of regions"
        )
    finest = finest.with_columns(leaf_id=_identifier(*keys))
    region = {
        "own": pl.col("region_code"),
        "grid": pl.col("region_code").replace(dict(grid_of)),
        "nation": pl.lit(NATION),
    }
    technology = {"own": pl.col("technology"), "any": pl.lit(ANY)}
    steps: list[Step] = [("own", "own"), *ladder]
    placed = pl.concat(
        [
            finest.select(
                "leaf_id",
                "product_code",
                "year",
                technology=technology[tech],
                region_code=region[area],
                technology_level=pl.lit(tech),
                region_level=pl.lit(area),
                step=pl.lit(step, dtype=pl.Int64),
            )
            for step, (tech, area) in enumerate(steps)
        ]
    ).with_columns(
        cell_id=_identifier("product_code", "technology", "region_code", "year"),
        table_id=pl.concat_str("product_code", pl.col("year").cast(pl.String), separator="|"),
    )
    # A parent with the same finest cells as one before it in the ladder is the same dataset.
    content = (
        placed.sort("step", "leaf_id")
        .group_by("cell_id", maintain_order=True)
        .agg(pl.col("step").min(), pl.col("leaf_id").unique().sort().str.join("\n").alias("all"))
        .sort("step", "cell_id")
        .with_columns(first=pl.col("cell_id").first().over("all"))
    )
    placed = placed.join(content.select("cell_id", "first"), on="cell_id")
    kept = placed.filter(pl.col("cell_id") == pl.col("first"))
    cells = (
        kept.sort("step")
        .unique("cell_id", keep="first", maintain_order=True)
        .select(*_CELL, "technology_level", "region_level")
        .sort("cell_id")
    )
    members = kept.select("cell_id", "leaf_id").unique().sort("cell_id", "leaf_id")
    parents = (
        placed.filter(pl.col("first") != pl.col("leaf_id"))
        .sort("leaf_id", "step")
        .unique(["leaf_id", "first"], keep="first", maintain_order=True)
        .select("leaf_id", step=pl.col("step") - 1, parent_id="first")
        .sort("leaf_id", "step")
    )
    return Hierarchy(cells, members, parents)


def _identifier(*columns: str) -> pl.Expr:
    return pl.concat_str([pl.col(c).cast(pl.String) for c in columns], separator="|")


def over_cells(contributions: pl.DataFrame, hierarchy: Hierarchy) -> pl.DataFrame:
    """Give every cell its contributions: rows of leaves repeated for each cell above.

    Args:
        contributions: with `leaf_id`.

    Returns:
        The same with `cell_id` and `table_id`.
    """
    return contributions.join(hierarchy.members, on="leaf_id").join(
        hierarchy.cells.select("cell_id", "table_id"), on="cell_id"
    )


@dataclass(frozen=True, eq=False)
class TableKeys:
    """A table of suppression and what its indices stand for."""

    table: Table
    table_id: str
    current: tuple[str, ...]
    groups: tuple[str, ...]


def build_tables(
    contributions: pl.DataFrame,
    hierarchy: Hierarchy,
    barred: pl.Series,
    history: pl.DataFrame | None = None,
) -> list[TableKeys]:
    """Make the tables of suppression, one per product and year.

    Args:
        contributions: `leaf_id`, `group_code`, `weight`, `value`, summed to groups.
        hierarchy: of these leaves.
        barred: cells that are not published for reasons of their own.
        history: `release_id`, `cell_id`, `leaf_id`, `group_code`, `weight`, `value`: what earlier
            releases published, as recorded then; cells that are no longer in the hierarchy count.

    Returns:
        Tables sorted by identifier; rows are the current cells in order, then the earlier ones.
    """
    now = over_cells(contributions, hierarchy).select(
        "table_id", "leaf_id", "group_code", "value", row="cell_id", kind=pl.lit("now")
    )
    parts = [now]
    if history is not None and history.height:
        table_id = pl.col("cell_id").str.extract(r"^([^|]*)\|") + pl.lit("|") + pl.col(
            "cell_id"
        ).str.extract(r"([^|]*)$")  # fmt: skip
        parts.append(
            history.select(
                table_id.alias("table_id"),
                "leaf_id",
                "group_code",
                pl.col("value").cast(pl.Float64),
                row=pl.concat_str("release_id", "cell_id", separator="\x1f"),
                kind=pl.lit("then"),
            ).filter(pl.col("table_id").is_in(now["table_id"].unique().implode()))
        )
    # A figure is the same in two releases when it agrees to ten digits.
    rows = pl.concat(parts).with_columns(figure=pl.col("value").round_sig_figs(10))
    keys = ["table_id", "leaf_id", "group_code", "figure"]
    atoms = (
        rows.sort(*keys, "kind", "row")
        .group_by(keys, maintain_order=True)
        .agg(
            pl.col("value").first().abs(),
            pl.concat_str("kind", "row", separator="\x1e").unique().sort().str.join("\x1d")
            .alias("signature"),
        )
    )  # fmt: skip
    weights = now.select("table_id", "row", "leaf_id", "group_code").join(
        contributions.select("leaf_id", "group_code", "weight"), on=["leaf_id", "group_code"]
    )
    weight_of = dict(
        weights.sort("row", "leaf_id", "group_code")
        .group_by("row", maintain_order=True)
        .agg(pl.col("weight").sum())
        .iter_rows()
    )
    forbidden = set(barred)
    order = {c: n for n, c in enumerate(hierarchy.cells["cell_id"])}
    tables = []
    for (table_id,), part in atoms.group_by("table_id", maintain_order=True):
        atom_key = part.select(pl.concat_str("leaf_id", "signature", separator="\x1c"))
        names = atom_key.to_series().unique().sort()
        atom = atom_key.to_series().replace_strict(names, np.arange(len(names)))
        groups = part["group_code"].unique().sort()
        group = part["group_code"].replace_strict(groups, np.arange(len(groups)))
        held = [name.split("\x1c")[1].split("\x1d") for name in names]
        labels = sorted(
            {label for each in held for label in each},
            key=lambda label: (
                label.startswith("then"),
                order.get(label.split("\x1e")[1], -1),
                label,
            ),
        )
        index = {label: n for n, label in enumerate(labels)}
        matrix = np.zeros((len(labels), len(names)), dtype=bool)
        for column, each in enumerate(held):
            matrix[[index[label] for label in each], column] = True
        current = tuple(label.split("\x1e")[1] for label in labels if label.startswith("now"))
        is_known = np.array([label.startswith("then") for label in labels])
        weight = np.array([weight_of[c] for c in current])
        cost = np.ones(len(labels))
        # Half by the output a cell stands for, half by its being a dataset at all.
        cost[: len(current)] = 0.5 + 0.5 * weight / weight.max()
        is_barred = np.zeros(len(labels), dtype=bool)
        is_barred[: len(current)] = [c in forbidden for c in current]
        # What is published again unchanged says nothing new.
        old = {row.tobytes() for row in matrix[is_known]}
        again = np.array([not k and r.tobytes() in old
                          for k, r in zip(is_known, matrix, strict=True)])  # fmt: skip
        table = Table(
            atom.to_numpy().astype(np.int64),
            group.to_numpy().astype(np.int64),
            part["value"].to_numpy(),
            matrix,
            is_known | (again & ~is_barred),
            is_barred,
            cost,
            matrix[: len(current)],
        )
        tables.append(TableKeys(table, str(table_id), current, tuple(groups)))
    return tables


def decide(
    contributions: pl.DataFrame,
    hierarchy: Hierarchy,
    rules: DisclosureRules,
    *,
    history: pl.DataFrame | None = None,
    flows: pl.DataFrame | None = None,
    barred: pl.DataFrame | None = None,
    held: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Decide every dataset: primary rules, secondary suppression, then the ladder.

    Args:
        contributions: `leaf_id`, `group_code`, `weight`, `value`; plants or groups.
        hierarchy: of these leaves.
        rules: the parameters.
        history: see `build_tables`.
        flows: `leaf_id`, `flow_id`, `group_code`, `weight`, `value`; without it nothing is open.
        barred: `cell_id`, `reason`: cells that another step keeps back.
        held: `cell_id`, `n_groups`: cells whose last published value stands, with the number of
            groups it was made of; they must be in `history`, and say nothing new.

    Returns:
        One row per cell, sorted: `cell_id`, `disclosure` (open, aggregated, merged, withheld),
        `merged_into`, `contributors_band` (null where not published), `is_held`, and,
        confidential, `reason` (`primary`, `review`, `secondary` or that of `barred`; null where
        published) and `n_groups`.

    Raises:
        DisclosureError: a cell is to be held that no earlier release published.
    """
    summed = _summed(contributions)
    spread = over_cells(summed, hierarchy)
    judged = primary_decisions(spread.drop("leaf_id", "table_id"), rules)
    reasons = judged.select(
        "cell_id",
        "n_groups",
        reason=pl.when(pl.col("status") == "review")
        .then(pl.lit("review"))
        .when(pl.col("status") == "unsafe")
        .then(pl.lit("primary")),
    )
    if barred is not None:
        reasons = reasons.join(
            barred.select("cell_id", other="reason").unique("cell_id"), on="cell_id", how="left"
        ).select("cell_id", "n_groups", reason=pl.coalesce("reason", "other"))
    stands = _held(held, history, set(reasons.filter(pl.col("reason").is_null())["cell_id"]))
    closed = reasons.filter(
        pl.col("reason").is_not_null() | pl.col("cell_id").is_in(sorted(stands))
    )["cell_id"]
    published: set[str] = set(stands)
    for keyed in build_tables(summed, hierarchy, closed, history):
        pattern = suppress(keyed.table, rules)
        published |= {
            c for c, p in zip(keyed.current, pattern.is_published, strict=False) if p
        } - set(closed)
    reasons = reasons.with_columns(
        is_held=pl.col("cell_id").is_in(sorted(stands)),
        n_groups=pl.col("cell_id").replace_strict(stands, default=pl.col("n_groups"))
        if stands
        else pl.col("n_groups"),
    )
    is_published = pl.col("cell_id").is_in(sorted(published))
    landing = (
        hierarchy.parents.filter(pl.col("parent_id").is_in(sorted(published)))
        .sort("leaf_id", "step")
        .unique("leaf_id", keep="first", maintain_order=True)
        .select(cell_id="leaf_id", merged_into="parent_id")
    )
    whole = _open_cells(flows, hierarchy, rules, judged, published - set(stands))
    return (
        reasons.join(landing, on="cell_id", how="left")
        .with_columns(
            disclosure=pl.when(is_published & pl.col("cell_id").is_in(whole))
            .then(pl.lit("open"))
            .when(is_published)
            .then(pl.lit("aggregated"))
            .when(pl.col("merged_into").is_not_null())
            .then(pl.lit("merged"))
            .otherwise(pl.lit("withheld")),
            merged_into=pl.when(~is_published).then("merged_into"),
            reason=pl.when(~is_published).then(pl.coalesce("reason", pl.lit("secondary"))),
            contributors_band=pl.when(is_published).then(
                pl.col("n_groups").clip(3).replace_strict(_bands(reasons["n_groups"]))
            ),
        )
        .select(
            "cell_id",
            "disclosure",
            "merged_into",
            "contributors_band",
            "is_held",
            "reason",
            "n_groups",
        )
        .sort("cell_id")
    )


def _held(
    held: pl.DataFrame | None, history: pl.DataFrame | None, safe: set[str]
) -> dict[str, int]:
    """Cells whose earlier value stands, and their groups then; none that is unsafe by now."""
    if held is None or held.is_empty():
        return {}
    earlier = set() if history is None else set(history["cell_id"])
    never = sorted(set(held["cell_id"]) - earlier)
    if never:
        raise DisclosureError(
            f"DC062: {never[0]} is to be held, but no earlier release published it: withhold it"
        )
    return {c: int(n) for c, n in held.select("cell_id", "n_groups").iter_rows() if c in safe}


def _bands(counts: pl.Series) -> dict[int, str]:
    return {n: contributors_band(n) for n in sorted({max(int(c), 3) for c in counts})}


def _summed(contributions: pl.DataFrame) -> pl.DataFrame:
    return sum_to_groups(contributions.rename({"leaf_id": "cell_id"})).rename(
        {"cell_id": "leaf_id"}
    )


def _open_cells(
    flows: pl.DataFrame | None,
    hierarchy: Hierarchy,
    rules: DisclosureRules,
    judged: pl.DataFrame,
    published: set[str],
) -> list[str]:
    """Cells shown with all flows: each flow safe, and no two of them overlapping.

    Overlapping ones would give flows of what lies between them; the finer one is open.
    """
    if flows is None:
        return []
    spread = over_cells(flows, hierarchy).drop("leaf_id", "table_id")
    whole = flow_decisions(spread, rules, decisions=judged).filter("is_whole")["cell_id"]
    candidates = (
        hierarchy.members.filter(
            pl.col("cell_id").is_in(whole.implode()) & pl.col("cell_id").is_in(sorted(published))
        )
        .with_columns(size=pl.len().over("cell_id"))
        .sort("size", "cell_id", "leaf_id")
        .group_by("cell_id", maintain_order=True)
        .agg("leaf_id")
    )
    taken: set[str] = set()
    open_cells = []
    for cell, leaves in candidates.iter_rows():
        if taken.isdisjoint(leaves):
            taken.update(leaves)
            open_cells.append(cell)
    return sorted(open_cells)


def published_facts(records: pl.DataFrame) -> Published:
    """Everything published of a table as the audit wants it.

    Args:
        records: `release_id`, `cell_id`, `leaf_id`, `group_code`, `weight`, `value`, and on every
            row the cell's `published` mean and `half_unit`; one row per group and finest cell.

    Returns:
        Figures that agree to ten digits in two releases are one unknown.
    """
    figure = pl.col("value").round_sig_figs(10)
    keyed = records.with_columns(figure=figure).sort(
        "release_id", "cell_id", "leaf_id", "group_code"
    )
    keys = ["leaf_id", "group_code", "figure"]
    unknown = keyed.group_by(keys).agg(pl.col("value").min()).sort(keys)
    numbered = keyed.join(unknown.with_row_index("k").select(*keys, "k"), on=keys)
    cells = (
        numbered.sort("release_id", "cell_id", "k")
        .group_by("release_id", "cell_id", maintain_order=True)
        .agg(pl.col("weight").sum(), pl.col("published", "half_unit").first(), "k")
    )
    holds = np.zeros((cells.height, unknown.height))
    for row, places in enumerate(cells["k"]):
        holds[row, places.to_numpy()] = 1.0
    weight = cells["weight"].to_numpy()
    return Published(
        unknown["group_code"].to_numpy().astype(str),
        unknown["value"].to_numpy(),
        holds,
        cells["published"].cast(pl.Float64).to_numpy() * weight,
        cells["half_unit"].cast(pl.Float64).to_numpy() * weight,
    )
