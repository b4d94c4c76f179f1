"""Small vintages of three provinces that trade in a ring, made by arithmetic alone.

Belongs here: what the tests of vintages share. Does not belong here: the example's derivation.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl
from hypothesis import strategies as st

from dbt_project.methods.network import solve_network
from dbt_project.vintages.replay import KEY, Vintage

AREAS = ("110000", "310000", "340000")
MAY = dt.date(2023, 5, 1)
_AT = {"year": 2023, "period_start": MAY, "resolution": "month"}
_KINDS = (
    ("generation_average", "none"),
    ("supply_average", "network"),
    ("consumption_mix", "network"),
)


def ids(**columns: object) -> dict[str, object]:
    """The columns that name a factor, some of them chosen."""
    return {
        "level": "province", "area_code": "340000", "year": 2023, "period_start": MAY,
        "period_end": dt.date(2023, 5, 31), "resolution": "month",
        "factor_kind": "supply_average", "import_factor_basis": "network", "technology": "all",
        "gas_scope": "CO2", "gwp_set": "none", "system_boundary": "direct_combustion",
        "includes_td_losses": False, **columns,
    }  # fmt: skip


def values(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows of `Vintage.values`."""
    schema = dict.fromkeys(KEY, pl.String) | {
        "year": pl.Int32, "period_start": pl.Date, "period_end": pl.Date,
        "includes_td_losses": pl.Boolean, "maturity": pl.String, "value": pl.Decimal(18, 12),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def rounded(number: float) -> Decimal:
    return Decimal(f"{number:.8f}")


def vintage(generation: np.ndarray, factors: np.ndarray, imports: np.ndarray) -> Vintage:
    """The vintage of May 2023 that generation (3,), its factors (3,) and imports (3, 3) give."""
    co2 = generation * factors
    carried = np.stack([co2, co2], axis=-1)
    x = solve_network(generation[None], imports[None], carried[None])[0, :, 0] / 1000
    own = factors / 1000
    rows = [
        ids(area_code=area, factor_kind=kind, import_factor_basis=basis)
        | {"maturity": "provisional", "value": rounded((own if basis == "none" else x)[i])}
        for i, area in enumerate(AREAS)
        for kind, basis in _KINDS
    ]
    nodes = [
        _AT | {"level": level, "area_code": area, "generation_mwh": generation[i],
               "co2_kg": co2[i], "lca_co2e_kg": co2[i]}
        for level in ("province", "node") for i, area in enumerate(AREAS)
    ]  # fmt: skip
    edges = [
        _AT | {"level": level, "from_region_code": AREAS[j], "to_region_code": AREAS[i],
               "energy_mwh": imports[i, j]}
        for level in ("province", "node") for i in range(3) for j in range(3) if imports[i, j] > 0
    ]  # fmt: skip
    members = [{"level": "province", "area_code": area, "node_code": area} for area in AREAS]
    edge = {"level": pl.String, "from_region_code": pl.String, "to_region_code": pl.String,
            "year": pl.Int32, "period_start": pl.Date, "resolution": pl.String,
            "energy_mwh": pl.Float64}  # fmt: skip
    return Vintage(
        values(rows),
        pl.DataFrame(nodes, schema_overrides={"year": pl.Int32}),
        pl.DataFrame(edges, schema=edge),
        pl.DataFrame(members),
        {2023: "x"},
    )


@st.composite
def vintages(draw: st.DrawFn) -> Vintage:
    """A vintage whose provinces export no more than they have."""
    generation = np.array([draw(st.integers(1_000, 100_000)) for _ in AREAS], dtype=float)
    factors = np.array([draw(st.integers(0, 1_000)) for _ in AREAS], dtype=float)
    imports = np.zeros((3, 3))
    for i in range(3):
        share = draw(st.integers(0, 9)) / 10
        imports[(i + 1) % 3, i] = share * generation[i]
    return vintage(generation, factors, imports)
