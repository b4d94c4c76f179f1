"""The version of the code that makes a release, read from the code itself.

Belongs here: one function that hashes what can change a number. Does not belong here: version
control, which an installed copy does not have.
"""

import hashlib
from importlib import metadata
from pathlib import Path

from orchestration.settings import PROJECT_ROOT

_PACKAGES = ("ingestion", "expectations", "dbt_project", "warehouse", "orchestration")
_SUFFIXES = {".py", ".sql", ".yml", ".csv"}
_NOT_CODE = {"target", "logs", "dbt_packages", "__pycache__"}


def sources(folder: Path) -> list[Path]:
    """Return the source files under a package folder, sorted, without build products."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in _SUFFIXES
        and not _NOT_CODE.intersection(path.relative_to(folder).parts)
        and path.is_file()
    )


def tree_hash(root: Path, packages: tuple[str, ...]) -> str:
    """Return the sha256 over the names and bytes of the sources of some packages."""
    digest = hashlib.sha256()
    for package in packages:
        for path in sources(root / package):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def code_version() -> str:
    """Return the distribution's version with a hash of its sources: `0.1.0+src.1a2b3c4d5e6f`."""
    version = metadata.version("provincial-carbon-factors")
    return f"{version}+src.{tree_hash(PROJECT_ROOT, _PACKAGES)[:12]}"
