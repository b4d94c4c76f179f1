"""What is stated of a release after publication: once, signed, and never taken back."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.warehouse.small_registry import make_registry
from tests.warehouse.tampering import writable
from warehouse import canonical_json, states
from warehouse.errors import PublishBusy, PublishError, PublishRefused
from warehouse.lock import releases_lock
from warehouse.registry import read_index
from warehouse.releases import latest_release
from warehouse.states import StateError, compare_states, read_statement, state_release
from warehouse.verify import verify, verify_all

pytestmark = pytest.mark.slow

FIRST, SECOND, THIRD = "2019.03.0", "2019.03.1", "2019.03.2"
DAY = dt.date(2026, 2, 1)


@pytest.fixture
def three(tmp_path):
    """A registry of three releases of one month, each a manifest alone."""
    return make_registry(tmp_path / "releases", FIRST, SECOND, THIRD)


@pytest.fixture
def whole(two_releases, proof_skipped, tmp_path):
    """A releases folder with two whole releases of one month."""
    folder = Path(shutil.copytree(two_releases, tmp_path / "whole"))
    writable(folder)
    return folder


def state(releases, release_id, what, *, reason="Counted twice", replacement=None, **more):
    asked = {"stated_by": "A. Keeper", "stated_on": DAY, **more}
    return state_release(
        releases, release_id, what, reason=reason, replacement=replacement, **asked
    )


def state_of(releases) -> dict[str, str]:
    return {entry.release_id: entry.state for entry in read_index(releases)}


def latest(releases) -> str | None:
    found = latest_release(releases)
    return found.release_id if found else None


def told(problems) -> str:
    return "\n".join(f"{p.link} {p.kind} {p.path}: {p.sentence}" for p in problems)


def test_a_withdrawn_release_keeps_its_files_and_is_no_longer_the_latest(three) -> None:
    before = {path: path.read_bytes() for path in (three / THIRD).rglob("*") if path.is_file()}
    assert state(three, THIRD, "withdrawn", replacement=SECOND)
    assert {path: path.read_bytes() for path in before} == before
    assert latest(three) == SECOND
    entry = read_index(three)[-1]
    assert (entry.state, entry.reason, entry.replacement) == ("withdrawn", "Counted twice", SECOND)
    assert compare_states(three) == []


def test_a_superseded_release_names_what_takes_its_place(three) -> None:
    state(three, FIRST, "superseded", replacement=THIRD)
    statement = read_statement(three / "states" / f"{FIRST}.json")
    assert (statement.state, statement.replacement, statement.stated_by) == (
        "superseded",
        THIRD,
        "A. Keeper",
    )
    assert latest(three) == THIRD
    assert compare_states(three) == []


def test_the_latest_is_published_before_superseded_and_never_withdrawn(three) -> None:
    state(three, THIRD, "superseded", replacement=FIRST)
    assert latest(three) == SECOND
    state(three, SECOND, "withdrawn")
    assert latest(three) == FIRST
    state(three, FIRST, "withdrawn")
    assert latest(three) == THIRD, "superseded may still be used"
    state(three, THIRD, "withdrawn")
    assert latest(three) is None
    assert not (three / "latest.json").exists()
    assert compare_states(three) == []


def test_stating_the_same_again_changes_nothing(three) -> None:
    assert state(three, FIRST, "withdrawn")
    before = {path: path.read_bytes() for path in three.rglob("*.json")}
    later = {"stated_by": "Somebody else", "stated_on": DAY + dt.timedelta(30)}
    assert not state(three, FIRST, "withdrawn", **later)
    assert {path: path.read_bytes() for path in three.rglob("*.json")} == before


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("withdrawn", {"reason": "Another reason"}),
        ("withdrawn", {"replacement": SECOND}),
        ("superseded", {"replacement": SECOND}),
    ],
)
def test_stating_something_else_says_what_stands(three, what, changes) -> None:
    state(three, FIRST, "withdrawn")
    with pytest.raises(PublishRefused, match="is withdrawn already: Counted twice") as caught:
        state(three, FIRST, what, **changes)
    assert "A. Keeper on 2026-02-01" in str(caught.value)
    assert state_of(three)[FIRST] == "withdrawn"


def test_what_was_superseded_may_still_be_withdrawn(three) -> None:
    state(three, FIRST, "superseded", replacement=SECOND)
    assert state(three, FIRST, "withdrawn", reason="Worse than thought")
    assert state_of(three)[FIRST] == "withdrawn"
    assert compare_states(three) == []


@pytest.mark.parametrize(
    ("release_id", "what", "changes", "word"),
    [
        ("2019.03.9", "withdrawn", {}, r"There is no release 2019\.03\.9"),
        (FIRST, "withdrawn", {"replacement": "2019.03.9"}, r"There is no release 2019\.03\.9"),
        (FIRST, "withdrawn", {"replacement": FIRST}, "cannot take its own place"),
        (FIRST, "superseded", {}, "Say which release takes the place"),
        (FIRST, "withdrawn", {"reason": "  "}, "Give a reason"),
        (FIRST, "withdrawn", {"reason": "a\x1bb"}, "printable"),
        (FIRST, "withdrawn", {"reason": "x" * 2000}, "at most"),
        (FIRST, "withdrawn", {"stated_by": ""}, "Give a name"),
        ("../2019.03.0", "withdrawn", {}, "There is no release"),
    ],
)
def test_a_statement_that_makes_no_sense_is_refused(three, release_id, what, changes, word) -> None:
    with pytest.raises(PublishRefused, match=word):
        state(three, release_id, what, **changes)
    assert set(state_of(three).values()) == {"published"}
    assert not (three / "states").exists()


def test_a_withdrawn_release_takes_nobody_s_place(three) -> None:
    state(three, SECOND, "withdrawn")
    with pytest.raises(PublishRefused, match=r"2019\.03\.1 is withdrawn itself"):
        state(three, FIRST, "superseded", replacement=SECOND)


def test_a_statement_waits_for_the_publisher(three) -> None:
    with releases_lock(three), pytest.raises(PublishBusy):
        state(three, FIRST, "withdrawn")


def test_nothing_is_stated_in_an_empty_folder(tmp_path) -> None:
    with pytest.raises(PublishRefused, match="no release under"):
        state(tmp_path / "none", FIRST, "withdrawn")


def test_nothing_is_stated_of_a_release_whose_manifest_was_changed(three) -> None:
    (three / FIRST / "manifest.json").write_bytes(
        (three / FIRST / "manifest.json").read_bytes().replace(b"stable", b"demo")
    )
    with pytest.raises(PublishRefused, match="is not as it was registered"):
        state(three, FIRST, "withdrawn")


def test_the_index_made_anew_keeps_every_state(template, whole, publish_it) -> None:
    state(whole, SECOND, "withdrawn", replacement=FIRST)
    before = (whole / "index.json").read_bytes()
    (whole / "index.json").unlink()
    (whole / "latest.json").unlink()
    publish_it(template, whole, parameters={"try": 1}, release_id=SECOND)
    assert (whole / "index.json").read_bytes() == before
    assert latest(whole) == FIRST
    assert verify_all(whole) == []


def test_a_crash_between_statement_and_index_is_mended_by_the_next_command(
    three, monkeypatch
) -> None:
    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(states.registry, "write_registry", die)
        state(three, THIRD, "withdrawn")
    assert json.loads((three / "latest.json").read_text())["release_id"] == THIRD
    assert latest(three) == SECOND, "the statement counts already"
    assert "says that 2019.03.2 is published" in told(compare_states(three))
    assert not state(three, THIRD, "withdrawn"), "it stands already; only the pointers are mended"
    assert latest(three) == SECOND
    assert compare_states(three) == []


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
def test_death_at_any_write_of_a_withdrawal_leaves_it_stated_or_not(
    three, monkeypatch, drill_count, writes
) -> None:
    real, done = states.files.replace_durably, []

    def die_at_last(path, content) -> None:
        if len(done) == writes:
            raise KeyboardInterrupt
        done.append(path)
        real(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(states.files, "replace_durably", die_at_last)
        if writes < 3:
            with pytest.raises(KeyboardInterrupt):
                state(three, THIRD, "withdrawn")
        else:
            state(three, THIRD, "withdrawn")
    stated = writes > 0
    assert (three / "states" / f"{THIRD}.json").exists() == stated
    assert latest(three) == (SECOND if stated else THIRD), "readers never get a withdrawn release"
    state(three, THIRD, "withdrawn")
    assert latest(three) == SECOND
    assert json.loads((three / "latest.json").read_text())["release_id"] == SECOND
    assert compare_states(three) == []
    drill_count("deaths in a withdrawal, each whole or nothing", 1)


def test_one_release_is_verified_with_what_is_stated_of_it(whole) -> None:
    state(whole, FIRST, "withdrawn")
    path = whole / "states" / f"{FIRST}.json"
    content = {**json.loads(path.read_text()), "reason": "Nothing much"}
    path.write_bytes(canonical_json.dumps(content))
    assert [problem.link for problem in verify(whole / FIRST)] == ["state"]
    assert verify(whole / SECOND) == []


def test_statements_that_lie_elsewhere_are_named(three, tmp_path) -> None:
    state(three, FIRST, "withdrawn")
    (three / "states").rename(tmp_path / "elsewhere")
    (three / "states").symlink_to(tmp_path / "elsewhere")
    assert "states is a link" in told(compare_states(three))


def test_a_lost_statement_brings_no_release_back_to_life(template, whole, publish_it) -> None:
    state(whole, SECOND, "withdrawn")
    (whole / "states" / f"{SECOND}.json").unlink()
    assert "is withdrawn, but by its statements it is published" in told(compare_states(whole))
    with pytest.raises(PublishRefused, match=r"statement states/2019\.03\.1\.json is gone"):
        publish_it(template, whole, parameters={"try": 9})
    with pytest.raises(PublishRefused, match=r"states/2019\.03\.1\.json is gone"):
        state(whole, FIRST, "withdrawn")


def test_publishing_again_what_was_withdrawn_is_refused_until_asked_by_id(
    template, whole, publish_it
) -> None:
    state(whole, SECOND, "withdrawn")
    with pytest.raises(PublishRefused, match="that was withdrawn: Counted twice"):
        publish_it(template, whole, parameters={"try": 1})
    result = publish_it(template, whole, parameters={"try": 1}, release_id=THIRD)
    assert (result.status, latest(whole)) == ("published", THIRD)
    assert state_of(whole) == {FIRST: "published", SECOND: "withdrawn", THIRD: "published"}


def test_publishing_a_month_again_supersedes_nothing(whole) -> None:
    assert set(state_of(whole).values()) == {"published"}


def test_a_read_only_disk_is_a_sentence_and_states_nothing(three, monkeypatch) -> None:
    def read_only(path, content):
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(states.files, "replace_durably", read_only)
    with pytest.raises(PublishError, match="Read-only file system"):
        state(three, FIRST, "withdrawn")
    assert set(state_of(three).values()) == {"published"}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe{}", b"[]", b"null", b'{"state_version": 1, "state_version": 1}',
        b'{"state_version": 9}', b'{"state_version": 1}',
    ],
)  # fmt: skip
def test_a_statement_that_is_no_document_is_told_and_not_followed(three, content) -> None:
    state(three, FIRST, "withdrawn")
    (three / "states" / f"{FIRST}.json").write_bytes(content)
    with pytest.raises(StateError, match=r"states/2019\.03\.0\.json|Statement"):
        read_statement(three / "states" / f"{FIRST}.json")
    assert f"state unreadable states/{FIRST}.json" in told(compare_states(three))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"release_id": SECOND}, "is about '2019.03.1'"),
        ({"state": "published"}, "is not superseded or withdrawn"),
        ({"replacement": "../../etc"}, "not a release id"),
        ({"manifest_sha256": "0"}, "names no manifest"),
        ({"manifest_sha256": "0" * 64}, "is about another manifest"),
        ({"stated_on": "yesterday"}, "no statement"),
        ({"key_id": "ed25519:0123456789abcdef"}, "without a signature"),
        ({"more": 1}, "no statement"),
        ({"reason": "Nothing much"}, "says that 2019.03.0 is withdrawn|Nothing"),
    ],
)
def test_a_statement_that_was_edited_is_named(three, change, word) -> None:
    state(three, FIRST, "withdrawn")
    path = three / "states" / f"{FIRST}.json"
    path.write_bytes(canonical_json.dumps({**json.loads(path.read_text()), **change}))
    problems = compare_states(three)
    assert problems and problems[0].link == "state"
    assert re.search(word, told(problems))


def test_what_does_not_belong_among_the_statements_is_named(three, tmp_path) -> None:
    state(three, FIRST, "withdrawn")
    (three / "states" / "notes.txt").write_text("x")
    (three / "states" / f"{SECOND}.json").symlink_to(three / "states" / f"{FIRST}.json")
    text = told(compare_states(three))
    assert "states/notes.txt is no statement" in text
    assert f"states/{SECOND}.json is no statement" in text


def test_a_signed_statement_is_proved_and_a_forged_one_named(three, keys) -> None:
    trusted = {keys["publisher"].key_id: keys["publisher"].public}
    state(three, FIRST, "withdrawn", key=keys["publisher"])
    assert compare_states(three, trusted) == []
    path = three / "states" / f"{FIRST}.json"
    for change, word in [
        ({"stated_by": "Somebody else"}, "is not that of"),
        ({"key_id": keys["stranger"].key_id}, "not trusted here"),
        ({"key_id": None, "signature": None}, "is not signed"),
    ]:
        before = path.read_bytes()
        path.write_bytes(canonical_json.dumps({**json.loads(before), **change}))
        problems = compare_states(three, trusted)
        assert [problem.link for problem in problems] == ["signature"]
        assert word in problems[0].sentence
        path.write_bytes(before)


def test_a_release_s_signature_is_worth_nothing_under_a_statement(three, keys) -> None:
    key = keys["publisher"]
    state(three, FIRST, "withdrawn", key=key)
    path = three / "states" / f"{FIRST}.json"
    signature = key.sign((three / FIRST / "manifest.json").read_bytes())
    path.write_bytes(canonical_json.dumps({**json.loads(path.read_text()), "signature": signature}))
    assert "is not that of" in told(compare_states(three, {key.key_id: key.public}))


def test_a_whole_release_that_was_withdrawn_still_verifies(whole) -> None:
    before = {path: path.read_bytes() for path in (whole / SECOND).rglob("*") if path.is_file()}
    state(whole, SECOND, "withdrawn", replacement=FIRST)
    assert {path: path.read_bytes() for path in before} == before
    assert verify_all(whole) == []
