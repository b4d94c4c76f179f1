"""Readers: one module per source layout, each turning a grid of cells into records for its
contract.

Belongs here: the registry of readers, by the name that delivery notes use.
Does not belong here: layouts themselves (one module each) and what they share (reading.py).
"""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.readers.reading import Reading

Reader = Callable[[Grid, Delivered], Reading]

READERS: dict[str, tuple[str, ...]] = {
    "power_bulletin": ("electricity_bulletin",),
    "capacity_hours": ("capacity_utilisation",),
    "coal_intensity": ("coal_unit_intensity",),
    "national_mix": ("national_generation",),
    "national_totals": ("national_generation",),
    "corridors": ("transmission_corridor",),
    "transfers": ("interregional_transfer",),
    "official_co2": ("official_co2_factor",),
    "official_lca": ("official_lca_factor",),
    "fuel_defaults": ("fuel_default",),
    "gwp": ("gwp",),
    "grid_regions": ("grid_region",),
    "fuel_use": ("power_fuel_use",),
    "sector_fuel_co2": ("sector_fuel_co2",),
    "corrections": ("correction",),
    "combustion_gas": ("combustion_gas",),
    "storage": ("storage",),
    "certificates": ("certificate",),
    "reference_table": (
        "product",
        "background_default",
        "product_benchmark",
        "elementary_flow",
        "flow_mapping",
    ),
}
"""Reader name -> the contracts it can fill."""


def find_reader(name: str) -> Reader | None:
    """The reader called `name` in delivery notes; None when there is no such layout."""
    if name not in READERS:
        return None
    return cast("Reader", import_module(f"ingestion.readers.{name}").read)
