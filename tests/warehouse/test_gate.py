"""The gate judges the files themselves and says which check and which rows."""

from __future__ import annotations

import dataclasses
import json

import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.warehouse import synthetic
from warehouse import files
from warehouse.candidate import Candidate
from warehouse.export import export_tables, write_parquet
from warehouse.gate import GateError
from warehouse.gate_report import ReportError, read_report

pytestmark = pytest.mark.slow


def rebuilt(tmp_path, tables, **changes) -> Candidate:
    """Make and export a candidate from changed tables."""
    made = synthetic.make_candidate(tmp_path / "changed", tables, **changes)
    export_tables(made)
    return made


def failed_ids(report) -> set[str]:
    return {check.check_id for check in report.checks if check.status != "passed"}


def test_a_good_candidate_passes_with_every_required_check(template, required) -> None:
    report = read_report(template.report)
    assert report.passed
    assert report.sentences == ()
    unjudged = {check.table for check in report.checks if check.judged_rows == 0}
    assert unjudged == synthetic.EMPTY | {"electricity_mix"}, "no mix is of a whole year yet"
    assert {file.table for file in report.files} == set(synthetic.COLUMNS)
    for file in report.files:
        assert file.sha256 == files.sha256_of(template.folder / file.path)


def test_where_there_are_official_values_every_check_judges_rows(judge_it, tmp_path) -> None:
    month = synthetic.OFFICIAL_MONTH
    candidate = synthetic.make_candidate(tmp_path / "official", synthetic.make_tables(month))
    assert all(each.rows > 0 for each in export_tables(candidate))
    report = judge_it(candidate, release_month=month)
    assert report.passed, report.sentences
    assert all(check.judged_rows > 0 for check in report.checks)


def test_the_same_candidate_gives_the_same_report_to_the_byte(candidate, judge_it) -> None:
    before = candidate.report.read_bytes()
    judge_it(candidate)
    assert candidate.report.read_bytes() == before


def test_the_report_reads_back_as_it_was_written(template) -> None:
    assert read_report(template.report).as_bytes() == template.report.read_bytes()


def test_an_edited_cell_in_a_file_is_found_with_its_row(candidate, judge_it) -> None:
    path = candidate.tables / "electricity_factor.parquet"
    table = pq.read_table(path)
    frame = pl.from_arrow(table).with_columns(
        pl.when(pl.col("factor_id") == table["factor_id"][0].as_py())
        .then(pl.col("value") + pl.lit("0.01").cast(pl.Decimal(18, 12)))
        .otherwise(pl.col("value"))
        .cast(pl.Decimal(18, 12))
        .alias("value")
    )
    write_parquet(frame.to_arrow().cast(table.schema), path)
    report = judge_it(candidate)
    assert not report.passed
    assert "published.electricity_factor.file" in failed_ids(report)
    sentence = next(text for text in report.sentences if "electricity_factor.file" in text)
    assert "1 rows" in sentence
    assert table["factor_id"][0].as_py() in sentence
    assert candidate.report.exists(), "the evidence stays"


def test_a_dropped_province_is_refused_by_coverage_and_conservation(
    tables, tmp_path, judge_it
) -> None:
    changed = dict(tables)
    for name in ("electricity_factor", "electricity_mix"):
        changed[name] = tables[name].filter(pl.col("region_code") != "340000")
    report = judge_it(rebuilt(tmp_path, changed))
    failed = failed_ids(report)
    assert {
        "invariant.region_period_coverage",
        "invariant.emissions_conserved_from_provinces_to_nation",
        "published.electricity_factor.regions_are_all_there",
    } <= failed
    sentence = next(text for text in report.sentences if "region_period_coverage" in text)
    assert "340000" in sentence


def test_a_mix_that_does_not_sum_to_one_is_refused(tables, tmp_path, judge_it) -> None:
    is_one = (
        (pl.col("region_code") == "340000")
        & (pl.col("period_start") == pl.date(2019, 2, 1))
        & (pl.col("technology") == "coal")
    )
    changed = tables | {
        "electricity_mix": tables["electricity_mix"].with_columns(
            pl.when(is_one).then(pl.col("share") + 0.01).otherwise(pl.col("share")).alias("share")
        )
    }
    report = judge_it(rebuilt(tmp_path, changed))
    check = next(c for c in report.checks if c.check_id == "invariant.mix_sums_to_one")
    assert check.status == "failed"
    assert len(check.sample) == 1
    assert check.sample[0]["region_code"] == "340000"
    assert check.sample[0]["period_start"] == "2019-02-01"


def test_a_negative_factor_is_refused(tables, tmp_path, judge_it) -> None:
    factor = tables["electricity_factor"]
    first = factor["factor_id"][0]
    changed = tables | {
        "electricity_factor": factor.with_columns(
            pl.when(pl.col("factor_id") == first)
            .then(-0.1)
            .otherwise(pl.col("value"))
            .alias("value")
        )
    }
    report = judge_it(rebuilt(tmp_path, changed))
    check = next(c for c in report.checks if c.check_id == "invariant.nothing_negative")
    assert check.sample[0]["factor_id"] == first


def test_an_emptied_table_is_refused(tables, tmp_path, judge_it) -> None:
    report = judge_it(rebuilt(tmp_path, tables | {"gwp": tables["gwp"].head(0)}))
    assert "published.gwp.has_rows" in failed_ids(report)
    assert any("is empty" in sentence for sentence in report.sentences)


def test_a_missing_file_is_refused(candidate, judge_it) -> None:
    (candidate.tables / "gwp.parquet").unlink()
    report = judge_it(candidate)
    assert {"published.gwp.file", "published.gwp.is_there"} <= failed_ids(report)


def test_a_file_that_no_model_published_is_refused(candidate, judge_it) -> None:
    (candidate.tables / "secrets.parquet").write_bytes(b"PAR1")
    report = judge_it(candidate)
    assert any("secrets.parquet belongs to no public model" in text for text in report.sentences)


def test_a_truncated_file_is_refused(candidate, judge_it) -> None:
    path = candidate.tables / "gwp.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    report = judge_it(candidate)
    assert any("gwp.parquet cannot be read" in text for text in report.sentences)


def test_a_published_model_of_another_access_class_is_refused(tables, tmp_path, judge_it) -> None:
    meta = {"gwp": {"access_class": "confidential"}}
    report = judge_it(rebuilt(tmp_path, tables, meta=meta))
    assert "published.release.only_public_models" in failed_ids(report)
    assert any("access class is confidential" in text for text in report.sentences)


def test_a_failed_dbt_test_is_refused_by_name(candidate, judge_it) -> None:
    synthetic.write_run_results(candidate, {}, {"sum_to_one_electricity_mix": "fail"})
    report = judge_it(candidate)
    assert "dbt.sum_to_one_electricity_mix" in failed_ids(report)
    assert any("found 3 failing rows" in text for text in report.sentences)


def test_a_dbt_test_that_broke_is_told_apart_from_one_that_failed(candidate, judge_it) -> None:
    synthetic.write_run_results(candidate, {}, {"sum_to_one_electricity_mix": "error"})
    report = judge_it(candidate)
    check = next(c for c in report.checks if c.check_id == "dbt.sum_to_one_electricity_mix")
    assert check.status == "error"
    assert any("could not be carried out" in text for text in report.sentences)


def test_no_dbt_test_at_all_is_refused(candidate, judge_it) -> None:
    synthetic.write_run_results(candidate, {}, {}, tests=[])
    report = judge_it(candidate)
    assert "dbt.run.has_tests" in failed_ids(report)


def test_a_dbt_test_that_was_not_selected_is_refused(candidate, judge_it) -> None:
    synthetic.write_run_results(candidate, {}, {}, tests=["sum_to_one_electricity_mix"])
    report = judge_it(candidate)
    assert any(
        "unique_electricity_factor_factor_id did not run" in text for text in report.sentences
    )


def test_a_dbt_model_that_failed_is_refused(candidate, judge_it) -> None:
    synthetic.write_run_results(candidate, {"electricity_mix": "error"}, {})
    assert "dbt.run.no_model_failed" in failed_ids(judge_it(candidate))


def test_a_dbt_warning_on_a_required_test_is_refused(candidate, judge_it) -> None:
    path = candidate.target / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["nodes"]["test.synthetic.sum_to_one_electricity_mix"]["config"]["severity"] = "warn"
    path.write_text(json.dumps(content), encoding="utf-8")
    synthetic.write_run_results(candidate, {}, {"sum_to_one_electricity_mix": "warn"})
    report = judge_it(candidate)
    assert not report.passed, "lowering the severity of a required check does not open the gate"


def test_a_failed_raw_check_is_refused(candidate, judge_it) -> None:
    broken = dataclasses.replace(
        synthetic.RAW_CHECKS[0], status="failed", sentence="Table electricity_bulletin is empty."
    )
    report = judge_it(candidate, raw_checks=[broken])
    assert any("electricity_bulletin is empty" in text for text in report.sentences)


def test_a_raw_boundary_that_nobody_judged_is_refused(candidate, judge_it) -> None:
    report = judge_it(candidate, raw_checks=[])
    assert any(
        "raw.electricity_bulletin.has_rows is required but did not run" in text
        for text in report.sentences
    )


def test_a_renamed_check_is_missed_by_name(candidate, judge_it, required, tmp_path) -> None:
    longer = tmp_path / "required.yml"
    longer.write_text(required.read_text() + "  - a_check_under_its_old_name\n")
    report = judge_it(candidate, required_file=longer)
    assert any("invariant.a_check_under_its_old_name is required" in s for s in report.sentences)


def test_a_candidate_that_was_never_exported_cannot_be_judged(candidate, judge_it) -> None:
    for path in candidate.tables.iterdir():
        path.unlink()
    candidate.tables.rmdir()
    with pytest.raises(GateError, match="export it before"):
        judge_it(candidate)


@pytest.mark.parametrize("name", ["manifest.json", "run_results.json"])
def test_a_missing_dbt_artefact_cannot_be_judged(candidate, judge_it, name) -> None:
    (candidate.target / name).unlink()
    with pytest.raises(GateError, match=name):
        judge_it(candidate)


@pytest.mark.parametrize("content", ["", "[]", '{"report_version": 9}', '{"checks": 1}', "{"])
def test_an_unreadable_report_is_a_sentence(candidate, content) -> None:
    candidate.report.write_text(content)
    with pytest.raises(ReportError, match="Run the gate"):
        read_report(candidate.report)


def test_a_month_before_the_official_series_needs_no_comparison(tmp_path, judge_it) -> None:
    early = synthetic.make_tables("2019-03")
    assert early["official_comparison"].height == 0
    candidate = synthetic.make_candidate(tmp_path / "early", early)
    path = candidate.target / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    test = content["nodes"]["test.synthetic.sum_to_one_electricity_mix"]
    test["attached_node"] = "model.synthetic.official_comparison"
    path.write_text(json.dumps(content), encoding="utf-8")
    export_tables(candidate)
    report = judge_it(candidate, release_month="2019-03")
    assert report.passed, report.sentences
