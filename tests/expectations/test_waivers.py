"""A waiver names a check, a reason, an owner and a day - or it is no waiver."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from expectations.required import required_checks
from expectations.waivers import (
    LONGEST,
    WAIVERS_FILE,
    Waiver,
    WaiverError,
    Waivers,
    is_waivable,
    load_waivers,
)

KNOWN = {"invariant.a", "dbt.run.has_tests", "published.gwp.file"}
GOOD = {"check_id": "invariant.a", "reason": "r", "owner": "o", "expires_on": "2026-05-01"}


def listed(tmp_path, *entries, text: str | None = None):
    path = tmp_path / "waivers.yml"
    path.write_text(text if text is not None else yaml.safe_dump({"waivers": list(entries)}))
    return path


def test_the_project_waives_nothing() -> None:
    assert load_waivers(WAIVERS_FILE, required_checks()) == ()


def test_a_waiver_reads_back_as_it_is_recorded(tmp_path) -> None:
    (waiver,) = load_waivers(listed(tmp_path, GOOD), KNOWN)
    assert waiver == Waiver("invariant.a", "r", "o", dt.date(2026, 5, 1))
    assert waiver.as_record() == GOOD
    assert Waiver.from_record(waiver.as_record()) == waiver


@pytest.mark.parametrize("field", list(GOOD))
@pytest.mark.parametrize("empty", ["absent", None, ""])
def test_a_waiver_without_one_of_its_fields_is_refused(tmp_path, field, empty) -> None:
    entry = {**GOOD, field: empty}
    if empty == "absent":
        del entry[field]
    with pytest.raises(WaiverError, match=f"entry 1 lacks {field}"):
        load_waivers(listed(tmp_path, entry), KNOWN)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"check_id": "invariant.b"}, "is no check"),
        ({"check_id": "dbt.run.has_tests"}, "never waived"),
        ({"check_id": "published.gwp.file"}, "never waived"),
        ({"expires_on": "soon"}, "must be a day"),
        ({"expires_on": 20260501}, "must be a day"),
        ({"expires_on": dt.datetime(2026, 5, 1)}, "must be a day"),
        ({"reason": 5}, "must be text"),
        ({"owner": "   "}, "must be text"),
        ({"severity": "low"}, "unknown field 'severity'"),
    ],
)
def test_a_waiver_that_may_not_be_there_is_refused(tmp_path, change, word) -> None:
    with pytest.raises(WaiverError, match=word):
        load_waivers(listed(tmp_path, {**GOOD, **change}), KNOWN)


def test_a_check_is_waived_once(tmp_path) -> None:
    with pytest.raises(WaiverError, match="twice"):
        load_waivers(listed(tmp_path, GOOD, {**GOOD, "expires_on": "2030-01-01"}), KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "waivers:", "waivers: {}", "waivers: []\nwaivers: []\n", "waivers: [1]",
        "waivers: []\nmore: 1\n", "waivers: [", "waivers: !!python/object:os.system []",
        "waivers:\n- {check_id: invariant.a, check_id: invariant.a, reason: r, owner: o, "
        "expires_on: 2026-05-01}\n",
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_refused(tmp_path, text) -> None:
    with pytest.raises(WaiverError, match=r"waivers\.yml"):
        load_waivers(listed(tmp_path, text=text), KNOWN)


def test_a_list_that_is_missing_or_not_utf_8_is_refused(tmp_path) -> None:
    with pytest.raises(WaiverError, match="cannot be opened"):
        load_waivers(tmp_path / "none.yml", KNOWN)
    path = tmp_path / "waivers.yml"
    path.write_bytes("waivers: [] # 豁免".encode("gb18030"))
    with pytest.raises(WaiverError, match="not readable"):
        load_waivers(path, KNOWN)


def test_waivers_without_a_day_cannot_be_made() -> None:
    with pytest.raises(WaiverError, match="without the day"):
        Waivers((Waiver.from_record(GOOD),))


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)))
def test_a_waiver_holds_up_to_its_last_day_and_a_year_ahead_at_most(day) -> None:
    waivers = Waivers((Waiver.from_record(GOOD),), day)
    last = dt.date(2026, 5, 1)
    holds = last - LONGEST <= day <= last
    assert (waivers.holding("invariant.a") is not None) == holds
    assert (waivers.objection("invariant.a") is None) == holds
    assert waivers.holding("invariant.other") is None
    assert waivers.objection("invariant.other") is None


def test_every_check_by_which_the_gate_proves_itself_is_never_waived() -> None:
    from warehouse.gate import gate_check_ids

    own = gate_check_ids(["gwp", "electricity_factor"], [])
    assert own and not any(is_waivable(check_id) for check_id in own)
    assert is_waivable("invariant.nothing_negative")
