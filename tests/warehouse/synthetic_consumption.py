"""The synthetic candidate's tables of consumption, claims and import bases, by arithmetic.

Belongs here: where consumption comes from, what is claimed of it, and bases side by side. Does not
belong here: generation and flows (`synthetic`), and factors (`synthetic_factors`).
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from expectations import coverage
from tests.warehouse import synthetic_areas as areas
from tests.warehouse import synthetic_factors as factors

_ENERGY, _FACTOR = "decimal(38, 6)", "decimal(18, 8)"

COLUMNS: dict[str, dict[str, str]] = {
    "basis_comparison": {
        "region_code": "varchar", "level": "varchar", "period_start": "date",
        "period_end": "date", "resolution": "varchar", "generation_basis_value": _FACTOR,
        "network_basis_value": _FACTOR, "consumption_mix_value": _FACTOR, "unit": "varchar",
        "network_less_generation": _FACTOR, "network_less_generation_share": _FACTOR,
        "consumption_less_network": _FACTOR, "consumption_less_network_share": _FACTOR,
    },
    "consumption_mix": {
        "region_code": "varchar", "period_start": "date", "period_end": "date",
        "resolution": "varchar", "technology": "varchar", "consumption_mwh": _ENERGY,
        "share": _FACTOR, "maturity": "varchar",
    },
    "consumption_origin": {
        "region_code": "varchar", "period_start": "date", "period_end": "date",
        "resolution": "varchar", "origin_region_code": "varchar", "energy_mwh": _ENERGY,
        "storage_loss_mwh": _ENERGY, "share": _FACTOR, "co2_kg": _ENERGY, "ch4_kg": _ENERGY,
        "n2o_kg": _ENERGY, "lca_co2e_kg": _ENERGY, "maturity": "varchar",
    },
    "residual_balance": {
        "region_code": "varchar", "period_start": "date", "period_end": "date",
        "resolution": "varchar", "consumed_mwh": _ENERGY, "claimed_mwh": _ENERGY,
        "uncertified_mwh": _ENERGY, "pool_mwh": _ENERGY, "residual_mwh": _ENERGY,
        "storage_loss_mwh": _ENERGY,
        **{
            f"{part}_{amount}": _ENERGY
            for amount in ("co2_kg", "ch4_kg", "n2o_kg", "lca_co2e_kg")
            for part in ("uncertified", "pool", "residual")
        },
        "maturity": "varchar",
    },
    "certificate_balance": {
        "region_code": "varchar", "period_start": "date", "period_end": "date",
        "resolution": "varchar", "technology": "varchar", "total_mwh": _ENERGY,
        "claimed_mwh": _ENERGY, "residual_mwh": _ENERGY, "attribute_net_mwh": _ENERGY,
        "lca_co2e_kg": _ENERGY, "quality_tier": "varchar", "maturity": "varchar",
    },
}  # fmt: skip

KEYS = {
    "basis_comparison": ["region_code", "period_start", "resolution"],
    "consumption_mix": ["region_code", "period_start", "resolution", "technology"],
    "consumption_origin": ["region_code", "period_start", "resolution", "origin_region_code"],
    "residual_balance": ["region_code", "period_start", "resolution"],
    "certificate_balance": ["region_code", "period_start", "resolution", "technology"],
}

FIRST_CLAIM = dt.date(2019, 1, 1)
LOST_IN_STORAGE = 0.002
_PERIOD = ["region_code", "resolution", "period_start"]


def consumption_origin(mix: pl.DataFrame, flows: pl.DataFrame, release_month: str) -> pl.DataFrame:
    """Follow each province's generation to where it is consumed, month by month."""
    parts = []
    for month in coverage.months(release_month):
        energy, _, matrix = factors.solve(mix, flows, "month", month)
        through = energy + matrix.sum(axis=1)
        share = np.linalg.solve(np.diag(through) - matrix, np.diag(energy))
        consumed = (through - matrix.sum(axis=0))[:, None] * share
        to, origin = np.nonzero(consumed > 1e-6)
        parts.append(
            pl.DataFrame(
                {
                    "region_code": [coverage.PROVINCES[i] for i in to],
                    "origin_region_code": [coverage.PROVINCES[i] for i in origin],
                    "energy_mwh": consumed[to, origin],
                }
            ).with_columns(pl.lit(month).alias("period_start"))
        )
    carried = ["co2_kg", "ch4_kg", "n2o_kg", "lca_co2e_kg"]
    generated = (
        mix.filter(pl.col("resolution") == "month")
        .group_by(pl.col("region_code").alias("origin_region_code"), "period_start")
        .agg(pl.col("generation_mwh", *carried).sum())
    )
    months = (
        pl.concat(parts)
        .join(generated, on=["origin_region_code", "period_start"])
        .with_columns(pl.col(carried) / pl.col("generation_mwh") * pl.col("energy_mwh"))
    )
    quantities = ["energy_mwh", *carried]
    return (
        areas.summed(months, ["origin_region_code"], quantities, release_month)
        .with_columns(
            (pl.col("energy_mwh") / pl.col("energy_mwh").sum().over(_PERIOD))
            .round(8)
            .alias("share"),
            (pl.col("energy_mwh") * LOST_IN_STORAGE).round(6).alias("storage_loss_mwh"),
            areas.period_end().alias("period_end"),
            pl.lit("final").alias("maturity"),
        )
        .select(list(COLUMNS["consumption_origin"]))
        .sort(KEYS["consumption_origin"])
    )


def consumption_mix(mix: pl.DataFrame, origin: pl.DataFrame) -> pl.DataFrame:
    """Give each origin's energy the technologies of its month; a year is the sum of its months."""
    shares = mix.filter(pl.col("resolution") == "month").select(
        pl.col("region_code").alias("origin_region_code"),
        "period_start",
        "technology",
        (
            pl.col("generation_mwh")
            / pl.col("generation_mwh").sum().over("region_code", "period_start")
        ).alias("part"),
    )
    keys = ["region_code", "period_start", "technology"]
    months = (
        origin.filter(pl.col("resolution") == "month")
        .join(shares, on=["origin_region_code", "period_start"])
        .group_by(keys)
        .agg((pl.col("energy_mwh") * pl.col("part")).sort().sum().alias("consumption_mwh"))
        .with_columns(pl.lit("month").alias("resolution"))
    )
    years = origin.filter(pl.col("resolution") == "year")["period_start"].unique().to_list()
    annual = (
        months.with_columns(pl.col("period_start").dt.truncate("1y"))
        .filter(pl.col("period_start").is_in(years))
        .group_by(keys)
        .agg(pl.col("consumption_mwh").sort().sum())
        .with_columns(pl.lit("year").alias("resolution"))
    )
    return (
        pl.concat([months, annual])
        .with_columns(
            pl.col("consumption_mwh").round(6),
            (pl.col("consumption_mwh") / pl.col("consumption_mwh").sum().over(_PERIOD))
            .round(8)
            .alias("share"),
            areas.period_end().alias("period_end"),
            pl.lit("final").alias("maturity"),
        )
        .select(list(COLUMNS["consumption_mix"]))
        .sort(KEYS["consumption_mix"])
    )


def certificate_balance(consumed: pl.DataFrame) -> pl.DataFrame:
    """Claim a tenth of the wind power that each area consumes from 2019 on; none is traded."""
    is_wind = pl.col("technology") == "wind"
    life_cycle = pl.col("technology").replace_strict(factors.LIFE_CYCLE, return_dtype=pl.Float64)
    claimed = pl.when(is_wind).then(pl.col("consumption_mwh") * 0.1).otherwise(0.0).round(6)
    return (
        consumed.filter(pl.col("period_start") >= FIRST_CLAIM)
        .with_columns(pl.col("consumption_mwh").alias("total_mwh"), claimed.alias("claimed_mwh"))
        .with_columns((pl.col("total_mwh") - pl.col("claimed_mwh")).alias("residual_mwh"))
        .with_columns(
            pl.lit(0.0).alias("attribute_net_mwh"),
            (pl.col("residual_mwh") * life_cycle * 1000).round(6).alias("lca_co2e_kg"),
            pl.lit("modelled").alias("quality_tier"),
        )
        .select(list(COLUMNS["certificate_balance"]))
        .sort(KEYS["certificate_balance"])
    )


def residual_balance(origin: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Tell what the residual is made of: everywhere as much is claimed as is issued, no pool."""
    amounts = ["co2_kg", "ch4_kg", "n2o_kg", "lca_co2e_kg"]
    keys = [*_PERIOD, "period_end", "maturity"]
    claimed = claims.group_by(keys).agg(
        pl.col("total_mwh", "claimed_mwh", "residual_mwh").sort().sum().round(6),
        pl.col("lca_co2e_kg").sort().sum().round(6),
    )
    carried = origin.group_by(_PERIOD).agg(pl.col(amounts[:3]).sort().sum().round(6))
    return (
        claimed.join(carried, on=_PERIOD)
        .with_columns(
            pl.col("total_mwh").alias("consumed_mwh"),
            pl.col("residual_mwh").alias("uncertified_mwh"),
            pl.lit(0.0).alias("pool_mwh"),
            (pl.col("residual_mwh") * LOST_IN_STORAGE).round(6).alias("storage_loss_mwh"),
            *(pl.col(amount).alias(f"uncertified_{amount}") for amount in amounts),
            *(pl.lit(0.0).alias(f"pool_{amount}") for amount in amounts),
            *(pl.col(amount).alias(f"residual_{amount}") for amount in amounts),
        )
        .select(list(COLUMNS["residual_balance"]))
        .sort(KEYS["residual_balance"])
    )


def basis_comparison(factor: pl.DataFrame) -> pl.DataFrame:
    """Set the supply averages of both bases side by side, and the consumption mix."""
    basis, kind = pl.col("import_factor_basis"), pl.col("factor_kind")
    value = pl.col("value")
    generation, network = pl.col("generation_basis_value"), pl.col("network_basis_value")
    consumed = pl.col("consumption_mix_value")
    supply = kind == "supply_average"
    return (
        factor.filter(pl.col("gas_scope") == "CO2")
        .group_by("region_code", "period_start", "period_end", "resolution")
        .agg(
            value.filter(supply & (basis == "generation")).first().alias("generation_basis_value"),
            value.filter(supply & (basis == "network")).first().alias("network_basis_value"),
            value.filter(kind == "consumption_mix").first().alias("consumption_mix_value"),
        )
        .filter(generation.is_not_null())
        .join(areas.regions().select("region_code", "level"), on="region_code")
        .with_columns(
            pl.lit("kgCO2/kWh").alias("unit"),
            (network - generation).round(8).alias("network_less_generation"),
            (network / generation - 1).round(8).alias("network_less_generation_share"),
            (consumed - network).round(8).alias("consumption_less_network"),
            (consumed / network - 1).round(8).alias("consumption_less_network_share"),
        )
        .select(list(COLUMNS["basis_comparison"]))
        .sort(KEYS["basis_comparison"])
    )
