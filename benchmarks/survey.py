"""Filled questionnaires: how many a second, and how many times a bare reading of the same files.

Belongs here: making the workbooks, the two readings, memory. Does not belong here: reading itself.
Run alone: `python -m benchmarks.survey [WORKBOOKS] [--keep FOLDER]`; 10,000 is the target's size,
1,000 the default. The floor opens every workbook with calamine and reads every sheet as text, in as
many processes; it guards nothing, types nothing and judges nothing.
"""

import datetime as dt
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.memory import MB, peak_memory
from benchmarks.timing import Measurement
from ingestion.industry import Industry, load_industry
from ingestion.survey.collection import collect
from ingestion.survey.pieces import pieces_of
from ingestion.survey.template import template_bytes
from ingestion.survey.uscc import check_digit

JOBS = 2
READ = "--read"
TARGET = 60.0
_MADE = (
    ("cement", "cement.clinker", "nsp", 1.5e9),
    ("cement", "cement.portland", "ball_mill", 1.2e9),
    ("aluminium", "aluminium.alumina", "bayer", 9.0e8),
    ("aluminium", "aluminium.anode", "prebaked", 2.0e8),
)


@dataclass(frozen=True)
class SurveyRun:
    """What a run measured. Memory in MB: the largest process of each kind."""

    workbooks: int
    accepted: int
    seconds: float
    bare_seconds: float
    own_mb: float
    worker_mb: float

    @property
    def rate(self) -> float:
        """Workbooks a second."""
        return self.workbooks / self.seconds


def measure_survey(workbooks: int = 1_000, folder: Path | None = None) -> list[Measurement]:
    """Measure `workbooks` questionnaires read, typed, judged and put together by two processes."""
    run = run_survey(workbooks, folder)
    what = f"survey, {run.workbooks} workbooks, {run.rate:.0f}/s, {run.worker_mb:.0f} MB a process"
    return [Measurement(what, run.seconds, run.bare_seconds, "bare calamine reading")]


def run_survey(workbooks: int, folder: Path | None = None) -> SurveyRun:
    """Make the workbooks (into `folder`, or a temporary one), read them both ways in a process of
    its own, so that its peak of memory is its own.
    """
    with tempfile.TemporaryDirectory() as scratch:
        place = folder or Path(scratch)
        _make_all(place, workbooks)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.survey", READ, str(place)],
            stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1],
        )  # fmt: skip
    return SurveyRun(**json.loads(done.stdout))


def read_both_ways(folder: Path) -> SurveyRun:
    """Read the workbooks of a folder, ours first; memory is that of this process."""
    pieces = pieces_of([folder])
    begun = time.perf_counter()
    collection = collect(pieces, jobs=JOBS, known_at=dt.date(2025, 3, 1))
    seconds = time.perf_counter() - begun
    states = collection.files["status"].to_list()
    own = peak_memory() / MB
    # No less than what this process held when it started them.
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    begun = time.perf_counter()
    _bare_all([piece.path for piece in pieces])
    bare = time.perf_counter() - begun
    accepted = len(states) - states.count("rejected")
    return SurveyRun(len(pieces), accepted, seconds, bare, own, workers)


def _make_all(folder: Path, workbooks: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    missing = [n for n in range(workbooks) if not (folder / f"{n:05}.xlsx").exists()]
    parts = [missing[start::JOBS] for start in range(JOBS)]
    with _pool() as pool:
        list(pool.map(_make, [folder] * JOBS, parts))


def _make(folder: Path, numbers: Sequence[int]) -> None:
    for number in numbers:
        name, product, technology, output = _MADE[number % len(_MADE)]
        industry = load_industry(name)
        answers = _answers(industry, product, technology, output, number)
        (folder / f"{number:05}.xlsx").write_bytes(template_bytes(industry, answers))


def _answers(
    industry: Industry, product: str, technology: str, output: float, number: int
) -> Mapping[str, Any]:
    """Answers within the industry's ranges; the number of the plant is the seed."""
    random = np.random.default_rng(number)
    output = round(output * random.uniform(0.6, 1.0), 0)
    first = f"91340100MB{number:07d}"
    group = f"91340100MC{number // 3:07d}"
    sheets: dict[str, Any] = {
        "survey_submission": {
            "plant_code": first + check_digit(first), "plant_name": f"基准工厂 {number}",
            "group_code": group + check_digit(group), "group_name": f"基准集团 {number // 3}",
            "region_code": "340000", "product_code": product, "technology": technology,
            "period_start": dt.date(2024, 1, 1), "period_end": dt.date(2024, 12, 31),
            "operating_hours": 7600, "capacity": round(output / 1e7 * 1.1, 3),
            "capacity_unit": "万t/a", "submitter": "基准", "contact": "0",
        },
        "survey_product": [
            {"product_code": product, "role": "main", "output_amount": output / 1000, "unit": "t"}
        ],
        "survey_device": [
            {"device": f"衡器 {n}", "measures": "产量", "calibrated_on": dt.date(2024, 1, 2),
             "valid_until": dt.date(2025, 1, 1), "traceability": "省计量院"} for n in range(3)
        ],
    }  # fmt: skip
    for line in industry.recipe(product, technology).lines:
        ranged = line.per_unit
        share = float(np.clip(ranged.typical * random.lognormal(0, ranged.sigma / 3),
                              ranged.low * 1.02, ranged.high * 0.98))  # fmt: skip
        amount = round(share * output, 3)
        if line.section in ("input", "steam"):
            row = {"product_code": line.item, "amount": amount, "unit": line.unit}
            if line.section == "input":
                row["kind"] = industry.items[line.item].kind
            sheets.setdefault(f"survey_{line.section}", []).append(row)
        elif line.section == "electricity":
            row = {"origin": "grid", "energy_mwh": amount, "unit": "kWh"}
            sheets.setdefault("survey_electricity", []).append(row)
        elif line.section == "emission":
            row = {"gas": line.item, "source": line.source_of, "amount_kg": amount, "unit": "kg",
                   "method": "factor"}  # fmt: skip
            sheets.setdefault("survey_emission", []).append(row)
        elif line.section == "waste":
            row = {"waste_code": line.item, "amount": amount, "unit": line.unit,
                   "treatment": line.treatment}  # fmt: skip
            sheets.setdefault("survey_waste", []).append(row)
        elif line.section == "transport":
            row = {"product_code": line.item, "mode": line.mode, "distance_km": round(share, 1),
                   "amount": 1000, "unit": "t"}  # fmt: skip
            sheets.setdefault("survey_transport", []).append(row)
    return sheets


def _bare_all(paths: Sequence[Path]) -> None:
    size = -(-len(paths) // JOBS)
    parts = [paths[start : start + size] for start in range(0, len(paths), size)]
    with _pool() as pool:
        list(pool.map(_bare, parts))


def _bare(paths: Sequence[Path]) -> int:
    """Cells of all sheets of the workbooks, read as text and thrown away."""
    import fastexcel

    cells = 0
    for path in paths:
        book = fastexcel.read_excel(path.read_bytes())
        for name in book.sheet_names:
            sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            cells += sheet.to_polars().height
    return cells


def _pool() -> ProcessPoolExecutor:
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    return ProcessPoolExecutor(JOBS, multiprocessing.get_context("spawn"))


def main(arguments: Sequence[str]) -> int:
    """Print what a run measured; 1 when it is slower than the target."""
    if READ in arguments:
        print(json.dumps(asdict(read_both_ways(Path(arguments[arguments.index(READ) + 1])))))
        return 0
    keep = Path(arguments[arguments.index("--keep") + 1]) if "--keep" in arguments else None
    counts = [int(each) for each in arguments if each.isdigit()]
    run = run_survey(counts[0] if counts else 1_000, keep)
    print(
        f"{run.workbooks} workbooks, {run.accepted} accepted: {run.seconds:.1f} s, "
        f"{run.rate:.0f}/s (target {TARGET:.0f}/s); bare calamine {run.bare_seconds:.1f} s, ratio "
        f"{run.seconds / run.bare_seconds:.2f}; memory {run.own_mb:.0f} MB here, "
        f"{run.worker_mb:.0f} MB in the largest process of {JOBS}."
    )
    return 0 if run.rate >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
