"""Recipes of all industries as one linear system: who provides what, balances, footprints.

Belongs here: the typical recipe of every product and technology, closed by default inputs, its mass
and carbon balance, and the footprint of each by one solve. This is how the worked example is held
against physics and against published footprints before any plant is drawn from it.
Does not belong here: plants (surveys.py), the derivation of datasets from surveys (dbt_project).

Conventions. A recipe makes 1 unit of its product. Inputs of a product with several technologies are
drawn from their mix (technology_shares.csv). Fuels burn: carbon times the oxidised share leaves as
CO2. Materials do not: what leaves of their carbon stands under emissions. Hauls are amount times
mass times distance.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu

from ingestion.industry import Industry, Line, Recipe, industry_names, load_industry

DATA = Path(__file__).parents[2] / "data"
CO2_PER_C = 44.009 / 12.011
OXIDATION = {"solid": 0.98, "liquid": 0.98, "gas": 0.99}
"""Share of carbon oxidised: assumption for solid fuels of large plants; the guide of the Ministry
of Ecology and Environment (2024) for liquid and gas (fuel_defaults).
"""

GWP_AR6 = {
    "co2_fossil": 1.0,
    "co2_land_use": 1.0,
    "ch4_fossil": 29.8,
    "ch4_biogenic": 27.0,
    "n2o": 273.0,
    "cf4": 7380.0,
    "c2f6": 12400.0,
    "sf6": 25200.0,
    "nf3": 17400.0,
    "hfc134a": 1530.0,
    "co2_biogenic": 0.0,
    "co2_biogenic_uptake": 0.0,
}
"""kg CO2e per kg, IPCC AR6; biogenic CO2 counts nothing, neither in nor out."""

ELECTRICITY = 0.6
"""kg CO2e per kWh: rounded between the national life-cycle factors of 2023 (0.6205) and 2024
(0.5777).
"""

_CARBON_OF_GAS = {
    "co2_fossil": 1 / CO2_PER_C,
    "co2_biogenic": 1 / CO2_PER_C,
    "co2_land_use": 1 / CO2_PER_C,
    "ch4_fossil": 12.011 / 16.043,
    "ch4_biogenic": 12.011 / 16.043,
}
_AIR = ("chemical.oxygen", "chemical.nitrogen", "chemical.argon")
_LIQUID = ("fuel.diesel", "fuel.petrol", "fuel.fuel_oil", "petroleum.")
_GASEOUS = ("fuel.natural_gas", "fuel.coke_oven_gas", "fuel.lng")
_TRANSPORT = {
    "road": "transport.road_heavy",
    "rail": "transport.rail",
    "inland_water": "transport.inland_water",
    "sea": "transport.sea",
    "pipeline": "transport.pipeline",
}
"""The service of each mode that an industry may name."""


def oxidised(fuel: str) -> float:
    """Share of the fuel's carbon that leaves as CO2."""
    state = "solid"
    if fuel.startswith(_LIQUID) and fuel != "petroleum.green_coke":
        state = "liquid"
    if fuel.startswith(_GASEOUS):
        state = "gas"
    return OXIDATION[state]


@dataclass(frozen=True)
class Balance:
    """Mass and carbon of a recipe, per unit of product, in kg.

    `mass_in`: materials; water, packaging and gases of the air left out. `mass_out`: product,
    co-products, wastes and emissions, of which CO2 counts whole as far as carbonates feed it and
    beyond that by its carbon, so that the oxygen of the air stays out. Carbon: fuels left out, they
    burn by convention; uptake is counted as an input.
    """

    mass_in: float
    mass_out: float
    carbon_in: float
    carbon_out: float

    @property
    def mass_ratio(self) -> float:
        """What comes out per kg that goes in; nan where nothing goes in."""
        return self.mass_out / self.mass_in if self.mass_in else float("nan")

    @property
    def carbon_gap(self) -> float:
        """Carbon in less carbon out, in kg per unit."""
        return self.carbon_in - self.carbon_out


class RecipeSystem:
    """All recipes with the products and defaults that close them.

    `products`: frame of data/product by product_code. `defaults`: kg CO2e and gases by
    product_code.
    """

    def __init__(
        self,
        industries: Iterable[Industry],
        products: pl.DataFrame,
        defaults: pl.DataFrame,
        technology_shares: Mapping[tuple[str, str], float],
        waste_carbon: Mapping[str, float],
        electricity: float = ELECTRICITY,
    ) -> None:
        self.industries = list(industries)
        self.technology_shares = technology_shares
        self.waste_carbon = waste_carbon
        self.product = {row["product_code"]: row for row in products.iter_rows(named=True)}
        self.electricity = electricity
        self.recipes: list[tuple[Industry, Recipe]] = [
            (industry, recipe) for industry in self.industries for recipe in industry.recipes
        ]
        self.default: dict[str, dict[str, float]] = {}
        for row in defaults.iter_rows(named=True):
            self.default.setdefault(row["product_code"], {})[row["gas"]] = row["kg_per_unit"]

    def mass(self, code: str) -> float:
        """kg per unit of the product; 0 for services, energy and water's like."""
        return float(self.product[code]["mass_kg_per_unit"] or 0.0)

    def carbon(self, code: str) -> float:
        """kg of carbon per unit of the product."""
        return float(self.product[code]["carbon_content_kg_per_unit"] or 0.0)

    @cached_property
    def makers(self) -> Mapping[str, list[int]]:
        """Recipes that make a product as their main product."""
        found: dict[str, list[int]] = {}
        for place, (_, recipe) in enumerate(self.recipes):
            found.setdefault(recipe.product_code, []).append(place)
        return found

    @cached_property
    def co_makers(self) -> Mapping[str, list[tuple[int, float]]]:
        """Recipes that yield a product beside their main product, and how much."""
        found: dict[str, list[tuple[int, float]]] = {}
        for place, (_, recipe) in enumerate(self.recipes):
            for line in co_products(recipe):
                found.setdefault(line.item, []).append((place, line.per_unit.typical))
        return found

    def needed(self) -> set[str]:
        """Every product that some recipe takes in."""
        codes = {
            line.item
            for _, recipe in self.recipes
            for line in recipe.lines
            if line.section in ("input", "steam") and line.per_unit.typical > 0
        }
        hauls = {
            _TRANSPORT[line.mode or "road"]
            for _, recipe in self.recipes
            for line in recipe.lines
            if line.section == "transport"
        }
        return codes | hauls

    def without_provider(self) -> list[str]:
        """Inputs that nobody makes and no default stands for."""
        return sorted(
            code
            for code in self.needed()
            if code not in self.makers and code not in self.co_makers and code not in self.default
        )

    def balance(self, place: int) -> Balance:
        """Mass and carbon of one typical recipe."""
        industry, recipe = self.recipes[place]
        main = self.product[recipe.product_code]
        mass_in = mineral = released = 0.0
        carbon_in = float(main["biogenic_uptake_kg_per_unit"] or 0.0) / CO2_PER_C
        mass_out, carbon_out = self.mass(recipe.product_code), self.carbon(recipe.product_code)
        if main["carbon_origin"] == "mineral":
            mineral -= carbon_out
        for line in recipe.lines:
            amount = line.per_unit.typical
            if line.section == "input" and industry.items[line.item].kind == "material":
                carbon_in += amount * self.carbon(line.item)
                if line.item not in _AIR:
                    mass_in += amount * self.mass(line.item)
                if self.product[line.item]["carbon_origin"] == "mineral":
                    mineral += amount * self.carbon(line.item)
            elif line.section == "co_product" and line.item not in _AIR:
                mass_out += amount * self.mass(line.item)
                carbon_out += amount * self.carbon(line.item)
            elif line.section == "waste":
                mass_out += amount
                carbon_out += amount * self.waste_carbon.get(line.item, 0.0)
            elif line.section == "emission":
                carbon = amount * _CARBON_OF_GAS.get(line.item, 0.0)
                carbon_out += carbon
                if line.item.startswith("co2"):
                    released += carbon
                else:
                    mass_out += amount
        carbonate = min(max(mineral, 0.0), released)
        mass_out += carbonate * CO2_PER_C + (released - carbonate)
        return Balance(mass_in, mass_out, carbon_in, carbon_out)

    def direct(self, place: int) -> float:
        """kg CO2e per unit that leave the plant itself, with those of its electricity."""
        industry, recipe = self.recipes[place]
        total = 0.0
        for line in recipe.lines:
            amount = line.per_unit.typical
            if line.section == "emission":
                total += amount * GWP_AR6[line.item]
            elif line.section == "electricity":
                total += amount * self.electricity
            elif line.section == "input" and self.burns_fossil(industry, line.item):
                total += amount * self.carbon(line.item) * oxidised(line.item) * CO2_PER_C
        return total

    def burns_fossil(self, industry: Industry, code: str) -> bool:
        """Whether an input of this industry is a fuel of fossil carbon."""
        is_fossil = self.product[code]["carbon_origin"] == "fossil"
        return is_fossil and industry.items[code].kind == "fuel"

    def inputs(self, place: int) -> dict[str, float]:
        """Products that one recipe takes in, hauls as t*km, with amounts per unit."""
        _, recipe = self.recipes[place]
        found: dict[str, float] = {}
        amounts = {
            line.item: line.per_unit.typical
            for line in recipe.lines
            if line.section in ("input", "steam")
        }
        for code, amount in amounts.items():
            if amount > 0:
                found[code] = found.get(code, 0.0) + amount
        for line in recipe.lines:
            if line.section == "transport":
                hauled = amounts.get(line.item, 0.0) * self.mass(line.item) / 1000
                mode = _TRANSPORT[line.mode or "road"]
                found[mode] = found.get(mode, 0.0) + hauled * line.per_unit.typical
        return found

    def shares(self, place: int, prices: Mapping[str, float]) -> dict[str, float]:
        """Share of the burden by product, main product first; sums to 1.

        Co-products under system expansion have no share: they replace what others make.
        """
        industry, recipe = self.recipes[place]
        main = recipe.product_code
        method = industry.product(main).allocation
        amounts = {main: 1.0} | {line.item: line.per_unit.typical for line in co_products(recipe)}
        if method in ("none", "system_expansion"):
            return {main: 1.0}
        values = {
            code: amount * self.weight(code, method, prices) for code, amount in amounts.items()
        }
        total = sum(values.values())
        return {code: value / total for code, value in values.items()}

    def weight(self, code: str, method: str, prices: Mapping[str, float]) -> float:
        """What one unit of a product counts in an allocation by mass, energy or value."""
        if method == "mass":
            return self.mass(code)
        if method == "energy":
            return float(self.product[code]["lower_heating_value_mj_per_unit"])
        return prices[code]

    def market_share(self, place: int) -> float:
        """Share of this recipe in its product: as stated, equal where nothing is stated."""
        recipe = self.recipes[place][1]
        key = (recipe.product_code, recipe.technology)
        if key in self.technology_shares:
            return self.technology_shares[key]
        return 1 / len(self.makers[recipe.product_code])

    def solve(self, prices: Mapping[str, float]) -> "Solution":
        """Footprints of every recipe and product, kg CO2e per unit.

        Unknowns: the footprint of each product, then of each recipe's main product. ValueError when
        the system does not close.
        """
        if missing := self.without_provider():
            raise ValueError(f"no recipe and no default provides: {', '.join(missing)}")
        codes = sorted(set(self.makers) | set(self.co_makers) | set(self.default))
        place_of = {code: place for place, code in enumerate(codes)}
        size = len(codes) + len(self.recipes)
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        right = np.zeros(size)

        def put(row: int, column: int, value: float) -> None:
            rows.append(row)
            columns.append(column)
            values.append(value)

        shares = [self.shares(place, prices) for place in range(len(self.recipes))]
        for place, (industry, recipe) in enumerate(self.recipes):
            row = len(codes) + place
            share = shares[place][recipe.product_code]
            right[row] = share * self.direct(place)
            for code, amount in self.inputs(place).items():
                put(row, place_of[code], share * amount)
            if industry.product(recipe.product_code).allocation == "system_expansion":
                for line in co_products(recipe):
                    put(row, place_of[line.item], -line.per_unit.typical)
        for code, row in place_of.items():
            if code in self.makers:
                for maker in self.makers[code]:
                    put(row, len(codes) + maker, self.market_share(maker))
            elif code in self.default:
                right[row] = sum(
                    amount * GWP_AR6[gas] for gas, amount in self.default[code].items()
                )
            else:
                given = [
                    (maker, shares[maker][code] / amount / shares[maker][main])
                    for maker, amount in self.co_makers[code]
                    if code in shares[maker] and (main := self.recipes[maker][1].product_code)
                ]
                for maker, factor in given:
                    put(row, len(codes) + maker, factor / len(given))
        demand = csc_matrix((values, (rows, columns)), shape=(size, size))
        system = csc_matrix(np.eye(size)) - demand
        footprint = splu(system.tocsc()).solve(right)
        return Solution(
            {code: float(footprint[place]) for code, place in place_of.items()},
            [float(value) for value in footprint[len(codes) :]],
            demand,
            float(np.abs(system @ footprint - right).max()),
        )


@dataclass(frozen=True)
class Solution:
    """Footprints by product and by recipe, the demand matrix, the largest residual."""

    by_product: Mapping[str, float]
    by_recipe: list[float]
    demand: csc_matrix
    residual: float

    def spectral_radius(self) -> float:
        """Largest absolute eigenvalue of the demand matrix; below 1 means productive."""
        return float(np.abs(np.linalg.eigvals(self.demand.toarray())).max())


def co_products(recipe: Recipe) -> list[Line]:
    """Lines of a recipe that are co-products."""
    return [line for line in recipe.lines if line.section == "co_product"]


def load_system(data: Path = DATA, electricity: float = ELECTRICITY) -> RecipeSystem:
    """The system of all industries, closed by the deliveries below `data`."""
    shares = _table("technology_shares.csv")
    return RecipeSystem(
        (load_industry(name) for name in industry_names()),
        pl.read_csv(data / "product" / "product.csv", infer_schema_length=None),
        pl.read_csv(data / "background_default" / "background_default.csv"),
        {(row["product_code"], row["technology"]): row["share"] for row in shares},
        {row["waste"]: row["carbon_kg_per_kg"] for row in _table("waste_carbon.csv")},
        electricity,
    )


def load_prices() -> dict[str, float]:
    """CNY per unit of products that share a burden by value: assumptions, see prices.csv."""
    return {row["product_code"]: row["price_cny"] for row in _table("prices.csv")}


def _table(name: str) -> list[dict[str, Any]]:
    return pl.read_csv(Path(__file__).with_name(name)).to_dicts()


def compared(system: RecipeSystem, solution: Solution, data: Path = DATA) -> pl.DataFrame:
    """Footprints of the typical recipes beside published ones, one row per published value.

    Columns of data/product_benchmark, then footprint, ratio (ours over published) and explanation,
    empty where the ratio lies within 0.5 and 2 (footprint_differences.csv says why it does not).
    """
    places = {
        (recipe.product_code, recipe.technology): place
        for place, (_, recipe) in enumerate(system.recipes)
    }
    why = {row["benchmark_id"]: row["explanation"] for row in _table("footprint_differences.csv")}
    rows = []
    for row in pl.read_csv(
        data / "product_benchmark" / "product_benchmark.csv", schema_overrides={"year": pl.Int64}
    ).iter_rows(named=True):
        name = (row["product_code"], row["technology"])
        own = (
            solution.by_recipe[places[name]]
            if name in places
            else solution.by_product[row["product_code"]]
        )
        ratio = own / row["value_kgco2e_per_unit"]
        rows.append(
            row
            | {"footprint": own, "ratio": ratio, "explanation": why.get(row["benchmark_id"], "")}
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def main(arguments: list[str] | None = None) -> None:
    """Print the footprints of all typical recipes, and those that are published beside them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--electricity", type=float, default=ELECTRICITY, help="kg CO2e per kWh")
    given = parser.parse_args(arguments)

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")

    system = load_system(electricity=given.electricity)
    solution = system.solve(load_prices())
    say(f"residual {solution.residual:.1e}, spectral radius {solution.spectral_radius():.3f}")
    for place, (_, recipe) in enumerate(system.recipes):
        unit = system.product[recipe.product_code]["unit"]
        value = solution.by_recipe[place]
        say(f"{recipe.product_code:34}{recipe.technology:24}{value:12.5g} kg CO2e/{unit}")
    say("")
    for row in compared(system, solution).iter_rows(named=True):
        name = f"{row['product_code']} {row['technology'] or ''}"
        say(
            f"{name:50}{row['footprint']:11.4g}{row['value_kgco2e_per_unit']:11.4g}"
            f"{row['ratio']:7.2f} {row['data_tier']:11}{row['benchmark_id']}  {row['explanation']}"
        )


if __name__ == "__main__":
    main()
