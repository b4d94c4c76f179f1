"""Each defect of a database is found by its own rule, and silence is no pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from dbt_project.methods import readiness
from dbt_project.methods.readiness import (
    MATRIX_RULES,
    ROW_RULES,
    SOLUTION_RULES,
    NotReady,
    Readiness,
    database_checksum,
    judge,
    judge_matrices,
)
from tests.methods.life_cycle_databases import (
    TOTAL,
    Database,
    database,
    emits,
    process,
    random_database,
    takes,
)


def sound() -> Database:
    return database(
        [process("a"), process("b"), process("c")],
        [
            takes("a", "b", 2.0, share_group="mix", sigma=0.1),
            takes("a", "c", 1.0, share_group="mix"),
            takes("b", "c", 0.5),
            emits("b", "co2", 1.0),
            emits("c", "ch4", 0.1),
        ],
    )


def where(name: str, number: int, column: str, value: object) -> Callable[[Database], Database]:
    """Change one cell of `exchange`."""
    at = (pl.col("process_id") == name) & (pl.col("exchange_no") == number)
    return lambda d: d.with_exchange(
        **{column: pl.when(at).then(pl.lit(value)).otherwise(pl.col(column))}
    )


def more(*rows: dict) -> Callable[[Database], Database]:
    """Add rows to `exchange`, numbered from 90."""

    def add(d: Database) -> Database:
        extra = database(
            [process("x")], [row | {"exchange_no": 90 + n} for n, row in enumerate(rows)]
        )
        return replace(d, exchange=pl.concat([d.exchange, extra.exchange]))

    return add


def factors(*change: pl.Expr) -> Callable[[Database], Database]:
    return lambda d: replace(d, characterisation=d.characterisation.with_columns(*change))


def processes(*change: pl.Expr) -> Callable[[Database], Database]:
    return lambda d: replace(d, process=d.process.with_columns(*change))


DEFECTS: dict[str, tuple[Callable[[Database], Database], str | None, str]] = {
    "no_process": (lambda d: Database(*(f.head(0) for f in d.frames)), None, "holds no process"),
    "process_repeated": (
        lambda d: replace(d, process=pl.concat([d.process, d.process.head(1)])), "a", "process a"
    ),
    "reference_missing": (
        processes(pl.when(process_id="b").then(0.0).otherwise(1.0).alias("reference_amount")),
        "b", "reference amount 0.0",
    ),
    "exchange_repeated": (
        lambda d: replace(d, exchange=pl.concat([d.exchange, d.exchange.head(1)])),
        "a", "exchange 1",
    ),
    "exchange_without_process": (more(emits("z", "co2", 1.0)), "z", "no such process"),
    "kind_unknown": (where("b", 2, "kind", "service"), "b", "the kind is service"),
    "direction_unknown": (where("b", 1, "direction", "up"), "b", "the direction is up"),
    "amount_not_finite": (where("a", 2, "amount", float("inf")), "a", "the amount is inf"),
    "amount_negative": (where("a", 2, "amount", -1.0), "a", "the amount is -1.0"),
    "sigma_invalid": (where("a", 1, "sigma", float("nan")), "a", "sigma is NaN"),
    "waste_output": (
        more(takes("a", "b", 1.0, kind="waste", direction="output")), "a", "waste leaves"
    ),
    "reference_mismatch": (
        more(takes("a", "a", 2.0, direction="output")), "a", "its own product is 2.0"
    ),
    "self_service": (more(takes("b", "b", 0.1)), "b", "takes its own product"),
    "provider_missing": (where("b", 1, "provider_id", None), "b", "test.c has no provider"),
    "provider_unknown": (where("b", 1, "provider_id", "z"), "b", "provider z of test.c"),
    "provider_product": (
        where("b", 1, "product_code", "test.a"), "b", "a provider that makes test.c"
    ),
    "provider_unit": (where("b", 1, "unit", "t"), "b", "given in t, its provider delivers in kg"),
    "flow_missing": (where("b", 2, "flow_id", None), "b", "names no elementary flow"),
    "flow_both_directions": (
        more(emits("a", "co2", 1.0, direction="input")), "a", "flow co2 enters some"
    ),
    "characterisation_repeated": (
        lambda d: replace(d, characterisation=pl.concat([d.characterisation] * 2)), None, "co2"
    ),
    "factor_not_finite": (
        factors(pl.when(flow_id="co2").then(float("nan")).otherwise("factor").alias("factor")),
        None, "the factor for gwp100.ar6.total is NaN",
    ),
    "no_indicator": (
        lambda d: replace(d, characterisation=d.characterisation.head(0)), None, "at all"
    ),
    "flow_uncharacterised": (
        lambda d: replace(d, characterisation=d.characterisation.filter(flow_id="co2")),
        "c", "flow ch4 has no factor for gwp100.ar6.total",
    ),
    "process_empty": (
        lambda d: replace(d, process=pl.concat([d.process, processes_of("d")])), "d", "no exchange"
    ),
    "share_group_sign": (where("a", 2, "direction", "output"), "a", "share group mix"),
    "recipe_repeated": (
        lambda d: Database(
            pl.concat([d.process, processes_of("b2", product_code="test.b")]),
            pl.concat([d.exchange, d.exchange.filter(process_id="b").with_columns(
                process_id=pl.lit("b2"))]),
            d.characterisation,
        ),
        "b2", "exactly the exchanges of process b",
    ),
    "loop_unproductive": (more(takes("c", "a", 0.5)), "a", "a loop of 3 processes (a, b, c)"),
}  # fmt: skip


def processes_of(name: str, **columns: object) -> pl.DataFrame:
    return database([process(name, **columns)], [emits(name, "co2", 1.0)]).process


def test_a_sound_database_is_judged_by_every_rule_and_ready() -> None:
    report = judge(*sound().frames)
    assert report.is_ready and report.findings.height == 0 and report.not_judged == ()
    assert set(report.judged) == {*ROW_RULES, *MATRIX_RULES, *SOLUTION_RULES}
    assert (report.processes, report.exchanges) == (3, 5)
    assert report.scores is not None and report.system is not None


@pytest.mark.parametrize("rule", DEFECTS)
def test_each_defect_is_found_by_its_rule_with_process_and_sentence(rule: str) -> None:
    spoil, name, says = DEFECTS[rule]
    report = judge(*spoil(sound()).frames)
    assert not report.is_ready
    found = report.errors.filter(rule=rule)
    assert found.height >= 1, report.findings["rule"].to_list()
    assert found["process_id"][0] == name
    assert any(says in sentence for sentence in found["sentence_en"])
    for sentence in found["sentence_zh"]:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in sentence)
    if rule not in SOLUTION_RULES:
        assert set(report.not_judged) == {*MATRIX_RULES, *SOLUTION_RULES}
    with pytest.raises(NotReady, match=r"errors?; the first: "):
        report.require(*spoil(sound()).frames)


def test_every_rule_of_rows_has_a_defect_that_it_finds() -> None:
    assert set(ROW_RULES) <= set(DEFECTS)


def test_defects_do_not_hide_one_another() -> None:
    both = where("b", 1, "unit", "t")(where("a", 2, "amount", -1.0)(sound()))
    rules = judge(*both.frames).errors["rule"].to_list()
    assert rules == ["amount_negative", "provider_unit"]


def test_missing_columns_are_a_finding_and_nothing_else_is_judged() -> None:
    d = sound()
    report = judge(d.process, d.exchange.drop("sigma"), d.characterisation)
    assert report.errors["rule"].to_list() == ["columns_missing"]
    assert "sigma" in report.errors["sentence_en"][0] and not report.is_ready
    assert "amount_negative" in report.not_judged


def test_a_singular_matrix_is_a_finding() -> None:
    """Exactly as much as it makes: 2 x 0.5 through two processes; and one with credits."""
    looped = database(
        [process("a"), process("b")],
        [takes("a", "b", 2.0), takes("b", "a", 0.5), emits("a", "co2", 1.0)],
    )
    assert judge(*looped.frames).errors["rule"].to_list() == ["loop_unproductive"]
    credit = database(
        [process("a"), process("b")],
        [
            takes("a", "b", 2.0, direction="output"),
            takes("b", "a", 0.5, direction="output"),
            emits("a", "co2", 1.0),
        ],
    )
    report = judge(*credit.frames)
    assert report.errors.select("rule", "process_id").rows() == [("matrix_singular", "a")]
    assert not report.is_ready and report.scores is None


def test_a_refused_solution_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dbt_project.methods.life_cycle_scores.RESIDUAL_TOLERANCE", -1.0)
    report = judge(*sound().frames)
    assert report.errors["rule"].to_list() == ["solution_refused"]


def test_a_negative_score_is_shown_to_a_person_and_does_not_block() -> None:
    rows = database(
        [process("wood")],
        [emits("wood", "uptake", 1.8, direction="input"), emits("wood", "co2", 0.1)],
        {TOTAL: {"uptake": -1.0, "co2": 1.0}, "gwp100.ar6.uptake": {"uptake": -1.0, "co2": 0.0}},
    )
    report = judge(*rows.frames)
    assert report.is_ready
    assert report.findings["rule"].to_list() == ["negative_score"]
    assert report.findings["severity"].to_list() == ["warning"]


def test_an_exempt_flow_and_a_narrower_list_of_indicators_are_honoured() -> None:
    d = DEFECTS["flow_uncharacterised"][0](sound())
    assert judge(*d.frames, exempt_flows={"ch4"}).is_ready
    other = pl.DataFrame([("co2", "water", 0.0)], schema=d.characterisation.schema, orient="row")
    both = replace(sound(), characterisation=pl.concat([sound().characterisation, other]))
    assert judge(*both.frames).is_ready
    assert not judge(*both.frames, required_indicators=["water"]).is_ready


def test_the_same_inputs_in_two_processes_are_worth_a_look() -> None:
    rows = database(
        [process("a"), process("b"), process("c")],
        [
            takes("a", "c", 1.0),
            takes("b", "c", 1.0),
            emits("a", "co2", 1.0),
            emits("b", "co2", 2.0),
            emits("c", "co2", 1.0),
        ],
    )
    report = judge(*rows.frames)
    assert report.is_ready
    assert report.findings.select("rule", "process_id").rows() == [("column_repeated", "b")]
    assert "exactly what process a takes" in report.findings["sentence_en"][0]


MATRICES = {
    "not_square": (np.ones((3, 2)), None),
    "matrix_not_finite": (np.array([[0, np.nan], [0, 0]]), "q"),
    "diagonal_near_zero": (np.array([[0, 0.5], [0, 1.0]]), "q"),
    "own_use": (np.array([[0.9999995, 0.5], [0, 0.1]]), "p"),
}


@pytest.mark.parametrize("rule", MATRICES)
def test_matrices_that_no_rows_made_are_judged_too(rule: str) -> None:
    dense, name = MATRICES[rule]
    found = judge_matrices(sparse.csc_array(dense), pl.Series(["p", "q"])).filter(rule=rule)
    assert found["process_id"].to_list() == [name]


def test_a_product_neither_made_nor_taken_is_an_empty_row_and_column() -> None:
    inputs = sparse.csc_array(np.array([[1.0, 0.0], [0.0, 0.0]]))
    found = judge_matrices(inputs, pl.Series(["p", "q"]))
    assert found["rule"].to_list() == ["diagonal_near_zero", "own_use", "row_empty", "column_empty"]
    assert found["process_id"].to_list() == ["p"] * 4


def test_a_report_belongs_to_its_data() -> None:
    d = sound()
    report = judge(*d.frames)
    report.require(*d.shuffled(3).frames)
    changed = where("b", 1, "amount", 0.5000001)(d)
    with pytest.raises(NotReady, match="report_stale"):
        report.require(*changed.frames)
    unjudged = Readiness("", 3, 5, (), ("own_use",), report.findings)
    assert not unjudged.is_ready
    with pytest.raises(NotReady, match="not judged: own_use"):
        unjudged.require(*d.frames)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_random_sound_databases_are_ready_and_their_checksum_is_their_content(seed: int) -> None:
    d = random_database(seed)
    report = judge(*d.frames)
    assert report.is_ready, report.findings.rows()
    assert database_checksum(*d.shuffled(seed).frames) == report.checksum
    assert database_checksum(*random_database(seed + 1).frames) != report.checksum


def test_large_systems_are_proven_productive_without_a_factorisation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("factorised")

    monkeypatch.setattr("dbt_project.methods.life_cycle_solver.DIRECT_UP_TO", 2)
    monkeypatch.setattr("dbt_project.methods.life_cycle_solver.splu", forbidden)
    assert judge(*random_database(1).frames).is_ready
    assert readiness.judge is judge
