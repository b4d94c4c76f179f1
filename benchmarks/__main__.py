"""`make bench`: measure and print.

Belongs here: the order of measurements and the table. Does not belong here: measuring.
"""

import sys
import tempfile
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
from orchestration.settings import load_settings
from orchestration.summary import stage_line


def main() -> int:
    """Measure everything on the worked example; return the exit code."""
    console = Console()
    data = load_settings().data
    with tempfile.TemporaryDirectory() as scratch:
        with console.status("Measuring ingest ..."):
            measurements = measure_ingest(data)
        with console.status("Measuring a release ..."):
            outcome, release = measure_release(data, Path(scratch) / "home", "2023-12")
        measurements += release
        if not outcome.published:
            console.print("The release was refused:", *outcome.sentences, sep="\n- ")
            return 1
        with console.status("Measuring the solver ..."):
            measurements += measure_solver(outcome.candidate)
        with console.status("Measuring sampling ..."):
            measurements += measure_sampling(outcome.candidate)
        with console.status("Measuring hourly factors ..."):
            measurements += measure_hourly()
        assert outcome.folder is not None
        with console.status("Measuring the client ..."):
            measurements += measure_client(outcome.folder)
        with console.status("Measuring a publication ..."):
            measurements += measure_publish()
        with console.status("Measuring the comparison of releases ..."):
            compared, left_out = measure_diff()
            measurements += compared
        with console.status("Measuring surveys ..."):
            measurements += measure_survey(10_000)
        with console.status("Measuring life-cycle scores ..."):
            scored, growth = measure_life_cycle()
            measurements += scored
        table = Table(box=None, pad_edge=False)
        for column in ("measured", "floor"):
            table.add_column(column)
        for column in ("seconds", "floor s", "ratio"):
            table.add_column(column, justify="right")
        for item in measurements:
            table.add_row(
                item.what,
                item.floor_is,
                f"{item.seconds:.3f}",
                f"{item.floor:.3f}",
                f"{item.ratio:.1f}",
            )
        console.print(table)
        console.print(stage_line(outcome), highlight=False)
        for told in (left_out, growth):
            if told:
                console.print(told, highlight=False)
        for folder in (Path(scratch) / "home" / "releases").rglob("*"):
            folder.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main())
