"""From drawn inputs to drawn factors: the method's chain, for many draws at once.

Belongs here: what SQL derives once (generation, its emissions, balances, networks, factors),
derived for every draw of a year. With all standard deviations zero each draw is the published
value; a test holds both together. What is drawn how: `random_inputs`; frames: `sampling`.

Where a total is known better than its parts, the parts are renormalised to it in every draw: fuels
to thermal generation, consumption to generation, intensities to the nation's fossil-power factor,
provincial life-cycle factors to the national one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dbt_project.methods.network import solve_network
from dbt_project.methods.random_inputs import Name, RandomInputs, renormalised
from dbt_project.methods.residual import residual_mix
from dbt_project.methods.sampled_year import (
    FOSSIL,
    TECHNOLOGIES,
    THERMAL,
    FloatArray,
    SampledYear,
    Structure,
)

# What generation carries, in this order: kg of CO2, CH4, N2O, and life-cycle CO2e.
CARRIED = ("co2", "ch4", "n2o", "life_cycle")


@dataclass(frozen=True, eq=False)
class DrawnYear:
    """D draws of T months, P provinces, X technologies; energies in MWh, amounts in kg.

    Attributes:
        energy: generation, shape (D, T, P, X).
        amount: what it carries (`CARRIED`), shape (D, T, P, 4).
        life_cycle: kgCO2e per MWh, shape (D, P, X).
        flows: on corridors and within divided provinces, shape (D, T, E + I).
        infrastructure: of delivery, kgCO2e per MWh, shape (D,).
        lost_per_delivered: l / (1 - l), shape (D,).
    """

    energy: FloatArray
    amount: FloatArray
    life_cycle: FloatArray
    flows: FloatArray
    infrastructure: FloatArray
    lost_per_delivered: FloatArray


@dataclass(frozen=True, eq=False)
class Amounts:
    """Numerator and denominator of one kind of factor for some areas of one period.

    Attributes:
        kind, basis: `factor_kind` and `import_factor_basis`.
        areas: positions in `Geography.areas`, length B.
        energy: MWh, shape (D, B).
        amount: kg of CO2, CH4, N2O, shape (D, B, 3); of a life-cycle kind kgCO2e, (D, B, 1).
    """

    kind: str
    basis: str
    areas: Sequence[int]
    energy: FloatArray
    amount: FloatArray


def draw_year(year: SampledYear, inputs: RandomInputs) -> DrawnYear:
    """Draw a year's inputs and carry them as far as flows; pure in `year` and the inputs' seed."""
    energy = _generation(year, inputs)
    carbon = _carbon(year, inputs, energy)
    life_cycle = _life_cycle(year, inputs)
    amount = np.empty((*energy.shape[:3], len(CARRIED)))
    amount[..., 0] = carbon.sum(axis=-1)
    names = [Name(f"combustion_{gas}", "CN", fuel) for gas in ("ch4", "n2o") for fuel in FOSSIL]
    gas_error = inputs.normal(names).reshape(-1, 2, len(FOSSIL))
    gas = year.gas * np.exp(year.gas_sd * gas_error)
    by_gas = np.swapaxes(gas, 1, 2)[:, np.newaxis]
    np.matmul(carbon, by_gas, out=amount[..., 1:3])
    amount[..., 3] = np.sum(energy * life_cycle[:, np.newaxis], axis=-1)
    delivery = inputs.normal([Name("delivery", "CN", what) for what in ("infrastructure", "loss")])
    delivered = np.exp(year.delivery_sd * delivery)
    return DrawnYear(
        energy,
        amount,
        life_cycle,
        _flows(year, inputs, energy.sum(axis=-1)),
        year.infrastructure * delivered[:, 0],
        year.loss_rate / (1.0 - year.loss_rate) * delivered[:, 1],
    )


def _generation(year: SampledYear, inputs: RandomInputs) -> FloatArray:
    """Generation: each statistic moves as a whole, fuels share out thermal generation."""
    provinces = year.geography.provinces
    run = year.generation.sum(axis=0) > 0
    error = np.zeros((inputs.draws, *run.shape))
    other = np.argwhere(run * (np.arange(len(TECHNOLOGIES)) >= len(THERMAL)))
    names = [Name("generation", provinces[p], TECHNOLOGIES[x]) for p, x in other]
    error[:, other[:, 0], other[:, 1]] = inputs.normal(names)
    burns = np.flatnonzero(run[:, : len(THERMAL)].any(axis=1))
    thermal = inputs.normal([Name("generation", provinces[p], "thermal") for p in burns])
    error[:, burns, : len(THERMAL)] = thermal[..., np.newaxis]
    energy = year.generation * np.exp(year.generation_sd * error[:, np.newaxis])

    fuel = np.argwhere(run[:, : len(THERMAL)])
    weight = np.zeros((inputs.draws, len(provinces), len(THERMAL)))
    weight[:, fuel[:, 0], fuel[:, 1]] = inputs.normal(
        [Name("fuel_share", provinces[p], THERMAL[x]) for p, x in fuel]
    )
    weight = np.exp(year.fuel_sd * weight)
    energy[..., : len(THERMAL)] = renormalised(energy[..., : len(THERMAL)], weight[:, np.newaxis])
    return energy


def _carbon(year: SampledYear, inputs: RandomInputs, energy: FloatArray) -> FloatArray:
    """CO2 by fossil technology, (D, T, P, 3), moved so that the nation meets its drawn anchor."""
    provinces = year.geography.provinces
    burnt = np.argwhere(year.generation[..., : len(FOSSIL)].sum(axis=0) > 0)
    error = np.zeros((inputs.draws, len(provinces), len(FOSSIL)))
    error[:, burnt[:, 0], burnt[:, 1]] = inputs.normal(
        [Name("intensity", provinces[p], FOSSIL[x]) for p, x in burnt]
    )
    fossil = energy[..., : len(FOSSIL)]
    carbon = fossil * (year.co2 * np.exp(year.intensity_sd * error[:, np.newaxis]))
    if not year.has_anchor:
        return carbon
    known = year.generation[..., : len(FOSSIL)]
    factor = (known * year.co2).sum() / known.sum() if known.sum() > 0 else 0.0
    anchor = factor * np.exp(year.anchor_sd * inputs.normal([Name("anchor", "CN")])[:, 0])
    moves = np.sum(carbon * year.anchored, axis=(1, 2, 3))
    stays = np.sum(carbon * (1.0 - year.anchored), axis=(1, 2, 3))
    wanted = np.maximum(anchor * fossil.sum(axis=(1, 2, 3)) - stays, 0.0)
    multiplier = np.divide(wanted, moves, out=np.ones_like(moves), where=moves > 0)
    return carbon * (1.0 + year.anchored * (multiplier - 1.0).reshape(-1, 1, 1, 1))


def _life_cycle(year: SampledYear, inputs: RandomInputs) -> FloatArray:
    """Life-cycle factors (D, P, X): provinces around the national factor, their mean on it."""
    provinces = year.geography.provinces
    generated = year.generation.sum(axis=0)
    nation = inputs.normal([Name("life_cycle", "CN", each) for each in TECHNOLOGIES])
    national = year.life_cycle * np.exp(year.life_cycle_sd[0] * nation)
    run = np.argwhere(generated > 0)
    error = np.zeros((inputs.draws, *generated.shape))
    error[:, run[:, 0], run[:, 1]] = inputs.normal(
        [Name("life_cycle", provinces[p], TECHNOLOGIES[x]) for p, x in run]
    )
    around = np.exp(year.life_cycle_sd[1] * error)
    total = generated.sum(axis=0)
    mean = np.sum(generated * around, axis=1)
    correction = np.divide(total, mean, out=np.ones_like(mean), where=mean > 0)
    return around * (national * correction)[:, np.newaxis]


def _flows(year: SampledYear, inputs: RandomInputs, generation: FloatArray) -> FloatArray:
    """Flows (D, T, E + I) that follow drawn balances, transfers and corridor patterns."""
    response, geography = year.response, year.geography
    names = [Name("consumption", code) for code in geography.provinces]
    error = inputs.normal(names)[:, np.newaxis]
    consumption = year.consumption * np.exp(year.consumption_sd * error)
    more = generation - year.generation.sum(axis=-1)
    # Consumption is scaled to generation, draw by draw and month by month.
    wanted = year.consumption.sum(axis=-1) + more.sum(axis=-1)
    consumption *= (wanted / consumption.sum(axis=-1))[..., np.newaxis]
    net_import = response.net_import + (consumption - year.consumption) - more

    transfer = response.transfer * np.exp(
        year.transfer_sd * inputs.normal([Name("transfer", each) for each in year.transfer_names])
    )
    # How power spreads over parallel paths is a model. Another pattern g in its place (x - g in the
    # programme for x) asks for the same flows as balances less what g brings and transfers less
    # what g carries. Full corridors stay full.
    free = np.abs(response.flows) < response.capacity * (1.0 - 1e-9)
    used = np.flatnonzero(np.any(free & (response.flows != 0), axis=0))
    pattern_error = np.zeros((inputs.draws, response.flows.shape[1]))
    pattern_error[:, used] = inputs.normal(
        [Name("corridor", year.corridors[e][0], "", year.corridors[e][1]) for e in used]
    )
    pattern = response.flows * free * year.flow_sd * pattern_error[:, np.newaxis]
    brought = pattern @ response.incidence.T
    carried = np.tensordot(pattern, year.transfer_part, axes=([1, 2], [1, 2]))
    flows = pattern + response.apply(net_import - brought, transfer - carried)
    flows = np.clip(flows, -response.capacity, response.capacity)
    months = [geography.all_flows(flows[:, t], net_import[:, t]) for t in range(flows.shape[1])]
    return np.stack(months, axis=1)


def month_amounts(year: SampledYear, drawn: DrawnYear, month: int) -> list[Amounts]:
    """Return the amounts of every kind of factor in one month."""
    claimed = bool(np.any(year.retired[month] > 0))
    flows = drawn.flows[:, month, np.newaxis]
    return [
        *_produced(year, drawn.energy[:, month], drawn.amount[:, month]),
        *_supplied(year, drawn.energy[:, month], drawn.amount[:, month], flows),
        *_consumed(year, drawn, month, claimed=claimed),
    ]


def year_amounts(
    year: SampledYear, drawn: DrawnYear, months: Sequence[Sequence[Amounts]]
) -> list[Amounts]:
    """Return the amounts of the whole year from those of its months.

    Production and consumption add up; the supply of the official structure takes the year's net
    flows (gross: each month's in its direction). A residual mix needs claims in every month.
    """
    energy, amount = drawn.energy.sum(axis=1), drawn.amount.sum(axis=1)
    added: dict[tuple[str, str], Amounts] = {}
    count: dict[tuple[str, str], int] = {}
    for each in (each for month in months for each in month):
        key = (each.kind, each.basis)
        before = added.get(key)
        count[key] = count.get(key, 0) + 1
        if each.kind != "supply_average":
            added[key] = each if before is None else _sum(before, each)
    whole = [each for key, each in added.items() if count[key] == len(months)]
    flows = drawn.flows if year.is_gross else drawn.flows.sum(axis=1, keepdims=True)
    return [*whole, *_supplied(year, energy, amount, flows)]


def _sum(one: Amounts, other: Amounts) -> Amounts:
    return Amounts(
        one.kind, one.basis, one.areas, one.energy + other.energy, one.amount + other.amount
    )


def _produced(year: SampledYear, energy: FloatArray, amount: FloatArray) -> Iterator[Amounts]:
    """Yield generation average, fossil power and life-cycle production of every area."""
    share = year.geography.area_share
    areas = range(share.shape[1])
    carried = share.T @ amount
    total = energy.sum(axis=-1) @ share
    fossil = energy[..., : len(FOSSIL)].sum(axis=-1) @ share
    yield Amounts("generation_average", "none", areas, total, carried[..., :3])
    yield Amounts("fossil_power", "none", areas, fossil, carried[..., :3])
    yield Amounts("life_cycle_production", "none", areas, total, carried[..., 3:])


def _supplied(
    year: SampledYear, energy: FloatArray, amount: FloatArray, flows: FloatArray
) -> Iterator[Amounts]:
    """Yield the supply average of the official structure: provinces, regions and the nation.

    Flows (D, F, E + I) are netted by themselves in each of the F steps, then added.
    """
    geography = year.geography
    total = energy.sum(axis=-1)
    gases = amount[..., :3]
    for structure in (geography.by_province, geography.by_region):
        areas = [geography.areas.index(code) for code in structure.codes]
        yield from _structure_supply(structure, areas, total, gases, flows)
    nation = [geography.areas.index("CN")]
    for basis in ("generation", "network"):
        yield Amounts(
            "supply_average",
            basis,
            nation,
            total.sum(axis=1, keepdims=True),
            gases.sum(axis=1, keepdims=True),
        )


def _structure_supply(
    structure: Structure,
    areas: Sequence[int],
    energy: FloatArray,
    gases: FloatArray,
    flows: FloatArray,
) -> Iterator[Amounts]:
    generated = energy @ structure.share
    carried = structure.share.T @ gases
    imports = structure.imports(flows[:, 0])
    for step in range(1, flows.shape[1]):
        imports += structure.imports(flows[:, step])
    # A node that generates nothing has no factor that its exports could carry.
    imports *= (generated > 0)[:, np.newaxis]
    supply = generated + imports.sum(axis=-1)
    scale = np.where(generated > 0, generated, 1.0)[..., np.newaxis]
    own = carried + imports @ (carried / scale)
    through = np.nan_to_num(solve_network(generated, imports, carried)) * supply[..., np.newaxis]
    yield Amounts("supply_average", "generation", areas, supply, own)
    yield Amounts("supply_average", "network", areas, supply, through)


def _consumed(
    year: SampledYear, drawn: DrawnYear, month: int, *, claimed: bool
) -> Iterator[Amounts]:
    """Yield consumption, life-cycle consumption and - with claims - residual mixes."""
    geography = year.geography
    nodes, of_node = geography.nodes, geography.area_of_node
    areas = range(of_node.shape[1])
    by_technology = nodes.share.T @ drawn.energy[:, month]
    generated = by_technology.sum(axis=-1)
    carried = [nodes.share.T @ drawn.amount[:, month]]
    retired = year.retired[month]
    if claimed:
        # What is claimed was generated: a draw below it can only have issued what there is.
        issued = np.minimum(year.issued[month], by_technology)
        factor = (nodes.share.T > 0).astype(np.float64) @ drawn.life_cycle
        left = generated - issued.sum(axis=-1)
        certified = np.sum(issued * factor, axis=-1)
        left_life_cycle = np.maximum(carried[0][..., 3] - certified, 0.0)
        carried += [np.maximum(left, 0.0)[..., np.newaxis], left_life_cycle[..., np.newaxis]]
        written = year.issued[month].sum(axis=0)
        kept = np.divide(
            issued.sum(axis=1), written, out=np.ones((len(issued), len(written))), where=written > 0
        )
        retired = kept @ retired.T
    imports = nodes.imports(drawn.flows[:, month])
    mix = np.nan_to_num(solve_network(generated, imports, np.concatenate(carried, axis=-1)))
    consumed = np.maximum(generated + imports.sum(axis=-1) - imports.sum(axis=-2), 0.0)
    amount = mix * consumed[..., np.newaxis]

    delivered = 1.0 - year.storage_loss[month]
    energy = (consumed * delivered) @ of_node
    total = of_node.T @ amount[..., :4]
    yield Amounts("consumption_mix", "network", areas, energy, total[..., :3])
    yield Amounts("life_cycle_consumption", "network", areas, energy, total[..., 3:])
    if claimed:
        retired = _within(retired, consumed)
        residual = residual_mix(consumed, amount[..., [4, 0, 1, 2, 5]], retired)[0]
        left_over = of_node.T @ residual
        demand = (residual[..., 0] * delivered) @ of_node
        yield Amounts("residual_mix", "network", areas, demand, left_over[..., 1:4])
        yield Amounts("life_cycle_residual", "network", areas, demand, left_over[..., 4:])


def _within(retired: FloatArray, consumed: FloatArray) -> FloatArray:
    """Claims (D, N) within the consumption of every draw; what is cut goes to the other nodes."""
    kept = np.minimum(retired, consumed)
    room = consumed - kept
    cut = (retired - kept).sum(axis=1, keepdims=True)
    return kept + room * cut / np.maximum(room.sum(axis=1, keepdims=True), 1e-300)
