"""The page of `docs/` that lays the kinds of factors beside the official values.

Belongs here: turning tables of a release into that page. Does not belong here: finding the release
and writing files (`docs`), and the comparison itself (table `official_comparison`).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

AREAS = ("340000", "370000", "510000", "520000", "CN")
"""The four provinces that build a database of their own first, and the nation."""

_KINDS = (
    "generation_average", "supply_average", "consumption_mix", "fossil_power", "residual_mix",
    "life_cycle_production", "life_cycle_consumption", "life_cycle_residual",
)  # fmt: skip
"""The order of the rows; kinds that are not named here come after them."""

_BOUNDARIES = {
    ("direct_combustion", False): "",
    ("cradle_to_busbar", False): "busbar",
    ("cradle_to_user", False): "user, without losses",
    ("cradle_to_user", True): "user",
}

_KEY = [
    "year", "region_code", "factor_kind", "import_factor_basis", "gas_scope", "system_boundary",
    "includes_td_losses",
]  # fmt: skip


def factor_kinds_page(
    factors: pl.DataFrame, comparison: pl.DataFrame, methods: pl.DataFrame, *, month: str
) -> str:
    """Return the page from the tables of the release of a month (`YYYY-MM`).

    `factors` is `electricity_factor` (kg per kWh), `comparison` is `official_comparison`, `methods`
    is `calculation_method`. Two years are shown: the newest one that has every kind, and the newest
    one with official values of provinces. Raises `ValueError` when no year has every kind.
    """
    yearly = factors.filter(
        (pl.col("resolution") == "year") & pl.col("region_code").is_in(AREAS)
    ).with_columns(pl.col("period_start").dt.year().alias("year"))
    years = shown_years(yearly, comparison)
    beside = yearly.filter(pl.col("year").is_in(years)).join(
        comparison.select(*_KEY, "official_value", "relative_deviation", "is_inside_interval"),
        on=_KEY,
        how="left",
    )
    parts = [
        "# Kinds of factors beside official values 因子种类与公布值对照\n",
        f"From the release of {month}: the yearly factors of the four provinces that build a "
        "database of their own first, and of the nation, in kg CO2 (direct kinds) or kg CO2e "
        "(life-cycle kinds) per kWh. In brackets the official value, where there is one, and how "
        "far ours lies from it. Every number is a row of the release; "
        "`carbon-warehouse explain FACTOR_ID` takes it apart.\n",
        "本页由发布版本生成：四省及全国各类年度因子，单位为每千瓦时千克 CO2（直接排放类）"
        "或 CO2e（生命周期类）；括号内为公布值及本库值与其偏差。\n",
    ]
    for year in years:
        parts.append(f"## {year}\n")
        parts.append(_kinds_of_year(beside.filter(pl.col("year") == year)))
    parts.append("## Official values and intervals 公布值与区间\n")
    parts.append(_official(beside))
    newest = yearly.filter(pl.col("year") == years[0])
    parts.append(f"## Technologies over the life cycle, {years[0]} 分技术生命周期因子\n")
    parts.append(
        "The official national values stand in for every province and are our values at the "
        "busbar; oil, which has none, follows from coal by the carbon of both fuels.\n"
    )
    parts.append(_technologies(newest))
    parts.append(f"## Gases and GWP sets of the consumption mix, {years[0]} 气体与 GWP\n")
    parts.append(_gases(newest))
    parts.append("## What the kinds are 各类因子的含义\n")
    parts.append(_meanings(newest, methods))
    parts.append("## To be read with them 读数说明\n")
    parts.append(_notes(beside))
    return "\n".join(parts)


def shown_years(yearly: pl.DataFrame, comparison: pl.DataFrame) -> list[int]:
    """Return the years of the page, the newest first; `yearly` has a column `year`."""
    kinds = yearly["factor_kind"].n_unique()
    complete = (
        yearly.group_by("year")
        .agg(pl.col("factor_kind").n_unique().alias("kinds"))
        .filter(pl.col("kinds") == kinds)["year"]
    )
    if kinds == 0 or complete.is_empty():
        raise ValueError("No year of the release has every kind of factor.")
    provincial = comparison.filter(
        pl.col("region_code").is_in(AREAS) & (pl.col("region_code") != "CN")
    )["year"]
    found = {int(each.max()) for each in (complete, provincial) if len(each)}  # type: ignore[arg-type]
    return sorted(found, reverse=True)


def _kinds_of_year(beside: pl.DataFrame) -> str:
    shown = beside.filter(
        (pl.col("technology") == "all") & pl.col("gwp_set").is_in(["none", "as_published"])
    ).filter((pl.col("gas_scope") == "CO2") | (pl.col("gwp_set") == "as_published"))
    cells: dict[tuple[str, str], dict[str, str]] = {}
    shown = shown.sort("system_boundary", "includes_td_losses", "import_factor_basis")
    for row in shown.to_dicts():
        boundary = _BOUNDARIES[row["system_boundary"], row["includes_td_losses"]]
        variant = boundary or row["import_factor_basis"].replace("none", "")
        cells.setdefault((row["factor_kind"], variant), {})[row["region_code"]] = _beside(row)
    order = sorted(cells, key=lambda each: _KINDS.index(each[0]) if each[0] in _KINDS else 99)
    return _table(
        ["Kind 种类", "Basis or boundary 口径", *_names(shown)],
        [
            [f"`{kind}`", variant, *(cells[kind, variant].get(area, "-") for area in AREAS)]
            for kind, variant in order
        ],
    )


def _beside(row: dict[str, Any]) -> str:
    value = f"{row['value']:.4f}"
    if row["official_value"] is None:
        return value
    return f"{value} ({row['official_value']:.4f}, {_percent(row['relative_deviation'])})"


def _official(beside: pl.DataFrame) -> str:
    rows = beside.filter(pl.col("official_value").is_not_null()).sort(
        pl.col("year"), pl.col("region_code"), *_KEY[2:], descending=[True] + [False] * 6
    )
    return _table(
        [
            "Year", "Area 区域", "Kind 种类", "Basis or boundary 口径", "Official 公布值",
            "Ours 本库", "Difference 偏差", "95 % interval 区间", "Inside 在区间内",
        ],
        [
            [
                str(row["year"]),
                f"{row['region_name_en']} {row['region_name_zh']}",
                f"`{row['factor_kind']}`",
                _BOUNDARIES[row["system_boundary"], row["includes_td_losses"]]
                or row["import_factor_basis"].replace("none", ""),
                f"{row['official_value']:.4f}",
                f"{row['value']:.4f}",
                _percent(row["relative_deviation"]),
                f"{row['lower_95']:.4f} to {row['upper_95']:.4f}",
                "yes" if row["is_inside_interval"] else "no",
            ]
            for row in rows.to_dicts()
        ],
    )  # fmt: skip


def _technologies(newest: pl.DataFrame) -> str:
    rows = newest.filter(
        (pl.col("factor_kind") == "life_cycle_technology") & (pl.col("region_code") == "CN")
    ).sort("technology", "system_boundary", "includes_td_losses")
    by_technology: dict[str, list[str]] = {}
    for row in rows.to_dicts():
        by_technology.setdefault(row["technology"], []).append(f"{row['value']:.4f}")
    return _table(
        ["Technology 技术", "busbar", "user, without losses", "user"],
        [[technology, *values] for technology, values in by_technology.items()],
    )


def _gases(newest: pl.DataFrame) -> str:
    rows = newest.filter(pl.col("factor_kind") == "consumption_mix").sort("gas_scope", "gwp_set")
    cells: dict[str, dict[str, str]] = {}
    for row in rows.to_dicts():
        is_small = row["gas_scope"] in ("CH4", "N2O")
        scope = row["gas_scope"] if row["gwp_set"] == "none" else f"CO2e {row['gwp_set']}"
        figure = f"{row['value'] * 1000:.5f}" if is_small else f"{row['value']:.4f}"
        label = f"{scope}, {'g' if is_small else 'kg'} per kWh"
        cells.setdefault(label, {})[row["region_code"]] = figure
    return _table(
        ["Gas 气体", *_names(rows)],
        [[scope, *(found.get(area, "-") for area in AREAS)] for scope, found in cells.items()],
    )


def _meanings(newest: pl.DataFrame, methods: pl.DataFrame) -> str:
    used = methods.join(newest.select("method_id", "factor_kind").unique(), on="method_id")
    order = {kind: place for place, kind in enumerate(_KINDS)}
    rows = sorted(
        used.to_dicts(), key=lambda row: (order.get(row["factor_kind"], 99), row["method_id"])
    )
    return _table(
        ["Kind 种类", "Method 方法", "Equation 公式", "Boundary 边界", "Structure from 依据"],
        [
            [
                f"`{row['factor_kind']}`",
                f"{row['name_en']} {row['name_zh']}",
                f"`{row['equation']}`",
                row["boundary_en"],
                row["source_en"],
            ]
            for row in rows
        ],
    )


def _notes(beside: pl.DataFrame) -> str:
    notes = (
        beside.filter(pl.col("note_en").is_not_null())
        .select("factor_kind", "note_en", "note_zh")
        .unique()
        .group_by("note_en", "note_zh")
        .agg(pl.col("factor_kind").unique().sort())
        .sort("note_en")
    )
    lines = [
        f"- {', '.join(f'`{kind}`' for kind in row['factor_kind'])}: {row['note_en']}. "
        f"{row['note_zh']}。"
        for row in notes.to_dicts()
    ]
    lines.append(
        "- The official average over the life cycle does not say whether it holds delivery; it "
        "stands beside each boundary. 公布的平均碳足迹未说明是否含输配电，故与各边界并列。"
    )
    return "\n".join(lines) + "\n"


def _names(rows: pl.DataFrame) -> list[str]:
    names = {
        row["region_code"]: f"{row['region_name_en']} {row['region_name_zh']}"
        for row in rows.select("region_code", "region_name_en", "region_name_zh")
        .unique()
        .to_dicts()
    }
    return [names.get(area, area) for area in AREAS]


def _percent(deviation: Decimal) -> str:
    return f"{deviation * 100:+.1f} %"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
