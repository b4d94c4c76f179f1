"""The synthetic candidate's tables about the fit of interchange.

Belongs here: invented reports and strains for `synthetic`. Does not belong here: the flows
themselves, and the candidate around all tables.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from expectations import coverage

_ENERGY = "decimal(38, 6)"

COLUMNS: dict[str, dict[str, str]] = {
    "interchange_fit": {
        "kind": "varchar", "from_region_code": "varchar", "to_region_codes": "varchar",
        "period_start": "date", "period_end": "date", "use": "varchar", "reported_mwh": _ENERGY,
        "estimated_mwh": _ENERGY, "deviation": "decimal(18, 8)", "relative_sd": "decimal(9, 6)",
        "z_score": "decimal(18, 6)", "within_95": "boolean", "step_start": "date",
        "step_mwh": _ENERGY, "step_estimated_mwh": _ENERGY, "step_relative_sd": "decimal(9, 6)",
        "multiplier": "decimal(18, 6)", "method_id": "varchar", "source_id": "varchar",
        "reason_zh": "varchar", "reason_en": "varchar",
    },
    "balance_strain": {
        "kind": "varchar", "region_code": "varchar", "to_region_code": "varchar",
        "period_start": "date", "period_end": "date", "consumption_mwh": _ENERGY,
        "difference_mwh": _ENERGY, "z_score": "decimal(18, 6)", "capacity_mwh": _ENERGY,
        "flow_mwh": _ENERGY, "multiplier": "decimal(18, 6)",
    },
}  # fmt: skip

KEYS = {
    "interchange_fit": [
        "kind", "from_region_code", "to_region_codes", "period_start", "period_end",
    ],
    "balance_strain": ["kind", "region_code", "to_region_code", "period_start"],
}  # fmt: skip


def make_interchange(release_month: str) -> dict[str, pl.DataFrame]:
    """Return a report that is met, one that bounds, and balances that hardly strain."""
    met = {
        "kind": "interregional", "from_region_code": "GRID_NORTH", "to_region_codes": "GRID_EAST",
        "period_start": dt.date(2019, 1, 1), "period_end": dt.date(2019, 10, 31),
        "use": "equality", "reported_mwh": 100.0, "estimated_mwh": 102.0, "deviation": 0.02,
        "relative_sd": 0.05, "z_score": 0.4, "within_95": True,
        "step_start": dt.date(2019, 1, 1), "step_mwh": 100.0, "step_estimated_mwh": 102.0,
        "step_relative_sd": 0.05, "multiplier": 8.0, "method_id": "reported_transfer",
        "source_id": "bulletin", "reason_zh": "净交换量", "reason_en": "net exchange",
    }  # fmt: skip
    kept = met | {
        "kind": "province_gross_export", "from_region_code": "140000", "to_region_codes": "ALL",
        "use": "upper_bound", "estimated_mwh": 90.0, "deviation": -0.1, "z_score": -2.0,
        "step_estimated_mwh": 90.0, "multiplier": 0.0, "reason_zh": "上限", "reason_en": "bound",
    }  # fmt: skip
    fit = pl.DataFrame([met, kept])
    months = pl.DataFrame({"period_start": coverage.months(release_month)})
    strain = (
        pl.DataFrame({"region_code": list(coverage.PROVINCES)})
        .join(months, how="cross")
        .select(
            pl.lit("balance").alias("kind"),
            "region_code",
            pl.lit("none").alias("to_region_code"),
            "period_start",
            pl.col("period_start").dt.month_end().alias("period_end"),
            pl.lit(100.0).alias("consumption_mwh"),
            pl.lit(0.5).alias("difference_mwh"),
            pl.lit(0.25).alias("z_score"),
            pl.lit(None, dtype=pl.Float64).alias("capacity_mwh"),
            pl.lit(None, dtype=pl.Float64).alias("flow_mwh"),
            pl.lit(12.5).alias("multiplier"),
        )
    )
    full = strain.head(1).with_columns(
        pl.lit("corridor").alias("kind"),
        pl.lit("120000").alias("to_region_code"),
        pl.lit(None, dtype=pl.Float64).alias("consumption_mwh"),
        pl.lit(None, dtype=pl.Float64).alias("difference_mwh"),
        pl.lit(None, dtype=pl.Float64).alias("z_score"),
        pl.lit(10.0).alias("capacity_mwh"),
        pl.lit(10.0).alias("flow_mwh"),
        pl.lit(1.5).alias("multiplier"),
    )
    return {"interchange_fit": fit, "balance_strain": pl.concat([strain, full])}
