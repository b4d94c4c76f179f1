"""On which days something became known, and that later arrivals change none of them."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from dbt_project.vintages.days import Knowledge
from dbt_project.vintages.derivation import RawTable
from dbt_project.vintages.replay import AsOf

TABLES = (
    RawTable("bulletin", "statistics", ()),
    RawTable("official", "parameters", ("kind",)),
    RawTable("correction", "corrections", ()),
)
MAY, JUNE, JULY = dt.date(2023, 5, 20), dt.date(2023, 6, 20), dt.date(2023, 7, 20)


def deliver(raw, table: str, name: str, known_at: dt.date, kind: str = "mix", value: int = 1):
    (raw / table).mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"known_at": [known_at], "kind": [kind], "value": [value]}).write_parquet(
        raw / table / f"{name}.parquet"
    )


@pytest.fixture
def raw(tmp_path):
    deliver(tmp_path, "bulletin", "b1", MAY)
    deliver(tmp_path, "bulletin", "b2", JUNE)
    deliver(tmp_path, "official", "o1", JULY)
    return tmp_path


def test_days_are_those_of_statistics_a_first_parameter_is_known_before(raw):
    knowledge = Knowledge(TABLES, raw)
    assert knowledge.days(JULY) == [MAY, JUNE]
    assert knowledge.days(MAY) == [MAY]
    assert knowledge.hindsight(JUNE) == ["o1"]
    assert knowledge.hindsight(JULY) == []


def test_a_second_publication_of_a_parameter_makes_a_day_one_of_another_kind_does_not(raw):
    deliver(raw, "official", "o2", dt.date(2024, 1, 1), kind="mix")
    deliver(raw, "official", "o3", dt.date(2024, 2, 1), kind="other")
    assert Knowledge(TABLES, raw).days(dt.date(2025, 1, 1)) == [MAY, JUNE, dt.date(2024, 1, 1)]


def test_what_arrives_later_leaves_the_name_of_an_earlier_vintage(raw):
    before = {day: Knowledge(TABLES, raw).digest(AsOf.day(day)) for day in (MAY, JUNE)}
    deliver(raw, "bulletin", "b3", JULY)
    deliver(raw, "correction", "c1", JULY)
    deliver(raw, "official", "o2", dt.date(2024, 1, 1))
    after = Knowledge(TABLES, raw)
    assert {day: after.digest(AsOf.day(day)) for day in (MAY, JUNE)} == before
    assert after.digest(AsOf.day(JULY)) != before[JUNE]


def test_a_revision_that_arrives_before_its_value_is_a_day_of_its_own(raw):
    deliver(raw, "bulletin", "revised", JULY, value=2)
    alone = Knowledge(TABLES, raw)
    named = alone.digest(AsOf.day(JUNE))
    deliver(raw, "bulletin", "late_original", dt.date(2023, 6, 25))
    both = Knowledge(TABLES, raw)
    assert alone.days(JULY) == [MAY, JUNE, JULY]
    assert both.days(JULY) == [MAY, JUNE, dt.date(2023, 6, 25), JULY]
    assert both.digest(AsOf.day(JUNE)) == named


def test_a_changed_file_makes_another_vintage(raw):
    before = Knowledge(TABLES, raw).digest(AsOf.day(JUNE))
    deliver(raw, "bulletin", "b2", JUNE, value=3)
    assert Knowledge(TABLES, raw).digest(AsOf.day(JUNE)) != before


def test_layers_end_on_days_of_their_own(raw):
    deliver(raw, "correction", "c1", JUNE)
    knowledge = Knowledge(TABLES, raw)
    mixed = knowledge.digest(AsOf(MAY, MAY, JUNE))
    assert mixed not in {knowledge.digest(AsOf.day(MAY)), knowledge.digest(AsOf.day(JUNE))}
