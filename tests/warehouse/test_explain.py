"""An explanation adds up to its factor, or says that it does not; who asks wrongly is told so."""

from __future__ import annotations

import io
import json
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.console import Console
from typer.testing import CliRunner

from orchestration.cli import app
from tests.warehouse.synthetic_explained import System, an_example, make_explained
from warehouse.explain import UnknownFactor, explain, open_tables
from warehouse.explain.drawing import draw
from warehouse.explain.inputs import shown_cells
from warehouse.explain.parts import gases_of, parts_of, sums_of
from warehouse.explain.tables import NEEDED, ReleaseTables
from warehouse.releases import ReleaseError

SUPPLY = "electricity.supply_average.network.co2.340000.2019-01"
CONSUMPTION = "electricity.consumption_mix.network.co2e_ar5.340000.2019-01"


PER_MWH = np.array([1, 3000, 5, 5, 3000])
"""Greatest kg of CO2, CH4, N2O and CO2e that a MWh carries; no fuel emits more."""


@st.composite
def amounts(draw, *shape: int) -> np.ndarray:
    """Energy and what it carries; no energy carries nothing."""
    energy = draw(arrays(np.int64, (*shape, 1), elements=st.integers(0, 10**9)))
    percent = draw(arrays(np.int64, (*shape, 5), elements=st.integers(0, 100)))
    percent[..., 0] = 100
    return energy * PER_MWH * percent // 100


@st.composite
def systems(draw) -> System:
    """Systems of any size, with empty technologies and flows; nothing is divided by nothing."""
    mix, origin, uncertified = draw(amounts(3, 8)), draw(amounts(3, 3)), draw(amounts(3))
    residual = draw(amounts(3, 8))[:, :, [0, 4]]
    mix[:, 1, 0] += 1  # coal
    origin[:, 0, 0] += 1
    uncertified[:, 0] += 2
    residual[:, 0, 0] += 1
    pooled = draw(arrays(np.int64, (3, 1), elements=st.integers(-50, 100)))
    return System(
        mix,
        draw(arrays(np.int64, 2, elements=st.integers(0, 10**9))),
        origin,
        uncertified,
        uncertified * pooled // 100,
        residual,
        draw(arrays(np.int64, (3, 2), elements=st.integers(0, 10))),
    )


def in_memory(tables: dict[str, pl.DataFrame]) -> ReleaseTables:
    connection = duckdb.connect(":memory:", config={"threads": 2})
    for name in NEEDED:
        connection.register(name, tables[name].to_arrow())
    opened = ReleaseTables(connection)
    opened.select_factors("true")
    return opened


@settings(max_examples=40)
@given(systems())
def test_parts_and_gases_of_every_kind_add_up_to_the_factor_whatever_the_system(system) -> None:
    tables = in_memory(make_explained(system))
    sums = sums_of(tables)
    wrong = sums.filter(~pl.col("adds_up"))
    assert sums.height == tables.rows("select count(*) as n from electricity_factor")[0]["n"]
    assert wrong.is_empty(), wrong.select("factor_id", "published", "added_up").rows()
    apart = (
        parts_of(tables)
        .group_by("factor_id")
        .agg(pl.col("contribution").sum())
        .join(sums, on="factor_id")
        .select((pl.col("contribution") - pl.col("mix_value")).abs() <= 1e-9 * pl.col("mix_value"))
    )
    assert apart["contribution"].all()
    gases = (
        gases_of(tables)
        .group_by("factor_id")
        .agg(pl.len().alias("gases"), pl.col("contribution").sum())
        .join(sums, on="factor_id")
    )
    assert set(gases["gases"]) == {3}
    assert (gases["contribution"] - gases["published"]).abs().max() <= 1.1e-8


@settings(max_examples=20)
@given(systems(), st.data())
def test_a_value_that_was_moved_by_two_digits_of_the_last_place_no_longer_adds_up(
    system, data
) -> None:
    tables = make_explained(system)
    factors = tables["electricity_factor"]
    place = data.draw(st.integers(0, factors.height - 1))
    small = factors["gas_scope"][place] in ("CH4", "N2O")
    step = pl.lit(3e-12 if small else 3e-8).cast(pl.Decimal(38, 12))
    moved = pl.when(pl.int_range(pl.len()) == place).then(step).otherwise(0)
    changed = in_memory(
        {**tables, "electricity_factor": factors.with_columns(pl.col("value") + moved)}
    )
    wrong = sums_of(changed).filter(~pl.col("adds_up"))["factor_id"]
    assert factors["factor_id"][place] in wrong


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return make_explained(an_example())


@pytest.fixture(scope="module")
def files(tables, tmp_path_factory) -> dict[str, Path]:
    """The tables of the example as Parquet files by name. Do not change them."""
    folder = tmp_path_factory.mktemp("explained")
    return write(tables, folder)


def write(tables: dict[str, pl.DataFrame], folder: Path) -> dict[str, Path]:
    folder.mkdir(exist_ok=True, parents=True)
    files = {name: folder / f"{name}.parquet" for name in NEEDED}
    for name, file in files.items():
        tables[name].write_parquet(file)
    return files


@pytest.fixture
def candidate(tables, tmp_path) -> Path:
    """A folder as a run leaves it: a database and tables, no manifest."""
    folder = tmp_path / "2019-01-abc"
    write(tables, folder / "tables")
    (folder / "candidate.duckdb").touch()
    return folder


@pytest.fixture
def ask(candidate):
    """Run the command on the candidate."""

    def asked(*arguments: str):
        return CliRunner().invoke(app, ["explain", *arguments, "--release", str(candidate)])

    return asked


def drawn(explanation) -> str:
    console = Console(width=240, record=True, file=io.StringIO())
    console.print(draw(explanation))
    return console.export_text()


def test_a_consumption_is_its_origins_less_what_storage_loses(files) -> None:
    explanation = explain(files, CONSUMPTION)
    parts = {part["name"]: part for part in explanation.parts}
    assert set(parts) == {"110000", "120000", "340000", "storage"}
    assert parts["storage"]["energy_mwh"] < 0 == parts["storage"]["amount_kg"]
    energy = sum(part["energy_mwh"] for part in explanation.parts)
    amount = sum(part["amount_kg"] for part in explanation.parts)
    assert amount / energy / 1000 == pytest.approx(float(explanation.factor["value"]), abs=5.1e-9)
    assert "lost in storage: -" in drawn(explanation)


def test_an_import_names_the_factor_of_the_exporter(files) -> None:
    parts = {part["name"]: part for part in explain(files, SUPPLY).parts}
    upstream = "electricity.supply_average.network.co2.120000.2019-01"
    assert parts["120000"]["part_factor_id"] == upstream
    value = explain(files, upstream).factor["value"]
    assert parts["120000"]["kg_per_kwh"] == pytest.approx(float(value))


def test_losses_and_lines_lead_from_the_busbar_to_the_user(files) -> None:
    kind = "electricity.life_cycle_production.{}.co2e.CN.2019-01"
    busbar, without, user = (
        explain(files, kind.format(variant)).sums
        for variant in ("busbar", "user_without_losses", "user")
    )
    assert busbar["loss_rate"] is None
    assert without["added_up"] == pytest.approx(busbar["added_up"] + 0.0036)
    rate = 0.0281 / 0.5777 / (1 + 0.0281 / 0.5777)
    assert user["added_up"] == pytest.approx(busbar["added_up"] / (1 - rate) + 0.0036)
    assert "for losses" in drawn(explain(files, kind.format("user")))


def test_the_tree_tells_value_method_quality_parts_cells_and_the_check(files) -> None:
    told = drawn(explain(files, CONSUMPTION))
    for words in (
        CONSUMPTION, "Anhui 安徽", "kgCO2e/kWh", "reported 50.0%, completed 25.0%, modelled 25.0%",
        "EF = Em / E", "Gases by their GWP (AR5)", "x 28 =", "Where it was generated",
        "bulletin_2019.csv, sheet Sheet1, row 8, receipt r0123456789abcdef", "An example", "示例",
        "published",
    ):  # fmt: skip
        assert words in told, told
    assert "DOES NOT ADD UP" not in told


def test_a_nation_rests_on_the_cells_of_its_provinces(files) -> None:
    inputs = explain(files, "electricity.generation_average.none.co2.CN.2019-01").inputs
    assert inputs.cells == 15
    assert [child.cells for child in inputs.children] == [5, 5]
    assert inputs.hidden == 1


def test_a_residual_rests_on_the_provinces_that_its_power_comes_from(files) -> None:
    inputs = explain(files, "electricity.residual_mix.network.co2.340000.2019-01").inputs
    assert inputs.cells == 15


def test_all_shows_every_cell_and_less_depth_shows_none(files) -> None:
    whole = explain(files, SUPPLY, everything=True).inputs
    assert len(list(shown_cells(whole))) == whole.cells == 10
    assert not list(shown_cells(explain(files, SUPPLY, depth=0).inputs))
    some = explain(files, SUPPLY).inputs
    assert 0 < len(list(shown_cells(some))) < some.cells == whole.cells


def test_a_technology_rests_on_its_own_cells(files) -> None:
    factor_id = "electricity.life_cycle_technology.oil_busbar.co2e.340000.2019-01"
    cells = list(shown_cells(explain(files, factor_id, everything=True).inputs))
    assert {cell["technology"] for cell in cells} == {"oil"}
    assert {cell["role"] for cell in cells} == {"official_value", "fuel_default"}


@pytest.mark.parametrize(
    ("table", "column", "factor_id"),
    [
        ("electricity_mix", "co2_kg", "electricity.generation_average.none.co2.340000.2019-01"),
        ("electricity_mix", "co2_kg", "electricity.fossil_power.none.co2.340000.2019-01"),
        ("interchange", "energy_mwh", SUPPLY),
        ("consumption_origin", "co2_kg", CONSUMPTION),
        ("consumption_origin", "storage_loss_mwh", CONSUMPTION),
        (
            "consumption_origin",
            "lca_co2e_kg",
            "electricity.life_cycle_consumption.user.co2e.340000.2019-01",
        ),
        ("residual_balance", "pool_co2_kg", "electricity.residual_mix.network.co2.340000.2019-01"),
        (
            "certificate_balance",
            "residual_mwh",
            "electricity.life_cycle_residual.busbar.co2e.340000.2019-01",
        ),
        ("gwp", "value", CONSUMPTION),
    ],
)
def test_a_table_that_was_changed_no_longer_adds_up(
    tables, files, tmp_path, table, column, factor_id
) -> None:
    changed = tmp_path / f"{table}.parquet"
    moved = pl.col(column).cast(pl.Float64) * 1.001
    tables[table].with_columns(moved.alias(column)).write_parquet(changed)
    assert explain(files, factor_id, depth=0).adds_up
    assert not explain({**files, table: changed}, factor_id, depth=0).adds_up


def test_a_factor_without_parts_does_not_add_up(tables, files, tmp_path) -> None:
    empty = tmp_path / "consumption_origin.parquet"
    tables["consumption_origin"].clear().write_parquet(empty)
    explanation = explain({**files, "consumption_origin": empty}, CONSUMPTION)
    assert not explanation.adds_up
    assert "DOES NOT ADD UP" in drawn(explanation)


@pytest.mark.parametrize(
    ("factor_id", "words"),
    [
        ("electricity.supply.network.co2.340000.2019-01", ["no kind 'supply'", "supply_average"]),
        ("electricity.supply_average.none.co2.340000.2019-01", ["no variant 'none'", "network"]),
        ("electricity.supply_average.network.co2.Anhui.2019-01", ["Anhui is 340000"]),
        ("electricity.supply_average.network.co2.安徽.2019-01", ["安徽 is 340000"]),
        ("electricity.supply_average.network.co2.340000.2031", ["no period '2031'", "2019-01"]),
        ("electricity.supply_average.network.co2.340000", ["lacks a period", "2019-01", SUPPLY]),
        ("supply_average.network", ["a scope", "co2e_ar6"]),
        ("nonsense", ["fossil_power", "electricity.<kind>"]),
        ("", ["fossil_power"]),
    ],
)
def test_an_unknown_factor_is_answered_with_what_is_near(files, factor_id, words) -> None:
    with pytest.raises(UnknownFactor) as refusal:
        explain(files, factor_id)
    assert all(word in str(refusal.value) for word in words), str(refusal.value)


def test_the_first_word_of_an_id_may_be_left_out(files) -> None:
    short = SUPPLY.removeprefix("electricity.")
    assert explain(files, short, depth=0).factor["factor_id"] == SUPPLY


def test_the_command_explains_a_candidate_by_its_folder(ask) -> None:
    result = ask(CONSUMPTION)
    assert result.exit_code == 0, result.output
    assert "Check 核对" in result.stdout


def test_json_tells_the_same_as_the_explanation(ask, files) -> None:
    result = ask(CONSUMPTION, "--json")
    assert json.loads(result.stdout) == explain(files, CONSUMPTION).as_dict()


def test_the_command_ends_with_1_when_parts_do_not_add_up(ask, candidate, tables) -> None:
    changed = tables["consumption_origin"].with_columns(pl.col("co2_kg") * 2)
    changed.write_parquet(candidate / "tables" / "consumption_origin.parquet")
    result = ask(CONSUMPTION, "--depth", "0")
    assert result.exit_code == 1
    assert "DOES NOT ADD UP" in result.stdout


def test_the_command_ends_with_2_for_a_factor_that_is_not_there(ask) -> None:
    result = ask("nonsense")
    assert result.exit_code == 2
    assert "There is no factor nonsense." in result.stderr
    assert "Traceback" not in result.output


def test_the_command_ends_with_2_for_a_release_that_is_not_there(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("CARBON_HOME", str(tmp_path))
    assert CliRunner().invoke(app, ["explain", SUPPLY]).exit_code == 2
    result = CliRunner().invoke(app, ["explain", SUPPLY, "--release", "2099.01.0"])
    assert result.exit_code == 2
    assert "There is no release 2099.01.0" in result.stderr


def test_a_candidate_without_a_table_is_told_by_the_name_of_the_table(candidate) -> None:
    (candidate / "tables" / "gwp.parquet").unlink()
    with pytest.raises(ReleaseError, match="no table gwp"), open_tables(candidate):
        pass
