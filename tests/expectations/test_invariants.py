"""Each invariant holds on consistent tables and is broken by the one defect that it is for."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from expectations.invariants import INVARIANTS, judge_invariants
from expectations.invariants.question import Question
from expectations.thresholds import DEFAULT_THRESHOLDS, Thresholds
from tests.expectations import (
    defects_of_background,
    defects_of_consumption,
    defects_of_vintages,
)
from tests.warehouse import synthetic, synthetic_background

TABLES = synthetic.make_tables(synthetic.OFFICIAL_MONTH)
MAY = pl.date(2020, 5, 1)
CELL = (
    (pl.col("region_code") == "340000")
    & (pl.col("period_start") == MAY)
    & (pl.col("resolution") == "month")
)


def judged(tables=None, month=synthetic.OFFICIAL_MONTH, thresholds=DEFAULT_THRESHOLDS):
    results = judge_invariants(tables or TABLES, release_month=month, thresholds=thresholds)
    return {result.check_id.removeprefix("invariant."): result for result in results}


def changed(table: str, where: pl.Expr, column: str, value: pl.Expr) -> dict[str, pl.DataFrame]:
    edited = pl.when(where).then(value).otherwise(pl.col(column)).alias(column)
    return TABLES | {table: TABLES[table].with_columns(edited)}


def test_all_hold_on_consistent_tables_and_judge_something() -> None:
    for name, result in judged().items():
        assert result.status == "passed", (name, result.sentence)
        assert result.judged_rows > 0, name
        assert result.boundary == "invariant"


def test_their_ids_are_their_names_and_every_one_says_why_it_exists() -> None:
    assert list(judged()) == [invariant.__name__ for invariant in INVARIANTS]
    assert all(invariant.__doc__ for invariant in INVARIANTS)


def supply(basis: str) -> pl.Expr:
    return (
        CELL
        & (pl.col("factor_kind") == "supply_average")
        & (pl.col("import_factor_basis") == basis)
    )


EXTRA_FLOW = pl.DataFrame(
    {
        "level": ["province"], "from_region_code": ["120000"], "to_region_code": ["110000"],
        "period_start": [dt.date(2020, 5, 1)], "resolution": ["month"], "energy_mwh": [5],
        "period_end": [dt.date(2020, 5, 31)], "quality_tier": ["modelled"],
        "method_id": ["balance"], "capacity_mwh": [10], "treatment": ["net"],
        "maturity": ["final"],
    },
    schema=TABLES["interchange"].schema,
)  # fmt: skip

DEFECTS = {
    "mix_sums_to_one": changed(
        "electricity_mix", CELL & (pl.col("technology") == "coal"), "share", pl.col("share") + 0.01
    ),
    "shares_are_of_generation": changed(
        "electricity_mix",
        CELL & pl.col("technology").is_in(["coal", "wind"]),
        "share",
        pl.col("share") + pl.when(pl.col("technology") == "coal").then(0.01).otherwise(-0.01),
    ),
    "emissions_conserved_from_provinces_to_nation": changed(
        "electricity_mix", CELL & (pl.col("technology") == "coal"), "co2_kg", pl.col("co2_kg") * 2
    ),
    "years_are_sums_of_months": TABLES
    | {
        "electricity_mix": TABLES["electricity_mix"].filter(
            ~(CELL & (pl.col("technology") == "hydro"))
        )
    },
    "generation_factor_agrees_with_mix": changed(
        "electricity_factor",
        CELL & (pl.col("factor_kind") == "generation_average"),
        "value",
        pl.col("value") + 0.00001,
    ),
    "supply_factor_agrees_with_interchange": changed(
        "electricity_factor", supply("generation"), "value", pl.col("value") + 0.00001
    ),
    "emissions_conserved_through_interchange": changed(
        "electricity_factor", supply("network"), "value", pl.col("value") * 1.01
    ),
    "factor_within_range_of_what_it_mixes": changed(
        "electricity_factor", supply("network"), "value", pl.lit(0.999)
    ),
    "region_period_coverage": TABLES
    | {"electricity_factor": TABLES["electricity_factor"].filter(~supply("network"))},
    "periods_end_where_they_should": changed(
        "electricity_factor", CELL, "period_end", pl.date(2020, 6, 30)
    ),
    "nothing_negative": changed(
        "electricity_mix",
        CELL & (pl.col("technology") == "oil"),
        "generation_mwh",
        -pl.col("generation_mwh"),
    ),
    "nothing_all_zero": changed(
        "electricity_mix",
        (pl.col("region_code") == "CN") & (pl.col("technology") == "nuclear"),
        "generation_mwh",
        pl.col("generation_mwh") * 0,
    ),
    "official_values_keep_their_order": changed(
        "official_comparison",
        pl.col("factor_kind") == "supply_average",
        "official_value",
        pl.lit(0.9),
    ),
    "pairs_flow_one_way": TABLES | {"interchange": pl.concat([TABLES["interchange"], EXTRA_FLOW])},
    "exports_within_supply": changed(
        "interchange",
        (pl.col("from_region_code") == "110000") & (pl.col("period_start") == MAY),
        "energy_mwh",
        pl.col("energy_mwh") * 100,
    ),
    "province_balances_close": TABLES
    | {"data_quality": TABLES["data_quality"].filter(pl.col("period_start") != MAY)},
    "compared_bases_are_the_published_factors": changed(
        "basis_comparison", CELL, "network_basis_value", pl.col("network_basis_value") + 0.00001
    ),
}
DEFECTS |= (
    defects_of_consumption.defects(TABLES)
    | defects_of_vintages.defects(TABLES)
    | defects_of_background.defects(TABLES)
)


def test_there_is_a_defect_for_every_invariant() -> None:
    assert set(DEFECTS) == {invariant.__name__ for invariant in INVARIANTS}


@pytest.mark.parametrize("name", DEFECTS)
def test_the_defect_breaks_its_invariant_and_the_sentence_names_a_row(name: str) -> None:
    invariant = next(each for each in INVARIANTS if each.__name__ == name)
    result = invariant(DEFECTS[name], Question(synthetic.OFFICIAL_MONTH, DEFAULT_THRESHOLDS))
    assert result.status == "failed"
    assert result.sentence.startswith("Broken: ")
    assert result.sample
    assert "first: " in result.sentence


@pytest.mark.parametrize("table", ["electricity_factor", "electricity_mix", "interchange"])
def test_an_empty_table_never_passes_for_want_of_rows(table: str) -> None:
    results = judged(TABLES | {table: TABLES[table].head(0)})
    about = [result for result in results.values() if result.table == table]
    assert about
    assert all(result.status != "passed" or result.judged_rows > 0 for result in results.values())
    assert any(result.status == "failed" for result in about)


def test_a_missing_table_is_an_error_of_the_checks_that_need_it() -> None:
    results = judged({name: frame for name, frame in TABLES.items() if name != "interchange"})
    assert results["pairs_flow_one_way"].status == "error"
    assert "table interchange is missing" in results["pairs_flow_one_way"].sentence
    assert results["mix_sums_to_one"].status == "passed"


def test_a_missing_column_is_an_error_and_not_a_crash() -> None:
    results = judged(TABLES | {"electricity_mix": TABLES["electricity_mix"].drop("share")})
    assert results["mix_sums_to_one"].status == "error"


def test_a_null_or_nan_is_never_within_tolerance() -> None:
    for hole in (pl.lit(None, pl.Float64), pl.lit(float("nan"))):
        broken = judged(changed("electricity_factor", supply("network"), "value", hole))
        assert broken["supply_factor_agrees_with_interchange"].status == "failed"
        assert broken["emissions_conserved_through_interchange"].status == "failed"
        assert broken["factor_within_range_of_what_it_mixes"].status == "failed"
        shares = judged(
            changed("electricity_mix", CELL & (pl.col("technology") == "coal"), "share", hole)
        )
        assert shares["mix_sums_to_one"].status == "failed"


def test_a_release_that_stops_early_or_runs_on_is_refused() -> None:
    assert judged(month="2022-01")["region_period_coverage"].status == "failed"
    assert judged(month="2021-11")["periods_end_where_they_should"].status == "failed"


def test_before_the_first_complete_year_the_yearly_rules_have_nothing_to_judge() -> None:
    tables = synthetic.make_tables("2019-03")
    results = judged(tables, month="2019-03")
    assert {name for name, result in results.items() if result.status != "passed"} == set()
    for name in ("years_are_sums_of_months", "official_values_keep_their_order"):
        assert results[name].judged_rows == 0
        assert results[name].may_be_empty


def test_reported_transfers_stand_beside_the_balance() -> None:
    flows = TABLES["interchange"]
    doubled = flows.with_columns(
        pl.when(pl.col("resolution") == "year_to_date")
        .then(pl.col("energy_mwh") * 1000)
        .otherwise(pl.col("energy_mwh"))
        .alias("energy_mwh")
    )
    assert {r.status for r in judged(TABLES | {"interchange": doubled}).values()} == {"passed"}


def test_a_gross_year_may_run_both_ways_and_a_net_one_may_not() -> None:
    flows = TABLES["interchange"]
    years = flows.filter((pl.col("resolution") == "year") & (pl.col("level") == "province"))
    back = years.head(1).with_columns(
        pl.col("to_region_code").alias("from_region_code"),
        pl.col("from_region_code").alias("to_region_code"),
    )

    def judge(treatment: str) -> str:
        both = pl.concat([flows, back]).with_columns(
            pl.when(pl.col("resolution") == "year")
            .then(pl.lit(treatment))
            .otherwise("treatment")
            .alias("treatment")
        )
        return judged(TABLES | {"interchange": both})["pairs_flow_one_way"].status

    assert judge("gross") == "passed"
    assert judge("net") == "failed"


def test_a_balance_left_open_beyond_the_threshold_is_refused() -> None:
    is_one = (pl.col("region_code") == "110000") & (pl.col("period_start") == MAY)
    tables = changed("data_quality", is_one, "value", pl.lit(-5_000_000.0))
    result = judged(tables)["province_balances_close"]
    assert result.status == "failed"
    assert [row["region_code"] for row in result.sample] == ["110000"]


def test_the_order_of_rows_does_not_change_a_result() -> None:
    shuffled = {
        name: frame.sample(fraction=1, shuffle=True, seed=3) for name, frame in TABLES.items()
    }
    assert judged(shuffled) == judged()
    broken = DEFECTS["nothing_all_zero"]
    mixed = {name: frame.sample(fraction=1, shuffle=True, seed=4) for name, frame in broken.items()}
    assert judged(mixed) == judged(broken)


def test_thresholds_survive_json_and_unknown_ones_are_refused() -> None:
    assert Thresholds.from_record(DEFAULT_THRESHOLDS.as_record()) == DEFAULT_THRESHOLDS
    with pytest.raises(ValueError, match="missing or unknown: slack"):
        Thresholds.from_record({**DEFAULT_THRESHOLDS.as_record(), "slack": "1"})


def single_document(gwp_set: str, guideline: str, **weights: float) -> pl.DataFrame:
    rows = [(gwp_set, gas, guideline, weight) for gas, weight in weights.items()]
    frame = pl.DataFrame(rows, schema=["gwp_set", "gas", "guideline", "value"], orient="row")
    return frame.with_columns(
        pl.lit("kgCO2e/kg").alias("unit"), pl.lit("bulletin").alias("source_id")
    )


def test_co2e_of_one_set_made_with_another_is_refused() -> None:
    other = single_document("AR6", "AR6", CH4=28.0, N2O=265.0)
    result = judged(TABLES | {"gwp": other})["co2e_is_its_gases_weighed_by_one_set"]
    assert result.status == "failed"
    assert result.sample[0]["gwp_set"] == "AR6"


def test_a_whole_set_needs_its_co2e_and_one_that_lacks_a_gas_may_have_none() -> None:
    name = "co2e_is_its_gases_weighed_by_one_set"
    lacking = pl.concat([TABLES["gwp"], single_document("AR5", "AR5", CH4=28.0)])
    assert judged(TABLES | {"gwp": lacking})[name].status == "passed"
    whole = pl.concat([TABLES["gwp"], single_document("AR5", "AR5", CH4=28.0, N2O=265.0)])
    assert judged(TABLES | {"gwp": whole})[name].status == "failed"


def test_without_certificates_nothing_is_claimed_and_no_residual_is_asked_for() -> None:
    residual = pl.col("factor_kind").is_in(["residual_mix", "life_cycle_residual"])
    none = {
        "certificate_balance": TABLES["certificate_balance"].clear(),
        "electricity_factor": TABLES["electricity_factor"].filter(~residual),
    }
    results = judged(TABLES | none)
    assert {name for name, result in results.items() if result.status != "passed"} == set()
    kept = judged(TABLES | {"certificate_balance": none["certificate_balance"]})
    assert kept["residual_factor_agrees_with_balance"].status == "failed"


def test_a_sub_grid_that_is_lost_is_missed() -> None:
    lost = TABLES["electricity_factor"].filter(pl.col("region_code") != "GRID_INNER_MONGOLIA_WEST")
    result = judged(TABLES | {"electricity_factor": lost})["region_period_coverage"]
    assert result.status == "failed"
    assert "GRID_INNER_MONGOLIA_WEST" in result.sentence


def test_a_hidden_dataset_with_a_figure_of_its_own_is_found() -> None:
    hidden = pl.col("disclosure") == "withheld"
    tables = changed("background_dataset", hidden, "lower_95", pl.lit(1.0))
    assert judged(tables)["hidden_datasets_have_no_figure"].status == "failed"


def test_the_band_is_held_against_the_rules_that_are_set(monkeypatch) -> None:
    setting = '{"minimum_groups": 5, "dominance": [], "p": 0.1, "q": 0.2, "least_per_grade": 5}'
    monkeypatch.setenv("PCF_DISCLOSURE", setting)
    result = judged()["contributors_are_enough"]
    assert result.status == "failed"
    assert "3-4" in result.sentence


def test_without_questionnaires_the_background_invariants_have_nothing_to_judge() -> None:
    empty = TABLES | {name: TABLES[name].clear() for name in synthetic_background.COLUMNS}
    names = defects_of_background.defects(TABLES)
    assert {judged(empty)[name].status for name in names} == {"passed"}
