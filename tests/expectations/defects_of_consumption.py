"""One defect for each invariant of consumption, claims, gases and identities.

Belongs here: changes of the synthetic tables that break one rule. Does not belong here: the tests
that use them (`test_invariants`).
"""

from __future__ import annotations

import polars as pl

Tables = dict[str, pl.DataFrame]

_MAY = (pl.col("period_start") == pl.date(2021, 5, 1)) & (pl.col("resolution") == "month")
_CELL = _MAY & (pl.col("region_code") == "340000")
_NATION = _MAY & (pl.col("region_code") == "CN")


def _changed(tables: Tables, name: str, where: pl.Expr, column: str, value: pl.Expr) -> Tables:
    edited = pl.when(where).then(value).otherwise(pl.col(column)).alias(column)
    return tables | {name: tables[name].with_columns(edited)}


def _kind(kind: str, scope: str = "CO2") -> pl.Expr:
    return (pl.col("factor_kind") == kind) & (pl.col("gas_scope") == scope)


def defects(tables: Tables) -> dict[str, Tables]:
    """Return, by invariant, the tables with the defect that it is for."""
    value = pl.col("value")

    def factor(where: pl.Expr, changed: pl.Expr) -> Tables:
        return _changed(tables, "electricity_factor", where, "value", changed)

    def origin(where: pl.Expr, column: str, changed: pl.Expr) -> Tables:
        return _changed(tables, "consumption_origin", where, column, changed)

    def balance(where: pl.Expr, column: str, changed: pl.Expr) -> Tables:
        return _changed(tables, "certificate_balance", where, column, changed)

    is_own = pl.col("origin_region_code") == "340000"
    is_wind = pl.col("technology") == "wind"
    return {
        "evidence_shares_sum_to_one": _changed(
            tables, "electricity_factor", _CELL, "completed_share", pl.lit(0.1)
        ),
        "consumption_shares_sum_to_one": origin(_CELL & is_own, "share", pl.col("share") - 0.001),
        "consumption_is_that_of_its_origins": _changed(
            tables,
            "consumption_mix",
            _CELL & is_wind,
            "consumption_mwh",
            pl.col("consumption_mwh") * 2,
        ),
        "generation_is_consumed_with_its_emissions": origin(
            _CELL & is_own, "n2o_kg", pl.col("n2o_kg") * 1.01
        ),
        "areas_consume_what_their_provinces_do": origin(
            _NATION & is_own, "energy_mwh", pl.col("energy_mwh") * 1.01
        ),
        "consumption_factor_agrees_with_origins": factor(
            _CELL & _kind("life_cycle_consumption", "CO2e"), value + 0.00001
        ),
        "consumption_factor_within_range_of_origins": factor(
            _CELL & _kind("consumption_mix"), pl.lit(0.999)
        ),
        "claims_and_residual_are_the_total": balance(
            _CELL & is_wind, "claimed_mwh", pl.col("claimed_mwh") + 1
        ),
        "attributes_net_to_zero": balance(
            _CELL & is_wind, "attribute_net_mwh", pl.col("attribute_net_mwh") + 1
        ),
        "claims_within_generation": balance(
            _NATION & is_wind, "claimed_mwh", pl.col("total_mwh") * 1.5
        ),
        "residual_factor_agrees_with_balance": tables
        | {
            "electricity_factor": tables["electricity_factor"].filter(
                ~(_CELL & _kind("residual_mix"))
            )
        },
        "co2e_is_its_gases_weighed_by_one_set": factor(
            _CELL & _kind("consumption_mix", "CO2e"), value + 0.0000001
        ),
        "delivery_adds_the_same_everywhere": factor(
            _CELL
            & _kind("life_cycle_production", "CO2e")
            & (pl.col("system_boundary") == "cradle_to_user"),
            value + 0.0001,
        ),
        "national_values_keep_their_order": factor(_NATION & _kind("residual_mix"), value * 0.5),
        "national_ratios_are_shares": factor(_NATION & _kind("fossil_power"), value * 1.01),
    }
