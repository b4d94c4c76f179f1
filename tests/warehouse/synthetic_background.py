"""The background tables of the synthetic candidate.

Belongs here: four invented datasets, one in each state, whose figures follow from each other by
arithmetic that can be done by hand. Does not belong here: the candidate around them.

    electricity (open)      0.6 kg CO2
    billet (aggregated)     1.721 kg CO2 + 0.01 kg CH4 x 27.9                      = 2.0
    rebar (open)            1.05 billet + 0.1 kWh electricity + 0.05 kg CO2        = 2.21
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from dbt_project.methods.dataset_identity import dataset_id, product_flow_id

_TEXT, _NUMBER, _WHOLE = "varchar", "double", "integer"
_RATING = "decimal(4, 2)"
_EXCHANGE = {
    "dataset_id": _TEXT, "exchange_no": _WHOLE, "kind": _TEXT, "direction": _TEXT,
    "flow_id": _TEXT, "provider_id": _TEXT, "product_code": _TEXT, "amount": _NUMBER,
    "unit": _TEXT,
}  # fmt: skip

COLUMNS: dict[str, dict[str, str]] = {
    "product": {
        "product_code": _TEXT, "name_zh": _TEXT, "name_en": _TEXT, "chain": _TEXT, "unit": _TEXT,
        "cpc_code": _TEXT, "national_code": _TEXT, "product_flow_id": _TEXT,
        "mass_kg_per_unit": _NUMBER, "carbon_content_kg_per_unit": _NUMBER,
        "lower_heating_value_mj_per_unit": _NUMBER, "biogenic_uptake_kg_per_unit": _NUMBER,
        "source_ids": _TEXT,
    },
    "elementary_flow": {
        "flow_id": _TEXT, "name_zh": _TEXT, "name_en": _TEXT, "gas": _TEXT, "formula": _TEXT,
        "cas": _TEXT, "compartment": _TEXT, "unit": _TEXT, "carbon_origin": _TEXT,
        "direction": _TEXT, "id_origin": _TEXT, "source_ids": _TEXT,
    },
    "flow_mapping": {
        "flow_id": _TEXT, "list": _TEXT, "target_id": _TEXT, "target_name": _TEXT,
        "target_unit": _TEXT, "factor": _NUMBER, "note": _TEXT, "source_ids": _TEXT,
    },
    "characterisation_factor": {
        "indicator": _TEXT, "flow_id": _TEXT, "gwp_set": _TEXT, "factor": _NUMBER, "unit": _TEXT,
        "source_ids": _TEXT,
    },
    "background_dataset": {
        "dataset_id": _TEXT, "dataset_version": _WHOLE, "version_text": _TEXT, "name_zh": _TEXT,
        "name_en": _TEXT, "product_code": _TEXT, "technology": _TEXT, "technology_zh": _TEXT,
        "technology_en": _TEXT, "region_code": _TEXT, "location_code": _TEXT, "year": _WHOLE,
        "period_start": "date", "period_end": "date", "unit": _TEXT, "process_type": _TEXT,
        "system_model": _TEXT, "allocation": _TEXT, "system_boundary": _TEXT, "disclosure": _TEXT,
        "merged_into": _TEXT, "contributors_band": _TEXT, "value": _NUMBER, "median": _NUMBER,
        "lower_95": _NUMBER, "upper_95": _NUMBER, "fossil": _NUMBER,
        "biogenic_emission": _NUMBER, "biogenic_uptake": _NUMBER, "land_use": _NUMBER,
        "primary_data_share": "decimal(5, 1)", "dqr": _RATING, "dqr_technological": _RATING,
        "dqr_geographical": _RATING, "dqr_temporal": _RATING, "dqr_precision": _RATING,
        "quality_tier": _TEXT, "review_status": _TEXT, "licence": _TEXT, "national_code": _TEXT,
        "cpc_code": _TEXT, "source_ids": _TEXT, "known_at": "date", "content_sha256": _TEXT,
    },
    "background_score": {
        "dataset_id": _TEXT, "indicator": _TEXT, "value": _NUMBER, "median": _NUMBER,
        "lower_95": _NUMBER, "upper_95": _NUMBER, "unit": _TEXT,
    },
    "background_exchange": {
        **_EXCHANGE, "origin": _TEXT, "stage": _TEXT, "sigma": _NUMBER, "dqr_te": _RATING,
        "dqr_ge": _RATING, "dqr_ti": _RATING, "dqr_p": _RATING,
    },
    "background_inventory": {
        "dataset_id": _TEXT, "flow_id": _TEXT, "direction": _TEXT, "amount": _NUMBER,
        "unit": _TEXT,
    },
    "background_allocation": {
        "dataset_id": _TEXT, "product_code": _TEXT, "method": _TEXT, "factor": "decimal(9, 4)",
    },
    "background_unallocated": {**_EXCHANGE, "stage": _TEXT},
    "background_contribution": {
        "dataset_id": _TEXT, "contribution_key": _TEXT, "stage": _TEXT, "provider_id": _TEXT,
        "indicator": _TEXT, "value": _NUMBER, "share": _NUMBER,
    },
    "background_grade": {
        "product_code": _TEXT, "grade": _WHOLE, "year": _WHOLE, "above": _NUMBER,
        "up_to": _NUMBER, "unit": _TEXT,
    },
    "electricity_sensitivity": {
        "dataset_id": _TEXT, "indicator": _TEXT, "electricity_kwh": _NUMBER,
        "change_per_percent": _NUMBER, "elasticity": _NUMBER,
    },
    "footprint_comparison": {
        "benchmark_id": _TEXT, "product_code": _TEXT, "technology": _TEXT, "dataset_id": _TEXT,
        "region_code": _TEXT, "dataset_technology": _TEXT, "published_name": _TEXT,
        "boundary": _TEXT, "data_tier": _TEXT, "year": _WHOLE, "unit": _TEXT,
        "published_value": _NUMBER, "value": _NUMBER, "ratio": "decimal(18, 4)",
        "is_within_interval": "boolean", "note": _TEXT, "source_ids": _TEXT,
    },
}  # fmt: skip

KEYS = {
    "product": ["product_code"],
    "elementary_flow": ["flow_id"],
    "flow_mapping": ["flow_id", "list"],
    "characterisation_factor": ["indicator", "flow_id"],
    "background_dataset": ["dataset_id"],
    "background_score": ["dataset_id", "indicator"],
    "background_exchange": ["dataset_id", "exchange_no"],
    "background_inventory": ["dataset_id", "flow_id"],
    "background_allocation": ["dataset_id", "product_code"],
    "background_unallocated": ["dataset_id", "exchange_no"],
    "background_contribution": ["dataset_id", "contribution_key"],
    "background_grade": ["product_code", "grade"],
    "electricity_sensitivity": ["dataset_id", "indicator"],
    "footprint_comparison": ["benchmark_id", "product_code", "technology"],
}

HEADLINE = "gwp100.ar6.total"
CO2, CH4 = "00000000-0000-5000-8000-000000000001", "00000000-0000-5000-8000-000000000002"
ELECTRICITY, BILLET, REBAR, MERGED, WITHHELD = (
    dataset_id(*key, "attributional_cut_off", "none")
    for key in (
        ("electricity.grid", "consumption_mix", "340000"),
        ("steel.billet", "eaf_scrap", "CN"),
        ("steel.rebar", "rolling", "340000"),
        ("steel.billet", "eaf_scrap", "340000"),
        ("steel.wire", "drawing", "340000"),
    )
)
# Value of each shown dataset, its states and what stands behind it.
_DATASETS = [
    (ELECTRICITY, "electricity.grid", "consumption_mix", "340000", "kWh", "open", None, None, 0.6),
    (BILLET, "steel.billet", "eaf_scrap", "CN", "kg", "aggregated", None, "5-9", 2.0),
    (REBAR, "steel.rebar", "rolling", "340000", "kg", "open", None, "3-4", 2.21),
    (MERGED, "steel.billet", "eaf_scrap", "340000", "kg", "merged", BILLET, None, None),
    (WITHHELD, "steel.wire", "drawing", "340000", "kg", "withheld", None, None, None),
]


def make_background() -> dict[str, pl.DataFrame]:
    """Return the background tables."""
    return {
        "product": _products(),
        "elementary_flow": _frame(
            "elementary_flow",
            [
                (CO2, "二氧化碳（化石）", "Carbon dioxide, fossil", "co2_fossil", "CO2",
                 "124-38-9", "air", "kg", "fossil", "output", "minted", "bulletin"),
                (CH4, "甲烷（化石）", "Methane, fossil", "ch4_fossil", "CH4", "74-82-8", "air",
                 "kg", "fossil", "output", "minted", "bulletin"),
            ],
        ),
        "flow_mapping": _frame(
            "flow_mapping", [(CO2, "ef31", CO2, "carbon dioxide", "kg", 1.0, None, "bulletin")]
        ),
        "characterisation_factor": _frame(
            "characterisation_factor",
            [
                (HEADLINE, flow, "AR6", factor, "kgCO2e/kg", "bulletin")
                for flow, factor in ((CO2, 1.0), (CH4, 27.9))
            ],
        ),
        "background_dataset": _frame("background_dataset", [_dataset(*row) for row in _DATASETS]),
        "background_score": _frame(
            "background_score",
            [
                (row[0], HEADLINE, row[8], row[8], 0.9 * row[8], 1.1 * row[8], f"kgCO2e/{row[4]}")
                for row in _DATASETS
                if row[8] is not None
            ],
        ).with_columns(pl.col("lower_95", "upper_95").round_sig_figs(4)),
        "background_exchange": _exchanges(),
        "background_inventory": _frame(
            "background_inventory",
            [(BILLET, CO2, "output", 1.721, "kg"), (BILLET, CH4, "output", 0.01, "kg")],
        ),
        "background_allocation": _frame(
            "background_allocation",
            [(REBAR, "steel.rebar", "mass", 0.9), (REBAR, "steel.wire", "mass", 0.1)],
        ),
        "background_unallocated": _frame(
            "background_unallocated",
            [(REBAR, 1, "product", "input", product_flow_id("steel.billet"), BILLET,
              "steel.billet", 1.167, "kg", "raw_materials")],
        ),
        "background_contribution": _frame(
            "background_contribution",
            [
                (REBAR, f"raw_materials|{BILLET}", "raw_materials", BILLET, HEADLINE, 2.1, 0.9502),
                (REBAR, f"electricity|{ELECTRICITY}", "electricity", ELECTRICITY, HEADLINE, 0.06,
                 0.0271),
                (REBAR, "process|process", "process", "process", HEADLINE, 0.05, 0.0226),
                (BILLET, "process|all", "process", None, HEADLINE, 2.0, 1.0),
            ],
        ),
        "background_grade": _frame(
            "background_grade",
            [("steel.billet", 1, 2020, None, 1.9, "kgCO2e/kg"),
             ("steel.billet", 2, 2020, 1.9, None, "kgCO2e/kg")],
        ),
        "electricity_sensitivity": _frame(
            "electricity_sensitivity", [(REBAR, HEADLINE, 0.1, 0.0006, 0.02715)]
        ),
        "footprint_comparison": _frame(
            "footprint_comparison",
            [("B1", "steel.rebar", "any", REBAR, "340000", "rolling", "热轧带肋钢筋", "摇篮到大门",
              "core", 2020, "kg", 2.34, 2.21, 0.9444, True, None, "bulletin")],
        ),
    }  # fmt: skip


def _products() -> pl.DataFrame:
    names = [
        ("electricity.grid", "电力", "Electricity", "kWh"),
        ("steel.billet", "钢坯", "Billet", "kg"),
        ("steel.rebar", "钢筋", "Rebar", "kg"),
        ("steel.wire", "线材", "Wire rod", "kg"),
    ]
    rows = [
        (code, zh, en, code.split(".")[0], unit, None, None, product_flow_id(code),
         1.0 if unit == "kg" else None, 0.002 if unit == "kg" else None, None, None, "bulletin")
        for code, zh, en, unit in names
    ]  # fmt: skip
    return _frame("product", rows)


def _dataset(
    dataset: str, product: str, technology: str, region: str, unit: str, disclosure: str,
    parent: str | None, band: str | None, value: float | None,
) -> tuple[object, ...]:  # fmt: skip
    shown = value is not None
    spread = [None] * 3 if value is None else [value, round(0.9 * value, 4), round(1.1 * value, 4)]
    parts = [value, 0.0, 0.0, 0.0] if shown else [None] * 4
    ratings = [55.0, 2.0, 2.0, 2.0, 2.0, 2.0] if shown else [None] * 6
    tier = "modelled" if product.startswith("electricity") else "reported"
    return (
        dataset, 1, "01.00.000", f"{product}，{region}", f"{product}, {region}", product,
        technology, technology, technology, region, "CN" if region == "CN" else "CN-AH", 2018,
        dt.date(2018, 1, 1), dt.date(2018, 12, 31), unit,
        "unit_process" if disclosure == "open" else "result", "attributional_cut_off", "none",
        "cradle_to_gate", disclosure, parent, band, value, *spread, *parts, *ratings, tier,
        "not_reviewed", "Apache-2.0", None, None, "bulletin", dt.date(2019, 4, 20),
        "ab" * 32 if shown else None,
    )  # fmt: skip


def _exchanges() -> pl.DataFrame:
    def row(dataset, number, kind, direction, flow, provider, product, amount, unit, stage):
        origin = "statistics" if dataset == ELECTRICITY else "primary"
        return (dataset, number, kind, direction, flow, provider, product, amount, unit, origin,
                stage, 0.05, 2.0, 2.0, 2.0, 2.0)  # fmt: skip

    billet, power = product_flow_id("steel.billet"), product_flow_id("electricity.grid")
    return _frame(
        "background_exchange",
        [
            row(ELECTRICITY, 1, "elementary", "output", CO2, None, None, 0.6, "kg", "electricity"),
            row(REBAR, 1, "elementary", "output", CO2, None, None, 0.05, "kg", "process"),
            row(REBAR, 2, "product", "input", billet, BILLET, "steel.billet", 1.05, "kg",
                "raw_materials"),
            row(REBAR, 3, "product", "input", power, ELECTRICITY, "electricity.grid", 0.1, "kWh",
                "electricity"),
        ],
    )  # fmt: skip


_KINDS = {"varchar": pl.String, "double": pl.Float64, "integer": pl.Int32, "date": pl.Date,
          "boolean": pl.Boolean}  # fmt: skip


def _frame(table: str, rows: list[tuple[object, ...]]) -> pl.DataFrame:
    schema = {name: _KINDS.get(kind, pl.Float64) for name, kind in COLUMNS[table].items()}
    return pl.DataFrame(rows, schema=schema, orient="row")
