"""Sensors: what starts a job when something has changed.

Belongs here: watching the folder of incoming files. Does not belong here: reading them.
"""

import hashlib
import json
from pathlib import Path

import dagster as dg

from orchestration.jobs import ingest_job
from orchestration.settings import Settings


def folder_state(folder: Path) -> str:
    """Return a hash over names, sizes and modification times of the files under a folder."""
    lines = sorted(
        f"{path.relative_to(folder).as_posix()}\0{stat.st_size}\0{stat.st_mtime_ns}"
        for path in folder.rglob("*")
        if path.is_file() and (stat := path.stat())
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def next_step(state: str, cursor: str | None) -> tuple[bool, str]:
    """Decide whether to take files in, and return the new cursor.

    Files are taken in once the folder has looked the same twice in a row, so that a copy under way
    is not read half done. The cursor is JSON: {"seen": state, "taken": state}.
    """
    before = json.loads(cursor) if cursor else {"seen": None, "taken": None}
    settled = state == before["seen"] and state != before["taken"]
    after = {"seen": state, "taken": state if settled else before["taken"]}
    return settled, json.dumps(after, sort_keys=True)


@dg.sensor(
    name="new_files",
    job=ingest_job,
    minimum_interval_seconds=60,
    description="Takes files in when the incoming folder has changed and come to rest.",
)
def new_files(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.SensorResult | dg.SkipReason:
    """Request one run for each settled state of the incoming folder."""
    if not settings.data.is_dir():
        return dg.SkipReason(f"The folder of incoming files, {settings.data}, does not exist.")
    state = folder_state(settings.data)
    settled, cursor = next_step(state, context.cursor)
    requests = [dg.RunRequest(run_key=state)] if settled else []
    return dg.SensorResult(run_requests=requests, cursor=cursor)
