"""Invented plants of the example: who they are, how much they make and what of.

Belongs here: cells, groups and plants, drawn by a seed within the recipes' ranges, with mass and
carbon kept. Does not belong here: the recipes (industries/), what a plant answers in a year
(`answers`), workbooks (`surveys`).

How a plant is drawn, with u a plant's factor (negative is efficient), e its own noise, s and the
range of a line from the recipe:
    u      = SPREAD n - SCALE_EFFECT z        z: log of its size, standardised; n: normal
    amount = typical exp(s (RHO u + sqrt(1 - RHO^2) e) -+ TRADE s t)   kept inside low..high
t trades fuel for electricity. Materials are then scaled so that mass stays as the typical recipe
has it; wastes and process CO2 take up what is left of mass and carbon.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ingestion.industry import Industry, Line, Recipe, load_industry
from ingestion.synthetic.recipes import CO2_PER_C, RecipeSystem

SEED = 20240630
PLANTS = 1580

SPREAD = 0.9
SCALE_EFFECT = 0.35
RHO = {"input": 0.45, "steam": 0.7, "electricity": 0.7, "emission": 0.5}
TRADE = 0.35
MASS_NOISE = 0.008
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


def key_of(*parts: object) -> int:
    """A number that stands for a name, the same everywhere."""
    return zlib.crc32("|".join(map(str, parts)).encode())


def stream(seed: int, *parts: object) -> np.random.Generator:
    """A stream of its own for each name, so that a new recipe changes no other."""
    return np.random.default_rng([seed, key_of(*parts)])


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
        draw = stream(seed, "cell", recipe.product_code, recipe.technology)
        homes = HOME[industry.chain]
        pattern = _pattern(system, place, draw.random())
        shift = int(stream(seed, "home", recipe.product_code).integers(0, min(2, len(homes))))
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
    pool = 40 + key_of("pool", industry.chain) % 1000 * 100
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
    draw = stream(seed, "plant", cell.product_code, cell.technology, cell.region_code)
    low, high = np.log(product.output_range.low), np.log(product.output_range.high)
    z = np.clip(draw.normal(size=len(cell.owners) + cell.has_newcomer), -1.9, 1.9)
    spread = (BROAD_SPREAD if cell.is_broad else 1.0) * (high - low) / 5
    size = np.exp((low + high) / 2 + z * spread)
    if cell.dominated and len(size) > 1:
        size = np.minimum(size, np.exp(low + 0.25 * (high - low)))
        size[0] = np.exp(high - 0.08 * (high - low))
        size[1:] *= min(1.0, 0.2 * size[0] / size[1:].sum())
    return z, size, draw


def line_key(line: Line) -> tuple[str, str, str]:
    """What tells a line of a recipe from the others: section, item and mode or source."""
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
        found[line_key(line)] = inside_range(line, values)
    _keep_mass(recipe, industry, system, found, draw)
    _keep_carbon(recipe, industry, system, found)
    return found


def inside_range(line: Line, values: np.ndarray) -> np.ndarray:
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
        drawn = sum(found[line_key(line)] * system.mass(line.item) for line in lines)
        for line in lines:
            found[line_key(line)] = inside_range(line, found[line_key(line)] * wanted / drawn)
    drawn = sum(found[line_key(line)] * system.mass(line.item) for line in lines)
    wastes = [line for line in recipe.lines if line.section == "waste"]
    if wastes:
        largest = max(wastes, key=lambda line: line.per_unit.typical)
        values = found[line_key(largest)]
        found[line_key(largest)] = inside_range(largest, values + 0.5 * (drawn - typical))


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
        key = line_key(sinks[0])
        change = np.zeros_like(found[key])
        for line in recipe.lines:
            is_material = line.section == "input" and industry.items[line.item].kind == "material"
            if not is_material and line.section != "co_product":
                continue
            if system.product[line.item]["carbon_origin"] not in origins:
                continue
            sign = 1.0 if is_material else -1.0
            difference = found[line_key(line)] - line.per_unit.typical
            change = change + sign * difference * system.carbon(line.item)
        if np.any(change):
            found[key] = inside_range(sinks[0], sinks[0].per_unit.typical + change * CO2_PER_C)
