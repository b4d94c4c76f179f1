"""Decisions on background datasets: what is judged, what is held, what is rounded."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal

import polars as pl
import pytest

from dbt_project.methods.background_cells import cell_members
from dbt_project.methods.background_disclosure import (
    DECISION,
    DisclosureFrames,
    decisions,
    published_figures,
)
from dbt_project.methods.disclosure.published_form import round_published
from dbt_project.methods.disclosure.rules import DisclosureError
from dbt_project.methods.disclosure.setting import DEMONSTRATION, VARIABLE, read_setting
from tests.methods.background_worlds import GRID, RULES, cells, market

ANHUI, JIANGSU = ("bf", "340000", "none"), ("bf", "320000", "none")


def frames(
    changes: dict[tuple[str, str], float] | None = None,
    published: pl.DataFrame | None = None,
    counted: pl.DataFrame | None = None,
    extra: int = 0,
    jiangsu: int = 5,
) -> DisclosureFrames:
    """Six groups in Anhui, some in Jiangsu; `changes` sets (submission, quantity) to a value."""
    leaves = cells(ANHUI, JIANGSU)
    ids = dict(zip([ANHUI, JIANGSU], leaves["process_id"], strict=True))
    rows, flows = [], []
    for cell, count in {ANHUI: 6 + extra, JIANGSU: jiangsu}.items():
        for n in range(count):
            submission = f"{cell[1]}-{n}"
            weight = 100.0 + n
            for quantity, value in (("headline", 2.0), ("flow:co2", 1.9), ("flow:ch4", 0.01),
                                    ("stage:energy", 1.5), ("stage:process", 0.5),
                                    ("electricity", 0.3)):  # fmt: skip
                amount = (changes or {}).get((submission, quantity), value * weight)
                rows.append((ids[cell], submission, f"G{submission}", quantity, weight, amount))
            flows.append((ids[cell], f"G{submission}", "co2", 0.5 * weight))
    nothing = pl.DataFrame(schema={"release_id": pl.String, "process_id": pl.String})
    return DisclosureFrames(
        cells=leaves,
        members=cell_members(leaves, GRID, market(leaves)),
        grid_region=GRID,
        quantities=pl.DataFrame(
            rows, orient="row",
            schema=["process_id", "submission_id", "group_code", "quantity", "weight", "value"],
        ),
        flows=pl.DataFrame(
            flows, schema=["process_id", "group_code", "flow_key", "amount"], orient="row"
        ),
        published=nothing if published is None else published,
        contributors=(
            pl.DataFrame(schema={"release_id": pl.String, "submission_id": pl.String})
            if counted is None
            else counted
        ),
    )  # fmt: skip


def state(given: DisclosureFrames) -> dict[str, dict]:
    """Decision by cell type and region."""
    decided = decisions(given, RULES)
    named = given.members.select("process_id", "region_code", "technology").unique()
    return {
        f"{row['technology']} {row['region_code']}": row
        for row in decided.join(named, on="process_id").iter_rows(named=True)
    }


def test_large_cells_are_open_and_their_parent_is_a_result() -> None:
    found = state(frames())
    assert {name: row["disclosure"] for name, row in found.items()} == {
        "bf 340000": "open",
        "bf 320000": "open",
        "bf GRID_EAST": "aggregated",
        "market CN": "aggregated",
    }
    assert found["bf 340000"]["contributors_band"] == "5-9"
    assert found["bf GRID_EAST"]["contributors_band"] == "10-19"


def test_a_small_cell_is_merged_and_its_neighbour_does_not_give_it_away() -> None:
    given = frames(jiangsu=2)
    found = state(given)
    small, neighbour, parent = (found[f"bf {at}"] for at in ("320000", "340000", "GRID_EAST"))
    assert parent["disclosure"] == "open"
    assert (small["disclosure"], small["contributors_band"]) == ("merged", None)
    assert small["merged_into"] == parent["process_id"]
    # Parent less neighbour would be the two of Jiangsu.
    assert neighbour["disclosure"] == "merged"


def test_a_gas_of_one_plant_keeps_the_whole_cell_back() -> None:
    gas = {(f"340000-{n}", "flow:ch4"): 0.0 for n in range(1, 6)}
    assert state(frames(gas))["bf 340000"]["disclosure"] not in ("open", "aggregated")


def test_a_stage_of_one_plant_keeps_the_stages_back_alone() -> None:
    stage = {(f"340000-{n}", "stage:process"): 0.0 for n in range(1, 6)}
    found = state(frames(stage))["bf 340000"]
    assert found["disclosure"] == "open"
    assert not found["shows_stages"]
    assert found["shows_electricity"]


def test_electricity_of_one_plant_keeps_its_sensitivity_back_alone() -> None:
    used = {(f"340000-{n}", "electricity"): 0.0 for n in range(1, 6)}
    found = state(frames(used))["bf 340000"]
    assert found["shows_stages"]
    assert not found["shows_electricity"]


def test_an_exchange_of_one_plant_makes_the_cell_a_result() -> None:
    given = frames()
    alone = given.flows.head(1).with_columns(flow_key=pl.lit("biomass"))
    given = DisclosureFrames(
        given.cells, given.members, given.grid_region, given.quantities,
        pl.concat([given.flows, alone]), given.published, given.contributors,
    )  # fmt: skip
    assert state(given)["bf 340000"]["disclosure"] == "aggregated"


def test_the_update_of_one_newcomer_is_held_and_of_three_is_not() -> None:
    published = frames().cells.head(1).select(release_id=pl.lit("r1"), process_id="process_id")
    counted = pl.DataFrame({"submission_id": [f"340000-{n}" for n in range(6)]}).with_columns(
        release_id=pl.lit("r1")
    )
    one = state(frames(published=published, counted=counted, extra=1))["bf 340000"]
    assert (one["disclosure"], one["is_held"]) == ("aggregated", True)
    three = state(frames(published=published, counted=counted, extra=3))["bf 340000"]
    assert not three["is_held"]


def after_r1(*, counted: list[str], gone: list[str], newer: list[str] | None = None):
    """The eight of Anhui after a release; `gone` counted then and not now, `newer` in their place.

    A former figure is the textbook's: nine for each of its output.
    """
    given = frames(extra=2)
    published = given.cells.head(1).select(release_id=pl.lit("r1"), process_id="process_id")
    former = pl.DataFrame(
        [(given.cells["process_id"][0], f"old-{name}", f"G{name}", "headline", 100.0, 900.0)
         for name in gone],
        schema=given.quantities.schema, orient="row",
    )  # fmt: skip
    then = [*(set(counted) - set(newer or [])), *former["submission_id"]]
    contributors = pl.DataFrame({"submission_id": then}).with_columns(release_id=pl.lit("r1"))
    return dataclasses.replace(given, published=published, contributors=contributors, former=former)


EIGHT = [f"340000-{n}" for n in range(8)]


def test_the_update_of_one_revised_form_is_held_and_of_three_is_not() -> None:
    one = state(after_r1(counted=EIGHT, gone=EIGHT[:1], newer=EIGHT[:1]))["bf 340000"]
    assert (one["disclosure"], one["is_held"]) == ("aggregated", True)
    three = state(after_r1(counted=EIGHT, gone=EIGHT[:3], newer=EIGHT[:3]))["bf 340000"]
    assert not three["is_held"]


def test_the_update_after_one_leaver_is_held_and_after_three_is_not() -> None:
    """Who left is in no figure of today: only `former` knows of him."""
    one = state(after_r1(counted=EIGHT, gone=["left"]))["bf 340000"]
    assert (one["disclosure"], one["is_held"]) == ("aggregated", True)
    three = state(after_r1(counted=EIGHT, gone=["left", "too", "three"]))["bf 340000"]
    assert not three["is_held"]


def test_a_cell_whose_contributor_of_then_cannot_be_computed_is_held() -> None:
    """He is set aside or withdrawn: nobody can say what the difference to then would tell."""
    given = after_r1(counted=EIGHT, gone=[])
    assert not state(given)["bf 340000"]["is_held"]
    lost = dataclasses.replace(given, lost=given.published)
    assert state(lost)["bf 340000"]["is_held"]
    nobody = dataclasses.replace(lost, contributors=given.contributors.clear())
    found = state(nobody)["bf 340000"]
    assert found["disclosure"] not in ("open", "aggregated")


def test_without_questionnaires_nothing_is_decided() -> None:
    given = frames()
    empty = DisclosureFrames(
        given.cells.clear(), given.members.clear(), given.grid_region, given.quantities.clear(),
        given.flows.clear(), given.published, given.contributors,
    )  # fmt: skip
    assert decisions(empty, RULES).schema == DECISION


def test_every_figure_is_rounded_once_by_the_one_function() -> None:
    values = [0.123456, 0.123456, -2.00005, 0.0, 12345.6, 1.2345e-9]
    figures = pl.DataFrame({"row_key": list("abcdef"), "value": values})
    rounded = published_figures(figures)
    assert rounded["row_key"].to_list() == list("abcdef")
    assert rounded["published"].to_list() == [float(round_published(value)) for value in values]
    assert Decimal(str(rounded["published"][0])) == Decimal("0.1235")
    again = published_figures(rounded.rename({"published": "value"}))
    assert again["published"].equals(rounded["published"])


def test_the_setting_is_read_from_text_and_file_and_never_told(tmp_path) -> None:
    values = json.loads(DEMONSTRATION.read_text(encoding="utf-8")) | {"minimum_groups": 7}
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(values), encoding="utf-8")
    for text in (json.dumps(values), str(file)):
        setting = read_setting({VARIABLE: text})
        assert setting.rules.minimum_groups == 7
        assert not setting.is_demonstration
        assert "7" not in repr(setting)
    assert read_setting({}).is_demonstration


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"p": 0.1}', "/nowhere/rules.json", '{"least_per_grade": "many"}']
)
def test_a_setting_that_cannot_be_read_is_a_sentence_without_its_content(text) -> None:
    with pytest.raises(DisclosureError, match="DC001") as raised:
        read_setting({VARIABLE: text})
    assert text not in str(raised.value) or text in ("{", "[]")
