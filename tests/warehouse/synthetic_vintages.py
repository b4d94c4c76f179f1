"""The synthetic candidate's history: values that came early, moved once and stand since.

Belongs here: invented vintages of the factors for `synthetic`. Does not belong here: the factors
themselves, and the candidate around all tables.
"""

from __future__ import annotations

import polars as pl

from expectations import coverage

_FACTOR, _ERROR = "decimal(18, 12)", "decimal(18, 8)"

COLUMNS: dict[str, dict[str, str]] = {
    "factor_history": {
        "factor_id": "varchar", "region_code": "varchar", "period_start": "date",
        "period_end": "date", "resolution": "varchar", "factor_kind": "varchar",
        "gas_scope": "varchar", "system_boundary": "varchar", "import_factor_basis": "varchar",
        "known_on": "date", "superseded_on": "date", "value": _FACTOR, "unit": "varchar",
        "maturity": "varchar",
    },
    "factor_revision": {
        "factor_id": "varchar", "region_code": "varchar", "period_start": "date",
        "period_end": "date", "resolution": "varchar", "factor_kind": "varchar",
        "import_factor_basis": "varchar", "known_on": "date", "previous_value": _FACTOR,
        "value": _FACTOR, "change": _FACTOR, "relative_change": _ERROR, "unit": "varchar",
        "by_data": _FACTOR, "by_upstream": _FACTOR, "by_method": _FACTOR,
        "by_correction": _FACTOR, "main_cause": "varchar",
    },
    "nowcast_backtest": {
        "region_code": "varchar", "factor_kind": "varchar", "import_factor_basis": "varchar",
        "maturity": "varchar", "months_ahead": "integer", "first_month": "date",
        "last_month": "date", "months": "integer", "final_months": "integer",
        "mean_error": _ERROR, "mean_absolute_error": _ERROR, "relative_absolute_error": _ERROR,
        "largest_error": _ERROR, "largest_error_month": "date", "unit": "varchar",
    },
}  # fmt: skip

KEYS = {
    "factor_history": ["factor_id", "known_on"],
    "factor_revision": ["factor_id", "known_on"],
    "nowcast_backtest": [
        "region_code", "factor_kind", "import_factor_basis", "maturity", "months_ahead",
    ],
}  # fmt: skip

_DIRECT = ["generation_average", "supply_average", "consumption_mix", "fossil_power"]


def make_vintages(factor: pl.DataFrame, release_month: str) -> dict[str, pl.DataFrame]:
    """Return the history in which the newest three months came early, at nine tenths of their
    value, and were revised on the twentieth of the next month.
    """
    newest = coverage.parse_release_month(release_month)
    revised_on = pl.lit(newest).dt.offset_by("1mo").dt.offset_by("19d")
    kind = pl.col("factor_kind")
    standing = factor.filter(
        (kind.is_in(_DIRECT) & (pl.col("gas_scope") == "CO2"))
        | ((kind == "life_cycle_consumption") & pl.col("includes_td_losses"))
    ).with_columns(revised_on.alias("known_on"), pl.lit(None, pl.Date).alias("superseded_on"))
    early = standing.filter(
        (pl.col("period_start") >= coverage.months(release_month)[-3])
        & (pl.col("resolution") == "month")
    ).with_columns(
        (pl.col("value") * 0.9).round(8).alias("value"),
        pl.col("period_end").alias("known_on"),
        revised_on.alias("superseded_on"),
        pl.lit("nowcast").alias("maturity"),
    )
    return {
        "factor_history": pl.concat([standing, early])
        .select(list(COLUMNS["factor_history"]))
        .sort(KEYS["factor_history"]),
        "factor_revision": _revisions(standing, early),
        "nowcast_backtest": _backtest(standing, early),
    }


def _revisions(standing: pl.DataFrame, early: pl.DataFrame) -> pl.DataFrame:
    change = (pl.col("value") - pl.col("previous_value")).round(12)
    return (
        standing.join(
            early.select("factor_id", pl.col("value").alias("previous_value")), on="factor_id"
        )
        .with_columns(
            change.alias("change"),
            (change / pl.col("previous_value")).round(8).alias("relative_change"),
            change.alias("by_data"),
            *(pl.lit(0.0).alias(f"by_{cause}") for cause in ("upstream", "method", "correction")),
            pl.lit("data").alias("main_cause"),
        )
        .filter(pl.col("change") != 0)
        .select(list(COLUMNS["factor_revision"]))
        .sort(KEYS["factor_revision"])
    )


def _backtest(standing: pl.DataFrame, early: pl.DataFrame) -> pl.DataFrame:
    error = pl.col("value") - pl.col("final_value")
    final = standing.select("factor_id", pl.col("value").alias("final_value"))
    return (
        early.filter(pl.col("gas_scope") == "CO2")
        .join(final, on="factor_id")
        .with_columns(error.alias("error"), pl.lit(1).alias("months_ahead"))
        .sort("period_start")
        .group_by(KEYS["nowcast_backtest"], maintain_order=True)
        .agg(
            pl.col("period_start").first().alias("first_month"),
            pl.col("period_start").last().alias("last_month"),
            pl.len().alias("months"),
            pl.len().alias("final_months"),
            pl.col("error").mean().round(8).alias("mean_error"),
            pl.col("error").abs().mean().round(8).alias("mean_absolute_error"),
            pl.lit(0.1).alias("relative_absolute_error"),
            pl.col("error").min().round(8).alias("largest_error"),
            pl.col("period_start").last().alias("largest_error_month"),
            pl.col("unit").first(),
        )
        .select(list(COLUMNS["nowcast_backtest"]))
        .sort(KEYS["nowcast_backtest"])
    )
