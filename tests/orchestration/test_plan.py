"""What a release is made from: month, as-of day, parameters."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.plan import PlanRefused, checked, first_day, known_receipts, make_plan
from orchestration.settings import Settings


@dataclass(frozen=True)
class Taken:
    """A receipt as far as a plan looks at it."""

    receipt_id: str
    known_at: dt.date
    rows_accepted: int = 1
    contract: str = "electricity_bulletin"
    period: str = "2023-12"


DEFAULTS = {
    "release_month": "2020-01",
    "as_of": "2099-12-31",
    "deviation_warning": 0.1,
    "anchor": True,
    "guideline": "GB/T 1",
}
RECEIPTS = [
    Taken("r2", dt.date(2024, 1, 20)),
    Taken("r1", dt.date(2023, 1, 20)),
    Taken("r3", dt.date(2024, 5, 8), rows_accepted=0),
]


def plan_with(tmp_path: Path, **settings: object):
    return make_plan(Settings(home=tmp_path, **settings), "2023-12", RECEIPTS, DEFAULTS)


def test_as_of_is_the_newest_day_on_which_an_accepted_file_was_known(tmp_path):
    assert plan_with(tmp_path).as_of == dt.date(2024, 1, 20)


def test_as_of_can_be_set(tmp_path):
    assert plan_with(tmp_path, as_of=dt.date(2023, 6, 1)).as_of == dt.date(2023, 6, 1)


def test_as_of_before_anything_was_known_is_refused_with_the_earliest_day(tmp_path):
    with pytest.raises(PlanRefused, match="earliest file was published on 2023-01-20"):
        plan_with(tmp_path, as_of=dt.date(2020, 1, 1))


def test_a_month_that_no_bulletin_reaches_is_refused_with_the_newest(tmp_path):
    with pytest.raises(PlanRefused, match="reaches 2024-01: the newest is of 2023-12"):
        make_plan(Settings(home=tmp_path), "2024-01", RECEIPTS, DEFAULTS)
    other = [Taken("r1", dt.date(2024, 1, 20), contract="gwp")]
    with pytest.raises(PlanRefused, match="reaches 2023-12: there is none"):
        make_plan(Settings(home=tmp_path), "2023-12", other, DEFAULTS)


def test_a_month_of_the_nowcast_is_planned_and_one_beyond_it_is_refused(tmp_path):
    defaults = {**DEFAULTS, "nowcast_months": 2}
    assert make_plan(Settings(home=tmp_path), "2024-02", RECEIPTS, defaults).month == "2024-02"
    with pytest.raises(PlanRefused, match="2023-12, and a nowcast goes 2 months beyond it"):
        make_plan(Settings(home=tmp_path), "2024-03", RECEIPTS, defaults)


def test_without_receipts_there_is_nothing_to_plan(tmp_path):
    with pytest.raises(PlanRefused, match="No file has been taken in"):
        make_plan(Settings(home=tmp_path), "2023-12", [], DEFAULTS)


def test_parameters_are_the_defaults_with_month_and_as_of_in_name_order(tmp_path):
    parameters = plan_with(tmp_path).parameters
    assert parameters == {**DEFAULTS, "release_month": "2023-12", "as_of": "2024-01-20"}
    assert list(parameters) == sorted(parameters)


def test_a_parameter_can_be_set_and_an_integer_serves_as_a_number():
    assert checked({"deviation_warning": 1, "anchor": False}, DEFAULTS) == {
        "deviation_warning": 1.0,
        "anchor": False,
    }


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"deviation_warnings": 0.2}, "no parameter of the method"),
        ({"as_of": "2024-01-01"}, "no parameter of the method"),
        ({"deviation_warning": "a lot"}, "same type as 0.1"),
        ({"anchor": 1}, "same type as True"),
        ({"deviation_warning": True}, "same type as 0.1"),
    ],
)
def test_a_parameter_that_does_not_exist_or_fit_is_refused(parameters, said):
    with pytest.raises(PlanRefused, match=said):
        checked(parameters, DEFAULTS)


@pytest.mark.parametrize("text", ["2023", "2023-13", "23-12", "2023-1", "2023/12", "Dezember", ""])
def test_what_is_no_month_is_refused_with_the_form_that_is_wanted(text):
    with pytest.raises(PlanRefused, match="write it as YYYY-MM"):
        first_day(text)


def test_known_receipts_end_with_the_day_and_are_ordered_by_id():
    known = known_receipts(RECEIPTS, dt.date(2024, 1, 20))
    assert [receipt.receipt_id for receipt in known] == ["r1", "r2"]
