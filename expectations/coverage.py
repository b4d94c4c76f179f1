"""The regions and periods that a release must cover, stated apart from the data that it judges.

Belongs here: the codes and the calendar. Does not belong here: names of regions (published table
`region`) and the check itself (`invariants`). The codes stand here a second time on purpose: a
region that is lost from the tables must not be lost from the question.
"""

from __future__ import annotations

import datetime as dt
import re

FIRST_MONTH = dt.date(2019, 1, 1)
"""The first month of the provincial series; earlier bulletins have another technology split."""

PROVINCES = (
    "110000", "120000", "130000", "140000", "150000",
    "210000", "220000", "230000",
    "310000", "320000", "330000", "340000", "350000", "360000", "370000",
    "410000", "420000", "430000", "440000", "450000", "460000",
    "500000", "510000", "520000", "530000", "540000",
    "610000", "620000", "630000", "640000", "650000",
)  # fmt: skip
"""GB/T 2260 codes of the 31 provinces, without Hong Kong, Macao and Taiwan."""

GRID_REGIONS = (
    "GRID_NORTH", "GRID_NORTHEAST", "GRID_EAST", "GRID_CENTRAL",
    "GRID_SOUTH", "GRID_SOUTHWEST", "GRID_NORTHWEST",
)  # fmt: skip

NATION = "CN"

REGIONS = (*PROVINCES, *GRID_REGIONS, NATION)
"""The areas of the official structure: it knows no grids within a province."""

SUB_GRIDS = ("GRID_INNER_MONGOLIA_EAST", "GRID_INNER_MONGOLIA_WEST")
"""Grids within a province that have factors of their own."""

AREAS = (*REGIONS, *SUB_GRIDS)

TECHNOLOGIES = ("coal", "gas", "oil", "biomass", "hydro", "nuclear", "wind", "solar")
FOSSIL_TECHNOLOGIES = ("coal", "gas", "oil")


def parse_release_month(release_month: str) -> dt.date:
    """Return the first day of a month written `YYYY-MM`; raises `ValueError` with a sentence."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", release_month):
        raise ValueError(f"Release month {release_month!r} is not a month; write it as 2023-12.")
    month = dt.date(int(release_month[:4]), int(release_month[5:]), 1)
    if month < FIRST_MONTH:
        raise ValueError(
            f"Release month {release_month} lies before the first month of the series, "
            f"{FIRST_MONTH:%Y-%m}."
        )
    return month


def months(release_month: str) -> list[dt.date]:
    """Return the first day of every month from the first of the series to the release month."""
    last = parse_release_month(release_month)
    count = (last.year - FIRST_MONTH.year) * 12 + last.month - FIRST_MONTH.month + 1
    start = FIRST_MONTH.year * 12 + FIRST_MONTH.month - 1
    return [_month(start + step) for step in range(count)]


def years(release_month: str) -> list[dt.date]:
    """Return the first day of every year that is complete by the release month."""
    last = parse_release_month(release_month)
    end = last.year if last.month == 12 else last.year - 1
    return [dt.date(year, 1, 1) for year in range(FIRST_MONTH.year, end + 1)]


def period_end(start: dt.date, resolution: str) -> dt.date:
    """Return the last day of the month or year that starts on `start`."""
    if resolution == "year":
        return dt.date(start.year, 12, 31)
    return _month(start.year * 12 + start.month) - dt.timedelta(days=1)


def _month(ordinal: int) -> dt.date:
    year, month = divmod(ordinal, 12)
    return dt.date(year, month + 1, 1)
