"""Filling in questionnaires: sound answers, defects put into them, and judging the result.

Belongs here: what the survey tests share. Does not belong here: any test.
"""

import copy
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from ingestion.industry import load_industry
from ingestion.survey.collection import Collection, collect
from ingestion.survey.findings import Told, told
from ingestion.survey.pieces import pieces_of
from ingestion.survey.template import template_bytes
from ingestion.survey.uscc import check_digit

Edit = Callable[[Any], None]
INPUTS, OUTPUTS, PLANT = "3 投入 Inputs", "2 产品 Products", "1 企业 Plant"
POWER, DEVICES = "4 电力 Electricity", "9 计量 Meters"
OUTPUT_KG = 1.5e9


def credit_code(number: int) -> str:
    """A well-formed social credit code that belongs to nobody."""
    first = f"91340100MA{number:07d}"
    return first + check_digit(first)


def clinker(**plant: Any) -> dict[str, Any]:
    """Sound answers of a kiln: 1.5 Mt of clinker in 2024."""
    tonnes = OUTPUT_KG / 1000
    return {
        "survey_submission": {
            "plant_code": credit_code(1),
            "plant_name": "甲水泥厂",
            "group_code": credit_code(90),
            "group_name": "乙集团",
            "region_code": "340000",
            "product_code": "cement.clinker",
            "technology": "nsp",
            "period_start": dt.date(2024, 1, 1),
            "period_end": dt.date(2024, 12, 31),
            "operating_hours": 7200,
            "capacity": 180,
            "capacity_unit": "万t/a",
            "submitter": "张三",
            "contact": "0551-0000000",
            **plant,
        },
        "survey_product": [
            {"product_code": "cement.clinker", "role": "main", "output_amount": tonnes, "unit": "t"}
        ],
        "survey_input": [
            {"kind": "material", "product_code": "mineral.limestone", "amount": 1.28 * tonnes,
             "unit": "t"},
            {"kind": "fuel", "product_code": "fuel.bituminous_coal", "amount": 0.128 * tonnes,
             "unit": "t", "lower_heating_value": 25.1, "carbon_content": 0.66,
             "carbon_content_unit": "kgC/unit", "oxidation": 0.98},
            {"kind": "material", "product_code": "mineral.clay", "amount": 0.24 * tonnes,
             "unit": "t"},
        ],
        "survey_electricity": [
            {"origin": "grid", "energy_mwh": 0.05 * tonnes, "unit": "MWh"},
            {"origin": "green_certificate", "energy_mwh": 0.01 * tonnes, "unit": "MWh",
             "certificate_ids": "GEC-1;GEC-2"},
        ],
        "survey_transport": [
            {"product_code": "fuel.bituminous_coal", "mode": "rail", "distance_km": 600,
             "amount": 0.128 * tonnes, "unit": "t"}
        ],
        "survey_emission": [
            {"gas": "co2_fossil", "source": "process", "amount_kg": 0.52 * tonnes, "unit": "t",
             "method": "factor"}
        ],
        "survey_waste": [
            {"waste_code": "refractory_brick_waste", "amount": 600, "unit": "t",
             "treatment": "recycling"}
        ],
        "survey_device": [
            {"device": "皮带秤 1", "measures": "石灰石", "calibrated_on": dt.date(2024, 1, 3),
             "valid_until": dt.date(2025, 1, 2), "traceability": "省计量院 2024-001"}
        ],
    }  # fmt: skip


def smelter() -> dict[str, Any]:
    """Sound answers of a smelter that sends its anode butts away: a co-product."""
    tonnes = 100_000
    answers = clinker(
        product_code="aluminium.electrolytic", technology="prebaked_cell", capacity=12,
        capacity_unit="万t/a", operating_hours=8760,
    )  # fmt: skip
    answers |= {
        "survey_product": [
            {"product_code": "aluminium.electrolytic", "role": "main", "output_amount": tonnes,
             "unit": "t", "allocation_basis": "mass"},
            {"product_code": "aluminium.anode_butt", "role": "co_product",
             "output_amount": 0.08 * tonnes, "unit": "t", "allocation_basis": "mass"},
        ],
        "survey_input": [
            {"kind": "material", "product_code": code, "amount": share * tonnes, "unit": "t"}
            for code, share in (
                ("aluminium.alumina", 1.93), ("aluminium.anode", 0.51),
                ("chemical.aluminium_fluoride", 0.018),
            )
        ],
        "survey_electricity": [{"origin": "grid", "energy_mwh": 13.5 * tonnes, "unit": "MWh"}],
        "survey_transport": [],
        "survey_emission": [
            {"gas": gas, "source": "process", "amount_kg": amount * tonnes * 1000, "unit": "kg",
             "method": "measured"}
            for gas, amount in (("co2_fossil", 1.5), ("cf4", 3e-5), ("c2f6", 3e-6))
        ],
        "survey_waste": [],
    }  # fmt: skip
    return answers


@cache
def sound_bytes() -> bytes:
    return template_bytes(load_industry("cement"), clinker())


def filled(answers: dict[str, Any] | None = None, industry: str = "cement") -> bytes:
    return sound_bytes() if answers is None else template_bytes(load_industry(industry), answers)


def edited(edit: Edit, content: bytes | None = None) -> bytes:
    """The workbook after a person with a spreadsheet program was at it."""
    book = openpyxl.load_workbook(io.BytesIO(content or sound_bytes()))
    edit(book)
    result = io.BytesIO()
    book.save(result)
    return result.getvalue()


def changed(path: str, value: Any) -> dict[str, Any]:
    """Sound answers with one changed: 'survey_input.1.amount'; a value of `...` takes it out."""
    answers = copy.deepcopy(clinker())
    *way, last = path.split(".")
    place: Any = answers
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    if value is ...:
        del place[int(last) if last.isdigit() else last]
    else:
        place[int(last) if last.isdigit() else last] = value
    return answers


def with_part(name: str, data: bytes, content: bytes | None = None) -> bytes:
    """The workbook with one more part in its package, or another one of that name."""
    source = zipfile.ZipFile(io.BytesIO(content or sound_bytes()))
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            if entry.filename != name:
                target.writestr(entry, source.read(entry))
        target.writestr(name, data)
    return result.getvalue()


@dataclass(frozen=True)
class Judged:
    """One collection and its findings in words."""

    collection: Collection
    findings: list[Told]

    @property
    def status(self) -> list[str]:
        return self.collection.files["status"].to_list()

    @property
    def rules(self) -> set[str]:
        return {each.rule_id for each in self.findings}

    def one(self, rule_id: str) -> Told:
        return next(each for each in self.findings if each.rule_id == rule_id)


def judged(folder: Path, files: dict[str, bytes], **options: Any) -> Judged:
    """Write the files into a folder and judge it as a collection."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    collection = collect(pieces_of([folder]), **options)
    return Judged(collection, [told(row) for row in collection.findings.iter_rows(named=True)])
