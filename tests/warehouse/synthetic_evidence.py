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
    "calculation_method": {
        "method_id": "varchar", "applies_to": "varchar", "name_zh": "varchar",
        "name_en": "varchar", "equation": "varchar", "boundary_zh": "varchar",
        "boundary_en": "varchar", "source_zh": "varchar", "source_en": "varchar",
        "document_section": "varchar",
    },
}  # fmt: skip

KEYS = {
    "input_file": ["receipt_id"],
    "calculation_method": ["method_id"],
}

RECEIPT = "r0123456789abcdef"


def make_evidence() -> dict[str, pl.DataFrame]:
    """Return the tables of evidence: one file, the methods of the synthetic factors."""
    methods = ["generation_average", "supply_average", "fossil_power"]
    return {
        "input_file": pl.DataFrame(
            {
                "receipt_id": [RECEIPT], "source_id": ["bulletin"],
                "raw_table": ["electricity_bulletin"], "file_name": ["bulletin_2021.csv"],
                "sha256": ["0123456789abcdef" * 4], "period": ["2021"],
                "known_at": [dt.date(2022, 1, 20)], "known_at_basis": ["stated"],
                "rows_accepted": [372], "rows_quarantined": [0], "quality_tier": ["reported"],
            }
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
