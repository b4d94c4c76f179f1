"""The one list of required checks is what is defined, and what ran."""

from __future__ import annotations

import pytest
import yaml

from expectations.required import (
    REQUIRED_CHECKS_FILE,
    RequiredChecksError,
    defined_published,
    missing_checks,
    render,
    required_checks,
    required_for,
    unlisted_checks,
)
from tests.expectations.defined_checks import defined_checks


@pytest.mark.slow
def test_the_list_is_exactly_what_is_defined(tmp_path) -> None:
    defined = defined_checks(tmp_path)
    everything = [check_id for ids in defined.values() for check_id in ids]
    assert all(defined.values()), "a boundary without checks keeps nothing out"
    listed = required_checks()
    assert missing_checks(everything, listed) == [], "listed but no longer defined"
    assert unlisted_checks(everything, listed) == [], (
        "defined but not listed: python -m tests.expectations.defined_checks"
    )
    assert REQUIRED_CHECKS_FILE.read_text(encoding="utf-8") == render(defined)


@pytest.mark.release
def test_the_list_is_exactly_what_ran_in_a_real_release(built) -> None:
    from warehouse.gate_report import read_report

    report = read_report(built.release / "gate_report.json")
    ran = [check.check_id for check in report.checks]
    assert sorted(ran) == sorted(required_for(report.release_month))
    assert len(set(ran)) == len(ran)


OF_WHOLE_YEARS = {
    "published.variance_contribution.provinces_and_nation_are_there",
    "published.variance_contribution.rank_is_one_to_five",
}


def test_early_months_are_not_asked_for_complete_years() -> None:
    late = set(defined_published("2021-12")) - set(defined_published("2019-03"))
    assert late == set(required_checks()) - set(required_for("2019-03"))
    assert {each for each in late if not each.endswith(".years_are_all_there")} == OF_WHOLE_YEARS


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({}, "lists no check"),
        ({"raw": [], "invariant": []}, "lists no check"),
        ({"elsewhere": ["a.b"]}, "must map boundaries"),
        (["raw.a.b"], "must map boundaries"),
        ({"raw": ["a.b", "a.b"]}, r"raw\.a\.b twice"),
    ],
)
def test_a_list_that_would_open_the_gate_is_refused(tmp_path, content, word) -> None:
    path = tmp_path / "required.yml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(RequiredChecksError, match=word):
        required_checks(path)


def test_a_list_that_is_missing_is_refused(tmp_path) -> None:
    with pytest.raises(RequiredChecksError, match="without it nothing is published"):
        required_checks(tmp_path / "none.yml")


def test_the_list_reads_back_as_it_was_written(tmp_path) -> None:
    path = tmp_path / "required.yml"
    path.write_text(render({"raw": ["raw.b.y", "raw.a.x"], "invariant": ["invariant.z"]}))
    assert required_checks(path) == ["raw.a.x", "raw.b.y", "invariant.z"]
