"""Sharing a process among its products: factors that sum to one, or credits.

Belongs here: allocation factors by mass, energy and price, their proof, their application to an
inventory, and system expansion. Does not belong here: choosing the method for an industry (its
contract does), and what is published of it.

A factor is the product's share of sum(amount x basis) over all products of its process; the basis
is kg, MJ or CNY per unit of product. Factors are decimals of twelve places that sum to 1 exactly:
each is rounded half even, and the product with the largest share takes the rest (of equal ones the
first by code). So the error is below one unit of the last place for each other product, and lies
where it weighs least.

System expansion keeps the process whole and deducts what its by-products replace elsewhere: an
output that names the provider whose product is avoided. Sources: ISO 14044:2006, 4.3.4.2;
METHODS 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Basis = Literal["mass", "energy", "economic"]

# The column that holds the basis of each method, per unit of product, and its unit.
BASES: Mapping[str, tuple[str, str]] = {
    "mass": ("mass_kg", "kg"),
    "energy": ("energy_mj", "MJ"),
    "economic": ("price_cny", "CNY"),
}
PLACES = 12
FACTOR = pl.Decimal(38, PLACES)
# One, in units of the last place.
_ONE = 10**PLACES

PRODUCT_COLUMNS = ("process_id", "product_code", "output_amount")


class AllocationError(ValueError):
    """Products that cannot share a process; the message says which rule, process and product."""


def allocation_factors(products: pl.DataFrame, method: Basis) -> pl.DataFrame:
    """Return the allocation factors of processes.

    Args:
        products: `process_id`, `product_code`, `output_amount` (above zero) and the column of the
            method in `BASES`: what one unit of the product has of it. One row per product
            of a process. A process with one product needs no basis.
        method: by what.

    Returns:
        `process_id`, `product_code`, `method` (`none` where there is one product), `factor`
        (Decimal, `PLACES` places, at least 0); sorted. The factors of a process sum to exactly 1.

    Raises:
        AllocationError: `output_zero` (or negative, or no number), `product_repeated`,
            `basis_missing` (a co-product without one), `basis_negative`, `basis_zero` (no product
            has any), `method_unknown`, `columns_missing`, `no_product`.
    """
    if method not in BASES:
        raise AllocationError(
            f"method_unknown: {method!r}; known are {', '.join(BASES)}; system expansion has no "
            "factors"
        )
    column, unit = BASES[method]
    missing = [name for name in (*PRODUCT_COLUMNS, column) if name not in products.columns]
    if missing:
        raise AllocationError(f"columns_missing: products lacks {', '.join(missing)}")
    if not products.height:
        raise AllocationError("no_product: no product was given; there is nothing to allocate")
    rows = products.sort("process_id", "product_code").with_columns(
        pl.len().over("process_id").alias("products")
    )
    several = pl.col("products") > 1
    amount, basis = pl.col("output_amount"), pl.col(column)
    number = amount.cast(pl.Float64).is_finite().fill_null(value=False)
    _refuse(
        rows.filter(rows.select("process_id", "product_code").is_duplicated()),
        "product_repeated: process {process_id} lists {product_code} twice; add the amounts up",
    )
    _refuse(
        rows.filter(~number | (amount <= 0)),
        "output_zero: process {process_id}, {product_code}: the output is {output_amount}; an "
        "amount above zero is wanted, or leave the product out",
    )
    known = basis.cast(pl.Float64).is_finite().fill_null(value=False)
    _refuse(
        rows.filter(several & ~known),
        f"basis_missing: process {{process_id}}, {{product_code}}: there is no {column} ({unit} "
        f"per unit of product) to allocate by {method}; give it, or another method",
    )
    _refuse(
        rows.filter(several & (basis < 0)),
        f"basis_negative: process {{process_id}}, {{product_code}}: {column} is {{{column}}}; what "
        "costs money to be rid of is waste, not a product",
    )
    _refuse(
        rows.filter(several)
        .group_by("process_id", maintain_order=True)
        .agg(pl.col(column).max())
        .filter(pl.col(column) == 0),
        f"basis_zero: process {{process_id}}: {column} of all products is zero; nothing to "
        f"allocate by {method}",
    )
    shared = rows.filter(several)
    worth = (shared["output_amount"].cast(pl.Float64) * shared[column].cast(pl.Float64)).to_numpy()
    factors = _decimals(_shares(shared["process_id"], worth))
    single = rows.filter(~several).select(
        "process_id", "product_code", pl.lit("none").alias("method"), pl.lit(1).cast(FACTOR)
        .alias("factor")
    )  # fmt: skip
    return pl.concat(
        [
            single,
            shared.select(
                "process_id",
                "product_code",
                pl.lit(method).alias("method"),
                factors.alias("factor"),
            ),
        ]
    ).sort("process_id", "product_code")


def check_factors(factors: pl.DataFrame) -> None:
    """Hold factors given from outside against the same law.

    Args:
        factors: `process_id`, `product_code`, `factor`.

    Raises:
        AllocationError: `factor_invalid` (below 0, above 1, no number), `product_repeated`, or
            `factors_do_not_sum` unless each process sums to exactly 1, in decimals of twelve
            places. They are never scaled to one: 0.98 means that something is missing.
    """
    rows = factors.sort("process_id", "product_code")
    value = pl.col("factor").cast(pl.Float64)
    _refuse(
        rows.filter(rows.select("process_id", "product_code").is_duplicated()),
        "product_repeated: process {process_id} lists {product_code} twice",
    )
    _refuse(
        rows.filter(~(value.is_between(0, 1) & value.is_finite()).fill_null(value=False)),
        "factor_invalid: process {process_id}, {product_code}: the factor is {factor}; a number "
        "from 0 to 1 is wanted",
    )
    sums = (
        rows.with_columns((value * _ONE).round().cast(pl.Int64).alias("units"))
        .group_by("process_id", maintain_order=True)
        .agg(pl.col("units").sum())
    )
    _refuse(
        sums.with_columns(_decimals(sums["units"]).alias("factor")).filter(pl.col("units") != _ONE),
        "factors_do_not_sum: process {process_id}: the factors sum to {factor}, not 1; look for "
        "the product that is missing, they are not scaled",
    )


def allocated_exchanges(
    exchanges: pl.DataFrame, products: pl.DataFrame, factors: pl.DataFrame
) -> pl.DataFrame:
    """Share an inventory among products: one inventory per product, per unit of it.

    Args:
        exchanges: `process_id`, `amount` (Float64, for the whole process) and any other columns.
        products: `process_id`, `product_code`, `output_amount`.
        factors: of `allocation_factors`.

    Returns:
        The rows of `exchanges`, once for each product of their process, with
        `allocated_product_code`, `allocation_factor` (Decimal) and `amount` = amount x factor /
        output. What a process emits is what its products together emit: sum(amount x output) over
        products is the amount given.

    Raises:
        AllocationError: `factors_do_not_sum` and others of `check_factors`; `process_unallocated`.
    """
    check_factors(factors)
    shares = factors.select("process_id", "product_code", "factor").join(
        products.select("process_id", "product_code", "output_amount"),
        on=["process_id", "product_code"],
        how="inner",
    )
    whole = products.select("process_id", "product_code").sort("process_id", "product_code")
    _refuse(
        whole.join(shares, on=["process_id", "product_code"], how="anti"),
        "process_unallocated: process {process_id}: {product_code} has no factor",
    )
    _refuse(
        exchanges.join(shares, on="process_id", how="anti"),
        "process_unallocated: process {process_id} has exchanges and no factors",
    )
    return (
        exchanges.with_row_index("given")
        .join(
            shares.rename(
                {"product_code": "allocated_product_code", "factor": "allocation_factor"}
            ),
            on="process_id",
        )
        .sort("given", "allocated_product_code")
        .with_columns(
            pl.col("amount")
            * pl.col("allocation_factor").cast(pl.Float64)
            / pl.col("output_amount").cast(pl.Float64)
        )
        .drop("given", "output_amount")
    )


def system_expansion(products: pl.DataFrame, avoided: pl.DataFrame) -> pl.DataFrame:
    """Return the credits of processes for what their by-products replace.

    Args:
        products: `process_id`, `product_code`, `output_amount`, `is_main` (Boolean; one main
            product for each process).
        avoided: `process_id`, `product_code` (the by-product), `provider_id` (whose product is
            avoided), `avoided_product_code`, `unit`, `replaced` (units avoided for one unit of the
            by-product, above zero).

    Returns:
        Exchanges per unit of the main product, one for each by-product: `process_id`, `kind`
        (product), `direction` (output: a credit), `provider_id`, `product_code` (the one avoided),
        `amount` (positive), `unit`, `by_product_code`; sorted.

    Raises:
        AllocationError: `output_zero`; `main_product` (none or several);
            `by_product_without_credit` (a by-product that replaces nothing known);
            `replaced_invalid`; `avoided_unknown` (a replacement for what the process does not
            make).
    """
    keys = ["process_id", "product_code"]
    rows = products.sort(keys)
    amount = pl.col("output_amount").cast(pl.Float64)
    _refuse(
        rows.filter(~((amount > 0) & amount.is_finite()).fill_null(value=False)),
        "output_zero: process {process_id}, {product_code}: the output is {output_amount}; an "
        "amount above zero is wanted",
    )
    _refuse(
        rows.group_by("process_id", maintain_order=True)
        .agg(pl.col("is_main").sum())
        .filter(pl.col("is_main") != 1),
        "main_product: process {process_id} has {is_main} main products; one is wanted",
    )
    main = rows.filter("is_main").select("process_id", amount.alias("main_amount"))
    others = rows.filter(~pl.col("is_main"))
    _refuse(
        others.join(avoided, on=keys, how="anti"),
        "by_product_without_credit: process {process_id}: nothing is said of what {product_code} "
        "replaces; name the provider avoided, or allocate",
    )
    _refuse(
        avoided.sort(keys).join(others, on=keys, how="anti"),
        "avoided_unknown: process {process_id} makes no by-product {product_code}",
    )
    replaced = pl.col("replaced").cast(pl.Float64)
    _refuse(
        avoided.sort(keys).filter(~((replaced > 0) & replaced.is_finite()).fill_null(value=False)),
        "replaced_invalid: process {process_id}, {product_code}: one unit replaces {replaced}; a "
        "number above zero is wanted",
    )
    return (
        others.join(avoided, on=keys)
        .join(main, on="process_id")
        .select(
            "process_id",
            pl.lit("product").alias("kind"),
            pl.lit("output").alias("direction"),
            "provider_id",
            pl.col("avoided_product_code"),
            (amount * replaced / pl.col("main_amount")).alias("amount"),
            "unit",
            pl.col("product_code").alias("by_product_code"),
        )
        .rename({"avoided_product_code": "product_code"})
        .sort("process_id", "by_product_code", "provider_id")
    )


def _shares(processes: pl.Series, worth: NDArray[np.float64]) -> pl.Series:
    """Share 10^12 units among neighbours of one process; the largest takes the rest."""
    if not worth.size:
        return pl.Series("units", [], dtype=pl.Int64)
    starts = np.flatnonzero((processes != processes.shift()).fill_null(value=True).to_numpy())
    sizes = np.diff(np.append(starts, worth.size))
    group = np.repeat(np.arange(starts.size), sizes)
    share = worth / np.add.reduceat(worth, starts)[group]
    units = np.rint(share * _ONE).astype(np.int64)
    # By group, then by size from above, then by place: the first of each group is its largest.
    largest = np.lexsort((np.arange(worth.size), -worth, group))[starts]
    units[largest] += _ONE - np.add.reduceat(units, starts)
    return pl.Series("units", units)


def _decimals(units: pl.Series) -> pl.Series:
    """Return units of the last place as decimals, exactly."""
    whole, part = pl.col("units") // _ONE, pl.col("units") % _ONE
    text = pl.format("{}.{}", whole, part.cast(pl.String).str.zfill(PLACES))
    return units.alias("units").to_frame().select(text.cast(FACTOR)).to_series()


def _refuse(rows: pl.DataFrame, sentence: str) -> None:
    """Raise for the first of some rows."""
    if rows.height:
        raise AllocationError(sentence.format(**rows.row(0, named=True)))
