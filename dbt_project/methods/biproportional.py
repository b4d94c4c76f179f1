"""Biproportional fitting (RAS): a matrix of given structure and given margins.

Belongs here: fitting one matrix, and its use for the fuels of thermal generation. Where seeds
and margins come from is SQL's business (`int_fuel_seed`).

Source: Deming and Stephan (1940), Annals of Mathematical Statistics 11(4); as RAS in
Stone (1961). The fit is the matrix nearest to the seed in relative entropy that meets the
margins.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class DoesNotFitError(ValueError):
    """The margins cannot be met from the seed, or not within the allowed sweeps."""


def fit(
    seed: FloatArray,
    row_totals: FloatArray,
    column_totals: FloatArray,
    *,
    tolerance: float = 1e-10,
    max_sweeps: int = 20_000,
) -> FloatArray:
    """Scale rows and columns of `seed` until both margins are met.

    x_ij = r_i * seed_ij * s_j with sum_j x_ij = row_totals_i and sum_i x_ij = column_totals_j.

    Args:
        seed: non-negative, shape (rows, columns); a zero stays zero.
        row_totals: non-negative, shape (rows,), same unit as the columns' totals.
        column_totals: non-negative, shape (columns,); scaled to the rows' sum, so that only its
            shares matter.
        tolerance: largest relative error of a row total that is accepted.
        max_sweeps: how many row-and-column sweeps are tried.

    Returns:
        The fitted matrix, shape (rows, columns); rows meet their totals exactly to rounding.

    Raises:
        DoesNotFitError: negative input, a row or column without seed but with a total, or no
            convergence.
    """
    if seed.size == 0 or min(seed.min(), row_totals.min(), column_totals.min()) < 0:
        raise DoesNotFitError("seed and margins must be given and not negative")
    if np.any((seed.sum(axis=1) == 0) & (row_totals > 0)):
        raise DoesNotFitError("a row has a total but no seed")
    if np.any((seed.sum(axis=0) == 0) & (column_totals > 0)):
        raise DoesNotFitError("a column has a total but no seed")
    total = row_totals.sum()
    if total == 0:
        return np.zeros_like(seed)
    if column_totals.sum() == 0:
        raise DoesNotFitError("the columns' totals are all zero")
    columns = column_totals * (total / column_totals.sum())

    fitted = seed.astype(np.float64, copy=True)
    for _ in range(max_sweeps):
        fitted *= _ratio(columns, fitted.sum(axis=0))
        rows = fitted.sum(axis=1)
        fitted *= _ratio(row_totals, rows)[:, np.newaxis]
        if np.all(np.abs(rows - row_totals) <= tolerance * np.maximum(row_totals, 1e-300)):
            return fitted
    raise DoesNotFitError(f"the margins are not met after {max_sweeps} sweeps")


def fuel_shares(seed: pl.DataFrame) -> pl.DataFrame:
    """Shares of each fuel in each province's thermal generation, year by year.

    Args:
        seed: `region_code`, `year`, `technology`, `seed_mwh`, `province_mwh` (the row's total),
            `national_mwh` (the column's total); one row per province, year and fuel.

    Returns:
        `region_code`, `year`, `technology`, `share` (Decimal(18, 12), at least 1e-12), sorted.

    Raises:
        DoesNotFitError: see `fit`; the message names the year.
    """
    years = [
        _fit_year(year, group)
        for (year,), group in seed.sort("year", "region_code", "technology").group_by(
            ["year"], maintain_order=True
        )
    ]
    empty = pl.DataFrame(
        schema={
            "region_code": pl.String,
            "year": pl.Int32,
            "technology": pl.String,
            "share": pl.Decimal(18, 12),
        }
    )
    return pl.concat([empty, *years])


def _fit_year(year: object, group: pl.DataFrame) -> pl.DataFrame:
    technologies = group["technology"].unique().sort()
    wide = group.pivot(on="technology", index="region_code", values="seed_mwh").sort("region_code")
    rows = group.group_by("region_code").agg(pl.col("province_mwh").first()).sort("region_code")
    columns = group.group_by("technology").agg(pl.col("national_mwh").first()).sort("technology")
    try:
        fitted = fit(
            wide.select(technologies.to_list()).to_numpy(),
            rows["province_mwh"].to_numpy(),
            columns["national_mwh"].to_numpy(),
        )
    except DoesNotFitError as error:
        raise DoesNotFitError(f"fuels of thermal generation in {year}: {error}") from error
    sums = fitted.sum(axis=1, keepdims=True)
    uniform = np.full_like(fitted, 1 / fitted.shape[1])
    shares = np.divide(fitted, sums, out=uniform, where=sums > 0)
    return (
        pl.DataFrame(shares, schema=technologies.to_list(), orient="row")
        .with_columns(wide["region_code"], pl.lit(year, dtype=pl.Int32).alias("year"))
        .unpivot(index=["region_code", "year"], variable_name="technology", value_name="share")
        .with_columns(pl.max_horizontal("share", pl.lit(1e-12)).round(12).cast(pl.Decimal(18, 12)))
        .sort("year", "region_code", "technology")
    )


def _ratio(wanted: FloatArray, found: FloatArray) -> FloatArray:
    return np.divide(wanted, found, out=np.zeros_like(wanted), where=found > 0)
