"""What electricity carries where imports carry their own imports: the network system.

Belongs here: the linear system, its solution for many periods at once, and what follows from it for
every node: what its consumption carries, and where it was generated. Its inputs (generation,
amounts carried, net interchange) and what is published of it are SQL's business.

For every node i, with generation P_i, imports U_ij from node j and an amount F_ik of whatever its
generation carries (CO2, energy of a technology, reported energy ...),

    x_ik (P_i + sum_j U_ij) = F_ik + sum_j U_ij x_jk   <=>   (diag(P + U 1) - U) x = F.

The matrix does not know what is carried: one factorisation serves every k. Carrying the generation
itself must give 1 at every node. That is always solved for too: it shows a system that is
singular, and dividing by it takes the error of a nearly singular one out of the other columns.

Source: Qu, Liang and Xu (2017), 10.1021/acs.est.7b01814; de Chalendar, Taggart and Benson
(2019), 10.1073/pnas.1912950116, equations 1 to 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_Answer = TypeVar("_Answer")

PERIOD = ["level", "period_start", "resolution"]
NODE = [*PERIOD, "area_code"]

# How far from 1 the carried generation may end before its system counts as singular.
UNIT_TOLERANCE = 1e-3
# Consumption below zero by less than this is rounding dust and set to zero: MWh, and share of
# what runs through the node.
DUST_MWH, DUST_SHARE = 1e-3, 1e-9


class NetworkError(ValueError):
    """The system cannot be solved as given; the message says where and why.

    `at` is the index of the place, leading axes first and the node last; empty where unknown.
    """

    def __init__(self, message: str, at: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.at = at


def solve_network(generation: FloatArray, imports: FloatArray, carried: FloatArray) -> FloatArray:
    """Solve the network system for many periods and many carried properties.

    Leading axes (draws, periods; written T) may be any number, also none, and broadcast.

    Args:
        generation: P, shape (T, N), MWh, not negative.
        imports: U, shape (T, N, N), MWh, not negative; imports[t, i, j] runs from j to i.
        carried: F, shape (T, N, K), not negative, in any unit.

    Returns:
        x, shape (T, N, K), in the unit of `carried` per MWh; nan where nothing runs through a
        node, and where only power without an origin does (a closed circle of nodes that
        generate nothing).

    Raises:
        NetworkError: a negative or missing number, arrays that do not belong together, or a
            system that is singular to working precision (a circle of flows that next to
            nothing feeds).
    """
    return _solve(generation, imports, carried)[0]


def consumed_energy(generation: FloatArray, imports: FloatArray) -> FloatArray:
    """Say what stays at each node: generation + imports - exports.

    Args:
        generation, imports: as for `solve_network`.

    Returns:
        Shape (T, N), MWh, not negative.

    Raises:
        NetworkError: exports above generation and imports, by more than rounding dust.
    """
    through, exports = generation + imports.sum(axis=-1), imports.sum(axis=-2)
    stays = through - exports
    below = stays < -(DUST_MWH + DUST_SHARE * through)
    if np.any(below):
        at = tuple(int(index) for index in np.argwhere(below)[0])
        raise NetworkError(
            f"exports of {exports[at]:.3f} MWh exceed generation and imports of "
            f"{through[at]:.3f} MWh, consumption would be negative",
            at,
        )
    return np.maximum(stays, 0.0)


def _solve(
    generation: FloatArray, imports: FloatArray, carried: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Solve, and say which nodes have an answer."""
    _check(generation, imports, carried)
    throughput = generation + imports.sum(axis=-1)
    # A node without throughput or origin is taken out of the system: its row says x = 0.
    active = _has_origin(generation, imports) & (throughput > 0)
    weight = active / np.where(active, throughput, 1.0)
    system = imports * -weight[..., np.newaxis]
    diagonal = np.arange(generation.shape[-1])
    system[..., diagonal, diagonal] += 1.0
    leading = np.broadcast_shapes(throughput.shape, carried.shape[:-1])
    right = np.empty((*leading, carried.shape[-1] + 1))
    np.multiply(carried, weight[..., np.newaxis], out=right[..., :-1])
    # What a node without origin exports counts as generated here: it carries nothing along.
    nowhere = (imports @ ~active[..., np.newaxis])[..., 0]
    np.multiply(generation + nowhere, weight, out=right[..., -1])
    try:
        solved = np.linalg.solve(system, right)
    except np.linalg.LinAlgError:
        flat = system.reshape(-1, *system.shape[-2:])
        first = int(np.argmax(np.linalg.slogdet(flat)[0] == 0))
        # The direction that the singular matrix maps to nothing has its weight on the circle.
        node = int(np.argmax(np.abs(np.linalg.svd(flat[first])[2][-1])))
        period = np.unravel_index(first, system.shape[:-2])
        raise _singular((*(int(index) for index in period), node)) from None
    unit = solved[..., -1]
    off = active & ~(np.abs(unit - 1.0) <= UNIT_TOLERANCE)
    if np.any(off):
        raise _singular(tuple(int(index) for index in np.argwhere(off)[0]))
    # Nothing negative can come out in exact arithmetic; what does is rounding.
    per_mwh = np.maximum(solved[..., :-1], 0.0)
    per_mwh /= np.where(active, unit, np.nan)[..., np.newaxis]
    return per_mwh, active


def network_solution(nodes: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Say what the consumption of every node carries, for every level and period of a long table.

    Args:
        nodes: `level`, `period_start`, `resolution`, `area_code`, `generation_mwh`, and any number
            of further numeric columns: amounts that this generation carries (`co2_kg`,
            `wind_mwh` ...).
        edges: `level`, `period_start`, `resolution`, `from_region_code`, `to_region_code`,
            `energy_mwh`, in the direction of the flow. A period without any node is left out.

    Returns:
        One row per row of `nodes`, sorted by its keys: the keys, `throughput_mwh` (generation +
        imports), `consumed_mwh` (throughput - exports), then every carried column's amount in
        this consumption under its own name, then every `<name>_per_mwh`. Float64. The amounts
        of a level and period add up to those generated. A node that nothing runs through
        carries nothing, and its `<name>_per_mwh` is null.

    Raises:
        NetworkError: a node given twice; a flow that starts or ends at a node that is not given;
            exports above generation and imports; an amount at a node that nothing runs
            through; or see `solve_network`. Level, period and area are named.
    """
    names = [name for name in nodes.columns if name not in (*NODE, "generation_mwh")]
    columns = ["throughput_mwh", "consumed_mwh", *names, *(f"{name}_per_mwh" for name in names)]
    empty = pl.DataFrame(
        schema={key: nodes.schema[key] for key in NODE} | dict.fromkeys(columns, pl.Float64())
    )
    solved = [empty]
    for system in _systems(nodes, edges, names):
        per_mwh, active = system.solve(system.carried)
        lost = ~active[..., np.newaxis] & (system.carried > 0)
        if np.any(lost):
            t, n, k = (int(index) for index in np.argwhere(lost)[0])
            raise NetworkError(
                f"{system.place((t, n))}: {names[k]} is {system.carried[t, n, k]:g}, and no "
                "electricity that could carry it runs through",
                (t, n),
            )
        consumed = system.consumed()
        amounts = np.where(active, consumed, 0.0)[..., np.newaxis] * np.nan_to_num(per_mwh)
        table = [system.throughput(), consumed, *np.moveaxis(amounts, -1, 0)]
        table += list(np.moveaxis(per_mwh, -1, 0))
        solved.append(system.table(dict(zip(columns, table, strict=True))))
    return pl.concat(solved).sort(NODE)


def network_origins(nodes: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Say where what every node consumes was generated.

    Args:
        nodes: as for `network_solution`; what it carries is not needed.
        edges: as for `network_solution`.

    Returns:
        `level`, `period_start`, `resolution`, `area_code`, `origin_area_code`, `share` (Float64,
        above 0; the shares of a node sum to 1), sorted by all keys. A node that nothing runs
        through has no row.

    Raises:
        NetworkError: see `network_solution`.
    """
    empty = pl.DataFrame(
        schema={key: nodes.schema[key] for key in NODE}
        | {"origin_area_code": pl.String(), "share": pl.Float64()}
    )
    solved = [empty]
    for system in _systems(nodes, edges, []):
        system.consumed()
        # The generation of node k is carried as a property of its own: F = diag(P).
        own = system.generation[..., np.newaxis] * np.eye(system.areas.len())
        share, _ = system.solve(own)
        at = np.nonzero(np.nan_to_num(share) > 0)
        period, area, origin = (position.astype(np.int64) for position in at)
        solved.append(
            system.periods[period]
            .with_columns(
                system.areas[area].alias("area_code"),
                system.areas[origin].alias("origin_area_code"),
                pl.Series("share", share[at]),
            )
            .select(empty.columns)
        )
    return pl.concat(solved).sort(*NODE, "origin_area_code")


@dataclass(frozen=True)
class _System:
    """The arrays of one level, and the names of their axes.

    Attributes:
        periods: `PERIOD` columns, one row per position of axis T.
        areas: area codes, one per position of axis N.
        given: where `nodes` has a row, shape (T, N).
        generation, imports, carried: as `solve_network` takes them.
    """

    periods: pl.DataFrame
    areas: pl.Series
    given: NDArray[np.bool_]
    generation: FloatArray
    imports: FloatArray
    carried: FloatArray

    def place(self, at: tuple[int, ...]) -> str:
        """Name the period and area of an index."""
        level, start, resolution = self.periods.row(at[0])
        return f"{level} {self.areas[at[1]]}, {resolution} from {start}"

    def solve(self, carried: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Solve for what is carried; say which nodes have an answer."""
        return self._naming(_solve, self.generation, self.imports, carried)

    def _naming(self, task: Callable[..., _Answer], *arrays: FloatArray) -> _Answer:
        """Do something with the arrays; an error says level, period and area."""
        try:
            return task(*arrays)
        except NetworkError as error:
            if not error.at:
                raise
            raise NetworkError(f"{self.place(error.at)}: {error}", error.at) from None

    def throughput(self) -> FloatArray:
        """Generation and imports, shape (T, N)."""
        return self.generation + self.imports.sum(axis=-1)

    def consumed(self) -> FloatArray:
        """What stays at each node, shape (T, N), not negative."""
        return self._naming(consumed_energy, self.generation, self.imports)

    def table(self, columns: dict[str, FloatArray]) -> pl.DataFrame:
        """Arrays of shape (T, N) as a long table of the nodes given; nan as null."""
        t, n = (position.astype(np.int64) for position in np.nonzero(self.given))
        values = {name: pl.Series(column[t, n]) for name, column in columns.items()}
        return (
            self.periods[t]
            .with_columns(self.areas[n].alias("area_code"))
            .with_columns(series.fill_nan(None).alias(name) for name, series in values.items())
        )


def _systems(nodes: pl.DataFrame, edges: pl.DataFrame, names: list[str]) -> list[_System]:
    """Arrange long tables as arrays, level by level in the order of their names."""
    twice = nodes.filter(nodes.select(NODE).is_duplicated()).sort(NODE)
    if twice.height:
        level, start, resolution, area = twice.select(NODE).row(0)
        raise NetworkError(f"{level} {area}, {resolution} from {start}: given more than once")
    edges = edges.join(nodes.select(PERIOD).unique(), on=PERIOD, how="semi")
    _check_ends(nodes, edges)
    return [
        _arrange(
            nodes.filter(pl.col("level") == level), edges.filter(pl.col("level") == level), names
        )
        for level in nodes["level"].unique().sort()
    ]


def _check_ends(nodes: pl.DataFrame, edges: pl.DataFrame) -> None:
    known = nodes.select(NODE)
    ends = ["from_region_code", "to_region_code"]
    lost = pl.concat(
        edges.select(*PERIOD, *ends)
        .with_row_index("flow")
        .join(known.rename({"area_code": end}), on=[*PERIOD, end], how="anti")
        .with_columns(pl.col(end).alias("area_code"))
        for end in ends
    ).sort("flow")
    if lost.height:
        level, start, resolution, area = lost.select(NODE).row(0)
        raise NetworkError(
            f"{lost['flow'].n_unique()} flows start or end at an area that has no generation row: "
            f"{level} {area}, {resolution} from {start}"
        )
    circular = edges.filter(pl.col("from_region_code") == pl.col("to_region_code"))
    if circular.height:
        level, start, resolution, area = circular.select(*PERIOD, "to_region_code").row(0)
        raise NetworkError(f"{level} {area}, {resolution} from {start}: a flow to itself")


def _arrange(nodes: pl.DataFrame, edges: pl.DataFrame, names: list[str]) -> _System:
    periods = nodes.select(PERIOD).unique().sort(PERIOD).with_row_index("t")
    areas = nodes.select("area_code").unique().sort("area_code").with_row_index("n")
    shape = (periods.height, areas.height)
    placed = nodes.join(periods, on=PERIOD).join(areas, on="area_code")
    at = (placed["t"].to_numpy(), placed["n"].to_numpy())
    given = np.zeros(shape, dtype=np.bool_)
    given[at] = True
    generation, carried = np.zeros(shape), np.zeros((*shape, len(names)))
    generation[at] = placed["generation_mwh"].cast(pl.Float64).to_numpy()
    for k, name in enumerate(names):
        carried[(*at, k)] = placed[name].cast(pl.Float64).to_numpy()
    routed = (
        edges.join(periods, on=PERIOD)
        .join(areas.rename({"area_code": "from_region_code", "n": "start"}), on="from_region_code")
        .join(areas.rename({"area_code": "to_region_code", "n": "end"}), on="to_region_code")
        # In a fixed order: several flows of one pair are added up.
        .sort("t", "end", "start", "energy_mwh")
    )
    imports = np.zeros((*shape, areas.height))
    np.add.at(
        imports,
        (routed["t"].to_numpy(), routed["end"].to_numpy(), routed["start"].to_numpy()),
        routed["energy_mwh"].cast(pl.Float64).to_numpy(),
    )
    return _System(periods.drop("t"), areas["area_code"], given, generation, imports, carried)


def _check(generation: FloatArray, imports: FloatArray, carried: FloatArray) -> None:
    """Refuse arrays that do not belong together, and negative and missing numbers."""
    arrays = {"generation": generation, "imports": imports, "carried": carried}
    nodes = generation.shape[-1:]
    if imports.shape[-2:] != nodes * 2 or carried.shape[-2:-1] != nodes:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise NetworkError(f"wanted (T, N), (T, N, N) and (T, N, K), got {shapes}")
    for name, array in arrays.items():
        # A comparison with nan is false; the least number tells all three defects but infinity.
        sound = (array >= 0) & (array < np.inf)
        if not np.all(sound):
            at = tuple(int(index) for index in np.argwhere(~sound)[0])
            node = generation.ndim if name != "generation" else array.ndim
            raise NetworkError(f"{name} holds a negative or missing number", at[:node])


def _singular(at: tuple[int, ...]) -> NetworkError:
    return NetworkError(
        f"the system is singular to working precision at index {at}: next to nothing generated "
        "feeds the flows through this node",
        at,
    )


def _has_origin(generation: FloatArray, imports: FloatArray) -> NDArray[np.bool_]:
    """Where power that some node generates arrives, shape (T, N)."""
    fed = np.broadcast_to(generation > 0, np.broadcast_shapes(generation.shape, imports.shape[:-1]))
    if np.all(fed):
        return fed
    linked = imports > 0
    for _ in range(generation.shape[-1]):
        reached = fed | np.any(linked & fed[..., np.newaxis, :], axis=-1)
        if np.array_equal(reached, fed):
            break
        fed = reached
    return fed
