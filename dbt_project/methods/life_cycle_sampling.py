"""Intervals of life-cycle scores: all datasets under the same draws of every exchange.

Belongs here: drawing exchanges, solving each draw, and the percentiles. Does not belong here: the
generator (`counter_normals`), where an exchange's sigma comes from (`data_quality_rating`), and
what is published of an interval.

An exchange is lognormal with its amount as median: amount x exp(sigma z). Members of one share
group of a process keep their sum: they are drawn and scaled back to it, so a mix still adds up to
one. Each exchange is drawn once in a draw, for all datasets, so a difference between two datasets
carries no noise of what they share. A draw solves T' y = h for all datasets at once.

The median of the scores is not the deterministic score, and the mean lies above both: a lognormal
input has the mean exp(sigma^2 / 2), and loops are convex in it. All of them are right; which is
which must be said.

Solving. Unknowns are scaled by weights under which the system of medians contracts
(`life_cycle_solver`), where all of them are of one size. From the deterministic answer, BiCGSTAB
(van der Vorst 1992, 10.1137/0913035) goes on until the residual of every entry is below the
tolerance; a draw that it does not solve is factorised. Where nothing is a credit or an uptake, an
answer that is nowhere negative is itself the sign that every drawn loop is productive.

Indicators are sums of flows with certain factors. Where fewer flows are exchanged than indicators
are asked for, each draw is solved for the flows, and the indicators are summed from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from dbt_project.methods.counter_normals import (
    BLOCK,
    combined,
    name_words,
    normals,
    seed_key,
)
from dbt_project.methods.life_cycle_scores import LifeCycleScores
from dbt_project.methods.life_cycle_solver import (
    SingularSystemError,
    factorise,
    find_contraction,
)
from dbt_project.methods.technosphere import LifeCycleSystem

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int64]

PERCENTILES = (2.5, 50.0, 97.5)
# Residual of every scaled entry, and the steps allowed before a draw is factorised.
TOLERANCE, STEPS = 1e-9, 100
# All scores of the draws are held until their percentiles are known: so many bytes at once.
MEMORY = 1 << 30
# Datasets whose draws are sorted at once.
_TILE = 256


class SamplingError(ValueError):
    """The draws cannot be made or solved; the message says by which rule, and where."""


@dataclass(frozen=True)
class SampledScores:
    """Intervals of all scores, and how well the draws were solved.

    Attributes:
        process_ids: shape (n,).
        indicators: shape (k,).
        percentiles: shape (3, n, k), as `PERCENTILES`.
        mean: shape (n, k).
        samples: the draws of the datasets asked for, shape (draws, kept, k).
        draws, seed: as given.
        residual: the largest scaled residual of any draw.
        factorised: how many draws needed a factorisation.
    """

    process_ids: pl.Series
    indicators: tuple[str, ...]
    percentiles: FloatArray
    mean: FloatArray
    samples: FloatArray
    draws: int
    seed: int
    residual: float
    factorised: int

    def table(self) -> pl.DataFrame:
        """Return `process_id`, `indicator`, `lower_95`, `median`, `upper_95`, `mean`, sorted."""
        count = len(self.indicators)
        columns = [np.ascontiguousarray(part).ravel() for part in (*self.percentiles, self.mean)]
        return pl.DataFrame(
            {
                "process_id": np.repeat(self.process_ids.to_numpy(), count),
                "indicator": np.tile(np.array(self.indicators, dtype=object), len(self.mean)),
                "lower_95": columns[0],
                "median": columns[1],
                "upper_95": columns[2],
                "mean": columns[3],
            },
            schema_overrides={"process_id": pl.String, "indicator": pl.String},
        )


def sample_scores(
    scores: LifeCycleScores,
    *,
    draws: int,
    seed: int,
    indicators: list[str] | None = None,
    keep: list[str] | None = None,
    threads: int = 2,
    batch: int = 4,
) -> SampledScores:
    """Draw all exchanges, solve each draw for all datasets, and take the percentiles.

    The result is the same, to the byte, for any number of threads and any batch: a draw is a
    function of seed, exchange and its number alone, and is solved alone.

    Args:
        scores: the deterministic solution, from which each draw starts.
        draws: D, at least 40 so that 2.5 % of them is one.
        seed: of all draws.
        indicators: which; all where none are named.
        keep: datasets whose draws are wanted as well.
        threads: that work side by side.
        batch: blocks of four draws that a thread takes at once.

    Raises:
        SamplingError: `too_few_draws`, `sigma_invalid` (negative, or not finite, or above 3),
            `share_group_sign` (members of both signs or without any amount), or
            `draw_unproductive` (a drawn loop uses up more than it makes), with the process.
        TechnosphereError: an indicator or dataset that is not there.
    """
    if draws < 40:
        raise SamplingError(f"too_few_draws: {draws} draws hold no 2.5 %; at least 40 are wanted")
    system = scores.system
    names = sorted(set(indicators)) if indicators is not None else list(system.indicators)
    kept = system.positions(keep or [])
    parts: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    residual, factorised = 0.0, 0
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for solved in _solved_together(scores, names, draws):
            sampler = _Sampler.of(scores, solved, seed)
            held = np.empty((draws, *solved.values.shape))
            blocks = range(-(-draws // BLOCK))
            tasks = [blocks[i : i + batch] for i in range(0, len(blocks), batch)]
            for found in pool.map(lambda task: sampler.solve(task, held), tasks):  # noqa: B023
                residual = max(residual, found.residual)
                factorised += found.factorised
            parts.append((*_percentiles(held, solved.mix, pool), solved.mixed(held[:, kept])))
    return SampledScores(
        process_ids=system.processes["process_id"],
        indicators=tuple(names),
        percentiles=np.concatenate([part[0] for part in parts], axis=2),
        mean=np.concatenate([part[1] for part in parts], axis=1),
        samples=np.concatenate([part[2] for part in parts], axis=2),
        draws=draws,
        seed=seed,
        residual=residual,
        factorised=factorised,
    )


@dataclass(frozen=True)
class _Solved:
    """What each draw is solved for at once: some indicators, or the flows that they are sums of.

    Attributes:
        factors: what one unit of each flow counts in each column, shape (flows, k).
        values: the deterministic answer, shape (n, k).
        mix: what each column counts in each indicator, shape (k, indicators).
    """

    factors: FloatArray
    values: FloatArray
    mix: FloatArray

    def mixed(self, held: FloatArray) -> FloatArray:
        """Return the indicators of columns, shape (draws, n, indicators)."""
        return np.moveaxis(_mixed(held, self.mix), -1, 0)


def _solved_together(scores: LifeCycleScores, names: list[str], draws: int) -> Iterator[_Solved]:
    """Yield what is solved at once, as memory allows: the flows, if they are the fewer."""
    system = scores.system
    columns = [system.indicator(name) for name in names]
    at_once = max(1, int(MEMORY // max(1, 8 * draws * system.size)))
    factors = system.characterisation[columns].T
    occurs = np.asarray(abs(system.biosphere).sum(axis=1)).ravel() > 0
    counted = np.flatnonzero(occurs & (factors != 0).any(axis=1))
    if 0 < counted.size <= min(at_once, len(names) - 1):
        chosen = np.zeros((factors.shape[0], counted.size))
        chosen[counted, np.arange(counted.size)] = 1.0
        flows = system.biosphere[counted].T.toarray()
        yield _Solved(chosen, scores.solver.transposed(flows), factors[counted])
        return
    for start in range(0, len(columns), at_once):
        group = columns[start : start + at_once]
        yield _Solved(system.characterisation[group].T, scores.values[:, group], np.eye(len(group)))


@dataclass(frozen=True)
class _Found:
    """How some draws were solved."""

    residual: float = 0.0
    factorised: int = 0


@dataclass(frozen=True)
class _Sampler:
    """Everything about the draws that does not change from draw to draw.

    Attributes:
        key: of the seed.
        names: 64 bits for each uncertain exchange.
        sigma: of each uncertain exchange.
        uncertain: their positions among the exchanges.
        shares: share groups.
        amounts: scaled coefficients: A'[j, i] w_i / w_j of products first, then those of
            elementary flows, divided by w_j; in the order of processes.
        purchases: how many of them are of products.
        cells: where the cells of A' begin among the purchases; nothing where no cell is repeated.
        starts, rows: CSR structure of A', process by process.
        emission_starts, flows: CSR structure of B', process by process.
        factors: C', shape (flows, k).
        weights: w, shape (n, 1).
        first: the scaled deterministic answer, shape (n, k).
        scale: of each indicator's column, shape (k,).
        signs: which columns cannot go below zero.
        process_ids: to name a process.
    """

    key: int
    names: NDArray[np.uint64]
    sigma: FloatArray
    uncertain: IndexArray
    shares: _Shares
    amounts: FloatArray
    purchases: int
    cells: IndexArray | None
    starts: NDArray[np.int32]
    rows: NDArray[np.int32]
    emission_starts: NDArray[np.int32]
    flows: NDArray[np.int32]
    factors: FloatArray
    weights: FloatArray
    first: FloatArray
    scale: FloatArray
    signs: NDArray[np.bool_]
    process_ids: pl.Series

    @classmethod
    def of(cls, scores: LifeCycleScores, solved: _Solved, seed: int) -> _Sampler:
        """Prepare the draws of some columns."""
        system = scores.system
        exchanges = _drawable(system)
        size = system.size
        bought = exchanges["row"].is_not_null().to_numpy()
        purchases = int(np.count_nonzero(bought))
        column = exchanges["column"].to_numpy()
        row = exchanges["row"].drop_nulls().to_numpy()
        values = solved.values
        scale = np.abs(values).max(axis=0, initial=0.0)
        scale[scale == 0] = 1.0
        mean = np.abs(values / scale).mean(axis=1)
        positive = mean[mean > 0]
        # A product without any score still needs a weight; any will do.
        mean[mean == 0] = positive.min() if positive.size else 1.0
        contraction = find_contraction(system.inputs, mean)
        weights = (mean if contraction is None else contraction.weights).copy()
        weights /= weights.max(initial=1e-300)
        coefficient = exchanges["coefficient"].to_numpy()
        amounts = coefficient / weights[column]
        amounts[:purchases] *= weights[row]
        repeated = (column[:purchases][1:] == column[:purchases][:-1]) & (row[1:] == row[:-1])
        cells = None
        if repeated.any():
            cells = np.flatnonzero(np.concatenate([[True], ~repeated])).astype(np.int64)
            row, cell_column = row[cells], column[:purchases][cells]
        else:
            cell_column = column[:purchases]
        sigma = exchanges["sigma"].to_numpy()
        uncertain = np.flatnonzero(sigma > 0).astype(np.int64)
        direct = np.asarray(system.biosphere.T @ np.ascontiguousarray(solved.factors))
        clean = system.inputs.data.min(initial=0.0) >= 0
        return cls(
            key=seed_key(seed),
            names=_names(exchanges)[uncertain],
            sigma=sigma[uncertain],
            uncertain=uncertain,
            shares=_Shares.of(exchanges),
            amounts=amounts,
            purchases=purchases,
            cells=cells,
            starts=_starts(cell_column, size),
            rows=row.astype(np.int32),
            emission_starts=_starts(column[purchases:], size),
            flows=exchanges["flow"].drop_nulls().to_numpy().astype(np.int32),
            factors=np.ascontiguousarray(solved.factors / scale),
            weights=weights[:, np.newaxis],
            first=values / scale / weights[:, np.newaxis],
            scale=scale,
            signs=clean & (direct.min(axis=0, initial=0.0) >= 0),
            process_ids=system.processes["process_id"],
        )

    def solve(self, blocks: range, held: FloatArray) -> _Found:
        """Solve some blocks of draws into their places of (D, n, k)."""
        residual, factorised = 0.0, 0
        for number, drawn in self._draws(blocks, len(held)):
            solution, off, direct = self._solve_one(drawn, number)
            np.multiply(solution, self.weights, out=solution)
            np.multiply(solution, self.scale, out=held[number])
            residual = max(residual, off)
            factorised += direct
        return _Found(residual, factorised)

    def _draws(self, blocks: range, draws: int) -> Iterator[tuple[int, FloatArray]]:
        """Yield the number and the scaled amounts of each draw."""
        for block in blocks:
            drawn = normals(self.key, self.names, block)
            for offset in range(min(BLOCK, draws - block * BLOCK)):
                np.multiply(drawn[offset], self.sigma, out=drawn[offset])
                np.exp(drawn[offset], out=drawn[offset])
                factor = np.ones(self.amounts.size)
                factor[self.uncertain] = drawn[offset]
                self.shares.renormalise(factor)
                factor *= self.amounts
                yield block * BLOCK + offset, factor

    def _solve_one(self, amounts: FloatArray, number: int) -> tuple[FloatArray, float, bool]:
        """Solve one draw; return the scaled answer, its residual, and whether by factorisation."""
        size = self.weights.size
        bought = amounts[: self.purchases]
        if self.cells is not None:
            bought = np.add.reduceat(bought, self.cells)
        inputs = sparse.csr_array((bought, self.rows, self.starts), shape=(size, size))
        emissions = sparse.csr_array(
            (amounts[self.purchases :], self.flows, self.emission_starts),
            shape=(size, len(self.factors)),
        )
        right = emissions @ self.factors
        solution, off = bicgstab(inputs, right, self.first, TOLERANCE, STEPS)
        direct = not off <= TOLERANCE
        if direct:
            system = sparse.csc_array((sparse.eye_array(size, format="csr") - inputs).T)
            system.sort_indices()
            try:
                solution = factorise(system).solve(np.asfortranarray(right), trans="T")
            except SingularSystemError as error:
                at = error.columns[0] if error.columns else 0
                raise self._unproductive(number, at) from error
            off = float(np.abs(right + inputs @ solution - solution).max(initial=0.0))
        below = (solution < -1e-6) & self.signs
        if below.any() or not np.all(np.isfinite(solution)):
            raise self._unproductive(number, int(np.argwhere(~(solution >= -1e-6))[0][0]))
        return np.ascontiguousarray(solution), off, direct

    def _unproductive(self, number: int, at: int) -> SamplingError:
        return SamplingError(
            f"draw_unproductive: in draw {number}, a loop through process {self.process_ids[at]} "
            "uses up all it makes or more; its inputs are too uncertain or already near that"
        )


@dataclass(frozen=True)
class _Shares:
    """Share groups: their members keep their sum.

    Attributes:
        members: positions among the exchanges, group by group.
        starts: where each group begins among the members.
        group: of each member.
        coefficient: of each member, per unit of its process.
        total: of each group.
    """

    members: IndexArray
    starts: IndexArray
    group: IndexArray
    coefficient: FloatArray
    total: FloatArray

    @classmethod
    def of(cls, exchanges: pl.DataFrame) -> _Shares:
        """Arrange the members of each process and group side by side.

        Raises:
            SamplingError: members of both signs, or without any amount.
        """
        members = (
            exchanges.with_row_index("at")
            .filter(pl.col("share_group").is_not_null())
            .sort("column", "share_group", "at")
        )
        if not members.height:
            none = np.zeros(0, dtype=np.int64)
            return cls(none, none, none, np.zeros(0), np.zeros(0))
        column, name = pl.col("column"), pl.col("share_group")
        fresh = (
            members.select((column != column.shift()) | (name != name.shift()))
            .to_series()
            .fill_null(value=True)
            .to_numpy()
        )
        starts = np.flatnonzero(fresh).astype(np.int64)
        coefficient = members["coefficient"].to_numpy()
        total = np.add.reduceat(coefficient, starts)
        absolute = np.add.reduceat(np.abs(coefficient), starts)
        wrong = np.flatnonzero((absolute == 0) | (np.abs(total) != absolute))
        if wrong.size:
            first = members.row(int(starts[wrong[0]]), named=True)
            raise SamplingError(
                f"share_group_sign: process {first['process_id']}, share group "
                f"{first['share_group']}: shares are wanted that are all inputs or all outputs and "
                "not all zero"
            )
        return cls(
            members=members["at"].to_numpy().astype(np.int64),
            starts=starts,
            group=(np.cumsum(fresh) - 1).astype(np.int64),
            coefficient=coefficient,
            total=total,
        )

    def renormalise(self, factor: FloatArray) -> None:
        """Scale the factors drawn, in place, so that the members of each group keep their sum."""
        if self.members.size:
            drawn = factor[self.members]
            kept = self.total / np.add.reduceat(drawn * self.coefficient, self.starts)
            factor[self.members] = drawn * kept[self.group]


def bicgstab(
    inputs: sparse.csr_array, right: FloatArray, first: FloatArray, tolerance: float, steps: int
) -> tuple[FloatArray, float]:
    """Solve (I - A') u = right from a first answer, each column on its own.

    Args:
        inputs: A', shape (n, n), CSR.
        right, first: shape (n, k).
        tolerance: of the residual's largest entry.
        steps: at most.

    Returns:
        u and its largest residual, nan where the method broke down; the caller decides.
    """
    solution = first.copy()
    rest = right + inputs @ solution - solution
    shadow = rest.copy()
    direction, image = np.zeros_like(rest), np.zeros_like(rest)
    rho = alpha = omega = np.ones(right.shape[1])
    largest = np.abs(rest).max(axis=0, initial=0.0)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            active = largest > tolerance
            if not active.any():
                break
            previous, rho = rho, _dot(shadow, rest)
            beta = np.where(active, rho / previous * (alpha / omega), 0.0)
            direction = rest + beta * (direction - omega * image)
            image = direction - inputs @ direction
            alpha = np.where(active, rho / _dot(shadow, image), 0.0)
            half = rest - alpha * image
            turned = half - inputs @ half
            omega = np.where(active, _dot(turned, half) / _dot(turned, turned), 0.0)
            # Nothing is left to turn where the half step was the answer.
            omega = np.where(np.isnan(omega), 0.0, omega)
            solution += alpha * direction + omega * half
            rest = half - omega * turned
            largest = np.where(active, np.abs(rest).max(axis=0, initial=0.0), largest)
            # A column at rest must not divide by nothing later.
            rho, alpha, omega = (np.where(active, v, 1.0) for v in (rho, alpha, omega))
    # The recursion drifts from the truth: the residual is taken anew.
    return solution, float(np.abs(right + inputs @ solution - solution).max(initial=0.0))


def _dot(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the inner product of each column; never by BLAS, whose threads add in other orders."""
    return np.asarray(np.einsum("ij,ij->j", left, right))


def _drawable(system: LifeCycleSystem) -> pl.DataFrame:
    """Return the exchanges, purchases first, each with its sigma.

    Raises:
        SamplingError: a sigma that is none.
    """
    exchanges = system.exchanges.with_columns(pl.col("sigma").fill_null(0.0))
    wrong = exchanges.filter(~pl.col("sigma").is_between(0, 3) | pl.col("sigma").is_nan())
    if wrong.height:
        first = wrong.row(0, named=True)
        raise SamplingError(
            f"sigma_invalid: process {first['process_id']}, exchange {first['exchange_no']}: sigma "
            f"is {first['sigma']}; a number from 0 (certain) to 3 is wanted"
        )
    return pl.concat(
        [
            exchanges.filter(pl.col("row").is_not_null()),
            exchanges.filter(pl.col("row").is_null()),
        ]
    )


def _names(exchanges: pl.DataFrame) -> NDArray[np.uint64]:
    """Return 64 bits that name each exchange by what it is, not by its number."""
    target = exchanges.select(pl.coalesce("provider_id", "flow_id")).to_series()
    kind = exchanges.select(
        pl.concat_str("kind", "direction", "stage", "origin", separator="/", ignore_nulls=True)
    ).to_series()
    # Where one thing is exchanged several times, they are told apart by size.
    among = exchanges.select(
        pl.int_range(pl.len()).over("process_id", "provider_id", "flow_id", "kind", "direction",
                                    "stage", "origin")
    ).to_series()  # fmt: skip
    return combined(
        name_words(exchanges["process_id"]),
        name_words(target),
        name_words(kind),
        among.to_numpy().astype(np.uint64),
    )


def _starts(column: NDArray[np.int64], size: int) -> NDArray[np.int32]:
    """Return where the entries of each process begin, entries being in order of processes."""
    starts = np.zeros(size + 1, dtype=np.int32)
    np.cumsum(np.bincount(column, minlength=size), out=starts[1:])
    return starts


def _mixed(held: FloatArray, mix: FloatArray) -> FloatArray:
    """Return columns, shape (draws, n, k), summed by a mix, shape (k, m), in a fixed order.

    The result has the draws side by side in memory: shape (n, m, draws).
    """
    columns = np.ascontiguousarray(np.moveaxis(held, 0, -1))
    mixed = np.zeros((columns.shape[0], mix.shape[1], columns.shape[2]))
    for column, target in zip(*np.nonzero(mix), strict=True):
        mixed[:, target] += columns[:, column] * mix[column, target]
    return mixed


def _percentiles(
    held: FloatArray, mix: FloatArray, pool: ThreadPoolExecutor
) -> tuple[FloatArray, FloatArray]:
    """Return percentiles, shape (3, n, m), and means, shape (n, m), over the draws.

    `held`: the draws of the columns, shape (draws, n, k); `mix`: shape (k, m).
    """
    draws, size, _ = held.shape
    count = mix.shape[1]
    percentiles, mean = np.empty((3, size, count)), np.empty((size, count))
    place = np.array(PERCENTILES) / 100 * (draws - 1)
    below = np.floor(place).astype(np.int64)
    above, part = np.minimum(below + 1, draws - 1), place - below

    def take(start: int) -> None:
        tile = slice(start, start + _TILE)
        # Sorted and added along memory.
        ordered = np.sort(_mixed(held[:, tile], mix), axis=-1)
        low, high = np.moveaxis(ordered[..., below], -1, 0), np.moveaxis(ordered[..., above], -1, 0)
        percentiles[:, tile] = low + (high - low) * part[:, np.newaxis, np.newaxis]
        mean[tile] = ordered.mean(axis=-1)

    list(pool.map(take, range(0, size, _TILE)))
    return percentiles, mean
