"""Units of background datasets in the words and identifiers of exchange formats.

Belongs here: for each unit of a product its unit group, flow property and conversion to the
reference unit of the group. Does not belong here: converting amounts of surveys (`ingestion`).

Identifiers are those of openLCA's reference data, as the package `olca-schema` lists them
(`olca_schema/units/units.csv`), so that an import meets the units a user already has. That list has
no unit of power; the identifiers of watt are minted here and belong to this project.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from warehouse.exchange.identity import minted


@dataclasses.dataclass(frozen=True)
class FlowProperty:
    """A quantity with its unit group; `reference` is the unit in which the group is counted."""

    property_id: str
    name: str
    name_zh: str
    group_id: str
    group_name: str
    group_name_zh: str
    reference: str


@dataclasses.dataclass(frozen=True)
class Unit:
    """A unit; `factor` turns an amount in it into the reference unit of its group."""

    symbol: str
    unit_id: str
    name: str
    factor: float
    property: FlowProperty


MASS = FlowProperty(
    "93a60a56-a3c8-11da-a746-0800200b9a66", "Mass", "质量",
    "93a60a57-a4c8-11da-a746-0800200c9a66", "Units of mass", "质量单位", "kg",
)  # fmt: skip
ENERGY = FlowProperty(
    "f6811440-ee37-11de-8a39-0800200c9a66", "Energy", "能量",
    "93a60a57-a3c8-11da-a746-0800200c9a66", "Units of energy", "能量单位", "MJ",
)  # fmt: skip
VOLUME = FlowProperty(
    "93a60a56-a3c8-22da-a746-0800200c9a66", "Volume", "体积",
    "93a60a57-a3c8-12da-a746-0800200c9a66", "Units of volume", "体积单位", "m3",
)  # fmt: skip
AREA = FlowProperty(
    "93a60a56-a3c8-19da-a746-0800200c9a66", "Area", "面积",
    "93a60a57-a3c8-18da-a746-0800200c9a66", "Units of area", "面积单位", "m2",
)  # fmt: skip
ITEMS = FlowProperty(
    "01846770-4cfe-4a25-8ad9-919d8d378345", "Number of items", "件数",
    "5beb6eed-33a9-47b8-9ede-1dfe8f679159", "Units of items", "计件单位", "item",
)  # fmt: skip
GOODS_TRANSPORT = FlowProperty(
    "838aaa20-0117-11db-92e3-0800200c9a66", "Goods transport (mass*distance)", "货运周转量",
    "838aaa21-0117-11db-92e3-0800200c9a66", "Units of mass*length", "质量乘距离单位", "t*km",
)  # fmt: skip
POWER = FlowProperty(
    minted("flow property", "power"), "Power", "功率",
    minted("unit group", "power"), "Units of power", "功率单位", "W",
)  # fmt: skip

UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        unit.symbol: unit
        for unit in (
            Unit("kg", "20aadc24-a391-41cf-b340-3e4529f44bde", "kg", 1.0, MASS),
            Unit("MJ", "52765a6c-3896-43c2-b2f4-c679acf13efe", "MJ", 1.0, ENERGY),
            Unit("kWh", "86ad2244-1f0e-4912-af53-7865283103e4", "kWh", 3.6, ENERGY),
            Unit("m3", "1c3a9695-398d-4b1f-b07e-a8715b610f70", "m3", 1.0, VOLUME),
            Unit("m2", "3ce61faa-5716-41c1-aef6-b5920054acc9", "m2", 1.0, AREA),
            Unit("item", "6dabe201-aaac-4509-92f0-d00c26cb72ab", "Item(s)", 1.0, ITEMS),
            Unit("t*km", "0dea4ed8-bb6b-4049-b2b4-b2c413ef2180", "t*km", 1.0, GOODS_TRANSPORT),
            Unit("W", minted("unit", "W"), "W", 1.0, POWER),
        )
    }
)
"""Every unit that a product or an elementary flow may have, by the symbol of the tables."""


def units_of(property_id: str) -> list[Unit]:
    """Return the units of one flow property, the reference unit first, then by symbol."""
    own = [unit for unit in UNITS.values() if unit.property.property_id == property_id]
    return sorted(own, key=lambda unit: (unit.symbol != unit.property.reference, unit.symbol))
