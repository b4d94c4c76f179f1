"""What all tests share: one release, built once for the session, and nothing sent over the wire.

Belongs here: fixtures that tests of several packages use, and the order in which the files of the
suite are handed to its workers. Does not belong here: fixtures of one package.
"""

import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.drills import drill_count, pytest_terminal_summary, way_around_the_gate

__all__ = ["drill_count", "pytest_terminal_summary", "way_around_the_gate"]

# Continuous integration gives the same verdict on the same commit; new examples are sought at home.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("home", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "home")

os.environ.update(
    {
        "DO_NOT_TRACK": "1",
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "GX_ANALYTICS_ENABLED": "false",
    }
)
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
VINTAGES = "CARBON_VINTAGE_STORE"
for name in [name for name in os.environ if name.startswith("CARBON_")]:
    if not (IS_WORKER and name == VINTAGES):
        del os.environ[name]

PROJECT = Path(__file__).resolve().parent.parent
MONTH = "2023-12"

#: Vintages are named by what they rest on, so that the releases of a session share them.
os.environ.setdefault(VINTAGES, tempfile.mkdtemp(prefix="vintages-"))


def pytest_sessionfinish():
    """Remove what this session replayed."""
    if not IS_WORKER:
        shutil.rmtree(os.environ[VINTAGES], ignore_errors=True)


def pytest_collection_modifyitems(items):
    """Put the files into the order that keeps two workers busy until the end.

    First the file that builds the release, then the slow ones that do without it (they fill the
    other worker while it is built), then those that need it, then the quick ones.
    """
    by_file: dict[Path, list[pytest.Item]] = {}
    for item in items:
        by_file.setdefault(item.path, []).append(item)
    needing = {
        path for path, own in by_file.items() if any("built" in one.fixturenames for one in own)
    }
    slow = {
        path
        for path, own in by_file.items()
        if path not in needing and any(one.get_closest_marker("slow") for one in own)
    }
    builder = PROJECT / "tests" / "orchestration" / "test_release.py"
    rank = dict.fromkeys(needing, 2) | dict.fromkeys(slow, 1) | {builder: 0}
    order = sorted(by_file, key=lambda path: rank.get(path, 3))
    items[:] = [item for path in order for item in by_file[path]]


@dataclass(frozen=True)
class Built:
    """A home in which one release was made, and how the run ended."""

    home: Path
    release: Path
    candidate: Path
    outcome: object


@pytest.fixture(scope="session")
def parameters() -> dict[str, int]:
    """Parameters of test releases: they replay few days, so that their history is short."""
    return {"vintage_step": 33}


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Callable[[str, Callable[[Path], Any]], Any]:
    """Make something in a folder once for the session, whichever worker comes first."""

    def make_once(name: str, make: Callable[[Path], Any]) -> Any:
        if not IS_WORKER:
            return make(tmp_path_factory.mktemp(name))
        shared = tmp_path_factory.getbasetemp().parent / name
        with FileLock(f"{shared}.lock"):
            said = shared / "made.pickle"
            if not said.exists():
                shared.mkdir()
                said.write_bytes(pickle.dumps(make(shared)))
            return pickle.loads(said.read_bytes())

    return make_once


@pytest.fixture(scope="session")
def ingested(once) -> tuple[Path, Any]:
    """A home that has taken in the worked example, once for the session, and the summary of it.

    Do not change it.
    """

    def take(folder: Path) -> tuple[Path, Any]:
        from ingestion.ingest import ingest

        return folder / "home", ingest(PROJECT / "data", folder / "home", jobs=2)

    return once("ingested", take)


@pytest.fixture(scope="session")
def built(once, ingested, parameters) -> Built:
    """The release of 2023-12 from the worked example, made once through Dagster. Do not change it.

    Workers share it. A test that changes something takes `copy_of_built`.
    """
    return once("built", lambda folder: _build(folder / "home", ingested[0], parameters))


def _build(home: Path, ingested: Path, parameters: dict[str, int]) -> Built:
    from orchestration.run import run_release
    from orchestration.settings import Settings

    shutil.copytree(ingested, home)
    settings = Settings(home=home, data=PROJECT / "data", parameters=parameters)
    outcome = run_release(settings, MONTH)
    assert outcome.published, "\n".join(outcome.sentences)
    assert outcome.folder is not None
    return Built(home, outcome.folder, outcome.candidate, outcome)


@pytest.fixture
def copy_of_built(built, tmp_path) -> Built:
    """A copy of the built home that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(built.home, home)
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return Built(
        home,
        home / built.release.relative_to(built.home),
        home / built.candidate.relative_to(built.home),
        built.outcome,
    )
