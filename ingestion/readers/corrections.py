"""Corrections: one corrected cell a line, with what must stand there before and why.

Belongs here: this layout, the canonical form of the key, and which tables are never corrected.
Does not belong here: applying corrections (dbt_project).

Answers of a survey are not corrected here: disclosure control knows by its receipt what each
release told of a plant, and a correction would change the answer behind a receipt. The plant sends
its form again.
"""

import json

import polars as pl

from ingestion.contract import all_contracts
from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header
from ingestion.readers.reading import Reading, table_rows
from ingestion.rules import Problem

_NAMES = ("raw_table", "key_json", "column", "expect", "value", "unit", "reason", "reporter",
          "corrected_on")  # fmt: skip
_SURVEY = "survey_"
_WANTED = [Wanted(name, (name,)) for name in _NAMES]


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of correction: one per row whose table, column and key exist; the others are set
    aside.
    """
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    rows, set_aside = table_rows(sheet, header)
    keys: dict[str, str] = {}
    for row in rows.select("row_number", "raw_table", "column", "key_json").iter_rows(named=True):
        reason = _fault(row["raw_table"], row["column"], row["key_json"])
        if reason is None:
            keys[row["key_json"]] = _canonical(row["key_json"])
        else:
            rule, column, found, expected = reason
            set_aside.append(
                Problem(
                    rule,
                    sheet=sheet.name,
                    row_number=row["row_number"],
                    column=column,
                    found=found,
                    expected=expected,
                )
            )
    bad = [problem.row_number for problem in set_aside]
    records = rows.filter(~pl.col("row_number").is_in(bad)).with_columns(
        pl.col("key_json").replace(keys)
    )
    return Reading(records, set_aside)


def _fault(table: str, column: str, key: str) -> tuple[str, str, str, str] | None:
    """Rule, column, text and what was expected of the first fault of a correction; None when it can
    be applied.
    """
    contracts = all_contracts()
    if table.strip().lower().startswith(_SURVEY):
        return "correction_of_survey", "raw_table", table, ""
    if table not in contracts:
        return "code_unknown", "raw_table", table, "the raw tables"
    columns = [known.name for known in contracts[table].columns]
    if column not in columns:
        return "code_unknown", "column", column, f"the columns of {table}"
    try:
        parsed = json.loads(key)
    except json.JSONDecodeError:
        return "code_unknown", "key_json", key, "JSON objects"
    if not isinstance(parsed, dict) or not parsed or not set(parsed) <= set(columns):
        return "code_unknown", "key_json", key, f"objects with key columns of {table}"
    return None


def _canonical(key: str) -> str:
    return json.dumps(json.loads(key), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
