"""A staged release is read back with the second engine before it is renamed into place."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.proof_put_aside import believe_the_report
from tests.warehouse.tampering import writable
from tests.warehouse.tiny_candidate import make_tiny_candidate, publish_tiny
from warehouse.errors import PublishRefused
from warehouse.manifest import MANIFEST, SNAPSHOT, Manifest, read_manifest
from warehouse.staging import reread


@pytest.fixture
def staged(tmp_path, monkeypatch) -> tuple[Path, Manifest]:
    """A release as it was staged, and its manifest."""
    believe_the_report(monkeypatch)
    folder = publish_tiny(make_tiny_candidate(tmp_path / "candidate"), tmp_path / "releases").folder
    writable(folder.parent)
    return folder, read_manifest(folder / MANIFEST)


def test_what_was_written_is_read_back(staged) -> None:
    reread(*staged)


@pytest.mark.parametrize(
    "fault",
    [
        "update measurement set reading = reading + 1e-12 where sensor = 'b'",
        "update measurement set reading = null where sensor = 'b'",
        "delete from measurement where sensor = 'b'",
        "insert into measurement select * from measurement where sensor = 'b'",
        "alter table measurement alter reading type float",
        "alter table measurement rename reading to read",
    ],
)
def test_a_snapshot_that_says_otherwise_is_refused(staged, fault) -> None:
    folder, manifest = staged
    with duckdb.connect(str(folder / SNAPSHOT)) as connection:
        connection.execute(fault)
    with pytest.raises(PublishRefused, match="other content of table measurement"):
        reread(folder, manifest)


def test_a_snapshot_without_a_table_is_refused(staged) -> None:
    folder, manifest = staged
    with duckdb.connect(str(folder / SNAPSHOT)) as connection:
        connection.execute("drop table measurement")
    with pytest.raises(PublishRefused, match="cannot be read back"):
        reread(folder, manifest)


def test_a_table_that_duckdb_reads_otherwise_than_it_was_judged_is_refused(staged) -> None:
    folder, manifest = staged
    judged = tuple(
        dataclasses.replace(table, content_hash="0" * 64) if table.name == "measurement" else table
        for table in manifest.tables
    )
    with pytest.raises(PublishRefused, match="other content of table measurement"):
        reread(folder, dataclasses.replace(manifest, tables=judged))
