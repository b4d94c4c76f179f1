"""Solving the technosphere, and its transpose, for many right-hand sides.

Belongs here: the choice between a factorisation and an iteration, the proof that the answer is one,
and the errors of systems that have none. Does not belong here: what is solved for.

Transposed, T' y = h gives the score y_j of every product at once; forward, T s = f gives how much
of every process a demand f needs.

Two ways:
* direct: one sparse factorisation (SuperLU), multiple minimum degree on T' + T, symmetric mode.
* iterative: y <- h + A' y, the power series of Leontief. With weights w > 0 such that
  |A|' w <= q w and q < 1 it converges from anywhere: the error in the norm max |e_j| / w_j falls by
  q each step, and is at most q / (1 - q) times the last change. The weights are found first, and
  the system is proven not singular by that alone (Collatz 1942; Hawkins and Simon 1949,
  10.2307/1905526). Where none are found the factorisation decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import SuperLU, splu

FloatArray = NDArray[np.float64]
Method = Literal["auto", "direct", "iterative"]

# Up to here a factorisation takes less than a second whatever its fill.
DIRECT_UP_TO = 2_000
# Steps that the search for weights and the iteration may take before the factorisation decides.
STEPS_OF_PROOF, STEPS = 500, 5_000
# A series is summed until its last term is this part of it; a sum above GROWTH does not converge.
SERIES_TAIL, GROWTH = 1e-2, 1e200
# The largest bound of contraction that still counts as a proof.
CONTRACTION = 0.9999
# A bound that is not worth improving.
CONVINCING = 0.9
# Relative residual that every answer is held against; the iteration goes on to STOP.
RESIDUAL_TOLERANCE, STOP, AT_REST = 1e-9, 4e-15, 1e-13
# Every how many steps the iteration looks at itself, and until when it leaps ahead when it does.
CHECKED, EXTRAPOLATED = 3, 20


class SingularSystemError(ArithmeticError):
    """The system has no single answer; `columns` are the processes that are the reason."""

    def __init__(self, message: str, columns: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.columns = columns


@dataclass(frozen=True)
class Contraction:
    """Weights under which the inputs contract.

    Attributes:
        weights: w > 0, shape (n,).
        bound: q < 1: |A|' w <= q w.
    """

    weights: FloatArray
    bound: float


@dataclass(frozen=True)
class TechnosphereSolver:
    """One technosphere, ready to be solved as often as is wanted.

    Args:
        inputs: A, shape (n, n), CSC.
        method: `direct`, `iterative`, or `auto`: direct up to `DIRECT_UP_TO` processes.
    """

    inputs: sparse.csc_array
    method: Method = "auto"

    @property
    def size(self) -> int:
        """Return n."""
        return int(self.inputs.shape[0])

    @cached_property
    def is_direct(self) -> bool:
        """Say whether the factorisation is used."""
        if self.method == "auto":
            return self.size <= DIRECT_UP_TO or self.contraction is None
        return self.method == "direct" or self.contraction is None

    @cached_property
    def contraction(self) -> Contraction | None:
        """Return weights that prove convergence, or nothing where none are found."""
        return find_contraction(self.inputs)

    @cached_property
    def factorisation(self) -> SuperLU:
        """Return the factorisation of T.

        Raises:
            SingularSystemError: T is singular, exactly or to working precision.
        """
        system = sparse.csc_array(sparse.eye_array(self.size, format="csc") - self.inputs)
        system.sort_indices()
        return factorise(system)

    def transposed(self, right: FloatArray) -> FloatArray:
        """Solve T' y = right; shapes (n,) or (n, k).

        Raises:
            SingularSystemError: see `factorisation`.
        """
        return self._solve(right, transposed=True)

    def forward(self, right: FloatArray) -> FloatArray:
        """Solve T s = right; shapes (n,) or (n, k).

        Raises:
            SingularSystemError: see `factorisation`.
        """
        return self._solve(right, transposed=False)

    def residual(self, solution: FloatArray, right: FloatArray) -> FloatArray:
        """Return ||T' y - h|| / ||h|| of each column, in the greatest norm; shape (k,)."""
        off = solution - self._rows @ solution - right
        size = np.abs(right).max(axis=0, initial=0.0)
        return np.asarray(np.abs(off).max(axis=0, initial=0.0) / np.where(size > 0, size, 1.0))

    @cached_property
    def _rows(self) -> sparse.csr_array:
        """A', row by row: the same memory as A column by column."""
        return sparse.csr_array(self.inputs.T)

    @cached_property
    def _columns(self) -> sparse.csr_array:
        return sparse.csr_array(self.inputs)

    def _solve(self, right: FloatArray, *, transposed: bool) -> FloatArray:
        if not self.is_direct:
            step = self._rows if transposed else self._columns
            solution = _iterate(step, right)
            if solution is not None:
                return solution
        solution = self.factorisation.solve(
            np.asfortranarray(right, dtype=np.float64), trans="T" if transposed else "N"
        )
        if not np.all(np.isfinite(solution)):
            raise _singular(self.inputs)
        return np.ascontiguousarray(solution)


def factorise(system: sparse.csc_array) -> SuperLU:
    """Factorise T as METHODS 2 says.

    Raises:
        SingularSystemError: T is singular; the processes of its singular loop are named.
    """
    try:
        return splu(
            system,
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
    except RuntimeError:
        eye = sparse.eye_array(system.shape[0], format="csc")
        raise _singular(sparse.csc_array(eye - system)) from None


def find_contraction(
    inputs: sparse.csc_array, start: FloatArray | None = None
) -> Contraction | None:
    """Find weights under which the inputs contract.

    The sum w = v + |A|' v + |A|'^2 v + ... is tried: the ratio (|A|' w) / w is then one minus
    v / w. Where the units of v = 1 differ much that is next to one; so the sum found is the next v,
    and v / w becomes one over the mean number of steps that a chain has left.

    Args:
        inputs: A, shape (n, n), CSC.
        start: the first v, above zero, shape (n,); ones where it is not given.

    Returns:
        The contraction, or nothing where none was found in `STEPS_OF_PROOF` products: own use
        at or above output, or so near to it that the factorisation is the better judge.
    """
    size = int(inputs.shape[0])
    step = sparse.csr_array(abs(inputs).T)
    if not np.all(np.isfinite(step.data)):
        return None
    weights = np.ones(size) if start is None else start
    best: Contraction | None = None
    steps = 0
    while steps < STEPS_OF_PROOF:
        power = weights / weights.max(initial=1.0)
        weights = power.copy()
        while steps < STEPS_OF_PROOF:
            power = step @ power
            weights += power
            steps += 1
            if not np.max(weights, initial=0.0) < GROWTH:
                return best
            if np.max(power / weights, initial=0.0) < SERIES_TAIL:
                break
        bound = float(np.max((step @ weights) / weights, initial=0.0))
        better = bound < min(CONTRACTION, best.bound if best else 1.0)
        if better and weights.min(initial=1.0) > 0:
            gained = (best.bound if best else 1.0) - bound
            best = Contraction(weights, bound)
            if gained > 0.02 and bound > CONVINCING:
                continue
        if best is not None:
            break
    return best


def _iterate(step: sparse.csr_array, right: FloatArray) -> FloatArray | None:
    """Sum the power series until nothing changes; nothing where it does not come to rest."""
    solution = np.array(right, dtype=np.float64)
    least, since = np.inf, 0
    before = np.zeros_like(solution)
    for number in range(STEPS):
        following = right + step @ solution
        change = following - solution
        solution = following
        if number < EXTRAPOLATED:
            if number and number % CHECKED == 0:
                solution = solution + change * _still_to_come(change, before)
            before = change
            continue
        if number % CHECKED:
            continue
        change, size = np.abs(change), np.abs(solution)
        # Each entry against itself, so that products of small units are as exact as large ones;
        # what is nothing beside the rest of its column needs not be exact.
        size = np.maximum(size, 1e-12 * size.max(axis=0, initial=0.0) + 1e-300)
        worst = float(np.max(change / size, initial=0.0))
        if worst <= STOP:
            return solution
        # Rounding keeps the last digit moving: at rest when it no longer falls.
        since = 0 if worst < least else since + 1
        least = min(least, worst)
        if since >= 2 and least < AT_REST:
            return solution
    return None


def _still_to_come(change: FloatArray, before: FloatArray) -> FloatArray:
    """Return what follows a change if each is r times the one before: r / (1 - r), by column.

    After some steps a change points along the slowest direction alone, and r is its rate (Aitken).
    A guess can only move the start of an iteration that converges from anywhere; one that does not
    look like a rate is not used.
    """
    own = np.einsum("i...,i...->...", before, before)
    rate = np.einsum("i...,i...->...", change, before) / np.where(own > 0, own, 1.0)
    return np.where((rate > 0) & (rate < 0.99), rate / (1 - rate), 0.0)


def loops(inputs: sparse.csc_array) -> list[NDArray[np.int64]]:
    """Return the strongly connected groups of processes that feed one another, and self-users."""
    count, label = connected_components(inputs, directed=True, connection="strong")
    order = np.argsort(label, kind="stable")
    sizes = np.bincount(label, minlength=count)
    own = inputs.diagonal() != 0
    groups = np.split(order, np.cumsum(sizes)[:-1])
    return [group for group in groups if group.size > 1 or bool(np.any(own[group]))]


def unproductive(inputs: sparse.csc_array) -> tuple[int, ...]:
    """Return the processes of the first loop that uses up all it makes, or more.

    A loop of non-negative inputs is productive if and only if (I - A)' w = 1 has a w > 0. Of a
    loop with credits nothing is said but whether it is singular.
    """
    for group in loops(inputs):
        block = sparse.csc_array(inputs[:, group][group, :])
        system = sparse.csc_array(sparse.eye_array(group.size, format="csc") - block)
        try:
            weights = splu(system, permc_spec="MMD_AT_PLUS_A").solve(np.ones(group.size), trans="T")
        except RuntimeError:
            return tuple(int(column) for column in np.sort(group))
        used_up = block.data.min(initial=0.0) >= 0 and bool(np.any(weights <= 0))
        if not np.all(np.isfinite(weights)) or used_up or np.abs(weights).max() > 1e12:
            return tuple(int(column) for column in np.sort(group))
    return ()


def _singular(inputs: sparse.csc_array) -> SingularSystemError:
    columns = unproductive(inputs)
    which = f"the loop of {len(columns)} processes" if columns else "the system"
    return SingularSystemError(
        f"matrix_singular: {which} uses up exactly what it makes, so no amount of it is left to "
        "deliver; look for an input in a wrong unit",
        columns,
    )
