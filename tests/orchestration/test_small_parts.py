"""The pure parts of orchestration: stages, candidate folders, the sensor's cursor, code version."""

import os

import pytest

from orchestration.candidates import candidate_folder, prune
from orchestration.code_version import code_version, tree_hash
from orchestration.doctor import disk, keys, locked_versions, waivers, writable
from orchestration.failures import keep_trace
from orchestration.sensors import folder_state, next_step
from orchestration.stages import StageClock


class Recorder:
    """A listener that keeps what it is told."""

    def __init__(self):
        self.heard = []

    def started(self, stage):
        self.heard.append(("started", stage))

    def advanced(self, stage, done, total, what):
        self.heard.append(("advanced", stage, done, total, what))

    def ended(self, stage, seconds, ok):
        self.heard.append(("ended", stage, seconds, ok))


def test_a_stage_is_timed_and_told():
    ticks = iter([1.0, 3.5])
    recorder = Recorder()
    clock = StageClock(recorder, now=lambda: next(ticks))
    with clock.stage("dbt") as report:
        report(1, 2, "model")
    assert clock.seconds == {"dbt": 2.5}
    assert recorder.heard == [
        ("started", "dbt"),
        ("advanced", "dbt", 1, 2, "model"),
        ("ended", "dbt", 2.5, True),
    ]


def test_a_stage_that_fails_is_timed_and_told_as_failed():
    recorder = Recorder()
    clock = StageClock(recorder)
    with pytest.raises(RuntimeError), clock.stage("gate"):
        raise RuntimeError
    assert recorder.heard[-1][3] is False
    assert "gate" in clock.seconds


def test_a_candidate_is_named_by_month_and_run(tmp_path):
    folder = candidate_folder(tmp_path, "2023-12", "1a2b3c4d-0000-0000")
    assert folder == tmp_path / "2023-12-1a2b3c4d"


def test_only_the_newest_candidates_are_kept(tmp_path):
    for age, name in enumerate(["new", "middle", "old"]):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    assert [path.name for path in prune(tmp_path, 2)] == ["old"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["middle", "new"]
    assert prune(tmp_path / "nowhere", 2) == []


def test_files_are_taken_in_once_the_folder_has_come_to_rest():
    settled, cursor = next_step("a", None)
    assert not settled
    settled, cursor = next_step("a", cursor)
    assert settled
    settled, cursor = next_step("a", cursor)
    assert not settled
    settled, cursor = next_step("b", cursor)
    assert not settled
    settled, cursor = next_step("c", cursor)
    assert not settled
    settled, cursor = next_step("c", cursor)
    assert settled


def test_the_folder_state_changes_with_a_file(tmp_path):
    before = folder_state(tmp_path)
    (tmp_path / "new.csv").write_text("x")
    assert folder_state(tmp_path) != before


def test_the_code_version_changes_with_a_source_and_not_with_a_build_product(tmp_path):
    package = tmp_path / "package"
    (package / "target").mkdir(parents=True)
    (package / "model.sql").write_text("select 1")
    first = tree_hash(tmp_path, ("package",))
    (package / "target" / "model.sql").write_text("select 1")
    assert tree_hash(tmp_path, ("package",)) == first
    (package / "model.sql").write_text("select 2")
    assert tree_hash(tmp_path, ("package",)) != first


def test_the_code_version_is_the_same_twice():
    assert code_version() == code_version()


def test_the_lock_is_read_with_extras_and_markers():
    text = (
        "dagster==1.13.27 \\\n"
        'numpy==2.4.6 ; python_full_version < "3.12" \\\n'
        "numpy==2.5.5 ; x\n"
        "gql[requests]==4.0.0 \\\n"
    )
    assert locked_versions(text) == {
        "dagster": {"1.13.27"},
        "numpy": {"2.4.6", "2.5.5"},
        "gql": {"4.0.0"},
    }


def test_doctor_says_how_much_room_is_wanted(tmp_path):
    finding = disk(tmp_path / "not" / "yet", 10**12)
    assert not finding.ok
    assert "Make room" in finding.sentence


def test_doctor_says_that_a_home_that_is_a_file_cannot_be_written_to(tmp_path):
    (tmp_path / "home").write_text("")
    finding = writable(tmp_path / "home")
    assert not finding.ok
    assert "CARBON_HOME" in finding.sentence


def test_a_trace_that_cannot_be_kept_is_no_second_error(tmp_path):
    (tmp_path / "logs").write_text("")
    assert keep_trace(tmp_path / "logs", "release", ValueError("x")) is None


def test_doctor_says_who_signs_and_whether_anybody_may_approve(tmp_path):
    from orchestration.settings import Settings
    from warehouse.signing import new_key

    public, beside = new_key(tmp_path / "release.pem")
    assert "releases are unsigned; 0 trusted" in keys(Settings()).sentence
    own = {"signing_key": tmp_path / "release.pem"}
    assert f"signed by {public.key_id}; 1 trusted" in keys(Settings(**own)).sentence
    alone = keys(Settings(**own, require_approval=True, approvers=[beside]))
    assert not alone.ok and "nobody else may give it" in alone.sentence
    new_key(tmp_path / "second.pem")
    second = tmp_path / "second.pub.pem"
    assert keys(Settings(**own, require_approval=True, approvers=[second])).ok


def test_doctor_names_a_waiver_that_has_ended(monkeypatch):
    import datetime as dt

    from expectations.waivers import Waiver, Waivers
    from orchestration import trust

    assert waivers().sentence == "no checks waived."
    day = dt.date(2026, 1, 31)
    entries = (Waiver("invariant.a", "r", "A. Owner", day),)
    monkeypatch.setattr(trust, "waivers_today", lambda: Waivers(entries, day))
    assert waivers().sentence == "1 check waived."
    late = Waivers(entries, day + dt.timedelta(1))
    monkeypatch.setattr(trust, "waivers_today", lambda: late)
    assert not waivers().ok and "ended on 2026-01-31" in waivers().sentence
