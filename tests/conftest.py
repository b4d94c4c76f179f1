"""What all tests share: one release, built once for the session, and nothing sent over the wire.

Belongs here: fixtures that tests of several packages use. Does not belong here: fixtures of one.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
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
for name in [name for name in os.environ if name.startswith("CARBON_")]:
    del os.environ[name]

PROJECT = Path(__file__).resolve().parent.parent
MONTH = "2023-12"

#: Vintages are named by what they rest on, so that the releases of a session share them.
os.environ["CARBON_VINTAGE_STORE"] = tempfile.mkdtemp(prefix="vintages-")


def pytest_sessionfinish():
    """Remove what this session replayed."""
    shutil.rmtree(os.environ["CARBON_VINTAGE_STORE"], ignore_errors=True)


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
def built(tmp_path_factory, parameters) -> Built:
    """The release of 2023-12 from the worked example, made once through Dagster. Do not change it.

    A test that changes something takes `copy_of_built`.
    """
    from orchestration.run import run_release
    from orchestration.settings import Settings

    home = tmp_path_factory.mktemp("built") / "home"
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
