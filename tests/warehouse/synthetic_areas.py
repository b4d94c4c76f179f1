"""The areas and periods of the synthetic candidate, and sums over them.

Belongs here: which province belongs where, and the table of areas. Does not belong here: figures.
"""

from __future__ import annotations

import polars as pl

from expectations import coverage

GRID = {
    "GRID_NORTH": ("110000", "120000", "130000", "140000", "150000", "370000"),
    "GRID_NORTHEAST": ("210000", "220000", "230000"),
    "GRID_EAST": ("310000", "320000", "330000", "340000", "350000"),
    "GRID_CENTRAL": ("360000", "410000", "420000", "430000"),
    "GRID_SOUTH": ("440000", "450000", "460000", "520000", "530000"),
    "GRID_SOUTHWEST": ("500000", "510000", "540000"),
    "GRID_NORTHWEST": ("610000", "620000", "630000", "640000", "650000"),
}


SUB_GRIDS = {"GRID_INNER_MONGOLIA_EAST": 0.25, "GRID_INNER_MONGOLIA_WEST": 0.75}

COLUMNS = {
    "region_code": "varchar", "level": "varchar", "parent_code": "varchar",
    "grid_region_code": "varchar", "name_zh": "varchar", "name_en": "varchar",
}  # fmt: skip


def regions() -> pl.DataFrame:
    """Return the table of areas."""
    rows = [("CN", "nation", None, None, "全国", "China")]
    rows += [(code, "grid_region", "CN", None, "电网", code.title()) for code in GRID]
    rows += [(code, "sub_grid", "150000", None, "电网", code.title()) for code in SUB_GRIDS]
    rows += [
        (province, "province", "CN", grid, "某省", f"Province {province}")
        for grid, members in GRID.items()
        for province in members
    ]
    return pl.DataFrame(rows, schema=list(COLUMNS), orient="row")


def period_end() -> pl.Expr:
    """Return the last day of the month or year that `period_start` and `resolution` name."""
    return (
        pl.when(pl.col("resolution") == "year")
        .then(pl.col("period_start").dt.offset_by("1y").dt.offset_by("-1d"))
        .otherwise(pl.col("period_start").dt.month_end())
    )


def summed(
    provinces: pl.DataFrame, by: list[str], quantities: list[str], release_month: str
) -> pl.DataFrame:
    """Sum figures of provinces and months over areas and years.

    `provinces` has region_code, period_start, the columns `by` and the quantities; the result has
    resolution too, and every area of the family.
    """
    rows = [(province, "CN", 1.0) for province in coverage.PROVINCES]
    rows += [(province, province, 1.0) for province in coverage.PROVINCES]
    rows += [(province, grid, 1.0) for grid, members in GRID.items() for province in members]
    rows += [("150000", grid, share) for grid, share in SUB_GRIDS.items()]
    belongs = pl.DataFrame(rows, schema=["region_code", "area_code", "part"], orient="row")
    months = (
        provinces.join(belongs, on="region_code")
        .with_columns(pl.col(quantities) * pl.col("part"), pl.lit("month").alias("resolution"))
        .drop("region_code")
        .rename({"area_code": "region_code"})
    )
    years = months.with_columns(
        pl.col("period_start").dt.truncate("1y"), pl.lit("year").alias("resolution")
    ).filter(pl.col("period_start").is_in(coverage.years(release_month)))
    return (
        pl.concat([months, years])
        .group_by("region_code", "resolution", "period_start", *by)
        .agg(pl.col(quantities).sort().sum().round(6))
    )
