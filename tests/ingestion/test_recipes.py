"""Recipes of the worked example: sources, closure, mass and carbon, and nearness to published
footprints.
"""

import csv
import math
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.industry import MODES, industry_names, load_industry
from ingestion.synthetic.plants import cells
from ingestion.synthetic.recipes import (
    RecipeSystem,
    co_products,
    compared,
    load_prices,
    load_system,
)

HERE = Path(__file__).parents[2]
REASONS = {
    (row["product_code"], row["technology"]): row
    for row in csv.DictReader((HERE / "ingestion/synthetic/balance_reasons.csv").open())
}
SOURCE = re.compile(
    r"^(assumption|stoichiometry|mass balance|IPCC (2006|2019)|EU BREF|GB |GB/T|"
    r"International Aluminium Institute|product_footprint_factors_cpcd|"
    r"process_heat_agri_waste_defaults|cut-off)"
)
COVERED = """
    nev.bev_car nev.phev_car
    battery.cell_lfp battery.cell_nmc battery.pack_lfp battery.pack_nmc battery.cathode_lfp
    battery.cathode_nmc622 battery.anode_graphite battery.electrolyte battery.separator
    battery.copper_foil aluminium.battery_foil battery.lithium_carbonate
    pv.polysilicon pv.mono_ingot pv.wafer pv.cell pv.module pv.glass
    steel.coke steel.sinter steel.hot_metal steel.crude_steel steel.hot_rolled_coil
    steel.cold_rolled_coil steel.rebar
    aluminium.alumina aluminium.anode aluminium.electrolytic aluminium.sheet
    cement.clinker cement.portland glass.float rubber.tyre_pcr rubber.tyre_tbr
    textile.cotton_yarn textile.dyed_cloth_cotton textile.polyester_filament
    petrochemical.ethylene petrochemical.methanol chemical.ammonia chemical.urea
    chemical.caustic_soda chemical.pvc chemical.soda_ash chemical.glyphosate
    electronics.pcb electronics.ic_wafer electronics.lcd_panel electronics.laptop
    electronics.television appliance.air_conditioner appliance.refrigerator
    appliance.washing_machine board.particle_board board.fibre_board board.panel_furniture
    paper.containerboard paper.printing_paper paper.tissue liquor.baijiu_strong
    liquor.baijiu_sauce liquor.beer agriculture.rice agriculture.wheat agriculture.maize
    agriculture.pig fuel.bituminous_coal fuel.diesel fuel.natural_gas fuel.lng
    energy.heat_steam transport.road_heavy transport.road_light transport.rail
    transport.inland_water transport.sea
"""
"""Products of the chains that the database is to cover, divided by blanks."""

READS = """
import itertools, sys
from pathlib import Path
import polars as pl

read = set()
sys.addaudithook(lambda event, what: event == "open" and read.add(str(what[0])))
real = pl.read_csv
pl.read_csv = lambda path, *more, **named: (read.add(str(path)), real(path, *more, **named))[1]

from ingestion.industry import load_industry
from ingestion.survey.template import template_bytes
from ingestion.synthetic import surveys
from ingestion.synthetic.recipes import load_system

for filled in itertools.islice(surveys.questionnaires(load_system()), 1):
    template_bytes(load_industry(filled.industry), filled.answers)
read |= {str(getattr(module, "__file__", None)) for module in list(sys.modules.values())}
here = Path.cwd()
for path in sorted(Path(each).absolute() for each in read):
    if path.is_relative_to(here) and path.suffix in (".py", ".yml", ".csv") and path.is_file():
        print(path.relative_to(here).as_posix())
"""
"""Prints every file of the project that the draw of one filled questionnaire reads."""

MASS = (0.92, 1.07)
CARBON_SHARE, CARBON_OF_MASS = 0.05, 0.015


@pytest.fixture(scope="module")
def system() -> RecipeSystem:
    return load_system()


@pytest.fixture(scope="module")
def solution(system):
    return system.solve(load_prices())


def names(system: RecipeSystem) -> list[tuple[str, str]]:
    return [(recipe.product_code, recipe.technology) for _, recipe in system.recipes]


def test_there_are_a_hundred_products_and_more_in_twenty_industries(system) -> None:
    codes = {recipe.product_code for _, recipe in system.recipes}
    assert len(codes) >= 150
    assert len(industry_names()) >= 20
    chains = {load_industry(name).chain for name in industry_names()}
    assert {"nev", "battery", "pv", "steel", "aluminium", "cement", "glass", "rubber", "textile",
            "petrochemical", "chemical", "electronics", "appliance", "board", "paper", "liquor",
            "agriculture", "fuel", "energy", "transport"} <= chains  # fmt: skip


def test_every_product_the_database_is_to_cover_is_there_and_has_plants(system) -> None:
    made = {recipe.product_code for _, recipe in system.recipes}
    drawn = {cell.product_code for cell in cells(system)}
    covered = COVERED.split()
    assert len(covered) == len(set(covered)) > 70
    assert [code for code in covered if code not in made] == []
    assert [code for code in covered if code not in drawn] == []


def test_every_line_says_where_it_is_from(system) -> None:
    for industry, recipe in system.recipes:
        for line in recipe.lines:
            place = f"{industry.industry} {recipe.product_code} {line.item}"
            assert SOURCE.match(line.source), f"{place}: {line.source}"


def test_every_input_has_a_provider_and_every_code_a_product(system) -> None:
    assert system.without_provider() == []
    for industry, _ in system.recipes:
        for item in industry.items.values():
            if item.kind != "waste":
                known = system.product[item.code]
                assert known["unit"] == item.unit, item.code
                if item.carbon_content:
                    carbon = known["carbon_content_kg_per_unit"]
                    assert math.isclose(item.carbon_content, carbon, rel_tol=1e-5), item.code


def test_a_recipe_without_provider_is_named(system) -> None:
    industry, recipe = system.recipes[0]
    strange = replace(recipe.lines[0], item="chemical.phlogiston", section="input")
    system = RecipeSystem(
        system.industries, pl.DataFrame(list(system.product.values()), infer_schema_length=None),
        pl.DataFrame({"product_code": [], "gas": [], "kg_per_unit": []}), {}, {},
    )  # fmt: skip
    system.recipes[0] = (industry, replace(recipe, lines=(*recipe.lines, strange)))
    assert "chemical.phlogiston" in system.without_provider()
    with pytest.raises(ValueError, match=r"no recipe and no default provides.*phlogiston"):
        system.solve({})


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_that_an_industry_may_name_has_a_provider(system, mode) -> None:
    place, (industry, recipe) = next(
        (place, each)
        for place, each in enumerate(system.recipes)
        if any(line.section == "transport" for line in each[1].lines)
    )
    lines = tuple(
        replace(line, mode=mode) if line.section == "transport" else line for line in recipe.lines
    )
    other = load_system()
    other.recipes[place] = (industry, replace(recipe, lines=lines))
    assert other.without_provider() == []
    assert math.isfinite(other.solve(load_prices()).by_recipe[place])


def test_the_system_is_productive_and_its_solution_exact_and_not_negative(solution) -> None:
    assert solution.spectral_radius() < 1
    assert solution.residual < 1e-9
    assert min(solution.by_product.values()) > -1e-12
    assert min(solution.by_recipe) > 0


def test_there_are_loops_that_are_solved_and_not_cut(system) -> None:
    """Coal needs steel, steel needs coke, coke needs coal."""
    places = {name: place for place, name in enumerate(names(system))}
    assert "steel.plate" in system.inputs(places["fuel.bituminous_coal", "underground"])
    assert "steel.crude_steel" in system.inputs(places["steel.plate", "plate_mill"])
    assert "steel.hot_metal" in system.inputs(places["steel.crude_steel", "bof"])
    assert "steel.coke" in system.inputs(places["steel.hot_metal", "blast_furnace"])
    assert "fuel.washed_coal" in system.inputs(places["steel.coke", "top_charging"])
    assert "fuel.bituminous_coal" in system.inputs(places["fuel.washed_coal", "dense_medium"])


def test_mass_closes_within_the_stated_losses(system) -> None:
    """Out over in stays near 1; where it does not, the losses are stated with their reason."""
    judged, wrong = 0, []
    for place, name in enumerate(names(system)):
        reason = REASONS.get(name, {"low": str(MASS[0]), "high": str(MASS[1])})
        balance = system.balance(place)
        if not balance.mass_in or not system.mass(name[0]) or not reason["low"]:
            continue
        judged += 1
        if not float(reason["low"]) <= balance.mass_ratio <= float(reason["high"]):
            wrong.append((name, round(balance.mass_ratio, 3), reason))
    assert wrong == []
    assert judged >= 150


def test_carbon_closes(system) -> None:
    """Gap within 5 % of the carbon that goes in, or 1.5 % of the mass that comes out."""
    judged, wrong = 0, []
    for place, name in enumerate(names(system)):
        balance = system.balance(place)
        from_nature = name in REASONS and "from nature" in REASONS[name]["reason"]
        if from_nature or not system.mass(name[0]) or name[0].startswith("transport."):
            continue
        judged += 1
        limit = max(CARBON_SHARE * balance.carbon_in, CARBON_OF_MASS * balance.mass_out)
        if name[0] == "battery.separator":
            limit = 0.0008  # one mean carbon content for two kinds of separator
        if abs(balance.carbon_gap) > limit:
            wrong.append((name, balance))
    assert wrong == []
    assert judged >= 150


def test_every_reason_belongs_to_a_recipe_and_is_needed(system) -> None:
    known = dict(zip(names(system), range(len(system.recipes)), strict=True))
    for name, row in REASONS.items():
        assert name in known
        assert row["reason"]
        if row["low"]:
            ratio = system.balance(known[name]).mass_ratio
            assert not MASS[0] <= ratio <= MASS[1], f"{name}: {ratio} needs no reason"


def test_shares_of_a_burden_sum_to_one(system) -> None:
    prices = load_prices()
    joint = 0
    for place, (_, recipe) in enumerate(system.recipes):
        shares = system.shares(place, prices)
        assert math.isclose(sum(shares.values()), 1, rel_tol=1e-12)
        joint += len(co_products(recipe)) > 0
    assert joint >= 20


@settings(max_examples=15, deadline=None)
@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_footprints_are_linear_in_the_factor_of_electricity_and_rise_with_it(low, high) -> None:
    low, high = sorted((low, high))
    prices = load_prices()
    at = [load_system(electricity=x).solve(prices).by_recipe for x in (0.0, low, high, 1.0)]
    for none, less, more, full in zip(*at, strict=True):
        assert math.isclose(less, none + low * (full - none), rel_tol=1e-9, abs_tol=1e-12)
        assert more >= less - 1e-12


def test_technology_shares_sum_to_one(system) -> None:
    for code, makers in system.makers.items():
        assert math.isclose(sum(system.market_share(place) for place in makers), 1), code


def test_energy_stands_where_norms_and_thermodynamics_put_it(system) -> None:
    places = {name: place for place, name in enumerate(names(system))}

    def amount(name: tuple[str, str], item: str) -> float:
        lines = system.recipes[places[name]][1].lines
        return sum(
            line.per_unit.typical
            for line in lines
            if line.item == item and line.section != "transport"
        )

    assert 12.5 < amount(("aluminium.electrolytic", "prebaked_cell"), "electricity") < 14.5
    boiler = amount(("energy.heat_steam", "coal_boiler"), "fuel.bituminous_coal") * 25.8
    assert 1 / 0.9 < boiler < 1 / 0.75
    assert 2.9 < amount(("cement.clinker", "nsp"), "fuel.bituminous_coal") * 25.8 < 3.8
    assert amount(("chemical.urea", "stripping"), "chemical.ammonia") > 34.06 / 60.06


def test_published_footprints_are_near_or_the_distance_is_explained(system, solution) -> None:
    table = compared(system, solution)
    assert table.filter(pl.col("data_tier") == "core").height >= 40
    ratio = pl.col("ratio")
    far = table.filter(~ratio.is_between(0.5, 2.0))
    assert far.filter(pl.col("explanation") == "").to_dicts() == []
    assert far.height < 0.35 * table.height
    core = table.filter(pl.col("data_tier") == "core")["ratio"]
    assert 0.75 < core.median() < 1.3


def test_the_example_is_drawn_anew_when_anything_changes_that_the_draw_reads() -> None:
    read = subprocess.run(
        [sys.executable, "-c", READS], cwd=HERE, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    ).stdout.split()  # fmt: skip
    read = [path for path in read if path.startswith(("ingestion/", "data/"))]
    assert "data/product/product.csv" in read
    assert "ingestion/synthetic/technology_shares.csv" in read
    makefile = (HERE / "Makefile").read_text(encoding="utf-8")
    (patterns,) = re.findall(r"^DRAWN_FROM := ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    assert re.search(r"^\$\(SURVEYS\): \$\(wildcard \$\(DRAWN_FROM\)\) \|", makefile, re.MULTILINE)
    watched = {
        path.relative_to(HERE).as_posix()
        for pattern in patterns.replace("\\\n", " ").split()
        for path in HERE.glob(pattern)
    }
    assert [path for path in read if path not in watched] == []
