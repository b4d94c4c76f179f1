"""Factors as known on a day, derived anew from the receipts of a home.

Belongs here: from settings and a day to the vintage, and its table on the screen and on disk. Does
not belong here: the replay (`dbt_project.vintages`), and histories of a release (`warehouse`).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.table import Table

from orchestration.dbt import project_parameters
from orchestration.plan import checked
from orchestration.settings import Settings
from orchestration.vintages import vintage_store

Progress = Callable[[int, int, str], None]

SHOWN = {
    "generation_average.none": "generation",
    "supply_average.generation": "supply (gen.)",
    "supply_average.network": "supply (net.)",
    "consumption_mix.network": "consumption",
    "fossil_power.none": "fossil",
    "life_cycle_consumption.network": "life cycle",
}
"""Columns of the table on the screen: kind and import basis, and their headings."""


class NothingKnown(LookupError):
    """Nothing, or not enough, was known on the day; the message says what to ask for instead."""

    exit_code = 2


class NotWritten(ValueError):
    """The table cannot be written under that name; the message says which names can."""

    exit_code = 2


@dataclass(frozen=True)
class Known:
    """What was known on a day.

    Attributes:
        day: the day asked for; `newest` the day of the newest file known on it.
        factors: `factor_id` and the columns of `Vintage.values`, ordered by id.
        hindsight: receipts published later that are used although they are: the first publication
            of a parameter of the method stands in for the time before it.
    """

    day: dt.date
    newest: dt.date
    factors: pl.DataFrame
    hindsight: list[str]

    @property
    def months(self) -> list[str]:
        """The months there are, in order."""
        months = self.factors.filter(pl.col("resolution") == "month")["period_start"]
        return [f"{month:%Y-%m}" for month in months.unique().sort()]

    def of(self, period: str) -> pl.DataFrame:
        """Return the factors of a period (YYYY-MM or YYYY); raises `NothingKnown` if none."""
        found = self.factors.filter(pl.col("factor_id").str.ends_with(f".{period}"))
        if found.is_empty():
            raise NothingKnown(
                f"On {self.day} there was no factor of {period} yet; there were months "
                f"{self.months[0]} to {self.months[-1]} and their years."
            )
        return found


def known_on(settings: Settings, day: dt.date, progress: Progress | None = None) -> Known:
    """Derive the factors from what was known on a day.

    The vintage is kept, so that asking again is quick; a day on which nothing new became known has
    the vintage of the day before.
    Raises `NothingKnown` when no file, or no complete year of statistics, was known by then.
    """
    from dbt_project.vintages.days import Knowledge
    from dbt_project.vintages.naming import factor_id
    from dbt_project.vintages.replay import AsOf
    from dbt_project.vintages.store import make

    if not list((settings.home / "raw").glob("*/*.parquet")):
        raise NothingKnown(
            f"No file has been taken in under {settings.home} yet: carbon-warehouse ingest"
        )
    defaults = project_parameters()
    store = vintage_store(settings, {**defaults, **checked(settings.parameters, defaults)})
    knowledge = Knowledge(store.derivation.raw, store.raw)
    dates = knowledge.items["known_at"].unique().sort().to_list()
    seen = [date for date in dates if date <= day]
    if not seen:
        raise NothingKnown(
            f"Nothing was known on {day}: the earliest file was published on {dates[0]}."
        )
    state = AsOf.day(day)
    key = store.key(knowledge, state)
    make(store, {key: state}, progress=progress)
    vintage = store.read(key)
    if vintage.is_empty:
        raise NothingKnown(
            f"On {day} no year of statistics was complete yet, so that no factor could be "
            "derived. Ask for a later day."
        )
    factors = vintage.values.with_columns(factor_id()).sort("factor_id")
    return Known(
        day,
        seen[-1],
        factors.select("factor_id", pl.exclude("factor_id")),
        knowledge.hindsight(day),
    )


def table(factors: pl.DataFrame, names: Mapping[str, str]) -> Table:
    """Return the factors of one period as a table: a line for each area, a column for each kind.

    `names` of the areas by code.
    """
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column("area", no_wrap=True)
    drawn.add_column("", no_wrap=True, max_width=24)
    drawn.add_column("maturity", no_wrap=True)
    for heading in SHOWN.values():
        drawn.add_column(heading, justify="right", min_width=6)
    wide = (
        factors.with_columns(
            (pl.col("factor_kind") + "." + pl.col("import_factor_basis")).alias("column"),
            pl.col("value").cast(pl.Float64),
        )
        .pivot("column", index=["level", "area_code", "maturity"], values="value")
        .sort(pl.col("level") != "nation", pl.col("level"), "area_code")
    )
    for row in wide.to_dicts():
        drawn.add_row(
            row["area_code"],
            names.get(row["area_code"], ""),
            row["maturity"],
            *(f"{row[name]:.4f}" if row.get(name) is not None else "" for name in SHOWN),
        )
    return drawn


def area_names(settings: Settings) -> dict[str, str]:
    """Return the names of the areas by code, English and Chinese, from the raw tables of a home."""
    regions = pl.read_parquet(settings.home / "raw" / "region" / "*.parquet")
    return {
        row["region_code"]: f"{row['name_en']} {row['name_zh']}"
        for row in regions.sort("known_at").to_dicts()
    }


def write(known: Known, file: Path) -> None:
    """Write all factors of a day to a `.parquet` or `.csv` file.

    Raises `NotWritten` for any other ending, or when the folder is not there.
    """
    if file.suffix not in {".parquet", ".csv"}:
        raise NotWritten(f"{file} must end in .parquet or .csv.")
    if not file.parent.is_dir():
        raise NotWritten(f"The folder {file.parent} does not exist; make it first.")
    frame = known.factors.with_columns(pl.lit(known.day).alias("as_of"))
    if file.suffix == ".parquet":
        frame.write_parquet(file)
    else:
        frame.write_csv(file)
