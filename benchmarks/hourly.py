"""The hourly network system: a made-up year and its measurement.

Belongs here: hours of 31 provinces, and the measurement of `hourly_files` against the batched
LAPACK solve of the same systems and against a loop over hours. Does not belong here: the method,
and the loop (`hourly_loop`).
"""

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import polars as pl

from benchmarks.hourly_loop import loop_over_hours
from benchmarks.timing import Measurement, best_of
from dbt_project.methods.hourly import FOSSIL, GASES, TECHNOLOGIES, LifeCycle
from dbt_project.methods.hourly_files import write_hourly_factors

HOURS = 8_760
# The loop is timed on one hour in so many, and its time multiplied.
SAMPLE = 73
REPEATS = 7

PROVINCES = [
    *("110000", "120000", "130000", "140000", "150000", "210000", "220000", "230000"),
    *("310000", "320000", "330000", "340000", "350000", "360000", "370000", "410000"),
    *("420000", "430000", "440000", "450000", "460000", "500000", "510000", "520000"),
    *("530000", "540000", "610000", "620000", "630000", "640000", "650000"),
]
CORRIDORS = 70
CLAIMABLE = ("biomass", "hydro", "wind", "solar")
# Round numbers of the right size, kg CO2e per kWh; the measurement does not depend on them.
LIFE_CYCLE = LifeCycle(
    kg_per_kwh={
        "coal": 0.92, "gas": 0.45, "oil": 0.9, "biomass": 0.04,
        "hydro": 0.014, "nuclear": 0.0065, "wind": 0.032, "solar": 0.052,
    },
    loss=0.045,
    network_kg_per_kwh=0.0046,
)  # fmt: skip


def example_hours(hours: int, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make up hours in which no province consumes less than nothing; return nodes and edges."""
    random = np.random.default_rng(seed)
    count = len(PROVINCES)
    generation = random.gamma(1.5, 400.0, (hours, count, len(TECHNOLOGIES)))
    generation *= random.random((count, len(TECHNOLOGIES))) < 0.8
    generation[..., 0] += 50.0
    total = generation.sum(axis=-1)
    pairs = random.choice(count * (count - 1) // 2, CORRIDORS, replace=False)
    ends = np.array(np.triu_indices(count, 1))[:, np.sort(pairs)]
    # Each corridor changes its direction from hour to hour; none takes more than its part of what
    # the sending end generates.
    forth = random.random((hours, CORRIDORS)) < 0.7
    start, end = np.where(forth, ends[0], ends[1]), np.where(forth, ends[1], ends[0])
    lines = np.bincount(ends.reshape(-1), minlength=count)
    limit = 0.8 * total[np.arange(hours)[:, None], start] / lines[start]
    flow = random.random((hours, CORRIDORS)) * limit
    arrived, left = np.zeros((hours, count)), np.zeros((hours, count))
    rows = np.arange(hours)[:, None]
    np.add.at(arrived, (rows, end), flow)
    np.add.at(left, (rows, start), flow)
    certified = generation * random.uniform(0, 0.3, generation.shape)
    certified *= [technology in CLAIMABLE for technology in TECHNOLOGIES]
    claimed = (total + arrived - left) * random.uniform(0.5, 1.5, (hours, count))
    claimed *= (certified.sum(axis=(1, 2)) / claimed.sum(axis=1))[:, None]
    fossil = generation[..., : len(FOSSIL)]
    emissions = np.stack(
        [
            fossil @ [850.0, 400.0, 750.0],
            fossil @ [0.01, 0.03, 0.02],
            fossil @ [0.013, 0.004, 0.01],
        ],
        axis=-1,
    )
    begin = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
    clock = pl.datetime_range(
        begin, begin + dt.timedelta(hours=hours - 1), interval="1h", eager=True
    )
    nodes = pl.DataFrame(
        {
            "hour": clock.gather(np.repeat(np.arange(hours), count)),
            "area_code": PROVINCES * hours,
            **{f"{t}_mwh": generation[..., k].ravel() for k, t in enumerate(TECHNOLOGIES)},
            **{f"{gas}_kg": emissions[..., k].ravel() for k, gas in enumerate(GASES)},
            "claimed_mwh": claimed.ravel(),
            **{
                f"certified_{t}_mwh": certified[..., k].ravel()
                for k, t in enumerate(TECHNOLOGIES)
                if t in CLAIMABLE
            },
        }
    )
    codes = pl.Series(PROVINCES)
    edges = pl.DataFrame(
        {
            "hour": clock.gather(np.repeat(np.arange(hours), CORRIDORS)),
            "from_area_code": codes.gather(start.ravel()),
            "to_area_code": codes.gather(end.ravel()),
            "energy_mwh": flow.ravel(),
        }
    )
    return nodes, edges


def measure_hourly(hours: int = HOURS) -> list[Measurement]:
    """Measure a year of hourly factors; fail unless the loop over hours gives the same."""
    nodes, edges = example_hours(hours)
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        nodes.write_parquet(home / "nodes.parquet")
        edges.write_parquet(home / "edges.parquet")
        out = home / "factors.parquet"

        def from_file_to_file(**blocks: int) -> None:
            write_hourly_factors(
                home / "nodes.parquet", home / "edges.parquet", out, LIFE_CYCLE, **blocks
            )

        # What is handed to LAPACK in a run of one block: the yardstick solves exactly this.
        solve, handed = np.linalg.solve, []

        def listening(matrix: Any, right: Any) -> Any:
            handed.append((matrix, right))
            return solve(matrix, right)

        with mock.patch.object(np.linalg, "solve", listening):
            from_file_to_file(hours_a_block=hours)
        ((matrix, right),) = handed

        def afresh() -> None:
            out.unlink()
            from_file_to_file()

        # In turns, so that both meet the same moments of a busy machine.
        turns = [
            (best_of(1, afresh), best_of(1, lambda: solve(matrix, right))) for _ in range(REPEATS)
        ]
        seconds, floor = (min(times) for times in zip(*turns, strict=True))
        ours = pl.read_parquet(out)
    some = nodes["hour"].unique().sort().gather_every(SAMPLE)
    own, flows = (frame.filter(pl.col("hour").is_in(some.implode())) for frame in (nodes, edges))
    frames = own.to_pandas(), flows.to_pandas()
    looped = []
    loop = best_of(1, lambda: looped.append(loop_over_hours(*frames, LIFE_CYCLE)))
    demand_same(ours.filter(pl.col("hour").is_in(some.implode())), pl.from_pandas(looped[0]))
    size = f"{hours} h x {len(PROVINCES)} provinces"
    systems = f"LAPACK alone: {hours} systems, {right.shape[-1]} right-hand sides"
    return [
        Measurement(f"hourly factors, {size}, Parquet to Parquet", seconds, floor, systems),
        Measurement(
            f"the same hour by hour in data frames (1 in {SAMPLE}, scaled)",
            loop * hours / some.len(),
            seconds,
            "hourly factors, the line above",
        ),
    ]


def demand_same(ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    """Fail unless both have the same rows, columns and, to 1e-9, numbers."""
    keys = ["hour", "area_code"]
    theirs = theirs.sort(keys).with_columns(pl.col("hour").cast(ours.schema["hour"]))
    assert ours.select(keys).equals(theirs.select(keys))
    assert set(ours.columns) == set(theirs.columns)
    for name in ours.columns[len(keys) :]:
        np.testing.assert_allclose(
            theirs[name].fill_null(np.nan), ours[name].fill_null(np.nan), rtol=1e-9, atol=1e-9,
            err_msg=name,
        )  # fmt: skip
