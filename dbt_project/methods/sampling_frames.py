"""From data frames to the arrays of `sampled_year`.

Belongs here: placing rows on axes, and refusing what does not fit. What the columns mean: the SQL
models `int_sample_*`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dbt_project.methods.interchange import Year
from dbt_project.methods.interchange_response import Response
from dbt_project.methods.sampled_year import (
    FOSSIL,
    LEVELS,
    TECHNOLOGIES,
    THERMAL,
    FloatArray,
    Geography,
    SampledYear,
    SamplingError,
    Structure,
)


@dataclass(frozen=True, eq=False)
class SampleFrames:
    """The tables that sampling reads.

    Attributes:
        generation: `region_code`, `year`, `period_month`, `technology`, `generation_mwh`,
            `generation_sd`, `fuel_sd`, `co2_kg_per_mwh`, `intensity_sd`, `is_anchored`; one row per
            cell, null where a column says nothing of a technology.
        consumption: `region_code`, `period_month`, `consumption_sd`.
        technology: `year`, `technology`, `ch4_per_co2`, `n2o_per_co2`, `ch4_sd`, `n2o_sd`,
            `life_cycle_kg_per_mwh`, `national_sd`, `provincial_sd`.
        parameter: `year`, `has_anchor`, `anchor_sd`, `is_gross`, `infrastructure_kg_per_mwh`,
            `loss_rate`, `delivery_sd`, `flow_sd`; one row per year.
        area: `level`, `area_code`, `region_code`, `share`.
        node: `level`, `area_code`, `node_code`.
        grid_region: `region_code`, `grid_region_code`.
        claim: `node_code`, `technology`, `period_month`, `issued_mwh`, `retired_mwh`.
        storage: `node_code`, `period_month`, `loss_share`: of consumption, lost in storage.
        period: `year`, `period_start`, `resolution`: what is asked for.
        gwp: `gwp_set`, `ch4`, `n2o`.
    """

    generation: pl.DataFrame
    consumption: pl.DataFrame
    technology: pl.DataFrame
    parameter: pl.DataFrame
    area: pl.DataFrame
    node: pl.DataFrame
    grid_region: pl.DataFrame
    claim: pl.DataFrame
    storage: pl.DataFrame
    period: pl.DataFrame
    gwp: pl.DataFrame


def sampled_years(
    frames: SampleFrames, responses: Sequence[tuple[Year, Response]]
) -> Iterator[SampledYear]:
    """Yield the arrays of every year that is asked for, in order.

    Args:
        frames: the tables.
        responses: every year's interchange, as `interchange.responses` returns it.

    Raises:
        SamplingError: a year without interchange or parameters, a month or code that is not known,
            a technology that generates and has no life-cycle factor.
    """
    wanted = frames.period["year"].unique().sort().to_list()
    by_year = {year.months[0].year: (year, response) for year, response in responses}
    geography = None
    for number in wanted:
        if number not in by_year:
            raise SamplingError(f"{number}: there is no interchange to sample")
        year, response = by_year[number]
        if geography is None:
            geography = geography_of(frames, year)
        yield _year(frames, geography, year, response)


def geography_of(frames: SampleFrames, year: Year) -> Geography:
    """Place areas and nodes, and say which corridor ends at which node."""
    provinces = year.network.provinces
    area = frames.area.filter(pl.col("level").is_in(LEVELS))
    order = {level: place for place, level in enumerate(LEVELS)}
    areas = (
        area.select("level", "area_code")
        .unique()
        .sort(pl.col("level").replace_strict(order, return_dtype=pl.Int64), "area_code")
    )
    codes = areas["area_code"].to_list()
    node_share = frames.area.filter(level="node")
    nodes = node_share["area_code"].unique().sort().to_list()
    members = frames.node.filter(pl.col("area_code").is_in(codes))
    area_of_node = np.zeros((len(nodes), len(codes)))
    area_of_node[_places(members["node_code"], nodes), _places(members["area_code"], codes)] = 1.0

    share_of_node = _share(node_share, provinces, nodes)
    region_of_node = dict(
        frames.node.filter(level="grid_region").select("node_code", "area_code").iter_rows()
    )
    region_of_province = dict(
        frames.grid_region.select("region_code", "grid_region_code").iter_rows()
    )
    parts = {p: np.flatnonzero(share_of_node[p]).tolist() for p in range(len(provinces))}

    def node_at(province: int, other: int) -> int:
        """The node of a province that borders another: in its grid region, else the main one."""
        for neighbour in (other, province):
            region = region_of_province[provinces[neighbour]]
            found = [n for n in parts[province] if region_of_node[nodes[n]] == region]
            if found:
                return int(found[0])
        return int(parts[province][0])

    ends = [(node_at(a, b), node_at(b, a)) for a, b in year.network.ends.tolist()]
    divided = []
    for province, members_of in parts.items():
        main = node_at(province, province)
        for node in members_of:
            if node != main:
                divided.append((province, node, float(share_of_node[province, node])))
                ends.append((node, main))
    left_by = np.zeros((len(year.network.ends), len(divided)))
    for column, (_, node, _) in enumerate(divided):
        for row in range(len(year.network.ends)):
            left_by[row, column] = (ends[row][0] == node) - float(ends[row][1] == node)
    corridor_ends = [(a, b) for a, b in year.network.ends.tolist()] + [(-1, -1)] * len(divided)
    regions = sorted(set(region_of_node.values()))
    region_ends = [
        (regions.index(region_of_node[nodes[a]]), regions.index(region_of_node[nodes[b]]))
        for a, b in ends
    ]
    return Geography(
        provinces,
        codes,
        areas["level"].to_list(),
        _share(area, provinces, codes),
        area_of_node,
        _structure(nodes, share_of_node, ends),
        _structure(provinces, np.eye(len(provinces)), corridor_ends),
        _structure(
            regions, _share(area.filter(level="grid_region"), provinces, regions), region_ends
        ),
        divided,
        left_by,
    )


def _structure(codes: list[str], share: FloatArray, ends: list[tuple[int, int]]) -> Structure:
    """Add up the flows between the same two nodes; those within one node are no edge."""
    pairs = sorted({(min(pair), max(pair)) for pair in ends if pair[0] != pair[1]})
    of_flow = np.zeros((len(ends), len(pairs)))
    for row, (a, b) in enumerate(ends):
        if a != b:
            of_flow[row, pairs.index((min(a, b), max(a, b)))] = 1.0 if a < b else -1.0
    edges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Structure(codes, share, edges[:, 0], edges[:, 1], of_flow)


def _year(
    frames: SampleFrames, geography: Geography, year: Year, response: Response
) -> SampledYear:
    number = year.months[0].year
    months = {month: place for place, month in enumerate(year.months)}
    shape = (len(months), len(geography.provinces), len(TECHNOLOGIES))
    cell = frames.generation.filter(year=number)
    if cell["period_month"].unique().sort().to_list() != year.months:
        raise SamplingError(f"{number}: generation and interchange cover different months")
    at = (
        _places(cell["period_month"], list(months)),
        _places(cell["region_code"], geography.provinces),
        _places(cell["technology"], TECHNOLOGIES),
    )

    def laid(column: str) -> FloatArray:
        array = np.zeros(shape)
        array[at] = cell[column].cast(pl.Float64).fill_null(0.0).to_numpy()
        return array

    generation = laid("generation_mwh")
    technology = _by_technology(frames.technology.filter(year=number))
    life_cycle = technology["life_cycle_kg_per_mwh"]
    lacks = np.isnan(life_cycle) & (generation.sum(axis=(0, 1)) > 0)
    if np.any(lacks):
        missing = ", ".join(np.array(TECHNOLOGIES)[lacks])
        raise SamplingError(f"{number}: {missing} generates and has no life-cycle factor")
    parameter = frames.parameter.filter(year=number)
    if parameter.height != 1:
        raise SamplingError(f"{number}: {parameter.height} rows of parameters, not one")
    known = parameter.row(0, named=True)
    issued, retired = _claims(frames.claim, geography.nodes.codes, year.months)
    gas = np.stack([technology["ch4_per_co2"], technology["n2o_per_co2"]])
    gas_sd = np.stack([technology["ch4_sd"], technology["n2o_sd"]])
    programme = year.programme
    provinces = year.network.provinces
    return SampledYear(
        months=year.months,
        geography=geography,
        generation=generation,
        generation_sd=laid("generation_sd"),
        fuel_sd=laid("fuel_sd").max(axis=0)[:, : len(THERMAL)],
        co2=laid("co2_kg_per_mwh")[..., : len(FOSSIL)],
        intensity_sd=laid("intensity_sd")[..., : len(FOSSIL)],
        anchored=laid("is_anchored")[..., : len(FOSSIL)],
        has_anchor=bool(known["has_anchor"]),
        anchor_sd=float(known["anchor_sd"]),
        gas=np.nan_to_num(gas[:, : len(FOSSIL)]),
        gas_sd=np.nan_to_num(gas_sd[:, : len(FOSSIL)]),
        life_cycle=np.nan_to_num(life_cycle),
        life_cycle_sd=np.nan_to_num(
            np.stack([technology["national_sd"], technology["provincial_sd"]])
        ),
        infrastructure=_number(known["infrastructure_kg_per_mwh"]),
        loss_rate=_number(known["loss_rate"]),
        delivery_sd=float(known["delivery_sd"]),
        consumption=programme.consumption,
        consumption_sd=_consumption_sd(frames.consumption, geography.provinces, year.months),
        is_gross=bool(known["is_gross"]),
        flow_sd=float(known["flow_sd"]),
        response=response,
        corridors=[(provinces[a], provinces[b]) for a, b in year.network.ends.tolist()],
        transfer_names=year.constraint_ids,
        transfer_sd=programme.transfer_sd,
        transfer_part=_transfer_slope(year, response),
        issued=issued,
        retired=retired,
        storage_loss=_storage_loss(frames.storage, geography.nodes.codes, year.months),
    )


def _consumption_sd(rows: pl.DataFrame, provinces: list[str], months: list[dt.date]) -> FloatArray:
    """Standard deviations by month and province, (T, P); refuses a gap."""
    asked = rows.filter(pl.col("period_month").is_in(months))
    laid = np.full((len(months), len(provinces)), np.nan)
    at = (_places(asked["period_month"], months), _places(asked["region_code"], provinces))
    laid[at] = asked["consumption_sd"].cast(pl.Float64).to_numpy()
    if np.any(np.isnan(laid)):
        month, province = (int(place[0]) for place in np.nonzero(np.isnan(laid)))
        raise SamplingError(f"{provinces[province]}, {months[month]}: consumption is not known")
    return laid


def _transfer_slope(year: Year, response: Response) -> FloatArray:
    """What a unit of flow adds to each transfer at the optimum, shape (K, T, E)."""
    programme = year.programme
    slope = np.where(programme.part_values(response.flows) >= 0, 1.0, programme.part_floor)
    added = np.zeros((len(programme.transfer), *response.flows.shape))
    np.add.at(added, programme.part_of, slope[:, np.newaxis, np.newaxis] * programme.part)
    return added


def _by_technology(rows: pl.DataFrame) -> dict[str, FloatArray]:
    """Columns of a table by technology, each shape (X,), nan where there is no row or value."""
    at = _places(rows["technology"], TECHNOLOGIES)
    found = {}
    for name in rows.columns:
        if name not in ("year", "technology"):
            found[name] = np.full(len(TECHNOLOGIES), np.nan)
            found[name][at] = rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return found


def _claims(
    claim: pl.DataFrame, nodes: list[str], months: list[dt.date]
) -> tuple[FloatArray, FloatArray]:
    """Energy issued and retired, each (T, N, X)."""
    rows = claim.filter(pl.col("period_month").is_in(months))
    at = (
        _places(rows["period_month"], months),
        _places(rows["node_code"], nodes),
        _places(rows["technology"], TECHNOLOGIES),
    )
    laid = []
    for column in ("issued_mwh", "retired_mwh"):
        array = np.zeros((len(months), len(nodes), len(TECHNOLOGIES)))
        np.add.at(array, at, rows[column].cast(pl.Float64).to_numpy())
        laid.append(array)
    return laid[0], laid[1]


def _storage_loss(storage: pl.DataFrame, nodes: list[str], months: list[dt.date]) -> FloatArray:
    """Share of consumption that storage lost, (T, N); 0 where nothing is known of a loss."""
    rows = storage.filter(pl.col("period_month").is_in(months))
    laid = np.zeros((len(months), len(nodes)))
    at = (_places(rows["period_month"], months), _places(rows["node_code"], nodes))
    laid[at] = rows["loss_share"].cast(pl.Float64).to_numpy()
    return laid


def _share(area: pl.DataFrame, provinces: list[str], codes: list[str]) -> FloatArray:
    share = np.zeros((len(provinces), len(codes)))
    at = (_places(area["region_code"], provinces), _places(area["area_code"], codes))
    share[at] = area["share"].cast(pl.Float64).to_numpy()
    return share


def _places(values: pl.Series, known: Sequence[object]) -> np.ndarray:
    """Positions of values on an axis; refuses what is not on it."""
    place = {value: position for position, value in enumerate(known)}
    strange = sorted({str(value) for value in values.unique().to_list() if value not in place})
    if strange:
        raise SamplingError(f"{values.name}: {', '.join(strange)} is not known here")
    return values.replace_strict(place, return_dtype=pl.Int64).to_numpy()


def _number(value: object) -> float:
    return float("nan") if value is None else float(str(value))
