"""Running the monthly job in this process and telling how it ended.

Belongs here: executing the job, and reading its events into an `Outcome`. Does not belong here:
drawing it (`console`, `summary`), and the graph (`definitions`).
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.candidates import candidate_folder
from orchestration.failures import own_sentence
from orchestration.plan import first_day
from orchestration.settings import Settings
from orchestration.stages import Listener, Silent, StageClock, StageName

if TYPE_CHECKING:
    import dagster as dg
    from dagster_shared.error import SerializableErrorInfo

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `sentences` say why nothing was published; empty when it was."""

    month: str
    published: bool
    status: str
    release_id: str | None
    folder: Path | None
    reason: str
    candidate: Path
    sentences: list[str]
    checks_passed: int
    checks_total: int
    log: Path
    seconds: dict[StageName, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """A candidate that was made and judged, and is not published. `sentences` say why it failed."""

    folder: Path
    passed: bool
    sentences: list[str]


def run_release(settings: Settings, month: str, listener: Listener | None = None) -> Outcome:
    """Run the job `monthly_release` for a month in this process.

    Raises `orchestration.plan.MonthRefused` when `month` is not a month that can be released, and
    `orchestration.dbt.DbtFailed` when the dbt project does not parse, and `KeyboardInterrupt` when
    the run was stopped; every other failure is told in the outcome.
    """
    result, log, clock = _execute(settings, month, listener, publish=True)
    candidate = candidate_folder(settings.candidates, month, result.run_id)
    return read_outcome(result, month, candidate, log, clock.seconds)


def make_candidate(settings: Settings, month: str, listener: Listener | None = None) -> Made:
    """Run the job up to the gate; what it made is judged and lies among the candidates.

    Raises what `run_release` raises.
    """
    result, _, _ = _execute(settings, month, listener, publish=False)
    candidate = candidate_folder(settings.candidates, month, result.run_id)
    return Made(candidate, result.success, [] if result.success else why_not(result, candidate))


def _execute(
    settings: Settings, month: str, listener: Listener | None, *, publish: bool
) -> "tuple[dg.ExecuteInProcessResult, Path, StageClock]":
    import dagster as dg

    from orchestration.assets.release import RELEASE
    from orchestration.definitions import build
    from orchestration.jobs import MONTHLY_RELEASE
    from orchestration.partitions import RELEASE_MONTHS
    from orchestration.plan import MonthRefused
    from orchestration.resources import prepare_dagster_home

    first_day(month)
    if not RELEASE_MONTHS.has_partition_key(month):
        months = RELEASE_MONTHS.get_partition_keys()
        raise MonthRefused(
            f"{month} cannot be released: release months run from {months[0]} to {months[-1]}."
        )
    clock = StageClock(listener or Silent())
    dagster_home = prepare_dagster_home(settings)
    job = build(settings, clock).resolve_job_def(MONTHLY_RELEASE)
    wanted = None if publish else sorted({*job.asset_layer.executable_asset_keys} - {RELEASE})
    with dg.DagsterInstance.from_config(str(dagster_home)) as instance:
        result = job.execute_in_process(
            instance=instance,
            partition_key=month,
            run_config=_QUIET,
            raise_on_error=False,
            asset_selection=wanted,
        )
    log = write_log(settings.logs, f"release-{month}-{result.run_id[:8]}.log", result.all_events)
    if interrupted(result):
        raise KeyboardInterrupt
    return result, log, clock


def interrupted(result: "dg.ExecuteInProcessResult") -> bool:
    """Whether the run was stopped by Ctrl-C, which Dagster turns into a failed step."""
    return any(
        error.cls_name == "DagsterExecutionInterruptedError"
        for event in result.get_step_failure_events()
        for error in error_chain(event)
    )


def error_chain(event: "dg.DagsterEvent") -> "Iterator[SerializableErrorInfo]":
    """Yield the error of a failed step and what caused it, the outermost first."""
    error = event.step_failure_data.error
    while error is not None:
        yield error
        error = error.cause


def read_outcome(
    result: "dg.ExecuteInProcessResult",
    month: str,
    candidate: Path,
    log: Path,
    seconds: dict[StageName, float],
) -> Outcome:
    """Read the events of a finished run into an outcome."""
    from orchestration.assets.release import RELEASE

    published: dict[str, Any] = {}
    for event in result.get_asset_materialization_events():
        if event.asset_key == RELEASE:
            metadata = event.materialization.metadata
            published = {name: value.value for name, value in metadata.items()}
    sentences = [] if result.success else why_not(result, candidate)
    passed, total = gate_counts(candidate)
    return Outcome(
        month=month,
        published=result.success,
        status=published.get("status", "refused"),
        release_id=published.get("release_id"),
        folder=Path(published["folder"]) if published.get("folder") else None,
        reason=published.get("reason", ""),
        candidate=candidate,
        sentences=sentences,
        checks_passed=passed,
        checks_total=total,
        log=log,
        seconds=seconds,
    )


def gate_counts(candidate: Path) -> tuple[int, int]:
    """Return how many checks of the gate's report passed, and how many there are."""
    report = candidate / "gate_report.json"
    if not report.exists():
        return 0, 0
    checks = json.loads(report.read_text(encoding="utf-8")).get("checks", [])
    return sum(check.get("status") == "passed" for check in checks), len(checks)


def why_not(result: "dg.ExecuteInProcessResult", candidate: Path) -> list[str]:
    """Return the sentences that say why a run failed: failed checks first, then errors."""
    from orchestration.dbt_failures import failed_nodes

    evaluations = [
        item
        for item in result.get_asset_check_evaluations()
        if not item.passed and item.severity.value == "ERROR"
    ]
    dbt = failed_nodes(candidate)
    told = {node.name for node in dbt}
    sentences = [
        sentence
        for item in evaluations
        if item.check_name not in told
        for sentence in (item.description or "It says no more.").splitlines()
    ]
    sentences += [node.sentence for node in dbt]
    for event in result.get_step_failure_events():
        sentences += step_sentences(event, already=bool(sentences))
    return sentences or ["The run failed without saying why; the log has the trace."]


def step_sentences(event: "dg.DagsterEvent", *, already: bool) -> list[str]:
    """Return what a failed step has to say beyond the checks that were told already."""
    errors = list(error_chain(event))
    if not errors:
        return []
    error = errors[-1]
    name = (error.cls_name or "Error").rsplit(".", 1)[-1]
    if name in {"DagsterAssetCheckFailedError", "DagsterDbtCliRuntimeError"} and already:
        return []
    message = error.message.strip()
    if own := own_sentence(message):
        return own.splitlines()
    origin, _, said = message.partition(": ")
    return [f"Step '{event.step_key}' ended with {name}: {said or origin}"]


def write_log(folder: Path, name: str, events: "Iterable[dg.DagsterEvent]") -> Path:
    """Write every event of a run, with whole traces, to a log file; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    lines = [f"written {dt.datetime.now(dt.UTC).isoformat(timespec='seconds')}"]
    for event in events:
        lines.append(f"{event.event_type_value} {event.step_key or ''} {event.message or ''}")
        if event.is_step_failure:
            lines.append(event.step_failure_data.error_display_string)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
