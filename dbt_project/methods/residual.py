"""The residual mix: what is left for those who claim nothing.

Belongs here: how electricity that no certificate was claimed for is shared among nodes, so that no
kWh is counted twice and none is lost. What the uncertified generation carries to each node is the
business of `network`; certificates and what is published are SQL's.

With consumption c_i, claims retired K_i and uncertified energy arriving U_i at node i,

    D_i = c_i - K_i                          the residual demand,
    delta_i = U_i - D_i,  sum_i delta_i = 0  certificates that i takes from elsewhere, net.

A node that takes certificates from elsewhere (delta > 0) has uncertified electricity left: it
releases delta_i of its own uncertified mix into a common pool. A node whose certificates were
claimed elsewhere (delta < 0) takes -delta_i of the pool's mix. What is left at each node is
non-negative, its energy is D_i, and over all nodes nothing is gained or lost: for one node alone
it is (Em - claimed emissions) / (E - K).

Source: the official factor without market-traded non-fossil electricity (announcements of MEE and
NBS); the issuance-based residual mix with a common attribute mix of the Association of Issuing
Bodies (AIB).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

KEYS = ["period_start", "node_code"]
PREFIX = "uncertified_"

# Differences below this are rounding dust: MWh, and share of the energy at hand.
DUST_MWH, DUST_SHARE = 1e-3, 1e-9


class ResidualError(ValueError):
    """Claims and electricity do not fit together; the message says where and by how much.

    `at` is the index of the place, leading axes first and the node last; without the node where a
    whole period is meant, empty where unknown.
    """

    def __init__(self, message: str, at: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.at = at


def residual_mix(
    consumed: FloatArray, uncertified: FloatArray, claimed: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Share the uncertified electricity among the nodes.

    Leading axes (draws, periods; written T) may be any number, also none.

    Args:
        consumed: c, shape (T, N), MWh, not negative.
        uncertified: amounts that arrive at each node with uncertified generation, shape
            (T, N, K), not negative; the first of them is the energy U in MWh.
        claimed: K, shape (T, N), MWh retired by the node's users, not negative.

    Returns:
        The residual amounts, shape (T, N, K), in the units of `uncertified`; and delta, shape
        (T, N), MWh: certificates taken from elsewhere, net, negative where they went elsewhere.

    Raises:
        ResidualError: a negative or missing number; claims above consumption; uncertified energy
            above consumption; certificates that do not net to zero over the nodes. Differences
            up to 0.001 MWh + 1e-9 of the energy are rounding and pass.
    """
    for name, array in (("consumed", consumed), ("uncertified", uncertified), ("claimed", claimed)):
        sound = (array >= 0) & (array < np.inf)
        if array.ndim > consumed.ndim:
            sound = np.all(sound, axis=-1)
        _demand(sound, f"{name} holds a negative or missing number")
    energy = uncertified[..., 0]
    dust = DUST_MWH + DUST_SHARE * consumed
    for what, part in (("claims", claimed), ("uncertified energy", energy)):
        message = what + " of {:.3f} MWh above consumption of {:.3f} MWh"
        _demand(part <= consumed + dust, message, part, consumed)
    demand = np.maximum(consumed - claimed, 0.0)
    delta = energy - demand
    open_balance, total = delta.sum(axis=-1), consumed.sum(axis=-1)
    _demand(
        np.abs(open_balance) <= DUST_MWH * delta.shape[-1] + DUST_SHARE * total,
        "certificates taken and given differ by {:.3f} MWh over all nodes: as much must be claimed "
        "as was certified",
        open_balance,
    )
    # delta never exceeds what there is to release, since the demand is not negative.
    spare, lack = np.maximum(delta, 0.0), np.maximum(-delta, 0.0)
    released = np.divide(spare, energy, out=np.zeros_like(spare), where=spare > 0)
    going = uncertified * released[..., np.newaxis]
    pool = going.sum(axis=-2, keepdims=True)
    lacking = lack.sum(axis=-1, keepdims=True)
    taken = np.divide(lack, lacking, out=np.zeros_like(lack), where=lacking > 0)
    # Where only rounding is released and nobody lacks anything, it stays where it is.
    kept = uncertified - np.where(lacking > 0, 1.0, 0.0)[..., np.newaxis] * going
    return np.maximum(kept, 0.0) + taken[..., np.newaxis] * pool, delta


def residual_frame(nodes: pl.DataFrame) -> pl.DataFrame:
    """Share the uncertified electricity of every period of a long table.

    Args:
        nodes: `period_start`, `node_code`, `consumed_mwh`, `claimed_mwh`, `uncertified_mwh`, and
            any number of further `uncertified_<x>` columns: amounts that arrive with it. A
            node without a row in a period has no part in it.

    Returns:
        `period_start`, `node_code`, `residual_mwh`, `attribute_net_mwh` (certificates taken from
        elsewhere, net; sums to zero over a period), then `residual_<x>`, all Float64, sorted by
        the keys.

    Raises:
        ResidualError: a node given twice, or see `residual_mix`; period and node are named.
    """
    further = [name for name in nodes.columns if name.startswith(PREFIX) and name != f"{PREFIX}mwh"]
    amounts = [f"{PREFIX}mwh", *further]
    rows = nodes.sort(KEYS)
    twice = rows.filter(rows.select(KEYS).is_duplicated())
    if twice.height:
        period, node = twice.select(KEYS).row(0)
        raise ResidualError(f"{node}, period from {period}: given more than once")
    periods = rows.select("period_start").unique().sort("period_start").with_row_index("t")
    codes = rows.select("node_code").unique().sort("node_code").with_row_index("n")
    placed = rows.join(periods, on="period_start").join(codes, on="node_code").sort("t", "n")
    at = (placed["t"].to_numpy(), placed["n"].to_numpy())

    def spread(name: str) -> FloatArray:
        array = np.zeros((periods.height, codes.height))
        # A missing number stays missing: it is refused, not read as nothing.
        array[at] = placed[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return array

    try:
        residual, net = residual_mix(
            spread("consumed_mwh"),
            np.stack([spread(name) for name in amounts], axis=-1),
            spread("claimed_mwh"),
        )
    except ResidualError as error:
        if not error.at:
            raise
        where = f"period from {periods['period_start'][error.at[0]]}"
        if len(error.at) > 1:
            where = f"{codes['node_code'][error.at[1]]}, {where}"
        raise ResidualError(f"{where}: {error}", error.at) from None
    columns = {"residual_mwh": residual[..., 0], "attribute_net_mwh": net}
    for k, name in enumerate(further, start=1):
        columns["residual_" + name.removeprefix(PREFIX)] = residual[..., k]
    return placed.select(KEYS).with_columns(
        pl.Series(name, values[at], dtype=pl.Float64) for name, values in columns.items()
    )


def _demand(holds: NDArray[np.bool_], message: str, *numbers: FloatArray) -> None:
    """Raise for the first place where something does not hold, with the numbers found there."""
    if not np.all(holds):
        at = tuple(int(index) for index in np.argwhere(~np.asarray(holds))[0])
        raise ResidualError(message.format(*(float(array[at]) for array in numbers)), at)
