"""The graph itself: a stored snapshot of what there is, and the arrows between packages."""

import ast
import os
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT, Settings

SNAPSHOT = Path(__file__).parent / "snapshots" / "graph.txt"

ARROWS = {
    "ingestion": set(),
    "expectations": set(),
    "dbt_project": set(),
    "warehouse": {"expectations"},
    "orchestration": {"ingestion", "expectations", "dbt_project", "warehouse"},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """An empty home."""
    return tmp_path_factory.mktemp("graph")


@pytest.fixture(scope="module")
def definitions(home):
    """The assembled graph on an empty home."""
    from orchestration.definitions import build

    return build(Settings(home=home))


def describe(definitions) -> str:
    """Everything that has a name in the graph, one a line, in order."""
    graph = definitions.resolve_asset_graph()
    lines = [
        f"asset {key.to_user_string()}"
        + (" (partitioned)" if graph.get(key).is_partitioned else "")
        + (" (external)" if graph.get(key).is_external else "")
        for key in graph.get_all_asset_keys()
    ]
    lines += [
        f"check {key.asset_key.to_user_string()}:{key.name}"
        + (" (blocking)" if graph.get(key).blocking else "")
        for key in graph.asset_check_keys
    ]
    lines += [f"job {job.name}" for job in definitions.jobs]
    lines += [
        f"schedule {schedule.name} {schedule.cron_schedule} {schedule.execution_timezone}"
        for schedule in definitions.get_repository_def().schedule_defs
    ]
    lines += [f"sensor {sensor.name}" for sensor in definitions.sensors]
    return "\n".join(sorted(lines)) + "\n"


@pytest.mark.slow
def test_the_graph_is_as_the_snapshot_has_it(definitions):
    found = describe(definitions)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(found)
    expected = set(SNAPSHOT.read_text().splitlines()) if SNAPSHOT.exists() else set()
    now = set(found.splitlines())
    assert now == expected, (
        "The graph has changed.\n"
        f"New: {sorted(now - expected)}\nGone: {sorted(expected - now)}\n"
        "If that is meant, write the snapshot anew: "
        "UPDATE_SNAPSHOTS=1 make test ARGS=tests/orchestration/test_graph.py"
    )


@pytest.mark.slow
def test_every_check_of_severity_error_blocks(definitions, home):
    from orchestration.dbt import manifest
    from warehouse.dbt_artifacts import data_tests, load_manifest

    tests = data_tests(load_manifest(manifest(home).parent))
    warnings = {test.name for test in tests if test.severity == "warning"}
    graph = definitions.resolve_asset_graph()
    loose = {key.name for key in graph.asset_check_keys if not graph.get(key).blocking}
    assert loose == warnings == {"no_plant_answers_twice"}


@pytest.mark.slow
def test_every_dbt_test_is_a_check_of_an_asset(definitions, home):
    """A test over several models without `meta.dagster.ref` would run and block nothing."""
    from orchestration.dbt import manifest
    from warehouse.dbt_artifacts import data_tests, load_manifest

    checks = {key.name for key in definitions.resolve_asset_graph().asset_check_keys}
    tests = {test.name for test in data_tests(load_manifest(manifest(home).parent))}
    singular = {file.stem for file in (PROJECT_ROOT / "dbt_project/tests/singular").glob("*.sql")}
    assert singular <= tests
    assert sorted(tests - checks) == []


@pytest.mark.slow
def test_every_raw_contract_is_an_asset_with_a_boundary_check(definitions):
    from ingestion.contract import all_contracts
    from orchestration.assets.ingest import raw_key
    from orchestration.checks import BOUNDARY_CHECK

    graph = definitions.resolve_asset_graph()
    checked = {key.asset_key for key in graph.asset_check_keys if key.name == BOUNDARY_CHECK}
    assert checked == {raw_key(table) for table in all_contracts()}


def imported(file: Path) -> set[str]:
    """The top-level names that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", sorted(ARROWS))
def test_arrows_between_packages_run_one_way(package):
    for file in (PROJECT_ROOT / package).rglob("*.py"):
        others = imported(file).intersection(ARROWS) - {package} - ARROWS[package]
        assert not others, f"{file.relative_to(PROJECT_ROOT)} imports {sorted(others)}"


@pytest.mark.parametrize("package", sorted(ARROWS))
def test_every_module_opens_with_its_charter(package):
    for file in (PROJECT_ROOT / package).rglob("*.py"):
        if "target" in file.parts or "models" in file.parts:
            continue
        charter = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        name = file.relative_to(PROJECT_ROOT)
        assert len(charter.splitlines()) >= 3, f"{name} does not say what belongs in it"
