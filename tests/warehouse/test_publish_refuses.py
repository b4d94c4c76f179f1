"""Ways around the gate, each tried and each refused with nothing published."""

from __future__ import annotations

import json

import polars as pl
import pyarrow.parquet as pq
import pytest

from expectations.thresholds import Thresholds
from tests.warehouse import synthetic
from warehouse import canonical_json
from warehouse.errors import PublishRefused
from warehouse.export import export_tables, write_parquet

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("way_around_the_gate")]


def edit_report(candidate, change) -> None:
    content = json.loads(candidate.report.read_text(encoding="utf-8"))
    change(content)
    candidate.report.write_bytes(canonical_json.dumps(content))


def check_of(content, check_id):
    return next(check for check in content["checks"] if check["check_id"] == check_id)


@pytest.fixture
def refused(publish_it, releases):
    """Publish, expect a refusal, prove that no release appeared, and return the reasons."""

    def attempt(candidate, **changes) -> str:
        with pytest.raises(PublishRefused) as caught:
            publish_it(candidate, releases, **changes)
        left = [p.name for p in releases.iterdir()] if releases.exists() else []
        assert [name for name in left if name != ".lock"] == []
        assert "Traceback" not in str(caught.value)
        return "\n".join(caught.value.reasons)

    return attempt


def edit_file(candidate, name="electricity_factor") -> None:
    path = candidate.tables / f"{name}.parquet"
    table = pq.read_table(path)
    frame = pl.from_arrow(table).with_columns((pl.col("value") * 1).cast(pl.Decimal(18, 12)))
    write_parquet(frame.to_arrow().cast(table.schema).slice(1), path)


def test_a_candidate_without_a_report(candidate, refused) -> None:
    candidate.report.unlink()
    assert "gate_report.json is missing" in refused(candidate)


def test_a_file_edited_after_the_gate(candidate, refused) -> None:
    edit_file(candidate)
    assert "electricity_factor.parquet was changed after the gate judged it" in refused(candidate)


def test_a_file_removed_after_the_gate(candidate, refused) -> None:
    (candidate.tables / "gwp.parquet").unlink()
    assert "tables/gwp.parquet was judged by the gate and is gone" in refused(candidate)


def test_a_file_added_after_the_gate(candidate, refused) -> None:
    (candidate.tables / "extra.parquet").write_bytes(b"PAR1")
    assert "tables/extra.parquet was never judged" in refused(candidate)


def test_a_file_replaced_by_a_link(candidate, refused, tmp_path) -> None:
    path = candidate.tables / "gwp.parquet"
    path.rename(tmp_path / "elsewhere.parquet")
    path.symlink_to(tmp_path / "elsewhere.parquet")
    assert "gwp.parquet is not a plain file" in refused(candidate)


def test_a_file_and_its_hash_in_the_report_edited_together(candidate, refused) -> None:
    from warehouse.content_hash import content_hash
    from warehouse.files import sha256_of

    edit_file(candidate)
    path = candidate.tables / "electricity_factor.parquet"

    def change(content) -> None:
        entry = next(f for f in content["files"] if f["table"] == "electricity_factor")
        entry["sha256"] = sha256_of(path)
        entry["bytes"] = path.stat().st_size
        entry["rows"] -= 1
        entry["content_hash"] = content_hash(pq.read_table(path), ["factor_id"])

    edit_report(candidate, change)
    assert "published.electricity_factor.file failed" in refused(candidate)


def test_an_edited_verdict_over_a_failed_check(tables, tmp_path, judge_it, refused) -> None:
    broken = tables["electricity_mix"].with_columns((pl.col("share") * 0.9).alias("share"))
    candidate = synthetic.make_candidate(tmp_path / "bad", tables | {"electricity_mix": broken})
    export_tables(candidate)
    assert not judge_it(candidate).passed
    edit_report(candidate, lambda content: content.update(verdict="passed", sentences=[]))
    assert "invariant.mix_sums_to_one failed" in refused(candidate)

    def flip(content) -> None:
        for check in content["checks"]:
            check.update(status="passed")

    edit_report(candidate, flip)
    assert "invariant.mix_sums_to_one failed" in refused(candidate), "it is judged once more"


def test_a_suite_result_flipped_in_the_report(tables, tmp_path, judge_it, refused) -> None:
    broken = tables["electricity_factor"].with_columns(pl.col("unit").replace("kgCO2/kWh", "g/kWh"))
    candidate = synthetic.make_candidate(tmp_path / "bad", tables | {"electricity_factor": broken})
    export_tables(candidate)
    judge_it(candidate)

    def flip(content) -> None:
        content.update(verdict="passed", sentences=[])
        check_of(content, "published.electricity_factor.unit_of_co2")["status"] = "passed"

    edit_report(candidate, flip)
    assert "published.electricity_factor.unit_of_co2 failed" in refused(candidate)


def test_an_edited_observation_that_changes_no_verdict(candidate, refused) -> None:
    edit_report(
        candidate,
        lambda content: check_of(content, "invariant.mix_sums_to_one").update(judged_rows=9999999),
    )
    reasons = refused(candidate)
    assert "differs in check invariant.mix_sums_to_one" in reasons


def test_a_required_check_taken_out_of_the_report(candidate, refused) -> None:
    def change(content) -> None:
        gone = check_of(content, "invariant.nothing_negative")
        content["checks"].remove(gone)

    edit_report(candidate, change)
    assert "invariant.nothing_negative is required but did not run" in refused(candidate)


def test_a_required_check_renamed_in_the_report(candidate, refused) -> None:
    edit_report(
        candidate,
        lambda content: check_of(content, "invariant.nothing_negative").update(
            check_id="invariant.nothing_below_zero"
        ),
    )
    assert "invariant.nothing_negative is required but did not run" in refused(candidate)


def test_a_check_that_judged_no_row(candidate, refused) -> None:
    edit_report(
        candidate,
        lambda content: check_of(content, "raw.electricity_bulletin.has_rows").update(
            judged_rows=0
        ),
    )
    assert "judged no row" in refused(candidate)


def test_a_required_check_lowered_to_a_warning(candidate, refused) -> None:
    edit_report(
        candidate,
        lambda content: check_of(content, "raw.electricity_bulletin.has_rows").update(
            status="failed", severity="warning"
        ),
    )
    assert "raw.electricity_bulletin.has_rows failed" in refused(candidate)


def test_a_report_without_any_check(candidate, refused) -> None:
    edit_report(candidate, lambda content: content.update(checks=[]))
    assert "No check ran at all" in refused(candidate)


def test_a_report_of_another_candidate(candidate, template, tables, tmp_path, refused) -> None:
    other = synthetic.make_candidate(
        tmp_path / "other",
        tables | {"gwp": tables["gwp"].with_columns((pl.col("value") + 1).alias("value"))},
    )
    export_tables(other)
    other.report.write_bytes(template.report.read_bytes())
    assert "gwp.parquet was changed after the gate judged it" in refused(other)


def test_an_emptied_table_with_a_verdict_to_match(tables, tmp_path, judge_it, refused) -> None:
    candidate = synthetic.make_candidate(
        tmp_path / "emptied", tables | {"gwp": tables["gwp"].head(0)}
    )
    export_tables(candidate)
    assert not judge_it(candidate).passed
    assert "published.gwp.has_rows" in refused(candidate)
    edit_report(candidate, lambda content: content.update(verdict="passed", sentences=[]))
    assert "published.gwp.has_rows" in refused(candidate)


def test_suites_with_zero_expectations(candidate, judge_it, refused, monkeypatch) -> None:
    from warehouse import gate

    monkeypatch.setattr(gate, "judge_published", lambda *_, **__: [])
    report = judge_it(candidate)
    assert not report.passed
    edit_report(candidate, lambda content: content.update(verdict="passed", sentences=[]))
    assert "published.gwp.has_rows is required but did not run" in refused(candidate)


def test_publishing_after_a_failed_gate_and_once_more_after_the_refusal(
    tables, tmp_path, judge_it, refused
) -> None:
    broken = tables["electricity_mix"].with_columns((pl.col("share") * 0.9).alias("share"))
    candidate = synthetic.make_candidate(tmp_path / "bad", tables | {"electricity_mix": broken})
    export_tables(candidate)
    judge_it(candidate)
    for _ in range(2):
        assert "invariant.mix_sums_to_one failed" in refused(candidate)
    judge_it(candidate)
    assert "invariant.mix_sums_to_one failed" in refused(candidate), "nothing was mended"


def test_a_check_that_could_not_be_carried_out_told_as_passed(candidate, refused) -> None:
    synthetic.write_run_results(candidate, {}, {"sum_to_one_electricity_mix": "error"})
    reasons = refused(candidate)
    assert "dbt.sum_to_one_electricity_mix could not be carried out" in reasons
    assert "dbt.sum_to_one_electricity_mix failed" not in reasons, "no data were judged"


def test_a_plan_edited_after_the_gate(candidate, judge_it, refused) -> None:
    from warehouse.candidate_plan import write_plan

    plan = {"release_month": synthetic.RELEASE_MONTH, "receipts": []}
    write_plan(candidate, parameters={"as_of": "2026-01-31"}, **plan)
    judge_it(candidate)
    write_plan(candidate, parameters={"as_of": "2020-01-01"}, **plan)
    assert "differs in the candidate's plan" in refused(candidate)


def test_a_report_for_another_month(candidate, refused) -> None:
    assert "judged this candidate for 2019-03" in refused(candidate, release_month="2019-02")


def test_tolerances_widened_in_the_report(candidate, refused) -> None:
    edit_report(candidate, lambda content: content["thresholds"].update(share_sum="0.5"))
    assert "other tolerances" in refused(candidate)


def test_tolerances_narrowed_by_the_publisher(candidate, refused) -> None:
    assert "other tolerances" in refused(candidate, thresholds=Thresholds(share_sum="0.00000004"))


def test_a_database_that_was_changed_after_the_export(candidate, refused) -> None:
    import duckdb

    with duckdb.connect(str(candidate.database)) as connection:
        connection.execute("update marts.gwp set value = value + 1")
    assert "gwp.parquet differs from the candidate's database" in refused(candidate)


def test_dbt_results_that_were_replaced_after_the_gate(candidate, refused) -> None:
    synthetic.write_run_results(candidate, {}, {"sum_to_one_electricity_mix": "fail"})
    assert "dbt.sum_to_one_electricity_mix failed" in refused(candidate)


def test_an_empty_list_of_required_checks(candidate, refused, tmp_path) -> None:
    empty = tmp_path / "required.yml"
    empty.write_text("raw: []\npublished: []\ndbt: []\ninvariant: []\n")
    assert "an empty gate lets all pass" in refused(candidate, required_file=empty)


def test_a_missing_list_of_required_checks(candidate, refused, tmp_path) -> None:
    assert "is missing" in refused(candidate, required_file=tmp_path / "none.yml")


def test_parameters_that_are_no_plain_values(candidate, refused, proof_skipped) -> None:
    assert "no plain JSON" in refused(candidate, parameters={"when": object()})


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"a":1,"a":2}', b"\xff\xfe", b"[1, 2]", b'{"report_version": 1}']
)
def test_a_report_that_no_gate_wrote(candidate, refused, content) -> None:
    candidate.report.write_bytes(content)
    assert "gate_report.json" in refused(candidate)
