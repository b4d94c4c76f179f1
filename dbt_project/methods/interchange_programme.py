"""The quadratic programme of one year's interchange, in arrays, and what its bounds leave to solve.

Belongs here: the programme, its multipliers, the linear system of an active set. Data frames, codes
and dates are the business of `interchange`, the response to changed inputs that of
`interchange_response`.

For the months m of a year, with net flows x_me on corridors e and differences r_mp of provinces p:

    minimise    1/2 sum_me x_me^2 / c_me  +  1/2 sum_mp r_mp^2 / (s_d^2 d_mp)
                + 1/2 sum_k u_k^2 / (s_k^2 t_k)
    subject to  (A x)_mp + r_mp = n_mp             for every m and p
                -c_me <= x_me <= c_me              for every m and e
                u_k = f_k(x) - t_k                 for every reported transfer taken as it stands
                u_k = max(0, f_k(x) - t_k)         for every one that only bounds from above

f_k(x) = sum_j max(a_j x, l_j a_j x) over the parts j of k: l_j = 1 counts a part as it is, l_j = 0
where positive (the net exports of provinces), l_j = -1 by its size (exchange in either direction).
Everything is convex and x is strictly so: one optimum. All energies share one unit; multiplying
them all by a number multiplies x by it.

Multipliers, none with a unit: y_mp = r_mp / (s_d^2 d_mp) of a balance, v_k = u_k / (s_k^2 t_k) of a
transfer, b_me of a corridor at its bound (zero elsewhere). At the optimum, for e from p to q,

    x_me / c_me = y_mq - y_mp - sum_kj v_k l a_jme - b_me    (l: the slope of part j, in [l_j, 1])

Fix which corridors are full, which bounds are exceeded and which way each part runs (`ActiveSet`):
what remains is linear, symmetric and positive definite, months coupled by few transfers alone, so
that one batched Cholesky factorisation and a small dense system solve it (`Reduced`). Which set
holds at the optimum is found by `interchange_optimum`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# How far an inverse may be from one before the system counts as singular.
_SINGULAR = 1e-6


class InterchangeError(RuntimeError):
    """The programme has no optimum that could be found; the message names the year."""


@dataclass(frozen=True, eq=False)
class Programme:
    """The input arrays of one year: T months, P provinces, E corridors, K transfers, J parts.

    Attributes:
        incidence: A, shape (P, E): +1 where a corridor's positive flow arrives, -1 where it starts.
        net_import: n, shape (T, P); any energy unit, the same for all.
        consumption: d, shape (T, P), positive.
        capacity: c, shape (T, E), positive.
        transfer: t, shape (K,), positive.
        transfer_sd: s_k, relative, shape (K,).
        is_bound: shape (K,): the transfer only bounds from above.
        part: a_j, shape (J, T, E).
        part_of: shape (J,): the transfer k that part j belongs to.
        part_floor: l_j, shape (J,): 1, 0 or -1; 1 for all parts of a transfer that is no bound.
        consumption_sd: s_d, relative.
    """

    incidence: FloatArray
    net_import: FloatArray
    consumption: FloatArray
    capacity: FloatArray
    transfer: FloatArray
    transfer_sd: FloatArray
    is_bound: NDArray[np.bool_]
    part: FloatArray
    part_of: IntArray
    part_floor: FloatArray
    consumption_sd: float

    def __post_init__(self) -> None:
        """Refuse what would make the optimum ambiguous or unbounded."""
        arrays = (self.net_import, self.consumption, self.capacity, self.transfer, self.part)
        if not all(np.all(np.isfinite(each)) for each in arrays):
            raise InterchangeError("a net import, consumption, capacity or transfer is missing")
        positive = (self.consumption, self.capacity, self.transfer, self.transfer_sd)
        if not all(np.all(each > 0) for each in positive) or not self.consumption_sd > 0:
            raise InterchangeError(
                "consumption, capacities, transfers and standard deviations must be positive"
            )
        if np.any(~self.is_bound[self.part_of] & (self.part_floor != 1.0)):
            raise InterchangeError("only a bound may count the size of a flow")

    @property
    def difference_weight(self) -> FloatArray:
        """1 / (s_d^2 d), shape (T, P)."""
        return 1.0 / (self.consumption_sd**2 * self.consumption)

    @property
    def transfer_weight(self) -> FloatArray:
        """1 / (s_k^2 t_k), shape (K,)."""
        return 1.0 / (self.transfer_sd**2 * self.transfer)

    def part_values(self, flows: FloatArray) -> FloatArray:
        """a_j x of every part, shape (J,)."""
        return np.tensordot(self.part, flows, axes=2)

    def transfer_values(self, flows: FloatArray) -> FloatArray:
        """f_k(x) of every transfer, shape (K,)."""
        values = self.part_values(flows)
        counted = np.maximum(values, self.part_floor * values)
        return np.bincount(self.part_of, counted, len(self.transfer)).astype(np.float64)


@dataclass(frozen=True, eq=False)
class ActiveSet:
    """What holds at the optimum: full corridors, transfers that pull, the way each part runs.

    Attributes:
        full: shape (T, E): 1 at the upper bound, -1 at the lower, 0 between.
        pulls: shape (K,): always true but for a bound that is not exceeded.
        slope: shape (J,): 1 or l_j; NaN where the part is held at zero, between both.
    """

    full: IntArray
    pulls: NDArray[np.bool_]
    slope: FloatArray

    def key(self) -> bytes:
        """The same for the same set."""
        return self.full.tobytes() + self.pulls.tobytes() + self.slope.tobytes()


@dataclass(frozen=True, eq=False)
class Solution:
    """The optimum: flows x (T, E), and the multipliers of the module's docstring.

    Attributes:
        flows: x, shape (T, E).
        difference: r, shape (T, P).
        balance_multiplier: y, shape (T, P).
        transfer_multiplier: v, shape (K,); zero for a bound that is not exceeded.
        part_multiplier: what each part pulls with, v_k times its slope, shape (J,).
        bound_multiplier: b, shape (T, E); positive at the upper bound, negative at the lower.
        active: the set that the optimum was found with.
    """

    flows: FloatArray
    difference: FloatArray
    balance_multiplier: FloatArray
    transfer_multiplier: FloatArray
    part_multiplier: FloatArray
    bound_multiplier: FloatArray
    active: ActiveSet


@dataclass(frozen=True, eq=False)
class Reduced:
    """The linear system that an active set leaves, factorised; Q rows couple the months.

    Attributes:
        inverse: of the free flows' Hessian by month, zero for full corridors, shape (T, E, E).
        rows: coupling rows (transfers that pull, then parts held at zero) on free flows, (Q, T, E).
        coupling: inverse of the coupled system, shape (Q, Q).
        row_transfer: shape (Q,): the transfer of a row, -1 for a part held at zero.
        row_part: shape (Q,): the part of a row that is held at zero, else -1.
    """

    inverse: FloatArray
    rows: FloatArray
    coupling: FloatArray
    row_transfer: IntArray
    row_part: IntArray
    full_rows: FloatArray

    @classmethod
    def of(cls, programme: Programme, active: ActiveSet) -> Reduced:
        """Factorise once; raises InterchangeError where the coupled system is singular."""
        free = (active.full == 0).astype(np.float64)
        weighted = programme.difference_weight[:, :, np.newaxis] * programme.incidence
        hessian = programme.incidence.T @ weighted
        diagonal = np.arange(free.shape[1])
        hessian[:, diagonal, diagonal] += 1.0 / programme.capacity
        # Full corridors become rows of the identity: shapes stay equal over the months.
        hessian *= free[:, :, np.newaxis] * free[:, np.newaxis, :]
        hessian[:, diagonal, diagonal] += 1.0 - free
        half = np.linalg.inv(np.linalg.cholesky(hessian))
        inverse = np.swapaxes(half, 1, 2) @ half
        inverse *= free[:, :, np.newaxis] * free[:, np.newaxis, :]

        pulling = np.flatnonzero(active.pulls)
        held = np.flatnonzero(np.isnan(active.slope))
        slope = np.nan_to_num(active.slope)
        by_transfer = np.zeros((len(pulling), len(slope)))
        for row, transfer in enumerate(pulling):
            of_transfer = programme.part_of == transfer
            by_transfer[row, of_transfer] = slope[of_transfer]
        rows = np.concatenate(
            [np.tensordot(by_transfer, programme.part, axes=1), programme.part[held]]
        )
        free_rows = rows * free
        slack = np.concatenate([1.0 / programme.transfer_weight[pulling], np.zeros(len(held))])
        through = (inverse @ free_rows[..., np.newaxis])[..., 0]
        coupled = np.tensordot(free_rows, through, axes=([1, 2], [1, 2])) + np.diag(slack)
        try:
            coupling = np.linalg.inv(coupled)
        except np.linalg.LinAlgError as error:
            raise InterchangeError("reported transfers depend on each other") from error
        # Parts held at zero may depend on each other; the inverse is then no inverse.
        if np.abs(coupling @ coupled - np.eye(len(coupled))).max(initial=0.0) > _SINGULAR:
            raise InterchangeError("reported transfers depend on each other")
        return cls(
            inverse,
            free_rows,
            coupling,
            np.concatenate([pulling, np.full(len(held), -1)]).astype(np.int64),
            np.concatenate([np.full(len(pulling), -1), held]).astype(np.int64),
            rows * (1.0 - free),
        )


def solve_given(programme: Programme, active: ActiveSet) -> tuple[Solution, FloatArray]:
    """Return the stationary point for an active set, and each held part's multiplier (else NaN).

    Raises:
        InterchangeError: what is held depends on each other.
    """
    reduced = Reduced.of(programme, active)
    weight = programme.difference_weight
    fixed = active.full * programme.capacity
    free = (active.full == 0).astype(np.float64)
    open_balance = programme.net_import - fixed @ programme.incidence.T
    pull = ((weight * open_balance) @ programme.incidence) * free
    base = (reduced.inverse @ pull[..., np.newaxis])[..., 0]
    wanted = (
        np.where(
            reduced.row_transfer >= 0, programme.transfer[np.maximum(reduced.row_transfer, 0)], 0.0
        )
        if len(programme.transfer)
        else np.zeros(0)
    )
    reached = np.tensordot(reduced.rows, base, axes=2) + np.tensordot(
        reduced.full_rows, fixed, axes=2
    )
    multiplier = reduced.coupling @ (reached - wanted)
    back = (reduced.inverse @ np.tensordot(multiplier, reduced.rows, axes=1)[..., np.newaxis])[
        ..., 0
    ]
    flows = fixed + (base - back) * free
    difference = programme.net_import - flows @ programme.incidence.T
    balance_multiplier = weight * difference
    of_transfer = np.zeros(len(programme.transfer))
    transfers = reduced.row_transfer >= 0
    of_transfer[reduced.row_transfer[transfers]] = multiplier[transfers]
    held = np.full(len(programme.part_of), np.nan)
    held[reduced.row_part[~transfers]] = multiplier[~transfers]
    along = (
        np.where(
            np.isnan(active.slope),
            np.nan_to_num(held),
            np.nan_to_num(active.slope) * of_transfer[programme.part_of],
        )
        if len(held)
        else np.zeros(0)
    )
    bound = (
        balance_multiplier @ programme.incidence
        - np.tensordot(along, programme.part, axes=1)
        - flows / programme.capacity
    ) * (1.0 - free)
    return (
        Solution(flows, difference, balance_multiplier, of_transfer, along, bound, active),
        held,
    )
