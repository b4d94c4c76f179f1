"""Small nations for the tests of sampling: four provinces, one divided between two grids."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl

from dbt_project.methods.interchange import Year, responses
from dbt_project.methods.interchange_response import Response
from dbt_project.methods.sampled_year import TECHNOLOGIES, SampledYear
from dbt_project.methods.sampling_frames import SampleFrames, sampled_years

PROVINCES = ["110000", "120000", "150000", "210000"]
GRID = dict(zip(PROVINCES, ["GRID_NORTH"] * 3 + ["GRID_NORTHEAST"], strict=True))
EAST, WEST = "GRID_INNER_MONGOLIA_EAST", "GRID_INNER_MONGOLIA_WEST"
EAST_SHARE = 0.3
CORRIDORS = [
    ("110000", "120000"), ("110000", "150000"), ("120000", "210000"), ("150000", "210000"),
]  # fmt: skip
World = tuple[SampleFrames, list[tuple[Year, Response]]]


def world(
    seed: int = 0,
    *,
    months: int = 2,
    years: tuple[int, ...] = (2021,),
    claimed: float = 0.1,
    idle: str = "",
    isolated: str = "",
) -> World:
    """Build a nation at random.

    Args:
        months: of each year, from January; twelve give yearly factors too.
        claimed: share of each wind farm's generation that carries certificates.
        idle: a province that generates nothing.
        isolated: a province without corridors; it consumes what it generates.
    """
    random = np.random.default_rng(seed)
    cells, balance, claims = [], [], []
    for year in years:
        level = random.uniform(200, 2000, (len(PROVINCES), len(TECHNOLOGIES)))
        level *= random.random(level.shape) < 0.7
        level[:, 0] = random.uniform(500, 3000, len(PROVINCES))
        level[:, TECHNOLOGIES.index("wind")] = random.uniform(100, 900, len(PROVINCES))
        level *= np.array([code != idle for code in PROVINCES])[:, np.newaxis]
        co2 = random.uniform(400, 1000, (len(PROVINCES), 3))
        for month in range(1, months + 1):
            start = dt.date(year, month, 1)
            generation = np.round(level * random.uniform(0.7, 1.3, level.shape), 3)
            balance += _balance(random, start, generation.sum(axis=1), isolated)
            cells += _cells(start, generation, co2)
            claims += _claims(start, generation[:, TECHNOLOGIES.index("wind")] * claimed)
    frames = SampleFrames(
        generation=pl.DataFrame(cells, infer_schema_length=None),
        consumption=pl.DataFrame(balance).select(
            "region_code", "period_month", consumption_sd=pl.lit(0.02)
        ),
        technology=_technologies(years),
        parameter=pl.DataFrame(
            {
                "year": list(years), "has_anchor": True, "anchor_sd": 0.02, "is_gross": False,
                "infrastructure_kg_per_mwh": 4.0, "loss_rate": 0.05, "delivery_sd": 0.03,
                "flow_sd": 0.1,
            }
        ),
        area=_areas(),
        node=_nodes(),
        grid_region=pl.DataFrame({"region_code": PROVINCES, "grid_region_code": GRID.values()}),
        claim=pl.DataFrame(claims),
        storage=pl.DataFrame(
            schema={"node_code": pl.String, "period_month": pl.Date, "loss_share": pl.Float64}
        ),
        period=_periods(years, months),
        gwp=pl.DataFrame({"gwp_set": ["AR5"], "ch4": [28.0], "n2o": [265.0]}),
    )  # fmt: skip
    kept = [pair for pair in CORRIDORS if isolated not in pair]
    corridors = pl.DataFrame(
        {
            "from_region_code": [a for a, _ in kept],
            "to_region_code": [b for _, b in kept],
            "capacity_mw": [4.0] * len(kept),
        }
    )
    first = dt.date(years[0], 1, 1)
    constraints = pl.DataFrame(
        {
            "constraint_id": ["t"], "use": ["equality"], "measure": ["signed"],
            "first_month": [first], "last_month": [first], "energy_mwh": [200.0],
            "relative_sd": [0.05],
        }
    )  # fmt: skip
    parts = pl.DataFrame(
        {
            "constraint_id": ["t"], "part": [1], "from_region_code": [kept[0][0]],
            "to_region_code": [kept[0][1]], "coefficient": [1.0],
        }
    )  # fmt: skip
    flows = responses(pl.DataFrame(balance), corridors, constraints, parts, consumption_sd=0.02)
    return frames, flows


def sampled_year(nation: World) -> SampledYear:
    """Return the arrays of the nation's first year."""
    return next(iter(sampled_years(*nation)))


def asking(nation: World, periods: pl.DataFrame) -> World:
    """Return the nation with other periods asked for."""
    return replace(nation[0], period=periods), nation[1]


def _balance(
    random: np.random.Generator, start: dt.date, generation: np.ndarray, isolated: str
) -> list[dict]:
    linked = np.array([code != isolated for code in PROVINCES])
    consumption = generation * random.uniform(0.8, 1.2, len(PROVINCES)) + 300 * linked
    consumption[linked] *= generation[linked].sum() / consumption[linked].sum()
    consumption[~linked] = generation[~linked]
    return [
        {
            "region_code": code, "period_month": start, "net_import_mwh": used - made,
            "consumption_mwh": used,
        }
        for code, made, used in zip(PROVINCES, generation, consumption, strict=True)
    ]  # fmt: skip


def _cells(start: dt.date, generation: np.ndarray, co2: np.ndarray) -> list[dict]:
    return [
        {
            "region_code": PROVINCES[p],
            "year": start.year,
            "period_month": start,
            "technology": technology,
            "generation_mwh": float(generation[p, x]),
            "generation_sd": 0.03,
            "fuel_sd": 0.1 if x < 4 else None,
            "co2_kg_per_mwh": float(co2[p, x]) if x < 3 else 0.0,
            "intensity_sd": 0.06 if x < 3 else 0.0,
            "is_anchored": x < 3,
        }
        for p in range(len(PROVINCES))
        for x, technology in enumerate(TECHNOLOGIES)
    ]


def _claims(start: dt.date, issued: np.ndarray) -> list[dict]:
    """Certificates of every wind farm, retired in the first province."""
    nodes = [("110000", 0, 1.0), ("120000", 1, 1.0), (EAST, 2, EAST_SHARE),
             (WEST, 2, 1 - EAST_SHARE), ("210000", 3, 1.0)]  # fmt: skip
    return [
        {
            "node_code": node, "technology": "wind", "period_month": start,
            "issued_mwh": float(issued[p] * share),
            "retired_mwh": float(issued.sum()) if node == "110000" else 0.0,
        }
        for node, p, share in nodes
    ]  # fmt: skip


def _technologies(years: tuple[int, ...]) -> pl.DataFrame:
    fossil = [technology in TECHNOLOGIES[:3] for technology in TECHNOLOGIES]
    one = {
        "technology": list(TECHNOLOGIES),
        "ch4_per_co2": [1e-5 if each else None for each in fossil],
        "n2o_per_co2": [2e-5 if each else None for each in fossil],
        "ch4_sd": [0.5 if each else None for each in fossil],
        "n2o_sd": [0.5 if each else None for each in fossil],
        "life_cycle_kg_per_mwh": [944.0, 479.0, 800.0, 46.0, 14.0, 6.5, 34.0, 54.0],
        "national_sd": [0.04] * len(TECHNOLOGIES),
        "provincial_sd": [0.09] * len(TECHNOLOGIES),
    }
    return pl.concat([pl.DataFrame({"year": [year] * len(TECHNOLOGIES), **one}) for year in years])


def _areas() -> pl.DataFrame:
    rows = [("province", code, code, 1.0) for code in PROVINCES]
    rows += [("nation", "CN", code, 1.0) for code in PROVINCES]
    parts = [(GRID[code], code, code, 1.0) for code in PROVINCES if code != "150000"]
    parts += [("GRID_NORTHEAST", EAST, "150000", EAST_SHARE)]
    parts += [("GRID_NORTH", WEST, "150000", 1 - EAST_SHARE)]
    rows += [("grid_region", grid, code, share) for grid, _, code, share in parts]
    rows += [("node", node, code, share) for _, node, code, share in parts]
    rows += [("sub_grid", node, code, share) for _, node, code, share in parts if code == "150000"]
    return pl.DataFrame(rows, schema=["level", "area_code", "region_code", "share"], orient="row")


def _nodes() -> pl.DataFrame:
    at = [(code, code, GRID[code]) for code in PROVINCES if code != "150000"]
    at += [(EAST, "150000", "GRID_NORTHEAST"), (WEST, "150000", "GRID_NORTH")]
    rows = [("province", province, node) for node, province, _ in at]
    rows += [("grid_region", grid, node) for node, _, grid in at]
    rows += [("nation", "CN", node) for node, _, _ in at]
    rows += [("sub_grid", node, node) for node in (EAST, WEST)]
    return pl.DataFrame(rows, schema=["level", "area_code", "node_code"], orient="row")


def _periods(years: tuple[int, ...], months: int) -> pl.DataFrame:
    rows = [(y, dt.date(y, m, 1), "month") for y in years for m in range(1, months + 1)]
    if months == 12:
        rows += [(y, dt.date(y, 1, 1), "year") for y in years]
    return pl.DataFrame(rows, schema=["year", "period_start", "resolution"], orient="row")
