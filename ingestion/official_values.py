"""Checks of official CO2 factors: known wrong values, and the order that the national factors
always have.

Belongs here: what can be said about one announcement by itself and the table of wrong values met
elsewhere (codes/known_bad_values.csv).
Does not belong here: comparison with factors of our own (dbt_project).
"""

from itertools import pairwise

import polars as pl

from ingestion.cast import RECORD, problems_where
from ingestion.codes import code_table
from ingestion.rules import refuse

_KEY = ["region_code", "year", "factor_kind"]
_VALUE = "value_kg_per_kwh"
_ORDER = ("supply_average", "residual_mix", "fossil_power")


def official_values(rows: pl.DataFrame) -> pl.DataFrame:
    """Problems of rows that hold a known wrong value.

    FileRefused: official_values_known_bad when the wrong value says that the whole table is
    another one (years swapped, life-cycle factors), official_order_broken when average < residual
    < fossil does not hold nationally.
    """
    bad = (
        code_table("known_bad_values")
        .filter(pl.col("contract") == "official_co2_factor")
        .with_columns(
            pl.col("year").cast(pl.Int32), pl.col("value").cast(pl.Decimal(18, 8)).alias("_bad")
        )
        .drop("contract", "value")
    )
    met = (
        rows.join(bad, on=_KEY, how="inner")
        .filter(pl.col(_VALUE) == pl.col("_bad"))
        .sort(RECORD)
        .with_columns(_shown=pl.col("_bad").cast(pl.Float64).round(4).cast(pl.String))
    )
    whole = met.filter(pl.col("scope") == "file")
    if not whole.is_empty():
        first = whole.row(0, named=True)
        raise refuse(
            "official_values_known_bad",
            sheet=first["sheet"],
            row_number=first["row_number"],
            found=first["_shown"],
            expected=first["correct_value"],
            hint=first["reason_en"],
            hint_zh=first["reason_zh"],
        )
    _check_order(rows)
    return problems_where(
        met,
        pl.lit(value=True),
        "known_bad_value",
        _VALUE,
        pl.col("_shown"),
        pl.col("correct_value"),
        pl.col("reason_en"),
        pl.col("reason_zh"),
    )


def _check_order(rows: pl.DataFrame) -> None:
    national = rows.filter(pl.col("region_code") == "CN", pl.col(_VALUE).is_not_null())
    for (year,), part in sorted(national.group_by(["year"]), key=lambda group: str(group[0][0])):
        kinds = dict(part.select("factor_kind", _VALUE).iter_rows())
        there = [(kind, kinds[kind]) for kind in _ORDER if kind in kinds]
        values = [value for _, value in there]
        if any(low >= high for low, high in pairwise(values)):
            shown = ", ".join(f"{kind} {value:.4f}" for kind, value in there)
            raise refuse("official_order_broken", found=f"{year}: {shown}")
