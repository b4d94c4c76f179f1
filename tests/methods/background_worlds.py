"""A small database of questionnaires for tests of the background methods. Tests only."""

from __future__ import annotations

import polars as pl

from dbt_project.methods.dataset_identity import process_id
from dbt_project.methods.disclosure.rules import DisclosureRules

# The parameters of these tests, no one's real ones.
RULES = DisclosureRules(3, ((1, 0.75), (2, 0.9)), p=0.1, q=0.3)
GRID = pl.DataFrame(
    {
        "region_code": ["310000", "320000", "340000", "410000"],
        "grid_region_code": ["GRID_EAST", "GRID_EAST", "GRID_EAST", "GRID_CENTRAL"],
    }
)
KEYS = ["product_code", "technology", "region_code", "year", "allocation"]


def cells(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Cells of 2023 from (technology, region, allocation) of one product."""
    frame = pl.DataFrame(
        [("steel.rebar", technology, region, 2023, basis) for technology, region, basis in rows],
        schema=KEYS, orient="row",
    )  # fmt: skip
    return frame.with_columns(
        process_id=pl.Series([process_id(*row) for row in frame.iter_rows()]),
        unit=pl.lit("kg"),
    )


def market(of: pl.DataFrame, region: str = "CN") -> pl.DataFrame:
    """The market of a region over some cells, as `int_market_share` has it."""
    market_id = process_id("steel.rebar", "market", region, 2023, "none")
    return of.select(
        market_id=pl.lit(market_id), provider_id="process_id", region_code=pl.lit(region)
    )
