"""`make bench`: measure and print.

Belongs here: the order of measurements and the table. Does not belong here: measuring.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.client import measure_client
from benchmarks.diff import measure_diff
from benchmarks.hourly import measure_hourly
from benchmarks.life_cycle import measure_life_cycle
from benchmarks.measure import measure_ingest, measure_release, measure_solver
from benchmarks.publish import measure_publish
from benchmarks.sampling import measure_sampling
from benchmarks.survey import measure_survey
from benchmarks.timing import Measurement
from orchestration.settings import load_settings
from orchestration.summary import stage_line


def main() -> int:
    """Measure everything on the worked example, each part told as it ends; return the exit code."""
    console = Console()
    data = load_settings().data
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        console.print(_row("measured", "floor", "seconds", "floor s", "ratio"), style="bold")
        with _part(console, "ingest") as measured:
            measured += measure_ingest(data)
        with _part(console, "a release") as measured:
            outcome, release = measure_release(data, home, "2023-12")
            measured += release
        if not outcome.published:
            console.print("The release was refused:", *outcome.sentences, sep="\n- ")
            return 1
        assert outcome.folder is not None
        console.print(stage_line(outcome), highlight=False)
        with _part(console, "the solver") as measured:
            measured += measure_solver(outcome.candidate)
        with _part(console, "sampling") as measured:
            measured += measure_sampling(outcome.candidate)
        with _part(console, "hourly factors") as measured:
            measured += measure_hourly()
        with _part(console, "the client") as measured:
            measured += measure_client(outcome.folder)
        with _part(console, "a publication") as measured:
            measured += measure_publish()
        with _part(console, "the comparison of releases") as measured:
            compared, left_out = measure_diff()
            measured += compared
        with _part(console, "surveys") as measured:
            measured += measure_survey(10_000)
        with _part(console, "life-cycle scores") as measured:
            scored, growth = measure_life_cycle()
            measured += scored
        for told in (left_out, growth):
            if told:
                console.print(told, highlight=False)
        for folder in (home / "releases").rglob("*"):
            folder.chmod(0o755)
    return 0


@contextmanager
def _part(console: Console, name: str) -> Iterator[list[Measurement]]:
    """Measure one part and print what was measured."""
    measured: list[Measurement] = []
    with console.status(f"Measuring {name} ..."):
        yield measured
    for item in measured:
        numbers = (f"{item.seconds:.3f}", f"{item.floor:.3f}", f"{item.ratio:.3g}")
        console.print(_row(item.what, item.floor_is, *numbers))


def _row(what: str, floor: str, *numbers: str) -> Table:
    """One row of the table, as wide as all others."""
    row = Table.grid(padding=(0, 1), expand=True)
    row.add_column(ratio=5)
    row.add_column(ratio=4)
    for _ in numbers:
        row.add_column(width=9, justify="right")
    row.add_row(what, floor, *numbers)
    return row


if __name__ == "__main__":
    sys.exit(main())
