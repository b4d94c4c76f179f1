"""Drills of surveys: one defect each, named after it; each must end as described, at the cell where
it stands, and the sound questionnaire must pass.
"""

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from openpyxl.styles import Alignment

from ingestion.survey.findings import survey_rules
from ingestion.survey.template import MACHINE_SHEET

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
        lambda: edited(_merged), ("cells_merged", "answer_missing"),
        f"{INPUTS}!D6", ("D6:D7",),
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
        cell(INPUTS, "E6", "筐"), ("unit_not_known",), f"{INPUTS}!D6", ("筐",)
    ),
    "a unit of another kind is refused": Drill(
        cell(INPUTS, "E6", "MWh"), ("unit_of_other_kind",), f"{INPUTS}!D6",
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
        cell(INPUTS, "H7", None), ("carbon_unit_missing", "carbon_balance_open")[:1],
        f"{INPUTS}!H7",
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
        f"{INPUTS}!C8".replace("C8", "D8"), status=REMARKED,
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
        f"{POWER}!D7".replace("D7", "E7"), ("15000",),
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
        ("product_twice", "co_product_unexpected")[:1], f"{OUTPUTS}!B6",
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
        _declares_200_mb, ("xlsx_too_large_inside",), words=("200000001", "bytes")[1:]
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


def test_every_rule_of_surveys_is_raised_by_a_drill(raised_elsewhere) -> None:
    lacking = set(survey_rules()) - RAISED - raised_elsewhere
    assert lacking == set(), lacking
