"""What vintages tell together: since when each value stood, and by how much each revision moved it.

Belongs here: from vintages in order to the tables `history` and `revision`. Does not belong here:
making vintages (`store`), and splitting a change by cause (`attribution`).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from dbt_project.vintages.attribution import CAUSES, split_data
from dbt_project.vintages.days import Knowledge
from dbt_project.vintages.replay import KEY, AsOf, Vintage
from dbt_project.vintages.store import Progress, Store, make

_VALUE = pl.Decimal(18, 12)


def states(days: Sequence[dt.date]) -> list[list[AsOf]]:
    """Return, for each day, the states from the day before to it: one layer new after another.

    Corrections first, then statistics, then parameters. The first day has one state.
    """
    steps = [[AsOf.day(day)] for day in days[:1]]
    for before, day in itertools.pairwise(days):
        steps.append([AsOf(before, before, day), AsOf(day, before, day), AsOf.day(day)])
    return steps


def every(days: Sequence[dt.date], step: int) -> list[dt.date]:
    """Return every so many-th day from the first, and the last.

    Counted from the first, so that a day on which something new arrives moves none before it. A
    value that became known between two of them is told as known from the second.
    Raises `ValueError` when the step is below 1.
    """
    if step < 1:
        raise ValueError(f"Parameter 'vintage_step' is {step}; it must be 1 or more.")
    kept = list(days[::step])
    return kept if not days or kept[-1] == days[-1] else [*kept, days[-1]]


def build(
    store: Store,
    as_of: dt.date,
    *,
    step: int = 1,
    workers: int = 2,
    progress: Progress | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make all vintages up to a day and return the tables `history` and `revision`.

    Days are those on which something new became known, from the first that can be derived; with a
    `step` above 1 every so many-th of them (`every`).
    Raises `ReplayFailed` when one cannot be carried out.
    """
    knowledge = Knowledge(store.derivation.raw, store.raw)
    steps = states(every(knowledge.days(as_of), step))
    keys = [[store.key(knowledge, state) for state in step] for step in steps]
    wanted = {
        key: state
        for step, step_keys in zip(steps, keys, strict=True)
        for key, state in zip(step_keys, step, strict=True)
    }
    make(store, wanted, workers=workers, progress=progress)
    return _told(store, [step[-1].statistics for step in steps], keys)


def _told(
    store: Store, days: list[dt.date], keys: list[list[str]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows: list[pl.DataFrame] = []
    revisions: list[pl.DataFrame] = []
    index: list[dt.date] = []
    for day, found in _vintages(store, days, keys):
        if found[-1].is_empty:
            continue
        rows.append(
            found[-1].values.with_columns(pl.lit(len(index), dtype=pl.Int32).alias("vintage"))
        )
        if index:
            revisions.append(revision(found, day))
        index.append(day)
    if not rows:
        return history(pl.DataFrame(), []), pl.DataFrame(schema=_revision_schema())
    return (
        history(pl.concat(rows), index),
        pl.concat([pl.DataFrame(schema=_revision_schema()), *revisions]).sort(*KEY, "known_on"),
    )


def _vintages(
    store: Store, days: list[dt.date], keys: list[list[str]]
) -> Iterator[tuple[dt.date, list[Vintage]]]:
    """Yield each day with the vintages from the state before to it."""
    held: dict[str, Vintage] = {}
    before: str | None = None
    for day, step in zip(days, keys, strict=True):
        wanted = [*([before] if before else []), *step]
        held = {key: held[key] if key in held else store.read(key) for key in dict.fromkeys(wanted)}
        yield day, [held[key] for key in wanted]
        before = step[-1]


def history(values: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """Return since when, and until when, each value stood.

    Args:
        values: of all vintages: `KEY`, `maturity`, `value`, and `vintage`, a position in `days`.
        days: the day of each vintage, in order.

    Returns:
        `KEY`, `known_on`, `value`, `maturity`, `superseded_on` (null while it stands): a row for
        each stretch of vintages in which value and maturity stayed the same; sorted.
    """
    calendar = pl.DataFrame(
        {"vintage": range(len(days)), "day": days},
        schema={"vintage": pl.Int32, "day": pl.Date},
    )
    if values.is_empty():
        return pl.DataFrame(schema=_history_schema())
    ordered = values.sort(*KEY, "vintage")
    same = pl.all_horizontal(
        *(pl.col(name) == pl.col(name).shift() for name in KEY),
        pl.col("maturity") == pl.col("maturity").shift(),
        pl.col("value") == pl.col("value").shift(),
        pl.col("vintage") == pl.col("vintage").shift() + 1,
    ).fill_null(value=False)
    stretches = (
        ordered.with_columns((~same).cum_sum().alias("stretch"))
        .group_by("stretch", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in [*KEY, "maturity", "value"]),
            pl.col("vintage").first().alias("from"),
            (pl.col("vintage").last() + 1).alias("until"),
        )
    )
    return (
        stretches.join(
            calendar.rename({"vintage": "from", "day": "known_on"}), on="from", how="left"
        )
        .join(calendar.rename({"vintage": "until", "day": "superseded_on"}), on="until", how="left")
        .select(*_history_schema())
        .sort(*KEY, "known_on")
    )


def revision(found: Sequence[Vintage], day: dt.date) -> pl.DataFrame:
    """Return what moved between two vintages, and why.

    Args:
        found: the vintage before, then with corrections new, then statistics, then all.
        day: on which the last was known.

    Returns:
        `KEY`, `known_on`, `previous_value`, `value`, and the parts of `CAUSES`, whose sum is the
        change to the last digit; only values that stood before and moved.
    """
    before, corrected, informed, after = found
    frame = after.values.drop("maturity")
    for name, vintage in (
        ("previous_value", before), ("corrected", corrected), ("informed", informed)
    ):  # fmt: skip
        frame = frame.join(
            vintage.values.select(*KEY, pl.col("value").alias(name)), on=KEY, how="left",
            nulls_equal=True,
        )  # fmt: skip
    moved = frame.filter(pl.col("previous_value").is_not_null()).filter(
        pl.any_horizontal(
            *(
                pl.col("previous_value") != pl.col(name).fill_null(pl.col("previous_value"))
                for name in ("corrected", "informed", "value")
            )
        )
    )
    moved = moved.with_columns(
        pl.col("corrected").fill_null(pl.col("previous_value")),
    ).with_columns(pl.col("informed").fill_null(pl.col("corrected")))
    if informed is corrected:
        split = moved.with_columns(pl.lit(0).cast(_VALUE).alias("own"))
    else:
        split = split_data(moved, corrected, informed)
    return (
        split.filter(pl.col("value") != pl.col("previous_value"))
        .with_columns(
            pl.lit(day).alias("known_on"),
            pl.col("own").alias("by_data"),
            (pl.col("informed") - pl.col("corrected") - pl.col("own")).alias("by_upstream"),
            (pl.col("value") - pl.col("informed")).alias("by_method"),
            (pl.col("corrected") - pl.col("previous_value")).alias("by_correction"),
        )
        .select(pl.col(name).cast(kind) for name, kind in _revision_schema().items())
    )


def write(folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    """Write tables where dbt's source `vintage` looks for them: one folder a table."""
    for name, frame in tables.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        frame.write_parquet(folder / name / "all.parquet", compression="zstd")


def _key_schema() -> dict[str, pl.DataType | type[pl.DataType]]:
    return {
        name: pl.Int32 if name == "year" else pl.Date if name.startswith("period")
        else pl.Boolean if name.startswith("includes") else pl.String
        for name in KEY
    }  # fmt: skip


def _history_schema() -> dict[str, pl.DataType | type[pl.DataType]]:
    return {
        **_key_schema(), "known_on": pl.Date, "value": _VALUE, "maturity": pl.String,
        "superseded_on": pl.Date,
    }  # fmt: skip


def _revision_schema() -> dict[str, pl.DataType | type[pl.DataType]]:
    return {
        **_key_schema(), "known_on": pl.Date, "previous_value": _VALUE, "value": _VALUE,
        **dict.fromkeys(CAUSES, _VALUE),
    }  # fmt: skip
