"""Verification names what was changed, removed, added, or unhooked from the chain."""

from __future__ import annotations

import json
import shutil

import pytest

from warehouse import canonical_json
from warehouse.verify import verify, verify_all

pytestmark = pytest.mark.slow


@pytest.fixture
def release(published):
    return published / "2019.03.0"


def told(problems) -> str:
    return "\n".join(f"{problem.kind} {problem.path}: {problem.sentence}" for problem in problems)


def edit_json(path, change) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_bytes(canonical_json.dumps(content))


def test_an_untouched_release_has_no_problem(release, published) -> None:
    assert verify(release) == []
    assert verify_all(published) == []


@pytest.mark.parametrize(
    "name", ["tables/electricity_factor.parquet", "gate_report.json", "snapshot.duckdb"]
)
def test_one_flipped_byte_is_found_and_the_file_named(release, name) -> None:
    path = release / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    problems = verify(release)
    assert {problem.path for problem in problems} == {f"2019.03.0/{name}"}
    assert problems[0].kind == "changed"


@pytest.mark.parametrize(
    "name",
    ["tables/gwp.parquet", "SHA256SUMS", "build_info.json", "snapshot.duckdb", "gate_report.json"],
)
def test_a_missing_file_is_named(release, name) -> None:
    (release / name).unlink()
    assert f"missing 2019.03.0/{name}" in told(verify(release))


def test_an_extra_file_is_named(release) -> None:
    (release / "tables" / "more.parquet").write_bytes(b"x")
    assert "extra 2019.03.0/tables/more.parquet" in told(verify(release))


def test_a_link_out_of_the_release_is_named(release, tmp_path) -> None:
    target = release / "tables" / "gwp.parquet"
    target.rename(tmp_path / "gwp.parquet")
    target.symlink_to(tmp_path / "gwp.parquet")
    assert "gwp.parquet is a link" in told(verify(release))


def test_an_edited_manifest_breaks_sums_and_registry(release) -> None:
    edit_json(release / "manifest.json", lambda content: content.update(code_version="other"))
    text = told(verify(release))
    assert "SHA256SUMS does not agree with the manifest" in text
    assert "is not the one that index.json registered" in text


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda c: c["files"][0].update(path="../../etc/passwd"), "may not stand in a manifest"),
        (lambda c: c["files"][0].update(path="/etc/passwd"), "may not stand in a manifest"),
        (lambda c: c["files"][0].update(path="tables//x"), "may not stand in a manifest"),
        (lambda c: c["files"][0].update(path="manifest.json"), "may not stand in a manifest"),
        (lambda c: c["files"][0].update(sha256="0"), "has no sha256"),
        (lambda c: c["files"].append(c["files"][0]), "listed twice"),
        (lambda c: c.update(manifest_version=7), "manifest version 7"),
        (lambda c: c.update(release_id="latest"), "not a release id"),
        (lambda c: c.pop("tables"), "not a manifest"),
    ],
)
def test_a_manifest_that_no_publisher_wrote_is_unreadable(release, change, word) -> None:
    edit_json(release / "manifest.json", change)
    problems = verify(release)
    assert [problem.kind for problem in problems] == ["unreadable"]
    assert word in problems[0].sentence


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"a": 1, "a": 2}', b"[]", b"null"])
def test_a_manifest_that_is_no_document_is_unreadable(release, content) -> None:
    (release / "manifest.json").write_bytes(content)
    assert [problem.kind for problem in verify(release)] == ["unreadable"]


def test_a_release_under_another_name_is_found(published, release) -> None:
    shutil.copytree(release, published / "2019.03.7")
    assert "holds the manifest of release 2019.03.0" in told(verify(published / "2019.03.7"))


@pytest.mark.usefixtures("proof_skipped")
def test_a_broken_chain_names_the_link(template, published, publish_it) -> None:
    publish_it(template, published, parameters={"try": 1})
    first = published / "2019.03.0"
    edit_json(first / "manifest.json", lambda content: content.update(code_version="other"))
    assert "The chain breaks between 2019.03.0 and 2019.03.1" in told(verify_all(published))


@pytest.mark.usefixtures("proof_skipped")
def test_a_release_that_vanished_is_missed(template, published, publish_it) -> None:
    publish_it(template, published, parameters={"try": 1})
    from warehouse.files import make_removable

    make_removable(published / "2019.03.0")
    shutil.rmtree(published / "2019.03.0")
    text = told(verify_all(published))
    assert "2019.03.0 stands in index.json but has no folder" in text
    assert "2019.03.1 follows 2019.03.0, which is not there" in text


def test_a_pointer_to_another_release_is_found(published) -> None:
    edit_json(published / "latest.json", lambda content: content.update(release_id="2019.03.9"))
    assert "points to 2019.03.9" in told(verify_all(published))


def test_an_index_that_cannot_be_read_is_a_problem_and_not_a_crash(published) -> None:
    (published / "index.json").write_bytes(b"{")
    assert "index.json cannot be understood" in told(verify_all(published))


def test_what_is_not_there_is_said_to_be_missing(tmp_path) -> None:
    assert verify(tmp_path / "2019.03.0")[0].kind == "missing"
    assert verify_all(tmp_path / "releases")[0].kind == "missing"
