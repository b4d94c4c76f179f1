"""Factors of electricity where imports carry their own imports: the network system.

Belongs here: the linear system and its solution for many periods at once. Its inputs (generation,
CO2, net interchange) and what is published of it are SQL's business.

For every node i, with generation P_i, its CO2 F_i and imports U_ij from node j,

    x_i (P_i + sum_j U_ij) = F_i + sum_j U_ij x_j   <=>   (diag(P + U 1) - U) x = F.

Source: Qu, Liang and Xu (2017), 10.1021/acs.est.7b01814; de Chalendar, Taggart and Benson
(2019), 10.1073/pnas.1912950116, equations 1 to 4; METHODS a, `import_factor_basis` = network.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class NetworkError(ValueError):
    """The system cannot be solved as given; the message says where and why."""


def solve_network(generation: FloatArray, emissions: FloatArray, imports: FloatArray) -> FloatArray:
    """Solve the network system for many periods.

    Args:
        generation: P, shape (T, N), MWh, not negative.
        emissions: F, shape (T, N), kg, not negative.
        imports: U, shape (T, N, N), MWh, not negative; imports[t, i, j] runs from j to i.

    Returns:
        x, shape (T, N), in kg per MWh; nan where nothing runs through a node, and where only
        power without an origin does (a closed circle of nodes that generate nothing).

    Raises:
        NetworkError: a negative or missing number.
    """
    for name, array in (
        ("generation", generation),
        ("emissions", emissions),
        ("imports", imports),
    ):
        if not np.all(np.isfinite(array)) or np.any(array < 0):
            raise NetworkError(f"{name} holds a negative or missing number")
    nodes = generation.shape[-1]
    throughput = generation + imports.sum(axis=-1)
    fed = _has_origin(generation, imports)
    # A node without throughput or origin is taken out of the system: its row says x = 0.
    active = fed & (throughput > 0)
    scale = np.where(active, throughput, 1.0)
    system = -imports / scale[..., np.newaxis] * active[..., np.newaxis]
    system[..., np.arange(nodes), np.arange(nodes)] += 1.0
    right_hand_side = np.where(active, emissions / scale, 0.0)
    solved = np.linalg.solve(system, right_hand_side[..., np.newaxis])[..., 0]
    return np.where(active, solved, np.nan)


def network_factors(nodes: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Solve every level and period of a long table.

    Args:
        nodes: `level`, `period_start`, `resolution`, `area_code`, `generation_mwh`, `co2_kg`.
        edges: `level`, `period_start`, `resolution`, `from_region_code`, `to_region_code`,
            `energy_mwh`, in the direction of the flow.

    Returns:
        `level`, `period_start`, `resolution`, `area_code`, `value` (Decimal(18, 12), kg/kWh);
        nodes without a factor are left out; sorted by all keys.

    Raises:
        NetworkError: an edge ends at a node that is not given, or see `solve_network`.
    """
    period = ["level", "period_start", "resolution"]
    solved = [
        _solve_level(level_nodes, edges.filter(pl.col("level") == level), period)
        for (level,), level_nodes in nodes.sort(*period, "area_code").group_by(
            ["level"], maintain_order=True
        )
    ]
    empty = pl.DataFrame(
        schema={
            "level": pl.String,
            "period_start": pl.Date,
            "resolution": pl.String,
            "area_code": pl.String,
            "value": pl.Decimal(18, 12),
        }
    )
    return pl.concat([empty, *solved]).sort(*period, "area_code")


def _solve_level(nodes: pl.DataFrame, edges: pl.DataFrame, period: list[str]) -> pl.DataFrame:
    periods = nodes.select(period).unique().sort(period).with_row_index("t")
    areas = nodes.select("area_code").unique().sort("area_code").with_row_index("n")
    shape = (periods.height, areas.height)
    placed = nodes.join(periods, on=period).join(areas, on="area_code")
    generation, emissions = np.zeros(shape), np.zeros(shape)
    at = (placed["t"].to_numpy(), placed["n"].to_numpy())
    generation[at] = placed["generation_mwh"].to_numpy()
    emissions[at] = placed["co2_kg"].to_numpy()

    routed = (
        edges.join(periods, on=period)
        .join(areas.rename({"area_code": "from_region_code", "n": "start"}), on="from_region_code")
        .join(areas.rename({"area_code": "to_region_code", "n": "end"}), on="to_region_code")
    )
    lost = edges.join(periods, on=period).height - routed.height
    if lost:
        raise NetworkError(f"{lost} flows start or end at an area that has no generation row")
    imports = np.zeros((*shape, areas.height))
    np.add.at(
        imports,
        (routed["t"].to_numpy(), routed["end"].to_numpy(), routed["start"].to_numpy()),
        routed["energy_mwh"].to_numpy(),
    )
    factors = solve_network(generation, emissions, imports) / 1000.0
    return (
        periods.join(areas, how="cross")
        .with_columns(pl.Series("value", factors.reshape(-1)))
        .filter(pl.col("value").is_not_nan())
        .with_columns(pl.col("value").round(12).cast(pl.Decimal(18, 12)))
        .select(*period, "area_code", "value")
    )


def _has_origin(generation: FloatArray, imports: FloatArray) -> NDArray[np.bool_]:
    """Where power that some node generates arrives, shape (T, N)."""
    linked = imports > 0
    fed = generation > 0
    for _ in range(generation.shape[-1]):
        reached = fed | np.any(linked & fed[..., np.newaxis, :], axis=-1)
        if np.array_equal(reached, fed):
            break
        fed = reached
    return fed
