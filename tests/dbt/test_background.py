"""Questionnaires of a few plants become unit processes whose footprints follow by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest

from dbt_project.methods.dataset_identity import process_id, product_flow_id
from dbt_project.methods.life_cycle_scores import solve_scores
from dbt_project.methods.readiness import judge

from .small_survey import Rows, small_survey, write_electricity, write_raw

pytestmark = pytest.mark.slow

MODELS = [
    "path:models/staging/stg_survey_*.sql", "stg_as_of", "stg_product", "stg_elementary_flow",
    "stg_background_default", "stg_flow_mapping", "stg_product_benchmark", "intermediate.industry",
    "stg_published_dataset", "stg_release_input", "int_contributor_candidate",
    "int_contributor_set",
]  # fmt: skip
TOTAL = "gwp100.ar6.total"


@dataclass(frozen=True)
class Database:
    """What was derived, and how dbt ended."""

    file: Path
    printed: str
    results: dict[str, str]

    def frame(self, query: str) -> pl.DataFrame:
        with duckdb.connect(self.file, read_only=True) as connection:
            return connection.execute(query).pl()


@pytest.fixture(scope="module")
def derive(dbt, tmp_path_factory):
    """Derive the unit processes of some surveys, and run the tests of the models."""
    folder = tmp_path_factory.mktemp("seeded")
    seeded = folder / "seeded.duckdb"
    write_electricity(seeded)
    write_raw(folder / "raw", small_survey())
    assert dbt("seed", raw=folder / "raw", database=seeded).returncode == 0

    def run(tables: dict[str, Rows], *, backwards: bool = False, tests: bool = False) -> Database:
        place = tmp_path_factory.mktemp("surveys")
        write_raw(place / "raw", tables, backwards=backwards)
        database = place / "candidate.duckdb"
        database.write_bytes(seeded.read_bytes())
        done = dbt("run", "--select", *MODELS, raw=place / "raw", database=database)
        assert done.returncode == 0, done.printed
        if tests:
            done = dbt(
                "test", "--select", "intermediate.industry", "--exclude", "test_type:unit",
                "--indirect-selection", "buildable", raw=place / "raw", database=database,
            )  # fmt: skip
        return Database(database, done.printed, done.results())

    return run


@pytest.fixture(scope="module")
def small(derive) -> Database:
    return derive(small_survey(), tests=True)


def scores(database: Database) -> dict[tuple[str, str], float]:
    frames = [database.frame(f"from intermediate.int_{name}")
              for name in ("process", "exchange", "characterisation")]  # fmt: skip
    report = judge(*frames)
    assert report.is_ready, report.findings
    solved = solve_scores(report.system)
    column = report.system.indicator(TOTAL)
    keys = report.system.processes.select("product_code", "technology").rows()
    return dict(zip(keys, solved.values[:, column].tolist(), strict=True))


def test_footprints_are_those_that_follow_by_hand(small) -> None:
    """Coke and tar share by 2800 to 700 MJ; steel and steam need each other."""
    oven = 35 + 140 * 0.2
    coke = oven * 0.8 / 100
    # steel = a + 0.2 MJ/kg steam; steam = b + 0.001 kg/MJ steel, over 4000 kg and 20000 MJ
    a = (1100 + 3300) / 4000 * 0.1 + 0.4 * 1000 / 4000 * 0.6 + 40 / 4000 * coke
    b = 600 / 20000 * (0.5 + 0.5 * 44 / 12)
    steel = (a + 0.2 * b) / (1 - 0.2 * 0.001)
    steam = b + 0.001 * steel
    found = scores(small)
    assert found["steel.coke", "top"] == pytest.approx(coke, rel=1e-12)
    assert found["coal.tar", "steel_coke_top"] == pytest.approx(oven * 0.2 / 10, rel=1e-12)
    assert found["steel.rebar", "eaf"] == pytest.approx(steel, rel=1e-12)
    assert found["steel.rebar", "market"] == pytest.approx(steel, rel=1e-12)
    assert found["energy.heat_steam", "gas_boiler"] == pytest.approx(steam, rel=1e-12)
    assert found["electricity.grid", "consumption_mix"] == pytest.approx(0.6, rel=1e-12)


def test_every_test_of_the_models_passes(small) -> None:
    assert len(small.results) >= 45
    assert set(small.results.values()) == {"pass"}, small.printed


def test_the_second_form_of_a_plant_replaces_the_first_whole(small) -> None:
    known = small.frame("select submission_id from staging.stg_survey_submission order by all")
    assert known["submission_id"].to_list() == ["A", "B", "B0", "C", "S", "Z"]
    plants = small.frame("select distinct submission_id from intermediate.int_plant_product "
                         "where is_counted order by all")  # fmt: skip
    assert plants["submission_id"].to_list() == ["A", "B", "C", "S"]
    amounts = small.frame("select sum(amount) from intermediate.int_cell_contribution "
                          "where item = 'steel.scrap_collected'")  # fmt: skip
    assert float(amounts.item()) == 4400


def test_a_form_without_output_is_set_aside_with_its_reason(small) -> None:
    found = small.frame("from intermediate.int_submission_set_aside").rows()
    assert found == [("Z", "output_missing")]


def test_ids_are_those_of_the_identity_of_datasets(small) -> None:
    rows = small.frame(
        "select process_id, product_code, technology, region_code, year, allocation "
        "from intermediate.int_process"
    ).rows()
    assert len(rows) == 4 + 4 + 3 + 1
    for found, *key in rows:
        assert found == process_id(*key)
    flows = small.frame(
        "select distinct product_code, flow_id from intermediate.int_exchange "
        "where kind <> 'elementary'"
    ).rows()
    assert len(flows) == 8
    for product, found in flows:
        assert found == product_flow_id(product)


def test_the_order_of_rows_changes_nothing(small, derive) -> None:
    turned = derive(small_survey(), backwards=True)
    for table in ("process", "exchange", "characterisation", "contribution_weight"):
        query = f"from intermediate.int_{table} order by all"
        assert turned.frame(query).equals(small.frame(query)), table


def test_without_a_survey_the_tables_are_there_and_empty(derive) -> None:
    nothing = {table: [] for table in small_survey()}
    empty = derive(nothing)
    for table in ("process", "exchange", "characterisation", "contribution_weight"):
        assert empty.frame(f"from intermediate.int_{table}").height == 0


def test_an_input_that_nobody_provides_fails_by_name(derive) -> None:
    tables = small_survey()
    tables["background_default"] = [
        row for row in tables["background_default"] if row["product_code"] != "fuel.washed_coal"
    ]
    opened = derive(tables, tests=True)
    failed = [name for name, status in opened.results.items() if status == "fail"]
    assert [name.split(".")[2] for name in failed] == ["every_input_of_a_process_has_a_provider"]
    found = opened.frame("select product_code, finding from intermediate.int_open_input").rows()
    assert found == [("fuel.washed_coal", "no plant surveyed and no default")]


def test_what_an_expanded_system_yields_beside_is_a_credit(derive) -> None:
    """Tar replaces the tar of another oven: 0.1 kg per kg of coke, at its footprint."""
    tables = small_survey()
    made = [row for row in tables["survey_product"] if row["submission_id"] != "D"]
    tables["survey_submission"].append(
        {**tables["survey_submission"][4], "submission_id": "D", "plant_code": "PD",
         "group_code": "GD", "technology": "stamp"}
    )  # fmt: skip
    tables["survey_product"] = [
        *made,
        *({**row, "submission_id": "D", "allocation_basis": "system_expansion"}
          for row in made if row["submission_id"] == "C"),
    ]  # fmt: skip
    tables["survey_input"].append(
        {"submission_id": "D", "line": 1, "kind": "material", "product_code": "fuel.washed_coal",
         "amount": 140, "unit": "kg"}
    )  # fmt: skip
    found = scores(derive(tables))
    tar = (35 + 140 * 0.2) * 0.2 / 10
    assert found["steel.coke", "stamp"] == pytest.approx(1.4 * 0.2 - 0.1 * tar, rel=1e-12)
