"""What the derivation is told of earlier releases' background datasets."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.small_registry import make_registry
from warehouse.background_history import (
    EarlierRelease,
    earlier_releases,
    write_published_background,
)


def release(folder: Path, release_id: str, receipts: str, **datasets: tuple[str, float | None]):
    """A release with its datasets: id to disclosure and value."""
    folder = folder / release_id
    folder.mkdir()
    rows = [(name, 1, state, value) for name, (state, value) in datasets.items()]
    pl.DataFrame(
        rows, schema=["dataset_id", "dataset_version", "disclosure", "value"], orient="row",
        schema_overrides={"value": pl.Float64},
    ).write_parquet(folder / "background_dataset.parquet")  # fmt: skip
    pl.DataFrame(
        [(name, "total", value) for name, (_, value) in datasets.items() if value is not None],
        schema=["dataset_id", "indicator", "value"], orient="row",
        schema_overrides={"value": pl.Float64},
    ).write_parquet(folder / "background_score.parquet")  # fmt: skip
    pl.DataFrame(
        [("steel.rebar", 1, 2023, float(release_id[-1]))],
        schema=["product_code", "grade", "year", "up_to"], orient="row",
    ).write_parquet(folder / "background_grade.parquet")  # fmt: skip
    names = ("background_dataset", "background_grade", "background_score")
    return EarlierRelease(
        release_id, {name: folder / f"{name}.parquet" for name in names}, tuple(receipts.split())
    )


@pytest.fixture
def earlier(tmp_path) -> list[EarlierRelease]:
    """Two months; `b` is withheld in the second, `c` comes. Their ids do not sort as text."""
    return [
        release(tmp_path, "2023.9.0", "r1", a=("aggregated", 1.0), b=("open", 2.0)),
        release(
            tmp_path, "2023.12.0", "r1 r2",
            a=("aggregated", 1.5), b=("withheld", None), c=("open", 3.0),
        ),
    ]  # fmt: skip


def read(folder: Path, table: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{table}.parquet")


def test_every_release_keeps_its_datasets_and_receipts_in_order(earlier, tmp_path) -> None:
    assert write_published_background(earlier, tmp_path / "out") == 3
    datasets = read(tmp_path / "out", "background_dataset")
    assert datasets.select("release_id", "dataset_id", "disclosure").rows() == [
        ("00001:2023.9.0", "a", "aggregated"),
        ("00001:2023.9.0", "b", "open"),
        ("00002:2023.12.0", "a", "aggregated"),
        ("00002:2023.12.0", "b", "withheld"),
        ("00002:2023.12.0", "c", "open"),
    ]
    assert read(tmp_path / "out", "release_input").rows() == [
        ("00001:2023.9.0", "r1"),
        ("00002:2023.12.0", "r1"),
        ("00002:2023.12.0", "r2"),
    ]


def test_every_release_keeps_its_grades_so_that_the_first_can_stand(earlier, tmp_path) -> None:
    write_published_background(earlier, tmp_path / "out")
    grades = read(tmp_path / "out", "background_grade")
    assert grades.select("release_id", "product_code", "grade", "year").rows() == [
        ("00001:2023.9.0", "steel.rebar", 1, 2023),
        ("00002:2023.12.0", "steel.rebar", 1, 2023),
    ]


def test_scores_are_those_of_the_last_release_that_shows_the_dataset(earlier, tmp_path) -> None:
    write_published_background(earlier, tmp_path / "out")
    scores = read(tmp_path / "out", "background_score")
    assert dict(scores.select("dataset_id", "value").rows()) == {"a": 1.5, "b": 2.0, "c": 3.0}


def test_without_background_there_are_tables_without_rows(tmp_path) -> None:
    bare = EarlierRelease("2022.1.0", {}, ("r0",))
    assert write_published_background([bare], tmp_path / "out") == 0
    for table in ("background_dataset", "release_input", "background_score",
                  "background_inventory", "background_contribution",
                  "background_grade"):  # fmt: skip
        assert read(tmp_path / "out", table).is_empty()


def test_releases_are_read_in_order_of_publication_up_to_one(tmp_path) -> None:
    make_registry(tmp_path, "2023.11.0", "2023.12.0", "2023.11.1")
    found = [each.release_id for each in earlier_releases(tmp_path)]
    assert found == ["2023.11.0", "2023.12.0", "2023.11.1"]
    assert [e.release_id for e in earlier_releases(tmp_path, before="2023.12.0")] == ["2023.11.0"]
