"""Laws of values: what is written and what is read are the same, whatever the way of writing."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.survey import uscc
from ingestion.survey.pseudonym import key_id, pseudonym, pseudonymised
from ingestion.survey.submission import capacity_unit
from ingestion.survey.units import survey_units
from ingestion.survey.values import FILE, SHEET, TypedSheet

amounts = st.decimals(min_value=0, max_value=999_999_999, places=3)
masses = st.sampled_from([unit for unit in survey_units().values() if unit.canonical == "kg"])
FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")


def typed(text: str | None, unit: str | None = "kg", **options: object) -> TypedSheet:
    frame = pl.DataFrame(
        {FILE: [0], SHEET: ["survey_input"], "row_number": [6], "amount": [text], "unit": [unit]},
        schema={FILE: pl.UInt32, SHEET: pl.String, "row_number": pl.Int32, "amount": pl.String,
                "unit": pl.String},
    )  # fmt: skip
    sheet = TypedSheet(frame)
    sheet.number("amount", expected=pl.lit("kg"), unit="unit", **options)
    return sheet


def rules(sheet: TypedSheet) -> set[str]:
    return set(pl.concat(sheet.found)["rule_id"].to_list())


@settings(max_examples=40, deadline=None)
@given(amounts, masses)
def test_an_amount_is_the_same_however_it_is_written(amount, unit) -> None:
    expected = amount * unit.factor
    plain, grouped = f"{amount}", f"{amount:,}"
    for text, stated in (
        (plain, unit.text),
        (grouped, unit.text),
        (plain.translate(FULL_WIDTH), unit.text),
        (f" {plain}\u3000", unit.text),
    ):
        sheet = typed(text, stated, keep=True)
        assert sheet.frame["amount"][0] == expected, (text, stated)
        assert sheet.frame["unit"][0] == "kg"
        assert sheet.frame["reported_text"][0] == text
        is_plain = text.strip() == plain
        assert rules(sheet) == (set() if is_plain else {"number_rewritten"}), text
    if not unit.text[0].isdigit():
        in_cell = typed(f"{plain}{unit.text}", None)
        assert in_cell.frame["amount"][0] == expected
        assert rules(in_cell) == {"unit_in_the_cell"}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=12), st.text(max_size=6))
def test_no_text_ends_in_an_error_and_nothing_is_read_without_a_unit(text, unit) -> None:
    sheet = typed(text, unit)
    value = sheet.frame["amount"][0]
    if value is not None:
        assert any(digit.isdigit() for digit in text)
        assert value >= 0
    elif text.strip().isascii() and text.strip().isdigit():
        assert rules(sheet) & {"unit_not_known", "unit_not_stated", "unit_of_other_kind"}


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=uscc.ALPHABET, min_size=17, max_size=17), st.data())
def test_the_check_digit_finds_every_single_wrong_character(first, data) -> None:
    """3 is a primitive root of the prime 31, so each weight is invertible."""
    code = first + uscc.check_digit(first)
    place = data.draw(st.integers(0, 17))
    wrong = data.draw(st.sampled_from([sign for sign in uscc.ALPHABET if sign != code[place]]))
    frame = pl.DataFrame({"code": [code, code[:place] + wrong + code[place + 1 :]]})
    assert frame.select(uscc.is_valid(pl.col("code"))).to_series().to_list() == [True, False]


def test_the_check_digit_of_a_published_code() -> None:
    """91350100M000100Y43 is the example code of GB 32100-2015 in wide use."""
    assert uscc.check_digit("91350100M000100Y4") == "3"
    with pytest.raises(ValueError, match="17 characters"):
        uscc.check_digit("I")


@settings(max_examples=40, deadline=None)
@given(st.decimals(min_value=2, max_value=100, places=2))
def test_percent_and_fraction_are_the_same_share(percent) -> None:
    texts = [f"{percent}", f"{percent}%", f"{percent} ％", f"{percent / 100}"]
    frame = pl.DataFrame({"share": texts}).with_columns(
        pl.lit(0, pl.UInt32).alias(FILE), pl.lit("s").alias(SHEET), pl.lit(1).alias("row_number")
    )
    sheet = TypedSheet(frame)
    sheet.share("share")
    assert sheet.frame["share"].to_list() == [percent / 100] * 4
    assert pl.concat(sheet.found).height == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("t/h", ("t", "h")), ("万吨/年", ("万吨", "a")), ("kg/d", ("kg", "d")), ("t", None),
     ("t/世纪", None), ("马力/h", None), ("吨公里/a", ("吨公里", "a"))],
)  # fmt: skip
def test_capacity_units(text, expected) -> None:
    assert capacity_unit(text) == expected


def test_pseudonyms_depend_on_the_key_alone_and_hide_every_name() -> None:
    one, two = "k" * 20, "l" * 20
    assert pseudonym(one, "E", "91350100M000100Y43") == pseudonym(one, "E", "91350100m000100y43 ")
    assert pseudonym(one, "E", "x") != pseudonym(two, "E", "x")
    assert pseudonym(one, "E", "x")[1:] != pseudonym(one, "N", "x")[1:]
    assert key_id(one) != key_id(two)
    names = ("plant_code", "group_code", "plant_name", "group_name", "submitter", "contact")
    frame = pl.DataFrame({name: ["甲", None] for name in names})
    hidden = pseudonymised(frame, one)
    assert "甲" not in str(hidden.rows())
    assert hidden["plant_code"].to_list() == hidden["group_code"].to_list()
    assert hidden.row(1) == (None,) * 6
