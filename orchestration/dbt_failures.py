"""What a failed run of dbt has to say: a sentence for each failed node, with the first rows found.

Belongs here: reading dbt's own record of a run, and what a failed test found in the candidate's
database. Does not belong here: running dbt (`orchestration.assets.transform`), waivers, the gate.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.failures import own_sentence

_EXAMPLES = 3
_LONGEST = 300


@dataclass(frozen=True)
class FailedNode:
    """A dbt node that did not end well, and what dbt said of it."""

    name: str
    sentence: str


def failed_nodes(candidate: Path) -> list[FailedNode]:
    """Return the dbt nodes that failed in a run, from dbt's own `run_results.json`.

    A test that found rows shows the first of them, from the candidate's database. Nodes skipped
    because of others are left out. No record means that dbt did not get so far: [].
    """
    run_results = candidate / "target" / "run_results.json"
    if not run_results.exists():
        return []
    nodes = []
    for result in json.loads(run_results.read_text(encoding="utf-8"))["results"]:
        if result["status"] not in {"fail", "error", "runtime error"}:
            continue
        kind, _, name = result["unique_id"].split(".", 2)
        what = {"test": "dbt test", "model": "dbt model"}.get(kind, f"dbt {kind}")
        said = f"{what} '{name}' failed: {_said(result.get('message') or '')}"
        if result["status"] == "fail":
            said += _examples(candidate / "candidate.duckdb", result)
        nodes.append(FailedNode(name.split(".")[0], said))
    return nodes


def _said(message: str) -> str:
    """Return what an error says: of a trace its last line alone, the log has the rest."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if not any(line.startswith("Traceback") for line in lines):
        return " ".join(lines)
    return own_sentence(lines[-1]) or lines[-1]


def _examples(database: Path, result: Mapping[str, Any]) -> str:
    """Return the first rows that a failed test found; nothing where they cannot be read."""
    import duckdb

    query = (result.get("compiled_code") or "").strip().rstrip(";")
    if not query or not database.exists():
        return ""
    try:
        with duckdb.connect(database, read_only=True) as connection:
            found = connection.execute(
                f"select * from (\n{query}\n) order by all limit {_EXAMPLES}"  # noqa: S608
            )
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    except duckdb.Error:
        return ""
    return "".join(f"\n  {_row(row)}" for row in rows)


def _row(row: Mapping[str, Any]) -> str:
    """Return a row as its own sentence, or as what is in its columns."""
    text = row.get("sentence_en") or ", ".join(
        f"{name} {value}" for name, value in row.items() if value not in (None, "")
    )
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
