"""An explanation adds up to its factor, whichever of a release it is, or says that it does not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from warehouse.explain import UnknownFactor, explain, open_tables
from warehouse.explain.inputs import shown_cells
from warehouse.explain.parts import ROUNDING, gases_of, parts_of, sums_of
from warehouse.explain.tables import NEEDED

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


@pytest.fixture(scope="module")
def tables_by_name(built) -> dict[str, Path]:
    return {name: built.release / "tables" / f"{name}.parquet" for name in NEEDED}


@pytest.fixture
def tampered(tables_by_name, tmp_path):
    """Return the release's tables with one of them changed."""

    def change(table: str, expression: pl.Expr) -> dict[str, Path]:
        path = tmp_path / f"{table}.parquet"
        pl.read_parquet(tables_by_name[table]).with_columns(expression).write_parquet(path)
        return {**tables_by_name, table: path}

    return change


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
def test_explaining_a_factor_ends_well_and_names_files_sheets_and_rows(
    built, monkeypatch, factor_id
) -> None:
    monkeypatch.setenv("CARBON_HOME", str(built.home))
    result = CliRunner().invoke(app, ["explain", factor_id, "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["check"]["ok"]
    assert told["factor"]["factor_id"] == factor_id
    assert told["method"]["equation"]
    assert told["parts"]
    cells = list(_cells(told["inputs"]))
    assert cells
    assert all(cell["file_name"] and cell["row_number"] >= 1 for cell in cells)
    shares = [told["factor"][f"{each}_share"] for each in ("reported", "completed", "modelled")]
    assert sum(shares) == pytest.approx(1, abs=1e-7)


def _cells(node):
    yield from (row for row in node["rows"] if "receipt_id" in row)
    for child in node["children"]:
        yield from _cells(child)


def test_the_tree_tells_what_the_json_tells(built, monkeypatch) -> None:
    monkeypatch.setenv("CARBON_HOME", str(built.home))
    factor_id = "electricity.supply_average.network.co2.340000.2023"
    result = CliRunner().invoke(app, ["explain", factor_id])
    assert result.exit_code == 0
    for word in ("import from", "together:", "Inputs 输入", "row ", "receipt r", "Check 核对"):
        assert word in result.stdout
    assert "DOES NOT ADD UP" not in result.stdout


def test_all_shows_every_cell_and_less_depth_shows_none(tables_by_name) -> None:
    factor_id = "electricity.generation_average.none.co2.340000.2023-06"
    whole = explain(tables_by_name, factor_id, everything=True).inputs
    cells = list(shown_cells(whole))
    assert len(cells) == whole.cells > 30
    sources = {cell["raw_table"] for cell in cells}
    assert {"electricity_bulletin", "national_generation", "official_co2_factor"} <= sources
    assert not list(shown_cells(explain(tables_by_name, factor_id, depth=0).inputs))
    some = explain(tables_by_name, factor_id).inputs
    assert 0 < len(list(shown_cells(some))) < some.cells == whole.cells


def test_the_step_of_a_month_is_the_difference_of_the_cells_that_it_names(tables_by_name) -> None:
    factor_id = "electricity.fossil_power.none.co2.340000.2023-06"
    cells = [
        cell
        for cell in shown_cells(explain(tables_by_name, factor_id, everything=True).inputs)
        if cell["raw_table"] == "electricity_bulletin" and cell["item"] == "thermal"
    ]
    assert [(cell["role"], cell["cell_period"]) for cell in cells] == [
        ("reading", "2023-06"),
        ("reading_before", "2023-05"),
    ]
    assert cells[0]["value"] > cells[1]["value"]


def test_a_release_folder_alone_is_enough(built, tmp_path, monkeypatch) -> None:
    folder = shutil.copytree(built.release, tmp_path / "elsewhere" / "2023.12.0")
    monkeypatch.setenv("CARBON_HOME", str(tmp_path / "no_home"))
    result = CliRunner().invoke(app, ["explain", ONE_OF_EACH[0], "--release", str(folder)])
    assert result.exit_code == 0


def test_a_candidate_is_explained_like_a_release(built) -> None:
    factor_id = ONE_OF_EACH[4]
    assert (
        explain(built.candidate, factor_id).as_dict() == explain(built.release, factor_id).as_dict()
    )


def test_the_first_word_of_an_id_may_be_left_out(tables_by_name) -> None:
    short = ONE_OF_EACH[0].removeprefix("electricity.")
    assert explain(tables_by_name, short, depth=0).factor["factor_id"] == ONE_OF_EACH[0]


def test_a_release_that_is_not_there_is_wrong_use(built, monkeypatch) -> None:
    monkeypatch.setenv("CARBON_HOME", str(built.home))
    result = CliRunner().invoke(app, ["explain", ONE_OF_EACH[0], "--release", "2099.01.0"])
    assert result.exit_code == 2
    assert "2023.12.0" in result.stderr


@pytest.mark.parametrize(
    ("table", "column", "factor_id"),
    [
        ("electricity_mix", "co2_kg", "electricity.generation_average.none.co2.340000.2023"),
        ("electricity_mix", "co2_kg", "electricity.fossil_power.none.co2.340000.2023"),
        ("interchange", "energy_mwh", "electricity.supply_average.network.co2.340000.2023"),
        ("consumption_origin", "co2_kg", "electricity.consumption_mix.network.co2.340000.2023"),
        (
            "consumption_origin",
            "lca_co2e_kg",
            "electricity.life_cycle_consumption.user.co2e.340000.2023",
        ),
        ("residual_balance", "pool_co2_kg", "electricity.residual_mix.network.co2.340000.2023"),
        (
            "certificate_balance",
            "residual_mwh",
            "electricity.life_cycle_residual.busbar.co2e.340000.2023",
        ),
        (
            "electricity_factor",
            "value",
            "electricity.life_cycle_technology.coal_user.co2e.340000.2023",
        ),
        ("gwp", "value", "electricity.generation_average.none.co2e_ar6.340000.2023"),
    ],
)
def test_a_table_that_was_changed_no_longer_adds_up(tampered, table, column, factor_id) -> None:
    changed = tampered(table, (pl.col(column).cast(pl.Float64) * 1.0001).alias(column))
    assert not explain(changed, factor_id, depth=0).adds_up


def test_a_changed_release_ends_with_1(copy_of_built, monkeypatch) -> None:
    monkeypatch.setenv("CARBON_HOME", str(copy_of_built.home))
    path = copy_of_built.release / "tables" / "electricity_mix.parquet"
    pl.read_parquet(path).with_columns(pl.col("co2_kg") * 2).write_parquet(path)
    result = CliRunner().invoke(app, ["explain", ONE_OF_EACH[0]])
    assert result.exit_code == 1
    assert "DOES NOT ADD UP" in result.stdout


def test_a_factor_without_parts_does_not_add_up(tampered) -> None:
    changed = tampered("consumption_origin", pl.lit("CN").alias("region_code"))
    factor_id = "electricity.consumption_mix.network.co2.340000.2023"
    assert not explain(changed, factor_id, depth=0).adds_up


@pytest.mark.parametrize(
    ("factor_id", "words"),
    [
        ("electricity.supply.network.co2.340000.2023", ["no kind 'supply'", "supply_average"]),
        ("electricity.supply_average.none.co2.340000.2023", ["no variant 'none'", "network"]),
        ("electricity.supply_average.network.co2.Anhui.2023", ["Anhui is 340000"]),
        ("electricity.supply_average.network.co2.340000.2031", ["2019 to 2023", "2023-12"]),
        ("electricity.supply_average.network.co2.340000", ["2019 to 2023"]),
        ("nonsense", ["fossil_power", "electricity.<kind>"]),
        ("", ["fossil_power"]),
    ],
)
def test_an_unknown_factor_is_answered_with_what_is_near(tables_by_name, factor_id, words) -> None:
    with pytest.raises(UnknownFactor) as refusal:
        explain(tables_by_name, factor_id)
    assert all(word in str(refusal.value) for word in words)


def test_an_unknown_factor_is_wrong_use(built, monkeypatch) -> None:
    monkeypatch.setenv("CARBON_HOME", str(built.home))
    result = CliRunner().invoke(app, ["explain", "nonsense"])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
