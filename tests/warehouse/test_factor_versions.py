"""A factor keeps its id; its version rises with its value or evidence and never falls."""

import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest
import yaml

from orchestration.settings import DBT_PROJECT
from warehouse.factor_versions import (
    FILE,
    NOT_EVIDENCE,
    versions_that_do_not_follow,
    write_published_factors,
)


def table(folder: Path, **rows: tuple[float, int | None]) -> Path:
    """Write a factor table: id to value and version."""
    folder.mkdir()
    frame = pl.DataFrame(
        {
            "factor_id": list(rows),
            "region_name_en": ["Anhui"] * len(rows),
            "value": [value for value, _ in rows.values()],
            "known_at": [dt.date(2024, 1, 20)] * len(rows),
            "factor_version": [version for _, version in rows.values()],
        }
    )
    if frame["factor_version"].null_count():
        frame = frame.drop("factor_version")
    frame.write_parquet(folder / FILE)
    return folder / FILE


@pytest.fixture
def published(tmp_path) -> list[Path]:
    """Three releases: the first of an earlier format, the last without `b`."""
    return [
        table(tmp_path / "1", a=(0.5, None), b=(0.7, None)),
        table(tmp_path / "2", a=(0.6, 2), b=(0.8, 2)),
        table(tmp_path / "3", a=(0.6, 2), c=(0.9, 1)),
    ]


def test_the_newest_row_of_each_factor_is_found_over_all_releases(published, tmp_path):
    assert write_published_factors(published, tmp_path / "out") == 3
    found = pl.read_parquet(tmp_path / "out" / FILE)
    assert found.select("factor_id", "value", "factor_version").rows() == [
        ("a", 0.6, 2), ("b", 0.8, 2), ("c", 0.9, 1),
    ]  # fmt: skip


def test_before_the_first_release_there_is_a_table_without_rows(tmp_path):
    assert write_published_factors([], tmp_path / "out") == 0
    assert pl.read_parquet(tmp_path / "out" / FILE).columns == ["factor_id", "factor_version"]


def test_a_factor_of_a_release_before_versions_has_version_one(published, tmp_path):
    write_published_factors(published[:1], tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / FILE)["factor_version"].to_list() == [1, 1]


def test_unchanged_keeps_changed_rises_new_is_one_and_returned_continues(published, tmp_path):
    candidate = table(tmp_path / "new", a=(0.6, 2), b=(0.81, 3), c=(0.9, 1), d=(1.0, 1))
    assert versions_that_do_not_follow(candidate, published) == []


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ({"a": (0.6, 3)}, "a: the candidate says 3, version 2"),
        ({"a": (0.61, 2)}, "a: the candidate says 2, version 2"),
        ({"b": (0.8, 1)}, "b: the candidate says 1, version 2"),
        ({"d": (1.0, 2)}, "d: the candidate says 2, it was never published"),
    ],
    ids=["raised_without_cause", "changed_and_not_raised", "fallen_back", "new_above_one"],
)
def test_a_version_that_does_not_follow_is_named(published, tmp_path, rows, named):
    (sentence,) = versions_that_do_not_follow(table(tmp_path / "new", **rows), published)
    assert named in sentence
    assert "derive it again" in sentence


def test_another_name_of_the_area_is_no_new_version(published, tmp_path):
    candidate = table(tmp_path / "new", a=(0.6, 2))
    renamed = pl.read_parquet(candidate).with_columns(pl.lit("Anhui Sheng").alias("region_name_en"))
    renamed.write_parquet(candidate)
    assert versions_that_do_not_follow(candidate, published) == []


def test_new_evidence_of_the_same_value_is_a_new_version(published, tmp_path):
    candidate = table(tmp_path / "new", a=(0.6, 2))
    revised = pl.read_parquet(candidate).with_columns(known_at=pl.date(2024, 5, 20))
    revised.write_parquet(candidate)
    assert versions_that_do_not_follow(candidate, published)
    revised.with_columns(factor_version=pl.lit(3)).write_parquet(candidate)
    assert versions_that_do_not_follow(candidate, published) == []


def test_mart_and_proof_call_the_same_columns_evidence():
    """The macro lists what the mart compares; the proof compares all but names of the factor."""
    macro = (DBT_PROJECT / "macros" / "factor_version.sql").read_text(encoding="utf-8")
    listed = macro.partition("factor_evidence()")[2].partition("endmacro")[0]
    mart = DBT_PROJECT / "models" / "marts" / "electricity_factor.yml"
    (model,) = yaml.safe_load(mart.read_text(encoding="utf-8"))["models"]
    columns = {column["name"] for column in model["columns"]}
    assert set(re.findall(r"'(\w+)':", listed)) == columns - NOT_EVIDENCE
    assert columns > NOT_EVIDENCE
