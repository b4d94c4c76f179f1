"""The forms of a questionnaire: template, workbook, CSV, JSON, archives - and receipts."""

import csv
import io
import json
import zipfile

import openpyxl
import pytest

from ingestion.industry import industry_names, load_industry
from ingestion.survey import package, pieces
from ingestion.survey.answered import Refused
from ingestion.survey.package import open_package
from ingestion.survey.questionnaire import sheet_plan, sheet_plans
from ingestion.survey.receipt import receipt_workbook, receipts, write_receipts
from ingestion.survey.template import template_bytes

from .filling import INPUTS, changed, clinker, filled, judged, sound_bytes, with_part


def as_json(answers: dict, **more: object) -> bytes:
    document = {"industry": "cement", "template_version": "1.0", **answers, **more}
    return json.dumps(document, ensure_ascii=False, default=str).encode()


def as_csv(answers: dict) -> dict[str, bytes]:
    files = {}
    for plan in sheet_plans():
        text = io.StringIO()
        writer = csv.writer(text)
        if plan.key == "survey_submission":
            plant = {"industry": "cement", "template_version": "1.0", **answers[plan.key]}
            writer.writerows([["question", "value"], *plant.items()])
        else:
            writer.writerow(plan.names)
            for row in answers.get(plan.key, []):
                writer.writerow([row.get(name, "") for name in plan.names])
        files[f"{plan.key}.csv"] = text.getvalue().encode()
    return files


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize("industry", industry_names())
def test_an_empty_questionnaire_is_the_same_bytes_and_asks_for_everything(industry, tmp_path):
    content = template_bytes(load_industry(industry))
    assert content == template_bytes(load_industry(industry))
    with zipfile.ZipFile(io.BytesIO(content)) as package_of:
        assert b"2000-01-01T00:00:00Z</dcterms:created>" in package_of.read("docProps/core.xml")
    done = judged(tmp_path, {"empty.xlsx": content})
    assert done.status == ["rejected"]
    missing = {each.cell for each in done.findings if each.rule_id == "answer_missing"}
    needed = [q for q in sheet_plans()[0].questions if q.is_needed]
    assert len(missing) == len(needed)


def test_a_questionnaire_is_locked_validated_and_hides_its_machinery() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(load_industry("cement"))))
    states = {sheet.title: sheet.sheet_state for sheet in book}
    assert states.pop("_machine") == "veryHidden"
    assert states.pop("_codes") == "hidden"
    assert set(states.values()) == {"visible"}
    assert all(sheet.protection.sheet for sheet in book)
    inputs = book[INPUTS]
    assert inputs["B4"].protection.locked
    assert not inputs.column_dimensions["D"].protection.locked
    rules = inputs.data_validations.dataValidation
    assert {"list", "decimal"} <= {rule.type for rule in rules}
    coal = next(rule for rule in rules if str(rule.sqref) == "D9")
    assert "0.105-0.165 kg/kg" in coal.prompt
    assert float(coal.formula2) >= 0.165 * 6e9
    squares = [square for rule in rules for square in rule.sqref.ranges]
    for number, one in enumerate(squares):
        assert all(one.isdisjoint(two) for two in squares[number + 1 :]), one


ASKED = {
    "1 企业 Plant": {
        "plant_code": True, "plant_name": True, "group_code": True, "group_name": False,
        "region_code": True, "product_code": True, "technology": True, "period_start": True,
        "period_end": True, "operating_hours": True, "capacity": True, "capacity_unit": True,
    },
    "2 产品 Products": {
        "product_code": True, "role": True, "output_amount": True, "unit": True,
        "allocation_basis": False, "stock_change": False,
    },
    "3 投入 Inputs": {
        "kind": True, "product_code": True, "amount": True, "unit": True,
        "lower_heating_value": False, "carbon_content": False, "carbon_content_unit": False,
        "oxidation": False, "supplier_region_code": False,
    },
    "4 电力 Electricity": {
        "origin": True, "energy_mwh": True, "unit": True, "certificate_ids": False,
        "technology": False,
    },
    "5 蒸汽 Steam": {"product_code": True, "amount": True, "unit": True},
    "6 运输 Transport": {
        "product_code": True, "mode": True, "distance_km": True, "amount": True, "unit": True,
    },
    "7 过程排放 Emissions": {
        "gas": True, "source": True, "amount_kg": True, "unit": True, "method": True,
    },
    "8 废弃物 Wastes": {"waste_code": True, "amount": True, "unit": True, "treatment": True},
    "9 计量 Meters": {
        "device": True, "measures": True, "calibrated_on": True, "valid_until": True,
        "traceability": False,
    },
}  # fmt: skip
"""What every questionnaire must ask at least: sheet -> question -> whether an answer is needed."""

CODES = {
    ("survey_product", "role"): {"main", "co_product"},
    ("survey_product", "allocation_basis"): {"mass", "energy", "economic", "system_expansion"},
    ("survey_input", "kind"): {"material", "fuel"},
    ("survey_electricity", "origin"): {
        "grid", "self_generated", "green_certificate", "direct_line",
    },
    ("survey_emission", "source"): {"process", "fugitive"},
}  # fmt: skip


@pytest.mark.parametrize("industry", industry_names())
def test_a_questionnaire_asks_for_everything_by_name(industry) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(load_industry(industry))))
    plans = {plan.name: plan for plan in sheet_plans()}
    assert list(plans) == list(ASKED)
    for name, asked in ASKED.items():
        first = name == next(iter(ASKED))
        cells = next(book[name].columns) if first else book[name][1]
        written = [cell.value for cell in cells]
        assert set(asked) <= set(written), (name, set(asked) - set(written))
        needed = {each.name: each.is_needed for each in plans[name].questions}
        assert {each: needed[each] for each in asked} == asked, name
    for (sheet, question), codes in CODES.items():
        asked_for = next(each for each in sheet_plan(sheet).questions if each.name == question)
        assert codes <= set(asked_for.codes)


def test_answers_that_nobody_asks_for_are_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"survey_input .*colour"):
        template_bytes(load_industry("cement"), {"survey_input": [{"colour": "red"}]})
    with pytest.raises(ValueError, match="no sheet 'survey_magic'"):
        template_bytes(load_industry("cement"), {"survey_magic": []})


def test_workbook_json_and_csv_of_the_same_answers_are_the_same_submission(tmp_path) -> None:
    (tmp_path / "flat").mkdir()
    for name, content in as_csv(clinker()).items():
        (tmp_path / "flat" / name).write_bytes(content)
    files = {
        "a.xlsx": sound_bytes(),
        "b.json": as_json(clinker()),
        "c.zip": zipped(as_csv(clinker())),
        "d.zip": zipped({"one/x.xlsx": sound_bytes(), "two/y.json": as_json(clinker())}),
    }
    done = judged(tmp_path, files)
    names = done.collection.files["name"].to_list()
    assert names == ["a.xlsx", "b.json", "c.zip", "d.zip/one/x.xlsx", "d.zip/two/y.json", "flat"]
    assert done.collection.files["submission_id"].n_unique() == 1
    assert done.rules == {"submission_repeated", "sheet_taken_out"}  # JSON without steam
    assert done.status == ["accepted", *["rejected"] * 5]


def test_places_in_json_and_csv_are_named_as_a_person_finds_them(tmp_path) -> None:
    bad = changed("survey_input.1.unit", "筐")
    bad["survey_submission"]["region_code"] = "火星"
    document = as_json(bad, survey_magic=[]).replace(b'"kind": "fuel"', b'"kind": "fuel", "hue": 1')
    done = judged(tmp_path, {"b.json": document})
    assert done.one("unit_not_known").cell == "survey_input[2].unit"
    assert done.one("answer_not_a_code").cell == "survey_submission.region_code"
    assert done.one("question_unknown").found == "hue"
    assert "sheet_passed_over" in done.rules
    done = judged(tmp_path / "csv", {"c.zip": zipped(as_csv(bad))})
    assert done.one("unit_not_known").cell == "survey_input.csv!D3"


def test_json_numbers_keep_every_digit(tmp_path) -> None:
    document = as_json(clinker()).replace(b"1920000.0", b"1.9200000000001e+06")
    done = judged(tmp_path, {"b.json": document})
    amount = done.collection.tables["survey_input"]["amount"][0]
    assert str(amount) == "1920000000.000100"


def test_an_archive_of_too_many_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(pieces, "MAX_SUBMISSIONS", 1)
    done = judged(tmp_path, {"d.zip": zipped({"x.xlsx": b"", "y.xlsx": b""})})
    assert done.rules == {"archive_crowded"}


def test_a_member_of_an_archive_that_is_too_large_is_not_unpacked(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(pieces, "MAX_WORKBOOK_BYTES", 10_000)
    done = judged(tmp_path, {"d.zip": zipped({"x.xlsx": sound_bytes()})})
    assert done.rules == {"survey_file_too_large"}


def test_a_workbook_that_breaks_in_its_cells_is_refused(tmp_path) -> None:
    done = judged(tmp_path, {"a.xlsx": with_part("xl/worksheets/sheet4.xml", b"<worksheet")})
    assert done.rules == {"workbook_broken"}


def test_a_shared_formula_and_an_error_are_found_whatever_the_prefix() -> None:
    part = (
        b'<x:worksheet><x:sheetData><x:row r="6"><x:c r="D6" t="e"><x:v>#REF!</x:v></x:c>'
        b'<x:c r="E6"><x:f t="shared" si="0"/></x:c></x:row></x:sheetData></x:worksheet>'
    )
    found = package._odd_cells(part)
    assert [(each.column, each.kind, each.text) for each in found] == [
        ("D", "error", "#REF!"), ("E", "formula_empty", ""),
    ]  # fmt: skip


def test_a_refusal_is_no_traceback() -> None:
    with pytest.raises(Refused) as refusal:
        open_package(b"PK\x03\x04rubbish", "a.xlsx")
    assert refusal.value.remark.sentences


def test_a_receipt_names_each_bad_cell_and_what_to_do(tmp_path) -> None:
    bad = changed("survey_input.0.unit", "筐")
    bad["survey_input"][1]["amount"] = "viel"
    bad["survey_submission"]["plant_code"] = "12345"
    done = judged(tmp_path / "in", {"sub/a.xlsx": filled(bad), "ok.xlsx": sound_bytes()})
    assert write_receipts(done.collection, tmp_path / "out") == 2
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        "ok.xlsx.receipt.json", "ok.xlsx.receipt.xlsx",
        "sub__a.xlsx.receipt.json", "sub__a.xlsx.receipt.xlsx",
    ]  # fmt: skip
    document = json.loads((tmp_path / "out" / names[2]).read_bytes())
    assert document["status"] == "rejected"
    cells = {each["cell"] for each in document["findings"] if each["takes"] != "warning"}
    assert {f"{INPUTS}!E6", f"{INPUTS}!D7", "1 企业 Plant!C3"} <= cells
    for each in document["findings"]:
        assert each["what_zh"] and each["what_en"] and each["todo_zh"] and each["todo_en"]
    book = openpyxl.load_workbook(tmp_path / "out" / names[3])
    shown = [row[0] for row in book["意见 Findings"].iter_rows(min_row=2, values_only=True)]
    assert cells <= set(shown)
    sound = json.loads((tmp_path / "out" / names[0]).read_bytes())
    assert sound["status"] == "accepted"
    coal = next(each for each in sound["plausibility"] if each["item"] == "fuel.bituminous_coal")
    assert (coal["yours"], coal["range_low"], coal["range_high"]) == (0.128, 0.105, 0.165)
    assert coal["verdict"] == "in_range"


def test_a_receipt_says_nothing_of_others(tmp_path) -> None:
    """The receipt of one plant is the same bytes whoever else reported."""
    alone = judged(tmp_path / "one", {"b.xlsx": filled()})
    from .test_survey_collection import other

    among = judged(
        tmp_path / "many",
        {"b.xlsx": filled(), **{f"c{n}.xlsx": filled(other(n)) for n in range(2, 5)}},
    )
    mine = next(each for each in receipts(among.collection) if each["file"] == "b.xlsx")
    assert mine == receipts(alone.collection)[0]
    assert receipt_workbook(mine) == receipt_workbook(receipts(alone.collection)[0])
