"""Cells above those of the questionnaires, and the process that stands for each."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_project.methods.background_cells import MEMBER, cell_members
from dbt_project.methods.dataset_identity import process_id
from dbt_project.methods.disclosure.rules import DisclosureError
from tests.methods.background_worlds import GRID, cells, market

TWO_WAYS = cells(("bf", "340000", "none"), ("bf", "320000", "none"), ("eaf", "410000", "none"))


def standing(members: pl.DataFrame) -> dict[tuple[str, str, str], str]:
    """Type of the process by technology, region and allocation."""
    rows = members.select("technology", "region_code", "allocation", "cell_type").unique()
    return {row[:3]: row[3] for row in rows.iter_rows()}


def test_a_technology_is_widened_to_its_grid_and_any_technology_is_the_market() -> None:
    members = cell_members(TWO_WAYS, GRID, market(TWO_WAYS))
    assert standing(members) == {
        ("bf", "340000", "none"): "leaf",
        ("bf", "320000", "none"): "leaf",
        ("eaf", "410000", "none"): "leaf",
        ("bf", "GRID_EAST", "none"): "widened",
        ("market", "CN", "none"): "market",
    }
    nation = members.filter(technology="market")
    assert sorted(nation["leaf_process_id"]) == sorted(TWO_WAYS["process_id"])


def test_two_allocations_are_never_averaged_but_by_any() -> None:
    both = cells(("bf", "340000", "mass"), ("bf", "340000", "economic"))
    members = cell_members(both, GRID, market(both).clear())
    assert standing(members) == {
        ("bf", "340000", "mass"): "leaf",
        ("bf", "340000", "economic"): "leaf",
        ("any", "340000", "none"): "widened",
    }
    widened = members.filter(cell_type="widened")
    assert widened["process_id"].unique().to_list() == [
        process_id("steel.rebar", "any", "340000", 2023, "none")
    ]


def test_a_market_of_one_cell_is_that_cell() -> None:
    one = cells(("bf", "340000", "none"))
    members = cell_members(one, GRID, market(one))
    assert members["cell_id"].n_unique() == 1
    assert sorted(members["cell_type"]) == ["leaf", "market"]


def test_a_province_without_grid_region_is_named() -> None:
    with pytest.raises(DisclosureError, match="650000"):
        cell_members(cells(("bf", "650000", "none")), GRID, market(TWO_WAYS))


def test_no_questionnaire_no_cell() -> None:
    assert cell_members(TWO_WAYS.clear(), GRID, market(TWO_WAYS).clear()).schema == MEMBER


@given(
    st.sets(
        st.tuples(
            st.sampled_from(["bf", "eaf"]),
            st.sampled_from(["310000", "320000", "340000", "410000"]),
            st.sampled_from(["none", "mass"]),
        ),
        min_size=1,
    ),
    st.randoms(),
)
def test_processes_are_one_for_each_cell_whatever_the_order(rows, random) -> None:
    given_rows = sorted(rows)
    frame = cells(*given_rows)
    random.shuffle(given_rows)
    shuffled = cells(*given_rows)
    members = cell_members(frame, GRID, market(frame))
    assert members.equals(cell_members(shuffled, GRID, market(shuffled)))
    # Every finest cell is in the market of the nation, and each process in one cell alone.
    nation = members.filter(process_id=process_id("steel.rebar", "market", "CN", 2023, "none"))
    assert sorted(nation["leaf_process_id"]) == sorted(frame["process_id"])
    assert members.group_by("process_id").agg(pl.col("cell_id").n_unique())["cell_id"].max() == 1
    assert not members.select("process_id", "leaf_process_id").is_duplicated().any()
