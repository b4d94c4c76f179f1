"""How the flows of a year answer to other balances and other reported transfers: a linear map.

Belongs here: the derivative of the interchange programme's optimum and its use on many draws at
once. Where draws come from and what they are for is the business of whoever draws.

While the active set of the optimum holds (`interchange_programme.ActiveSet`), the optimum is affine
in its inputs:

    x = x0 + M_n (n - n0) + M_t (t - t0)

n net imports (T, P), t reported transfers (K,). M is never written out: months are coupled by few
transfers alone, so that a change of the balances acts within its month and through the multipliers
of the transfers. Draws far from n0 would change the active set; their flows are cut at the capacity
and are a first-order answer, no optimum.

Source: sensitivity of a strictly convex quadratic programme on its active set (Fiacco 1983).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dbt_project.methods.interchange_programme import FloatArray, Programme, Reduced, Solution


@dataclass(frozen=True, eq=False)
class Response:
    """The flows of T months on E corridors and how they move with P balances and K transfers.

    Energies are in the unit of the programme that it was made from (`interchange.responses`: MWh).

    Attributes:
        flows: x0, the optimum, shape (T, E).
        net_import: n0, shape (T, P).
        transfer: t0, shape (K,).
        capacity: c, shape (T, E).
        incidence: A, shape (P, E): +1 where a corridor's positive flow arrives, -1 where it starts.
        own: flow per net import of the same month with the transfers' multipliers fixed, (T, E, P).
        through: flow per multiplier of a coupling row, shape (T, E, Q).
        row_of_balance: multiplier of a row per net import, shape (Q, T, P).
        row_of_transfer: multiplier of a row per transfer, shape (Q, K).
    """

    flows: FloatArray
    net_import: FloatArray
    transfer: FloatArray
    capacity: FloatArray
    incidence: FloatArray
    own: FloatArray
    through: FloatArray
    row_of_balance: FloatArray
    row_of_transfer: FloatArray

    def apply(
        self, net_import_draws: NDArray[np.floating], transfer_draws: NDArray[np.floating]
    ) -> FloatArray:
        """Flows of D draws, cut at the capacity.

        Args:
            net_import_draws: n, shape (D, T, P): values, not differences from `net_import`.
            transfer_draws: t, shape (D, K); pass `transfer` broadcast where none is drawn.

        Returns:
            Shape (D, T, E).
        """
        by_month = np.swapaxes(net_import_draws - self.net_import, 0, 1)
        rows = np.tensordot(by_month, self.row_of_balance, axes=([0, 2], [1, 2]))
        rows = rows + (transfer_draws - self.transfer) @ self.row_of_transfer.T
        moved = by_month @ np.swapaxes(self.own, 1, 2) - rows @ np.swapaxes(self.through, 1, 2)
        flows = self.flows + np.swapaxes(moved, 0, 1)
        return np.clip(flows, -self.capacity, self.capacity)


def response(programme: Programme, solution: Solution) -> Response:
    """Derive the linear map at an optimum; one factorisation.

    Args:
        programme: the inputs that `solution` is the optimum of.
        solution: as `interchange_optimum.solve` returns it.
    """
    reduced = Reduced.of(programme, solution.active)
    weighted = programme.difference_weight[:, np.newaxis, :] * programme.incidence.T
    own = reduced.inverse @ weighted
    through = reduced.inverse @ np.moveaxis(reduced.rows, 0, 2)
    # The rows see what the balances would change by themselves, then share out what is left.
    seen = np.einsum("qte,tep->qtp", reduced.rows, own)
    row_of_balance = np.tensordot(reduced.coupling, seen, axes=1)
    selected = np.zeros((len(reduced.row_transfer), len(programme.transfer)))
    of_transfer = np.flatnonzero(reduced.row_transfer >= 0)
    selected[of_transfer, reduced.row_transfer[of_transfer]] = -1.0
    return Response(
        solution.flows,
        programme.net_import,
        programme.transfer,
        programme.capacity,
        programme.incidence,
        own,
        through,
        row_of_balance,
        reduced.coupling @ selected,
    )
