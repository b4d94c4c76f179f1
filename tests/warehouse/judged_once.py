"""Equal rows under equal rules get one judgement a session: most candidates here are copies of one.

Belongs here: remembering what the judge said of a frame, byte for byte. Does not belong here: what
it says (`expectations`), and publishing without proof (`proof_put_aside`).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import polars as pl
import pyarrow as pa

from expectations.check_result import CheckResult

Judge = Callable[..., list[CheckResult]]


def judged_once(judge: Judge) -> Judge:
    """Ask the judge only of what it has not been asked yet: rows, rules, types and key."""
    known: dict[tuple[str, str], list[CheckResult]] = {}

    def judged(name: str, frame: pl.DataFrame | pa.Table, *rules: Any, **asked: Any):
        question = (_digest(frame), repr((name, rules, sorted(asked.items()))))
        if question not in known:
            known[question] = judge(name, frame, *rules, **asked)
        return list(known[question])

    return judged


def _digest(frame: pl.DataFrame | pa.Table) -> str:
    table = frame.to_arrow() if isinstance(frame, pl.DataFrame) else frame
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return hashlib.sha256(stream.getbuffer()).hexdigest()
