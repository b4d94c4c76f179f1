"""What was taken in can be taken in again from the landing zone: same receipts, same rows."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from ingestion.delivery import Delivered, deliveries
from ingestion.ingest import ingest
from ingestion.landing import landing_path
from ingestion.receipts import read_receipts
from ingestion.redelivery import RedeliveryError, note_path, redeliver

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Three sources of the example, taken in: text, workbooks, a file of many notes."""
    home = tmp_path_factory.mktemp("redelivery") / "home"
    for source in ("gwp", "official_co2", "capacity_hours"):
        ingest(PROJECT / "data" / source, home)
    return home


def said(receipts):
    return [dataclasses.replace(receipt, received_at="") for receipt in receipts]


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_files_under_the_same_notes_give_the_same_receipts_and_rows(home, tmp_path):
    receipts = read_receipts(home)
    redeliver(home, receipts, tmp_path / "data")
    summary = ingest(tmp_path / "data", tmp_path / "again")
    assert summary.files_new == len(receipts)
    assert summary.files_quarantined == 0
    assert said(read_receipts(tmp_path / "again")) == said(receipts)
    assert content(tmp_path / "again" / "raw") == content(home / "raw")


def test_a_note_of_one_file_says_what_the_note_of_all_said(home, tmp_path):
    receipts = read_receipts(home)
    redeliver(home, receipts, tmp_path / "data")
    again = deliveries(tmp_path / "data")
    assert all(isinstance(item, Delivered) for item in again)
    assert sorted(item.file_name for item in again) == sorted(
        receipt.file_name for receipt in receipts
    )


@pytest.mark.parametrize("gone", ["note", "file"])
def test_what_is_gone_from_the_landing_zone_is_named(home, tmp_path, gone):
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    receipt = read_receipts(copy)[0]
    path = (
        note_path(copy, receipt.receipt_id)
        if gone == "note"
        else landing_path(copy, receipt.sha256)
    )
    path.unlink()
    with pytest.raises(RedeliveryError, match=receipt.receipt_id):
        redeliver(copy, [receipt], tmp_path / "data")


def test_landed_bytes_that_were_changed_are_named(home, tmp_path):
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    receipt = read_receipts(copy)[0]
    landing_path(copy, receipt.sha256).write_bytes(b"something else")
    with pytest.raises(RedeliveryError, match="other bytes"):
        redeliver(copy, [receipt], tmp_path / "data")


def test_a_receipt_whose_file_name_climbs_out_is_refused(home, tmp_path):
    receipt = dataclasses.replace(read_receipts(home)[0], file_name="../../out.csv")
    with pytest.raises(RedeliveryError, match="may not be the name"):
        redeliver(home, [receipt], tmp_path / "data")
    assert not (tmp_path / "out.csv").exists()
