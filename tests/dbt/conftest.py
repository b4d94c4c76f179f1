"""Builds of the dbt project on the raw tables of the shared release, each in its own database."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.dbt import environment, executable
from orchestration.settings import DBT_PROJECT


@dataclass(frozen=True)
class Derivation:
    """One run of dbt: its database, its artefacts and what it printed."""

    database: Path
    target: Path
    returncode: int
    printed: str

    def rows(self, query: str) -> list[tuple]:
        with duckdb.connect(self.database, read_only=True) as connection:
            return connection.execute(query).fetchall()

    def results(self) -> dict[str, str]:
        """Status of every node that ran, by unique id."""
        text = (self.target / "run_results.json").read_text(encoding="utf-8")
        return {each["unique_id"]: each["status"] for each in json.loads(text)["results"]}

    def nodes(self) -> dict:
        return json.loads((self.target / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def dbt(tmp_path_factory) -> Callable[..., Derivation]:
    """Run one dbt command on a raw folder; `project` may be a changed copy of ours."""

    def run(
        *arguments: str,
        raw: Path,
        parameters: dict | None = None,
        project: Path = DBT_PROJECT,
        database: Path | None = None,
        variables: dict[str, str] | None = None,
    ) -> Derivation:
        folder = tmp_path_factory.mktemp("derivation")
        database = database or folder / "candidate.duckdb"
        target = folder / "target"
        completed = subprocess.run(
            [
                executable(), "--no-use-colors", *arguments,
                "--project-dir", str(project), "--profiles-dir", str(project),
                "--target-path", str(target), "--log-path", str(folder / "logs"),
                "--vars", json.dumps(parameters or {}),
            ],
            env={**os.environ, **environment(database, raw), **(variables or {})},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Derivation(
            database, target, completed.returncode, completed.stdout + completed.stderr
        )

    return run


@pytest.fixture
def raw(built, tmp_path) -> Path:
    """A copy of the raw tables of the shared release that a test may change."""
    copy = tmp_path / "raw"
    shutil.copytree(built.home / "raw", copy)
    for path in [copy, *copy.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)
    return copy
