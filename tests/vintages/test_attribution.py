"""A change is the sum of its causes, and each cause is found where it was put."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings

from dbt_project.vintages.attribution import own_rows_new
from dbt_project.vintages.history import CAUSES, revision
from tests.vintages.worlds import AREAS, vintage, vintages

DAY = dt.date(2023, 8, 20)
ROUNDING = Decimal("0.00000002")
RING = np.array([[0, 0, 3e3], [2e3, 0, 0], [0, 4e3, 0]], dtype=float)
GENERATION = np.array([1e4, 2e4, 3e4])
FACTORS = np.array([400.0, 600.0, 800.0])


@settings(max_examples=60)
@given(vintages(), vintages(), vintages(), vintages())
def test_the_parts_of_every_revision_are_the_whole_change_to_the_last_digit(
    before, corrected, informed, after
):
    revised = revision([before, corrected, informed, after], DAY)
    change = pl.col("value") - pl.col("previous_value")
    parts = pl.sum_horizontal(CAUSES)
    assert revised.filter(change != parts).is_empty()
    assert revised.filter(change == 0).is_empty()
    moved = before.values["value"] != after.values["value"]
    assert revised.height == moved.sum(), "each value that moved is told once"


def moved(before, corrected, informed, after) -> dict[tuple[str, str], dict[str, Decimal]]:
    rows = revision([before, corrected, informed, after], DAY).to_dicts()
    return {
        (row["area_code"], row["factor_kind"]): {cause: row[cause] for cause in CAUSES}
        for row in rows
    }


@pytest.mark.parametrize(
    ("place", "cause"), [(1, "by_correction"), (3, "by_method")], ids=["correction", "method"]
)
def test_a_layer_that_alone_is_new_is_the_only_cause(place, cause):
    old = vintage(GENERATION, FACTORS, RING)
    new = vintage(GENERATION, FACTORS * 1.1, RING)
    for parts in moved(*[new if at >= place else old for at in range(4)]).values():
        assert parts[cause] != 0
        assert all(part == 0 for name, part in parts.items() if name != cause)


def test_what_a_province_reports_of_itself_is_data_there_and_upstream_where_it_exports():
    old = vintage(GENERATION, FACTORS, RING)
    new = vintage(GENERATION, FACTORS * [1.0, 1.2, 1.0], RING)
    parts = moved(old, old, new, new)
    itself, importer = AREAS[1], AREAS[2]
    assert parts[itself, "generation_average"]["by_upstream"] == 0
    assert (importer, "generation_average") not in parts
    for kind in ("supply_average", "consumption_mix"):
        assert parts[itself, kind]["by_data"] > Decimal("0.01")
        # What it sent round the ring came back through others: a small part.
        assert 0 <= parts[itself, kind]["by_upstream"] < parts[itself, kind]["by_data"] / 10
        assert parts[importer, kind]["by_data"] == 0
        assert parts[importer, kind]["by_upstream"] > Decimal("0.001")


def test_without_imports_nothing_comes_from_others():
    apart = np.zeros((3, 3))
    old, new = vintage(GENERATION, FACTORS, apart), vintage(GENERATION, FACTORS * 1.1, apart)
    assert all(parts["by_upstream"] == 0 for parts in moved(old, old, new, new).values())


def test_an_area_whose_every_node_is_new_is_the_new_system():
    old, new = FACTORS * GENERATION, FACTORS * GENERATION * 1.3
    system = [GENERATION[None], RING[None]]
    solved = own_rows_new(
        (*system, old[None, :, None]), (*system, new[None, :, None]), np.ones((1, 3), dtype=bool)
    )
    unchanged = own_rows_new(
        (*system, old[None, :, None]), (*system, new[None, :, None]), np.zeros((1, 3), dtype=bool)
    )
    assert np.allclose(solved, unchanged * 1.3, rtol=1e-12)
