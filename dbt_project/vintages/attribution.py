"""Why a value moved: the area's own statistics, those of others, the method, or a correction.

Belongs here: telling the area's own statistics from those of others, at the level of the network
systems. The other causes are told by replays in which one layer is new after another (`history`).
Does not belong here: replaying.

For the areas i of a network system with generation P, emissions F and imports U, the value is x_i
of (diag(P + U 1) - U) x = F. With the area's own row (P_i, F_i, U_i) new and every other row old it
would be x'_i: what x_i differs from that came through the imports, from others, and the rest of the
change is the area's own. An area of several nodes has several rows; its months and nodes are
weighted by what they consume now. What storage and lines lose makes a consumption factor larger
than its x, in proportion; the part of others with it. Averages of generation have no imports: all
is their own, national totals that reach them through completion included.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dbt_project.methods.network import NetworkError, solve_network
from dbt_project.vintages.replay import Vintage

CAUSES = ("by_data", "by_upstream", "by_method", "by_correction")

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_CARRIED = ("co2_kg", "lca_co2e_kg")
_AT = [
    "level", "area_code", "period_start", "resolution", "factor_kind", "import_factor_basis",
]  # fmt: skip
_LOSING = ("consumption_mix", "life_cycle_consumption")
_VALUE = pl.Decimal(18, 12)
_ROUNDING = 2e-8
"""kg per kWh: two values, each rounded to 8 decimals, may miss their difference by it."""


def split_data(moved: pl.DataFrame, old: Vintage, new: Vintage) -> pl.DataFrame:
    """Add the part of a change in statistics that comes from the area's own, `own`.

    Args:
        moved: `_AT` and more, `corrected` (the value with old statistics), `informed` (new ones).
        old, new: the vintages of both, between which statistics alone changed.

    Returns:
        `moved` with `own` (Decimal(18, 12), rounded as values are).
    """
    years = moved["year"].unique().sort().to_list()
    found = [
        table
        for level in ("province", "grid_region")
        for table in _official_structure(level, old, new, years)
    ] + _consumption(old, new, years)
    empty = pl.DataFrame(
        schema={
            **dict.fromkeys(_AT, pl.String), "period_start": pl.Date,
            "from_others": pl.Float64, "network_value": pl.Float64,
        }
    )  # fmt: skip
    split = moved.join(pl.concat([empty, *found]), on=_AT, how="left", maintain_order="left")
    lost = (
        pl.when(pl.col("factor_kind").is_in(_LOSING) & (pl.col("network_value") > 0))
        .then((pl.col("informed").cast(pl.Float64) / pl.col("network_value")).clip(1.0, 1.25))
        .otherwise(1.0)
    )
    zero = pl.lit(0).cast(_VALUE)
    others = (pl.col("from_others") * lost).fill_nan(None).round(8).cast(_VALUE).fill_null(zero)
    change = pl.col("informed") - pl.col("corrected")
    # All came from others: what is left is what two roundings leave.
    left = (change - pl.col("others")).abs().cast(pl.Float64)
    own = pl.when((pl.col("others") != 0) & (left <= _ROUNDING)).then(zero)
    return (
        split.with_columns(others.alias("others"))
        .with_columns(own.otherwise(change - pl.col("others")).alias("own"))
        .drop("from_others", "network_value", "others")
    )


def own_rows_new(
    old: tuple[FloatArray, FloatArray, FloatArray],
    new: tuple[FloatArray, FloatArray, FloatArray],
    members: BoolArray,
) -> FloatArray:
    """Solve each area's system with its own rows new and all others old.

    Args:
        old, new: generation (T, N), imports (T, N, N), carried (T, N, K).
        members: which nodes an area is made of, shape (A, N).

    Returns:
        x, shape (A, T, N, K), in the unit of what is carried per unit of energy; nan where nothing
        runs through a node, and everywhere if a mixed system cannot be solved.
    """
    areas, nodes = members.shape
    periods = old[0].shape[0]
    mixed = [
        np.where(
            members.reshape(areas, 1, nodes, *[1] * (before.ndim - 2)), after[None], before[None]
        ).reshape(areas * periods, *before.shape[1:])
        for before, after in zip(old, new, strict=True)
    ]
    try:
        solved = solve_network(*mixed)
    except NetworkError:
        return np.full((areas, periods, nodes, old[2].shape[-1]), np.nan)
    return solved.reshape(areas, periods, nodes, -1)


def _official_structure(
    level: str, old: Vintage, new: Vintage, years: list[int]
) -> list[pl.DataFrame]:
    """Changes of the supply averages of a level, on both import bases."""
    periods, areas = _axes(level, new, years)
    if not periods.height:
        return []
    before = _arrays(level, old, periods, areas)
    after = _arrays(level, new, periods, areas)
    x_new = solve_network(*after)[..., 0]
    mixed = own_rows_new(before, after, np.eye(areas.height, dtype=bool))[..., 0]
    own = np.einsum("iti->ti", mixed)
    average = _ratio(before[2][..., 0], before[0])
    second = _first_order(after, _ratio(after[2][..., 0], after[0]))
    return [
        _table(level, periods, areas, "network", x_new - own, x_new),
        _table(level, periods, areas, "generation", second - _first_order(after, average), second),
    ]


def _first_order(
    system: tuple[FloatArray, FloatArray, FloatArray], exporters: FloatArray
) -> FloatArray:
    """Supply average with given averages of the exporters, shape (T, N)."""
    generation, imports, carried = system
    brought = np.einsum("tij,tj->ti", imports, np.nan_to_num(exporters))
    return _ratio(carried[..., 0] + brought, generation + imports.sum(axis=-1))


def _consumption(old: Vintage, new: Vintage, years: list[int]) -> list[pl.DataFrame]:
    """Changes of the consumption mixes of all areas, months and years."""
    months, nodes = _axes("node", new, years)
    if not months.height:
        return []
    belong = new.members.join(nodes.rename({"area_code": "node_code"}), on="node_code")
    areas = belong.select("level", "area_code").unique().sort("level", "area_code")
    members = np.zeros((areas.height, nodes.height), dtype=bool)
    placed = belong.join(areas.with_row_index("a"), on=["level", "area_code"])
    members[placed["a"].to_numpy(), placed["n"].to_numpy()] = True

    before, after = (_arrays("node", vintage, months, nodes) for vintage in (old, new))
    x_new = solve_network(*after)
    mixed = own_rows_new(before, after, members)
    weight = members[:, None, :] * _consumed(after)[None]
    energy = weight.sum(axis=-1)
    sums = [
        np.einsum("atn,atnk->atk", weight, np.where(weight[..., None] > 0, x, 0.0))
        for x in (mixed, np.broadcast_to(x_new, mixed.shape))
    ]
    tables = []
    for resolution in ("month", "year"):
        starts, groups = _periods(months, resolution)
        used = np.add.reduceat(energy, groups, axis=1)[..., None]
        own_value, new_value = (
            _ratio(np.add.reduceat(carried, groups, axis=1), used) for carried in sums
        )
        for position, kind in enumerate(("consumption_mix", "life_cycle_consumption")):
            tables.append(
                pl.DataFrame(
                    {
                        "from_others": (new_value - own_value)[..., position].ravel() / 1000.0,
                        "network_value": new_value[..., position].ravel() / 1000.0,
                    }
                )
                .hstack(
                    areas.join(starts, how="cross", maintain_order="left_right").with_columns(
                        pl.lit(resolution).alias("resolution"),
                        pl.lit(kind).alias("factor_kind"),
                        pl.lit("network").alias("import_factor_basis"),
                    )
                )
                .select(*_AT, "from_others", "network_value")
            )
    return tables


def _periods(months: pl.DataFrame, resolution: str) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Starts of the periods, and the position of the first month of each."""
    step = "1mo" if resolution == "month" else "1y"
    first = (
        months.with_columns(pl.col("period_start").dt.truncate(step))
        .group_by("period_start", maintain_order=True)
        .agg(pl.col("t").min())
    )
    return first.select("period_start"), first["t"].to_numpy().astype(np.int64)


def _axes(level: str, vintage: Vintage, years: list[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Periods (`t`) and areas (`n`) of a level in some years, both sorted and numbered."""
    nodes = vintage.nodes.filter((pl.col("level") == level) & pl.col("year").is_in(years))
    periods = nodes.select("period_start", "resolution").unique()
    areas = nodes.select("area_code").unique().sort("area_code")
    return (
        periods.sort("period_start", "resolution").with_row_index("t"),
        areas.with_row_index("n"),
    )


def _arrays(
    level: str, vintage: Vintage, periods: pl.DataFrame, areas: pl.DataFrame
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Generation (T, N), imports (T, N, N) and carried amounts (T, N, 2) of a vintage."""
    shape = periods.height, areas.height
    at = ["period_start", "resolution"]
    nodes = (
        vintage.nodes.filter(pl.col("level") == level)
        .join(periods, on=at)
        .join(areas, on="area_code")
    )
    edges = (
        vintage.edges.filter(pl.col("level") == level)
        .join(periods, on=at)
        .join(areas.rename({"area_code": "from_region_code", "n": "from"}), on="from_region_code")
        .join(areas.rename({"area_code": "to_region_code", "n": "to"}), on="to_region_code")
    )
    generation, imports = np.zeros(shape), np.zeros((*shape, shape[1]))
    carried = np.zeros((*shape, len(_CARRIED)))
    place = nodes["t"].to_numpy(), nodes["n"].to_numpy()
    generation[place] = nodes["generation_mwh"].to_numpy()
    carried[place] = nodes.select(_CARRIED).to_numpy()
    imports[edges["t"].to_numpy(), edges["to"].to_numpy(), edges["from"].to_numpy()] = edges[
        "energy_mwh"
    ].to_numpy()
    return generation, imports, carried


def _consumed(system: tuple[FloatArray, FloatArray, FloatArray]) -> FloatArray:
    generation, imports, _ = system
    left = generation + imports.sum(axis=-1) - imports.sum(axis=-2)
    return np.maximum(left, 0.0)


def _ratio(over: FloatArray, under: FloatArray) -> FloatArray:
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=under > 0)


def _table(
    level: str,
    periods: pl.DataFrame,
    areas: pl.DataFrame,
    basis: str,
    from_others: FloatArray,
    value: FloatArray,
) -> pl.DataFrame:
    return (
        periods.join(areas, how="cross", maintain_order="left_right")
        .with_columns(
            pl.lit(level).alias("level"),
            pl.lit("supply_average").alias("factor_kind"),
            pl.lit(basis).alias("import_factor_basis"),
            pl.Series("from_others", from_others.ravel() / 1000.0),
            pl.Series("network_value", value.ravel() / 1000.0),
        )
        .select(*_AT, "from_others", "network_value")
    )
