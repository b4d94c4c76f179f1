"""Intervals of all factors, and the inputs that their variance comes from, by sampling.

Belongs here: year by year from draws to rows. Distributions are the business of `random_inputs`,
the chain from inputs to factors of `propagation`, frames to arrays of `sampling_frames`.

A year is drawn whole, whatever months are asked for: errors of one input point the same way in
every month of a year. Percentiles of the draws, by linear interpolation between neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from dbt_project.methods.interchange import Year
from dbt_project.methods.interchange_response import Response
from dbt_project.methods.propagation import (
    Amounts,
    DrawnYear,
    draw_year,
    month_amounts,
    year_amounts,
)
from dbt_project.methods.random_inputs import Name, RandomInputs
from dbt_project.methods.sampled_year import FloatArray, SampledYear
from dbt_project.methods.sampling_frames import SampleFrames, sampled_years
from dbt_project.methods.variance import variance_shares

PERCENTILES = {"lower_95": 0.025, "median": 0.5, "upper_95": 0.975}
GASES = ("CO2", "CH4", "N2O")
# How many of the largest contributors are kept.
LARGEST = 5

_KEYS = {
    "factor_kind": pl.String,
    "import_factor_basis": pl.String,
    "gas_scope": pl.String,
    "gwp_set": pl.String,
    "system_boundary": pl.String,
    "includes_td_losses": pl.Boolean,
}
INTERVAL_SCHEMA = {
    **_KEYS,
    "area_code": pl.String,
    "period_start": pl.Date,
    "resolution": pl.String,
    **dict.fromkeys(PERCENTILES, pl.Float64),
}
CONTRIBUTION_SCHEMA = {
    "factor_kind": pl.String,
    "import_factor_basis": pl.String,
    "gas_scope": pl.String,
    "area_code": pl.String,
    "period_start": pl.Date,
    "rank": pl.Int32,
    "input_kind": pl.String,
    "input_region_code": pl.String,
    "input_technology": pl.String,
    "input_partner_code": pl.String,
    "share": pl.Float64,
    "r_squared": pl.Float64,
}

# A factor's draws: its keys (`_KEYS`), positions of areas, values (D, areas) in kg per kWh.
Drawn = tuple[tuple[str, str, str, str, str, bool], Sequence[int], FloatArray]


def sample_factors(
    frames: SampleFrames,
    responses: Sequence[tuple[Year, Response]],
    *,
    draws: int,
    seed: int,
    noise: float = 1.0,
    contributions: bool = True,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sample every factor of the periods asked for.

    Args:
        frames: the tables.
        responses: every year's interchange, as `interchange.responses` returns it.
        draws: D.
        seed: of all streams.
        noise: multiplies every standard deviation; 0 gives the factors themselves.
        contributions: whether variance is traced to inputs; needs more draws than inputs.

    Returns:
        Intervals (`INTERVAL_SCHEMA`; kg per kWh) and the largest contributors to the variance of
        some factors of provinces and nation in whole years (`CONTRIBUTION_SCHEMA`), sorted by
        their keys. A factor without a value in any draw has no row.

    Raises:
        SamplingError: see `sampling_frames.sampled_years`.
        TooFewDrawsError: see `variance.variance_shares`.
    """
    intervals, contributors = [pl.DataFrame(schema=INTERVAL_SCHEMA)], []
    gwp = list(frames.gwp.sort("gwp_set").select("gwp_set", "ch4", "n2o").iter_rows())
    for known in sampled_years(frames, responses):
        year = known.with_noise(noise)
        asked = frames.period.filter(year=year.year)
        inputs = RandomInputs(seed, year.year, draws)
        drawn = draw_year(year, inputs)
        months, whole = [], "year" in asked["resolution"]
        for start in asked.filter(resolution="month")["period_start"].sort().to_list():
            amounts = month_amounts(year, drawn, year.months.index(start))
            months.append(amounts)
            factors = list(_factors(amounts, drawn, gwp))
            intervals.append(
                _intervals(factors, year).with_columns(
                    period_start=pl.lit(start, pl.Date), resolution=pl.lit("month")
                )
            )
        if whole:
            factors = list(_factors(year_amounts(year, drawn, months), drawn, gwp))
            intervals.append(
                _intervals(factors, year).with_columns(
                    period_start=pl.date(year.year, 1, 1), resolution=pl.lit("year")
                )
            )
            if contributions:
                contributors.append(_contributors(factors, year, inputs))
    rows = pl.concat([each.select(*INTERVAL_SCHEMA) for each in intervals])
    traced = pl.concat([pl.DataFrame(schema=CONTRIBUTION_SCHEMA), *contributors])
    key = [name for name in INTERVAL_SCHEMA if name not in PERCENTILES]
    return rows.sort(key), traced.sort(list(CONTRIBUTION_SCHEMA)[:6])


def sample_table(
    frames: SampleFrames, responses: Sequence[tuple[Year, Response]], *, draws: int, seed: int
) -> pl.DataFrame:
    """Return both results of `sample_factors` in one table, rounded.

    `part` is interval or contribution; columns of the other part are null. Percentiles have eight
    significant digits (Decimal(18, 12)), shares eight decimals (Decimal(9, 8)).
    """
    intervals, contributors = sample_factors(frames, responses, draws=draws, seed=seed)
    rounded = [
        pl.col(name).round_sig_figs(8).round(12).cast(pl.Decimal(18, 12)) for name in PERCENTILES
    ]
    shares = [
        pl.col(name).clip(0.0, 1.0).round(8).cast(pl.Decimal(9, 8))
        for name in ("share", "r_squared")
    ]
    return pl.concat(
        [
            intervals.with_columns(*rounded, part=pl.lit("interval")),
            contributors.with_columns(
                *shares, part=pl.lit("contribution"), resolution=pl.lit("year")
            ),
        ],
        how="diagonal",
    )


def _factors(
    amounts: Sequence[Amounts], drawn: DrawnYear, gwp: Sequence[tuple[str, float, float]]
) -> Iterator[Drawn]:
    """Yield every factor of one period: gases, their sums under each GWP set, each boundary."""
    for each in amounts:
        kwh = each.energy * 1e3
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(kwh > 0, np.moveaxis(each.amount, -1, 0) / kwh, np.nan)
        if each.amount.shape[-1] == len(GASES):
            direct = ("direct_combustion", False)
            for gas, found in zip(GASES, value, strict=True):
                yield (each.kind, each.basis, gas, "none", *direct), each.areas, found
            for gwp_set, ch4, n2o in gwp:
                total = value[0] + ch4 * value[1] + n2o * value[2]
                yield (each.kind, each.basis, "CO2e", gwp_set, *direct), each.areas, total
            continue
        infrastructure = drawn.infrastructure[:, np.newaxis] / 1e3
        delivered = 1.0 + drawn.lost_per_delivered[:, np.newaxis]
        for boundary, losses, found in (
            ("cradle_to_busbar", False, value[0]),
            ("cradle_to_user", False, value[0] + infrastructure),
            ("cradle_to_user", True, value[0] * delivered + infrastructure),
        ):
            key = (each.kind, each.basis, "CO2e", "as_published", boundary, losses)
            yield key, each.areas, found


def percentiles(values: FloatArray, wanted: Sequence[float]) -> FloatArray:
    """Return percentiles of each row's finite values, shape (rows, wanted); nan where none is.

    Args:
        values: shape (rows, D).
        wanted: as shares, 0 to 1.
    """
    ordered = np.sort(np.where(np.isfinite(values), values, np.nan), axis=1)
    count = np.sum(~np.isnan(ordered), axis=1)
    position = np.maximum(count - 1, 0)[:, np.newaxis] * np.asarray(wanted)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(count - 1, 0)[:, np.newaxis])
    low = np.take_along_axis(ordered, below, axis=1)
    high = np.take_along_axis(ordered, above, axis=1)
    return low + (position - below) * (high - low)


def _intervals(factors: Sequence[Drawn], year: SampledYear) -> pl.DataFrame:
    """Percentiles of every factor of one period, without the columns of the period."""
    values = np.concatenate([found for _, _, found in factors], axis=1)
    cut = percentiles(np.ascontiguousarray(values.T), list(PERCENTILES.values()))
    sizes = [len(areas) for _, areas, _ in factors]
    keys = pl.DataFrame([key for key, _, _ in factors], schema=_KEYS, orient="row")
    place = np.concatenate([np.asarray(areas, dtype=np.int64) for _, areas, _ in factors])
    return (
        keys[np.repeat(np.arange(len(sizes)), sizes)]
        .with_columns(
            pl.Series("area_code", np.array(year.geography.areas, dtype=object)[place], pl.String),
            *(pl.Series(name, cut[:, column]) for column, name in enumerate(PERCENTILES)),
        )
        .filter(pl.col("median").is_not_nan())
    )


def _contributors(
    factors: Sequence[Drawn], year: SampledYear, inputs: RandomInputs
) -> pl.DataFrame:
    """Return the largest contributors to the variance of the traced factors of one year."""
    traced = {
        ("consumption_mix", "network", "CO2", "none", "direct_combustion", False),
        ("supply_average", "network", "CO2", "none", "direct_combustion", False),
        ("life_cycle_consumption", "network", "CO2e", "as_published", "cradle_to_user", True),
    }
    level = np.array(year.geography.level)
    rows = []
    for scope in ("CO2", "CO2e"):
        names = [name for name in inputs.names if _enters(name, scope)]
        values, labels = [], []
        for key, areas, found in factors:
            if key in traced and key[2] == scope:
                shown = np.isin(level[list(areas)], ["province", "nation"])
                shown &= np.all(np.isfinite(found), axis=0)
                values.append(found[:, shown])
                codes = np.array(year.geography.areas, dtype=object)[list(areas)][shown]
                labels += [(key[0], key[1], key[2], code) for code in codes]
        shares, r_squared = variance_shares(inputs.normal(names), np.concatenate(values, axis=1))
        rows.append(_largest(names, shares, labels, r_squared))
    return (
        pl.concat(rows)
        .with_columns(period_start=pl.date(year.year, 1, 1))
        .select(*CONTRIBUTION_SCHEMA)
    )


def _enters(name: Name, scope: str) -> bool:
    """Whether an input can move a factor: combustion or life cycle."""
    if scope == "CO2":
        return name.kind not in ("life_cycle", "delivery", "combustion_ch4", "combustion_n2o")
    return name.kind not in ("intensity", "anchor", "combustion_ch4", "combustion_n2o")


def _largest(
    names: Sequence[Name],
    shares: FloatArray,
    labels: Sequence[tuple[str, str, str, str]],
    r_squared: FloatArray,
) -> pl.DataFrame:
    """Add up the fuels of one province's thermal generation; keep the largest of each factor."""
    groups = [
        name._replace(technology="thermal") if name.kind == "fuel_share" else name for name in names
    ]
    unique = sorted(set(groups))
    member = np.array([unique.index(group) for group in groups])
    grouped = np.zeros((len(unique), shares.shape[1]))
    np.add.at(grouped, member, shares)
    kept = min(LARGEST, len(unique))
    order = np.argsort(-grouped, axis=0, kind="stable")[:kept].T
    factor = np.repeat(np.arange(len(labels)), kept)
    chosen = order.ravel()
    what = pl.DataFrame(unique, schema=["kind", "region", "technology", "partner"], orient="row")
    whose = pl.DataFrame(
        labels,
        schema=["factor_kind", "import_factor_basis", "gas_scope", "area_code"],
        orient="row",
    )
    return (
        whose[factor]
        .with_columns(
            pl.Series("rank", np.tile(np.arange(1, kept + 1), len(labels)), pl.Int32),
            what["kind"][chosen].alias("input_kind"),
            what["region"][chosen].alias("input_region_code"),
            what["technology"][chosen].alias("input_technology"),
            what["partner"][chosen].alias("input_partner_code"),
            pl.Series("share", grouped[chosen, factor]),
            pl.Series("r_squared", r_squared[factor]),
        )
        .filter(pl.col("share") > 0)
    )
