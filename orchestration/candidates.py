"""Candidate folders: one for each run, kept as evidence for a while.

Belongs here: naming a run's folder and removing old ones. Does not belong here: what lies in a
candidate (`warehouse.candidate`).
"""

import shutil
from pathlib import Path

RAW_CHECKS = "raw_checks.json"
VINTAGES = "vintages"
PUBLISHED = "published"


def candidate_folder(candidates: Path, month: str, run_id: str) -> Path:
    """Return the folder of a run: the release month and the first part of the run's id."""
    return candidates / f"{month}-{run_id.split('-')[0]}"


def prune(candidates: Path, keep: int) -> list[Path]:
    """Remove all but the `keep` newest candidate folders; return those removed, oldest first."""
    if not candidates.is_dir():
        return []
    folders = sorted(
        (path for path in candidates.iterdir() if path.is_dir()),
        key=lambda path: (path.stat().st_mtime_ns, path.name),
    )
    old = folders[:-keep]
    for folder in old:
        shutil.rmtree(folder)
    return old
