"""Collections: submissions against one another, and the same result however it is worked out."""

import datetime as dt

import polars as pl
import pytest

from ingestion.survey import collection as collection_module
from ingestion.survey.balances import HISTORY_SCHEMA
from ingestion.survey.collection import collect
from ingestion.survey.pieces import pieces_of
from ingestion.survey.questionnaire import TABLES
from ingestion.survey.receipt import receipt_json, receipt_names, receipts, write_receipts

from .filling import OUTPUT_KG, POWER, changed, clinker, credit_code, filled, judged, sound_bytes


def other(number: int, **plant: object) -> dict:
    """Another plant's answers: other code, name, certificates and amounts."""
    given = clinker(plant_code=credit_code(number), plant_name=f"厂{number}", **plant)
    given["survey_input"][0]["amount"] += number
    given["survey_electricity"][1]["certificate_ids"] = f"GEC-{number}-1"
    return given


def test_two_plants_of_one_group_are_both_accepted_and_stay_one_group(tmp_path) -> None:
    done = judged(tmp_path, {"a.xlsx": filled(other(2)), "b.xlsx": filled(other(3))})
    assert done.status == ["accepted", "accepted"]
    table = done.collection.tables["survey_submission"]
    assert table["plant_code"].n_unique() == 2
    assert table["group_code"].n_unique() == 1


def test_the_same_answers_twice_count_once(tmp_path) -> None:
    done = judged(tmp_path, {"a.xlsx": sound_bytes(), "b.xlsx": sound_bytes()})
    assert done.status == ["accepted", "rejected"]
    assert done.rules == {"submission_repeated"}


def test_the_same_plant_twice_with_other_answers_is_refused_both_times(tmp_path) -> None:
    late = changed("survey_input.0.amount", 1_900_000)
    late["survey_submission"]["period_start"] = dt.date(2024, 2, 1)
    late["survey_submission"]["operating_hours"] = 7000
    late["survey_electricity"][1]["certificate_ids"] = "GEC-7"
    done = judged(tmp_path, {"a.xlsx": sound_bytes(), "b.xlsx": filled(late)})
    assert done.status == ["rejected", "rejected"]
    assert done.rules == {"plant_twice"}


def test_a_corrected_file_beside_a_rejected_one_is_accepted(tmp_path) -> None:
    bad = filled(changed("survey_input.0.unit", "筐"))
    done = judged(tmp_path, {"a.xlsx": bad, "b.xlsx": sound_bytes()})
    assert done.status == ["rejected", "accepted"]


def test_one_plant_under_two_codes_is_found_by_its_figures(tmp_path) -> None:
    twin = clinker(plant_code=credit_code(5), plant_name="丁水泥厂")
    done = judged(tmp_path, {"a.xlsx": sound_bytes(), "b.xlsx": filled(twin)})
    assert "same_answers_other_plant" in done.rules
    assert done.status == ["rejected", "rejected"]
    for each in done.findings:
        sentence = each.sentence_en + each.sentence_zh + each.found
        if each.cell.startswith("1 ") and each.found == credit_code(1):
            assert credit_code(5) not in sentence
            assert "丁" not in sentence


def _other_certificate(twin: dict) -> None:
    twin["survey_electricity"][1]["certificate_ids"] = "GEC-8"


def _other_note(twin: dict) -> None:
    twin["survey_input"][0]["origin_note"] = "自有矿山"


def _other_supplier(twin: dict) -> None:
    twin["survey_input"][1]["supplier_region_code"] = "140000"


def _other_price(twin: dict) -> None:
    twin["survey_product"][0]["price_cny"] = 260


def _other_order(twin: dict) -> None:
    twin["survey_input"].reverse()


def _other_unit(twin: dict) -> None:
    twin["survey_emission"][0] |= {"amount_kg": 0.52 * OUTPUT_KG, "unit": "kg"}


@pytest.mark.parametrize(
    "change",
    [_other_certificate, _other_note, _other_supplier, _other_price, _other_order, _other_unit],
)
def test_one_plant_under_two_codes_is_found_whatever_else_it_says(tmp_path, change) -> None:
    twin = clinker(plant_code=credit_code(5), plant_name="丁水泥厂")
    twin["survey_electricity"][1]["certificate_ids"] = "GEC-7"
    change(twin)
    done = judged(tmp_path, {"a.xlsx": sound_bytes(), "b.xlsx": filled(twin)})
    assert done.rules == {"same_answers_other_plant"}
    assert done.status == ["rejected", "rejected"]


def test_plants_that_differ_in_one_amount_are_two(tmp_path) -> None:
    twin = clinker(plant_code=credit_code(5), plant_name="丁水泥厂")
    twin["survey_electricity"][1]["certificate_ids"] = "GEC-7"
    twin["survey_input"][2]["amount"] += 1
    done = judged(tmp_path, {"a.xlsx": sound_bytes(), "b.xlsx": filled(twin)})
    assert done.status == ["accepted", "accepted"]


def test_names_and_codes_that_disagree_are_said(tmp_path) -> None:
    files = {
        "a.xlsx": filled(other(2)),
        "b.xlsx": filled(other(2, product_code="cement.portland", technology="ball_mill")),
    }
    renamed = other(2)
    renamed["survey_submission"] |= {
        "plant_name": "旧名",
        "period_start": dt.date(2023, 1, 1),
        "period_end": dt.date(2023, 12, 31),
    }
    renamed["survey_electricity"][1]["certificate_ids"] = "GEC-old"
    done = judged(tmp_path, {"a.xlsx": files["a.xlsx"], "b.xlsx": filled(renamed)})
    assert done.rules == {"plant_under_two_names"}
    assert done.status == ["accepted_with_remarks"] * 2
    twin = other(4)
    twin["survey_submission"]["plant_name"] = "厂2"
    done = judged(tmp_path / "more", {"a.xlsx": files["a.xlsx"], "b.xlsx": filled(twin)})
    assert done.rules == {"name_under_two_codes"}


def test_a_certificate_claimed_by_two_plants_is_refused_at_its_cell(tmp_path) -> None:
    twin = other(3)
    twin["survey_electricity"][1]["certificate_ids"] = "GEC-2-1"
    done = judged(tmp_path, {"a.xlsx": filled(other(2)), "b.xlsx": filled(twin)})
    assert done.rules == {"certificate_claimed_twice", "submission_incomplete"}
    assert done.one("certificate_claimed_twice").cell == f"{POWER}!E7"
    assert done.status == ["rejected", "rejected"]


@pytest.mark.parametrize("between", [";", "；", ",", "，", "、", " ", "\n", " ; "])
def test_certificates_are_told_apart_whatever_stands_between_them(tmp_path, between) -> None:
    one, two, alone = other(2), other(3), other(4)
    one["survey_electricity"][1]["certificate_ids"] = f"GEC-2{between}GEC-3"
    two["survey_electricity"][1]["certificate_ids"] = f"GEC-3{between}GEC-9"
    alone["survey_electricity"][1]["certificate_ids"] = f"GEC-5{between}GEC-5"
    done = judged(tmp_path, {"a.xlsx": filled(one), "b.xlsx": filled(two), "c.xlsx": filled(alone)})
    assert done.status == ["rejected"] * 3
    twice = done.one("certificate_claimed_twice")
    assert (twice.found, twice.cell) == ("GEC-3", f"{POWER}!E7")
    assert done.one("certificate_used_twice").found == "GEC-5"


def test_separators_alone_are_no_certificate(tmp_path) -> None:
    green = other(2)
    green["survey_electricity"][1]["certificate_ids"] = " 、；"
    assert "certificate_missing" in judged(tmp_path, {"a.xlsx": filled(green)}).rules


def test_a_plant_is_compared_with_its_own_last_year_and_no_other(tmp_path) -> None:
    last = other(2, period_start=dt.date(2023, 1, 1), period_end=dt.date(2023, 12, 31))
    last["survey_input"][2]["amount"] /= 2.4
    last["survey_electricity"][1]["certificate_ids"] = "GEC-old"
    files = {"a.xlsx": filled(last), "b.xlsx": filled(other(2)), "c.xlsx": filled(other(3))}
    done = judged(tmp_path, files)
    assert done.rules == {"amount_changed_since_last_period"}
    assert done.status == ["accepted", "accepted_with_remarks", "accepted"]
    assert done.one("amount_changed_since_last_period").cell == "3 投入 Inputs!D8"


def test_earlier_figures_may_come_from_before(tmp_path) -> None:
    def history(codes):
        assert codes == [credit_code(1)]
        row = (credit_code(1), "cement.clinker", "nsp", dt.date(2023, 12, 31), "input",
               "mineral.clay", 0.1)  # fmt: skip
        return pl.DataFrame([row], schema=HISTORY_SCHEMA, orient="row")

    done = judged(tmp_path, {"a.xlsx": sound_bytes()}, history=history)
    assert done.rules == {"amount_changed_since_last_period"}
    later = judged(
        tmp_path, {},
        history=lambda codes: history(codes).with_columns(period_end=dt.date(2024, 6, 30)),
    )  # fmt: skip
    assert later.rules == set()


def test_processes_and_chunks_do_not_change_anything(tmp_path, monkeypatch) -> None:
    files = {f"{number:02}.xlsx": filled(other(number)) for number in range(2, 7)}
    files |= {"bad.xlsx": b"hello", "twin.xlsx": files["02.xlsx"]}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    pieces = pieces_of([tmp_path])
    one = collect(pieces)
    monkeypatch.setattr(collection_module, "CHUNK", 3)
    two = collect(pieces, jobs=2)
    for name in ("files", "findings", "plausibility", "specific"):
        assert getattr(one, name).equals(getattr(two, name)), name
    for table in TABLES:
        assert one.tables[table].equals(two.tables[table]), table
    assert [receipt_json(each) for each in receipts(one)] == [
        receipt_json(each) for each in receipts(two)
    ]


def test_receipts_of_long_names_can_be_written_and_are_told_apart(tmp_path) -> None:
    long = "安徽省某某某某水泥股份有限公司二〇二四年度报送材料/" * 8
    files = [f"{long}a.xlsx", f"{long}b.xlsx", "c.xlsx", "d/e.xlsx", "d__e.xlsx", "C.xlsx"]
    names = receipt_names(files)
    assert names[2:] == ["c.xlsx", "d__e.xlsx", "d__e.xlsx_2", "C.xlsx_2"]
    assert len({name.casefold() for name in names}) == len(files)
    assert names == receipt_names(files)
    for name in names:
        (tmp_path / f"{name}.receipt.xlsx").write_bytes(b"")
        assert "�" not in name
    folder = "安徽省某某某某水泥股份有限公司二〇二四年度调查表/二〇二四年度报送材料终稿盖章版"
    path = f"{folder}/安徽省某某某某水泥股份有限公司二〇二四年度.xlsx"
    done = judged(tmp_path / "in", {path: sound_bytes()})
    assert write_receipts(done.collection, tmp_path / "out") == 1


def test_no_submissions_are_an_empty_collection() -> None:
    done = collect([])
    assert done.files.is_empty()
    assert done.findings.is_empty()
