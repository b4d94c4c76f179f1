"""A few plants whose unit processes and footprints follow by hand: raw tables, and electricity.

Belongs here: figures that tests of the derivation start from. Does not belong here: running dbt,
what must come out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingestion.contract import load_contract

Rows = list[dict[str, Any]]

LINEAGE = {
    "source_id": "survey", "receipt_id": "r1", "file_name": "f.xlsx", "sheet": None,
    "row_number": 1, "known_at": dt.date(2024, 5, 1),
}  # fmt: skip


def submission(name: str, product: str, technology: str, **other: Any) -> dict[str, Any]:
    """One plant of its own group, in Anhui, for the year 2023."""
    return {
        "submission_id": name, "industry": "small", "template_version": "1.0",
        "plant_code": f"P{name}", "plant_name": name, "group_code": f"G{name}",
        "region_code": "340000", "product_code": product, "technology": technology,
        "period_start": dt.date(2023, 1, 1), "period_end": dt.date(2023, 12, 31),
        "operating_hours": 8000, "capacity": 1, "capacity_unit": "kg/a", **other,
    }  # fmt: skip


def small_survey() -> dict[str, Rows]:
    """Steel from scrap and steam, steam from gas and a little steel: a loop; coke with tar.

    Two mills of one technology, one boiler, one coke oven that shares by energy. The second mill
    sent its form twice; one form has no output.
    """
    return {
        "survey_submission": [
            submission("A", "steel.rebar", "eaf"),
            submission("B0", "steel.rebar", "eaf", plant_code="PB", group_code="GB"),
            submission("B", "steel.rebar", "eaf", known_at=dt.date(2024, 6, 1), receipt_id="r2"),
            submission("S", "energy.heat_steam", "gas_boiler"),
            submission("C", "steel.coke", "top"),
            submission("Z", "steel.coke", "top"),
        ],
        "survey_product": [
            _made("A", "steel.rebar", 1000, "kg"),
            _made("B0", "steel.rebar", 1, "kg"),
            _made("B", "steel.rebar", 3000, "kg", receipt_id="r2"),
            _made("S", "energy.heat_steam", 20000, "MJ"),
            _made("C", "steel.coke", 100, "kg", allocation_basis="energy", energy_mj_per_unit=28),
            _made("C", "coal.tar", 10, "kg", line=2, role="co_product",
                  allocation_basis="energy", energy_mj_per_unit=70),
            _made("Z", "steel.coke", 0, "kg"),
        ],
        "survey_input": [
            _used("A", 1, "steel.scrap_collected", 1100, "kg"),
            _used("A", 2, "energy.heat_steam", 800, "MJ", kind="steam"),
            _used("B0", 1, "steel.scrap_collected", 999, "kg"),
            _used("B", 1, "steel.scrap_collected", 3300, "kg", receipt_id="r2"),
            _used("B", 2, "steel.coke", 40, "kg", receipt_id="r2"),
            _used("S", 1, "fuel.natural_gas", 600, "m3", kind="fuel", carbon_content=0.5,
                  oxidation=1),
            _used("S", 2, "steel.rebar", 20, "kg"),
            _used("C", 1, "fuel.washed_coal", 140, "kg"),
            _used("Z", 1, "fuel.washed_coal", 140, "kg"),
        ],
        "survey_electricity": [
            {"submission_id": "A", "line": 1, "origin": "grid", "energy_mwh": 0.4},
        ],
        "survey_transport": [],
        "survey_emission": [
            {"submission_id": "C", "line": 1, "gas": "co2_fossil", "source": "process",
             "amount_kg": 35, "method": "mass_balance"},
        ],
        "survey_waste": [
            {"submission_id": "A", "line": 1, "waste_code": "slag", "amount": 90, "unit": "kg",
             "treatment": "recycling"},
        ],
        "survey_device": [],
        "product": [
            _known("steel.rebar", "kg"), _known("energy.heat_steam", "MJ"),
            _known("steel.coke", "kg"), _known("coal.tar", "kg"),
            _known("steel.scrap_collected", "kg"), _known("fuel.washed_coal", "kg"),
            _known("fuel.natural_gas", "m3", carbon_content_kg_per_unit=0.53,
                   carbon_origin="fossil"),
        ],
        "background_default": [
            _default("steel.scrap_collected", 0.1, "kg"), _default("fuel.washed_coal", 0.2, "kg"),
            _default("fuel.natural_gas", 0.5, "m3"),
        ],
        "elementary_flow": [
            _flow("FC", "co2_fossil", "output"), _flow("FM", "ch4_fossil", "output"),
            _flow("FN", "n2o", "output"), _flow("FU", "co2_biogenic_uptake", "input"),
            _flow("FE", "co2e_electricity", "output"),
        ],
        "flow_mapping": [],
        "product_benchmark": [],
    }  # fmt: skip


def write_raw(raw: Path, tables: Mapping[str, Rows], *, backwards: bool = False) -> None:
    """Write raw tables as Parquet; `backwards` turns the order of the rows around."""
    for table, rows in tables.items():
        schema = dict(load_contract(table).polars_schema())
        told = [{**LINEAGE, **row} for row in rows]
        full = [{name: row.get(name) for name in schema} for row in told]
        frame = pl.DataFrame(full, schema=schema) if full else pl.DataFrame(schema=schema)
        folder = raw / table
        folder.mkdir(parents=True, exist_ok=True)
        (frame.reverse() if backwards else frame).write_parquet(folder / "r.parquet")


def write_electricity(database: Path) -> None:
    """Write what the derivation takes of the electricity side: one factor, 0.6 kg/kWh in Anhui."""
    statements = [
        "create schema if not exists intermediate",
        "create schema if not exists staging",
        """create table intermediate.int_life_cycle_value as
        select 'province' as level, '340000' as area_code, 2023 as year,
          date '2023-01-01' as period_start, date '2023-12-31' as period_end,
          'year' as resolution, 'final' as maturity,
          'life_cycle_consumption' as factor_kind, 'network' as import_factor_basis,
          'all' as technology, 'cradle_to_user' as system_boundary,
          true as includes_td_losses, 0.6::double as value""",
        """create table intermediate.int_factor_interval as
        select 'life_cycle_consumption' as factor_kind, 'network' as import_factor_basis,
          'all' as technology, 'CO2e' as gas_scope, 'as_published' as gwp_set,
          'cradle_to_user' as system_boundary, true as includes_td_losses,
          '340000' as area_code, date '2023-01-01' as period_start, 'year' as resolution,
          0.6::decimal(18, 12) as median, 0.5::decimal(18, 12) as lower_95,
          0.7::decimal(18, 12) as upper_95""",
        "create table intermediate.int_technology_interval as "
        "from intermediate.int_factor_interval where false",
        """create table intermediate.int_factor_quality as
        select 'province' as level, '340000' as area_code, date '2023-01-01' as period_start,
          'year' as resolution, 'life_cycle_consumption' as factor_kind,
          'network' as import_factor_basis, 'all' as technology, 2.0::double as dqr_technological,
          2.0::double as dqr_geographical, 1.0::double as dqr_temporal,
          3.0::double as dqr_precision""",
        """create table intermediate.int_fuel_carbon as
        select 'natural_gas' as fuel, 0.99::double as oxidation_rate""",
        """create table staging.stg_combustion_gas as
        select 'natural_gas' as fuel, 'CH4' as gas, 1.0::double as kg_per_tj where false""",
        """create table staging.stg_certificate as
        select 'x' as certificate_id, 'wind' as technology, 'retired' as status where false""",
        "create table staging.stg_region as select '340000' as region_code",
        "create table staging.stg_grid_region as "
        "select '340000' as region_code, 'ECG' as grid_region_code",
        """create table staging.stg_gwp as
        select 'AR6' as gwp_set, gas, value, 'g' as guideline, date '2021-12-31' as known_at
        from (values ('CH4_fossil_fugitive', 29.8), ('N2O', 273.0)) as t(gas, value)""",
    ]
    with duckdb.connect(database) as connection:
        for statement in statements:
            connection.execute(statement)


def _made(name: str, product: str, amount: float, unit: str, **other: Any) -> dict[str, Any]:
    return {"submission_id": name, "line": 1, "product_code": product, "role": "main",
            "output_amount": amount, "unit": unit, **other}  # fmt: skip


def _used(
    name: str, line: int, product: str, amount: float, unit: str, **other: Any
) -> dict[str, Any]:
    return {"submission_id": name, "line": line, "kind": "material", "product_code": product,
            "amount": amount, "unit": unit, **other}  # fmt: skip


def _known(product: str, unit: str, **other: Any) -> dict[str, Any]:
    return {"product_code": product, "name_zh": product, "name_en": product, "chain": "small",
            "unit": unit, "mass_kg_per_unit": 1, "basis": "test", **other}  # fmt: skip


def _default(product: str, co2: float, unit: str) -> dict[str, Any]:
    return {"product_code": product, "gas": "co2_fossil", "kg_per_unit": co2, "unit": unit,
            "basis": "test"}  # fmt: skip


def _flow(flow: str, gas: str, direction: str) -> dict[str, Any]:
    return {"flow_id": flow, "name_zh": gas, "name_en": gas, "gas": gas, "formula": gas,
            "cas": "0", "compartment": "air", "unit": "kg", "carbon_origin": "fossil",
            "direction": direction, "id_origin": "minted", "basis": "test"}  # fmt: skip
