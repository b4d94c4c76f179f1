"""A proven candidate becomes a numbered, immutable, chained release - once."""

from __future__ import annotations

import dataclasses
import json
import os
import stat

import duckdb
import polars as pl
import pytest

from tests.warehouse import synthetic
from warehouse import files, gate_report
from warehouse.errors import PublishBusy, PublishError
from warehouse.export import export_tables
from warehouse.lock import releases_lock
from warehouse.manifest import OUTSIDE_THE_RECORD, read_manifest
from warehouse.registry import IndexEntry, newest_entry
from warehouse.releases import (
    ReleaseError,
    latest_release,
    list_releases,
    newest_of_month,
    read_release,
)
from warehouse.verify import verify, verify_all

pytestmark = pytest.mark.slow


def rewritten(candidate, **changes) -> None:
    """Put a changed report in the place of the candidate's, for tests that skip the proof."""
    report = dataclasses.replace(gate_report.read_report(candidate.report), **changes)
    candidate.report.write_bytes(report.as_bytes())


def rebuilt_with(tmp_path, tables, name, judge_it, **frames):
    candidate = synthetic.make_candidate(tmp_path / name, {**tables, **frames})
    export_tables(candidate)
    report = judge_it(candidate)
    assert report.passed, report.sentences
    return candidate


def test_the_first_release_is_whole_and_verifies(one_release) -> None:
    folder = one_release / "2019.03.0"
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == (
        sorted(
            ["CHANGELOG.md", "CITATION.cff", "SHA256SUMS", "build_info.json"]
            + ["data_dictionary.html", "data_dictionary.md", "datapackage.json"]
            + ["diff.html", "diff.json", "diff.md", "diff.schema.json"]
            + ["gate_report.json", "manifest.json", "registry.txt", "snapshot.duckdb"]
            + ["exports/carbon_factors.xlsx", "exports/brightway/characterisation.zip"]
            + [f"exports/{form}/background.zip" for form in ("brightway", "ilcd", "openlca")]
            + [f"exports/csv/{name}.csv" for name in synthetic.COLUMNS]
            + [f"tables/{name}.parquet" for name in synthetic.COLUMNS]
        )
    )
    assert verify(folder) == []
    assert verify_all(one_release) == []


def test_a_release_reads_back_as_frames(one_release, tables) -> None:
    release = latest_release(one_release)
    assert release is not None and release.release_id == "2019.03.0"
    assert release.tables == sorted(synthetic.COLUMNS)
    assert release.table("electricity_mix").height == tables["electricity_mix"].height
    with pytest.raises(ReleaseError, match="has no table 'steel'; it has background_alloc"):
        release.table("steel")


def test_no_file_of_a_release_can_be_written(one_release) -> None:
    folder = one_release / "2019.03.0"
    for path in [folder, *folder.rglob("*")]:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o222, path


def test_the_snapshot_opens_in_old_clients_and_holds_the_same_rows(one_release, tables) -> None:
    path = one_release / "2019.03.0" / "snapshot.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute("select count(*) from electricity_factor").fetchall()
        tags = connection.execute(
            "select tags from duckdb_databases() where database_name = 'snapshot'"
        ).fetchall()
        comments = connection.execute(
            "select comment from duckdb_columns() where table_name = 'electricity_mix' "
            "and column_name = 'generation_mwh'"
        ).fetchall()
    assert rows == [(tables["electricity_factor"].height,)]
    assert "v1.2" in str(tags)
    assert comments == [("The generation_mwh. 列 [MWh]",)]


def test_the_manifest_names_inputs_without_clock_or_submitter(one_release) -> None:
    text = (one_release / "2019.03.0" / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert [receipt["receipt_id"] for receipt in manifest["inputs"]] == ["r1", "r2"]
    assert "received_at" not in text
    assert "submitter" not in text
    assert "2026-01-31T08" not in text
    assert manifest["previous_release"] is None
    assert manifest["channel"] == "stable"


@pytest.mark.usefixtures("proof_skipped")
def test_the_record_is_the_same_bytes_in_another_folder_at_another_time(
    template, one_release, releases, publish_it, tmp_path
) -> None:
    import datetime as dt

    later = dt.datetime(2031, 5, 5, tzinfo=dt.UTC)
    result = publish_it(template, releases, built_at=later)
    first = one_release / "2019.03.0"
    for path in first.rglob("*"):
        name = path.relative_to(first).as_posix()
        if path.is_file() and name not in OUTSIDE_THE_RECORD:
            assert files.sha256_of(path) == files.sha256_of(result.folder / name), name


def test_publishing_the_same_again_makes_no_release_and_says_why(
    template, published, publish_it
) -> None:
    result = publish_it(template, published)
    assert (result.status, result.release_id) == ("unchanged", "2019.03.0")
    assert "No new release" in result.reason
    assert [entry.release_id for entry in list_releases(published)] == ["2019.03.0"]


@pytest.mark.usefixtures("proof_skipped")
def test_changed_parameters_make_the_next_release(template, published, publish_it) -> None:
    result = publish_it(template, published, parameters={"as_of": "2026-02-28"})
    assert (result.status, result.release_id) == ("published", "2019.03.1")


def test_changed_content_makes_the_next_release_chained_to_the_last(
    tables, tmp_path, published, judge_it, publish_it
) -> None:
    source = tables["source"].with_columns(pl.lit("CC BY 4.0").alias("licence"))
    candidate = rebuilt_with(tmp_path, tables, "changed", judge_it, source=source)
    result = publish_it(candidate, published)
    assert (result.status, result.release_id) == ("published", "2019.03.1")
    manifest = read_manifest(result.folder / "manifest.json")
    before = published / "2019.03.0" / "manifest.json"
    assert manifest.previous is not None
    assert manifest.previous.release_id == "2019.03.0"
    assert manifest.previous.manifest_sha256 == files.sha256_of(before)
    assert latest_release(published).release_id == "2019.03.1"
    assert newest_of_month(published, "2019-03").release_id == "2019.03.1"
    assert verify_all(published) == []


@pytest.mark.usefixtures("proof_skipped")
def test_an_older_month_published_later_does_not_become_the_latest(
    candidate, published, publish_it
) -> None:
    rewritten(candidate, release_month="2019-02")
    result = publish_it(candidate, published, release_month="2019-02")
    assert result.release_id == "2019.02.0"
    assert latest_release(published).release_id == "2019.03.0"
    assert [entry.release_id for entry in list_releases(published)] == ["2019.03.0", "2019.02.0"]
    assert read_release(result.folder).manifest.previous.release_id == "2019.03.0"
    assert verify_all(published) == []


def test_the_tenth_reissue_is_newer_than_the_ninth() -> None:
    entries = [
        IndexEntry(each, each[:7].replace(".", "-"), "published", "stable", "", None)
        for each in ("2019.03.9", "2019.03.10", "2019.02.30", "2019.1.0")
    ]
    newest = newest_entry(entries)
    assert newest is not None and newest.release_id == "2019.03.10"


@pytest.mark.usefixtures("proof_skipped")
@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("electricity_mix", (pl.col("region_code") == "CN") & (pl.col("technology") == "oil")),
        ("background_dataset", pl.col("disclosure") == "withheld"),
    ],
)
def test_anything_synthetic_makes_a_demo_release(
    table, row, tables, tmp_path, releases, judge_it, publish_it
) -> None:
    tiers = pl.when(row).then(pl.lit("synthetic")).otherwise(pl.col("quality_tier"))
    changed = tables[table].with_columns(tiers.alias("quality_tier"))
    assert not changed.equals(tables[table])
    candidate = rebuilt_with(tmp_path, tables, "demo", judge_it, **{table: changed})
    result = publish_it(candidate, releases)
    assert list_releases(releases)[0].channel == "demo"
    assert read_release(result.folder).manifest.channel == "demo"


@pytest.mark.usefixtures("proof_skipped")
def test_a_second_publisher_at_once_is_turned_away(template, releases, publish_it) -> None:
    releases.mkdir()
    with releases_lock(releases), pytest.raises(PublishBusy, match=f"process {os.getpid()} on"):
        publish_it(template, releases)
    assert publish_it(template, releases).status == "published", "the lock is given back"


@pytest.mark.usefixtures("proof_skipped", "way_around_the_gate")
def test_two_publishers_at_once_make_one_release(template, releases, publish_it) -> None:
    import threading

    inside, done = threading.Event(), threading.Event()
    ended: list[object] = []

    def stop_there(step: str) -> None:
        if step == "stage":
            inside.set()
            assert done.wait(60)

    first = threading.Thread(
        target=lambda: ended.append(publish_it(template, releases, on_step=stop_there).status)
    )
    first.start()
    try:
        assert inside.wait(60)
        with pytest.raises(PublishBusy):
            publish_it(template, releases, parameters={"try": 1})
    finally:
        done.set()
        first.join()
    assert ended == ["published"]
    assert [entry.release_id for entry in list_releases(releases)] == ["2019.03.0"]
    assert verify_all(releases) == []


@pytest.mark.usefixtures("proof_skipped")
def test_a_folder_in_the_way_is_not_overwritten(template, releases, publish_it) -> None:
    (releases / "2019.03.0").mkdir(parents=True)
    with pytest.raises(PublishError, match=r"2019\.03\.0"):
        publish_it(template, releases)
    assert list((releases / "2019.03.0").iterdir()) == []


@pytest.mark.usefixtures("proof_skipped")
def test_nothing_is_published_after_a_release_that_was_changed(
    template, published, publish_it
) -> None:
    with (published / "2019.03.0" / "tables" / "gwp.parquet").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(PublishError, match="is not as it was published"):
        publish_it(template, published, parameters={"as_of": "2026-02-28"})


@pytest.mark.usefixtures("proof_skipped")
def test_a_disk_that_fails_is_a_sentence_and_leaves_nothing(
    template, releases, publish_it, monkeypatch
) -> None:
    from warehouse import publish as publishing

    def full(*_):
        raise OSError(28, "No space left on device", "gwp.parquet")

    monkeypatch.setattr(publishing.files, "copy_durably", full)
    with pytest.raises(PublishError, match="No space left on device"):
        publish_it(template, releases)
    assert [path.name for path in releases.iterdir()] == [".lock"]


def test_no_release_yet_is_an_empty_list(tmp_path) -> None:
    assert list_releases(tmp_path) == []
    assert latest_release(tmp_path) is None
    assert newest_of_month(tmp_path, "2019-03") is None
    with pytest.raises(ReleaseError, match="There is no release"):
        read_release(tmp_path / "2019.03.0")
