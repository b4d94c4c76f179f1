"""From the cells that plants report to the cells that may be published: wider ones above them.

Belongs here: the ladder of parents that this warehouse publishes, which process of the life-cycle
system stands for each cell, and which cell a market is. Does not belong here: the hierarchy itself
(`disclosure.hierarchy`), averages of exchanges (SQL), decisions (`background_disclosure`).

A cell of the questionnaires is product, technology, province, year and allocation. Above it stand
the same technology in the grid region and in the nation, and the product by any technology in the
province, the grid region and the nation. Two ways of allocating are two technologies here, since
their averages must not be mixed; `any` mixes all, as a buyer does who does not know.

A process stands for each cell: the unit process of the questionnaires, a market where one has
exactly these makers, and otherwise an average of its own (`widened`).
"""

from __future__ import annotations

import polars as pl

from dbt_project.methods.dataset_identity import process_id
from dbt_project.methods.disclosure.hierarchy import ANY, Hierarchy, build_hierarchy

CELL_KEYS = ("product_code", "technology", "region_code", "year", "allocation")
# Technology and allocation as one word of the hierarchy; neither holds the separator.
_JOINT = "/"

MEMBER = {
    "cell_id": pl.String(),
    "process_id": pl.String(),
    "cell_type": pl.String(),
    "product_code": pl.String(),
    "technology": pl.String(),
    "region_code": pl.String(),
    "year": pl.Int64(),
    "allocation": pl.String(),
    "leaf_id": pl.String(),
    "leaf_process_id": pl.String(),
}


def cell_hierarchy(cells: pl.DataFrame, grid_region: pl.DataFrame) -> Hierarchy:
    """Return the hierarchy over the cells of the questionnaires.

    Args:
        cells: `CELL_KEYS`, one row per cell that plants report.
        grid_region: `region_code`, `grid_region_code`.

    Raises:
        DisclosureError: a province without grid region, or a cell given twice.
    """
    grid_of = dict(grid_region.select("region_code", "grid_region_code").sort("region_code").rows())
    return build_hierarchy(cells.with_columns(technology=_joint()), grid_of)


def cell_members(
    cells: pl.DataFrame, grid_region: pl.DataFrame, market_share: pl.DataFrame
) -> pl.DataFrame:
    """List every cell with what it is made of and the process that stands for it.

    Args:
        cells: `process_id` and `CELL_KEYS`, one row per cell that plants report.
        grid_region: `region_code`, `grid_region_code`.
        market_share: `market_id`, `provider_id` (a process of `cells`), `region_code` of the
            market.

    Returns:
        `MEMBER`, one row per cell and finest cell in it, sorted. `cell_type` is `leaf`, `market`
        (the process is that market) or `widened` (the process is new and is to be averaged).
        Markets that hold exactly the finest cells of a `leaf` or `widened` cell stand here as
        well, as further rows of the same cell.
    """
    if not cells.height:
        return pl.DataFrame(schema=MEMBER)
    hierarchy = cell_hierarchy(cells, grid_region)
    leaves = cells.select(
        pl.concat_str("product_code", _joint(), "region_code", pl.col("year").cast(pl.String),
                      separator="|").alias("leaf_id"),
        leaf_process_id="process_id",
    )  # fmt: skip
    members = hierarchy.members.join(leaves, on="leaf_id", how="left")
    content = _content(members, "cell_id", "leaf_process_id")
    market = (
        _content(market_share, "market_id", "provider_id")
        .join(content, on="content")
        .join(
            market_share.select("market_id", market_region="region_code").unique(), on="market_id"
        )
        .select("cell_id", "market_id", "market_region")
    )
    split = pl.col("technology").str.split_exact(_JOINT, 1)
    described = (
        hierarchy.cells.with_columns(
            technology=split.struct.field("field_0"),
            allocation=split.struct.field("field_1").fill_null("none"),
        )
        .join(
            leaves.rename({"leaf_id": "cell_id", "leaf_process_id": "own_id"}),
            on="cell_id", how="left",
        )
    )  # fmt: skip
    # A market of several technologies is what a buyer of any technology buys: no second average.
    by_any = described.filter(pl.col("own_id").is_null() & (pl.col("technology") == ANY)).join(
        market, on="cell_id", how="semi"
    )
    own = described.join(by_any, on="cell_id", how="anti").with_columns(
        cell_type=pl.when(pl.col("own_id").is_null()).then(pl.lit("widened")).otherwise(
            pl.lit("leaf")
        ),
        process_id=pl.coalesce("own_id", _process_ids(described.join(by_any, on="cell_id",
                                                                     how="anti"))),
    )  # fmt: skip
    markets = described.join(market, on="cell_id").with_columns(
        cell_type=pl.lit("market"),
        process_id="market_id",
        technology=pl.lit("market"),
        allocation=pl.lit("none"),
        region_code="market_region",
    )
    columns = ["cell_id", "process_id", "cell_type", *CELL_KEYS]
    return (
        pl.concat([own.select(columns), markets.select(columns)])
        .join(members, on="cell_id")
        .select(pl.col(name).cast(kind) for name, kind in MEMBER.items())
        .sort("process_id", "leaf_process_id")
    )


def _joint() -> pl.Expr:
    return pl.concat_str("technology", "allocation", separator=_JOINT)


def _content(frame: pl.DataFrame, group: str, member: str) -> pl.DataFrame:
    """Say which groups hold which members, as one text each."""
    return (
        frame.sort(group, member)
        .group_by(group, maintain_order=True)
        .agg(pl.col(member).str.join("\n").alias("content"))
    )


def _process_ids(cells: pl.DataFrame) -> pl.Series:
    """Return the identifiers of cells as processes; one for each row."""
    return pl.Series(
        "process_id",
        [process_id(*row) for row in cells.select(CELL_KEYS).iter_rows()],
        dtype=pl.String,
    )
