"""Every factor of the worked example adds up, and leads to file, sheet and row."""

from __future__ import annotations

import shutil

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from warehouse.explain import explain, open_tables
from warehouse.explain.inputs import shown_cells
from warehouse.explain.parts import ROUNDING, gases_of, parts_of, sums_of

pytestmark = [pytest.mark.slow, pytest.mark.release]

ONE_OF_EACH = [
    "electricity.generation_average.none.co2.340000.2023",
    "electricity.generation_average.none.co2e_ar5.CN.2023-12",
    "electricity.supply_average.generation.co2.GRID_EAST.2023-06",
    "electricity.supply_average.network.n2o.370000.2023",
    "electricity.consumption_mix.network.co2e_ar6.GRID_INNER_MONGOLIA_EAST.2023",
    "electricity.fossil_power.none.ch4.520000.2019-02",
    "electricity.residual_mix.network.co2.510000.2023",
    "electricity.life_cycle_technology.oil_user.co2e.CN.2023",
    "electricity.life_cycle_technology.solar_busbar.co2e.340000.2023-07",
    "electricity.life_cycle_production.user_without_losses.co2e.GRID_SOUTH.2022",
    "electricity.life_cycle_consumption.user.co2e.340000.2023",
    "electricity.life_cycle_residual.busbar.co2e.340000.2023-12",
]


@pytest.fixture(scope="module")
def every_factor(built):
    """The tables of the shared release with all of its factors selected."""
    with open_tables(built.release) as tables:
        tables.select_factors("true")
        yield tables


def test_the_parts_of_every_factor_add_up_to_it(every_factor) -> None:
    sums = sums_of(every_factor)
    kinds = every_factor.frame("select factor_id, factor_kind from electricity_factor")
    assert sums.height == kinds.height
    assert kinds["factor_kind"].n_unique() == 9
    wrong = sums.filter(~pl.col("adds_up") | (pl.col("parts") == 0))
    assert wrong.is_empty(), wrong.select("factor_id", "published", "added_up").head(5)


def test_contributions_add_up_to_the_mix_of_every_factor(every_factor) -> None:
    parts = parts_of(every_factor).group_by("factor_id").agg(pl.col("contribution").sort().sum())
    compared = parts.join(sums_of(every_factor), on="factor_id")
    apart = (compared["contribution"] - compared["mix_value"]).abs() / compared["mix_value"]
    assert apart.max() < 1e-12  # type: ignore[operator]


def test_the_gases_of_every_co2e_factor_of_combustion_add_up_to_it(every_factor) -> None:
    gases = (
        gases_of(every_factor)
        .group_by("factor_id")
        .agg(pl.len().alias("gases"), pl.col("contribution").sort().sum())
        .join(sums_of(every_factor), on="factor_id")
    )
    expected = every_factor.frame(
        "select factor_id from selected where gas_scope = 'CO2e' and gwp_set <> 'as_published'"
    )
    assert gases.height == expected.height
    assert set(gases["gases"]) == {3}
    assert (gases["contribution"] - gases["published"]).abs().max() <= 2 * ROUNDING  # type: ignore[operator]


@pytest.mark.parametrize("factor_id", ONE_OF_EACH)
def test_a_factor_of_each_kind_leads_to_files_and_rows(built, factor_id) -> None:
    explanation = explain(built.release, factor_id)
    assert explanation.adds_up
    assert explanation.method["equation"]
    cells = list(shown_cells(explanation.inputs))
    assert cells
    assert all(cell["file_name"] and cell["row_number"] >= 1 for cell in cells)


def test_the_cells_are_those_that_the_method_reads(built) -> None:
    factor_id = "electricity.generation_average.none.co2.340000.2023-06"
    cells = list(shown_cells(explain(built.release, factor_id, everything=True).inputs))
    sources = {cell["raw_table"] for cell in cells}
    assert {"electricity_bulletin", "national_generation", "official_co2_factor"} <= sources
    thermal = [
        cell
        for cell in cells
        if cell["raw_table"] == "electricity_bulletin" and cell["item"] == "thermal"
    ]
    assert [(cell["role"], cell["cell_period"]) for cell in thermal] == [
        ("reading", "2023-06"),
        ("reading_before", "2023-05"),
    ]
    assert thermal[0]["value"] > thermal[1]["value"]


def test_a_candidate_is_explained_like_the_release_that_came_of_it(built) -> None:
    candidate, release = (
        explain(each, ONE_OF_EACH[4]) for each in (built.candidate, built.release)
    )
    assert candidate.as_dict() == release.as_dict()


def test_a_release_folder_alone_is_enough(built, tmp_path, monkeypatch) -> None:
    folder = shutil.copytree(built.release, tmp_path / "elsewhere" / "2023.12.0")
    monkeypatch.setenv("CARBON_HOME", str(tmp_path / "no_home"))
    result = CliRunner().invoke(app, ["explain", ONE_OF_EACH[0], "--release", str(folder)])
    assert result.exit_code == 0


def test_the_latest_release_is_explained_when_none_is_named(built, monkeypatch) -> None:
    monkeypatch.setenv("CARBON_HOME", str(built.home))
    result = CliRunner().invoke(app, ["explain", ONE_OF_EACH[0], "--depth", "1"])
    assert result.exit_code == 0, result.output
    assert "Anhui 安徽" in result.stdout
