"""What invariants make from published tables before they judge: sums, series, supply.

Belongs here: derivations that more than one invariant needs. Does not belong here: any rule.

Notation: province `p` generates `E_p` and emits `Em_p`; `I_np` flows from `n` to `p`. The factor
of supply, with the exporters' factors `x_n` (their own generation factor, or their own factor of
supply when the basis is `network`), is `f_p = (Em_p + sum_n x_n I_np) / (E_p + sum_n I_np)`.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from expectations import coverage
from expectations.invariants.question import PERIOD, Tables

KG_PER_KWH_TO_KG_PER_MWH = 1000.0

BALANCE_RESOLUTIONS = ["month", "year"]
"""Resolutions of interchange that belong to the balance; reported transfers stand beside it."""


def level_of(column: str) -> pl.Expr:
    """Say whether a region code names the nation, a grid region, a sub-grid or a province."""
    return (
        pl.when(pl.col(column) == coverage.NATION)
        .then(pl.lit("nation"))
        .when(pl.col(column).is_in(list(coverage.SUB_GRIDS)))
        .then(pl.lit("sub_grid"))
        .when(pl.col(column).str.starts_with("GRID_"))
        .then(pl.lit("grid_region"))
        .otherwise(pl.lit("province"))
    )


def exact_sum(column: str) -> pl.Expr:
    """Add up energy or emissions as decimals, which no order of rows can change."""
    return pl.col(column).cast(pl.Decimal(38, 6)).sum().alias(column)


def apart(left: str, right: str, tolerance: float) -> pl.Expr:
    """Say where two quantities differ by more than a relative tolerance, or one is missing."""
    one, other = pl.col(left).cast(pl.Float64), pl.col(right).cast(pl.Float64)
    near = (one - other).abs() <= tolerance * pl.max_horizontal(one.abs(), other.abs()) + 1e-6
    return near.not_() | one.is_null() | other.is_null()


def off(stated: str, made: str, tolerance: str) -> pl.Expr:
    """Say where a stated factor is missing, or differs from the one made again."""
    near = (pl.col(stated) - pl.col(made)).abs() <= float(Decimal(tolerance))
    return near.not_() | pl.any_horizontal(pl.col(stated, made).is_null())


def release_periods(release_month: str) -> pl.DataFrame:
    """Return the periods of a release: its months and its complete years."""
    rows: list[tuple[str, dt.date]] = [
        ("month", month) for month in coverage.months(release_month)
    ] + [("year", year) for year in coverage.years(release_month)]
    return pl.DataFrame(
        rows, schema={"resolution": pl.String, "period_start": pl.Date}, orient="row"
    )


def generation(mix: pl.DataFrame) -> pl.DataFrame:
    """Return generation (MWh) and emissions (kg) of each region and period, exactly summed."""
    return (
        mix.group_by("region_code", *PERIOD)
        .agg(exact_sum("generation_mwh"), exact_sum("co2_kg"))
        .select(
            "region_code",
            *PERIOD,
            pl.col("generation_mwh").cast(pl.Float64).alias("generation"),
            pl.col("co2_kg").cast(pl.Float64).alias("co2"),
        )
    )


def factors(
    factor: pl.DataFrame,
    kind: str,
    basis: str,
    *,
    gas_scope: str = "CO2",
    system_boundary: str | None = None,
) -> pl.DataFrame:
    """Return one series of factors as region_code, resolution, period_start, factor.

    Of a kind that counts several gases `gas_scope` names the one; a life-cycle kind needs its
    `system_boundary` too, and is then taken without losses.
    """
    chosen = (
        (pl.col("factor_kind") == kind)
        & (pl.col("import_factor_basis") == basis)
        & (pl.col("gas_scope") == gas_scope)
    )
    if system_boundary is not None:
        chosen &= (pl.col("system_boundary") == system_boundary) & ~pl.col("includes_td_losses")
    return factor.filter(chosen).select(
        "region_code", *PERIOD, pl.col("value").cast(pl.Float64).alias("factor")
    )


def balance_flows(interchange: pl.DataFrame) -> pl.DataFrame:
    """Return the flows that belong to the balance of months and years.

    Reported transfers (`year_to_date`) stand beside the balance, as evidence, and are left out.
    """
    return interchange.filter(pl.col("resolution").is_in(BALANCE_RESOLUTIONS))


def province_flows(interchange: pl.DataFrame) -> pl.DataFrame:
    """Return the energy between provinces, reported and modelled parts of a pair added up."""
    return (
        balance_flows(interchange)
        .filter(pl.col("level") == "province")
        .group_by(*PERIOD, "from_region_code", "to_region_code")
        .agg(exact_sum("energy_mwh"))
        .filter(pl.col("energy_mwh") > 0)
        .with_columns(pl.col("energy_mwh").cast(pl.Float64).alias("flow"))
        .drop("energy_mwh")
        .sort(*PERIOD, "from_region_code", "to_region_code")
    )


def priced_inflows(tables: Tables, basis: str) -> pl.DataFrame:
    """Return each inflow of a province with the factor that the basis gives its exporter."""
    kind = ("generation_average", "none") if basis == "generation" else ("supply_average", basis)
    exporters = factors(tables["electricity_factor"], *kind).rename(
        {"region_code": "from_region_code", "factor": "exporter_factor"}
    )
    return province_flows(tables["interchange"]).join(
        exporters, on=["from_region_code", *PERIOD], how="left"
    )


def province_supply(tables: Tables, basis: str) -> pl.DataFrame:
    """Return, by province and period, what it generates, receives and delivers, with its factor.

    Columns: basis, region_code, resolution, period_start, factor (as published), generation, co2,
    imports, exports, and `made`: the factor made again from these.
    """
    inflows = priced_inflows(tables, basis)
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
        generation(tables["electricity_mix"])
        .filter(level_of("region_code") == "province")
        .join(factors(tables["electricity_factor"], "supply_average", basis), on=keys, how="left")
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


def mixed_range(tables: Tables, basis: str) -> pl.DataFrame:
    """Return, by province and period, the supply factor with the least and greatest it mixes."""
    keys = ["region_code", *PERIOD]
    own = factors(tables["electricity_factor"], "generation_average", "none").filter(
        level_of("region_code") == "province"
    )
    received = priced_inflows(tables, basis).select(
        pl.col("to_region_code").alias("region_code"),
        *PERIOD,
        pl.col("exporter_factor").alias("factor"),
    )
    mixed = (
        pl.concat([own, received])
        .group_by(keys)
        .agg(pl.col("factor").min().alias("least"), pl.col("factor").max().alias("greatest"))
    )
    supply = factors(tables["electricity_factor"], "supply_average", basis).filter(
        level_of("region_code") == "province"
    )
    return (
        supply.join(mixed, on=keys, how="left")
        .with_columns(pl.lit(basis).alias("basis"))
        .select("basis", *keys, "factor", "least", "greatest")
    )
