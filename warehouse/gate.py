"""Judges a candidate by its own files and writes down what it found.

Belongs here: which checks a candidate must pass and in what order they are made. Does not belong
here: the rules (`expectations`), the verdict (`verdict`), and publishing (`publish`).

The gate believes nothing that it was told: it hashes the exported files, compares them with the
candidate's database, reads dbt's own record of the tests that ran, and judges the suites and
invariants on the Parquet files - the very bytes that would be published. Only the results of the
raw boundary are handed in, because raw tables are not part of a candidate.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from expectations import coverage
from expectations.check_result import CheckResult
from expectations.invariants import judge_invariants
from expectations.published import judge_published, load_suite, published_tables
from expectations.required import REQUIRED_CHECKS_FILE, required_for
from expectations.thresholds import DEFAULT_THRESHOLDS, Thresholds
from expectations.waivers import NO_WAIVERS, Waivers
from warehouse import dbt_artifacts, export, files
from warehouse.candidate import Candidate
from warehouse.content_hash import ContentHashError, content_hash
from warehouse.dbt_artifacts import DbtOutcome, DbtTest, PublishedModel
from warehouse.gate_report import GateReport, JudgedFile
from warehouse.verdict import judge_results


class GateError(RuntimeError):
    """The candidate is not in a state that could be judged; the message says what is missing."""


def judge(
    candidate: Candidate,
    *,
    release_month: str,
    raw_checks: Sequence[CheckResult],
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    required_file: Path = REQUIRED_CHECKS_FILE,
    waivers: Waivers = NO_WAIVERS,
) -> GateReport:
    """Judge an exported candidate and write `gate_report.json` into its folder.

    `release_month` is written `YYYY-MM`; `raw_checks` are the results of the raw boundary;
    `waivers` bring the day on which they are to hold. A refusal is a report whose verdict is
    `refused`, with the reasons and samples of the offending rows: it is returned and written like
    any other, and stays as evidence. Raises `GateError` when there is nothing to judge - no
    database, no artefacts, no exported file.
    """
    report = evaluate(
        candidate,
        release_month=release_month,
        thresholds=thresholds,
        raw_checks=raw_checks,
        required_file=required_file,
        waivers=waivers,
    )
    files.replace_durably(candidate.report, report.as_bytes())
    return report


def evaluate(
    candidate: Candidate,
    *,
    release_month: str,
    raw_checks: Sequence[CheckResult],
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    required_file: Path = REQUIRED_CHECKS_FILE,
    waivers: Waivers = NO_WAIVERS,
) -> GateReport:
    """Judge a candidate without writing anything; see `judge`."""
    coverage.parse_release_month(release_month)
    try:
        manifest = dbt_artifacts.load_manifest(candidate.target)
        outcomes = dbt_artifacts.load_outcomes(candidate.target)
        models = dbt_artifacts.published_models(manifest)
        tests = dbt_artifacts.data_tests(manifest)
    except dbt_artifacts.ArtifactError as problem:
        raise GateError(str(problem)) from problem
    if not candidate.tables.is_dir():
        raise GateError("The candidate has no exported tables; export it before it is judged.")
    public = [model for model in models if model.is_public]
    tables, judged_files, file_checks = _read_files(candidate, public)
    frames = {name: _frame(table) for name, table in tables.items()}
    checks = [
        *sorted(raw_checks, key=lambda check: check.check_id),
        *_judge_membership(candidate, models),
        *file_checks,
        *judge_published(
            frames,
            release_month=release_month,
            schemas={model.name: model.polars_schema() for model in public},
        ),
        *_judge_dbt(candidate, tests, outcomes, release_month),
        *judge_invariants(frames, release_month=release_month, thresholds=thresholds),
    ]
    verdict = judge_results(checks, required_for(release_month, required_file), waivers)
    return GateReport(
        release_month,
        thresholds,
        tuple(judged_files),
        tuple(checks),
        "passed" if verdict.is_passed else "refused",
        verdict.reasons,
        verdict.data_failures,
        verdict.check_errors,
        verdict.waived,
        files.sha256_of(candidate.plan) if candidate.plan.is_file() else None,
    )


def gate_check_ids(tables: Iterable[str], test_names: Iterable[str]) -> list[str]:
    """Return the ids of the checks that the gate makes beside suites and invariants."""
    return [
        "published.release.only_public_models",
        "published.release.only_published_files",
        "published.release.contracts_are_enforced",
        *(f"published.{table}.file" for table in tables),
        "dbt.run.has_tests",
        "dbt.run.no_model_failed",
        *(f"dbt.{name}" for name in test_names),
    ]


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _check(
    check_id: str,
    table: str,
    faults: Sequence[str],
    judged: int,
    *,
    fine: str,
    advice: str,
) -> CheckResult:
    """Make the result of a check of the gate itself from the faults that it found."""
    return CheckResult(
        check_id,
        "dbt" if check_id.startswith("dbt.") else "published",
        table,
        "failed" if faults else "passed",
        "error",
        f"{len(faults)} of {judged}",
        judged,
        f"{' '.join(faults)} {advice}" if faults else fine,
    )


def _judge_membership(candidate: Candidate, models: Sequence[PublishedModel]) -> list[CheckResult]:
    """Judge what may be in the release at all: public models, their files, nothing else."""
    private = [
        f"Model {model.name} is marked published but its access class is {model.access_class}."
        for model in models
        if not model.is_public
    ]
    loose = [
        f"Model {model.name} does not enforce its contract."
        for model in models
        if not model.is_contract_enforced
    ]
    expected = {f"{model.name}.parquet" for model in models if model.is_public}
    found = {path.name for path in candidate.tables.iterdir()}
    strange = [
        f"File tables/{name} belongs to no public model." for name in sorted(found - expected)
    ] + [
        f"tables/{path.name} is not a plain file."
        for path in sorted(candidate.tables.iterdir())
        if path.is_symlink() or not path.is_file()
    ]
    return [
        _check(
            "published.release.only_public_models",
            "release",
            private,
            len(models),
            fine=f"All {len(models)} published models are public.",
            advice="Take meta.published from it, or make it public if it holds nobody's secrets.",
        ),
        _check(
            "published.release.contracts_are_enforced",
            "release",
            loose,
            len(models),
            fine=f"All {len(models)} published models enforce their contracts.",
            advice="Set config.contract.enforced: true in its YAML.",
        ),
        _check(
            "published.release.only_published_files",
            "release",
            strange,
            len(found),
            fine=f"All {len(found)} exported files belong to public models.",
            advice="Export the candidate again; nothing else may lie in its tables folder.",
        ),
    ]


def _read_files(
    candidate: Candidate, models: Sequence[PublishedModel]
) -> tuple[dict[str, pa.Table], list[JudgedFile], list[CheckResult]]:
    """Read and hash the exported files, and compare each with the candidate's database."""
    tables: dict[str, pa.Table] = {}
    judged: list[JudgedFile] = []
    checks: list[CheckResult] = []
    try:
        connection = export.open_database(candidate.database)
    except export.ExportError as problem:
        raise GateError(str(problem)) from problem
    with connection:
        for model in models:
            path = candidate.tables / f"{model.name}.parquet"
            faults: list[str] = []
            rows = 0
            if not path.is_file():
                faults.append(f"File tables/{path.name} is missing.")
            else:
                try:
                    table = export.read_parquet(path)
                    found = content_hash(table, model.primary_key)
                except (OSError, pa.ArrowException, ContentHashError) as problem:
                    faults.append(f"File tables/{path.name} cannot be read: {problem}.")
                else:
                    tables[model.name] = table
                    rows = table.num_rows
                    judged.append(
                        JudgedFile(
                            model.name,
                            f"tables/{path.name}",
                            files.sha256_of(path),
                            found,
                            rows,
                            path.stat().st_size,
                            model.primary_key,
                        )
                    )
                    faults += _differences(connection, model, table, found)
            checks.append(
                _check(
                    f"published.{model.name}.file",
                    model.name,
                    faults,
                    max(rows, 1),
                    fine=f"File tables/{path.name} holds what the candidate's database holds.",
                    advice="Export the candidate again; an edited file is never published.",
                )
            )
    return tables, judged, checks


def _differences(
    connection: duckdb.DuckDBPyConnection, model: PublishedModel, table: pa.Table, found: str
) -> list[str]:
    """Say where a file differs from the database that it was exported from."""
    try:
        origin = export.read_model(connection, model)
    except export.ExportError as problem:
        return [str(problem)]
    if not table.schema.equals(origin.schema, check_metadata=True):
        return [f"File tables/{model.name}.parquet has another schema than the model's contract."]
    if found == content_hash(origin, model.primary_key):
        return []
    ours, theirs = _frame(table), _frame(origin)
    key = list(model.primary_key)
    changed = (
        pl.concat([ours.with_columns(side=pl.lit("file")), theirs.with_columns(side=pl.lit("db"))])
        .group_by(ours.columns)
        .agg(pl.col("side").first(), pl.len().alias("times"))
        .filter(pl.col("times") != 2)
        .select(*key, "side")
        .sort(*key, "side")
    )
    rows = "; ".join(
        ", ".join(f"{column} {value}" for column, value in row.items() if column != "side")
        for row in changed.unique(subset=key, maintain_order=True).head(3).iter_rows(named=True)
    )
    return [
        f"File tables/{model.name}.parquet differs from the candidate's database in "
        f"{changed.select(key).n_unique()} rows ({rows})."
    ]


def _judge_dbt(
    candidate: Candidate,
    tests: Sequence[DbtTest],
    outcomes: Mapping[str, DbtOutcome],
    release_month: str,
) -> list[CheckResult]:
    """Turn dbt's record of its run into results: every test of the manifest must have passed."""
    ran = [test for test in tests if test.unique_id in outcomes]
    broken = [
        f"Model {unique_id.rsplit('.', 1)[-1]} ended as {outcome.status}: {outcome.message}."
        for unique_id, outcome in sorted(outcomes.items())
        if unique_id.startswith(("model.", "seed.", "snapshot."))
        and outcome.status not in ("success", "no-op")
    ]
    none_ran = [] if ran else ["No dbt test ran."]
    results = [
        _check(
            "dbt.run.has_tests",
            "candidate",
            none_ran,
            len(ran),
            fine=f"dbt ran {len(ran)} of {len(tests)} data tests.",
            advice="A mistyped selection runs nothing and still ends well; run all data tests.",
        ),
        _check(
            "dbt.run.no_model_failed",
            "candidate",
            broken,
            max(len(outcomes), 1),
            fine="No model of the recorded dbt run failed.",
            advice="Build the candidate again.",
        ),
    ]
    names = Counter(test.name for test in tests)
    with export.open_database(candidate.database) as connection:
        for test in tests:
            check_id = f"dbt.{test.name if names[test.name] == 1 else test.unique_id}"
            if test.table in published_tables():
                is_early = load_suite(test.table).may_be_empty(release_month)
                test = dataclasses.replace(test, may_be_empty=test.may_be_empty or is_early)
            results.append(
                _dbt_result(check_id, test, outcomes.get(test.unique_id), _rows(connection, test))
            )
    return results


def _dbt_result(check_id: str, test: DbtTest, outcome: DbtOutcome | None, rows: int) -> CheckResult:
    failures: Any = outcome.failures if outcome else None
    if outcome is None:
        status, observed = "error", "did not run"
        sentence = (
            f"dbt test {test.name} did not run. Run all data tests (dbt test without a selection)."
        )
    elif outcome.status == "pass":
        status, observed = "passed", "0 failing rows"
        sentence = f"dbt test {test.name} passed on {test.table} ({rows} rows)."
    elif outcome.status in ("fail", "warn"):
        status, observed = "failed", f"{failures} failing rows"
        sentence = (
            f"dbt test {test.name} on {test.table} found {failures} failing rows. "
            f"{outcome.message} Its compiled query is in target/compiled."
        ).strip()
    else:
        status, observed = "error", outcome.status
        sentence = (
            f"dbt test {test.name} ended as {outcome.status}: {outcome.message} "
            "The data were not judged by it."
        )
    return CheckResult(
        check_id,
        "dbt",
        test.table,
        status,  # type: ignore[arg-type]
        test.severity,
        observed,
        rows,
        " ".join(sentence.split()),
        may_be_empty=test.may_be_empty,
    )


def _rows(connection: duckdb.DuckDBPyConnection, test: DbtTest) -> int:
    """Count the rows of the relations that a test is about; 0 for what the database lacks."""
    total = 0
    for schema, name in test.relations:
        relation = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, name))
        try:
            found = connection.execute(f"select count(*) from {relation}")  # noqa: S608 - quoted
            total += int(found.fetchall()[0][0])
        except duckdb.Error:
            continue
    return total
