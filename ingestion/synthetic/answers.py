"""What an invented plant answers in a year: a filled questionnaire before it is a workbook.

Belongs here: a plant's amounts of a year as rows of the sheets, its name, codes, meters and
certificates. Names, codes and figures are invented and say so (示例, 合成). Does not belong here:
the draw of the plant (`plants`), the form (survey/template.py).

The second year is the first, a little better.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np

from ingestion.industry import Industry, Line, Recipe, load_industry
from ingestion.survey.uscc import check_digit
from ingestion.synthetic.plants import (
    ANHUI,
    GUIZHOU,
    SHANDONG,
    SICHUAN,
    Plant,
    inside_range,
    key_of,
    line_key,
    stream,
)
from ingestion.synthetic.recipes import RecipeSystem, load_prices

YEARS = (2022, 2023)
IMPROVEMENT = 0.08

PROVINCE = {ANHUI: "安徽", SHANDONG: "山东", SICHUAN: "四川", GUIZHOU: "贵州", "410000": "河南",
            "130000": "河北", "140000": "山西", "360000": "江西"}  # fmt: skip
LARGE_UNIT = {"kg": ("t", 1e3), "kWh": ("MWh", 1e3), "MJ": ("GJ", 1e3), "m3": ("万m3", 1e4),
              "m2": ("万m2", 1e4), "item": ("件", 1.0), "t*km": ("万吨公里", 1e4),
              "W": ("MW", 1e6)}  # fmt: skip
"""The unit in which plants report, and how many canonical units it has."""


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
    draw = stream(plant.draw_seed, "year", year, *name)
    traits = stream(plant.draw_seed, "traits", *name)
    later = YEARS.index(year) if year in YEARS else 0
    growth = float(np.exp(draw.normal(0.02, 0.04) * later))
    output = plant.output * min(growth, 1.03 * plant.capacity / plant.output)
    lines = {line_key(line): line for line in recipe.lines}
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
    plant_number = key_of("uscc", *name) % 10**8
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
            {"product_code": line.item, "amount": _rounded(amounts[line_key(line)] * output / 1e3),
             "unit": "GJ"} | ({} if cell.is_broad else {"supplier_region_code": cell.region_code})
            for line in recipe.lines
            if line.section == "steam" and line.unit == "MJ" and amounts[line_key(line)] > 0
        ],
        "survey_transport": _hauls(recipe, amounts, output, system),
        "survey_emission": [
            {"gas": line.item, "source": line.source_of or "process",
             "amount_kg": _rounded(amounts[line_key(line)] * output / 1e3), "unit": "t",
             "method": "mass_balance" if line.item.startswith("co2") else "factor"}
            for line in recipe.lines
            if line.section == "emission"
        ],
        "survey_waste": [
            {"waste_code": line.item, "amount": _rounded(amounts[line_key(line)] * output / 1e3),
             "unit": "t", "treatment": line.treatment or "recycling"}
            for line in recipe.lines
            if line.section == "waste" and amounts[line_key(line)] > 0
        ],
        "survey_device": _devices(year, traits, plant_number),
    }  # fmt: skip
    return given


def _one(line: Line, value: float) -> float:
    return float(inside_range(line, np.array([value]))[0])


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
    joint = [line for line in joint if amounts[line_key(line)] > 0]
    basis = industry.product(recipe.product_code).allocation if joint else None
    rows = [(recipe.product_code, "main", output, unit, per)]
    for line in joint:
        co_unit, co_per = LARGE_UNIT[line.unit]
        made = amounts[line_key(line)] * output
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
        amount = amounts[line_key(line)]
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
                     "distance_km": round(amounts[line_key(line)], 1),
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
