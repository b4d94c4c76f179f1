"""Periods: from what a user writes to a first and a last day.

Belongs here: reading years, months and days. Does not belong here: which factors there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from carbon_factors.errors import QuestionError

_WRITTEN = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Asked:
    """A period as asked for: first and last day, and `year`, `month` or `day`."""

    first: date
    last: date
    form: str
    written: str


def read_period(when: date | str) -> Asked:
    """Read a year, a month or a day; raises `QuestionError`.

    >>> read_period("2024-02").last
    datetime.date(2024, 2, 29)
    >>> read_period("2023").form, read_period("2023-05-17").form
    ('year', 'day')
    """
    if isinstance(when, datetime):
        when = when.date()
    if isinstance(when, date):
        return Asked(when, when, "day", when.isoformat())
    match = _WRITTEN.fullmatch(when.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        if month is None:
            return Asked(date(year, 1, 1), date(year, 12, 31), "year", when.strip())
        if day is None:
            following = date(year + month // 12, month % 12 + 1, 1)
            first = date(year, month, 1)
            return Asked(first, following - timedelta(days=1), "month", when.strip())
        whole = date(year, month, day)
    except ValueError:
        raise QuestionError(
            f"{when!r} is no date. Give a year (2023), a month (2023-05) or a day (2023-05-17)."
        ) from None
    return Asked(whole, whole, "day", when.strip())


def read_day(when: date | str) -> date:
    """Read a day; raises `QuestionError`."""
    asked = read_period(when)
    if asked.form != "day":
        raise QuestionError(f"{asked.written!r} is no day. Give a day, as 2023-08-15.")
    return asked.first


def period_name(start: date, end: date) -> str:
    """Write a period the short way.

    >>> period_name(date(2023, 5, 1), date(2023, 5, 31))
    '2023-05'
    """
    for written in (f"{start:%Y}", f"{start:%Y-%m}"):
        asked = read_period(written)
        if (asked.first, asked.last) == (start, end):
            return written
    return start.isoformat() if start == end else f"{start.isoformat()} to {end.isoformat()}"
