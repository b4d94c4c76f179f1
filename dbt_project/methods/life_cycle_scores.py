"""Scores of all datasets for all indicators, and what each score is made of.

Belongs here: scores, their checks, contributions, aggregated inventories, shares of primary data,
ratings by contribution, and what a change of electricity does. Does not belong here: how the
system is solved (`life_cycle_solver`), its draws (`life_cycle_sampling`), and what is published.

    T' y = h        scores of every product, all indicators at once
    y_k = h_k + sum_i A[i, k] y_i       so the first tier of contributions costs no more solves
    T' x = e_e      x_j: how much of electricity e one unit of j takes, all along its chain
    T' G = B'       G_j: all elementary flows of one unit of j

Sums are taken in the canonical order of the exchanges, one after the other, so that the same
database gives the same bytes.

Source: Heijungs and Suh (2002), 10.1007/978-94-015-9900-9, chapters 2 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from dbt_project.methods.data_quality_rating import DQR_COLUMNS, WORST, rating_class
from dbt_project.methods.life_cycle_solver import (
    RESIDUAL_TOLERANCE,
    Method,
    SingularSystemError,
    TechnosphereSolver,
)
from dbt_project.methods.technosphere import LifeCycleSystem

FloatArray = NDArray[np.float64]

# How far contributions may add up beside their score, as a share of their absolute sum.
CLOSURE_TOLERANCE = 1e-9
# PEF: a rating rests on the largest contributions that together make this share.
RATED_SHARE = 0.8


class LifeCycleError(ArithmeticError):
    """The scores cannot be trusted; the message says by which rule, and where."""


@dataclass(frozen=True)
class LifeCycleScores:
    """The solved database.

    Attributes:
        system: what was solved.
        solver: ready for further right-hand sides.
        values: y, shape (n, indicators), in the indicator's unit per unit of product.
        residual: ||T' y - h|| / ||h|| of each indicator.
        closure: the largest gap between a score and its first tier of contributions, as a share
            of what it adds up in absolute terms.
        adjoint_gap: |1'y - h's| / sum |h s| with T s = 1, the largest over indicators: the same sum
            of all scores by the other way, forward.
    """

    system: LifeCycleSystem
    solver: TechnosphereSolver
    values: FloatArray
    residual: FloatArray
    closure: float
    adjoint_gap: float

    def table(self) -> pl.DataFrame:
        """Return `process_id`, `indicator`, `value`, sorted by both."""
        names = self.system.indicators
        return pl.DataFrame(
            {
                "process_id": np.repeat(self.system.processes["process_id"].to_numpy(), len(names)),
                "indicator": np.tile(np.array(names, dtype=object), self.system.size),
                "value": np.ascontiguousarray(self.values).ravel(),
            },
            schema={"process_id": pl.String, "indicator": pl.String, "value": pl.Float64},
        )


def solve_scores(system: LifeCycleSystem, method: Method = "auto") -> LifeCycleScores:
    """Solve for all scores, and hold them against residual, closure, adjoint and sign.

    Args:
        system: of `build_system`; `readiness.judge` should have passed it.
        method: see `TechnosphereSolver`.

    Raises:
        LifeCycleError: no process; a singular system (`matrix_singular`, with the processes of
            the loop), a residual above `RESIDUAL_TOLERANCE`, contributions or the forward sum
            that do not close, or a negative score without credits or negative factors.
    """
    if not system.size:
        raise LifeCycleError("no_process: the database holds no process; nothing was solved")
    solver = TechnosphereSolver(system.inputs, method)
    try:
        values = solver.transposed(system.direct)
        demand = solver.forward(np.ones(system.size))
    except SingularSystemError as error:
        names = ", ".join(system.processes["process_id"][list(error.columns[:5])])
        raise LifeCycleError(f"{error} ({names or 'no loop found'})") from error
    residual = solver.residual(values, system.direct)
    if not np.all(residual <= RESIDUAL_TOLERANCE):
        worst = int(np.argmax(np.where(np.isnan(residual), np.inf, residual)))
        raise LifeCycleError(
            f"residual: {system.indicators[worst]} is solved to {residual[worst]:.1e} of its "
            f"right-hand side, allowed are {RESIDUAL_TOLERANCE:.0e}: the system is next to singular"
        )
    closure = _closure(system, values)
    # The forward sum counts every product once: a check by another triangular solve.
    both = system.direct * demand[:, np.newaxis]
    size = np.abs(both).sum(axis=0)
    gap = np.abs(values.sum(axis=0) - both.sum(axis=0)) / np.where(size > 0, size, 1.0)
    adjoint_gap = float(gap.max(initial=0.0))
    for rule, found in (("closure", closure), ("adjoint", adjoint_gap)):
        if not found <= CLOSURE_TOLERANCE:
            raise LifeCycleError(
                f"{rule}: sums differ by {found:.1e}, allowed are {CLOSURE_TOLERANCE:.0e}: the "
                "system is next to singular"
            )
    scores = LifeCycleScores(system, solver, values, residual, closure, adjoint_gap)
    wrong = unexplained_negatives(scores)
    if wrong.height:
        first = wrong.row(0, named=True)
        raise LifeCycleError(
            f"negative_score: process {first['process_id']} scores {first['value']:.6g} for "
            f"{first['indicator']}, and nothing in the database is a credit or an uptake: a loop "
            "uses up more than it makes"
        )
    return scores


def negative_scores(scores: LifeCycleScores) -> pl.DataFrame:
    """Return the scores below zero: `process_id`, `indicator`, `value`."""
    return scores.table().filter(pl.col("value") < 0)


def unexplained_negatives(scores: LifeCycleScores) -> pl.DataFrame:
    """Return scores below zero where the database has no credit and the indicator no uptake.

    Rounding dust is no finding: less than 1e-12 of the indicator's largest score.
    """
    system = scores.system
    dust = 1e-12 * np.abs(scores.values).max(axis=0, initial=0.0)
    below = (scores.values < -dust) & (system.direct.min(axis=0, initial=0.0) >= 0)
    if system.inputs.data.min(initial=0.0) < 0:
        below[:] = False
    rows, columns = np.nonzero(below)
    return pl.DataFrame(
        {
            "process_id": system.processes["process_id"].gather(rows),
            "indicator": [system.indicators[column] for column in columns],
            "value": scores.values[rows, columns],
        },
        schema={"process_id": pl.String, "indicator": pl.String, "value": pl.Float64},
    )


def first_tier(scores: LifeCycleScores, indicators: list[str] | None = None) -> pl.DataFrame:
    """Say what each score is made of, exchange by exchange.

    Args:
        scores: of `solve_scores`.
        indicators: which; all where none are named.

    Returns:
        One row per exchange and indicator, in the order of indicator and of
        `system.exchanges`: `indicator`, `process_id`, `exchange_no`, `provider_id`, `flow_id`,
        `stage`, `origin`, `DQR_COLUMNS`, `contribution` in the indicator's unit per unit of
        product.
    """
    system = scores.system
    kept = system.exchanges.select(
        "process_id", "exchange_no", "provider_id", "flow_id", "stage", "origin", *DQR_COLUMNS
    )
    parts = []
    for name in system.indicators if indicators is None else sorted(set(indicators)):
        column = system.indicator(name)
        parts.append(
            kept.select(
                pl.lit(name).alias("indicator"),
                pl.all(),
                pl.Series("contribution", _contributions(system, scores.values, column)),
            )
        )
    return pl.concat(parts)


def contributions_by_provider(
    scores: LifeCycleScores, indicators: list[str] | None = None
) -> pl.DataFrame:
    """Say what each score is made of, by supplier and stage; its own emissions have no supplier.

    A market makes nothing and has no stage of its own: what it delivers was made in its suppliers'
    stages, in their shares (exchanges with a `share_group`).

    Returns:
        `process_id`, `indicator`, `stage`, `provider_id` (null: the process itself), `value`,
        `share` (of the score; null where it is zero), sorted by these keys. The values of a
        process and indicator add up to its score.

    Raises:
        LifeCycleError: a circle of markets that nobody else supplies.
    """
    order = ["process_id", "indicator", "stage", "provider_id"]
    names = list(scores.system.indicators) if indicators is None else sorted(set(indicators))
    parts = [_in_stages_of_makers(scores, name) for name in names]
    rows = pl.concat(parts).sort(*order, "contribution", "exchange_no")
    if not rows.height:
        return rows.select(order).with_columns(
            pl.lit(None, pl.Float64).alias("value"), pl.lit(None, pl.Float64).alias("share")
        )
    groups = _group_starts(rows, order)
    value = np.add.reduceat(rows["contribution"].to_numpy(), groups)
    table = rows.select(order)[groups].with_columns(pl.Series("value", value))
    total = scores.table().rename({"value": "score"})
    return (
        table.join(total, on=["process_id", "indicator"], how="left")
        .with_columns(
            pl.when(pl.col("score") != 0).then(pl.col("value") / pl.col("score")).alias("share")
        )
        .drop("score")
        .sort(order)
    )


def _in_stages_of_makers(scores: LifeCycleScores, indicator: str) -> pl.DataFrame:
    """First tier of one indicator, each share of a market divided into its supplier's stages.

    With S the shares and D what processes have in each stage apart from shares, P = D + S'P are the
    stages of every process: markets that supply markets are solved, not followed.
    """
    system = scores.system
    columns = ["indicator", "process_id", "exchange_no", "provider_id", "stage", "contribution"]
    placed = system.exchanges.select(
        "row", "column", "coefficient",
        is_share=pl.col("share_group").is_not_null() & pl.col("row").is_not_null(),
    )  # fmt: skip
    rows = first_tier(scores, [indicator]).select(columns).hstack(placed)
    shares, own = rows.filter("is_share"), rows.filter(~pl.col("is_share"))
    if not shares.height:
        return rows.select(columns)
    stages = own.select("stage").unique().sort("stage")
    place = own.join(
        stages.with_row_index("k"), on="stage", nulls_equal=True, maintain_order="left"
    )
    direct = np.zeros((system.size, stages.height))
    np.add.at(
        direct,
        (place["column"].to_numpy(), place["k"].to_numpy()),
        place["contribution"].to_numpy(),
    )
    supplier, share = shares["row"].to_numpy(), shares["coefficient"].to_numpy()
    links = sparse.csc_array(
        (share, (supplier, shares["column"].to_numpy())), shape=(system.size, system.size)
    )
    try:
        made = TechnosphereSolver(links, scores.solver.method).transposed(direct)
    except SingularSystemError as error:
        raise LifeCycleError(
            "market_circle: markets supply each other and nobody else supplies them, so their "
            "scores belong to no stage: name a maker among their suppliers"
        ) from error
    passed = share[:, np.newaxis] * made[supplier]
    at, k = np.nonzero(passed)
    divided = shares[at].with_columns(
        stages["stage"].gather(k), pl.Series("contribution", passed[at, k])
    )
    return pl.concat([own.select(columns), divided.select(columns)])


def inventory(scores: LifeCycleScores, process_ids: list[str] | None = None) -> pl.DataFrame:
    """Return the aggregated elementary flows of datasets, cradle to gate.

    Args:
        scores: of `solve_scores`.
        process_ids: which; all where none are named. All cost the same: one transposed solve.

    Returns:
        `process_id`, `flow_id`, `amount` per unit of product in the flow's unit, sorted; flows
        that do not occur in the chain are left out.
    """
    system = scores.system
    names = system.processes["process_id"].to_list() if process_ids is None else process_ids
    at = np.sort(system.positions(sorted(set(names))))
    totals = scores.solver.transposed(system.biosphere.T.toarray())[at]
    rows, flows = np.nonzero(totals)
    return pl.DataFrame(
        {
            "process_id": system.processes["process_id"].gather(at[rows]),
            "flow_id": system.flow_ids.gather(flows),
            "amount": totals[rows, flows],
        }
    ).sort("process_id", "flow_id")


def primary_data_share(scores: LifeCycleScores, indicator: str) -> pl.DataFrame:
    """Return the share of each score that rests on primary data, in per cent.

    Of the absolute contributions of a process: one that is not `primary` counts nothing; a direct
    emission that is counts whole; a purchase that is counts as much as what is purchased rests on
    primary data itself, all along the chain:

        p_j sum_e |c_e| = sum_(e primary, direct) |c_e| + sum_(e primary, input i) |c_e| p_i

    Returns:
        `process_id`, `primary_activity_share` (first tier alone: exchanges that are primary,
        whatever stands behind them) and `primary_data_share`, 0 to 100; null where nothing
        contributes. Sorted.

    Raises:
        LifeCycleError: a circle that the definition gives no value for.
    """
    system = scores.system
    size = system.size
    exchanges = system.exchanges
    weight = np.abs(_contributions(system, scores.values, system.indicator(indicator)))
    columns = exchanges["column"].to_numpy()
    primary = (exchanges["origin"] == "primary").fill_null(value=False).to_numpy()
    bought = exchanges["row"].is_not_null().to_numpy()
    total = np.bincount(columns, weights=weight, minlength=size)
    known = np.where(total > 0, total, 1.0)
    activity = np.bincount(columns, weights=weight * primary, minlength=size)
    direct = np.bincount(columns, weights=weight * (primary & ~bought), minlength=size)
    passed = primary & bought
    links = sparse.csc_array(
        (
            weight[passed] / known[columns[passed]],
            (exchanges["row"].drop_nulls().to_numpy()[primary[bought]], columns[passed]),
        ),
        shape=(size, size),
    )
    try:
        share = TechnosphereSolver(links, scores.solver.method).transposed(direct / known)
    except SingularSystemError as error:
        raise LifeCycleError(
            "primary_circle: a circle of processes has nothing but purchases from one another, "
            "so no share of primary data follows"
        ) from error
    per_cent = np.stack([activity / known, np.clip(share, 0.0, 1.0)]) * 100
    per_cent[:, total == 0] = np.nan
    return pl.DataFrame(
        {
            "process_id": system.processes["process_id"],
            "primary_activity_share": per_cent[0],
            "primary_data_share": per_cent[1],
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


def rating_by_contribution(scores: LifeCycleScores, indicator: str) -> pl.DataFrame:
    """Return the data-quality rating of every dataset from its largest contributions.

    PEF: each of the four scores is the average, weighted by absolute contribution, over the
    largest contributions that together make at least `RATED_SHARE` of all; the rating is the mean
    of the four. Exchanges count one by one, so that two exchanges of one flow keep both their
    scores. A missing score counts 5.

    Returns:
        `process_id`, `DQR_COLUMNS`, `dqr`, `dqr_class_en`, `dqr_class_zh`, `rated_exchanges` (how
        many were needed), `rated_share`. Sorted; all null, and no exchange rated, where nothing
        contributes.
    """
    ranked = (
        first_tier(scores, [indicator])
        .with_columns(
            pl.col("contribution").abs().alias("weight"),
            *(pl.col(c).fill_nan(None).fill_null(WORST) for c in DQR_COLUMNS),
        )
        .filter(pl.col("weight") > 0)
        .sort("process_id", "weight", "exchange_no", descending=[False, True, False])
        .with_columns(pl.col("weight").cum_sum().over("process_id").alias("reached"))
        .with_columns(pl.col("reached").max().over("process_id").alias("total"))
        # The one that crosses the line still belongs to it.
        .filter(pl.col("reached") - pl.col("weight") < RATED_SHARE * pl.col("total"))
        .with_columns(pl.len().over("process_id").alias("rated_exchanges"))
    )
    weighted = ranked.with_columns(
        (pl.col(c) * pl.col("weight")).cum_sum().over("process_id") / pl.col("reached")
        for c in DQR_COLUMNS
    )
    # Running sums end in the sums: added one after the other, never in threads.
    last = weighted.group_by("process_id", maintain_order=True).last()
    mean = sum((pl.col(c) for c in DQR_COLUMNS[1:]), pl.col(DQR_COLUMNS[0])) / 4
    return (
        scores.system.processes.select("process_id")
        .join(last, on="process_id", how="left")
        .with_columns(
            mean.alias("dqr"),
            (pl.col("reached") / pl.col("total")).alias("rated_share"),
            pl.col("rated_exchanges").fill_null(0).cast(pl.Int64),
        )
        .with_columns(rating_class("dqr", "en"), rating_class("dqr", "zh"))
        .select(
            "process_id", *DQR_COLUMNS, "dqr", "dqr_class_en", "dqr_class_zh", "rated_exchanges",
            "rated_share",
        )
        .sort("process_id")
    )  # fmt: skip


def electricity_sensitivity(
    scores: LifeCycleScores, indicators: list[str] | None = None
) -> pl.DataFrame:
    """Say how scores answer to each electricity: all processes of type `electricity`.

    The electricity's own score is raised by 1 % from outside; whatever it takes of itself through
    loops is part of that 1 %. One transposed solve for each electricity.

    Args:
        scores: of `solve_scores`.
        indicators: which; all where none are named.

    Returns:
        `process_id`, `electricity_id`, `region_code` (of the electricity), `indicator`,
        `electricity_amount` (units of it that one unit of product takes along its chain),
        `change_per_percent` (in the indicator's unit, for +1 % of the electricity's score) and
        `elasticity` (per cent of the score for one per cent; null where the score is zero).
        Sorted; pairs without any use are left out.
    """
    system = scores.system
    electricity = system.processes.with_row_index("at").filter(process_type="electricity")
    at = electricity["at"].to_numpy().astype(np.int64)
    schema = {
        "process_id": pl.String(),
        "electricity_id": pl.String(),
        "region_code": pl.String(),
        "indicator": pl.String(),
        "electricity_amount": pl.Float64(),
        "change_per_percent": pl.Float64(),
        "elasticity": pl.Float64(),
    }
    if not at.size:
        return pl.DataFrame(schema=schema)
    demand = np.zeros((system.size, at.size))
    demand[at, np.arange(at.size)] = 1.0
    use = scores.solver.transposed(demand)
    # Per unit of the electricity's own total output: a unit delivered needs more where it loops.
    use /= use[at, np.arange(at.size)]
    rows, columns = np.nonzero(use)
    names = sorted(set(indicators)) if indicators is not None else list(system.indicators)
    parts = [pl.DataFrame(schema=schema)]
    for name in names:
        k = system.indicator(name)
        change = 0.01 * use[rows, columns] * scores.values[at[columns], k]
        parts.append(
            pl.DataFrame(
                {
                    "process_id": system.processes["process_id"].gather(rows),
                    "electricity_id": electricity["process_id"].gather(columns),
                    "region_code": electricity["region_code"].gather(columns),
                    "indicator": pl.repeat(name, rows.size, eager=True),
                    "electricity_amount": use[rows, columns],
                    "change_per_percent": change,
                    "elasticity": _ratio(100.0 * change, scores.values[rows, k]),
                },
                schema=schema,
            )
        )
    return (
        pl.concat(parts)
        .with_columns(pl.col("elasticity").fill_nan(None))
        .sort("process_id", "electricity_id", "indicator")
    )


def _contributions(system: LifeCycleSystem, values: FloatArray, column: int) -> FloatArray:
    """Return the contribution of every exchange to its process's score for one indicator."""
    coefficient = system.exchanges["coefficient"].to_numpy()
    row, flow = system.exchanges["row"], system.exchanges["flow"]
    bought = row.is_not_null().to_numpy()
    worth = np.zeros(coefficient.size)
    worth[bought] = values[row.drop_nulls().to_numpy(), column]
    worth[~bought] = system.characterisation[column, flow.drop_nulls().to_numpy()]
    return np.asarray(coefficient * worth)


def _closure(system: LifeCycleSystem, values: FloatArray) -> float:
    """Return the largest gap between scores and the sums of their contributions."""
    columns = system.exchanges["column"].to_numpy()
    worst = 0.0
    for k in range(len(system.indicators)):
        parts = _contributions(system, values, k)
        total = np.bincount(columns, weights=parts, minlength=system.size)
        size = np.bincount(columns, weights=np.abs(parts), minlength=system.size)
        size = np.maximum(size, np.abs(values[:, k]))
        gap = np.abs(total - values[:, k]) / np.where(size > 0, size, 1.0)
        worst = max(worst, float(gap.max(initial=0.0)))
    return worst


def _group_starts(rows: pl.DataFrame, keys: list[str]) -> NDArray[np.int64]:
    """Return where a new group begins in sorted rows."""
    begins = rows.select(
        pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift()) for key in keys)
    ).to_series()
    starts = begins.to_numpy().copy()
    starts[0] = True
    return np.flatnonzero(starts).astype(np.int64)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Divide; nan where the whole is zero."""
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)
