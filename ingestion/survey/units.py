"""Units of questionnaires: which texts are units, of what, and the exact factor.

Belongs here: the table units.csv and looking a text up in it.
Does not belong here: units of the statistics sources (ingestion/codes.py), numbers (values.py).
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from ingestion.text import key_of


@dataclass(frozen=True)
class SurveyUnit:
    """A unit as it is written, and the exact factor to its canonical unit."""

    text: str
    canonical: str
    factor: Decimal


@cache
def survey_units() -> Mapping[str, SurveyUnit]:
    """Match key of a unit text -> unit."""
    path = Path(__file__).parent / "units.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            key_of(row["unit"]): SurveyUnit(row["unit"], row["canonical"], Decimal(row["factor"]))
            for row in csv.DictReader(stream)
        }


def find_survey_unit(text: str) -> SurveyUnit | None:
    """The unit a text stands for, or None when the table does not hold it."""
    return survey_units().get(key_of(text))


def units_of(canonical: Sequence[str]) -> list[str]:
    """Texts of all units of these canonical units, in the order of the table."""
    return [unit.text for unit in survey_units().values() if unit.canonical in canonical]
