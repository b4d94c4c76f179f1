"""The id of a factor in Python, where no SQL runs.

Belongs here: the same id as dbt's macro `factor_id` gives; a test holds both side by side. Does not
belong here: what an id means (`docs/methods.md`).
"""

from __future__ import annotations

import polars as pl


def factor_id() -> pl.Expr:
    """Return the id of each row of `Vintage.values` (columns `replay.KEY`)."""
    life_cycle = pl.col("factor_kind").str.starts_with("life_cycle")
    technology = (
        pl.when(pl.col("technology") != "all")
        .then(pl.col("technology") + "_")
        .otherwise(pl.lit(""))
    )
    boundary = (
        pl.when(pl.col("system_boundary") == "cradle_to_busbar")
        .then(pl.lit("busbar"))
        .when(pl.col("includes_td_losses"))
        .then(pl.lit("user"))
        .otherwise(pl.lit("user_without_losses"))
    )
    variant = (
        pl.when(life_cycle).then(technology + boundary).otherwise(pl.col("import_factor_basis"))
    )
    weights = (
        pl.when((pl.col("gas_scope") == "CO2e") & ~life_cycle)
        .then("_" + pl.col("gwp_set").str.to_lowercase())
        .otherwise(pl.lit(""))
    )
    period = (
        pl.when(pl.col("resolution") == "month")
        .then(pl.col("period_start").dt.strftime("%Y-%m"))
        .otherwise(pl.col("period_start").dt.strftime("%Y"))
    )
    return pl.concat_str(
        pl.lit("electricity"),
        pl.col("factor_kind"),
        variant,
        pl.col("gas_scope").str.to_lowercase() + weights,
        pl.col("area_code"),
        period,
        separator=".",
    ).alias("factor_id")
