"""Which withheld flow of a dataset follows from published scores.

Belongs here: intervals of withheld quantities under every published identity. Does not belong here:
figures of single enterprises (`audit`).

A dataset's score is s = h + sum_j a_j s_j, for each indicator: direct part h, amounts a_j, scores
s_j of suppliers. One unknown in one identity is determined, two unknowns in two indicators are too.
For every withheld quantity two linear programmes find its least and largest value under all
identities, each to within its rounding, and under what is known beforehand.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import coo_array

from dbt_project.methods.disclosure.rules import DisclosureError, DisclosureRules


def score_identities(scores: pl.DataFrame, exchanges: pl.DataFrame) -> pl.DataFrame:
    """Write down every identity that published scores, direct parts and suppliers' scores give.

    Args:
        scores: `dataset_id`, `indicator`, `value`, `half_unit`: published scores.
        exchanges: `dataset_id`, `quantity_id`, `provider_id` (null: the direct part h, whose
            `indicator` is then given), `indicator` (null for amounts), `amount` (null: withheld).

    Returns:
        `identity_id`, `quantity_id` (null in one row per identity: the known part), `coefficient`,
        `coefficient_half_unit`, `half_unit`: sum of coefficient times quantity plus the known
        part is zero; sorted. A dataset with a supplier whose score is not published gives none.
    """
    of_supplier = scores.select(
        "indicator", provider_id="dataset_id", score="value", score_half="half_unit"
    )
    own = scores.select("dataset_id", "indicator", total="value", total_half="half_unit")
    amounts = exchanges.filter(pl.col("provider_id").is_not_null()).drop("indicator")
    direct = exchanges.filter(pl.col("provider_id").is_null()).with_columns(
        score=pl.lit(1.0), score_half=pl.lit(0.0)
    )
    columns = ["dataset_id", "indicator", "quantity_id", "amount", "score", "score_half"]
    parts = pl.concat(
        [
            own.join(amounts, on="dataset_id")
            .join(of_supplier, on=["provider_id", "indicator"], how="left")
            .select(columns),
            own.join(direct, on=["dataset_id", "indicator"]).select(columns),
        ]
    ).join(own, on=["dataset_id", "indicator"])
    identity = pl.concat_str("dataset_id", "indicator", separator="|")
    complete = pl.col("score").is_not_null().all().over("dataset_id", "indicator")
    parts = parts.filter(complete).with_columns(identity_id=identity)
    known = (
        parts.with_columns(
            sure=pl.col("score") * pl.col("amount"),
            blur=pl.col("score_half") * pl.col("amount").abs(),
        )
        .sort("identity_id", "quantity_id")
        .group_by("identity_id", maintain_order=True)
        .agg(
            coefficient=pl.col("sure").sum() - pl.col("total").first(),
            half_unit=pl.col("total_half").first() + pl.col("blur").sum(),
        )
    )
    unknown = parts.filter(pl.col("amount").is_null()).join(
        known.select("identity_id", "half_unit"), on="identity_id"
    )
    none = pl.lit(None, dtype=pl.String)
    return pl.concat(
        [
            known.select("identity_id", quantity_id=none, coefficient="coefficient",
                         coefficient_half_unit=pl.lit(0.0), half_unit="half_unit"),
            unknown.select("identity_id", "quantity_id", coefficient="score",
                           coefficient_half_unit="score_half", half_unit="half_unit"),
        ]
    ).sort("identity_id", "quantity_id")  # fmt: skip


def recoverable(
    identities: pl.DataFrame, quantities: pl.DataFrame, rules: DisclosureRules
) -> pl.DataFrame:
    """Say which withheld quantities the published identities place within p of their true value.

    Args:
        identities: of `score_identities`; quantities that are in none stay at their prior.
        quantities: `quantity_id`, `value` (true), `lower`, `upper` (what is known beforehand).
        rules: p is used.

    Returns:
        `quantity_id`, `value`, `lower`, `upper` (afterwards), `is_recoverable`; sorted.
        Confidential.

    Raises:
        DisclosureError: a quantity without prior, a value outside its own, or identities that
            contradict the priors.
    """
    known = quantities.sort("quantity_id")
    names = known["quantity_id"]
    if names.n_unique() != len(names):
        raise DisclosureError("DC070: a withheld quantity is given twice")
    lower, value, upper = (
        known[c].cast(pl.Float64).to_numpy() for c in ("lower", "value", "upper")
    )
    if not np.all((lower <= value) & (value <= upper)):
        raise DisclosureError("DC071: a withheld quantity lies outside its own prior: widen it")
    terms = identities.filter(pl.col("quantity_id").is_not_null())
    strangers = sorted(set(terms["quantity_id"]) - set(names))
    if strangers:
        raise DisclosureError(f"DC072: no prior is given for {', '.join(strangers)}")
    order = identities.select("identity_id").unique().sort("identity_id")["identity_id"]
    row = terms["identity_id"].replace_strict(order, np.arange(len(order))).to_numpy()
    column = terms["quantity_id"].replace_strict(names, np.arange(len(names))).to_numpy()
    shape = (len(order), len(names))
    matrix = coo_array((terms["coefficient"].to_numpy(), (row, column)), shape=shape).tocsr()
    blur = coo_array((terms["coefficient_half_unit"].to_numpy(), (row, column)), shape=shape)
    # The true coefficient may lie half a unit away: the identity holds to within what that makes.
    fixed = (
        identities.group_by("identity_id")
        .agg(
            pl.col("coefficient").filter(pl.col("quantity_id").is_null()).sum(),
            pl.col("half_unit").first(),
        )
        .sort("identity_id")
    )
    slack = fixed["half_unit"].to_numpy() + blur.tocsr() @ np.maximum(np.abs(lower), np.abs(upper))
    constant = fixed["coefficient"].to_numpy()
    size = np.maximum(np.abs(constant), 1e-300)
    scaled = coo_array((1 / size, (np.arange(len(size)), np.arange(len(size))))).tocsr() @ matrix
    bounds = np.column_stack([lower, upper])
    stacked = None
    limit = None
    if len(order):
        stacked = coo_array(np.vstack([scaled.toarray(), -scaled.toarray()])).tocsr()
        limit = np.concatenate([(slack - constant) / size, (slack + constant) / size]) + 1e-12
    after_lower, after_upper = lower.copy(), upper.copy()
    touched = np.unique(column) if len(order) else np.zeros(0, dtype=np.int64)
    for index in touched:
        cost = np.zeros(len(names))
        cost[index] = 1.0
        ends = []
        for sign in (1.0, -1.0):
            result = linprog(sign * cost, A_ub=stacked, b_ub=limit, bounds=bounds, method="highs")
            if not result.success:
                raise DisclosureError(
                    "DC073: published scores and amounts contradict each other or the priors: "
                    "check that all come from one release"
                )
            ends.append(sign * float(result.fun))
        after_lower[index], after_upper[index] = ends
    reach = np.maximum(after_upper - value, value - after_lower)
    return pl.DataFrame(
        {
            "quantity_id": names,
            "value": value,
            "lower": after_lower,
            "upper": after_upper,
            "is_recoverable": reach < rules.p * np.abs(value),
        }
    )
