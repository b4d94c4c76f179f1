"""A release is what its inputs, code and parameters make: anywhere, at any time, on one core."""

import datetime as dt
import json
import os
import subprocess
import sys

import pytest

from ingestion.landing import landing_path
from ingestion.receipts import read_receipts
from orchestration.rebuild import compare
from orchestration.settings import PROJECT_ROOT
from orchestration.trust import as_on, waivers_today
from tests.warehouse.proof_put_aside import believe_the_report
from tests.warehouse.tiny_candidate import make_tiny_candidate, publish_tiny
from warehouse.files import make_removable
from warehouse.manifest import MANIFEST, SUMS, read_manifest
from warehouse.signing import load_signing_key, new_key

ELSEWHERE = {
    "PYTHONHASHSEED": "4711", "TZ": "Asia/Kolkata", "LC_ALL": "C", "POLARS_MAX_THREADS": "1",
    "OMP_NUM_THREADS": "1", "COLUMNS": "200", "PYTHONPATH": str(PROJECT_ROOT),
}  # fmt: skip


def rebuild(home, folder, *arguments):
    """Run the command on one core, in another folder, under other settings of the machine."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        return subprocess.run(
            [
                sys.executable, "-m", "orchestration", "rebuild", "2023.12.0",
                "--home", str(home), *arguments,
            ],
            cwd=folder, env={**os.environ, **ELSEWHERE},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.slow
@pytest.mark.release
def test_a_release_is_built_again_to_the_last_byte(copy_of_built, tmp_path):
    files = len(read_manifest(copy_of_built.release / MANIFEST).files) + 2
    result = rebuild(copy_of_built.home, tmp_path, "--keep")
    assert result.returncode == 0, result.stderr
    assert f"all {files} files are the same bytes" in result.stdout
    (again,) = copy_of_built.home.glob(".rebuild-*/home/releases/2023.12.0")
    for folder, other in ((again, copy_of_built.release), (copy_of_built.release, again)):
        command = ["sha256sum", "--check", "--strict", "--quiet", other / SUMS]
        checked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stdout) == (0, ""), checked
    make_removable(again)


@pytest.mark.slow
@pytest.mark.release
def test_a_landed_file_that_is_gone_is_named(copy_of_built, tmp_path):
    receipt = read_receipts(copy_of_built.home)[0]
    landing_path(copy_of_built.home, receipt.sha256).unlink()
    result = rebuild(copy_of_built.home, tmp_path)
    assert result.returncode == 2
    assert receipt.file_name in result.stderr
    assert "Traceback" not in result.stderr
    assert list(copy_of_built.home.glob(".rebuild-*")) == []


@pytest.mark.slow
@pytest.mark.release
def test_a_release_of_other_code_is_not_built_again(copy_of_built, tmp_path):
    path = copy_of_built.release / MANIFEST
    make_removable(copy_of_built.release)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["code_version"] = "0.0.1+src.0123456789ab"
    path.write_text(json.dumps(content), encoding="utf-8")
    result = rebuild(copy_of_built.home, tmp_path)
    assert result.returncode == 2
    assert "was made by code 0.0.1+src.0123456789ab" in result.stderr


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """The same candidate published twice, once signed; and another one."""
    believe_the_report(monkeypatch)
    key = tmp_path / "key.pem"
    new_key(key)
    candidate = make_tiny_candidate(tmp_path / "candidate")
    signed = publish_tiny(candidate, tmp_path / "a", signing_key=load_signing_key(key)).folder
    again = publish_tiny(candidate, tmp_path / "b").folder
    other = publish_tiny(make_tiny_candidate(tmp_path / "other", 0.5), tmp_path / "c").folder
    yield signed, again, other
    for folder in (signed, again, other):
        make_removable(folder)


def test_a_signature_is_no_difference(pair):
    signed, again, _ = pair
    assert compare(signed, read_manifest(signed / MANIFEST), again).differences == ()


def test_each_file_that_came_out_otherwise_is_named(pair):
    signed, _, other = pair
    found = compare(signed, read_manifest(signed / MANIFEST), other).differences
    paths = {each.path for each in found}
    assert {"tables/measurement.parquet", "exports/csv/measurement.csv", MANIFEST} <= paths
    assert "tables/source.parquet" not in paths


def test_a_published_file_that_was_changed_since_is_named(pair):
    signed, again, _ = pair
    manifest = read_manifest(signed / MANIFEST)
    make_removable(signed)
    for path in ("tables/source.parquet", SUMS):
        with (signed / path).open("ab") as file:
            file.write(b" ")
    found = {each.path: each.sentence for each in compare(signed, manifest, again).differences}
    assert found["tables/source.parquet"] == "the published file is not what was published"
    assert SUMS in found


def test_waivers_hold_on_the_day_that_a_release_was_built():
    day = dt.date(2025, 3, 1)
    with as_on(day):
        assert waivers_today().day == day
    assert waivers_today().day > day
