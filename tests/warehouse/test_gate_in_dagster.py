"""Ways around the gate through the graph: nothing that Dagster can be told to run opens it."""

from __future__ import annotations

import datetime as dt
import json

import dagster as dg
import polars as pl
import pytest

from orchestration.assets import gate as gate_assets
from orchestration.assets import release as release_assets
from orchestration.assets.gate import REPORT, TABLES
from orchestration.assets.release import RELEASE
from orchestration.plan import Plan
from orchestration.settings import Settings
from orchestration.stages import StageClock
from tests.warehouse import synthetic
from warehouse import canonical_json, gate, publish
from warehouse.candidate import Candidate
from warehouse.files import make_removable
from warehouse.releases import list_releases
from warehouse.verify import verify_all

pytestmark = pytest.mark.slow

MONTH = synthetic.RELEASE_MONTH
ALL = [TABLES, REPORT, RELEASE]


class Graph:
    """Export, gate and release over one synthetic candidate, run in this process."""

    def __init__(self, settings: Settings, candidate: Candidate) -> None:
        self.settings, self.candidate = settings, candidate
        self.instance = dg.DagsterInstance.ephemeral()

    def run(self, selection=None, *, instance=None, job="everything"):
        """Run some assets; returns the names of the releases that are there afterwards."""
        everything = dg.AssetSelection.all()
        if job == "no_checks":
            everything = everything.without_checks()
        definitions = dg.Definitions(
            assets=[*gate_assets.build_gate_assets({}), release_assets.build_release_asset()],
            jobs=[dg.define_asset_job(job, everything)],
            resources={"settings": self.settings, "stages": StageClock()},
            executor=dg.in_process_executor,
        )
        self.result = definitions.resolve_job_def(job).execute_in_process(
            partition_key=MONTH,
            asset_selection=selection,
            instance=instance or self.instance,
            raise_on_error=False,
        )
        return [entry.release_id for entry in list_releases(self.settings.releases)]

    def why(self) -> str:
        """What the steps that failed said."""
        errors = [event.step_failure_data.error for event in self.result.get_step_failure_events()]
        return " ".join(str(error) for error in errors)


@pytest.fixture
def graph(candidate, required, tmp_path, monkeypatch):
    """A graph on a candidate that passes."""
    monkeypatch.setattr(gate_assets, "published_keys", lambda manifest: [])
    for module in (gate_assets, release_assets):
        monkeypatch.setattr(module, "run_candidate", lambda *_: candidate)
    plan = Plan(MONTH, dt.date(2026, 1, 31), {"as_of": "2026-01-31", "release_month": MONTH})
    monkeypatch.setattr(gate_assets, "plan_from_home", lambda *_: plan)
    monkeypatch.setitem(gate.judge.__kwdefaults__, "required_file", required)
    monkeypatch.setitem(publish.publish.__kwdefaults__, "required_file", required)
    (candidate.folder / "raw_checks.json").write_text(
        json.dumps([check.as_record() for check in synthetic.RAW_CHECKS]), encoding="utf-8"
    )
    candidate.report.unlink()
    made = Graph(Settings(home=tmp_path / "home"), candidate)
    yield made
    if made.settings.releases.exists():
        make_removable(made.settings.releases)


@pytest.fixture
def broken(graph, tables):
    """The same graph on a candidate whose mixes do not sum to one."""
    import duckdb

    with duckdb.connect(str(graph.candidate.database)) as connection:
        connection.execute("update marts.electricity_mix set share = share * 0.9")
    return graph


def test_the_whole_graph_publishes_a_good_candidate(graph) -> None:
    assert graph.run() == ["2019.03.0"], graph.why()
    assert verify_all(graph.settings.releases) == []
    manifest = canonical_json.load(graph.settings.releases / "2019.03.0" / "manifest.json")
    assert manifest["parameters"] == {"as_of": "2026-01-31", "release_month": MONTH}


@pytest.mark.usefixtures("way_around_the_gate")
def test_selecting_the_release_alone(graph) -> None:
    assert graph.run([RELEASE]) == []
    assert "has not passed in this run" in graph.why()


@pytest.mark.usefixtures("way_around_the_gate")
def test_selecting_the_release_alone_after_a_run_that_passed(graph) -> None:
    assert graph.run([TABLES, REPORT]) == []
    assert graph.result.success
    assert graph.run([RELEASE]) == []
    assert "has not passed in this run" in graph.why()


@pytest.mark.usefixtures("way_around_the_gate")
def test_selecting_export_and_release_without_the_gate(graph) -> None:
    assert graph.run([TABLES, RELEASE]) == []
    assert "has not passed in this run" in graph.why()


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_selection_without_checks(broken) -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="no_checks"):
        broken.run(job="no_checks")
    assert list_releases(broken.settings.releases) == [], "report and check cannot be parted"


@pytest.mark.usefixtures("way_around_the_gate")
@pytest.mark.parametrize("passed", [None, True])
def test_a_gate_check_lowered_to_warn(broken, monkeypatch, passed) -> None:
    real = dg.AssetCheckResult

    def lowered(**given):
        told = {} if passed is None else {"passed": passed}
        return real(**{**given, "severity": dg.AssetCheckSeverity.WARN, **told})

    monkeypatch.setattr(dg, "AssetCheckResult", lowered)
    assert broken.run() == []
    word = "mix_sums_to_one failed" if passed else "has not passed in this run"
    assert word in broken.why(), "the release ran, and refused by itself"


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_second_run_after_a_failed_one(broken) -> None:
    assert broken.run() == []
    assert broken.run([RELEASE]) == []
    assert broken.run() == []


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_failed_run_taken_up_again_from_its_failure(broken) -> None:
    assert broken.run([TABLES, REPORT]) == []
    report = json.loads(broken.candidate.report.read_text(encoding="utf-8"))
    report.update(verdict="passed", sentences=[], data_failures=[])
    broken.candidate.report.write_bytes(canonical_json.dumps(report))
    assert broken.run([RELEASE]) == []
    assert "has not passed in this run" in broken.why()


@pytest.mark.usefixtures("way_around_the_gate")
def test_the_instance_s_history_wiped_between_gate_and_release(graph) -> None:
    assert graph.run([TABLES, REPORT]) == []
    assert graph.run([RELEASE], instance=dg.DagsterInstance.ephemeral()) == []
    assert "has not passed in this run" in graph.why()


@pytest.mark.usefixtures("way_around_the_gate")
@pytest.mark.parametrize("way", ["flip_raw", "delete", "edit"])
def test_a_report_touched_between_gate_and_release_of_one_run(graph, monkeypatch, way) -> None:
    proven = release_assets.require_passing_gate

    def touched(context, candidate):
        content = json.loads(candidate.report.read_text(encoding="utf-8"))
        if way == "flip_raw":
            content["checks"][0]["observed"] = "as if nothing had been wrong"
        else:
            content["release_month"] = "2019-02"
        candidate.report.write_bytes(canonical_json.dumps(content))
        if way == "delete":
            candidate.report.unlink()
        proven(context, candidate)

    monkeypatch.setattr(release_assets, "require_passing_gate", touched)
    assert graph.run() == []
    assert "is not the one that the gate of this run wrote" in graph.why()


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_file_touched_between_gate_and_release_of_one_run(graph, monkeypatch) -> None:
    proven = release_assets.require_passing_gate

    def touched(context, candidate):
        proven(context, candidate)
        path = candidate.tables / "gwp.parquet"
        pl.read_parquet(path).write_parquet(path)

    monkeypatch.setattr(release_assets, "require_passing_gate", touched)
    assert graph.run() == []
    assert "was changed after the gate judged it" in graph.why()


@pytest.mark.usefixtures("way_around_the_gate")
def test_raw_results_lost_on_the_way_to_the_gate(graph) -> None:
    (graph.candidate.folder / "raw_checks.json").write_text("[]", encoding="utf-8")
    assert graph.run() == [], "an empty home has no raw table to judge either"
    assert not graph.result.success


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_candidate_that_waits_for_a_second_person(graph, keys, tmp_path) -> None:
    public = tmp_path / "second.pub"
    public.write_bytes(keys["second"].public.as_pem())
    graph.settings = Settings(home=graph.settings.home, require_approval=True, approvers=[public])
    assert graph.run() == []
    assert "waits for a second person" in graph.why()
