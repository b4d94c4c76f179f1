"""Synthetic surveys: filled questionnaires of invented plants, drawn from the recipes by a seed.

    python -m ingestion.synthetic.surveys --out FOLDER [--archives] [--seed N] [--plants N]

Belongs here: plants, groups and years; the draw of their amounts within the recipes' ranges, with
mass and carbon kept; writing them as workbooks. No public microdata of plants exist. Names, codes
and figures are invented and say so (示例, 合成).
Does not belong here: the recipes (industries/), the questionnaire (survey/template.py).

How a plant is drawn, with u a plant's factor (negative is efficient), e its own noise, s and the
range of a line from the recipe:
    u      = SPREAD n - SCALE_EFFECT z        z: log of its size, standardised; n: normal
    amount = typical exp(s (RHO u + sqrt(1 - RHO^2) e) -+ TRADE s t)   kept inside low..high
t trades fuel for electricity. Materials are then scaled so that mass stays as the typical recipe
has it; wastes and process CO2 take up what is left of mass and carbon. The second year is the
first, a little better, with newcomers in some cells. Equal arguments, equal bytes.
"""

import argparse
import datetime as dt
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from ingestion.industry import Industry, Line, Recipe, load_industry
from ingestion.survey.template import template_bytes
from ingestion.survey.uscc import check_digit
from ingestion.synthetic.recipes import CO2_PER_C, RecipeSystem, load_prices, load_system

SEED = 20240630
PLANTS = 1580
JOBS = 2
FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)
"""The first day that the format knows: no clock stands in an archive."""

YEARS = (2022, 2023)
SPREAD = 0.9
SCALE_EFFECT = 0.35
RHO = {"input": 0.45, "steam": 0.7, "electricity": 0.7, "emission": 0.5}
TRADE = 0.35
MASS_NOISE = 0.008
IMPROVEMENT = 0.08
NEWCOMER = 0.25
"""Share of cells that have a newcomer in the second year."""

THIN, MAIN = 0.12, 0.45
"""Shares of a product below which a technology has few groups, and from which it has many."""

DOMINATED = 0.84
"""Drawn patterns of cells from here on are of one plant that makes nearly everything."""

BROAD: frozenset[tuple[str, str]] = frozenset({
    ("water.fresh", "treatment"),
    ("energy.heat_steam", "coal_chp"),
    ("transport.road_heavy", "diesel"),
    ("fuel.bituminous_coal", "underground"),
    ("fuel.washed_coal", "dense_medium"),
    ("fuel.diesel", "hydrocracking_refinery"),
    ("mineral.limestone", "quarry"),
    ("cement.clinker", "nsp"),
    ("cement.portland", "roller_press"),
    ("chemical.caustic_soda", "ion_membrane"),
    ("petrochemical.ethylene", "steam_cracking"),
    ("steel.coke", "stamp_charging"),
    ("steel.rebar", "bar_mill"),
})  # fmt: skip
"""Technologies with many groups of similar size in one province, all of which have every line of
the recipe: cells that may be shown whole, some with co-products, and what they buy most.
"""

BROAD_SPREAD = 0.5
"""Spread of sizes in those cells beside that of others."""

SUPPLIERS = frozenset({"chemical.sulphuric_acid", "chemical.soda_ash", "fuel.natural_gas",
                       "steel.crude_steel", "transport.rail"})  # fmt: skip
"""What those cells buy besides: no plant of these makes nearly everything."""

OUTPUT_KEPT = (1.02, 0.88)
"""How far from the bounds of a plant's output the scaling stays: a second year grows."""

ANHUI, SHANDONG, SICHUAN, GUIZHOU = "340000", "370000", "510000", "520000"
HOME: Mapping[str, tuple[str, ...]] = {
    "cement": (ANHUI, SHANDONG, GUIZHOU, SICHUAN),
    "aluminium": (SHANDONG, GUIZHOU, SICHUAN, "410000"),
    "nonferrous": (ANHUI, SHANDONG, "360000"),
    "steel": (SHANDONG, ANHUI, SICHUAN, "130000"),
    "glass": (ANHUI, SHANDONG, SICHUAN),
    "fuel": (ANHUI, GUIZHOU, SHANDONG, SICHUAN, "140000"),
    "energy": (SHANDONG, ANHUI, SICHUAN, GUIZHOU),
    "transport": (SHANDONG, ANHUI, SICHUAN, GUIZHOU),
    "chemical": (SHANDONG, ANHUI, GUIZHOU, SICHUAN),
    "petrochemical": (SHANDONG, ANHUI, SICHUAN),
    "rubber": (SHANDONG, ANHUI, GUIZHOU),
    "textile": (SHANDONG, ANHUI, SICHUAN),
    "pv": (ANHUI, SICHUAN, SHANDONG),
    "battery": (SICHUAN, GUIZHOU, ANHUI, SHANDONG),
    "nev": (ANHUI, SHANDONG, SICHUAN, GUIZHOU),
    "electronics": (ANHUI, SICHUAN, SHANDONG),
    "appliance": (ANHUI, SHANDONG, SICHUAN),
    "board": (SHANDONG, ANHUI, GUIZHOU, SICHUAN),
    "paper": (SHANDONG, ANHUI, SICHUAN, GUIZHOU),
    "liquor": (GUIZHOU, SICHUAN, ANHUI, SHANDONG),
    "agriculture": (SHANDONG, ANHUI, SICHUAN, GUIZHOU),
}
"""Provinces in which a chain has its plants, the first of them most."""

PROVINCE = {ANHUI: "安徽", SHANDONG: "山东", SICHUAN: "四川", GUIZHOU: "贵州", "410000": "河南",
            "130000": "河北", "140000": "山西", "360000": "江西"}  # fmt: skip
LARGE_UNIT = {"kg": ("t", 1e3), "kWh": ("MWh", 1e3), "MJ": ("GJ", 1e3), "m3": ("万m3", 1e4),
              "m2": ("万m2", 1e4), "item": ("件", 1.0), "t*km": ("万吨公里", 1e4),
              "W": ("MW", 1e6)}  # fmt: skip
"""The unit in which plants report, and how many canonical units it has."""


@dataclass(frozen=True)
class Cell:
    """Plants of one product and technology in one province. `owners`: group of each plant.

    `dominated`: the first plant makes nearly everything. `is_broad`: see BROAD. `scale`: factor on
    the outputs, for the shares of the technologies.
    """

    industry: str
    product_code: str
    technology: str
    region_code: str
    owners: tuple[int, ...]
    dominated: bool
    has_newcomer: bool
    is_broad: bool = False
    scale: float = 1.0


@dataclass(frozen=True)
class Plant:
    """One invented plant with what it used per unit of product in the first year.

    `amounts`: by section, item and mode; `factor` is its plant factor.
    """

    cell: Cell
    number: int
    group: int
    output: float
    capacity: float
    hours: float
    factor: float
    amounts: Mapping[tuple[str, str, str], float]
    is_newcomer: bool
    draw_seed: int


def _key(*parts: object) -> int:
    return zlib.crc32("|".join(map(str, parts)).encode())


def _draw(seed: int, *parts: object) -> np.random.Generator:
    """A stream of its own for each name, so that a new recipe changes no other."""
    return np.random.default_rng([seed, _key(*parts)])


def cells(system: RecipeSystem, seed: int = SEED, plants: int = PLANTS) -> list[Cell]:
    """All cells of the example, in the order of the recipes; about `plants` plants in all.

    Half of the recipes have a home province with six to nine groups and a second one with two to
    four; a quarter five or six groups in one province; the others two to four groups, or five of
    which one makes nearly everything. Technologies with a small share of their product are thin,
    those with a large share are not; BROAD ones have 14 to 18 groups. All technologies of a product
    are at home in the same province, so that a province's market has the mix of the nation.
    """
    found = []
    for place, (industry, recipe) in enumerate(system.recipes):
        draw = _draw(seed, "cell", recipe.product_code, recipe.technology)
        homes = HOME[industry.chain]
        pattern = _pattern(system, place, draw.random())
        shift = int(_draw(seed, "home", recipe.product_code).integers(0, min(2, len(homes))))
        first, second = homes[shift], homes[(shift + 1) % len(homes)]
        is_broad = (recipe.product_code, recipe.technology) in BROAD
        if is_broad:
            sizes = [(first, int(draw.integers(14, 19)))]
        elif pattern < 0.5:
            sizes = [(first, int(draw.integers(6, 10))), (second, int(draw.integers(2, 5)))]
        elif pattern < 0.76:
            sizes = [(first, int(draw.integers(5, 7)))]
        elif pattern < DOMINATED:
            sizes = [(first, int(draw.integers(2, 5)))]
        else:
            sizes = [(first, 5)]
        is_dominated = pattern >= DOMINATED and not is_broad
        for region, groups in sizes:
            found.append(_cell(industry, recipe, region, groups, is_dominated, draw))
    return _with_shares(_scaled(found, plants), system, seed)


def _pattern(system: RecipeSystem, place: int, drawn: float) -> float:
    """The drawn pattern, within what the share of a technology in its product allows: one that
    shares a product is not one plant's, for then no range of outputs holds both.
    """
    product_code = system.recipes[place][1].product_code
    if len(system.makers[product_code]) > 1:
        share = system.market_share(place)
        if share < THIN:
            return 0.76 + (DOMINATED - 0.76) * drawn
        return 0.76 * drawn if share >= MAIN else DOMINATED * drawn
    return 0.76 * drawn if product_code in SUPPLIERS else drawn


def _with_shares(found: list[Cell], system: RecipeSystem, seed: int) -> list[Cell]:
    """Give every cell of a product with several technologies its scale, so that the plants of the
    first year make what the shares say, as far as the range of a plant's output allows.
    """
    scales: dict[tuple[str, str], float] = {}
    for product_code, makers in system.makers.items():
        if len(makers) < 2:
            continue
        outputs = system.recipes[makers[0]][0].product(product_code).output_range
        low, high = outputs.low * OUTPUT_KEPT[0], outputs.high * OUTPUT_KEPT[1]
        sizes, shares = {}, {}
        for place in makers:
            recipe = system.recipes[place][1]
            own = [cell for cell in found if cell.product_code == product_code
                   and cell.technology == recipe.technology]  # fmt: skip
            raw = [_sizes(cell, seed)[1][: len(cell.owners)] for cell in own]
            sizes[recipe.technology] = np.concatenate(raw)
            shares[recipe.technology] = system.market_share(place)
        least = {name: np.minimum(low, each).sum() for name, each in sizes.items()}
        most = {name: np.maximum(high, each).sum() for name, each in sizes.items()}
        floor = max(least[name] / shares[name] for name in sizes)
        ceiling = min(most[name] / shares[name] for name in sizes)
        level = float(
            np.clip(sum(each.sum() for each in sizes.values()), floor, max(ceiling, floor))
        )
        for name, each in sizes.items():
            scales[product_code, name] = _scale(each, level * shares[name], low, high)
    return [
        replace(cell, scale=scales.get((cell.product_code, cell.technology), 1.0)) for cell in found
    ]


def _scale(sizes: np.ndarray, wanted: float, low: float, high: float) -> float:
    """The factor with which sizes, kept inside low..high, add up to `wanted`, or nearly."""
    below, above = -12.0, 12.0
    for _ in range(60):
        middle = (below + above) / 2
        if _kept(sizes, float(np.exp(middle)), low, high).sum() < wanted:
            below = middle
        else:
            above = middle
    return float(np.exp((below + above) / 2))


def _kept(sizes: np.ndarray, scale: float, low: float, high: float) -> np.ndarray:
    """Scaled sizes inside low..high; one that is outside already goes no further out."""
    inside: np.ndarray = np.clip(sizes * scale, np.minimum(low, sizes), np.maximum(high, sizes))
    return inside


def _cell(
    industry: Industry,
    recipe: Recipe,
    region: str,
    groups: int,
    dominated: bool,
    draw: np.random.Generator,
) -> Cell:
    pool = 40 + _key("pool", industry.chain) % 1000 * 100
    owners = list(pool + draw.choice(30, size=groups, replace=False))
    is_broad = (recipe.product_code, recipe.technology) in BROAD
    if not is_broad and groups >= 5 and not dominated and draw.random() < 0.4:
        owners.insert(1, owners[0])
    return Cell(
        industry.industry,
        recipe.product_code,
        recipe.technology,
        region,
        tuple(int(owner) for owner in owners),
        dominated,
        bool(groups >= 3 and draw.random() < NEWCOMER and not is_broad),
        is_broad,
    )


def _scaled(found: list[Cell], plants: int) -> list[Cell]:
    """Fewer or more groups in every cell, so that there are about `plants` plants. Broad ones stay,
    unless fewer plants are wanted than they have.
    """
    total = sum(len(cell.owners) for cell in found)
    fixed = sum(len(cell.owners) for cell in found if cell.is_broad)
    stay = plants > 2 * fixed
    if stay:
        total, plants = total - fixed, plants - fixed
    scaled = []
    for cell in found:
        if cell.is_broad and stay:
            scaled.append(cell)
            continue
        wanted = max(1, round(len(cell.owners) * plants / total))
        owners = cell.owners[:wanted]
        extra = range(max(cell.owners) + 50, max(cell.owners) + 50 + wanted - len(owners))
        scaled.append(replace(cell, owners=(*owners, *extra)))
    return scaled


def plants_of(cell: Cell, system: RecipeSystem, seed: int = SEED) -> list[Plant]:
    """The plants of a cell, the newcomer of the second year last."""
    recipe = load_industry(cell.industry).recipe(cell.product_code, cell.technology)
    owners = list(cell.owners)
    if cell.has_newcomer:
        owners.append(max(owners) + 31)
    count = len(owners)
    z, size, draw = _sizes(cell, seed)
    if cell.scale != 1.0:
        outputs = load_industry(cell.industry).product(cell.product_code).output_range
        low, high = outputs.low * OUTPUT_KEPT[0], outputs.high * OUTPUT_KEPT[1]
        size = _kept(size, cell.scale, low, high)
    factor = SPREAD * draw.normal(size=count) - SCALE_EFFECT * z
    use = draw.uniform(0.68, 0.96, size=count)
    hours = np.round(draw.uniform(6200, 8200, size=count))
    trade = draw.normal(size=count)
    amounts = _amounts(recipe, system, factor, trade, draw, cell.is_broad)
    return [
        Plant(
            cell=cell,
            number=number,
            group=owners[number],
            output=float(size[number]),
            capacity=float(size[number] / use[number]),
            hours=float(hours[number]),
            factor=float(factor[number]),
            amounts={key: float(values[number]) for key, values in amounts.items()},
            is_newcomer=cell.has_newcomer and number == count - 1,
            draw_seed=seed,
        )
        for number in range(count)
    ]


def _sizes(cell: Cell, seed: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Logs of the sizes of a cell's plants, standardised, the sizes before the scale of shares, and
    the stream that goes on.
    """
    product = load_industry(cell.industry).product(cell.product_code)
    draw = _draw(seed, "plant", cell.product_code, cell.technology, cell.region_code)
    low, high = np.log(product.output_range.low), np.log(product.output_range.high)
    z = np.clip(draw.normal(size=len(cell.owners) + cell.has_newcomer), -1.9, 1.9)
    spread = (BROAD_SPREAD if cell.is_broad else 1.0) * (high - low) / 5
    size = np.exp((low + high) / 2 + z * spread)
    if cell.dominated and len(size) > 1:
        size = np.minimum(size, np.exp(low + 0.25 * (high - low)))
        size[0] = np.exp(high - 0.08 * (high - low))
        size[1:] *= min(1.0, 0.2 * size[0] / size[1:].sum())
    return z, size, draw


def _line_key(line: Line) -> tuple[str, str, str]:
    return line.section, line.item, line.mode or line.source_of or ""


def _amounts(
    recipe: Recipe,
    system: RecipeSystem,
    factor: np.ndarray,
    trade: np.ndarray,
    draw: np.random.Generator,
    is_broad: bool,
) -> dict[tuple[str, str, str], np.ndarray]:
    """Amounts per unit of product of every line, one value a plant."""
    count = len(factor)
    industry = next(found for found, each in system.recipes if each is recipe)
    found: dict[tuple[str, str, str], np.ndarray] = {}
    for line in recipe.lines:
        span = line.per_unit
        noise = draw.normal(size=count)
        rho = RHO.get(line.section, 0.0)
        exponent = span.sigma * (rho * factor + np.sqrt(1 - rho**2) * noise)
        if line.section == "electricity":
            exponent = exponent + TRADE * span.sigma * trade
        elif line.section == "input" and industry.items[line.item].kind == "fuel":
            exponent = exponent - TRADE * span.sigma * trade
        values = span.typical * np.exp(exponent)
        is_optional = not line.required and span.low == 0 and line.section in ("input", "steam")
        if is_optional and not is_broad:
            values = np.where(draw.random(size=count) < 0.2, 0.0, values)
        found[_line_key(line)] = _within(line, values)
    _keep_mass(recipe, industry, system, found, draw)
    _keep_carbon(recipe, industry, system, found)
    return found


def _within(line: Line, values: np.ndarray) -> np.ndarray:
    """Inside the range, a hundredth away from its bounds; zero stays zero."""
    low, high = line.per_unit.low, line.per_unit.high
    inside = np.clip(values, low + 0.01 * (high - low), high - 0.01 * (high - low))
    return np.where(values == 0, 0.0, inside)


def _materials(recipe: Recipe, industry: Industry, system: RecipeSystem) -> list[Line]:
    return [
        line
        for line in recipe.lines
        if line.section == "input"
        and industry.items[line.item].kind == "material"
        and system.mass(line.item) > 0
    ]


def _keep_mass(
    recipe: Recipe,
    industry: Industry,
    system: RecipeSystem,
    found: dict[tuple[str, str, str], np.ndarray],
    draw: np.random.Generator,
) -> None:
    """Scale materials to the mass of the typical recipe; wastes take up the difference left."""
    lines = _materials(recipe, industry, system)
    if not any(line.required for line in lines):
        return
    typical = sum(line.per_unit.typical * system.mass(line.item) for line in lines)
    count = len(next(iter(found.values())))
    wanted = typical * np.exp(MASS_NOISE * draw.normal(size=count))
    for _ in range(3):
        drawn = sum(found[_line_key(line)] * system.mass(line.item) for line in lines)
        for line in lines:
            found[_line_key(line)] = _within(line, found[_line_key(line)] * wanted / drawn)
    drawn = sum(found[_line_key(line)] * system.mass(line.item) for line in lines)
    wastes = [line for line in recipe.lines if line.section == "waste"]
    if wastes:
        largest = max(wastes, key=lambda line: line.per_unit.typical)
        values = found[_line_key(largest)]
        found[_line_key(largest)] = _within(largest, values + 0.5 * (drawn - typical))


def _keep_carbon(
    recipe: Recipe,
    industry: Industry,
    system: RecipeSystem,
    found: dict[tuple[str, str, str], np.ndarray],
) -> None:
    """Process CO2 follows the carbon of materials, by origin, as far as its range allows."""
    for gas, origins in (("co2_fossil", ("fossil", "mineral")), ("co2_biogenic", ("biogenic",))):
        sinks = [line for line in recipe.lines if line.section == "emission" and line.item == gas]
        if len(sinks) != 1:
            continue
        key = _line_key(sinks[0])
        change = np.zeros_like(found[key])
        for line in recipe.lines:
            is_material = line.section == "input" and industry.items[line.item].kind == "material"
            if not is_material and line.section != "co_product":
                continue
            if system.product[line.item]["carbon_origin"] not in origins:
                continue
            sign = 1.0 if is_material else -1.0
            difference = found[_line_key(line)] - line.per_unit.typical
            change = change + sign * difference * system.carbon(line.item)
        if np.any(change):
            found[key] = _within(sinks[0], sinks[0].per_unit.typical + change * CO2_PER_C)


def social_credit_code(number: int, region_code: str, kind: str) -> str:
    """An invented code with a valid check digit, under a registration department ('X') that
    GB 32100-2015 does not give out. `kind`: '1' for plants, '9' for groups.
    """
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    digits = f"{number:08d}"
    rest = 11 - sum(int(sign) * weight for sign, weight in zip(digits, weights, strict=True)) % 11
    organisation = digits + {10: "X", 11: "0"}.get(rest, str(rest))
    first = f"X{kind}{region_code}{organisation}"
    return first + check_digit(first)


def answers(plant: Plant, year: int, system: RecipeSystem) -> dict[str, Any]:
    """The answers of a plant for one year, in the form that template_bytes takes."""
    cell = plant.cell
    industry = load_industry(cell.industry)
    recipe = industry.recipe(cell.product_code, cell.technology)
    product = industry.product(cell.product_code)
    name = (cell.product_code, cell.technology, cell.region_code, plant.number)
    draw = _draw(plant.draw_seed, "year", year, *name)
    traits = _draw(plant.draw_seed, "traits", *name)
    later = YEARS.index(year) if year in YEARS else 0
    growth = float(np.exp(draw.normal(0.02, 0.04) * later))
    output = plant.output * min(growth, 1.03 * plant.capacity / plant.output)
    lines = {_line_key(line): line for line in recipe.lines}
    amounts = {
        key: _one(lines[key], value * float(np.exp(draw.normal(-0.004, 0.006) * later)))
        if value and key[0] in ("input", "steam", "electricity", "emission")
        else value
        for key, value in plant.amounts.items()
    }
    if later:
        for key, line in lines.items():
            if key[0] in ("steam", "electricity"):
                amounts[key] = _one(line, amounts[key] * (1 - IMPROVEMENT * line.per_unit.sigma))
    plant_number = _key("uscc", *name) % 10**8
    unit, per = LARGE_UNIT[product.unit]
    group_name = f"示例集团{plant.group:06d}（合成）"
    plant_code = social_credit_code(plant_number, cell.region_code, "1")
    given: dict[str, Any] = {
        "survey_submission": {
            "plant_code": plant_code,
            "plant_name": f"示例{PROVINCE[cell.region_code]}{product.name_zh}"
            f"{plant.number + 1}厂{plant_number:08d}（合成数据）",
            "group_code": social_credit_code(plant.group, "000000", "9"),
            "group_name": group_name,
            "region_code": cell.region_code,
            "product_code": cell.product_code,
            "technology": cell.technology,
            "period_start": dt.date(year, 1, 1),
            "period_end": dt.date(year, 12, 31),
            "operating_hours": plant.hours,
            "capacity": _rounded(plant.capacity / per),
            "capacity_unit": f"{unit}/a",
            "system_boundary_note": "从原料进厂到产品出厂（合成数据，非真实企业）",
            "submitter": "示例填报人",
            "contact": "synthetic@example.invalid",
        },
        "survey_product": _products(recipe, industry, system, amounts, output, unit, per),
        "survey_input": _inputs(recipe, industry, system, amounts, output, plant, traits),
        "survey_electricity": _electricity(amounts, output, plant, traits, year, plant_number),
        "survey_steam": [
            {"product_code": line.item, "amount": _rounded(amounts[_line_key(line)] * output / 1e3),
             "unit": "GJ"} | ({} if cell.is_broad else {"supplier_region_code": cell.region_code})
            for line in recipe.lines
            if line.section == "steam" and line.unit == "MJ" and amounts[_line_key(line)] > 0
        ],
        "survey_transport": _hauls(recipe, amounts, output, system),
        "survey_emission": [
            {"gas": line.item, "source": line.source_of or "process",
             "amount_kg": _rounded(amounts[_line_key(line)] * output / 1e3), "unit": "t",
             "method": "mass_balance" if line.item.startswith("co2") else "factor"}
            for line in recipe.lines
            if line.section == "emission"
        ],
        "survey_waste": [
            {"waste_code": line.item, "amount": _rounded(amounts[_line_key(line)] * output / 1e3),
             "unit": "t", "treatment": line.treatment or "recycling"}
            for line in recipe.lines
            if line.section == "waste" and amounts[_line_key(line)] > 0
        ],
        "survey_device": _devices(year, traits, plant_number),
    }  # fmt: skip
    return given


def _one(line: Line, value: float) -> float:
    return float(_within(line, np.array([value]))[0])


def _rounded(value: float) -> float:
    """Six significant digits: as plants read meters and weigh-bridges."""
    return float(f"{value:.6g}")


def _products(
    recipe: Recipe,
    industry: Industry,
    system: RecipeSystem,
    amounts: Mapping[tuple[str, str, str], float],
    output: float,
    unit: str,
    per: float,
) -> list[dict[str, Any]]:
    joint = [line for line in recipe.lines if line.section == "co_product"]
    joint = [line for line in joint if amounts[_line_key(line)] > 0]
    basis = industry.product(recipe.product_code).allocation if joint else None
    rows = [(recipe.product_code, "main", output, unit, per)]
    for line in joint:
        co_unit, co_per = LARGE_UNIT[line.unit]
        made = amounts[_line_key(line)] * output
        rows.append((line.item, "co_product", made, co_unit, co_per))
    prices = load_prices()
    written = []
    for code, role, made, row_unit, row_per in rows:
        row: dict[str, Any] = {
            "product_code": code,
            "role": role,
            "unit": row_unit,
            "output_amount": _rounded(made / row_per),
            "stock_change": 0,
        }
        if basis and basis != "none":
            row["allocation_basis"] = basis
            if basis == "economic":
                row["price_cny"] = _rounded(prices[code] * row_per)
            if basis == "energy":
                heat = system.product[code]["lower_heating_value_mj_per_unit"]
                row["energy_mj_per_unit"] = float(heat)
        written.append(row)
    return written


def _inputs(
    recipe: Recipe,
    industry: Industry,
    system: RecipeSystem,
    amounts: Mapping[tuple[str, str, str], float],
    output: float,
    plant: Plant,
    traits: np.random.Generator,
) -> list[dict[str, Any]]:
    """Lines of the sheet of inputs; three plants in ten state laboratory values of their fuels.
    Plants of broad cells buy on the market of the nation, and each third has a laboratory.
    """
    cell = plant.cell
    has_laboratory = traits.random() < 0.3
    if cell.is_broad:
        has_laboratory = plant.number % 3 == 0
    rows = []
    for line in recipe.lines:
        amount = amounts[_line_key(line)]
        if line.section != "input" or amount <= 0:
            continue
        item = industry.items[line.item]
        unit, per = LARGE_UNIT[line.unit]
        if line.unit == "kg" and amount * output < 1e4:
            unit, per = "kg", 1.0
        elif line.unit in ("m2", "m3", "W") and amount * output < 1e5:
            unit, per = line.unit, 1.0
        row: dict[str, Any] = {"kind": item.kind, "product_code": line.item, "unit": unit,
                               "amount": _rounded(amount * output / per)}  # fmt: skip
        deviation = float(np.clip(traits.normal(0, 0.015), -0.04, 0.04))
        if has_laboratory and item.kind == "fuel" and item.lower_heating_value:
            row["lower_heating_value"] = round(item.lower_heating_value * (1 + deviation), 3)
            if item.carbon_content:
                row["carbon_content"] = round(item.carbon_content * (1 + 0.9 * deviation), 4)
                row["carbon_content_unit"] = "kgC/unit"
            row["oxidation"] = round(float(traits.uniform(0.975, 0.995)), 3)
        if traits.random() < 0.5 and not cell.is_broad:
            row["supplier_region_code"] = cell.region_code
        rows.append(row)
    return rows


def _electricity(
    amounts: Mapping[tuple[str, str, str], float],
    output: float,
    plant: Plant,
    traits: np.random.Generator,
    year: int,
    plant_number: int,
) -> list[dict[str, Any]]:
    """Most is from the grid; some plants generate, some hold certificates, few have own lines. In
    broad cells what is bought is from the grid: a certificate that few hold is their flow.
    """
    energy = amounts.get(("electricity", "electricity", ""), 0.0) * output / 1e3
    if energy <= 0:
        return []
    own = float(traits.uniform(0.03, 0.25)) if traits.random() < 0.25 else 0.0
    green = float(traits.uniform(0.05, 0.5)) if traits.random() < 0.18 else 0.0
    direct = float(traits.uniform(0.05, 0.2)) if traits.random() < 0.04 else 0.0
    if plant.cell.is_broad:
        green = direct = 0.0
    rows: list[dict[str, Any]] = []
    rows.append({"origin": "grid", "energy_mwh": energy * (1 - own - green - direct)})
    if own:
        kind = "waste_heat" if traits.random() < 0.5 else "solar"
        rows.append({"origin": "self_generated", "energy_mwh": energy * own, "technology": kind})
    if green:
        ids = ";".join(f"SYN-GEC-{year}-{plant_number:08d}-{part}" for part in (1, 2))
        rows.append({"origin": "green_certificate", "energy_mwh": energy * green,
                     "certificate_ids": ids, "technology": "wind"})  # fmt: skip
    if direct:
        rows.append({"origin": "direct_line", "energy_mwh": energy * direct, "technology": "solar"})
    return [row | {"energy_mwh": _rounded(row["energy_mwh"]), "unit": "MWh"} for row in rows]


def _hauls(
    recipe: Recipe,
    amounts: Mapping[tuple[str, str, str], float],
    output: float,
    system: RecipeSystem,
) -> list[dict[str, Any]]:
    rows = []
    for line in recipe.lines:
        carried = amounts.get(("input", line.item, ""), 0.0) * output
        if line.section != "transport" or carried <= 0:
            continue
        unit, per = LARGE_UNIT[system.product[line.item]["unit"]]
        rows.append({"product_code": line.item, "mode": line.mode or "road",
                     "distance_km": round(amounts[_line_key(line)], 1),
                     "amount": _rounded(carried / per), "unit": unit})  # fmt: skip
    return rows


def _devices(year: int, traits: np.random.Generator, number: int) -> list[dict[str, Any]]:
    named = (("电能表", "electricity"), ("汽车衡", "raw materials"), ("流量计", "fuel gas, steam"))
    rows = []
    for device, measures in named[: int(traits.integers(2, 4))]:
        day = dt.date(year - 1, 7, 1) + dt.timedelta(days=int(traits.integers(0, 150)))
        rows.append({"device": f"{device} {number % 1000:03d}", "measures": measures,
                     "calibrated_on": day, "valid_until": day.replace(year=year + 1),
                     "traceability": f"示例校准证书 SYN-{number % 10000:04d}"})  # fmt: skip
    return rows


@dataclass(frozen=True)
class Filled:
    """One filled questionnaire: where it goes below the folder, its industry and its answers."""

    name: str
    industry: str
    answers: Mapping[str, Any]


def questionnaires(
    system: RecipeSystem, seed: int = SEED, plants: int = PLANTS
) -> Iterator[Filled]:
    """All questionnaires: `<year>/...xlsx` as delivered on time, `2022-late/...xlsx` those of
    newcomers who hand in their first year only after a release was made of it.
    """
    for cell in cells(system, seed, plants):
        for plant in plants_of(cell, system, seed):
            stem = (
                f"{cell.product_code}-{cell.technology}-{cell.region_code}-{plant.number + 1:02d}"
            )
            for year in YEARS:
                is_late = plant.is_newcomer and year == YEARS[0]
                if is_late and _key("late", seed, stem) % 2:
                    continue
                folder = f"{year}-late" if is_late else str(year)
                yield Filled(
                    f"{folder}/{stem}-{year}.xlsx", cell.industry, answers(plant, year, system)
                )


def write(out: Path, seed: int = SEED, plants: int = PLANTS, jobs: int = JOBS) -> int:
    """Write all workbooks below `out`; returns how many. Files of the same name are replaced."""
    count = 0
    for name, content in _workbooks(seed, plants, jobs):
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        count += 1
    return count


def write_archives(out: Path, seed: int = SEED, plants: int = PLANTS, jobs: int = JOBS) -> int:
    """Write all workbooks into `out`/surveys_<folder>.zip, one archive for each folder of
    `questionnaires`, as data/surveys/delivery.yml names them; returns how many. Each archive
    appears whole or not at all.
    """
    by_folder: dict[str, list[tuple[str, bytes]]] = {}
    for name, content in _workbooks(seed, plants, jobs):
        folder, _, file_name = name.partition("/")
        by_folder.setdefault(folder, []).append((file_name, content))
    out.mkdir(parents=True, exist_ok=True)
    for folder, members in sorted(by_folder.items()):
        half = out / f".surveys_{folder}.zip.new"
        with zipfile.ZipFile(half, "w", zipfile.ZIP_STORED) as archive:  # workbooks are deflated
            for name, content in sorted(members):
                archive.writestr(zipfile.ZipInfo(name, FIRST_DAY_OF_ZIP), content)
        half.replace(out / f"surveys_{folder}.zip")
    return sum(len(members) for members in by_folder.values())


def _workbooks(seed: int, plants: int, jobs: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents of all workbooks, drawn in some processes; the order is that of the
    draw, whatever their number.
    """
    filled = questionnaires(load_system(), seed, plants)
    with ProcessPoolExecutor(jobs, mp_context=get_context("forkserver")) as pool:
        yield from pool.map(_workbook, filled, chunksize=32)


def _workbook(filled: Filled) -> tuple[str, bytes]:
    return filled.name, template_bytes(load_industry(filled.industry), filled.answers)


def main(arguments: list[str] | None = None) -> None:
    """Write filled questionnaires of invented plants below --out."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder, made if it is not there")
    parser.add_argument("--archives", action="store_true", help="one archive a year, no folders")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--plants", type=int, default=PLANTS, help="about so many plants")
    given = parser.parse_args(arguments)
    begin = write_archives if given.archives else write
    count = begin(given.out, given.seed, given.plants)
    sys.stdout.write(f"{count} workbooks below {given.out}\n")


if __name__ == "__main__":
    main()
