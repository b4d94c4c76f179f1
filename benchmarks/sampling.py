"""Sampling: how long the draws of one year's factors take, beside their linear systems alone.

Belongs here: the measurement and its floor. Does not belong here: printing (`__main__`).

Floor: LAPACK's batched solution of as many systems of the same sizes, with the same right-hand
sides, and nothing else - no drawing, no flows, no percentiles.
"""

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from benchmarks.timing import Measurement, best_of
from dbt_project.methods.interchange import responses
from dbt_project.methods.sampling import sample_factors
from dbt_project.methods.sampling_frames import SampleFrames

DRAWS = 1_000
# Nodes of the three networks, and what each carries: gases, life cycle, claims, the unit check.
_SYSTEMS = ((32, 7), (31, 4), (7, 4))


def measure_sampling(candidate: Path) -> list[Measurement]:
    """Measure 1,000 draws of the last whole year on the inputs of a built candidate."""
    with duckdb.connect(str(candidate / "candidate.duckdb"), read_only=True) as database:

        def table(name: str, schema: str = "intermediate") -> pl.DataFrame:
            return database.sql(f"from {schema}.{name}").pl()

        frames = SampleFrames(
            generation=table("int_sample_generation"),
            consumption=table("int_sample_consumption"),
            technology=table("int_sample_technology"),
            parameter=table("int_sample_parameter"),
            area=table("int_area"),
            node=table("int_node"),
            grid_region=table("stg_grid_region", "staging"),
            claim=table("int_sample_claim"),
            storage=table("int_sample_storage"),
            period=table("int_period"),
            gwp=table("int_gwp_set"),
        )
        interchange = (
            table("int_interchange_balance"),
            table("stg_transmission_corridor", "staging"),
            table("int_transfer_constraint"),
            table("int_transfer_part"),
        )
    flows = responses(*interchange)
    whole = frames.period.filter(resolution="year")["year"]
    last = frames.period.filter(pl.col("year") == whole.max())
    months = replace(frames, period=last.filter(resolution="month"))
    year = replace(frames, period=last)

    def sample_months() -> None:
        sample_factors(months, flows, draws=DRAWS, seed=1, contributions=False)

    def sample_year() -> None:
        sample_factors(year, flows, draws=DRAWS, seed=1)

    floor_months = best_of(3, lambda: _solve_barely(12))
    floor_year = best_of(3, lambda: _solve_barely(13))
    floor = f"bare LAPACK, {{}} x {DRAWS} x systems of 32, 31 and 7 nodes"
    return [
        Measurement(
            f"{DRAWS} draws, a year's 12 months of all factors",
            best_of(3, sample_months),
            floor_months,
            floor.format(12),
        ),
        Measurement(
            f"{DRAWS} draws, the year and its contributors too",
            best_of(3, sample_year),
            floor_year,
            floor.format(13),
        ),
    ]


def _solve_barely(periods: int) -> None:
    """Solve batches of diagonally dominant systems, period by period."""
    for nodes, carried in _SYSTEMS:
        matrix = np.broadcast_to(np.eye(nodes) * 2.0 - 1.0 / nodes, (DRAWS, nodes, nodes))
        right = np.ones((DRAWS, nodes, carried))
        for _ in range(periods):
            np.linalg.solve(matrix, right)
