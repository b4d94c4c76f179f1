"""Checks of green certificates: what a single file can say about its batches.

Belongs here: dates, states and ids of batches, judged within one file.
Does not belong here: the same id in several files (staging takes the row known last, and sets aside
ids that two files of one day claim differently), and claims above what was generated (dbt_project).

Validity: a certificate is valid for two years from the month of generation on (rules for issuing
and trading green certificates, National Energy Administration, 2024 No. 67).
"""

import polars as pl

from ingestion.cast import no_problems, problems_where
from ingestion.delivery import Delivered

VALID_MONTHS = 24
_RETIREMENT = ("retiring_region_code", "retired_on")


def certificates(rows: pl.DataFrame, delivered: Delivered) -> pl.DataFrame:
    """Problems of batches: generated outside the file's period, without energy, retired without
    saying where and when, retired outside their validity, or retired twice.
    """
    return pl.concat(
        [
            no_problems(),
            _outside_period(rows, delivered),
            problems_where(
                rows, pl.col("energy_mwh") == 0, "value_zero", "energy_mwh", pl.col("reported_text")
            ),
            _unclear_retirement(rows),
            _outside_validity(rows, delivered),
            _retired_twice(rows),
        ]
    )


def _outside_period(rows: pl.DataFrame, delivered: Delivered) -> pl.DataFrame:
    period = delivered.period
    inside = pl.col("period_month").is_between(period.start, period.end)
    month = pl.col("period_month").dt.strftime("%Y-%m")
    return problems_where(
        rows, ~inside, "certificate_outside_period", "period_month", month, period.text
    )


def _unclear_retirement(rows: pl.DataFrame) -> pl.DataFrame:
    retired = pl.col("status") == "retired"
    lacking = pl.any_horizontal(pl.col(name).is_null() for name in _RETIREMENT)
    named = pl.any_horizontal(pl.col(name).is_not_null() for name in _RETIREMENT)
    where = pl.col("retiring_region_code").fill_null("-")
    day = pl.col("retired_on").cast(pl.String).fill_null("-")
    found = pl.format("{}, {}, {}", pl.col("status"), where, day)
    return problems_where(
        rows,
        (retired & lacking) | (~retired & named),
        "certificate_retirement_unclear",
        pl.when(pl.col("retiring_region_code").is_null())
        .then(pl.lit("retiring_region_code"))
        .otherwise(pl.lit("retired_on")),
        found,
    )


def _outside_validity(rows: pl.DataFrame, delivered: Delivered) -> pl.DataFrame:
    first = pl.col("period_month")
    last = pl.col("period_month").dt.offset_by(f"{VALID_MONTHS}mo").dt.offset_by("-1d")
    last = pl.min_horizontal(last, pl.lit(delivered.known_at))
    return problems_where(
        rows,
        (pl.col("retired_on") < first) | (pl.col("retired_on") > last),
        "certificate_retired_outside_validity",
        "retired_on",
        pl.col("retired_on"),
        pl.format("{} to {}", first, last),
    )


def _retired_twice(rows: pl.DataFrame) -> pl.DataFrame:
    """All rows of an id that has two different retirements: none of them can count."""
    retired = pl.col("status") == "retired"
    claims = pl.when(retired).then(pl.struct(*_RETIREMENT, "energy_mwh")).drop_nulls()
    regions = pl.col("retiring_region_code").drop_nulls().unique().sort()
    judged = rows.with_columns(
        _claims=claims.n_unique().over("certificate_id"),
        _regions=regions.implode().over("certificate_id", mapping_strategy="join").list.join(", "),
    )
    return problems_where(
        judged,
        pl.col("_claims") > 1,
        "certificate_retired_twice",
        "certificate_id",
        pl.col("certificate_id"),
        pl.col("_regions"),
    )
