"""Scales of products: set beside what is published, and standing from then on."""

from __future__ import annotations

import polars as pl
import pytest

from dbt_project.methods.background_cells import cell_members
from dbt_project.methods.background_grades import GRADE, product_grades
from dbt_project.methods.background_joint_tables import AuditFrames
from dbt_project.methods.dataset_identity import process_id
from dbt_project.methods.disclosure.grading import grade_product, may_publish
from dbt_project.methods.disclosure.setting import read_setting
from tests.methods.background_worlds import GRID, RULES, cells, market

ANHUI, JIANGSU = ("bf", "340000", "none"), ("bf", "320000", "none")
SETTING = read_setting({})
NOBODY = pl.DataFrame(schema=GRADE)
# Of twelve makers by intensity the three around the middle make the boundary of two grades.
MIDDLE = ("G05", "G06", "G07")


def world(in_jiangsu: tuple[str, ...], shown: str, earlier: str = "", makers: int = 12) -> dict:
    """Makers of one product in two provinces; `shown` and `earlier` name published cells."""
    leaves = cells(ANHUI, JIANGSU)
    anhui, jiangsu = (
        process_id("steel.rebar", technology, region, 2023, basis)
        for technology, region, basis in (ANHUI, JIANGSU)
    )
    members = cell_members(leaves, GRID, market(leaves))
    named = {"anhui": anhui, "jiangsu": jiangsu, "nation": market(leaves)["market_id"][0]}
    groups = [f"G{n:02d}" for n in range(makers)]
    quantities = pl.DataFrame(
        {
            "process_id": [jiangsu if group in in_jiangsu else anhui for group in groups],
            "submission_id": [f"s-{group}" for group in groups],
            "group_code": groups,
            "quantity": "headline",
            "weight": 100.0,
            "value": [100.0 * (1.5 + 0.1 * n) for n in range(makers)],
        }
    )
    flow = {"quantity": pl.lit("flow:co2"), "value": pl.col("value") / 2}
    return {
        "cells": leaves,
        "published": AuditFrames(
            members=members,
            quantities=pl.concat([quantities, quantities.with_columns(**flow)]),
            shown=pl.DataFrame(
                {"process_id": [named[name] for name in shown.split()]},
                schema={"process_id": pl.String},
            ).with_columns(shows_stages=False, shows_electricity=False, is_held=False),
            figures=pl.DataFrame(
                schema={"process_id": pl.String, "quantity": pl.String, "published": pl.Float64}
            ),
            earlier=pl.DataFrame(
                {"process_id": [named[name] for name in earlier.split()]},
                schema={"process_id": pl.String},
            ).select(pl.lit("00001:2023.12.0").alias("release_id"), "process_id"),
            contributors=quantities.select(
                pl.lit("00001:2023.12.0").alias("release_id"), "submission_id"
            ),
        ),
    }


def scale(standing: pl.DataFrame = NOBODY, **given: object) -> pl.DataFrame:
    return product_grades(standing=standing, setting=SETTING, **given)


def test_a_scale_has_a_boundary_in_the_middle_of_its_makers() -> None:
    found = scale(**world(("G00", "G02", "G04", "G08"), "nation"))
    assert found.schema == pl.Schema(GRADE)
    # Of G05, G06 and G07: 2.0, 2.1, 2.2.
    assert found.rows() == [
        ("steel.rebar", 1, 2023, None, 2.1, "kgCO2e/kg"),
        ("steel.rebar", 2, 2023, 2.1, None, "kgCO2e/kg"),
    ]
    assert scale(**world(("G00", "G02", "G04", "G08"), "nation", makers=9)).is_empty()


def test_a_mean_that_two_releases_published_alike_keeps_no_scale_back() -> None:
    twice = world(("G00", "G02", "G04", "G08"), "nation jiangsu", "nation jiangsu")
    assert scale(**twice).height == 2


def test_a_product_of_which_nothing_is_published_has_no_scale() -> None:
    assert scale(**world(("G00", "G02", "G04", "G08"), "")).schema == pl.Schema(GRADE)
    assert scale(**world(("G00", "G02", "G04", "G08"), "")).is_empty()


@pytest.mark.parametrize(("shown", "earlier"), [("nation jiangsu", ""), ("nation", "jiangsu")])
def test_a_scale_that_leaves_one_maker_of_a_published_cell_over_stays_back(
    shown: str, earlier: str
) -> None:
    """The cell of Jiangsu, now or before, is the window's three makers and G00: less them, G00."""
    leaking = world(("G00", *MIDDLE), shown, earlier)
    assert scale(**leaking).is_empty()
    assert scale(**world(("G00", *MIDDLE), "nation")).height == 2
    assert scale(**world(("G00", "G01", "G02", *MIDDLE), shown, earlier)).height == 2


def test_a_scale_stands_once_published_and_another_year_has_its_own() -> None:
    given = world(("G00", "G02", "G04", "G08"), "nation")
    first = scale(**given)
    more = world(("G00", "G02", "G04", "G08"), "nation", makers=15)
    assert scale(**more)["up_to"].to_list() != first["up_to"].to_list()
    assert scale(first, **more).equals(first)
    # Even beside cells that would keep a new one back.
    assert scale(first, **world(("G00", *MIDDLE), "nation jiangsu")).equals(first)
    before = first.with_columns(year=pl.lit(2022, pl.Int64), up_to=pl.col("up_to") * 2)
    assert scale(before, **more).equals(scale(**more))
    other = first.with_columns(product_code=pl.lit("steel.wire"))
    assert scale(other, **given).equals(first)


def test_cells_that_contradict_their_makers_prove_nothing() -> None:
    plants = world((), "nation")["published"].quantities.filter(quantity="headline").with_columns(
        product_code=pl.lit("steel.rebar"), plant_id="submission_id", fact=pl.lit("nation"),
        published=pl.col("value").sum() / pl.col("weight").sum(), half_unit=pl.lit(0.005),
    )  # fmt: skip
    grades = grade_product(plants, RULES, least_per_grade=5)
    assert grades is not None
    assert may_publish(grades.windows, plants, RULES)
    wrong = plants.with_columns(pl.col("published") * 2)
    assert not may_publish(grades.windows, wrong, RULES)
