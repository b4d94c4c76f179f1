"""From a factor to the cells of the input files, along the lineage of the release.

Belongs here: walking from areas to provinces, months, components and cells, and counting what is
not shown. Does not belong here: what a factor is made of in figures (`parts`), and drawing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from warehouse.explain.tables import ReleaseTables

AREAS, MONTHS, COMPONENTS, CELLS = 1, 2, 3, 4
"""How deep the walk may go: provinces, their months, the components of a month, single cells."""

_WIDTH = {AREAS: 2, MONTHS: 1, COMPONENTS: 20, CELLS: 3}
"""How many children a node shows when not all are asked for."""

_GENERATION = ("series", "uncovered", "fuel_split", "correction")
_NETWORK = ("storage", "consumption", "interchange")
_COMPONENTS = {
    "generation_average": (*_GENERATION, "storage", "emission"),
    "fossil_power": (*_GENERATION, "emission"),
    "supply_average": (*_GENERATION, *_NETWORK, "emission"),
    "consumption_mix": (*_GENERATION, *_NETWORK, "emission"),
    "residual_mix": (*_GENERATION, *_NETWORK, "emission", "certificate"),
    "life_cycle_technology": ("life_cycle",),
    "life_cycle_production": (*_GENERATION, "storage", "life_cycle"),
    "life_cycle_consumption": (*_GENERATION, *_NETWORK, "life_cycle"),
    "life_cycle_residual": (*_GENERATION, *_NETWORK, "life_cycle", "certificate"),
}
"""Which components of a province-month enter a kind of factor."""

_ROLES = [
    "reading", "reading_before", "anchor", "coal_units", "fuel_use", "official_value",
    "national_total",
]  # fmt: skip
"""Roles that are shown first."""


@dataclasses.dataclass(frozen=True)
class Node:
    """A place on the way to the input: what it is, how many cells lie under it, some of them.

    `rows` are cells (at the last level) or carried months; `hidden` counts the children that are
    not shown.
    """

    name: str
    cells: int
    children: tuple[Node, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    hidden: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the node with all under it as plain data."""
        return {
            "name": self.name,
            "cells": self.cells,
            "children": [child.as_dict() for child in self.children],
            "rows": list(self.rows),
            "not_shown": self.hidden,
        }


def inputs_of(
    tables: ReleaseTables,
    factor: Mapping[str, Any],
    areas: Sequence[str],
    *,
    depth: int = CELLS,
    everything: bool = False,
) -> Node:
    """Walk from areas (in order of weight) over a factor's period to the cells that enter it."""
    start, end = factor["period_start"], factor["period_end"]
    _select_cells(tables, factor)
    provinces = _provinces(tables, areas, start, end)
    total = sum(province["cells"] for province in provinces)
    children = []
    shown = _some(provinces, AREAS, everything) if depth >= AREAS else []
    for province in shown:
        months = tables.rows(
            """
            select period_start, count(*) as cells
            from entering
            where region_code = ?
            group by period_start
            order by period_start
            """,
            [province["region_code"]],
        )
        shown_months = _some(months, MONTHS, everything) if depth >= MONTHS else []
        children.append(
            Node(
                f"{province['region_code']} {province['name_en']} {province['name_zh']}",
                province["cells"],
                tuple(
                    _month(tables, province["region_code"], month, depth, everything)
                    for month in shown_months
                ),
                hidden=len(months) - len(shown_months),
            )
        )
    return Node("inputs", total, tuple(children), hidden=len(provinces) - len(shown))


def origins_of(tables: ReleaseTables, factor: Mapping[str, Any]) -> list[str]:
    """Return the provinces that the consumption of a factor's area and period comes from.

    The greatest comes first. What of a residual is uncertified runs through the same network.
    """
    rows = tables.rows(
        """
        select origin_region_code
        from consumption_origin
        where region_code = ? and period_start = ? and resolution = ?
        order by energy_mwh desc, origin_region_code
        """,
        [factor["region_code"], factor["period_start"], factor["resolution"]],
    )
    return [row["origin_region_code"] for row in rows]


def _select_cells(tables: ReleaseTables, factor: Mapping[str, Any]) -> None:
    """Make `entering` the input cells of the factor's period that enter its kind, gas, boundary."""
    is_gas = factor["gas_scope"] != "CO2"
    is_sum = factor["gwp_set"] not in ("none", "as_published")
    left_out = [
        *([] if is_gas else ["combustion_gas"]),
        *([] if is_sum else ["gwp"]),
        *([] if factor["system_boundary"] == "cradle_to_user" else ["infrastructure"]),
        *([] if factor["includes_td_losses"] else ["delivery_loss"]),
    ]
    tables.keep(
        "entering",
        """
        select * from factor_lineage
        where
            relation = 'input'
            and period_start between ? and ?
            and list_contains(?::varchar[], component)
            and not list_contains(?::varchar[], role)
            and (? = 'all' or technology is null or technology = ?)
        """,
        [
            factor["period_start"], factor["period_end"],
            list(_COMPONENTS[factor["factor_kind"]]), left_out,
            factor["technology"], factor["technology"],
        ],
    )  # fmt: skip


def _some(rows: Sequence[dict[str, Any]], level: int, everything: bool) -> list[dict[str, Any]]:
    return list(rows) if everything else list(rows[: _WIDTH[level]])


def _provinces(
    tables: ReleaseTables, areas: Sequence[str], start: dt.date, end: dt.date
) -> list[dict[str, Any]]:
    """Return the provinces behind areas, in the order of the areas, then by generation."""
    return tables.rows(
        """
        with area as (
            select unnest(?::varchar[]) as area_code, unnest(range(len(?::varchar[]))) as place
        ),
        province as (
            select coalesce(member.child_region_code, area.area_code) as region_code,
                min(area.place) as place
            from area
            left join (
                select distinct region_code, child_region_code
                from factor_lineage where relation = 'member'
            ) as member on area.area_code = member.region_code
            group by all
        ),
        generated as (
            select region_code, sum(generation_mwh) as generated_mwh
            from electricity_mix
            where resolution = 'month' and period_start between ? and ?
            group by region_code
        )
        select province.region_code, region.name_en, region.name_zh, count(*) as cells
        from province
        inner join region on province.region_code = region.region_code
        inner join entering as lineage on province.region_code = lineage.region_code
        left join generated on province.region_code = generated.region_code
        group by province.region_code, region.name_en, region.name_zh, place, generated_mwh
        order by place, generated_mwh desc, province.region_code
        """,
        [list(areas), list(areas), start, end],
    )


def _month(
    tables: ReleaseTables,
    region_code: str,
    month: dict[str, Any],
    depth: int,
    everything: bool,
) -> Node:
    """Return a province's month with its components, and the months that it was carried from."""
    start = month["period_start"]
    carried = tables.rows(
        """
        select
            'carried' as role, technology as item, child_region_code as region_code,
            strftime(child_period_start, '%Y-%m') as period, method_id
        from factor_lineage
        where relation = 'carried' and region_code = ? and period_start = ? and resolution = 'month'
        order by child_id
        """,
        [region_code, start],
    )
    components: list[Node] = []
    hidden = 0
    if depth >= COMPONENTS:
        found = tables.rows(
            """
            select component, count(*) as cells
            from entering
            where region_code = ? and period_start = ?
            group by component
            order by component
            """,
            [region_code, start],
        )
        components = [
            _component(tables, region_code, start, each, depth, everything)
            for each in _some(found, COMPONENTS, everything)
        ]
        hidden = len(found) - len(components)
    return Node(f"{start:%Y-%m}", month["cells"], tuple(components), tuple(carried), hidden)


def _component(
    tables: ReleaseTables,
    region_code: str,
    start: dt.date,
    component: dict[str, Any],
    depth: int,
    everything: bool,
) -> Node:
    if depth < CELLS:
        return Node(component["component"], component["cells"], hidden=component["cells"])
    cells = tables.rows(
        """
        select
            lineage.role, lineage.technology, lineage.raw_table, lineage.quantity, lineage.flow,
            lineage.item, lineage.cell_region_code, lineage.cell_period,
            cast(lineage.value as double) as value, lineage.unit, lineage.method_id,
            lineage.quality_tier, file.file_name, lineage.sheet, lineage.row_number,
            lineage.receipt_id
        from entering as lineage
        left join input_file as file on lineage.receipt_id = file.receipt_id
        where
            lineage.region_code = ? and lineage.period_start = ? and lineage.component = ?
        order by
            row_number() over (
                partition by lineage.role order by abs(lineage.value) desc, lineage.child_id
            ),
            coalesce(list_position(?::varchar[], lineage.role), 99),
            lineage.child_id
        """,
        [region_code, start, component["component"], _ROLES],
    )
    shown = _some(cells, CELLS, everything)
    return Node(
        component["component"], len(cells), rows=tuple(shown), hidden=len(cells) - len(shown)
    )


def shown_cells(node: Node) -> Iterator[dict[str, Any]]:
    """Yield the input cells that a tree shows."""
    yield from (row for row in node.rows if "receipt_id" in row)
    for child in node.children:
        yield from shown_cells(child)
