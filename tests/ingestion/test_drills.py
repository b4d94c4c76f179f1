"""Drills: one fixture per defect, named after it; each must end as described, and the rest must go
on.

A bulletin has 31 provinces x 6 values = 186 records.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from ingestion.ingest import ingest
from ingestion.rules import all_rules

_VALUES = ["region_code", "flow", "technology", "energy_ytd_mwh"]
RAISED: set[str] = set()


@dataclass(frozen=True)
class Drill:
    """A fixture, the rules it must raise (exactly), the records that go on, words of the
    sentence.
    """

    fixture: str
    rules: tuple[str, ...]
    accepted: int
    words: tuple[str, ...] = ()
    kind: str = "bulletin"


WHOLE_FILES = {
    "UTF-16 is refused by name": Drill("utf16.csv", ("encoding_unknown",), 0, ("UTF-16",)),
    "bytes that fit no encoding are refused": Drill(
        "neither_utf8_nor_gb18030.csv", ("encoding_unknown",), 0, ("UTF-8", "GB18030")
    ),
    "an unknown unit is never guessed": Drill(
        "unknown_unit.csv", ("unit_unknown",), 0, ("万大卡",)
    ),
    "a unit of another quantity is refused": Drill(
        "unit_of_another_quantity.csv", ("unit_unknown",), 0, ("万千瓦", "energy")
    ),
    "a capacity in a unit that nobody knows is refused": Drill(
        "capacity_in_unknown_unit.csv", ("unit_unknown",), 0, ("万马力", "power"), "capacity"
    ),
    "a capacity in a unit of energy is refused": Drill(
        "capacity_in_energy_unit.csv", ("unit_unknown",), 0, ("万千瓦时", "power"), "capacity"
    ),
    "a file without a unit is refused": Drill("no_unit.csv", ("unit_missing",), 0),
    "a unit changed by ten thousand sets the file aside": Drill(
        "unit_changed_by_ten_thousand.csv", ("unit_magnitude_file",), 0, ("1/10000", "万千瓦时")
    ),
    "a file cut in a row is recognised": Drill(
        "truncated_in_a_row.csv", ("file_truncated",), 0, ("row 23",)
    ),
    "a file cut in a number is recognised": Drill(
        "truncated_in_a_number.csv", ("file_truncated",), 0, ("浙江", "新疆")[1:]
    ),
    "a file cut in a character is recognised": Drill(
        "truncated_in_a_character.csv", ("file_truncated",), 0, ("last character",)
    ),
    "a file cut in a quoted cell is recognised": Drill(
        "truncated_in_quotes.csv", ("file_truncated",), 0, ("quoted",)
    ),
    "a cut workbook is recognised": Drill("truncated.xlsx", ("file_truncated",), 0, ("ZIP",)),
    "an empty file is refused": Drill("empty.csv", ("file_empty",), 0),
    "a header without rows is refused": Drill("header_only.csv", ("table_empty",), 0),
    "a file without header names what is missing": Drill(
        "no_header.csv", ("header_not_found",), 0, ("'地区'",)
    ),
    "a table without value columns is refused": Drill(
        "no_value_column.csv", ("header_not_found",), 0
    ),
    "two columns of one name are refused": Drill(
        "two_columns_of_one_name.csv", ("header_ambiguous",), 0, ("火电", "火力发电量")
    ),
    "a title without a month is refused": Drill(
        "title_without_month.csv", ("period_unreadable",), 0
    ),
    "a title that contradicts the note is refused": Drill(
        "title_of_another_month.csv", ("period_mismatch",), 0, ("2021-07", "2021-06")
    ),
    "quotes out of place are refused with a sentence": Drill(
        "quotes_out_of_place.csv", ("file_unreadable",), 0
    ),
    "text called xlsx is refused": Drill(
        "not_a_workbook.xlsx", ("xlsx_not_a_workbook",), 0, ("not a ZIP",)
    ),
    "a container without workbook is refused": Drill(
        "zip_without_a_workbook.xlsx", ("xlsx_not_a_workbook",), 0, ("workbook.xml",)
    ),
    "XML entities are refused": Drill(
        "entities_in_xml.xlsx", ("xlsx_has_entities",), 0, ("sheet1.xml",)
    ),
    "an unknown file type is refused": Drill("drawing.pdf", ("file_type_unknown",), 0, (".pdf",)),
    "2021 and 2022 swapped are recognised": Drill(
        "years_swapped.csv", ("official_values_known_bad",), 0, ("0.5366", "0.5568", "swapped"),
        "official_2021",
    ),
    "a life-cycle factor in the place of an average is recognised": Drill(
        "life_cycle_factor_for_average.csv", ("official_values_known_bad",), 0,
        ("0.6205", "life-cycle"), "official_2023",
    ),
    "a life-cycle unit in a table of CO2 factors is refused": Drill(
        "life_cycle_unit.csv", ("co2e_in_co2_table",), 0, ("kgCO2e/kWh",), "official_2023"
    ),
    "national factors in the wrong order are refused": Drill(
        "factors_in_wrong_order.csv", ("official_order_broken",), 0, ("0.8273",), "official_2023"
    ),
}  # fmt: skip

ROWS = {
    "an unknown province is quarantined and the rest goes on": Drill(
        "unknown_province.csv", ("region_unknown", "region_missing"), 180, ("某某特别区", "row 34")
    ),
    "a typo in a province asks what was meant": Drill(
        "typo_in_a_province.csv", ("region_unknown", "region_missing"), 180, ("Did you mean 安徽",)
    ),
    "a national row among provinces is quarantined": Drill(
        "national_row_among_provinces.csv", ("region_level_wrong",), 186, ("全国", "province")
    ),
    "one province off by ten thousand is quarantined": Drill(
        "one_province_off_by_ten_thousand.csv", ("unit_magnitude_row",), 181, ("row 15",)
    ),
    "wrong thousands groups are quarantined": Drill(
        "wrong_grouping_in_a_number.csv", ("number_unreadable",), 185, ("grouped by three",)
    ),
    "identical duplicates are kept once": Drill(
        "duplicated_row_identical.csv", ("duplicate_identical",), 186, ("row 16",)
    ),
    "conflicting duplicates are all quarantined": Drill(
        "duplicated_row_conflicting.csv", ("duplicate_conflicting", "duplicate_identical"), 181
    ),
    "a missing province is a warning and the rest goes on": Drill(
        "province_missing.csv", ("region_missing",), 180, ("西藏",)
    ),
    "negative generation is quarantined": Drill(
        "negative_generation.csv", ("value_negative",), 185, ("-281000.00", "'水电'", "row 15")
    ),
    "negative consumption is quarantined": Drill(
        "negative_consumption.csv", ("value_negative",), 185, ("-5920000.00", "'全社会用电量'")
    ),
    "text in a number is quarantined": Drill(
        "text_in_a_number.csv", ("number_unreadable",), 185, ("约540000", "'风电'")
    ),
    "scientific notation is quarantined because it loses digits": Drill(
        "scientific_notation.csv", ("number_unreadable",), 185, ("write the number out",)
    ),
    "a short row is quarantined": Drill(
        "row_too_short.csv", ("row_incomplete", "region_missing"), 180, ("row 9", "4 cells")
    ),
    "a missing column is a warning": Drill(
        "column_missing.csv", ("column_missing",), 155, ("全社会用电量",)
    ),
    "a column nobody asked for is a warning": Drill(
        "column_unknown.csv", ("column_unknown",), 186, ("同比增长",)
    ),
    "a sheet without a table is a warning": Drill(
        "sheet_without_a_table.xlsx", ("sheet_ignored",), 186, ("说明",)
    ),
    "a known wrong regional value is quarantined": Drill(
        "known_bad_regional_value.csv", ("known_bad_value",), 39, ("0.7125", "0.712"),
        "official_2021",
    ),
    "a marker where a value is needed is quarantined": Drill(
        "value_missing.csv", ("value_missing",), 39, ("'-'",), "official_2021"
    ),
    "a value out of range is quarantined": Drill(
        "value_out_of_range.csv", ("value_out_of_range", "number_unreadable"), 15, ("0.4 to 2",),
        "coal",
    ),
    "an unreadable year and flag are quarantined": Drill(
        "unreadable_year_and_flag.csv", ("date_unreadable", "code_unknown"), 54, ("abcd",),
        "corridor",
    ),
    "an unknown unit in a row is quarantined": Drill(
        "unknown_unit_in_a_row.csv", ("unit_unknown_row",), 11, ("kcal/t",), "fuel_default"
    ),
    "an unknown technology is quarantined": Drill(
        "unknown_technology.csv", ("code_unknown",), 9, ("光热电厂", "Did you mean"), "lca_2023"
    ),
    "fuel use is converted and its bad cells quarantined": Drill(
        "fuel_use.csv", ("number_unreadable",), 4, ("九百",), "fuel_use"
    ),
    "a certificate retired twice counts for nobody": Drill(
        "certificate_retired_twice.csv", ("certificate_retired_twice",), 4,
        ("W-001", "310000, 440000", "row 4", "row 9"), "certificate",
    ),
    "a certificate of another period is quarantined": Drill(
        "certificate_outside_period.csv", ("certificate_outside_period",), 4,
        ("2023-04", "2023-05"), "certificate",
    ),
    "a certificate retired before its generation is quarantined": Drill(
        "certificate_retired_before_generation.csv", ("certificate_retired_outside_validity",), 4,
        ("2023-04-28", "2023-05-01 to 2023-07-20"), "certificate",
    ),
    "a certificate retired after two years is quarantined": Drill(
        "certificate_retired_after_validity.csv", ("certificate_retired_outside_validity",), 1,
        ("2023-05-02", "2021-05-01 to 2023-04-30"), "certificate_2021",
    ),
    "a certificate of coal or nuclear power is quarantined": Drill(
        "certificate_of_coal.csv", ("certificate_technology_not_eligible",), 4,
        ("煤电", "核电", "wind, solar, hydro, biomass"), "certificate",
    ),
    "a retirement without a province, and a province without a retirement, are quarantined": Drill(
        "certificate_retired_without_province.csv", ("certificate_retirement_unclear",), 4,
        ("retired, -, 2023-06-28", "issued, 370000, 2023-06-28"), "certificate",
    ),
    "a certificate without energy is quarantined": Drill(
        "certificate_without_energy.csv", ("value_negative", "value_zero"), 4, ("-35",),
        "certificate",
    ),
    "a certificate of an unknown province is quarantined": Drill(
        "certificate_of_unknown_province.csv", ("region_unknown",), 4, ("Did you mean 安徽",),
        "certificate",
    ),
    "a factor outside its own bounds is quarantined": Drill(
        "combustion_bounds_swapped.csv", ("bounds_out_of_order",), 23, ("row 10", "3.0 to 0.3"),
        "combustion_gas",
    ),
    "storage that gives more than it takes is quarantined": Drill(
        "storage_discharge_above_charge.csv", ("storage_discharge_exceeds_charge",), 3,
        ("60100.0 MWh", "51200.0 MWh"), "storage",
    ),
    "a correction of nothing is quarantined": Drill(
        "correction_of_nothing.csv", ("code_unknown",), 1, ("no_table",), "correction"
    ),
    "a correction of a survey's answer is quarantined": Drill(
        "correction_of_survey.csv", ("correction_of_survey",), 1,
        ("row 3", "row 4", "'survey_input'", "send its form again"), "correction",
    ),
}  # fmt: skip


def check(taken, drill: Drill) -> None:
    assert taken.rule_ids == set(drill.rules), [f.sentence for f in taken.summary.findings]
    RAISED.update(taken.rule_ids)
    assert taken.rows.height == drill.accepted
    sentences = " ".join(finding.sentence for finding in taken.summary.findings)
    for word in drill.words:
        assert word in sentences, sentences
    for finding in taken.summary.findings:
        assert finding.sentence_zh
        assert "Traceback" not in finding.sentence
        assert "{" not in finding.sentence + finding.sentence_zh
    (receipt,) = taken.receipts
    assert receipt.rows_read == receipt.rows_accepted + receipt.rows_quarantined


@pytest.mark.parametrize("name", WHOLE_FILES)
def test_whole_file(name: str, deliver) -> None:
    drill = WHOLE_FILES[name]
    taken = deliver(drill.fixture, kind=drill.kind)
    check(taken, drill)
    assert taken.summary.files_quarantined == 1
    assert taken.quarantine["rule_id"].to_list() == list(drill.rules)
    assert taken.receipts[0].is_quarantined
    landed = list((taken.home / "landing").rglob("*"))
    assert any(p.is_file() for p in landed), "the file as received is kept"


@pytest.mark.parametrize("name", ROWS)
def test_rows(name: str, deliver) -> None:
    drill = ROWS[name]
    taken = deliver(drill.fixture, kind=drill.kind)
    check(taken, drill)
    assert taken.summary.files_quarantined == 0
    rows = [rule for rule in drill.rules if all_rules()[rule].takes == "row"]
    assert set(taken.quarantine["rule_id"]) == set(rows)
    assert taken.quarantine["row_number"].null_count() == 0


@pytest.mark.parametrize(
    "fixture",
    [
        "gb18030.csv",
        "byte_order_mark.csv",
        "full_width_digits.csv",
        "header_moved_by_two_rows.csv",
        "merged_title_cells.xlsx",
        "alias_of_a_province.csv",
        "comma_and_space_in_numbers.csv",
        "other_unit_stated.csv",
    ],
)
def test_what_is_only_written_differently_reads_the_same(fixture, deliver, sound_rows) -> None:
    taken = deliver(fixture)
    assert not taken.summary.findings
    assert taken.rows.select(_VALUES).equals(sound_rows.select(_VALUES))


def test_the_encoding_is_on_the_receipt(deliver) -> None:
    taken = deliver("gb18030.csv", "byte_order_mark.csv", "merged_title_cells.xlsx")
    found = {receipt.file_name: receipt.encoding for receipt in taken.receipts}
    assert found == {
        "gb18030.csv": "gb18030",
        "byte_order_mark.csv": "utf-8-sig",
        "merged_title_cells.xlsx": None,
    }


def test_an_explicit_other_unit_is_converted_and_kept_as_stated(deliver) -> None:
    rows = deliver("other_unit_stated.csv").rows
    assert set(rows["reported_unit"]) == {"亿千瓦时"}


def test_a_capacity_stated_in_another_unit_is_converted(deliver) -> None:
    taken = deliver("capacity_sound.csv", "capacity_in_kw.csv", kind="capacity")
    assert not taken.summary.findings
    of_file = taken.rows.partition_by("file_name", as_dict=True, include_key=False)
    in_kw, sound = (of_file[(name,)] for name in ("capacity_in_kw.csv", "capacity_sound.csv"))
    assert sound["capacity_mw"].max() > 80_000
    assert in_kw.drop("receipt_id", "reported_unit").equals(
        sound.drop("receipt_id", "reported_unit")
    )
    assert set(in_kw["reported_unit"].drop_nulls()) == {"kW", "千瓦"}


def test_a_gwp_set_that_lacks_a_gas_enters_as_it_is(deliver) -> None:
    taken = deliver("gwp_without_a_gas.csv", kind="gwp")
    assert not taken.summary.findings
    assert sorted(taken.rows["gas"]) == ["CH4_biogenic_or_combustion", "SF6"]


@pytest.mark.parametrize("fixture", ["certificates.csv", "certificates.xlsx"])
def test_certificates_read_the_same_from_text_and_from_a_workbook(fixture, deliver) -> None:
    taken = deliver(fixture, kind="certificate")
    assert not taken.summary.findings
    rows = taken.rows.sort("certificate_id")
    assert rows.select("certificate_id", pl.col("energy_mwh").cast(pl.Float64)).rows() == [
        ("B-005", 7_300.0), ("H-004", 330_000.0), ("S-003", 90_502.5), ("W-001", 412_305.0),
        ("W-002", 120_000.0),
    ]  # fmt: skip
    assert rows["technology"].to_list() == ["biomass", "hydro", "solar", "wind", "wind"]
    assert rows["status"].to_list() == ["expired", "retired", "issued", "retired", "retired"]
    assert rows["retiring_region_code"].to_list() == [None, "330000", None, "310000", "320000"]
    assert rows["retired_on"].null_count() == 2
    assert set(rows["instrument"]) == {"gec", "green_power"}
    assert rows["period_month"].cast(pl.String).unique().to_list() == ["2023-05-01"]


def test_a_later_state_of_a_certificate_is_another_row_and_no_double(deliver) -> None:
    content = (Path(__file__).parent / "fixtures" / "certificates.csv").read_bytes()
    deliver(contents={"may.csv": content}, kind="certificate")
    retired = content.replace("已核发,,".encode(), "已核销,广东,2023-08-01".encode())
    taken = deliver(contents={"may_update.csv": retired}, kind="certificate", known_at="2023-08-20")
    rows = taken.rows.filter(pl.col("certificate_id") == "S-003").sort("known_at")
    assert rows["status"].to_list() == ["issued", "retired"]
    assert "certificate_retired_twice" not in taken.rule_ids


def test_storage_is_converted_from_the_unit_of_each_column(deliver) -> None:
    taken = deliver("storage.csv", kind="storage")
    assert not taken.summary.findings
    found = taken.rows.select("storage", pl.col("charge_mwh", "discharge_mwh").cast(pl.Float64))
    assert sorted(found.iter_rows()) == [
        ("battery", 74_000.0, 64_200.0),
        ("pumped_hydro", 612_000.0, 483_000.0),
    ]


def test_missing_markers_and_zeros_are_rows_without_value(deliver) -> None:
    taken = deliver("missing_markers.csv")
    assert not taken.summary.findings
    beijing = taken.rows.filter(pl.col("region_code") == "110000")
    assert beijing["energy_ytd_mwh"].null_count() == 6
    assert sorted(beijing["missing_marker"]) == sorted(["-", "…", "", "0", "0", "—"])
    assert sorted(beijing["reported_text"]) == sorted(["-", "…", "", "0", "0.00", "—"])


def test_a_falling_year_to_date_value_is_not_judged_here(deliver) -> None:
    taken = deliver("year_to_date_falls.csv")
    assert not taken.summary.findings
    assert taken.rows.height == 186


def test_a_month_that_had_not_ended_is_refused(deliver) -> None:
    taken = deliver("sound.csv", known_at="2021-06-20")
    check(taken, Drill("sound.csv", ("period_in_future",), 0, ("2021-06-20",)))


def test_a_zip_bomb_is_not_opened(deliver) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", "<workbook/>")
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    taken = deliver(contents={"bomb.xlsx": packed.getvalue()})
    check(taken, Drill("bomb.xlsx", ("xlsx_too_large_inside",), 0))


def test_a_zip_bomb_that_lies_about_its_size_is_not_opened(deliver) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", "<workbook/>")
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    lying = packed.getvalue().replace((30_000_000).to_bytes(4, "little"), b"\x10\0\0\0")
    taken = deliver(contents={"bomb.xlsx": lying})
    assert taken.summary.files_quarantined == 1
    assert taken.rule_ids <= {"xlsx_too_large_inside", "file_truncated"}


def test_a_workbook_whose_cells_are_spread_too_far_is_not_opened(deliver) -> None:
    sound = (Path(__file__).parent / "fixtures" / "merged_title_cells.xlsx").read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(packed, "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b'r="F9"', b'r="XFD1048576"'))
    taken = deliver(contents={"spread.xlsx": packed.getvalue()})
    check(taken, Drill("spread.xlsx", ("xlsx_too_large_inside",), 0, ("1048576 rows",)))


def test_a_file_that_is_too_large_is_refused(deliver, monkeypatch) -> None:
    monkeypatch.setattr("ingestion.grid.MAX_FILE_BYTES", 1000)
    check(deliver("sound.csv"), Drill("sound.csv", ("file_too_large",), 0, ("1000",)))


def test_the_same_file_twice_is_the_same_receipt(deliver) -> None:
    first = deliver("sound.csv")
    before = {p: p.read_bytes() for p in first.home.rglob("*") if p.is_file()}
    again = ingest(first.folder, first.home)
    assert (again.files_new, again.files_known, again.rows_accepted) == (0, 1, 0)
    assert {p: p.read_bytes() for p in first.home.rglob("*") if p.is_file()} == before


def test_the_same_content_under_another_name_is_the_same_receipt(deliver) -> None:
    content = (Path(__file__).parent / "fixtures" / "sound.csv").read_bytes()
    taken = deliver(contents={"a.csv": content, "b.csv": content})
    RAISED.update(taken.rule_ids)
    assert taken.rule_ids == {"same_content_other_name"}
    assert [receipt.file_name for receipt in taken.receipts] == ["a.csv"]
    assert taken.rows.height == 186


def test_a_revised_file_is_a_new_receipt_and_nothing_is_overwritten(deliver) -> None:
    sound = (Path(__file__).parent / "fixtures" / "sound.csv").read_bytes()
    first = deliver(contents={"bulletin.csv": sound})
    assert b"12900000" in sound
    revised = deliver(contents={"bulletin.csv": sound.replace(b"12900000", b"12950000")})
    RAISED.update(revised.rule_ids)
    assert revised.rule_ids == {"file_revised"}
    assert len(revised.receipts) == 2
    assert revised.rows.height == 2 * 186
    assert first.rows.height == 2 * 186


def test_a_revision_known_before_the_value_it_revises_is_kept_and_said(deliver) -> None:
    sound = (Path(__file__).parent / "fixtures" / "sound.csv").read_bytes()
    deliver(contents={"bulletin.csv": sound}, known_at="2021-07-20")
    changed = sound.replace(b"12900000", b"12950000")
    taken = deliver(contents={"bulletin.csv": changed}, known_at="2021-07-10")
    RAISED.update(taken.rule_ids)
    assert taken.rule_ids == {"revision_not_later"}
    sentence = taken.sentence("revision_not_later")
    assert "2021-07-10" in sentence
    assert "2021-07-20" in sentence
    anhui = taken.rows.filter(
        pl.col("region_code") == "340000", pl.col("technology") == "thermal"
    ).sort("known_at")
    assert anhui["energy_ytd_mwh"].cast(pl.Int64).to_list() == [129_500_000, 129_000_000]
    assert len(taken.receipts) == 2


def test_a_revision_that_arrives_before_the_value_it_revises_is_the_later_one(deliver) -> None:
    sound = (Path(__file__).parent / "fixtures" / "sound.csv").read_bytes()
    changed = sound.replace(b"12900000", b"12950000")
    deliver(contents={"bulletin.csv": changed}, known_at="2021-08-20")
    taken = deliver(contents={"bulletin.csv": sound}, known_at="2021-07-20")
    assert taken.rule_ids == {"revision_not_later"}
    assert "from 2021-08-20 on" in taken.sentence("revision_not_later")
    assert taken.rows.height == 2 * 186


def test_a_correction_known_before_the_value_it_corrects_waits_for_it(deliver) -> None:
    correction = (
        b"raw_table,key_json,column,expect,value,unit,reason,reporter,corrected_on\n"
        b'electricity_bulletin,"{""period_month"":""2021-06-01"",""region_code"":""340000"",'
        b'""flow"":""generation"",""technology"":""thermal""}",energy_ytd_mwh,129000000,129500000,'
        b"MWh,announced before the bulletin,data team,2021-07-10\n"
    )
    early = deliver(
        contents={"c.csv": correction},
        kind="correction",
        known_at="2021-07-10",
        period="2021-07-10",
    )
    assert not early.summary.findings
    (early.folder / "c.csv").unlink()
    taken = deliver("sound.csv")
    assert not taken.summary.findings
    assert early.rows.height == 1
    assert taken.rows.height == 186
    assert early.rows["known_at"].max() < taken.rows["known_at"].min()


def test_a_changed_note_is_reported_and_the_first_statement_stands(deliver) -> None:
    deliver("sound.csv")
    taken = deliver("sound.csv", known_at="2021-07-25")
    RAISED.update(taken.rule_ids)
    assert taken.rule_ids == {"delivery_note_changed"}
    assert taken.rows["known_at"].unique().to_list() == [pl.Series(["2021-07-20"]).str.to_date()[0]]


def test_a_refused_file_is_read_again_once_its_note_is_mended(deliver) -> None:
    refused = deliver("sound.csv", period="2021-05")
    assert refused.rule_ids == {"period_mismatch"}
    assert refused.rows.height == 0
    mended = deliver("sound.csv")
    assert mended.rule_ids == set()
    assert mended.rows.height == 186
    assert [receipt.is_quarantined for receipt in mended.receipts] == [False]
    assert not list((mended.home / "quarantine" / "files").glob("*.json"))


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/hosts", "a\\..\\b.csv", "C:/x.csv"])
def test_a_name_that_leaves_the_folder_is_refused(name: str, deliver) -> None:
    first = deliver("sound.csv")
    (first.folder.parent / "outside.csv").write_text("secret")
    note = first.folder / "delivery.yml"
    note.write_text(note.read_text().replace("sound.csv", f"'{name}'"))
    (first.folder / "sound.csv").unlink()
    summary = ingest(first.folder, first.home)
    RAISED.update(f.rule_id for f in summary.findings)
    assert [f.rule_id for f in summary.findings] == ["name_unsafe"]
    assert "name_unsafe" in first.quarantine["rule_id"]
    assert len(first.receipts) == 1


def test_a_link_out_of_the_folder_is_refused(deliver) -> None:
    first = deliver("sound.csv")
    secret = first.folder.parent / "secret.csv"
    (first.folder / "sound.csv").rename(secret)
    (first.folder / "sound.csv").symlink_to(secret)
    summary = ingest(first.folder, first.home)
    assert [f.rule_id for f in summary.findings] == ["name_unsafe"]
    assert "link" in summary.findings[0].sentence


def test_a_file_without_a_note_is_a_finding_and_the_rest_goes_on(deliver) -> None:
    taken = deliver("sound.csv")
    (taken.folder / "stray.csv").write_text("a,b\n")
    summary = ingest(taken.folder, taken.home)
    RAISED.update(f.rule_id for f in summary.findings)
    assert [(f.rule_id, f.file_name) for f in summary.findings] == [("note_missing", "stray.csv")]
    assert summary.files_known == 1
    assert taken.quarantine["rule_id"].to_list() == ["note_missing"]
    deliver("sound.csv", contents={"stray.csv": b"a,b\n"})
    assert taken.quarantine["rule_id"].to_list() == ["header_not_found"]


def test_a_note_that_names_a_missing_file_is_a_finding(deliver) -> None:
    taken = deliver("sound.csv", "gb18030.csv")
    (taken.folder / "gb18030.csv").unlink()
    summary = ingest(taken.folder, taken.home)
    RAISED.update(f.rule_id for f in summary.findings)
    assert [f.rule_id for f in summary.findings] == ["note_names_missing_file"]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("source_id: drill\n", "", "source_id"),
        ("access_class: public", "access_class: everybody", "access_class"),
        ("known_at_basis: schedule", "known_at_basis: rumour", "known_at_basis"),
        ("2021-07-20", "soon", "known_at"),
        ("2021-06", "June", "period"),
        ("contract: electricity_bulletin", "contract: no_such_table", "no_such_table"),
        ("reader: power_bulletin", "reader: gwp", "gwp"),
        ("licence: none", "licence: [", "YAML"),
    ],
)
def test_a_faulty_note_is_a_sentence(old: str, new: str, word: str, deliver) -> None:
    taken = deliver("sound.csv")
    note = taken.folder / "delivery.yml"
    note.write_text(note.read_text().replace(old, new))
    (taken.folder / "sound.csv").write_bytes((taken.folder / "sound.csv").read_bytes() + b"\n")
    summary = ingest(taken.folder, taken.home)
    RAISED.update(f.rule_id for f in summary.findings)
    assert {f.rule_id for f in summary.findings} - {"file_revised"} == {"note_invalid"}
    assert word in summary.findings[0].sentence


def test_every_rule_is_raised_by_at_least_one_drill(request) -> None:
    if len(request.session.items) < len(WHOLE_FILES) + len(ROWS):
        pytest.skip("runs with all drills")
    assert set(all_rules()) - RAISED == set()
