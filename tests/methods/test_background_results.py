"""Results of the life-cycle system as the warehouse keeps them."""

from __future__ import annotations

import polars as pl
import pytest

from dbt_project.methods import background_results as results
from dbt_project.methods.background_results import HEADLINE, Database
from dbt_project.methods.readiness import FINDING, NotReady
from dbt_project.methods.technosphere import CHARACTERISATION, EXCHANGE, PROCESS

POWER, STEEL = "power", "steel"


def database(amount: float = 0.5, provider: str = POWER) -> Database:
    """Steel that takes half a kWh of electricity of 0.6 kg and emits 2 kg itself."""
    process = pl.DataFrame(
        [
            (POWER, "electricity.grid", "consumption_mix", "CN", 2023, "none", "kWh", 1.0,
             "electricity", 0),
            (STEEL, "steel.rebar", "bf", "CN", 2023, "none", "kg", 1.0, "unit", 5),
        ],
        schema=dict(PROCESS), orient="row",
    )  # fmt: skip
    rating = (1.0, 2.0, 3.0, 2.0)
    exchange = pl.DataFrame(
        [
            (POWER, 1, "elementary", "output", "co2", None, None, 0.6, "kg", "statistics",
             "electricity", 0.05, None, *rating),
            (STEEL, 1, "elementary", "output", "co2", None, None, 2.0, "kg", "primary", "process",
             0.05, None, *rating),
            (STEEL, 2, "product", "input", "f", provider, "electricity.grid", amount, "kWh",
             "primary", "electricity", 0.1, None, *rating),
        ],
        schema=dict(EXCHANGE), orient="row",
    )  # fmt: skip
    factor = pl.DataFrame([("co2", HEADLINE, 1.0)], schema=dict(CHARACTERISATION), orient="row")
    return Database(process, exchange, factor)


BOTH = pl.Series([STEEL, POWER])


def of(frame: pl.DataFrame, process: str, column: str) -> float:
    return frame.filter(process_id=process)[column].sum()


def test_scores_inventories_contributions_and_electricity_are_those_by_hand() -> None:
    given = database()
    assert of(results.scores(given), STEEL, "value") == pytest.approx(2.3, rel=1e-12)
    assert of(results.inventories(given), STEEL, "amount") == pytest.approx(2.3, rel=1e-12)
    assert of(results.contributions(given), STEEL, "value") == pytest.approx(2.3, rel=1e-12)
    answer = results.sensitivities(given).filter(process_id=STEEL)
    assert answer["electricity_amount"].to_list() == pytest.approx([0.5])
    assert answer["change_per_percent"].to_list() == pytest.approx([0.003])
    quality = results.quality(given).filter(process_id=STEEL)
    # Electricity rests on statistics: of 2.3 kg, 2.0 are primary.
    assert quality["primary_data_share"][0] == pytest.approx(100 * 2.0 / 2.3)
    assert quality["dqr"][0] == pytest.approx(2.0)


def test_what_is_drawn_is_what_is_wanted_and_its_chain() -> None:
    given = database()
    whole = results.intervals(given, wanted=BOTH, draws=200, seed=7)
    steel = results.intervals(given, wanted=pl.Series([STEEL]), draws=200, seed=7)
    assert steel.equals(whole)
    power = results.intervals(given, wanted=pl.Series([POWER]), draws=200, seed=7)
    assert power["process_id"].unique().to_list() == [POWER]
    beside = whole.filter(process_id=POWER)
    assert power["median"].to_list() == pytest.approx(beside["median"].to_list(), rel=1e-7)


def test_intervals_hold_the_median_and_repeat_with_the_seed() -> None:
    one = results.intervals(database(), wanted=BOTH, draws=200, seed=7)
    assert one.equals(results.intervals(database(), wanted=BOTH, draws=200, seed=7))
    assert not one.equals(results.intervals(database(), wanted=BOTH, draws=200, seed=8))
    assert one.filter(pl.col("lower_95") >= pl.col("median")).is_empty()
    assert one.filter(pl.col("upper_95") <= pl.col("median")).is_empty()


def test_the_solution_says_how_well_each_indicator_is_solved() -> None:
    found = results.solution(database()).row(0, named=True)
    assert found["indicator"] == HEADLINE
    assert found["residual"] < 1e-9
    assert found["closure"] < 1e-9
    assert (found["processes"], found["exchanges"]) == (2, 3)


def test_an_input_without_provider_is_a_finding_and_refuses_the_solution() -> None:
    broken = database(provider="nobody")
    findings = results.readiness(broken)
    errors = findings.filter(severity="error")
    assert errors["rule"].to_list() == ["provider_unknown"]
    assert "nobody" in errors["sentence_en"][0]
    skipped = findings.filter(rule="not_judged")
    assert skipped.height > 0
    assert skipped["severity"].unique().to_list() == ["warning"]
    with pytest.raises(NotReady, match="provider_unknown"):
        results.solution(broken)


def test_without_questionnaires_every_result_is_empty_and_typed() -> None:
    given = database()
    empty = Database(given.process.clear(), given.exchange.clear(), given.characterisation)
    assert results.readiness(empty).schema == FINDING
    assert results.solution(empty).schema == results.SOLUTION
    assert results.scores(empty).schema == results.SCORE
    assert results.intervals(empty, wanted=BOTH, draws=200, seed=1).schema == results.INTERVAL
    assert results.contributions(empty).schema == results.CONTRIBUTION
    assert results.quality(empty).schema == results.QUALITY
    assert results.inventories(empty).schema == results.INVENTORY
    assert results.sensitivities(empty).schema == results.SENSITIVITY
