"""The measured tasks and their floors.

Belongs here: one function for each measurement. Does not belong here: printing (`__main__`).

Floors: for ingest, reading the same cells with Polars (and the Excel reader beneath it) and nothing
else; for the solver, one dense linear solve a month of the size of its equations; for the release,
the sum of its own stages, so that the ratio shows what starting costs.
"""

import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from benchmarks.timing import Measurement, best_of
from dbt_project.methods.interchange import estimate
from ingestion.ingest import ingest
from orchestration.run import Outcome, run_release
from orchestration.settings import Settings


def read_barely(data: Path) -> int:
    """Read every CSV and XLSX file under a folder as text and no more; return the cells."""
    cells = 0
    for file in sorted(data.rglob("*")):
        if file.suffix == ".csv":
            content = file.read_bytes()
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = content.decode("gb18030")
            frame = pl.read_csv(
                text.encode(), has_header=False, infer_schema=False, truncate_ragged_lines=True
            )
        elif file.suffix == ".xlsx":
            frame = pl.read_excel(file, has_header=False, infer_schema_length=0)
        else:
            continue
        cells += frame.width * frame.height
    return cells


def measure_ingest(data: Path) -> list[Measurement]:
    """Measure taking the worked example in, into an empty home and again into a filled one."""
    floor = best_of(3, lambda: read_barely(data))
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        cold = best_of(1, lambda: ingest(data, home))
        again = best_of(3, lambda: ingest(data, home))
    bare = "bare read of the same files"
    return [
        Measurement("ingest, empty home", cold, floor, bare),
        Measurement("ingest, nothing new", again, floor, bare),
    ]


def measure_release(data: Path, home: Path, month: str) -> tuple[Outcome, list[Measurement]]:
    """Measure a release into an empty home, whole; its stage times are in the outcome."""
    settings = Settings(home=home, data=data)
    begun = time.perf_counter()
    outcome = run_release(settings, month)
    seconds = time.perf_counter() - begun
    stages = sum(outcome.seconds.values())
    return outcome, [Measurement(f"release of {month}", seconds, stages, "its stages")]


def measure_solver(candidate: Path) -> list[Measurement]:
    """Measure the interchange estimate of all months on the inputs of a built candidate."""
    with duckdb.connect(str(candidate / "candidate.duckdb"), read_only=True) as database:
        balance = database.sql("from intermediate.int_interchange_balance").pl()
        corridors = database.sql("from staging.stg_transmission_corridor").pl()
        constraints = database.sql("from intermediate.int_transfer_constraint").pl()
        parts = database.sql("from intermediate.int_transfer_part").pl()
    months = balance["period_month"].n_unique()
    size = balance["region_code"].n_unique() + corridors.height
    matrix = np.eye(size) + np.full((size, size), 1.0 / size)
    right = np.ones(size)

    def solve_barely() -> None:
        for _ in range(months):
            np.linalg.solve(matrix, right)

    seconds = best_of(3, lambda: estimate(balance, corridors, constraints, parts))
    floor = best_of(3, solve_barely)
    what = f"interchange, {months} months"
    return [Measurement(what, seconds, floor, f"{months} dense solves of {size} unknowns")]
