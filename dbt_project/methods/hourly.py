"""Hourly factors of all kinds from one factorisation an hour.

Belongs here: the arithmetic from generation, claims and flows of many hours to every kind of
factor, all hours at once. Does not belong here: files (`hourly_files`), the network system and the
residual mix themselves (`network`, `residual`).

Source: the official definitions (MEE and NBS) of generation and supply averages and of fossil
power; `network` and `residual` for what they say; life-cycle factors are the energy of each
technology times its factor. An hour is treated as a period of its own: nothing is stored from one
hour to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dbt_project.methods.network import NetworkError, consumed_energy, solve_network
from dbt_project.methods.residual import ResidualError, residual_mix

FloatArray = NDArray[np.float64]
_Answer = TypeVar("_Answer")

TECHNOLOGIES = ("coal", "gas", "oil", "biomass", "hydro", "nuclear", "wind", "solar")
FOSSIL = ("coal", "gas", "oil")
GASES = ("co2", "ch4", "n2o")


class HourlyError(ValueError):
    """The tables do not hold every area once in every hour, or flows lead elsewhere."""


@dataclass(frozen=True)
class LifeCycle:
    """Life-cycle factors that generation is weighted with.

    Attributes:
        kg_per_kwh: kg CO2e per kWh at busbar, of each of `TECHNOLOGIES`.
        loss: share of electricity lost between busbar and user.
        network_kg_per_kwh: kg CO2e per kWh delivered that the network itself adds, without losses.
    """

    kg_per_kwh: Mapping[str, float]
    loss: float
    network_kg_per_kwh: float


@dataclass(frozen=True)
class _Hours:
    """Hours as arrays: T hours, N areas.

    Attributes:
        keys: `hour` and `area_code`, T x N rows in order.
        generation: shape (T, N, 8), by technology.
        emissions: shape (T, N, 3), by gas.
        imports: shape (T, N, N), as `solve_network` takes them.
        certified: by technology position, shape (T, N): the part of generation that is claimed.
        claimed: shape (T, N), or None where no claims are given.
    """

    keys: pl.DataFrame
    generation: FloatArray
    emissions: FloatArray
    imports: FloatArray
    certified: dict[int, FloatArray]
    claimed: FloatArray | None


def hourly_factors(nodes: pl.DataFrame, edges: pl.DataFrame, life_cycle: LifeCycle) -> pl.DataFrame:
    """Derive every kind of factor for every hour and area.

    Args:
        nodes: one row per hour and area, every area in every hour: `hour`, `area_code`, generation
            `<technology>_mwh` for each of `TECHNOLOGIES`, `co2_kg`, `ch4_kg`, `n2o_kg`. With
            certificates also `claimed_mwh` (retired by the area's users) and, for the
            technologies that have any, `certified_<technology>_mwh` (the part of the area's
            generation that anybody claimed).
        edges: `hour`, `from_area_code`, `to_area_code`, `energy_mwh`, in the direction of the flow;
            several flows of one pair are added up.
        life_cycle: what weights generation for life-cycle factors.

    Returns:
        One row per hour and area, sorted: `hour`, `area_code`, `consumed_mwh`, then in kg per kWh
        for each gas `generation_average_<gas>`, `supply_average_generation_<gas>`,
        `supply_average_network_<gas>`, `consumption_mix_<gas>` (the same number as the one
        before: within one level the network's supply is what it consumes); `fossil_power_co2`;
        `life_cycle_<production|consumption>_<busbar|user_without_losses|user>`;
        `consumption_share_<technology>`. With claims also `residual_mwh`, `attribute_net_mwh`,
        `residual_mix_<gas>` and `life_cycle_residual_...`. Null where there is no factor. What
        combustion emits stays with the uncertified electricity.

    Raises:
        HourlyError: an area lacks in an hour or is there twice; a flow from or to an unknown area
            or hour. NetworkError, ResidualError: see `solve_network`, `consumed_energy` and
            `residual_mix`. Hour and area are named.
    """
    hours = _arrange(nodes, edges)
    weights = np.array([life_cycle.kg_per_kwh[technology] for technology in TECHNOLOGIES])
    columns: dict[str, FloatArray] = {}

    def add(kind: str, per_kwh: FloatArray) -> None:
        for k, gas in enumerate(GASES):
            columns[f"{kind}_{gas}"] = per_kwh[..., k]

    def add_life_cycle(kind: str, busbar: FloatArray) -> None:
        columns[f"life_cycle_{kind}_busbar"] = busbar
        columns[f"life_cycle_{kind}_user_without_losses"] = busbar + life_cycle.network_kg_per_kwh
        columns[f"life_cycle_{kind}_user"] = (
            busbar / (1 - life_cycle.loss) + life_cycle.network_kg_per_kwh
        )

    total = hours.generation.sum(axis=-1)
    uncertified = [
        hours.generation[..., position] - energy for position, energy in hours.certified.items()
    ]
    carried = np.concatenate(
        [hours.emissions, hours.generation, *(part[..., np.newaxis] for part in uncertified)],
        axis=-1,
    )
    per_mwh = _naming(hours, solve_network, total, hours.imports, carried)
    consumed = _naming(hours, consumed_energy, total, hours.imports)
    columns["consumed_mwh"] = consumed
    emitted = _over(hours.emissions, 1000 * total[..., np.newaxis])
    mixed, share = per_mwh[..., :3] / 1000, per_mwh[..., 3:11]
    add("generation_average", emitted)
    # What comes in from the neighbours at their own averages, and last how much comes in.
    own = np.ones((*total.shape, len(GASES) + 1))
    own[..., :-1] = np.nan_to_num(emitted)
    inflow = hours.imports @ own
    through = total[..., np.newaxis] + inflow[..., -1:]
    add("supply_average_generation", _over(hours.emissions / 1000 + inflow[..., :-1], through))
    add("supply_average_network", mixed)
    add("consumption_mix", mixed)
    fossil = hours.generation[..., : len(FOSSIL)].sum(axis=-1)
    columns["fossil_power_co2"] = _over(hours.emissions[..., 0], 1000 * fossil)
    add_life_cycle("production", _over(hours.generation @ weights, total))
    add_life_cycle("consumption", share @ weights)
    for k, technology in enumerate(TECHNOLOGIES):
        columns[f"consumption_share_{technology}"] = share[..., k]
    if hours.claimed is not None:
        arriving = np.empty((*total.shape, 12))
        arriving[..., 1:] = per_mwh[..., :11]
        for k, position in enumerate(hours.certified):
            arriving[..., 4 + position] = per_mwh[..., 11 + k]
        np.nan_to_num(arriving[..., 1:], copy=False)
        arriving[..., 1:] *= consumed[..., np.newaxis]
        arriving[..., 0] = arriving[..., 4:].sum(axis=-1)
        left, net = _naming(hours, residual_mix, consumed, arriving, hours.claimed)
        columns |= {"residual_mwh": left[..., 0], "attribute_net_mwh": net}
        add("residual_mix", _over(left[..., 1:4], 1000 * left[..., :1]))
        add_life_cycle("residual", _over(left[..., 4:] @ weights, left[..., 0]))
    return hours.keys.with_columns(
        pl.Series(name, column.reshape(-1), nan_to_null=True) for name, column in columns.items()
    )


def _over(amount: FloatArray, energy: FloatArray) -> FloatArray:
    """Divide; nan where there is no energy."""
    return np.divide(amount, energy, out=np.full(amount.shape, np.nan), where=energy > 0)


def _naming(hours: _Hours, task: Callable[..., _Answer], *arrays: FloatArray) -> _Answer:
    """Do something with the arrays; an error says hour and area."""
    try:
        return task(*arrays)
    except (NetworkError, ResidualError) as error:
        if not error.at:
            raise
        nodes = hours.imports.shape[-1]
        hour, area = hours.keys.row(error.at[0] * nodes + (*error.at, 0)[1])
        where = f"{area}, hour {hour}" if len(error.at) > 1 else f"hour {hour}"
        raise type(error)(f"{where}: {error}", error.at) from None


def _arrange(nodes: pl.DataFrame, edges: pl.DataFrame) -> _Hours:
    """Arrange long tables as arrays."""
    hours = nodes["hour"].unique().sort()
    areas = pl.Enum(nodes["area_code"].unique().sort())
    shape = (hours.len(), areas.categories.len())
    at = _position(nodes["hour"], hours, "nodes") * shape[1]
    at += nodes["area_code"].cast(areas).to_physical().to_numpy()
    if not np.array_equal(at, np.arange(shape[0] * shape[1])):
        times = np.bincount(at, minlength=shape[0] * shape[1])
        if np.any(times != 1):
            wrong = int(np.argmax(times != 1))
            raise HourlyError(
                f"{areas.categories[wrong % shape[1]]}, hour {hours[wrong // shape[1]]}: "
                f"{times[wrong]} rows, wanted one of every area in every hour"
            )
        nodes = nodes[np.argsort(at)]

    def array(name: str) -> FloatArray:
        return nodes[name].cast(pl.Float64).to_numpy().reshape(shape)

    index = _position(edges["hour"], hours, "edges")
    for end in ("to_area_code", "from_area_code"):
        position = edges[end].cast(areas, strict=False).to_physical()
        if position.null_count():
            row = edges.filter(position.is_null()).row(0, named=True)
            raise HourlyError(f"{row[end]}, hour {row['hour']}: a flow, and no such area")
        index = index * shape[1] + position.to_numpy()
    flows = edges["energy_mwh"].cast(pl.Float64).to_numpy()
    imports: FloatArray = np.bincount(
        index, weights=flows, minlength=shape[0] * shape[1] ** 2
    ).astype(np.float64, copy=False)
    return _Hours(
        keys=nodes.select("hour", "area_code"),
        generation=np.stack([array(f"{name}_mwh") for name in TECHNOLOGIES], axis=-1),
        emissions=np.stack([array(f"{gas}_kg") for gas in GASES], axis=-1),
        imports=imports.reshape(*shape, shape[1]),
        certified={
            position: array(f"certified_{name}_mwh")
            for position, name in enumerate(TECHNOLOGIES)
            if f"certified_{name}_mwh" in nodes.columns
        },
        claimed=array("claimed_mwh") if "claimed_mwh" in nodes.columns else None,
    )


def _position(column: pl.Series, hours: pl.Series, table: str) -> NDArray[np.int64]:
    """Where each hour stands among the hours, which are sorted."""
    known = hours.to_physical().to_numpy()
    wanted = column.cast(hours.dtype).to_physical().to_numpy()
    position = np.searchsorted(known, wanted)
    unknown = known[np.minimum(position, len(known) - 1)] != wanted
    if np.any(unknown):
        hour = column[int(np.argmax(unknown))]
        raise HourlyError(f"hour {hour} of the {table} has no generation")
    return position
