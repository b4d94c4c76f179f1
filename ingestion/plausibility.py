"""Plausibility of a file's values against what its series have ever been: orders of magnitude, the
order of values that belong together, and who is missing.

Belongs here: checks of one file against fixed tables (codes/magnitudes.csv, codes/regions.csv).
Never against other files: the outcome must not depend on what arrived before.
Does not belong here: comparison over time (dbt_project), single bounds (contracts).
"""

import polars as pl

from ingestion.cast import RECORD, problems_where
from ingestion.codes import code_table, region_levels, region_names
from ingestion.contract import Contract
from ingestion.rules import Problem, refuse

_TEN_THOUSAND = 10_000
_SHARE_OF_FILE = 0.5
_MOST_DISCHARGED = 1.05
_SERIES = ["region_code", "flow", "technology"]


def ytd_magnitude(rows: pl.DataFrame) -> pl.DataFrame:
    """Problems of year-to-date values outside the band of their series.

    The band of codes/magnitudes.csv is a tenth of the lowest to ten times the highest monthly mean
    of 2019-2024. A unit that is off by 10^4 always leaves it. When half the judged values or more
    of a flow are off the same way, the unit of the file is wrong and the file is refused
    (unit_magnitude_file); otherwise single rows are set aside.
    """
    bands = code_table("magnitudes").with_columns(
        pl.col("low_mwh_per_month", "high_mwh_per_month").cast(pl.Float64)
    )
    judged = (
        rows.filter(pl.col("energy_ytd_mwh") > 0)
        .join(bands, on=_SERIES, how="inner")
        .with_columns(
            _mean=pl.col("energy_ytd_mwh").cast(pl.Float64) / pl.col("period_month").dt.month()
        )
        .with_columns(
            _low=pl.col("_mean") < pl.col("low_mwh_per_month"),
            _high=pl.col("_mean") > pl.col("high_mwh_per_month"),
        )
        .sort(RECORD)
    )
    _refuse_whole_files(judged)
    band = pl.format(
        "{} to {} MWh a month", pl.col("low_mwh_per_month"), pl.col("high_mwh_per_month")
    )
    found = pl.format(
        "{} {} ({} MWh a month)",
        pl.col("reported_text"),
        pl.col("reported_unit"),
        pl.col("_mean").round(1),
    )
    off = pl.col("_low") | pl.col("_high")
    return problems_where(
        judged,
        off,
        "unit_magnitude_row",
        "energy_ytd_mwh",
        found,
        band,
        "A unit that is wrong by ten thousand looks like this.",
        "单位差一万倍时即如此。",
    )


def _refuse_whole_files(judged: pl.DataFrame) -> None:
    shares = (
        judged.group_by("flow", "sheet")
        .agg(
            pl.col("_low").sum(),
            pl.col("_high").sum(),
            pl.len(),
            pl.col("reported_unit").first(),
            pl.col("sheet").first().alias("_sheet"),
        )
        .sort("flow", "sheet")
    )
    for flow in shares.iter_rows(named=True):
        off = max(flow["_low"], flow["_high"])
        if off >= max(2, flow["len"] * _SHARE_OF_FILE):
            small = flow["_low"] >= flow["_high"]
            raise refuse(
                "unit_magnitude_file",
                sheet=flow["_sheet"],
                found=f"1/{_TEN_THOUSAND}" if small else f"{_TEN_THOUSAND} times",
                expected=flow["reported_unit"],
                hint=f"{off} of {flow['len']} values of {flow['flow']} are too "
                f"{'small' if small else 'large'}",
                hint_zh=f"{flow['len']} 个数值中有 {off} 个过{'小' if small else '大'}",
            )


def bounds_in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Problems of factors that do not lie between their own bounds (kg/TJ)."""
    order = (pl.col("lower") <= pl.col("kg_per_tj")) & (pl.col("kg_per_tj") <= pl.col("upper"))
    bounds = pl.format("{} to {} kg/TJ", pl.col("lower"), pl.col("upper"))
    return problems_where(
        rows, ~order, "bounds_out_of_order", "kg_per_tj", pl.col("kg_per_tj"), bounds
    )


def discharge_below_charge(rows: pl.DataFrame) -> pl.DataFrame:
    """Problems of months in which storage gave more than it took.

    A reservoir may carry energy over the end of a month, so a twentieth above the charge passes;
    over a month the losses of a cycle (a fifth and more) are larger than that in every plant that
    works day by day.
    """
    charge = pl.col("charge_mwh").cast(pl.Float64)
    discharge = pl.col("discharge_mwh").cast(pl.Float64)
    return problems_where(
        rows,
        discharge > charge * _MOST_DISCHARGED,
        "storage_discharge_exceeds_charge",
        "discharge_mwh",
        pl.format("{} MWh", discharge),
        pl.format("{} MWh", charge),
    )


def missing_regions(rows: pl.DataFrame, contract: Contract) -> list[Problem]:
    """One warning per sheet that lacks regions the contract expects."""
    if contract.expected_regions is None or rows.is_empty():
        return []
    expected = [c for c, level in region_levels().items() if level == contract.expected_regions]
    names = region_names()
    warnings = []
    for (sheet,), part in sorted(
        rows.group_by(["sheet"]), key=lambda group: str(group[0][0] or "")
    ):
        there = set(part["region_code"].drop_nulls().to_list())
        absent = [names[code] for code in expected if code not in there]
        if absent:
            warnings.append(
                Problem(
                    "region_missing", sheet=str(sheet) if sheet else None, found="、".join(absent)
                )
            )
    return warnings
