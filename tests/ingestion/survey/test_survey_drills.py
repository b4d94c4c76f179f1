"""Drills of surveys: one defect each, named after it; each must end as described, at the cell where
it stands, and the sound questionnaire must pass.
"""

import io
import json
import os
import struct
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.styles import Alignment

from ingestion.survey import package, pieces, submission
from ingestion.survey.answered import Answered
from ingestion.survey.findings import survey_rules
from ingestion.survey.questionnaire import sheet_plan
from ingestion.survey.receipt import write_receipts
from ingestion.survey.template import MACHINE_SHEET
from ingestion.survey.values import FILE

from .filling import (
    DEVICES,
    INPUTS,
    OUTPUT_KG,
    OUTPUTS,
    PLANT,
    POWER,
    changed,
    clinker,
    credit_code,
    edited,
    filled,
    judged,
    smelter,
    sound_bytes,
    with_part,
)
from .test_survey_forms import as_csv, as_json, zipped

REJECTED, REMARKED = "rejected", "accepted_with_remarks"
RAISED: set[str] = set()


@dataclass(frozen=True)
class Drill:
    """Makes a file; the rules it must raise (exactly), where the first of them stands, words of
    its sentence, and what becomes of the submission.
    """

    make: Callable[[], bytes]
    rules: tuple[str, ...]
    cell: str = ""
    words: tuple[str, ...] = ()
    status: str = REJECTED
    name: str = "plant.xlsx"


def answers(path: str, value: Any) -> Callable[[], bytes]:
    return lambda: filled(changed(path, value))


def cell(sheet: str, where: str, value: Any) -> Callable[[], bytes]:
    return lambda: edited(lambda book: book[sheet].__setitem__(where, value))


def _older(version: str) -> Callable[[], bytes]:
    return cell(MACHINE_SHEET, "B2", version)


def _hidden(book: Any) -> None:
    book[INPUTS].sheet_state = "hidden"


def _renamed(book: Any) -> None:
    book[INPUTS].title = "原料表"


def _without_mark(book: Any) -> None:
    book[INPUTS].delete_rows(1)


def _copied(book: Any) -> None:
    book.copy_worksheet(book[INPUTS]).title = "copy"


def _merged(book: Any) -> None:
    book[INPUTS].merge_cells("D6:D7")


def _pasted(book: Any) -> None:
    book[INPUTS]["D6"] = "1920000\n192000"
    book[INPUTS]["D6"].alignment = Alignment(wrap_text=True)


def _pasted_one_column_off(book: Any) -> None:
    sheet = book[INPUTS]
    for column in "EDC":
        right = chr(ord(column) + 1)
        sheet[f"{right}6"] = sheet[f"{column}6"].value
    sheet["C6"] = None


def _moved_columns(book: Any) -> None:
    book[INPUTS].insert_cols(3)


def _cached_formula() -> bytes:
    source = zipfile.ZipFile(io.BytesIO(sound_bytes()))
    part = "xl/worksheets/sheet4.xml"
    text = source.read(part).decode()
    value = f"<v>{1.28 * OUTPUT_KG / 1000:g}</v>"
    before = text.index('<c r="D6"')
    after = text.index("</c>", before)
    assert "<v>1920000</v>" in text[before:after]
    assert value == "<v>1.92e+06</v>"
    cell_text = text[before:after].replace("<v>", "<f>1500000*1.28</f><v>")
    return with_part(part, (text[:before] + cell_text + text[after:]).encode())


def _password() -> bytes:
    name = "EncryptedPackage".encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + name + bytes(512)


def _old_format() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "Workbook".encode("utf-16-le")


def _bomb() -> bytes:
    return with_part("xl/media/filler.xml", b" " * 30_000_000)


def _declares_200_mb() -> bytes:
    """A small part that says of itself that it unpacks to 200 MB."""
    content = bytearray(with_part("xl/media/large.bin", b"x"))
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/media/large.bin"))
    content[at + 24 : at + 28] = struct.pack("<I", 200_000_000)
    return bytes(content)


def _two_products(basis: str | None, **more: Any) -> Callable[[], bytes]:
    def make() -> bytes:
        given = smelter()
        for row in given["survey_product"]:
            row |= {"allocation_basis": basis, **more}
        return filled(given, "aluminium")

    return make


def _different_bases() -> bytes:
    given = smelter()
    given["survey_product"][1]["allocation_basis"] = "system_expansion"
    return filled(given, "aluminium")


def _in_kg_as_t() -> bytes:
    """Output in kg under the unit t: everything per unit is a thousand times too small."""
    given = changed("survey_product.0.output_amount", OUTPUT_KG)
    given["survey_submission"] |= {"capacity": 180_000}
    return filled(given)


def _with_text(before: str, after: str, part: str = "xl/worksheets/sheet4.xml") -> bytes:
    """The workbook with one text of a sheet's part replaced, as no spreadsheet program would."""
    text = zipfile.ZipFile(io.BytesIO(sound_bytes())).read(part).decode()
    assert before in text
    return with_part(part, text.replace(before, after, 1).encode())


def _merge_of(range_of: str) -> bytes:
    merged = f'<mergeCells count="1"><mergeCell ref="{range_of}"/></mergeCells>'
    return _with_text("<dataValidations", f"{merged}<dataValidations")


def _first_column_cleared(book: Any) -> None:
    sheet = book[INPUTS]
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, 1).value = None
    sheet["D6"] = "viel"


def _column_before_the_first(book: Any) -> None:
    book[INPUTS].insert_cols(1)
    book[INPUTS]["E6"] = "viel"


def _stock_in_baskets() -> dict[str, Any]:
    given = changed("survey_product.0.unit", "筐")
    given["survey_product"][0]["stock_change"] = 5
    return given


def _csv(sheet: str, edit: Callable[[bytes], bytes]) -> bytes:
    """The sound answers as an archive of CSV files, one of them edited."""
    files = as_csv(clinker())
    files[f"{sheet}.csv"] = edit(files[f"{sheet}.csv"])
    return zipped(files)


def _labelled(text: bytes, label: str) -> bytes:
    """The first CSV sheet with the labels of its questions in place of their names."""
    lines = text.decode()
    for question in sheet_plan("survey_submission").questions:
        lines = lines.replace(f"\n{question.name},", f"\n{getattr(question, label)},")
    assert "plant_name" not in lines
    return lines.encode()


def _json(before: bytes = b"", after: bytes = b"") -> bytes:
    """The sound answers as JSON, one text in them replaced."""
    text = as_json(clinker(), survey_steam=[])
    assert before in text
    return text.replace(before, after, 1) if before else text


def _damaged(archive: bytes) -> bytes:
    """An archive with 60 bytes of its packed content overwritten."""
    return archive[:60] + b"\xff" * 60 + archive[120:]


def _materials_thirtyfold() -> bytes:
    given = clinker()
    for row in (0, 2):
        given["survey_input"][row]["amount"] *= 4
    return filled(given)


WORKBOOKS = {
    "a template of an older major version is refused": Drill(
        _older("0.9"), ("questionnaire_outdated",), words=("0.9", "1.0")
    ),
    "a template nobody knows yet is refused": Drill(
        _older("7.0"), ("questionnaire_of_other_version",), words=("7.0",)
    ),
    "a version that is no version is refused": Drill(
        _older("alt"), ("questionnaire_of_other_version",), words=("alt",)
    ),
    "an industry nobody knows is refused": Drill(
        cell(MACHINE_SHEET, "B4", "magic"), ("industry_not_known",), words=("magic", "cement")
    ),
    "a workbook that is no questionnaire is refused": Drill(
        lambda: edited(lambda book: book.remove(book[MACHINE_SHEET])), ("questionnaire_unknown",)
    ),
    "a renamed sheet is known by its mark": Drill(
        lambda: edited(_renamed), ("sheet_renamed",), "原料表", ("原料表", INPUTS), REMARKED
    ),
    "a hidden sheet counts and is said": Drill(
        lambda: edited(_hidden), ("sheet_hidden",), INPUTS, ("hidden",), REMARKED
    ),
    "a sheet without its mark is known by its labels": Drill(
        lambda: edited(_without_mark), ("sheet_mark_lost",), INPUTS, ("labels",), REMARKED
    ),
    "a copied sheet is refused": Drill(
        lambda: edited(_copied), ("sheet_twice",), "copy", ("second",)
    ),
    "a deleted sheet that is needed is refused": Drill(
        lambda: edited(lambda book: book.remove(book[OUTPUTS])),
        ("sheet_missing", "main_product_missing"),
    ),
    "a deleted sheet that may be empty is said": Drill(
        lambda: edited(lambda book: book.remove(book[DEVICES])),
        ("sheet_taken_out", "device_missing"), status=REMARKED,
    ),
    "a sheet of one's own is passed over and said": Drill(
        lambda: edited(lambda book: book.create_sheet("notes").__setitem__("A1", "hello")),
        ("sheet_passed_over",), "notes", status=REMARKED,
    ),
    "columns may be moved": Drill(lambda: edited(_moved_columns), (), status="accepted"),
    "a needed column taken out is refused": Drill(
        lambda: edited(lambda book: book[INPUTS].delete_cols(4)),
        ("question_missing", "answer_missing"), words=("Amount",),
    ),
    "a column taken out that may be empty is said": Drill(
        lambda: edited(lambda book: book[INPUTS].delete_cols(11)), ("question_taken_out",),
        status=REMARKED,
    ),
    "an error instead of a number names the cell": Drill(
        cell(INPUTS, "D6", "#DIV/0!"), ("cell_is_an_error",), f"{INPUTS}!D6",
        ("#DIV/0!",),
    ),
    "a formula that was never computed names the cell": Drill(
        cell(INPUTS, "D6", "=1500000*1.28"), ("formula_without_value",),
        f"{INPUTS}!D6",
    ),
    "a computed formula is read and said": Drill(
        _cached_formula, ("formula_read_as_value",), f"{INPUTS}!D6", ("1920000",), REMARKED
    ),
    "merged cells are refused": Drill(
        lambda: edited(_merged), ("cells_merged",), f"{INPUTS}!D7", ("D6:D7",),
    ),
    "cells merged beside an amount are refused one by one": Drill(
        lambda: edited(lambda book: book[INPUTS].merge_cells("E6:G6")), ("cells_merged",),
        f"{INPUTS}!G6", ("E6:G6",),
    ),
    "a merge that begins in the notes takes the heating values below": Drill(
        lambda: edited(lambda book: book[INPUTS].merge_cells("F5:F7")), ("cells_merged",),
        f"{INPUTS}!F7", ("F5:F7",),
    ),
    "a sheet merged all over is refused": Drill(
        lambda: edited(lambda book: book[INPUTS].merge_cells("B6:Z2000")),
        ("cells_merged_widely",), words=("B6:Z2000", "20,000"),
    ),
    "a merge beyond every sheet is passed over": Drill(
        lambda: _merge_of("D9999999:D9999999"), (), status="accepted",
    ),
    "a merge of a row with eleven digits is passed over": Drill(
        lambda: _merge_of("D99999999999:D99999999999"), (), status="accepted",
    ),
    "a cell in a row of eleven digits is not opened": Drill(
        lambda: _with_text('<c r="D6"', '<c r="D99999999999"'), ("xlsx_too_large_inside",),
        words=("D999999999",),
    ),
    "a row of eleven digits is not opened": Drill(
        lambda: _with_text('<row r="6"', '<row r="99999999999"'), ("xlsx_too_large_inside",),
    ),
    "a column that no sheet has is not opened": Drill(
        lambda: _with_text('<c r="D6"', '<c r="ZZZZZZ6"'), ("xlsx_too_large_inside",),
    ),
    "the first column cleared: known by labels, with its own addresses": Drill(
        lambda: edited(_first_column_cleared), ("sheet_mark_lost", "number_not_readable"),
        f"{INPUTS}!D6",
    ),
    "a column put in before the first moves every address": Drill(
        lambda: edited(_column_before_the_first), ("number_not_readable",), f"{INPUTS}!E6",
    ),
    "a column put in before the first of the plant sheet": Drill(
        lambda: edited(lambda book: book[PLANT].insert_cols(1)), (), status="accepted",
    ),
    "two values pasted into one cell are no number": Drill(
        lambda: edited(_pasted), ("number_not_readable",), f"{INPUTS}!D6"
    ),
    "a block pasted one column off is refused at each cell": Drill(
        lambda: edited(_pasted_one_column_off),
        ("answer_missing", "number_not_readable"), f"{INPUTS}!C6",
    ),
    "a unit in the cell is read and said": Drill(
        cell(INPUTS, "D6", "1920000 t"), ("unit_in_the_cell",), f"{INPUTS}!D6", ("1920000 t",),
        REMARKED,
    ),
    "a unit in the cell that contradicts its column is refused": Drill(
        cell(INPUTS, "D6", "1920000000 kg"), ("unit_stated_twice",), f"{INPUTS}!D6", ("kg / t",)
    ),
    "words in a number are refused": Drill(
        cell(INPUTS, "D6", "约1920000"), ("number_not_readable",), f"{INPUTS}!D6"
    ),
    "a unit that is none is refused": Drill(
        cell(INPUTS, "E6", "筐"), ("unit_not_known",), f"{INPUTS}!E6", ("筐",)
    ),
    "a unit in the cell that is none is refused there": Drill(
        cell(INPUTS, "D6", "1920000 筐"), ("unit_not_known",), f"{INPUTS}!D6", ("筐",)
    ),
    "a unit of another kind in the cell is refused there": Drill(
        cell(INPUTS, "D6", "1920000 MWh"), ("unit_of_other_kind",), f"{INPUTS}!D6", ("MWh",)
    ),
    "a capacity in a unit of another kind names the unit": Drill(
        answers("survey_submission.capacity_unit", "MWh/a"), ("unit_of_other_kind",),
        f"{PLANT}!C14", ("MWh",)
    ),
    "a stock change shares the unit that is none": Drill(
        lambda: filled(_stock_in_baskets()), ("unit_not_known",), f"{OUTPUTS}!E6"
    ),
    "a unit of another kind is refused": Drill(
        cell(INPUTS, "E6", "MWh"), ("unit_of_other_kind",), f"{INPUTS}!E6",
        ("MWh", "kg"),
    ),
    "an amount without a unit is refused": Drill(
        cell(INPUTS, "E6", None), ("unit_not_stated",), f"{INPUTS}!E6"
    ),
    "thousands separators are read and said": Drill(
        cell(INPUTS, "D6", "1,920,000"), ("number_rewritten",), f"{INPUTS}!D6", ("1920000",),
        REMARKED,
    ),
    "wrong thousands separators are refused": Drill(
        cell(INPUTS, "D6", "1,92,0000"), ("number_not_readable",), f"{INPUTS}!D6"
    ),
    "thousands separated by points are no number": Drill(
        cell(INPUTS, "D6", "1.920.000"), ("number_not_readable",), f"{INPUTS}!D6"
    ),
    "a carbon content with two points is no number": Drill(
        cell(INPUTS, "G7", "0.66.0"), ("number_not_readable",), f"{INPUTS}!G7"
    ),
    "full-width digits are read and said": Drill(
        cell(INPUTS, "D6", "１９２００００"), ("number_rewritten",), f"{INPUTS}!D6", ("1920000",),
        REMARKED,
    ),
    "powers of ten in a text are refused": Drill(
        cell(INPUTS, "D6", "1.92E+06"), ("number_in_powers",), f"{INPUTS}!D6"
    ),
    "a number beyond any plant is refused": Drill(
        cell(INPUTS, "D6", "99999999999999999"), ("number_too_large",),
        f"{INPUTS}!D6",
    ),
    "35 percent as 0.35 is read": Drill(
        cell(INPUTS, "I7", 0.35), ("oxidation_low",), f"{INPUTS}!I7", ("0.35",), REMARKED
    ),
    "35 percent as 35 is read and said": Drill(
        cell(INPUTS, "I7", 35), ("share_read_as_percent", "oxidation_low"), f"{INPUTS}!I7",
        ("'35'", "0.35"), REMARKED,
    ),
    "35 percent as '35 %' is read and said": Drill(
        cell(INPUTS, "I7", "35 %"), ("share_read_as_percent", "oxidation_low"), f"{INPUTS}!I7",
        ("'35 %'", "0.35"), REMARKED,
    ),
    "percent as 98 is read and said": Drill(
        cell(INPUTS, "I7", 98), ("share_read_as_percent",), f"{INPUTS}!I7", ("98", "0.98"),
        REMARKED,
    ),
    "percent with its sign is read and said": Drill(
        cell(INPUTS, "I7", "98%"), ("share_read_as_percent",), f"{INPUTS}!I7", ("0.98",), REMARKED
    ),
    "a share between one and two is refused": Drill(
        cell(INPUTS, "I7", 1.2), ("share_not_clear",), f"{INPUTS}!I7", ("1.2",)
    ),
    "a carbon content of 0.66 percent is read as the fraction it is": Drill(
        cell(INPUTS, "H7", "percent"), ("carbon_content_read_otherwise",), f"{INPUTS}!G7",
        ("0.66",), REMARKED,
    ),
    "a carbon content that fits no reading is refused": Drill(
        lambda: edited(
            lambda book: (
                book[INPUTS].__setitem__("G7", 0.0001), book[INPUTS].__setitem__("H7", "percent")
            )
        ),
        ("carbon_content_not_clear",), f"{INPUTS}!G7",
    ),
    "a carbon content without a unit is refused": Drill(
        cell(INPUTS, "H7", None), ("carbon_unit_missing",), f"{INPUTS}!H7",
    ),
    "a heating value in kJ/kg is refused": Drill(
        answers("survey_input.1.lower_heating_value", 25100),
        ("lab_value_impossible",), f"{INPUTS}!F7", ("25100",),
    ),
    "a heating value in kcal/kg with its unit is converted": Drill(
        answers("survey_input.1.lower_heating_value", "6000 kcal/kg"), ("unit_in_the_cell",),
        f"{INPUTS}!F7", status=REMARKED,
    ),
    "an unusual heating value is said": Drill(
        answers("survey_input.1.lower_heating_value", 11.0),
        ("lab_value_unusual", "energy_balance_outside"), f"{OUTPUTS}!D6", status=REMARKED,
    ),
    "a negative amount is refused": Drill(
        answers("survey_input.0.amount", -5), ("number_negative",),
        f"{INPUTS}!D6", ("-5",),
    ),
    "a negative stock change is allowed": Drill(
        answers("survey_product.0.stock_change", -20_000), (), status="accepted"
    ),
    "a stock change above the output is said": Drill(
        answers("survey_product.0.stock_change", -2_000_000), ("stock_above_output",),
        f"{OUTPUTS}!I6", status=REMARKED,
    ),
    "an output of zero is refused": Drill(
        answers("survey_product.0.output_amount", 0), ("output_zero",), f"{OUTPUTS}!D6"
    ),
    "a negative output is refused": Drill(
        answers("survey_product.0.output_amount", -1), ("number_negative",), f"{OUTPUTS}!D6"
    ),
    "an unknown item names the nearest": Drill(
        answers("survey_input.0.product_code", "mineral.limestome"),
        ("item_not_known",), f"{INPUTS}!C6", ("mineral.limestone",),
    ),
    "an unknown code is refused": Drill(
        answers("survey_input.0.kind", "stuff"), ("answer_not_a_code",), f"{INPUTS}!B6"
    ),
    "an item of another industry has no range": Drill(
        answers("survey_input.2.product_code", "chemical.cryolite"), ("item_outside_recipe",),
        f"{INPUTS}!D8", status=REMARKED,
    ),
    "an item in two lines is said": Drill(
        lambda: filled(_halved()), ("item_twice",), f"{INPUTS}!C6", status=REMARKED
    ),
    "a social credit code with a wrong digit is refused": Drill(
        answers("survey_submission.plant_code", credit_code(1)[:-1] + "A"),
        ("social_credit_code_wrong",), f"{PLANT}!C3", ("GB 32100-2015",),
    ),
    "a social credit code that is none is refused": Drill(
        answers("survey_submission.plant_code", "12345"), ("social_credit_code_malformed",),
        f"{PLANT}!C3",
    ),
    "a day in another form is read and said": Drill(
        answers("survey_submission.period_end", "2024年12月31日"), ("day_rewritten",),
        f"{PLANT}!C11", status=REMARKED,
    ),
    "a day that is none is refused": Drill(
        answers("survey_submission.period_end", "2024-02-31"), ("day_not_readable",), f"{PLANT}!C11"
    ),
    "a day as a bare number is refused with the day it may be": Drill(
        answers("survey_submission.period_start", 45292), ("day_is_a_number",), f"{PLANT}!C10",
        ("45292", "2024-01-01", "format"),
    ),
    "a period that ends before it begins is refused": Drill(
        answers("survey_submission.period_end", "2023-06-30"), ("period_reversed",), f"{PLANT}!C11"
    ),
    "a period of two years is refused": Drill(
        answers("survey_submission.period_end", "2025-12-31"),
        ("period_length_odd", "calibration_expired"), f"{PLANT}!C11",
    ),
    "more hours than the year has are refused": Drill(
        answers("survey_submission.operating_hours", 9000), ("hours_above_period",), f"{PLANT}!C12"
    ),
    "a plant that did not run is said": Drill(
        answers("survey_submission.operating_hours", 0), ("hours_zero",), f"{PLANT}!C12",
        status=REMARKED,
    ),
    "a technology of another product is refused": Drill(
        answers("survey_submission.technology", "ball_mill"), ("technology_of_other_product",),
        f"{PLANT}!C9", ("nsp",),
    ),
    "a main product without output is refused": Drill(
        answers("survey_product.0.role", "co_product"),
        ("main_product_missing",), f"{PLANT}!C8",
    ),
    "another main product than the first sheet says is refused": Drill(
        answers("survey_product.0.product_code", "cement.portland"),
        ("main_product_missing", "main_product_differs"), f"{OUTPUTS}!B6",
    ),
    "a capacity unit that is none is refused": Drill(
        answers("survey_submission.capacity_unit", "t"), ("capacity_unit_not_readable",),
        f"{PLANT}!C14",
    ),
    "output above capacity is said": Drill(
        answers("survey_submission.capacity", 120), ("output_near_capacity",), f"{OUTPUTS}!D6",
        status=REMARKED,
    ),
    "output far above capacity is refused": Drill(
        answers("survey_submission.capacity", 50), ("output_above_capacity",), f"{OUTPUTS}!D6"
    ),
    "capacity a thousand times too small suggests t and kg": Drill(
        answers("survey_submission.capacity", 0.18), ("output_off_by_thousand",), f"{OUTPUTS}!D6",
        ("kg",),
    ),
    "an hourly capacity is multiplied by the hours": Drill(
        lambda: filled(clinker(capacity=100, capacity_unit="t/h")), ("output_above_capacity",),
        f"{OUTPUTS}!D6", ("720000000",),
    ),
    "green electricity without certificates is refused": Drill(
        answers("survey_electricity.1.certificate_ids", ...), ("certificate_missing",),
        f"{POWER}!E7", ("15000",),
    ),
    "certificates beside grid electricity are said": Drill(
        answers("survey_electricity.0.certificate_ids", "GEC-9"), ("certificate_without_claim",),
        status=REMARKED,
    ),
    "a certificate used in two lines is refused": Drill(
        answers("survey_electricity.1.certificate_ids", "GEC-1;GEC-1"), ("certificate_used_twice",)
    ),
    "own generation without its technology is said": Drill(
        answers("survey_electricity.0.origin", "self_generated"),
        ("generation_technology_missing",), status=REMARKED,
    ),
    "an expired calibration is said": Drill(
        answers("survey_device.0.valid_until", "2024-06-30"), ("calibration_expired",),
        f"{DEVICES}!E6", ("2024-06-30",), REMARKED,
    ),
    "a device that is traced to nothing is said at the empty cell": Drill(
        answers("survey_device.0.traceability", ...), ("traceability_missing",),
        f"{DEVICES}!F6", ("皮带秤 1",), REMARKED,
    ),
    "a calibration valid before it was done loses its line": Drill(
        answers("survey_device.0.valid_until", "2023-06-30"),
        ("calibration_expired", "calibration_reversed"), f"{DEVICES}!E6", status=REMARKED,
    ),
    "a co-product without allocation basis is refused": Drill(
        _two_products(None), ("allocation_basis_missing",), f"{OUTPUTS}!H6",
        ("aluminium.electrolytic",),
    ),
    "two bases of allocation are refused": Drill(
        _different_bases, ("allocation_bases_differ",), f"{OUTPUTS}!H6"
    ),
    "economic allocation without prices is refused at the empty price": Drill(
        _two_products("economic"), ("allocation_value_missing",), f"{OUTPUTS}!F6", ("price_cny",)
    ),
    "allocation by energy without heating values is refused at the empty value": Drill(
        _two_products("energy"), ("allocation_value_missing",), f"{OUTPUTS}!G6",
        ("energy_mj_per_unit",),
    ),
    "economic allocation with prices passes": Drill(
        _two_products("economic", price_cny=100), (), status="accepted"
    ),
    "a co-product that is none of the product is said": Drill(
        lambda: filled(_with_co_product("aluminium.scrap", 0.01), "aluminium"),
        ("co_product_unexpected",), f"{OUTPUTS}!B7", status=REMARKED,
    ),
    "a co-product of nothing is said": Drill(
        lambda: filled(_with_co_product("aluminium.anode_butt", 0), "aluminium"),
        ("co_product_zero",), f"{OUTPUTS}!D7", status=REMARKED,
    ),
    "a product in two lines is refused": Drill(
        lambda: filled(_with_co_product("aluminium.electrolytic", 0.01, "main"), "aluminium"),
        ("product_twice",), f"{OUTPUTS}!B6",
    ),
    "an input a thousand times too large suggests t and kg": Drill(
        answers("survey_input.1.amount", 0.128 * OUTPUT_KG),
        ("amount_off_by_thousand",), f"{INPUTS}!D7",
    ),
    "a mass balance off by a thousand suggests t and kg": Drill(
        _in_kg_as_t,
        ("mass_balance_off_by_thousand", "energy_balance_off_by_thousand",
         "amount_off_by_thousand"), f"{OUTPUTS}!D6", ("t and kg",),
    ),
    "materials four times too large break the mass balance": Drill(
        _materials_thirtyfold,
        ("mass_balance_impossible", "amount_outside_range", "amount_outside_range"),
        f"{OUTPUTS}!D6",
    ),
    "a consumption outside its range is said": Drill(
        answers("survey_input.2.amount", 700_000), ("amount_outside_range",), f"{INPUTS}!D8",
        ("0.08 - 0.4 kg/kg",), REMARKED,
    ),
    "an impossible consumption is refused": Drill(
        answers("survey_emission.0.amount_kg", 20_000_000),
        ("amount_impossible", "carbon_balance_impossible"),
    ),
    "more carbon out than in is said": Drill(
        answers("survey_emission.0.amount_kg", 1_600_000),
        ("amount_outside_range", "carbon_balance_open"), status=REMARKED,
    ),
    "a product without what it is made of is refused": Drill(
        answers("survey_input.0", ...),
        ("item_missing", "mass_balance_impossible", "carbon_balance_open"), INPUTS,
        ("mineral.limestone",),
    ),
    "too little electricity breaks no balance but is said": Drill(
        answers("survey_electricity.0.energy_mwh", 10_000), ("amount_outside_range",),
        status=REMARKED,
    ),
    "a fuel of half the energy is outside": Drill(
        answers("survey_input.1.amount", 90_000),
        ("amount_outside_range", "energy_balance_outside"), status=REMARKED,
    ),
    "materials somewhat above the recipe are said": Drill(
        answers("survey_input.0.amount", 1.9 * OUTPUT_KG / 1000),
        ("amount_outside_range", "mass_balance_outside"), f"{OUTPUTS}!D6", status=REMARKED,
    ),
    "fuel for three smelters in one is refused": Drill(
        lambda: filled(_with_coal(), "aluminium"),
        ("item_outside_recipe", "energy_balance_impossible"), f"{OUTPUTS}!D6",
    ),
    "a distance around the world is said": Drill(
        answers("survey_transport.0.distance_km", 40_000), ("distance_outside_range",),
        status=REMARKED,
    ),
    "a low oxidation is said": Drill(
        answers("survey_input.1.oxidation", 0.5), ("oxidation_low",), status=REMARKED
    ),
    "a waste line that cannot be read is lost alone": Drill(
        answers("survey_waste.0.amount", "viel"), ("number_not_readable",), status=REMARKED
    ),
    "a password locks the workbook": Drill(_password, ("workbook_has_password",)),
    "the old format is refused": Drill(_old_format, ("workbook_of_old_format",), name="plant.xls"),
    "macros are refused": Drill(
        lambda: with_part("xl/vbaProject.bin", b"macro"), ("workbook_has_macros",), name="p.xlsm"
    ),
    "links to other files are refused": Drill(
        lambda: with_part("xl/externalLinks/externalLink1.xml", b"<a/>"),
        ("workbook_has_external_links",),
    ),
    "a bomb is not unpacked": Drill(_bomb, ("xlsx_too_large_inside",), words=("unpacks",)),
    "a part that declares 200 MB is not unpacked": Drill(
        _declares_200_mb, ("xlsx_too_large_inside",), words=("bytes",)
    ),
    "entities are refused": Drill(
        lambda: with_part("xl/custom.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'),
        ("xlsx_has_entities",),
    ),
    "a workbook cut in the middle is refused": Drill(
        lambda: sound_bytes()[:9000], ("file_truncated",)
    ),
    "a text called xlsx is refused": Drill(lambda: b"hello", ("xlsx_not_a_workbook",)),
    "an empty file is refused": Drill(lambda: b"", ("survey_file_empty",)),
    "a picture is no questionnaire": Drill(
        lambda: b"\x89PNG", ("survey_file_unknown",), name="scan.png"
    ),
    "JSON that is none is refused": Drill(lambda: b"{", ("survey_not_json",), name="p.json"),
    "an empty CSV of a sheet that may be empty is said": Drill(
        lambda: _csv("survey_steam", lambda _: b""), ("sheet_taken_out",), "survey_steam",
        status=REMARKED, name="c.zip",
    ),
    "a CSV of blank lines is an empty one": Drill(
        lambda: _csv("survey_steam", lambda _: b"\n\n"), ("sheet_taken_out",), status=REMARKED,
        name="c.zip",
    ),
    "an empty CSV of a sheet that is needed is refused": Drill(
        lambda: _csv("survey_product", lambda _: b" \n"),
        ("sheet_missing", "main_product_missing"), name="c.zip",
    ),
    "an empty CSV of the first sheet is no questionnaire": Drill(
        lambda: _csv("survey_submission", lambda _: b""), ("questionnaire_unknown",), name="c.zip"
    ),
    "a CSV under a blank line is read": Drill(
        lambda: _csv("survey_input", lambda text: b"\r\n" + text), (), status="accepted",
        name="c.zip",
    ),
    "English labels on the first CSV sheet are read": Drill(
        lambda: _csv("survey_submission", lambda text: _labelled(text, "label_en")), (),
        status="accepted", name="c.zip",
    ),
    "Chinese labels on the first CSV sheet are read": Drill(
        lambda: _csv("survey_submission", lambda text: _labelled(text, "label_zh")), (),
        status="accepted", name="c.zip",
    ),
    "a question nobody asked on the first CSV sheet is said": Drill(
        lambda: _csv("survey_submission", lambda text: text + b"colour,red\r\n,x\r\n"),
        ("question_unknown",), words=("colour",), status=REMARKED, name="c.zip",
    ),
    "a power of ten that would fill the memory is refused at its place": Drill(
        lambda: _json(b"1920000.0", b"1e99999999999999"), ("number_in_powers",),
        "survey_input[1].amount", ("1e99999999999999",), name="p.json",
    ),
    "half of a surrogate pair is no text": Drill(
        lambda: _json("甲水泥厂".encode(), b"\\ud800"), ("survey_not_json",),
        words=("surrogates not allowed",), name="p.json",
    ),
    "half of a surrogate pair as a name is no text": Drill(
        lambda: _json(b'"industry"', b'"\\ud800": [], "industry"'), ("survey_not_json",),
        words=("surrogates not allowed",), name="p.json",
    ),
    "an industry of 400 letters is refused": Drill(
        lambda: _json(b'"cement"', b'"' + b"x" * 400 + b'"'), ("industry_not_known",),
        words=("cement",), name="p.json",
    ),
    "an industry of 400 letters in a workbook is refused": Drill(
        cell(MACHINE_SHEET, "B4", "x" * 400), ("industry_not_known",), words=("cement",)
    ),
    "an industry that is the way to another file is refused": Drill(
        lambda: _json(b'"cement"', b'"../survey/rules"'), ("industry_not_known",),
        words=("'../survey/rules'",), name="p.json",
    ),
    "a damaged member of an archive is refused": Drill(
        lambda: _damaged(zipped({"x.json": _json()})), ("archive_broken",), name="d.zip"
    ),
    "an archive that is none is refused": Drill(lambda: b"PK", ("archive_broken",), name="p.zip"),
}  # fmt: skip


def _with_coal() -> dict[str, Any]:
    given = smelter()
    given["survey_input"].append(
        {"kind": "fuel", "product_code": "fuel.bituminous_coal", "amount": 1_000_000, "unit": "t"}
    )
    return given


def _halved() -> dict[str, Any]:
    given = clinker()
    first = given["survey_input"][0]
    first["amount"] /= 2
    given["survey_input"].append(dict(first))
    return given


def _with_co_product(code: str, share: float, role: str = "co_product") -> dict[str, Any]:
    given = smelter()
    given["survey_product"][1] |= {
        "product_code": code, "output_amount": 100_000 * share, "role": role
    }  # fmt: skip
    return given


def test_the_sound_questionnaires_pass_without_a_word(tmp_path) -> None:
    done = judged(
        tmp_path, {"a.xlsx": sound_bytes(), "b.xlsx": filled(smelter_elsewhere(), "aluminium")}
    )
    assert done.findings == []
    assert done.status == ["accepted", "accepted"]
    verdicts = done.collection.plausibility["verdict"].to_list()
    assert verdicts.count("in_range") == len(verdicts) > 10


def smelter_elsewhere() -> dict[str, Any]:
    given = smelter()
    given["survey_submission"] |= {"plant_code": credit_code(7), "plant_name": "丙铝厂"}
    return given


@pytest.mark.parametrize("name", WORKBOOKS)
def test_drill(name: str, tmp_path) -> None:
    drill = WORKBOOKS[name]
    done = judged(tmp_path, {drill.name: drill.make()})
    RAISED.update(done.rules)
    assert "traceback" not in str(done.findings).lower()
    assert done.rules - {"submission_incomplete"} == set(drill.rules), done.findings
    assert done.status == [drill.status]
    for each in done.findings:
        assert each.sentence_en and each.sentence_zh
        assert "{" not in each.sentence_en + each.sentence_zh + each.todo_en + each.todo_zh
        assert "Traceback" not in each.sentence_en
    if drill.rules:
        said = " ".join(each.sentence_en + each.todo_en for each in done.findings)
        for word in drill.words:
            assert word in said, said
    if drill.cell:
        assert drill.cell in [each.cell for each in done.findings], done.findings
    rows = sum(frame.height for frame in done.collection.tables.values())
    assert (rows > 0) == (drill.status != REJECTED)


def test_rejected_lines_reject_the_submission_and_it_says_how_many(tmp_path) -> None:
    done = judged(tmp_path, {"a.xlsx": filled(changed("survey_input.2.unit", "筐"))})
    RAISED.update(done.rules)
    assert done.rules == {"unit_not_known", "submission_incomplete"}
    assert "1 lines" in done.one("submission_incomplete").sentence_en
    assert done.status == [REJECTED]


def test_a_waste_line_that_is_lost_is_lost_alone(tmp_path) -> None:
    done = judged(tmp_path, {"a.xlsx": filled(changed("survey_waste.0.amount", "viel"))})
    assert done.collection.tables["survey_waste"].height == 0
    assert done.collection.tables["survey_input"].height == 3
    file = done.collection.files.row(0, named=True)
    assert file["lines_read"] == file["lines_accepted"] + 1


def test_a_file_of_200_mb_is_not_read(tmp_path, monkeypatch) -> None:
    path = tmp_path / "large.xlsx"
    with path.open("wb") as stream:
        stream.truncate(200_000_000)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda _: pytest.fail("it was read"))
    done = judged(tmp_path, {})
    RAISED.update(done.rules)
    assert done.rules == {"survey_file_too_large"}
    assert "200,000,000 bytes" in done.findings[0].sentence_en


def test_a_period_that_is_not_over_is_refused(tmp_path) -> None:
    import datetime as dt

    late = judged(tmp_path, {"a.xlsx": sound_bytes()}, known_at=dt.date(2024, 11, 1))
    RAISED.update(late.rules)
    assert late.rules == {"period_not_over"}
    assert judged(tmp_path, {}, known_at=dt.date(2025, 1, 1)).rules == set()


def test_a_sheet_of_thousands_of_rows_is_refused(tmp_path) -> None:
    content = edited(lambda book: book[INPUTS].__setitem__("D5000", 1))
    done = judged(tmp_path, {"a.xlsx": content})
    RAISED.update(done.rules)
    assert "sheet_too_long" in done.rules


def test_an_older_questionnaire_of_the_same_questions_is_read(tmp_path, monkeypatch) -> None:
    import dataclasses

    from ingestion.industry import load_industry
    from ingestion.survey import submission

    newer = dataclasses.replace(load_industry("cement"), version="1.3")
    monkeypatch.setattr(
        submission, "load_industry", lambda name: newer if name == "cement" else load_industry(name)
    )
    done = judged(tmp_path, {"a.xlsx": sound_bytes()})
    RAISED.update(done.rules)
    assert done.rules == {"questionnaire_older"}
    assert done.status == [REMARKED]


def test_more_out_than_in_is_refused(tmp_path) -> None:
    given = smelter()
    given["survey_waste"] = [
        {"waste_code": "spent_pot_lining", "amount": 200_000, "unit": "t",
         "treatment": "hazardous"}
    ]  # fmt: skip
    done = judged(tmp_path, {"a.xlsx": filled(given, "aluminium")})
    RAISED.update(done.rules)
    assert "more_out_than_in" in done.rules


def test_bad_files_of_a_batch_take_no_other_with_them(tmp_path) -> None:
    names = [name for name, drill in WORKBOOKS.items() if drill.rules and not drill.cell]
    files = {f"{n}/{WORKBOOKS[name].name}": WORKBOOKS[name].make() for n, name in enumerate(names)}
    done = judged(tmp_path, files | {"zz.xlsx": sound_bytes()})
    assert done.collection.files["name"][-1] == "zz.xlsx"
    alike = {"submission_repeated", "same_answers_other_plant", "plant_twice"}
    last = done.collection.findings.filter(pl.col(FILE) == done.collection.files[FILE][-1])
    assert set(last["rule_id"]) <= alike
    assert len(done.status) == len(files) + 1


class PanicException(BaseException):
    """Named as that of a library written in Rust, which is no Exception either."""


@pytest.mark.parametrize("error", [ZeroDivisionError("1/0"), PanicException("overflow")])
@pytest.mark.parametrize(
    ("form", "rule"),
    [("xlsx", "workbook_broken"), ("json", "survey_not_json"), ("csv", "survey_not_csv")],
)
def test_what_nobody_foresaw_in_one_file_becomes_a_finding(
    form, rule, error, tmp_path, monkeypatch, caplog
) -> None:
    def read(piece: pieces.Piece) -> Answered:
        if piece.name != "b.xlsx":
            raise error
        return pieces.read_piece(piece)

    monkeypatch.setattr(submission, "read_piece", read)
    caplog.set_level("DEBUG", logger=submission.__name__)
    files = {"xlsx": {"a.xlsx": b""}, "json": {"a.json": b""}, "csv": as_csv(clinker())}[form]
    files = {f"a/{name}": content for name, content in files.items()}
    done = judged(tmp_path, files | {"b.xlsx": sound_bytes()})
    RAISED.update(done.rules)
    assert done.rules == {rule}
    assert done.status == [REJECTED, "accepted"]
    assert type(error).__name__ in done.findings[0].sentence_en
    assert "Traceback" in caplog.text


def test_an_interruption_is_no_finding(tmp_path, monkeypatch) -> None:
    def interrupted(_: pieces.Piece) -> Answered:
        raise KeyboardInterrupt

    monkeypatch.setattr(submission, "read_piece", interrupted)
    with pytest.raises(KeyboardInterrupt):
        judged(tmp_path, {"a.xlsx": b""})


def test_a_file_name_that_is_no_utf_8_is_a_name_all_the_same(tmp_path) -> None:
    for name in (b"\xff.json", b"\xfe.csv"):
        try:
            (tmp_path / os.fsdecode(name)).write_bytes(_json())
        except OSError:
            pytest.skip("this file system takes UTF-8 alone")
    done = judged(tmp_path, {})
    assert done.collection.files["name"].to_list() == ["\ufffd.csv", "\ufffd.json"]
    assert done.status == [REJECTED, "accepted"]


@pytest.mark.parametrize("text", [b'<c r="A1">', b"<c ", b"<c r='A1' t='", b'<c a="b" '])
def test_cells_that_are_never_closed_are_looked_at_once(text) -> None:
    """A search that begins anew at each of them takes minutes."""
    started = time.perf_counter()
    package._odd_cells(b"<f>" + text * 100_000)
    assert time.perf_counter() - started < 10


def test_a_word_that_is_no_attribute_is_looked_at_once() -> None:
    started = time.perf_counter()
    assert package._attributes(b"a" * 200_000) == {}
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("written", [0.35, 35, "35 %", "35％"])
def test_a_share_of_35_percent_is_the_same_however_it_is_written(written, tmp_path) -> None:
    done = judged(tmp_path, {"a.xlsx": filled(changed("survey_input.1.oxidation", written))})
    shares = done.collection.tables["survey_input"]["oxidation"].drop_nulls().to_list()
    assert [str(share) for share in shares] == ["0.350000"]


def test_a_wrong_unit_is_told_once_and_at_the_unit(tmp_path) -> None:
    done = judged(tmp_path, {"a.xlsx": filled(_stock_in_baskets())})
    units = [each.cell for each in done.findings if each.rule_id == "unit_not_known"]
    assert units == [f"{OUTPUTS}!E6"]


def test_every_cell_of_a_merged_range_is_named(tmp_path) -> None:
    content = edited(lambda book: book[INPUTS].merge_cells("E6:G7"))
    cells = {each.cell for each in judged(tmp_path, {"a.xlsx": content}).findings if each.cell}
    assert cells == {f"{INPUTS}!{column}{row}" for column in "EFG" for row in (6, 7)}


EIGHT_DEFECTS: dict[tuple[str, str], Any] = {
    (PLANT, "C3"): "12345",
    (PLANT, "C11"): "2024-02-31",
    (PLANT, "C14"): "t",
    (OUTPUTS, "E6"): "筐",
    (INPUTS, "B6"): "stuff",
    (INPUTS, "D7"): "#DIV/0!",
    (INPUTS, "I7"): 1.2,
    (INPUTS, "C8"): "mineral.mud",
    (POWER, "D6"): "1.92E+06",
    (POWER, "E7"): None,
    (DEVICES, "D6"): "soon",
}
"""Sheet and cell -> what somebody wrote there."""


def test_the_receipt_of_a_workbook_with_many_defects_names_every_bad_cell(tmp_path) -> None:
    def spoil(book: Any) -> None:
        for (sheet, where), value in EIGHT_DEFECTS.items():
            book[sheet][where] = value

    done = judged(tmp_path / "in", {"a.xlsx": edited(spoil)})
    assert done.status == [REJECTED]
    assert write_receipts(done.collection, tmp_path / "out") == 1
    document = json.loads((tmp_path / "out" / "a.xlsx.receipt.json").read_bytes())
    refused = {each["cell"] for each in document["findings"] if each["takes"] != "warning"}
    assert refused == {f"{sheet}!{where}" for sheet, where in EIGHT_DEFECTS}
    book = openpyxl.load_workbook(tmp_path / "out" / "a.xlsx.receipt.xlsx")
    rows = list(book["意见 Findings"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(document["findings"])
    remarks = {each["cell"] for each in document["findings"] if each["takes"] == "warning"}
    assert {row[0] or "" for row in rows} - remarks == refused


def test_every_rule_of_surveys_is_raised_by_a_drill(raised_elsewhere, request) -> None:
    if len(request.session.items) < len(WORKBOOKS):
        pytest.skip("runs with all drills")
    lacking = set(survey_rules()) - RAISED - raised_elsewhere
    assert lacking == set(), lacking
