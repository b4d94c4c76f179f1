"""The synthetic candidate's tables beyond generation and supply, made from those by arithmetic.

Belongs here: comparison of bases, consumption, its origin and certificates of the invented
figures. Does not belong here: the figures themselves (`synthetic`).
"""

from __future__ import annotations

import polars as pl

_FACTOR = "decimal(18, 8)"

COLUMNS: dict[str, dict[str, str]] = {
    "basis_comparison": {
        "region_code": "varchar", "level": "varchar", "period_start": "date",
        "period_end": "date", "resolution": "varchar", "generation_basis_value": _FACTOR,
        "network_basis_value": _FACTOR, "consumption_mix_value": _FACTOR, "unit": "varchar",
        "network_less_generation": _FACTOR, "network_less_generation_share": _FACTOR,
        "consumption_less_network": _FACTOR, "consumption_less_network_share": _FACTOR,
    },
}  # fmt: skip

KEYS = {
    "basis_comparison": ["region_code", "period_start", "resolution"],
}


def basis_comparison(factors: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """Set the supply averages of both bases side by side; no consumption mix is published."""
    basis = pl.col("import_factor_basis")
    supply = factors.filter(pl.col("factor_kind") == "supply_average")
    generation, network = pl.col("generation_basis_value"), pl.col("network_basis_value")
    return (
        supply.group_by("region_code", "period_start", "period_end", "resolution")
        .agg(
            pl.col("value").filter(basis == "generation").first().alias("generation_basis_value"),
            pl.col("value").filter(basis == "network").first().alias("network_basis_value"),
        )
        .join(regions.select("region_code", "level"), on="region_code")
        .with_columns(
            pl.lit(None, pl.Float64).alias("consumption_mix_value"),
            pl.lit("kgCO2/kWh").alias("unit"),
            (network - generation).round(8).alias("network_less_generation"),
            (network / generation - 1).round(8).alias("network_less_generation_share"),
            pl.lit(None, pl.Float64).alias("consumption_less_network"),
            pl.lit(None, pl.Float64).alias("consumption_less_network_share"),
        )
        .select(list(COLUMNS["basis_comparison"]))
        .sort(KEYS["basis_comparison"])
    )
