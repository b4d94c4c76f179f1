"""The inputs of one year as arrays: what is known, and how well.

Belongs here: the arrays that sampling starts from and the names of their axes. Filling them is the
business of `sampling_frames`, drawing of `random_inputs`, what follows of `propagation`.

Standard deviations are relative and on the log scale (ln GSD): an input is lognormal with what is
known as its median. What may be negative (net imports) is never drawn itself: it follows from
generation and consumption.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dbt_project.methods.interchange_response import Response

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TECHNOLOGIES = ("coal", "gas", "oil", "biomass", "hydro", "nuclear", "wind", "solar")
FOSSIL = TECHNOLOGIES[:3]
THERMAL = TECHNOLOGIES[:4]
LEVELS = ("province", "sub_grid", "grid_region", "nation")


class SamplingError(ValueError):
    """The inputs do not belong together; the message says where."""


@dataclass(frozen=True, eq=False)
class Structure:
    """One network: which nodes, what part of each province, which edges between them.

    Attributes:
        codes: N node codes, sorted.
        share: of each province in each node, shape (P, N).
        start, end: of S edges, as positions in `codes`; a positive flow runs from start to end.
        of_flow: how the flows on corridors and between the grids of one province add up to the
            edges, shape (E + I, S).
    """

    codes: list[str]
    share: FloatArray
    start: IntArray
    end: IntArray
    of_flow: FloatArray

    def imports(self, flows: FloatArray) -> FloatArray:
        """Imports U, shape (D, N, N), of flows (D, E + I): U[d, i, j] runs from j to i, net."""
        edge = flows @ self.of_flow
        imports = np.zeros((len(flows), len(self.codes), len(self.codes)))
        imports[:, self.end, self.start] = np.maximum(edge, 0.0)
        imports[:, self.start, self.end] = np.maximum(-edge, 0.0)
        return imports


@dataclass(frozen=True, eq=False)
class Geography:
    """Provinces, the areas made of them, and the three networks; the same in every year.

    Attributes:
        provinces: P codes, sorted.
        areas: A codes in the order of `LEVELS`.
        level: of each area.
        area_share: of each province in each area, shape (P, A).
        area_of_node: whether a node belongs to an area, shape (N, A).
        nodes, by_province, by_region: the consumption network and the two official structures.
        divided: I rows (province, its node whose surplus goes to the other, share of the
            province), one for each division of a province.
        divided_flow: how corridor flows leave the node of a division, shape (E, I).
    """

    provinces: list[str]
    areas: list[str]
    level: list[str]
    area_share: FloatArray
    area_of_node: FloatArray
    nodes: Structure
    by_province: Structure
    by_region: Structure
    divided: list[tuple[int, int, float]]
    divided_flow: FloatArray

    def all_flows(self, flows: FloatArray, net_import: FloatArray) -> FloatArray:
        """Add the flows within divided provinces: (D, E) and (D, P) give (D, E + I).

        The secondary grid of a province sends what it has over to the main one: its share of the
        province's surplus less what it sends to others.
        """
        if not self.divided:
            return flows
        province = [row[0] for row in self.divided]
        share = np.array([row[2] for row in self.divided])
        within = -net_import[:, province] * share - flows @ self.divided_flow
        return np.concatenate([flows, within], axis=1)


@dataclass(frozen=True, eq=False)
class SampledYear:
    """What is known of one year: T months, P provinces, X technologies, K transfers, N nodes.

    Attributes:
        months: T first days of months.
        geography: names of the other axes.
        generation: MWh, shape (T, P, X).
        generation_sd: ln GSD of the statistic (of fuels: of thermal generation), (T, P, X).
        fuel_sd: ln GSD of a fuel's share in thermal generation, (P, 4).
        co2: kg per MWh, shape (T, P, 3).
        intensity_sd: ln GSD, shape (T, P, 3).
        anchored: whether the intensity moves with the national factor, (T, P, 3).
        has_anchor: whether the nation's fossil-power factor is known by itself.
        anchor_sd: its ln GSD.
        gas: CH4 and N2O per kg of CO2, shape (2, 3).
        gas_sd: ln GSD, shape (2, 3).
        life_cycle: kgCO2e per MWh, shape (X,); nan where no factor is known.
        life_cycle_sd: ln GSD of the national factor, and of a province around it, (2, X).
        infrastructure, loss_rate: of delivery to the user, kgCO2e per MWh and share.
        delivery_sd: ln GSD of both.
        consumption: MWh, shape (T, P).
        consumption_sd: its ln GSD, shape (T, P).
        is_gross: whether a year counts the flows of its months in either direction, or their net.
        flow_sd: relative standard deviation of a modelled flow.
        response: how flows follow balances and transfers.
        transfer_names, transfer_sd: of K transfers; ln GSD.
        transfer_part: slope of each transfer by month and corridor, (K, T, E).
        issued, retired: claimed energy in MWh, shape (T, N, X).
        storage_loss: share of consumption that storage lost, (T, N); users bear it.
    """

    months: list[dt.date]
    geography: Geography
    generation: FloatArray
    generation_sd: FloatArray
    fuel_sd: FloatArray
    co2: FloatArray
    intensity_sd: FloatArray
    anchored: FloatArray
    has_anchor: bool
    anchor_sd: float
    gas: FloatArray
    gas_sd: FloatArray
    life_cycle: FloatArray
    life_cycle_sd: FloatArray
    infrastructure: float
    loss_rate: float
    delivery_sd: float
    consumption: FloatArray
    consumption_sd: FloatArray
    is_gross: bool
    flow_sd: float
    response: Response
    corridors: list[tuple[str, str]]
    transfer_names: list[str]
    transfer_sd: FloatArray
    transfer_part: FloatArray
    issued: FloatArray
    retired: FloatArray
    storage_loss: FloatArray

    @property
    def year(self) -> int:
        """Of the data."""
        return self.months[0].year

    def with_noise(self, scale: float) -> SampledYear:
        """Return the same year with every standard deviation multiplied; 0 gives what is known."""
        return replace(
            self,
            generation_sd=self.generation_sd * scale,
            fuel_sd=self.fuel_sd * scale,
            intensity_sd=self.intensity_sd * scale,
            anchor_sd=self.anchor_sd * scale,
            gas_sd=self.gas_sd * scale,
            life_cycle_sd=self.life_cycle_sd * scale,
            delivery_sd=self.delivery_sd * scale,
            consumption_sd=self.consumption_sd * scale,
            flow_sd=self.flow_sd * scale,
            transfer_sd=self.transfer_sd * scale,
        )
