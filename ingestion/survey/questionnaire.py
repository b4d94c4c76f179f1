"""The questionnaire: which sheets it has, which questions stand on each, and what may be answered.

Belongs here: the plan that template, workbook reader, CSV and JSON readers share. Labels and codes
come from the contracts of the survey tables; codes of products and items from the industry.
Does not belong here: cells (template.py, workbook.py), judging an answer (checks.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ingestion.codes import code_rows
from ingestion.contract import Column, load_contract
from ingestion.industry import GASES, Industry, Item, industry_names, load_industry

LAYOUT = "1"
"""Version of the layout of sheets; an industry counts the version of its questions itself."""

TABLES = (
    "survey_submission",
    "survey_product",
    "survey_input",
    "survey_electricity",
    "survey_transport",
    "survey_emission",
    "survey_waste",
    "survey_device",
)
"""The raw tables that a submission fills."""

NEEDED_SHEETS = ("survey_submission", "survey_product")
"""Sheets without which a submission says nothing; the others may be empty."""


@dataclass(frozen=True)
class Question:
    """One column of a sheet (on the first sheet: one row). `kind`: text, code, item, gas, waste,
    product, technology, region, number, share, date, unit, capacity_unit, social_credit_code.
    """

    name: str
    kind: str
    label_zh: str
    label_en: str
    help_zh: str
    help_en: str
    is_needed: bool
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SheetPlan:
    """One sheet. `key` is what marks it for the machine; `table` the raw table it fills."""

    key: str
    table: str
    name: str
    title_zh: str
    title_en: str
    questions: tuple[Question, ...]

    @property
    def mark(self) -> str:
        """The text of cell A1, by which the sheet is known whatever it is called."""
        return f"#{self.key}"

    @property
    def names(self) -> list[str]:
        """Names of the questions, in order."""
        return [question.name for question in self.questions]


_SHEET_NAMES = {
    "survey_submission": "1 企业 Plant",
    "survey_product": "2 产品 Products",
    "survey_input": "3 投入 Inputs",
    "survey_electricity": "4 电力 Electricity",
    "survey_steam": "5 蒸汽 Steam",
    "survey_transport": "6 运输 Transport",
    "survey_emission": "7 过程排放 Emissions",
    "survey_waste": "8 废弃物 Wastes",
    "survey_device": "9 计量 Meters",
}
_KINDS = {
    "survey_submission.plant_code": "social_credit_code",
    "survey_submission.group_code": "social_credit_code",
    "survey_submission.product_code": "product",
    "survey_submission.technology": "technology",
    "survey_submission.capacity_unit": "capacity_unit",
    "survey_product.product_code": "output",
    "survey_input.product_code": "item",
    "survey_transport.product_code": "item",
    "survey_emission.gas": "gas",
    "survey_waste.waste_code": "waste",
    "survey_input.oxidation": "share",
}
_UNIT = Question(
    "unit", "unit", "单位", "Unit", "填报单位，如 t、万t、MWh", "Unit of the amount", is_needed=True
)
_STEAM_LEAVES_OUT = ("kind", "lower_heating_value", "carbon_content", "carbon_content_unit",
                     "oxidation")  # fmt: skip
CODE_NAMES: Mapping[str, tuple[str, str]] = {
    "main": ("主产品", "Main product"),
    "co_product": ("副产品", "Co-product"),
    "mass": ("质量", "Mass"),
    "energy": ("能量", "Energy"),
    "economic": ("经济价值", "Economic value"),
    "system_expansion": ("系统扩展", "System expansion"),
    "material": ("原辅材料", "Material"),
    "fuel": ("燃料", "Fuel"),
    "steam": ("蒸汽", "Steam"),
    "water": ("水", "Water"),
    "packaging": ("包装", "Packaging"),
    "kgC/unit": ("kgC/规范单位", "kg C per unit"),
    "fraction": ("质量分数", "Mass fraction"),
    "percent": ("质量百分数", "Percent by mass"),
    "kgC/GJ": ("单位热值含碳量", "kg C per GJ"),
    "grid": ("电网", "Grid"),
    "self_generated": ("自发", "Self-generated"),
    "green_certificate": ("绿证绿电", "Green, by certificate"),
    "direct_line": ("直供", "Direct line"),
    "road": ("公路", "Road"),
    "rail": ("铁路", "Rail"),
    "inland_water": ("内河", "Inland water"),
    "sea": ("海运", "Sea"),
    "pipeline": ("管道", "Pipeline"),
    "process": ("过程", "Process"),
    "fugitive": ("逸散", "Fugitive"),
    "combustion_measured": ("燃烧实测", "Combustion, measured"),
    "measured": ("实测", "Measured"),
    "mass_balance": ("物料平衡", "Mass balance"),
    "factor": ("因子法", "Factor"),
    "landfill": ("填埋", "Landfill"),
    "incineration": ("焚烧", "Incineration"),
    "recycling": ("回收利用", "Recycling"),
    "hazardous": ("危废处置", "Hazardous waste"),
}
"""Code -> names in Chinese and English, for drop-downs."""


def _question(table: str, column: Column) -> Question:
    assert column.ask is not None
    kind = _KINDS.get(f"{table}.{column.name}")
    if kind is None:
        kind = {"number": "number", "date": "date", "region": "region", "code": "code"}.get(
            column.cast, "unit" if column.name == "unit" else "text"
        )
    return Question(
        name=column.name,
        kind=kind,
        label_zh=column.ask[0],
        label_en=column.ask[1],
        help_zh=column.description_zh,
        help_en=column.description_en,
        is_needed=not column.nullable,
        codes=column.codes,
    )


@cache
def sheet_plans() -> tuple[SheetPlan, ...]:
    """The sheets of every questionnaire, in order."""
    plans = []
    for key, name in _SHEET_NAMES.items():
        table = "survey_input" if key == "survey_steam" else key
        contract = load_contract(table)
        questions = [_question(table, column) for column in contract.columns if column.ask]
        if key == "survey_steam":
            questions = [each for each in questions if each.name not in _STEAM_LEAVES_OUT]
        if key in ("survey_electricity", "survey_emission"):
            number = next(i for i, each in enumerate(questions) if each.kind == "number")
            questions.insert(number + 1, _UNIT)
        title_zh, title_en = contract.title_zh, contract.title_en
        if key == "survey_steam":
            title_zh, title_en = "外购蒸汽与热力", "Steam and heat bought"
        elif key == "survey_input":
            title_zh, title_en = "原辅材料与能源", "Materials and energy"
        plans.append(SheetPlan(key, table, name, title_zh, title_en, tuple(questions)))
    return tuple(plans)


@cache
def sheet_plan(key: str) -> SheetPlan:
    """The sheet called `key`; KeyError when the questionnaire has none."""
    return {plan.key: plan for plan in sheet_plans()}[key]


def template_id(industry: str) -> str:
    """The name by which a questionnaire knows what it asks."""
    return f"carbon-survey/{industry}"


@cache
def provinces() -> tuple[dict[str, str], ...]:
    """Rows of the region table that are provinces."""
    return tuple(row for row in code_rows("regions") if row["level"] == "province")


@cache
def known_items() -> Mapping[str, Item]:
    """Every item and product of every industry by its code; the first industry that states a
    heating value or a carbon content wins over those that state none.
    """
    found: dict[str, Item] = {}
    for name in industry_names():
        for code, item in load_industry(name).items.items():
            known = found.get(code)
            if known is None or _facts(item) > _facts(known):
                found[code] = item
    return found


def _facts(item: Item) -> int:
    facts = (item.unit, item.lower_heating_value, item.carbon_content)
    return sum(fact is not None for fact in facts)


def choices(question: Question, sheet: str, industry: Industry) -> list[tuple[str, str, str]]:
    """What a drop-down offers: code, Chinese and English name. Empty for free answers."""
    if question.kind == "code":
        return [(code, *CODE_NAMES[code]) for code in question.codes]
    if question.kind == "region":
        return [(row["region_code"], row["name_zh"], row["name_en"]) for row in provinces()]
    if question.kind == "gas":
        return [(code, zh, en) for code, (zh, en) in GASES.items()]
    if question.kind == "technology":
        found = {
            each.technology: (each.technology, each.name_zh, each.name_en)
            for product in industry.products
            for each in product.technologies
        }
        return list(found.values())
    return [
        (code, industry.items[code].name_zh, industry.items[code].name_en)
        for code in _codes(question.kind, sheet, industry)
    ]


def _codes(kind: str, sheet: str, industry: Industry) -> list[str]:
    products = [product.product_code for product in industry.products]
    if kind == "product":
        return products
    if kind == "output":
        joint = [code for product in industry.products for code in product.co_products]
        return list(dict.fromkeys([*products, *joint]))
    if kind == "waste":
        return industry.of_section("waste")
    if kind == "item" and sheet == "survey_steam":
        return industry.of_section("steam")
    if kind == "item":
        return industry.of_section("input")
    return []


def shown(code: str, name_zh: str, name_en: str) -> str:
    """A choice as the drop-down shows it: the code, then both names."""
    return f"{code} {name_zh} {name_en}"
