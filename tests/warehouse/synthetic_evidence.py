"""The tables of evidence of the synthetic candidate.

Belongs here: invented lineage, files and method texts for `synthetic`. Does not belong here: the
tables of figures, and the candidate around all of them.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

COLUMNS: dict[str, dict[str, str]] = {
    "input_file": {
        "receipt_id": "varchar", "source_id": "varchar", "raw_table": "varchar",
        "file_name": "varchar", "sha256": "varchar", "period": "varchar", "known_at": "date",
        "known_at_basis": "varchar", "rows_accepted": "integer", "rows_quarantined": "integer",
        "quality_tier": "varchar",
    },
    "factor_lineage": {
        "region_code": "varchar", "period_start": "date", "resolution": "varchar",
        "relation": "varchar", "child_id": "varchar", "child_region_code": "varchar",
        "child_period_start": "date", "child_resolution": "varchar", "share": "decimal(9, 6)",
        "energy_mwh": "decimal(38, 6)", "component": "varchar", "role": "varchar",
        "technology": "varchar", "method_id": "varchar", "raw_table": "varchar",
        "quantity": "varchar", "flow": "varchar", "item": "varchar",
        "cell_region_code": "varchar", "cell_period": "varchar", "value": "decimal(38, 8)",
        "unit": "varchar", "quality_tier": "varchar", "receipt_id": "varchar",
        "sheet": "varchar", "row_number": "integer",
    },
    "calculation_method": {
        "method_id": "varchar", "applies_to": "varchar", "name_zh": "varchar",
        "name_en": "varchar", "equation": "varchar", "boundary_zh": "varchar",
        "boundary_en": "varchar", "source_zh": "varchar", "source_en": "varchar",
        "document_section": "varchar",
    },
}  # fmt: skip

KEYS = {
    "factor_lineage": ["region_code", "period_start", "resolution", "relation", "child_id"],
    "input_file": ["receipt_id"],
    "calculation_method": ["method_id"],
}  # fmt: skip

RECEIPT = "r0123456789abcdef"


def make_evidence() -> dict[str, pl.DataFrame]:
    """Return the tables of evidence: one file, the lineage of one month, the methods."""
    methods = ["generation_average", "supply_average", "fossil_power"]
    return {
        "input_file": pl.DataFrame(
            {
                "receipt_id": [RECEIPT], "source_id": ["bulletin"],
                "raw_table": ["electricity_bulletin"], "file_name": ["bulletin_2019.csv"],
                "sha256": ["0123456789abcdef" * 4], "period": ["2019"],
                "known_at": [dt.date(2019, 4, 20)], "known_at_basis": ["stated"],
                "rows_accepted": [372], "rows_quarantined": [0], "quality_tier": ["reported"],
            }
        ),
        "factor_lineage": pl.DataFrame(
            [
                {
                    **dict.fromkeys(COLUMNS["factor_lineage"]), "region_code": "110000",
                    "period_start": dt.date(2019, 1, 1), "resolution": "month", **child,
                }
                for child in (
                    {
                        "relation": "upstream", "child_id": "120000", "energy_mwh": 7e5,
                        "child_region_code": "120000", "child_resolution": "month",
                        "child_period_start": dt.date(2019, 1, 1),
                    },
                    {
                        "relation": "input", "child_id": "series/reading", "component": "series",
                        "role": "reading", "technology": "thermal", "method_id": "reported",
                        "raw_table": "electricity_bulletin", "quantity": "energy_ytd_mwh",
                        "flow": "generation", "item": "thermal", "value": 5e6, "unit": "MWh",
                        "quality_tier": "reported", "receipt_id": RECEIPT, "row_number": 4,
                    },
                    {
                        "relation": "member", "child_id": "110000", "share": 1.0,
                        "child_region_code": "110000", "child_resolution": "month",
                        "child_period_start": dt.date(2019, 1, 1), "region_code": "CN",
                    },
                )
            ],
            infer_schema_length=None,
        ),
        "calculation_method": pl.DataFrame(
            {
                "method_id": methods, "applies_to": ["factor"] * 3, "name_zh": ["因子"] * 3,
                "name_en": ["Factor"] * 3, "equation": ["EF = Em / E"] * 3,
                "boundary_zh": ["直接燃烧"] * 3, "boundary_en": ["direct combustion"] * 3,
                "source_zh": ["合成"] * 3, "source_en": ["Synthetic"] * 3,
                "document_section": ["6. Factors"] * 3,
            }
        ),
    }  # fmt: skip
