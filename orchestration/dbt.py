"""dbt as this project runs it: where its manifest is kept, its environment, its resource.

Belongs here: what Dagster and the commands need to start dbt. Does not belong here: models
(`dbt_project`) and the asset that runs them (`orchestration.assets.transform`).

dbt always runs in a process of its own: in ours it would hold the lock of the candidate database.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml

from orchestration.code_version import tree_hash
from orchestration.settings import DBT_PROJECT, PROJECT_ROOT


class DbtFailed(RuntimeError):
    """dbt ended with an error; the message carries its last lines."""


Parameter = bool | int | float | str

#: What a replay asks dbt for: no month and no day is left out when the project is compiled.
EVERYTHING: Mapping[str, Parameter] = {"release_month": "2099-12", "as_of": "2099-12-31"}

#: Parameters that change no value of a vintage: which are made, and how intervals are sampled.
NO_VINTAGE = frozenset({*EVERYTHING, "vintage_step", "draws", "seed"})


def executable() -> str:
    """Return dbt's executable, the one beside the running Python."""
    beside = Path(sys.executable).parent / "dbt"
    return str(beside) if beside.exists() else "dbt"


def environment(
    database: Path | str,
    raw: Path,
    vintages: Path | None = None,
    published: Path | None = None,
) -> Mapping[str, str]:
    """Return the variables that dbt's profile and sources read, telemetry off.

    `vintages`: folder of the replayed tables; without it the models of vintages are empty.
    `published`: folder of the factors published last; without it every version is 1.
    """
    return {
        "PCF_VINTAGES": str(vintages or ""),
        "PCF_PUBLISHED": str(published or ""),
        "PCF_DB": str(database),
        "PCF_RAW": str(raw),
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_NO_PARTIAL_PARSE": "1",
        # Matrix products of Python models: the same digits on one core or many.
        "OPENBLAS_NUM_THREADS": "1",
    }


def project_parameters() -> dict[str, bool | int | float | str]:
    """Return the parameters of the method with their defaults: `vars` of dbt_project.yml."""
    text = (DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["vars"])


@contextmanager
def in_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while and put the old values back."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def manifest(home: Path) -> Path:
    """Return dbt's manifest of the project as it stands, parsing only when a source has changed.

    It is kept at `<home>/dbt/<hash of the project>/manifest.json`.
    Raises `DbtFailed` when the project does not parse.
    """
    version = tree_hash(PROJECT_ROOT, ("dbt_project",))[:16]
    target = home / "dbt" / version
    file = target / "manifest.json"
    if not file.exists():
        parse(target, home / "raw")
    return file


def compiled(folder: Path, raw: Path, parameters: Mapping[str, Parameter]) -> Path:
    """Return the manifest of the project compiled for replays, compiling only when it has changed.

    Every month and every day is asked for: a replay puts its own day in place. It is kept at
    `<folder>/compiled-<hash of project and parameters>/manifest.json`.
    Raises `DbtFailed` when the project does not compile.
    """
    text = json.dumps({**parameters, **EVERYTHING}, sort_keys=True)
    code = tree_hash(PROJECT_ROOT, ("dbt_project",))
    target = folder / f"compiled-{hashlib.sha256(f'{code} {text}'.encode()).hexdigest()[:16]}"
    file = target / "manifest.json"
    if not file.exists():
        half = Path(tempfile.mkdtemp(prefix=".compiling-", dir=_made(folder)))
        try:
            _run("compile", half, raw, "--vars", text)
            with suppress(OSError):  # another run was quicker
                half.rename(target)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return file


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def parse(target: Path, raw: Path) -> None:
    """Run `dbt parse` into a target folder. Raises `DbtFailed` with what dbt said."""
    _run("parse", target, raw)


def _run(command: str, target: Path, raw: Path, *arguments: str) -> None:
    target.mkdir(parents=True, exist_ok=True)
    result = subprocess.run(
        [
            executable(), "--no-use-colors", command,
            "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
            "--target-path", str(target), "--log-path", str(target), *arguments,
        ],
        env={**os.environ, **environment(":memory:", raw)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode != 0:
        said = "\n".join((result.stdout + result.stderr).strip().splitlines()[-12:])
        raise DbtFailed(f"The dbt project does not {command}. dbt said:\n{said}")
