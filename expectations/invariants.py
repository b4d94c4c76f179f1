"""The mathematics that must hold between published tables, as pure functions.

Belongs here: rules that need more than one table, or more than one row, to state - sums,
conservation, ranges, coverage. Does not belong here: the range of one column (`published`), keys
and relations (dbt tests), and anything that reads a file.

Each function takes the published tables and what they are judged by, and returns one result. It
counts the groups that it judged; zero groups is a failure. Energy is in MWh, emissions in kg CO2,
factors in kgCO2/kWh, so `co2_kg = factor * energy_mwh * 1000`.

Notation: province `p` generates `E_p` and emits `Em_p`; `I_np` flows from `n` to `p`. The factor
of supply, with the exporters' factors `x_n` (their own generation factor, or their own factor of
supply when the basis is `network`), is `f_p = (Em_p + sum_n x_n I_np) / (E_p + sum_n I_np)`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

import polars as pl

from expectations import coverage
from expectations.check_result import SAMPLE_ROWS, CheckResult, plain_row
from expectations.thresholds import Thresholds

Tables = Mapping[str, pl.DataFrame]

PERIOD = ["resolution", "period_start"]
KG_PER_KWH_TO_KG_PER_MWH = 1000.0
BALANCE_METRIC = "province_balance_residual_share"
"""Metric of `data_quality`, by province: what its balance leaves unexplained, over its supply."""

REQUIRED_SERIES = (
    ("generation_average", "none"),
    ("supply_average", "generation"),
    ("supply_average", "network"),
)
"""Factor kinds and import bases that every region has in every period. A factor of fossil power
exists only where fossil fuel is burnt, so it is required of the nation alone."""


@dataclasses.dataclass(frozen=True)
class Question:
    """What the tables are judged by: the month of the release and the tolerances."""

    release_month: str
    thresholds: Thresholds


Invariant = Callable[[Tables, Question], CheckResult]


def mix_sums_to_one(tables: Tables, question: Question) -> CheckResult:
    """Check that the shares of each region and period add up to 1.

    A mix that does not is the first sign of a technology counted twice or lost.
    """
    sums = (
        tables["electricity_mix"]
        .group_by("region_code", *PERIOD)
        .agg(pl.col("share").cast(pl.Float64).sort().sum().alias("share_sum"))
    )
    bad = sums.filter(
        ((pl.col("share_sum") - 1).abs() <= float(question.thresholds.share_sum)).not_()
        | pl.col("share_sum").is_null()
    )
    return _result(
        "mix_sums_to_one",
        "electricity_mix",
        judged=sums.height,
        bad=bad,
        rule="the shares of each region and period add up to 1",
        advice="Look for a technology that is lost or counted twice.",
    )


def shares_are_of_generation(tables: Tables, question: Question) -> CheckResult:
    """Check that each share is the technology's generation over the region's generation."""
    mix = tables["electricity_mix"].with_columns(
        pl.col("generation_mwh").cast(pl.Float64).alias("generation"),
        pl.col("share").cast(pl.Float64).alias("stated"),
    )
    total = pl.col("generation").sort().sum().over("region_code", *PERIOD)
    made = mix.with_columns((pl.col("generation") / total).alias("made"))
    bad = made.filter(
        ((pl.col("stated") - pl.col("made")).abs() <= float(question.thresholds.share_sum)).not_()
        | pl.col("made").is_null()
        | pl.col("made").is_nan()
        | pl.col("stated").is_null()
    ).select("region_code", *PERIOD, "technology", "stated", "made")
    return _result(
        "shares_are_of_generation",
        "electricity_mix",
        judged=made.height,
        bad=bad,
        rule="each share is the technology's part of the region's generation",
        advice="Derive the share from the published generation_mwh.",
    )


def emissions_conserved_from_provinces_to_nation(tables: Tables, question: Question) -> CheckResult:
    """Check that provinces, and grid regions, add up to the nation in energy and emissions.

    Energy and emissions are exact decimals, so the sums must agree to the tolerance that rounding
    to six places leaves; a province counted in two grid regions, or in none, shows here.
    """
    totals = (
        tables["electricity_mix"]
        .with_columns(_level("region_code").alias("level"))
        .group_by("level", *PERIOD)
        .agg(_exact_sum("generation_mwh"), _exact_sum("co2_kg"))
    )
    nation = totals.filter(pl.col("level") == "nation").drop("level")
    parts = totals.filter(pl.col("level") != "nation")
    levels = pl.DataFrame({"level": ["province", "grid_region"]})
    both = (
        nation.join(levels, how="cross")
        .join(parts, on=["level", *PERIOD], how="full", suffix="_of_parts", coalesce=True)
        .sort("level", *PERIOD)
    )
    tolerance = float(question.thresholds.conservation)
    bad = both.filter(
        _apart("generation_mwh", "generation_mwh_of_parts", tolerance)
        | _apart("co2_kg", "co2_kg_of_parts", tolerance)
    )
    return _result(
        "emissions_conserved_from_provinces_to_nation",
        "electricity_mix",
        judged=both.height,
        bad=bad,
        rule="generation and emissions of the provinces, and of the grid regions, add up to the "
        "nation's",
        advice="Look for a province that is missing, or stands in two grid regions.",
    )


def years_are_sums_of_months(tables: Tables, question: Question) -> CheckResult:
    """Check that a year's generation and emissions are those of its twelve months."""
    mix = tables["electricity_mix"]
    cell = ["region_code", "technology"]
    start = [pl.col("period_start").dt.truncate("1y")]
    months = (
        mix.filter(pl.col("resolution") == "month")
        .with_columns(start)
        .group_by(*cell, "period_start")
        .agg(_exact_sum("generation_mwh"), _exact_sum("co2_kg"), pl.len().alias("months"))
    )
    year = mix.filter(pl.col("resolution") == "year").select(
        *cell, "period_start", "generation_mwh", "co2_kg"
    )
    both = year.join(months, on=[*cell, "period_start"], how="left", suffix="_of_months")
    tolerance = float(question.thresholds.conservation)
    bad = both.filter(
        (pl.col("months") != 12)
        | pl.col("months").is_null()
        | _apart("generation_mwh", "generation_mwh_of_months", tolerance)
        | _apart("co2_kg", "co2_kg_of_months", tolerance)
    )
    return _result(
        "years_are_sums_of_months",
        "electricity_mix",
        judged=both.height,
        bad=bad,
        rule="a year's generation and emissions are the sums of its twelve months",
        advice="Derive the year from the published months.",
        may_be_empty=not coverage.years(question.release_month),
    )


def generation_factor_agrees_with_mix(tables: Tables, question: Question) -> CheckResult:
    """Check that the generation factor is the mix's emissions over the mix's generation."""
    made = _generation(tables["electricity_mix"]).with_columns(
        (pl.col("co2") / pl.col("generation") / KG_PER_KWH_TO_KG_PER_MWH).alias("made")
    )
    stated = _factors(tables["electricity_factor"], "generation_average", "none")
    both = stated.join(made, on=["region_code", *PERIOD], how="left")
    bad = both.filter(_off("factor", "made", question.thresholds.factor))
    return _result(
        "generation_factor_agrees_with_mix",
        "electricity_factor",
        judged=both.height,
        bad=bad.select("region_code", *PERIOD, "factor", "made"),
        rule="the generation factor is emissions over generation of the published mix",
        advice="Both must come from one inventory; rebuild the one that is stale.",
    )


def supply_factor_agrees_with_interchange(tables: Tables, question: Question) -> CheckResult:
    """Check that each province's factor of supply can be made again from published tables.

    `f_p = (Em_p + sum_n x_n I_np) / (E_p + sum_n I_np)`, for both bases of `x`.
    """
    made = pl.concat([_supply(tables, basis) for basis in ("generation", "network")])
    bad = made.filter(_off("factor", "made", question.thresholds.factor))
    return _result(
        "supply_factor_agrees_with_interchange",
        "electricity_factor",
        judged=made.height,
        bad=bad.select("basis", "region_code", *PERIOD, "factor", "made"),
        rule="a province's supply factor is that of its generation and imports as published",
        advice="Rebuild factor and interchange from one balance.",
    )


def emissions_conserved_through_interchange(tables: Tables, question: Question) -> CheckResult:
    """Check that what is delivered carries what was emitted, on the network basis.

    Each province passes on supply at its own factor, so the emissions of final deliveries,
    `sum_p f_p (E_p + I_.p - I_p.)`, are the emissions of generation, `sum_p Em_p`. Holds for the
    network basis alone: with generation-based import factors transit is not conserved.
    """
    supply = _supply(tables, "network").with_columns(
        (pl.col("factor") * (pl.col("generation") + pl.col("imports") - pl.col("exports")))
        .mul(KG_PER_KWH_TO_KG_PER_MWH)
        .alias("delivered")
    )
    sums = (
        supply.sort("region_code")
        .group_by(*PERIOD, maintain_order=True)
        .agg(
            pl.col("delivered").sort().sum().alias("delivered_co2_kg"),
            pl.col("co2").sort().sum().alias("emitted_co2_kg"),
            pl.col("delivered").is_null().any().alias("has_gap"),
        )
        .sort(PERIOD)
    )
    bad = sums.filter(
        pl.col("has_gap")
        | _apart("emitted_co2_kg", "delivered_co2_kg", float(question.thresholds.conservation))
    )
    return _result(
        "emissions_conserved_through_interchange",
        "electricity_factor",
        judged=sums.height,
        bad=bad,
        rule="on the network basis, deliveries carry exactly the emissions of generation",
        advice="A flow, a factor or a province is missing from one side of the balance.",
    )


def factor_within_range_of_what_it_mixes(tables: Tables, question: Question) -> CheckResult:
    """Check that a supply factor lies between the least and greatest factor that it mixes.

    A province mixes its own generation and, for each inflow, the exporter's factor; a weighted
    mean outside its parts means a negative weight or a factor from elsewhere.
    """
    ranges = pl.concat([_range(tables, basis) for basis in ("generation", "network")])
    slack = float(question.thresholds.factor)
    bad = ranges.filter(
        (
            (pl.col("factor") >= pl.col("least") - slack)
            & (pl.col("factor") <= pl.col("greatest") + slack)
        ).not_()
        | pl.any_horizontal(pl.col("factor", "least", "greatest").is_null())
    )
    return _result(
        "factor_within_range_of_what_it_mixes",
        "electricity_factor",
        judged=ranges.height,
        bad=bad,
        rule="a province's supply factor lies within the factors that it mixes",
        advice="Look for a negative flow, or an exporter's factor of another period or basis.",
    )


def region_period_coverage(tables: Tables, question: Question) -> CheckResult:
    """Check that every region has every required factor and the whole mix in every period.

    31 provinces, 7 grid regions and the nation; every month from the first of the series to the
    release month and every complete year; one row each.
    """
    periods = _periods(question.release_month)
    regions = pl.DataFrame({"region_code": list(coverage.REGIONS)})
    series = pl.DataFrame(
        REQUIRED_SERIES, schema=["factor_kind", "import_factor_basis"], orient="row"
    )
    cells = ["region_code", *PERIOD, "factor_kind", "import_factor_basis"]
    fossil = periods.with_columns(
        pl.lit("CN").alias("region_code"),
        pl.lit("fossil_power").alias("factor_kind"),
        pl.lit("none").alias("import_factor_basis"),
    )
    wanted_factors = pl.concat(
        [
            regions.join(periods, how="cross").join(series, how="cross").select(cells),
            fossil.select(cells),
        ]
    )
    technologies = pl.DataFrame({"technology": list(coverage.TECHNOLOGIES)})
    wanted_mix = regions.join(periods, how="cross").join(technologies, how="cross")
    bad = pl.concat(
        [
            _uncovered(wanted_factors, tables["electricity_factor"], "electricity_factor"),
            _uncovered(wanted_mix, tables["electricity_mix"], "electricity_mix"),
        ],
        how="diagonal",
    )
    return _result(
        "region_period_coverage",
        "electricity_factor",
        judged=wanted_factors.height + wanted_mix.height,
        bad=bad,
        rule="31 provinces, 7 grid regions and the nation have one row for every month, every "
        "complete year and every required series",
        advice="The sample names what is missing (rows 0) or stands twice (rows 2); look at the "
        "quarantine for a delivery that was refused.",
    )


def periods_end_where_they_should(tables: Tables, question: Question) -> CheckResult:
    """Check that a month ends on its last day, a year on 31 December, none after the release."""
    last = coverage.period_end(coverage.parse_release_month(question.release_month), "month")
    spans = pl.concat(
        [
            tables[name]
            .group_by(*PERIOD, "period_end")
            .agg(pl.len().alias("rows"))
            .with_columns(pl.lit(name).alias("table"))
            for name in ("electricity_factor", "electricity_mix", "interchange")
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
    return _result(
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
            "value", "lower_95", "upper_95", "estimated_share",
        ),
        "electricity_mix": ("generation_mwh", "share", "co2_kg", "relative_sd"),
        "interchange": (
            "energy_mwh", "co2_kg_generation_basis", "co2_kg_network_basis", "capacity_mw",
        ),
    }  # fmt: skip
    keys = {
        "electricity_factor": ("factor_id", "region_code"),
        "electricity_mix": ("region_code", "technology"),
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
    return _result(
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
    flows = tables["interchange"]
    regions = _series_sum(mix, ["region_code"], "generation_mwh", "generation of a region")
    national = _series_sum(
        mix.filter(pl.col("region_code") == coverage.NATION),
        ["technology"],
        "generation_mwh",
        "national generation of a technology",
    )
    factors = _series_sum(
        factor, ["factor_kind", "import_factor_basis"], "value", "a series of factors"
    )
    exchange = _series_sum(flows, ["level"], "energy_mwh", "flows of a level")
    sums = pl.concat([regions, national, factors, exchange], how="diagonal")
    bad = sums.filter((pl.col("total") > 0).not_() | pl.col("total").is_null())
    return _result(
        "nothing_all_zero",
        "electricity_mix",
        judged=sums.height,
        bad=bad,
        rule="no region, technology, series of factors or level of flows is all zero in a period",
        advice="Zeros mean missing figures: look for a delivery that was not read.",
    )


def official_values_keep_their_order(tables: Tables, question: Question) -> CheckResult:
    """Check that official national values stand as average < residual < fossil in each year.

    An identity of the official definitions: taking market-traded non-fossil electricity out of
    the denominator raises the average, and taking all of it out gives the fossil factor. Swapped
    or mistaken transcriptions break it.
    """
    kinds = ["supply_average", "residual_mix", "fossil_power"]
    official = (
        tables["official_comparison"]
        .filter((pl.col("region_code") == coverage.NATION) & pl.col("factor_kind").is_in(kinds))
        .group_by("year", "factor_kind")
        .agg(
            pl.col("official_value").cast(pl.Float64).min().alias("least"),
            pl.col("official_value").cast(pl.Float64).max().alias("greatest"),
        )
    )
    ranked = official.with_columns(
        pl.col("factor_kind")
        .replace_strict(kinds, list(range(len(kinds))), return_dtype=pl.Int32)
        .alias("rank")
    ).sort("year", "rank")
    pairs = ranked.with_columns(
        pl.col("factor_kind").shift(1).over("year").alias("should_be_below"),
        pl.col("greatest").shift(1).over("year").alias("value_below"),
    ).filter(pl.col("should_be_below").is_not_null())
    bad = pairs.filter((pl.col("value_below") < pl.col("least")).not_())
    return _result(
        "official_values_keep_their_order",
        "official_comparison",
        judged=pairs.height,
        bad=bad.select("year", "should_be_below", "value_below", "factor_kind", "least"),
        rule="official national values stand as average < residual < fossil",
        advice="Check the transcription of the announcement; two values may be swapped.",
        may_be_empty=question.release_month < "2021-12",
    )


def pairs_flow_one_way(tables: Tables, question: Question) -> CheckResult:
    """Check that no pair of regions flows both ways in one period, and none flows to itself.

    Interchange is net: opposite flows would count the same energy twice in the network basis.
    """
    flows = (
        tables["interchange"]
        .filter(pl.col("energy_mwh") > 0)
        .group_by("level", *PERIOD, "from_region_code", "to_region_code")
        .agg(_exact_sum("energy_mwh"))
    )
    back = flows.rename(
        {
            "from_region_code": "to_region_code",
            "to_region_code": "from_region_code",
            "energy_mwh": "energy_mwh_back",
        }
    )
    both = flows.join(
        back, on=["level", *PERIOD, "from_region_code", "to_region_code"], how="inner"
    ).sort("level", *PERIOD, "from_region_code", "to_region_code")
    return _result(
        "pairs_flow_one_way",
        "interchange",
        judged=flows.height,
        bad=both,
        rule="a pair of regions flows one way in a period, and no region flows to itself",
        advice="Net the two flows before they are published.",
    )


def exports_within_supply(tables: Tables, question: Question) -> CheckResult:
    """Check that no province delivers more than it generates and receives."""
    supply = _supply(tables, "network").with_columns(
        (pl.col("generation") + pl.col("imports")).alias("supply_mwh")
    )
    bad = supply.filter(
        (
            pl.col("exports")
            <= pl.col("supply_mwh") * (1 + float(question.thresholds.conservation))
        ).not_()
    )
    return _result(
        "exports_within_supply",
        "interchange",
        judged=supply.height,
        bad=bad.select("region_code", *PERIOD, "generation", "imports", "exports"),
        rule="a province delivers no more than it generates and receives",
        advice="The balance of that province does not close; look at its consumption figure.",
    )


def province_balances_close(tables: Tables, question: Question) -> CheckResult:
    """Check that generation and net imports meet consumption in every province and period.

    The residual is published as metric `province_balance_residual_share`; it must be there for
    every province and month, and stay within the threshold.
    """
    quality = tables["data_quality"].filter(
        (pl.col("metric") == BALANCE_METRIC) & pl.col("region_code").is_in(coverage.PROVINCES)
    )
    months = _periods(question.release_month).filter(pl.col("resolution") == "month")
    wanted = (
        pl.DataFrame({"region_code": list(coverage.PROVINCES)})
        .join(months, how="cross")
        .with_columns(pl.col("period_start").dt.month_end().alias("period_end"))
    )
    joined = wanted.join(
        quality.select(
            "region_code", "period_start", "period_end", pl.col("value").cast(pl.Float64)
        ),
        on=["region_code", "period_start", "period_end"],
        how="left",
    )
    bad = joined.filter(
        (pl.col("value").abs() <= float(question.thresholds.balance)).not_()
        | pl.col("value").is_null()
    ).drop("resolution")
    return _result(
        "province_balances_close",
        "data_quality",
        judged=joined.height,
        bad=bad,
        rule="generation and net imports meet consumption in every province and month",
        advice=f"Every province and month needs a row of metric {BALANCE_METRIC} within "
        f"{question.thresholds.balance}.",
    )


INVARIANTS: tuple[Invariant, ...] = (
    mix_sums_to_one,
    shares_are_of_generation,
    emissions_conserved_from_provinces_to_nation,
    years_are_sums_of_months,
    generation_factor_agrees_with_mix,
    supply_factor_agrees_with_interchange,
    emissions_conserved_through_interchange,
    factor_within_range_of_what_it_mixes,
    region_period_coverage,
    periods_end_where_they_should,
    nothing_negative,
    nothing_all_zero,
    official_values_keep_their_order,
    pairs_flow_one_way,
    exports_within_supply,
    province_balances_close,
)


def check_ids() -> list[str]:
    """Return the ids of all invariants."""
    return [f"invariant.{invariant.__name__}" for invariant in INVARIANTS]


def judge_invariants(
    tables: Tables, *, release_month: str, thresholds: Thresholds
) -> list[CheckResult]:
    """Judge all invariants over the published tables (Polars frames by table name).

    An invariant that cannot be carried out - a table or column is missing, a type is wrong - is an
    `error` of its own and does not hide the others.
    """
    question = Question(release_month, thresholds)
    return [_carried_out(invariant, tables, question) for invariant in INVARIANTS]


def _carried_out(invariant: Invariant, tables: Tables, question: Question) -> CheckResult:
    check_id = f"invariant.{invariant.__name__}"
    try:
        return invariant(tables, question)
    except KeyError as missing:
        problem = f"table {missing.args[0]} is missing"
    except pl.exceptions.PolarsError as error:
        problem = str(error).splitlines()[0]
    return CheckResult(
        check_id, "invariant", "all", "error", "error", "not carried out", 0,
        f"Invariant {invariant.__name__} could not be carried out: {problem}. "
        "Mend the table that it needs; the data were not judged by it.",
    )  # fmt: skip


def _result(
    name: str,
    table: str,
    *,
    judged: int,
    bad: pl.DataFrame,
    rule: str,
    advice: str,
    may_be_empty: bool = False,
) -> CheckResult:
    """Make the result of an invariant from the groups that it judged and those that break it."""
    sample: list[dict[str, object]] = []
    if bad.height:
        ordered = bad.sort(bad.columns)
        sample = [plain_row(row) for row in ordered.head(SAMPLE_ROWS).iter_rows(named=True)]
        first = ", ".join(f"{column} {value}" for column, value in sample[0].items())
        sentence = (
            f"Broken: {rule}. {bad.height} of {judged} groups break it, first: {first}. {advice}"
        )
    elif judged == 0 and may_be_empty:
        sentence = f"Nothing to judge yet in this month: {rule}."
    elif judged == 0:
        sentence = f"Nothing was judged: {rule}. A rule without rows proves nothing. {advice}"
    else:
        sentence = f"Holds for {judged} groups: {rule}."
    passed = not bad.height and (judged > 0 or may_be_empty)
    return CheckResult(
        f"invariant.{name}",
        "invariant",
        table,
        "passed" if passed else "failed",
        "error",
        f"{bad.height} of {judged} groups break the rule",
        judged,
        sentence,
        sample,
        may_be_empty,
    )


def _level(column: str) -> pl.Expr:
    return (
        pl.when(pl.col(column) == coverage.NATION)
        .then(pl.lit("nation"))
        .when(pl.col(column).str.starts_with("GRID_"))
        .then(pl.lit("grid_region"))
        .otherwise(pl.lit("province"))
    )


def _exact_sum(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Decimal(38, 6)).sum().alias(column)


def _apart(left: str, right: str, tolerance: float) -> pl.Expr:
    """Say where two quantities differ by more than a relative tolerance, or one is missing."""
    one, other = pl.col(left).cast(pl.Float64), pl.col(right).cast(pl.Float64)
    near = (one - other).abs() <= tolerance * pl.max_horizontal(one.abs(), other.abs()) + 1e-6
    return near.not_() | one.is_null() | other.is_null()


def _off(stated: str, made: str, tolerance: str) -> pl.Expr:
    """Say where a stated factor is missing, or differs from the one made again."""
    near = (pl.col(stated) - pl.col(made)).abs() <= float(Decimal(tolerance))
    return near.not_() | pl.any_horizontal(pl.col(stated, made).is_null())


def _periods(release_month: str) -> pl.DataFrame:
    rows: list[tuple[str, dt.date]] = [
        ("month", month) for month in coverage.months(release_month)
    ] + [("year", year) for year in coverage.years(release_month)]
    return pl.DataFrame(
        rows, schema={"resolution": pl.String, "period_start": pl.Date}, orient="row"
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


def _generation(mix: pl.DataFrame) -> pl.DataFrame:
    """Return generation (MWh) and emissions (kg) of each region and period, exactly summed."""
    return (
        mix.group_by("region_code", *PERIOD)
        .agg(_exact_sum("generation_mwh"), _exact_sum("co2_kg"))
        .select(
            "region_code",
            *PERIOD,
            pl.col("generation_mwh").cast(pl.Float64).alias("generation"),
            pl.col("co2_kg").cast(pl.Float64).alias("co2"),
        )
    )


def _factors(factor: pl.DataFrame, kind: str, basis: str) -> pl.DataFrame:
    """Return one series of factors as region_code, resolution, period_start, factor."""
    return factor.filter(
        (pl.col("factor_kind") == kind) & (pl.col("import_factor_basis") == basis)
    ).select("region_code", *PERIOD, pl.col("value").cast(pl.Float64).alias("factor"))


def province_flows(interchange: pl.DataFrame) -> pl.DataFrame:
    """Return the energy between provinces, reported and modelled parts of a pair added up."""
    return (
        interchange.filter(pl.col("level") == "province")
        .group_by(*PERIOD, "from_region_code", "to_region_code")
        .agg(_exact_sum("energy_mwh"))
        .filter(pl.col("energy_mwh") > 0)
        .with_columns(pl.col("energy_mwh").cast(pl.Float64).alias("flow"))
        .drop("energy_mwh")
        .sort(*PERIOD, "from_region_code", "to_region_code")
    )


def _inflows(tables: Tables, basis: str) -> pl.DataFrame:
    """Return each inflow of a province with the factor that the basis gives its exporter."""
    kind = ("generation_average", "none") if basis == "generation" else ("supply_average", basis)
    exporters = _factors(tables["electricity_factor"], *kind).rename(
        {"region_code": "from_region_code", "factor": "exporter_factor"}
    )
    return province_flows(tables["interchange"]).join(
        exporters, on=["from_region_code", *PERIOD], how="left"
    )


def _supply(tables: Tables, basis: str) -> pl.DataFrame:
    """Return, by province and period, what it generates, receives and delivers, with its factor.

    Columns: basis, region_code, resolution, period_start, factor (as published), generation, co2,
    imports, exports, and `made`: the factor made again from these.
    """
    inflows = _inflows(tables, basis)
    imports = inflows.group_by(pl.col("to_region_code").alias("region_code"), *PERIOD).agg(
        pl.col("flow").sort().sum().alias("imports"),
        (pl.col("flow") * pl.col("exporter_factor")).sort().sum().alias("weighted"),
        pl.col("exporter_factor").is_null().any().alias("lacks_exporter"),
    )
    exports = inflows.group_by(pl.col("from_region_code").alias("region_code"), *PERIOD).agg(
        pl.col("flow").sort().sum().alias("exports")
    )
    keys = ["region_code", *PERIOD]
    throughput = pl.col("generation") + pl.col("imports")
    return (
        _generation(tables["electricity_mix"])
        .filter(_level("region_code") == "province")
        .join(_factors(tables["electricity_factor"], "supply_average", basis), on=keys, how="left")
        .join(imports, on=keys, how="left")
        .join(exports, on=keys, how="left")
        .with_columns(pl.col("imports", "exports", "weighted").fill_null(0.0))
        .with_columns(
            pl.when(pl.col("lacks_exporter").fill_null(False))
            .then(None)
            .otherwise((pl.col("co2") / KG_PER_KWH_TO_KG_PER_MWH + pl.col("weighted")) / throughput)
            .alias("made"),
            pl.lit(basis).alias("basis"),
        )
        .select("basis", *keys, "factor", "generation", "co2", "imports", "exports", "made")
        .sort("basis", *keys)
    )


def _range(tables: Tables, basis: str) -> pl.DataFrame:
    """Return, by province and period, the supply factor with the least and greatest it mixes."""
    keys = ["region_code", *PERIOD]
    own = _factors(tables["electricity_factor"], "generation_average", "none").filter(
        _level("region_code") == "province"
    )
    received = _inflows(tables, basis).select(
        pl.col("to_region_code").alias("region_code"),
        *PERIOD,
        pl.col("exporter_factor").alias("factor"),
    )
    mixed = (
        pl.concat([own, received])
        .group_by(keys)
        .agg(pl.col("factor").min().alias("least"), pl.col("factor").max().alias("greatest"))
    )
    supply = _factors(tables["electricity_factor"], "supply_average", basis).filter(
        _level("region_code") == "province"
    )
    return (
        supply.join(mixed, on=keys, how="left")
        .with_columns(pl.lit(basis).alias("basis"))
        .select("basis", *keys, "factor", "least", "greatest")
    )
