"""Invariants of what must be there at all, and of what no figure may be.

Belongs here: coverage of regions and periods, zeros, negatives. Does not belong here: vocabularies
and upper bounds of single columns (`expectations.published`).
"""

from __future__ import annotations

import polars as pl

from expectations import coverage
from expectations.check_result import CheckResult
from expectations.invariants.derived import balance_flows, release_periods
from expectations.invariants.question import PERIOD, Question, Tables, result

_DIRECT_SCOPES = ("CO2", "CH4", "N2O")
_OFFICIAL_STRUCTURE = coverage.REGIONS
_EVERY_AREA = coverage.AREAS

REQUIRED_SERIES: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("generation_average", "none", _DIRECT_SCOPES, _EVERY_AREA),
    ("supply_average", "generation", _DIRECT_SCOPES, _OFFICIAL_STRUCTURE),
    ("supply_average", "network", _DIRECT_SCOPES, _OFFICIAL_STRUCTURE),
    ("consumption_mix", "network", _DIRECT_SCOPES, _EVERY_AREA),
    ("fossil_power", "none", _DIRECT_SCOPES, (coverage.NATION,)),
    ("life_cycle_production", "none", ("CO2e",), _EVERY_AREA),
    ("life_cycle_consumption", "network", ("CO2e",), _EVERY_AREA),
)
"""Factor kinds and import bases with the gases and areas that they must have in every period. A
factor of fossil power exists only where fossil fuel is burnt, so it is required of the nation
alone; CO2e of combustion follows from its gases, and a residual from claims (`claims`)."""

BOUNDARIES = (
    ("direct_combustion", False),
    ("cradle_to_busbar", False),
    ("cradle_to_user", False),
    ("cradle_to_user", True),
)
"""System boundaries, without and with losses; the first is that of combustion, the others are those
that every life-cycle kind has."""

_SERIES = ["factor_kind", "import_factor_basis", "gas_scope"]
_BOUNDARY = ["system_boundary", "includes_td_losses"]


def region_period_coverage(tables: Tables, question: Question) -> CheckResult:
    """Check that every area has every required factor, and a mix, in every period.

    31 provinces, 7 grid regions, 2 sub-grids and the nation; every month from the first of the
    series to the release month and every complete year; one row each. The nation's mix has every
    technology; a province's mix leaves out those that it does not have, and each technology that it
    has is given its life-cycle factor.
    """
    periods = release_periods(question.release_month)
    areas = pl.DataFrame({"region_code": list(coverage.AREAS)})
    series = pl.DataFrame(
        [
            (area, kind, basis, scope, boundary, losses)
            for kind, basis, scopes, areas_of in REQUIRED_SERIES
            for scope in scopes
            for boundary, losses in BOUNDARIES
            if (boundary != "direct_combustion") == kind.startswith("life_cycle")
            for area in areas_of
        ],
        schema=["region_code", *_SERIES, *_BOUNDARY],
        orient="row",
    )
    wanted_factors = series.join(periods, how="cross").select(
        "region_code", *PERIOD, *_SERIES, *_BOUNDARY
    )
    mix = tables["electricity_mix"]
    life_cycle = pl.DataFrame(
        [(boundary, losses) for boundary, losses in BOUNDARIES[1:]],
        schema=_BOUNDARY,
        orient="row",
    )
    wanted_technologies = (
        mix.filter(pl.col("generation_mwh") > 0)
        .select("region_code", *PERIOD, "technology")
        .join(life_cycle, how="cross")
        .with_columns(pl.lit("life_cycle_technology").alias("factor_kind"))
    )
    technologies = pl.DataFrame({"technology": list(coverage.TECHNOLOGIES)})
    nation = areas.filter(pl.col("region_code") == coverage.NATION)
    wanted_mix = nation.join(periods, how="cross").join(technologies, how="cross")
    mixed = areas.join(periods, how="cross")
    consumed = mixed.join(technologies, how="cross")
    factor = tables["electricity_factor"]
    origin = tables["consumption_origin"].select(mixed.columns).unique()
    asked = [
        (wanted_factors, factor, "electricity_factor"),
        (wanted_technologies, factor, "electricity_factor"),
        (wanted_mix, mix, "electricity_mix"),
        (mixed, mix.select(mixed.columns).unique(), "electricity_mix"),
        (consumed, tables["consumption_mix"], "consumption_mix"),
        (mixed, origin, "consumption_origin"),
    ]
    bad = pl.concat([_uncovered(*each) for each in asked], how="diagonal")
    return result(
        "region_period_coverage",
        "electricity_factor",
        judged=sum(wanted.height for wanted, _, _ in asked),
        bad=bad,
        rule="31 provinces, 7 grid regions, 2 sub-grids and the nation have one row for every "
        "month, every complete year and every required series",
        advice="The sample names what is missing (rows 0) or stands twice (rows 2); look at the "
        "quarantine for a delivery that was refused.",
    )


def periods_end_where_they_should(tables: Tables, question: Question) -> CheckResult:
    """Check that a month ends on its last day, a year on 31 December, none after the release."""
    last = coverage.period_end(coverage.parse_release_month(question.release_month), "month")
    spans = pl.concat(
        [
            frame.group_by(*PERIOD, "period_end")
            .agg(pl.len().alias("rows"))
            .with_columns(pl.lit(name).alias("table"))
            for name, frame in (
                ("electricity_factor", tables["electricity_factor"]),
                ("electricity_mix", tables["electricity_mix"]),
                ("consumption_mix", tables["consumption_mix"]),
                ("consumption_origin", tables["consumption_origin"]),
                ("certificate_balance", tables["certificate_balance"]),
                ("interchange", balance_flows(tables["interchange"])),
            )
        ]
    ).sort("table", *PERIOD)
    right = (
        pl.when(pl.col("resolution") == "year")
        .then(pl.col("period_start").dt.offset_by("1y").dt.offset_by("-1d"))
        .otherwise(pl.col("period_start").dt.month_end())
    )
    bad = spans.filter(
        (pl.col("period_end") == right).not_()
        | pl.col("period_end").is_null()
        | (pl.col("period_end") > last)
    )
    return result(
        "periods_end_where_they_should",
        "electricity_factor",
        judged=spans.height,
        bad=bad,
        rule="months and years end on their last day, and none after the release month",
        advice="Derive period_end from period_start and resolution.",
    )


def nothing_negative(tables: Tables, question: Question) -> CheckResult:
    """Check that no energy, emission, share, capacity, factor or uncertainty is below zero."""
    columns = {
        "electricity_factor": (
            "value", "median", "lower_95", "upper_95", "reported_share", "completed_share",
            "modelled_share",
        ),
        "electricity_mix": (
            "generation_mwh", "share", "co2_kg", "ch4_kg", "n2o_kg", "lca_co2e_kg", "relative_sd",
        ),
        "consumption_mix": ("consumption_mwh", "share"),
        "consumption_origin": (
            "energy_mwh", "share", "co2_kg", "ch4_kg", "n2o_kg", "lca_co2e_kg",
        ),
        "certificate_balance": ("total_mwh", "claimed_mwh", "residual_mwh", "lca_co2e_kg"),
        "interchange": (
            "energy_mwh", "capacity_mwh",
        ),
    }  # fmt: skip
    keys = {
        "electricity_factor": ("factor_id", "region_code"),
        "electricity_mix": ("region_code", "technology"),
        "consumption_mix": ("region_code", "technology"),
        "consumption_origin": ("region_code", "origin_region_code"),
        "certificate_balance": ("region_code", "technology"),
        "interchange": ("from_region_code", "to_region_code"),
    }
    negatives = []
    judged = 0
    for name, wanted in columns.items():
        frame = tables[name]
        for column in (each for each in wanted if each in frame.columns):
            judged += frame.height
            negatives.append(
                frame.filter(pl.col(column) < 0).select(
                    pl.lit(name).alias("table"),
                    *keys[name],
                    *PERIOD,
                    pl.lit(column).alias("column"),
                    pl.col(column).cast(pl.Float64).alias("found"),
                )
            )
    bad = pl.concat(negatives, how="diagonal") if negatives else pl.DataFrame()
    return result(
        "nothing_negative",
        "electricity_mix",
        judged=judged,
        bad=bad,
        rule="no energy, emission, share, capacity or factor is negative",
        advice="Most often a year-to-date series that falls; see the quarantine and corrections.",
    )


def nothing_all_zero(tables: Tables, question: Question) -> CheckResult:
    """Check that no series consists of zeros alone.

    Judged in every period: each region's generation, each technology's national generation, each
    series of factors over all regions, and each level's flows. Zeros are how missing figures
    arrive in the bulletins; where a whole series is zero the figures never came.
    """
    mix = tables["electricity_mix"]
    factor = tables["electricity_factor"]
    flows = balance_flows(tables["interchange"])
    regions = _series_sum(mix, ["region_code"], "generation_mwh", "generation of a region")
    national = _series_sum(
        mix.filter(pl.col("region_code") == coverage.NATION),
        ["technology"],
        "generation_mwh",
        "national generation of a technology",
    )
    factors = _series_sum(
        factor,
        ["factor_kind", "import_factor_basis", "technology", "gas_scope", "gwp_set"],
        "value",
        "a series of factors",
    )
    exchange = _series_sum(flows, ["level"], "energy_mwh", "flows of a level")
    sums = pl.concat([regions, national, factors, exchange], how="diagonal")
    bad = sums.filter((pl.col("total") > 0).not_() | pl.col("total").is_null())
    return result(
        "nothing_all_zero",
        "electricity_mix",
        judged=sums.height,
        bad=bad,
        rule="no region, technology, series of factors or level of flows is all zero in a period",
        advice="Zeros mean missing figures: look for a delivery that was not read.",
    )


def _uncovered(wanted: pl.DataFrame, frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Return the wanted cells that do not stand exactly once in a table."""
    counted = frame.group_by(wanted.columns).agg(pl.len().cast(pl.Int64).alias("rows"))
    return (
        wanted.join(counted, on=wanted.columns, how="left")
        .with_columns(pl.col("rows").fill_null(0), pl.lit(table).alias("table"))
        .filter(pl.col("rows") != 1)
    )


def _series_sum(frame: pl.DataFrame, by: list[str], column: str, series: str) -> pl.DataFrame:
    return (
        frame.group_by(*by, *PERIOD)
        .agg(pl.col(column).cast(pl.Float64).sort().sum().alias("total"))
        .select(
            pl.lit(series).alias("series"),
            pl.concat_str(by, separator=" ").alias("name"),
            *PERIOD,
            "total",
        )
    )
