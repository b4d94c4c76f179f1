"""The factors of the synthetic candidate: every kind, gas, GWP set and boundary, by arithmetic.

Belongs here: factors made from the invented mix, flows, consumption and claims. Does not belong
here: those figures (`synthetic`, `synthetic_consumption`).
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from expectations import coverage
from tests.warehouse import synthetic_areas as areas

_FACTOR = "decimal(18, 12)"

COLUMNS: dict[str, dict[str, str]] = {
    "electricity_factor": {
        "factor_id": "varchar", "factor_version": "integer", "region_code": "varchar",
        "region_name_zh": "varchar",
        "region_name_en": "varchar", "period_start": "date", "period_end": "date",
        "resolution": "varchar", "factor_kind": "varchar", "technology": "varchar",
        "gas_scope": "varchar", "gwp_set": "varchar", "system_boundary": "varchar",
        "includes_td_losses": "boolean", "import_factor_basis": "varchar",
        "method_id": "varchar", "value": _FACTOR, "unit": "varchar", "median": _FACTOR,
        "lower_95": _FACTOR, "upper_95": _FACTOR, "dqr": "decimal(4, 2)",
        "dqr_technological": "decimal(4, 2)", "dqr_geographical": "decimal(4, 2)",
        "dqr_temporal": "decimal(4, 2)", "dqr_precision": "decimal(4, 2)",
        "quality_tier": "varchar", "maturity": "varchar", "reported_share": "decimal(9, 8)",
        "completed_share": "decimal(9, 8)", "modelled_share": "decimal(9, 8)",
        "known_at": "date", "source_ids": "varchar", "note_zh": "varchar", "note_en": "varchar",
    },
    "variance_contribution": {
        "factor_id": "varchar", "rank": "integer", "region_code": "varchar",
        "period_start": "date", "period_end": "date", "resolution": "varchar",
        "factor_kind": "varchar", "import_factor_basis": "varchar", "gas_scope": "varchar",
        "input_kind": "varchar", "input_region_code": "varchar", "input_partner_code": "varchar",
        "input_technology": "varchar", "share": "decimal(9, 8)", "r_squared": "decimal(9, 8)",
        "label_zh": "varchar", "label_en": "varchar",
    },
}  # fmt: skip

KEYS = {"electricity_factor": ["factor_id"], "variance_contribution": ["factor_id", "rank"]}

LIFE_CYCLE = {
    "coal": 0.94, "gas": 0.48, "oil": 0.75, "biomass": 0.045, "hydro": 0.014, "nuclear": 0.0065,
    "wind": 0.033, "solar": 0.054,
}  # fmt: skip
METHANE, NITROUS_OXIDE = 1e-5, 1.5e-5
GWP = {"CH4": 27.0, "N2O": 273.0}

_KEYS = ["region_code", "resolution", "period_start"]
_MEANING = [*_KEYS, "factor_kind", "import_factor_basis", "technology"]


def with_other_gases(mix: pl.DataFrame) -> pl.DataFrame:
    """Add CH4 and N2O, in one ratio to CO2, and life-cycle CO2e, by technology."""
    life_cycle = pl.col("technology").replace_strict(LIFE_CYCLE, return_dtype=pl.Float64)
    return mix.with_columns(
        (pl.col("co2_kg") * METHANE).alias("ch4_kg"),
        (pl.col("co2_kg") * NITROUS_OXIDE).alias("n2o_kg"),
        (pl.col("generation_mwh") * life_cycle * 1000).alias("lca_co2e_kg"),
    )


def solve(
    mix: pl.DataFrame, flows: pl.DataFrame, resolution: str, start: dt.date
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return generation, CO2 (kg per MWh) and flows (to x from) of the provinces in a period."""
    place = {code: i for i, code in enumerate(coverage.PROVINCES)}
    period = (pl.col("resolution") == resolution) & (pl.col("period_start") == start)
    own = (
        mix.filter(period & pl.col("region_code").is_in(coverage.PROVINCES))
        .group_by("region_code")
        .agg(pl.col("generation_mwh", "co2_kg").sum())
        .sort("region_code")
    )
    energy = own["generation_mwh"].to_numpy().astype(float)
    matrix = np.zeros((len(place), len(place)))
    for row in flows.filter(period & (pl.col("level") == "province")).iter_rows(named=True):
        matrix[place[row["to_region_code"]], place[row["from_region_code"]]] += row["energy_mwh"]
    return energy, own["co2_kg"].to_numpy() / energy, matrix


def electricity_factor(
    mix: pl.DataFrame, flows: pl.DataFrame, origin: pl.DataFrame, balance: pl.DataFrame
) -> pl.DataFrame:
    """Return the table of factors, consistent with the tables that it is given."""
    delivered = pl.col("energy_mwh") - pl.col("storage_loss_mwh")
    consumed = origin.group_by(_KEYS).agg(delivered.sum(), pl.col("co2_kg", "lca_co2e_kg").sum())
    residual = balance.select(
        *_KEYS,
        (pl.col("residual_mwh") - pl.col("storage_loss_mwh")).alias("energy_mwh"),
        pl.col("residual_co2_kg").alias("co2_kg"),
        pl.col("residual_lca_co2e_kg").alias("lca_co2e_kg"),
    )
    generated = mix.rename({"generation_mwh": "energy_mwh"})
    total = generated.group_by(_KEYS).agg(pl.col("energy_mwh", "co2_kg", "lca_co2e_kg").sum())
    fossil = (
        generated.filter(pl.col("technology").is_in(coverage.FOSSIL_TECHNOLOGIES))
        .group_by(_KEYS)
        .agg(pl.col("energy_mwh", "co2_kg").sum())
    )
    direct = pl.concat(
        [
            _per_kwh(total, "co2_kg", "generation_average", "none"),
            _per_kwh(fossil, "co2_kg", "fossil_power", "none"),
            _supply(mix, flows, total),
            _per_kwh(consumed, "co2_kg", "consumption_mix", "network"),
            _per_kwh(residual, "co2_kg", "residual_mix", "network"),
        ]
    )  # fmt: skip
    technologies = generated.select(
        *_KEYS,
        pl.lit("life_cycle_technology").alias("factor_kind"),
        pl.lit("none").alias("import_factor_basis"),
        "technology",
        pl.col("technology").replace_strict(LIFE_CYCLE, return_dtype=pl.Float64).alias("value"),
    )
    life_cycle = pl.concat(
        [
            _per_kwh(total, "lca_co2e_kg", "life_cycle_production", "none"),
            _per_kwh(consumed, "lca_co2e_kg", "life_cycle_consumption", "network"),
            _per_kwh(residual, "lca_co2e_kg", "life_cycle_residual", "network"),
            technologies,
        ]
    )
    return _described(pl.concat([_gases(direct), _boundaries(life_cycle)]))


def variance_contribution(factor: pl.DataFrame) -> pl.DataFrame:
    """Give the consumption mix of every year five inputs of equal weight."""
    return (
        factor.filter(
            (pl.col("resolution") == "year")
            & (pl.col("factor_kind") == "consumption_mix")
            & (pl.col("gas_scope") == "CO2")
        )
        .join(pl.DataFrame({"rank": [1, 2, 3, 4, 5]}), how="cross")
        .with_columns(
            pl.lit("generation").alias("input_kind"),
            pl.col("region_code").alias("input_region_code"),
            pl.lit(None, pl.String).alias("input_partner_code"),
            pl.lit("coal").alias("input_technology"),
            pl.lit(0.1).alias("share"),
            pl.lit(0.9).alias("r_squared"),
            pl.lit("燃煤发电量").alias("label_zh"),
            pl.lit("Generation from coal").alias("label_en"),
        )
        .select(list(COLUMNS["variance_contribution"]))
        .sort("factor_id", "rank")
    )


def _per_kwh(amounts: pl.DataFrame, column: str, kind: str, basis: str) -> pl.DataFrame:
    return amounts.select(
        *_KEYS,
        pl.lit(kind).alias("factor_kind"),
        pl.lit(basis).alias("import_factor_basis"),
        pl.lit("all").alias("technology"),
        (pl.col(column) / pl.col("energy_mwh") / 1000).cast(pl.Float64).alias("value"),
    )


def _supply(mix: pl.DataFrame, flows: pl.DataFrame, total: pl.DataFrame) -> pl.DataFrame:
    """Both bases; grid regions and the nation exchange nothing that changes their average."""
    rows: list[tuple[str, str, dt.date, str, float]] = []
    for resolution, start in total.select("resolution", "period_start").unique().iter_rows():
        energy, direct, matrix = solve(mix, flows, resolution, start)
        through = energy + matrix.sum(axis=1)
        bases = {
            "generation": (energy * direct + matrix @ direct) / through,
            "network": np.linalg.solve(np.diag(through) - matrix, energy * direct),
        }
        for basis, solved in bases.items():
            for code, value in zip(coverage.PROVINCES, solved, strict=True):
                rows.append((code, resolution, start, basis, float(value) / 1000))
    provinces = pl.DataFrame(
        rows, schema=[*_KEYS, "import_factor_basis", "value"], orient="row"
    ).select(
        *_KEYS,
        pl.lit("supply_average").alias("factor_kind"),
        "import_factor_basis",
        pl.lit("all").alias("technology"),
        "value",
    )
    others = total.filter(pl.col("region_code").is_in([*coverage.GRID_REGIONS, coverage.NATION]))
    return pl.concat(
        [provinces]
        + [_per_kwh(others, "co2_kg", "supply_average", basis) for basis in bases]
    )  # fmt: skip


def _gases(direct: pl.DataFrame) -> pl.DataFrame:
    weighed = 1 + GWP["CH4"] * METHANE + GWP["N2O"] * NITROUS_OXIDE
    gases = [
        ("CO2", "none", 1.0, 8),
        ("CH4", "none", METHANE, 12),
        ("N2O", "none", NITROUS_OXIDE, 12),
        ("CO2e", "AR6", weighed, 8),
    ]
    return pl.concat(
        [
            direct.with_columns(
                (pl.col("value") * ratio).round(digits),
                pl.lit(gas).alias("gas_scope"),
                pl.lit(gwp_set).alias("gwp_set"),
                pl.lit("direct_combustion").alias("system_boundary"),
                pl.lit(False).alias("includes_td_losses"),
            )
            for gas, gwp_set, ratio, digits in gases
        ]
    )


def _boundaries(life_cycle: pl.DataFrame) -> pl.DataFrame:
    value = pl.col("value")
    forms = [
        ("cradle_to_busbar", False, value),
        ("cradle_to_user", False, value + 0.0036),
        ("cradle_to_user", True, value / (1 - 0.045) + 0.0036),
    ]
    return pl.concat(
        [
            life_cycle.with_columns(
                made.round(8).alias("value"),
                pl.lit("CO2e").alias("gas_scope"),
                pl.lit("as_published").alias("gwp_set"),
                pl.lit(boundary).alias("system_boundary"),
                pl.lit(losses).alias("includes_td_losses"),
            )
            for boundary, losses, made in forms
        ]
    )


def _described(values: pl.DataFrame) -> pl.DataFrame:
    names = areas.regions().select(
        "region_code",
        pl.col("name_zh").alias("region_name_zh"),
        pl.col("name_en").alias("region_name_en"),
    )
    score = pl.lit(2.5)
    return (
        values.join(names, on="region_code")
        .with_columns(
            pl.concat_str(
                *_MEANING[3:], "gas_scope", "gwp_set", "system_boundary",
                pl.col("includes_td_losses").cast(pl.String), "region_code", "resolution",
                pl.col("period_start").cast(pl.String), separator=".",
            ).alias("factor_id"),
            pl.lit(1).alias("factor_version"),
            areas.period_end().alias("period_end"),
            pl.col("factor_kind").alias("method_id"),
            pl.concat_str(pl.lit("kg"), "gas_scope", pl.lit("/kWh")).alias("unit"),
            pl.col("value").alias("median"),
            (pl.col("value") * 0.9).round(12).alias("lower_95"),
            (pl.col("value") * 1.1).round(12).alias("upper_95"),
            score.alias("dqr"),
            score.alias("dqr_technological"),
            score.alias("dqr_geographical"),
            score.alias("dqr_temporal"),
            score.alias("dqr_precision"),
            pl.lit("modelled").alias("quality_tier"),
            pl.lit("final").alias("maturity"),
            pl.lit(0.7).alias("reported_share"),
            pl.lit(0.2).alias("completed_share"),
            pl.lit(0.1).alias("modelled_share"),
            pl.lit(dt.date(2022, 1, 20)).alias("known_at"),
            pl.lit("bulletin").alias("source_ids"),
            pl.lit(None, pl.String).alias("note_zh"),
            pl.lit(None, pl.String).alias("note_en"),
        )
        .select(list(COLUMNS["electricity_factor"]))
    )  # fmt: skip
