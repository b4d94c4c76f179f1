"""Checks of the graph that are not dbt's: the raw boundary.

Belongs here: turning verdicts of `expectations` into blocking asset checks. Does not belong here:
any rule. A blocking check keeps later assets from running, but it is not the gate: a run of a part
of the graph passes by it. The gate judges the files again (`orchestration.assets.gate`).
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from expectations.boundary import Coverage
from expectations.check_result import CheckResult
from expectations.waivers import NO_WAIVERS, Waivers
from ingestion.contract import Contract
from orchestration.assets.ingest import raw_key, raw_tables
from orchestration.candidates import RAW_CHECKS, candidate_folder
from orchestration.settings import Settings
from orchestration.stages import StageClock
from orchestration.trust import waivers_today
from orchestration.waived import blocking, is_waived

BOUNDARY_CHECK = "boundary"


def as_asset_check(
    key: dg.AssetKey, name: str, results: Sequence[CheckResult], waivers: Waivers = NO_WAIVERS
) -> dg.AssetCheckResult:
    """Fold the results about one table into one asset check; no result at all is a failure."""
    bad = blocking(results, waivers)
    sentences = [item.sentence for item in bad] or (
        [] if results else ["Nothing was judged, so nothing is proved."]
    )
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=not sentences,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(sentences) or None,
        metadata={
            "checks": len(results),
            "judged_rows": max((item.judged_rows for item in results), default=0),
            "failed": [item.check_id for item in bad],
            "waived": [item.check_id for item in results if is_waived(item, waivers)],
        },
    )


def build_boundary_checks() -> dg.AssetChecksDefinition:
    """Return the blocking checks of all raw tables, judged in one pass."""

    @dg.multi_asset_check(
        name="judge_raw_tables",
        specs=[
            dg.AssetCheckSpec(
                BOUNDARY_CHECK,
                asset=raw_key(table),
                blocking=True,
                description="The table meets the expectations of its contract.",
            )
            for table in raw_tables()
        ],
    )
    def judge_raw_tables(
        context: dg.AssetCheckExecutionContext,
        settings: dg.ResourceParam[Settings],
        stages: dg.ResourceParam[StageClock],
    ) -> Iterator[dg.AssetCheckResult]:
        with stages.stage("boundary"):
            results = judge_raw(settings.home)
        month = context.run.tags.get("dagster/partition")
        if month:
            write_raw_checks(
                candidate_folder(settings.candidates, month, context.run.run_id), results
            )
        waivers = waivers_today()
        for table in raw_tables():
            yield as_asset_check(
                raw_key(table),
                BOUNDARY_CHECK,
                [item for item in results if item.table == table],
                waivers,
            )

    return judge_raw_tables


def judge_raw(home: Path) -> list[CheckResult]:
    """Judge every raw table of a home against its contract (imports Great Expectations)."""
    from expectations.boundary import RawTable
    from expectations.boundary import judge_raw as judge
    from ingestion.contract import all_contracts
    from ingestion.raw import read_raw

    return judge(
        RawTable(
            table=table,
            frame=read_raw(home, table),
            expectations=contract.expectations(),
            schema=contract.polars_schema(),
            key=contract.key,
            may_be_empty=not contract.required,
            coverage=region_coverage(contract),
        )
        for table, contract in all_contracts().items()
    )


def region_coverage(contract: Contract) -> Coverage | None:
    """Return what each month of a table must hold when its contract expects every region."""
    if contract.expected_regions is None:
        return None
    return Coverage("period_month", "region_code", contract.column("region_code").allowed())


def write_raw_checks(folder: Path, results: Sequence[CheckResult]) -> None:
    """Leave the verdicts in the candidate's folder, where the gate takes them up."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps([item.as_record() for item in results], ensure_ascii=False, indent=1)
    (folder / RAW_CHECKS).write_text(text + "\n", encoding="utf-8")


def read_raw_checks(folder: Path) -> list[CheckResult] | None:
    """Return the verdicts left in a candidate's folder, or None when there are none."""
    file = folder / RAW_CHECKS
    if not file.exists():
        return None
    records = json.loads(file.read_text(encoding="utf-8"))
    return [CheckResult.from_record(record) for record in records]
