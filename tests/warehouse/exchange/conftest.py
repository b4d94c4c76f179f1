"""One small release in all exchange formats a session, and the consumers that read it.

Consumers run in processes of their own: Brightway makes a projects folder on import, and TIDAS
writes its log where it stands. Both get a folder of the tests.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.warehouse.exchange import background_release as releases
from warehouse.exchange import write_exchange
from warehouse.manifest import FileEntry

HERE = Path(__file__).parent
SCHEMAS = HERE.parents[2] / ".venv-pyeilcd"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[FileEntry]]:
    """The small release with its archives and what the writer said of them. Never change it."""
    folder = releases.write(tmp_path_factory.mktemp("exchange"), releases.small())
    return folder, write_exchange(folder, releases.FACTS, None)


@pytest.fixture(scope="session")
def small(written: tuple[Path, list[FileEntry]]) -> Path:
    """The small release with its archives. Never change it: copy it."""
    return written[0]


@pytest.fixture
def mine(small: Path, tmp_path: Path) -> Path:
    """The small release, the test's own."""
    return Path(shutil.copytree(small, tmp_path / "mine"))


@pytest.fixture(scope="session")
def consume(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a consumer with the interpreter of the tests, each in a folder and home of its own."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        home = tmp_path_factory.mktemp("home")
        (home / "brightway").mkdir()
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "PYTHONUTF8": "1", "DO_NOT_TRACK": "1",
            "BRIGHTWAY2_DIR": str(home / "brightway"),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, *(str(each) for each in arguments)],
            cwd=home, env=environment, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        left = {path.name for path in home.iterdir()} - {"brightway"}
        assert not [each for each in left if "rightway" in each], "Brightway left its folder"
        return done

    return run


@pytest.fixture(scope="session")
def unpacked(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The openLCA and ILCD packages of the small release, unpacked. Never change them."""
    folder = tmp_path_factory.mktemp("unpacked")
    for name in ("openlca", "ilcd"):
        with zipfile.ZipFile(small / f"exports/{name}/background.zip") as archive:
            archive.extractall(folder / name)
    return folder


@pytest.fixture(scope="session")
def matrices(small: Path, consume: Run, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What bw2calc makes of the Brightway packages."""
    return read_matrices(small, consume, tmp_path_factory.mktemp("matrices") / "found.json")


def read_matrices(release: Path, consume: Run, output: Path, draws: int = 0) -> dict:
    """Have bw2calc read the packages of a release."""
    script = HERE / "consumers" / "brightway_matrices.py"
    done = consume(script, release / "exports/brightway", output, draws)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(output.read_text()))


@pytest.fixture(scope="session")
def schemas() -> Path:
    """The eILCD schemas of pyeilcd, fetched once by hash."""
    lock = HERE / "pyeilcd.lock"
    stamp, wanted = SCHEMAS / "installed", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        shutil.rmtree(SCHEMAS, ignore_errors=True)
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet",
             "--no-deps", "--require-hashes", "--target", SCHEMAS, "--requirement", lock],
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"pyeilcd cannot be fetched: {done.stderr}"
        stamp.write_text(wanted)
    return SCHEMAS / "pyeilcd" / "schemas"
