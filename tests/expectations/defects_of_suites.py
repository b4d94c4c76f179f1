"""Defects of single tables, each beside the rule of its suite that catches it.

Belongs here: changes of one column of a synthetic table. Does not belong here: the tests that use
them (`test_published`), and defects that only show between tables (`defects_of_consumption`).
"""

from __future__ import annotations

import datetime as dt

import polars as pl

Defect = tuple[str, pl.Expr, str]


def _as(column: str, value: object) -> pl.Expr:
    return pl.lit(value).alias(column)


DEFECTS: list[Defect] = [
    ("background_allocation", _as("factor", 1.2), "factor_is_a_share"),
    ("background_contribution", _as("stage", "use"), "stage_in_vocabulary"),
    ("background_dataset", _as("dataset_id", "rebar"), "dataset_is_a_uuid"),
    ("background_dataset", _as("disclosure", "masked"), "disclosure_in_vocabulary"),
    (
        "background_dataset",
        _as("process_type", "unit_process"),
        "only_open_ones_are_unit_processes",
    ),
    ("background_dataset", _as("contributors_band", "1-2"), "band_in_vocabulary"),
    ("background_dataset", _as("version_text", "1.0"), "version_text_well_formed"),
    ("background_dataset", _as("location_code", "ZZ"), "location_well_formed"),
    ("background_dataset", _as("dqr", 0.5), "dqr_between_1_and_5"),
    ("background_dataset", _as("source_ids", ""), "sources_are_named"),
    ("background_exchange", -pl.col("amount"), "amount_not_negative"),
    ("background_exchange", _as("origin", "guess"), "origin_in_vocabulary"),
    ("background_grade", _as("grade", 6), "grades_are_two_to_five"),
    ("background_inventory", _as("unit", "t"), "gases_are_counted_in_kg"),
    ("background_score", _as("indicator", "gwp20.ar6.total"), "indicator_well_formed"),
    ("background_unallocated", _as("kind", "service"), "kind_in_vocabulary"),
    ("characterisation_factor", pl.col("factor") * 1e6, "factor_plausible"),
    ("electricity_sensitivity", _as("elasticity", 3.0), "elasticity_plausible"),
    ("elementary_flow", _as("unit", "t"), "gases_are_counted_in_kg"),
    ("flow_mapping", _as("list", "mine"), "list_in_vocabulary"),
    ("footprint_comparison", _as("ratio", 1000.0), "ratio_within_two_orders"),
    ("product", _as("product_code", "Rebar"), "product_code_well_formed"),
    ("product", _as("unit", "t"), "unit_in_vocabulary"),
    ("balance_strain", _as("region_code", "340000"), "provinces_are_all_there"),
    ("balance_strain", _as("z_score", None), "balances_have_a_score"),
    (
        "basis_comparison",
        _as("network_less_generation_share", 0.6),
        "bases_differ_by_less_than_half",
    ),
    ("calculation_method", _as("equation", None), "factor_method_has_equation"),
    ("calculation_method", _as("source_en", None), "factor_method_has_source"),
    ("certificate_balance", _as("claimed_mwh", 1.0), "fossil_and_nuclear_are_not_claimed"),
    ("consumption_mix", _as("technology", "tidal"), "technologies_are_all_there"),
    ("consumption_origin", _as("origin_region_code", "CN"), "origins_are_the_provinces"),
    ("consumption_origin", _as("energy_mwh", 0.0), "every_row_has_energy"),
    ("data_quality", _as("status", "odd"), "status_in_vocabulary"),
    ("electricity_mix", pl.col("generation_mwh") * 1000, "monthly_cell_below_national_total"),
    ("electricity_mix", _as("co2_kg", 1.0), "only_fuels_emit"),
    ("electricity_mix", _as("lca_co2e_kg", None), "everything_has_a_life_cycle"),
    ("factor_history", pl.col("value") * 1000, "value_plausible"),
    ("factor_history", _as("superseded_on", dt.date(2018, 1, 1)), "superseded_after_it_was_known"),
    ("factor_lineage", _as("receipt_id", None), "input_names_its_file"),
    ("factor_lineage", _as("row_number", 0), "input_names_its_row"),
    ("factor_lineage", _as("energy_mwh", -5.0), "upstream_energy_runs_towards_the_importer"),
    ("factor_revision", _as("change", 0.0), "nothing_moves_by_nothing"),
    ("factor_revision", _as("main_cause", "weather"), "main_cause_in_vocabulary"),
    ("gwp", _as("more", 1), "columns"),
    ("gwp", _as("unit", "kg"), "unit_is_kg_per_kg"),
    ("input_file", _as("file_name", "/home/someone/bulletin.csv"), "file_name_is_relative"),
    ("input_file", _as("sha256", "0123"), "sha256_well_formed"),
    ("interchange", pl.col("energy_mwh") * 1000, "monthly_flow_below_one_corridor"),
    ("interchange", _as("treatment", "gross"), "months_are_net"),
    ("interchange_fit", _as("deviation", -1.2), "equalities_are_met"),
    ("interchange_fit", _as("deviation", 0.5), "bounds_are_hardly_passed"),
    ("interchange_fit", _as("multiplier", -3.0), "bounds_never_pull_upwards"),
    ("nowcast_backtest", _as("months", 0), "something_was_compared"),
    (
        "nowcast_backtest",
        _as("mean_absolute_error", 0.6),
        "mean_absolute_error_is_an_error_and_no_factor",
    ),
    ("official_comparison", _as("official_value", 620.5), "official_value_plausible"),
    ("official_comparison", _as("year", 2031), "years_of_the_official_series"),
    ("region", _as("name_zh", "Anhui"), "chinese_name_is_chinese"),
    ("residual_balance", _as("pool_mwh", 5e6), "national_pool_closes"),
    ("residual_balance", _as("residual_mwh", -1.0), "residual_not_negative"),
    ("source", _as("files", 0), "every_source_has_files"),
    ("source", _as("access_class", "restricted"), "no_source_is_restricted"),
    ("variance_contribution", _as("rank", 1), "rank_is_one_to_five"),
    ("variance_contribution", _as("input_kind", "weather"), "input_kind_in_vocabulary"),
]  # fmt: skip

DEFECTS_OF_FACTORS: list[Defect] = [
    ("electricity_factor", change, check)
    for change, check in [
        (pl.col("value") * 1000, "average_value_not_above_coal"),
        (pl.col("value") * 1000, "trace_gases_are_traces"),
        (pl.col("value") * 1000, "life_cycle_value_plausible"),
        (_as("unit", "kgCO2e/kWh"), "unit_of_co2"),
        (_as("unit", "kgCO2/kWh"), "unit_of_co2e"),
        (_as("gwp_set", "AR6"), "single_gases_have_no_gwp_set"),
        (_as("gwp_set", "as_published"), "combustion_co2e_names_its_gwp_set"),
        (_as("gwp_set", "AR6"), "life_cycle_co2e_stays_as_published"),
        (_as("gas_scope", "CO2"), "life_cycle_kinds_are_co2e"),
        (_as("gas_scope", "CO2"), "direct_kinds_have_every_gas"),
        (_as("includes_td_losses", True), "losses_come_after_the_busbar"),
        (_as("technology", "coal"), "mixes_are_of_all_technologies"),
        (_as("factor_kind", "operating_margin"), "factor_kind_in_vocabulary"),
        (pl.col("value").alias("upper_95") * 0.5, "value_not_above_its_interval"),
        (_as("dqr", 0.5), "dqr_between_1_and_5"),
        (_as("known_at", dt.date(2018, 1, 1)), "not_known_before_its_period"),
        (_as("source_ids", ""), "sources_are_named"),
        (_as("import_factor_basis", "network"), "both_import_bases_are_there"),
    ]
]
