"""The history of one factor in a release: what stood when, why it moved, what had arrived.

Belongs here: reading `factor_history`, `factor_revision` and `input_file` of a release for one
factor. Nothing but the release is read. Does not belong here: replaying what was known
(`dbt_project.vintages`), words and tables on a screen (`history_drawing`), and commands.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl

from warehouse.candidate import Candidate
from warehouse.releases import ReleaseError, read_release

CAUSES = ("data", "upstream", "method", "correction")
"""Why a value moves, in the order in which they are shown."""

_PREFIX = "electricity."


class NoHistory(LookupError):
    """There is no such history, or nothing was known yet; the message says what there is."""

    exit_code = 2


@dataclasses.dataclass(frozen=True)
class Arrival:
    """A file that became known: its receipt, name, raw table and what period it is about."""

    receipt_id: str
    file_name: str
    raw_table: str
    period: str
    known_at: dt.date


@dataclasses.dataclass(frozen=True)
class Stretch:
    """A time in which one value stood.

    Attributes:
        known_on: its first day; `superseded_on` the day from which another stood, None if it still
            stands.
        value: kg per kWh.
        maturity: nowcast, provisional or final.
        change: from the value before; None for the first, zero where only maturity moved.
        causes: the parts of the change by `CAUSES`; empty where nothing moved.
        arrived: the files published on `known_on`.
    """

    known_on: dt.date
    superseded_on: dt.date | None
    value: Decimal
    maturity: str
    change: Decimal | None
    causes: dict[str, Decimal]
    arrived: tuple[Arrival, ...]


@dataclasses.dataclass(frozen=True)
class History:
    """All stretches of a factor up to a day, the last of them the one that stood on it.

    Attributes:
        as_of: the day asked for; None for all that the release knows.
        later: how many stretches of the release lie after it.
        about_period: files about the factor's own period that were known, the oldest first.
        known_files: how many files of all periods were known.
    """

    factor_id: str
    unit: str
    release_id: str
    as_of: dt.date | None
    stretches: tuple[Stretch, ...]
    later: int
    about_period: tuple[Arrival, ...]
    known_files: int

    @property
    def standing(self) -> Stretch:
        """The value that stood on the day asked for."""
        return self.stretches[-1]


def read_history(folder: Path, factor_id: str, as_of: dt.date | None = None) -> History:
    """Read the history of a factor from a release's (or a candidate's) folder.

    Args:
        folder: of the release.
        factor_id: of the factor; the `electricity.` that it begins with may be left out.
        as_of: day on which knowledge ends; None for all that the release knows.

    Raises:
        NoHistory: the release keeps no history of it, or its value was not known yet.
        ReleaseError: the folder is no release, or one without a history.
    """
    whole = factor_id if factor_id.startswith(_PREFIX) else _PREFIX + factor_id
    history = _rows(folder, "factor_history", whole)
    if history.is_empty():
        raise NoHistory(_what_there_is(folder, whole))
    known = history if as_of is None else history.filter(pl.col("known_on") <= as_of)
    if known.is_empty():
        first = history["known_on"].to_list()[0]
        raise NoHistory(
            f"On {as_of} there was no value of {whole} yet; the first was known on {first}."
        )
    revisions = {row["known_on"]: row for row in _rows(folder, "factor_revision", whole).to_dicts()}
    files = pl.read_parquet(_path(folder, "input_file")).filter(pl.col("rows_accepted") > 0)
    if as_of is not None:
        files = files.filter(pl.col("known_at") <= as_of)
    stretches = []
    for place, row in enumerate(known.to_dicts()):
        moved = revisions.get(row["known_on"])
        stretches.append(
            Stretch(
                known_on=row["known_on"],
                superseded_on=row["superseded_on"],
                value=row["value"],
                maturity=row["maturity"],
                change=moved["change"] if moved else None if place == 0 else Decimal(0),
                causes={cause: moved[f"by_{cause}"] for cause in CAUSES} if moved else {},
                arrived=_arrivals(files.filter(pl.col("known_at") == row["known_on"])),
            )
        )
    period = whole.rsplit(".", 1)[-1]
    return History(
        factor_id=whole,
        unit=known["unit"][0],
        release_id=folder.name,
        as_of=as_of,
        stretches=tuple(stretches),
        later=history.height - known.height,
        about_period=_arrivals(files.filter(pl.col("period").is_in([period, period[:4]]))),
        known_files=files.height,
    )


def _arrivals(files: pl.DataFrame) -> tuple[Arrival, ...]:
    names = [field.name for field in dataclasses.fields(Arrival)]
    ordered = files.select(names).sort("known_at", "raw_table", "file_name", "receipt_id")
    return tuple(Arrival(**row) for row in ordered.to_dicts())


def _rows(folder: Path, table: str, factor_id: str) -> pl.DataFrame:
    return (
        pl.scan_parquet(_path(folder, table))
        .filter(pl.col("factor_id") == factor_id)
        .sort("known_on")
        .collect()
    )


def _path(folder: Path, table: str) -> Path:
    candidate = Candidate(folder)
    if not candidate.database.exists():
        return read_release(folder).path(table)
    file: Path = candidate.tables / f"{table}.parquet"
    if not file.is_file():
        raise ReleaseError(f"Candidate {folder.name} has no table {table}.")
    return file


def _what_there_is(folder: Path, factor_id: str) -> str:
    """Say why a release has no history of an id."""
    published = (
        pl.scan_parquet(_path(folder, "electricity_factor"))
        .filter(pl.col("factor_id") == factor_id)
        .select(pl.len())
        .collect()
        .item()
    )
    if not published:
        return (
            f"There is no factor {factor_id} in {folder.name}. An id is "
            "electricity.<kind>.<variant>.<scope>.<area>.<period>, for example "
            "electricity.supply_average.network.co2.340000.2023-05."
        )
    parts = pl.col("factor_id").str.split(".")
    kept = (
        pl.scan_parquet(_path(folder, "factor_history"))
        .select(pl.concat_str(*(parts.list.get(place) for place in (1, 2, 3)), separator="."))
        .unique()
        .sort("factor_id")
        .collect()["factor_id"]
    )
    return (
        f"No history is kept of {factor_id}; it is of {', '.join(kept)}. Its value in this "
        f"release: carbon-warehouse explain {factor_id}"
    )
