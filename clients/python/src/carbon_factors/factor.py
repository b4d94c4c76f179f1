"""What a look-up answers: a factor, and how well it matches the question.

Belongs here: the plain records. Does not belong here: finding them (`lookup`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from carbon_factors.units import convert

EXACT = "exact"
OTHER_PERIOD = "other_period"
PARENT_REGION = "parent_region"

_CONVERTED = ("value", "median", "lower_95", "upper_95")


@dataclass(frozen=True, slots=True)
class Match:
    """How an answer fits its question.

    `quality` is `exact`, `other_period`, `parent_region`, or `parent_region+other_period`;
    `reasons` has one sentence for each thing that stands in for what was asked.
    """

    quality: str
    asked_region: str
    asked_period: str
    reasons: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether the answer is for the region and the period that were asked for."""
        return self.quality == EXACT


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of one release.

    `value` is in `unit`; `lower_95` and `upper_95` bound it where the release says so. The row as
    published, in its own unit, with every column, is `row`.
    """

    release_id: str
    factor_id: str
    region_code: str
    region_name_zh: str
    region_name_en: str
    period_start: date
    period_end: date
    resolution: str
    factor_kind: str
    dimensions: Mapping[str, str | bool]
    value: Decimal
    unit: str
    median: Decimal | None
    lower_95: Decimal | None
    upper_95: Decimal | None
    match: Match
    row: Mapping[str, Any]

    def to(self, unit: str) -> Factor:
        """Return the factor in another unit of the same gas; raises `UnitError`."""
        figures: dict[str, Any] = {
            name: convert(figure, self.unit, unit)
            for name in _CONVERTED
            if (figure := getattr(self, name)) is not None
        }
        return replace(self, unit=unit, **figures)

    def as_record(self) -> dict[str, Any]:
        """Return plain values for JSON: figures and dates as text, the match among them."""
        record = dict(self.row)
        record.update({name: getattr(self, name) for name in _CONVERTED if name in self.row})
        record.update(release_id=self.release_id, unit=self.unit)
        record["match"] = {
            "quality": self.match.quality,
            "asked_region": self.match.asked_region,
            "asked_period": self.match.asked_period,
            "reasons": list(self.match.reasons),
        }
        return {name: plain(value) for name, value in record.items()}


@dataclass(frozen=True, slots=True)
class KnownFactor:
    """What was known of a factor at the end of the day `as_of`.

    `known_on` is the day from which this value held, `superseded_on` the day from which the next
    one did (`None`: it still holds). `factor` is the same factor as the release has it now.
    """

    factor: Factor
    as_of: date
    known_on: date
    superseded_on: date | None
    value: Decimal
    unit: str
    maturity: str | None

    def to(self, unit: str) -> KnownFactor:
        """Return the same in another unit of the same gas; raises `UnitError`."""
        return replace(self, value=convert(self.value, self.unit, unit), unit=unit)

    def as_record(self) -> dict[str, Any]:
        """Return plain values for JSON: figures and dates as text."""
        names = ("as_of", "known_on", "superseded_on", "value", "unit", "maturity")
        return {
            "release_id": self.factor.release_id,
            "factor_id": self.factor.factor_id,
            "region_code": self.factor.region_code,
            "period_start": self.factor.period_start.isoformat(),
            "period_end": self.factor.period_end.isoformat(),
            **{name: plain(getattr(self, name)) for name in names},
        }


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it without losing a digit.

    >>> plain(Decimal("0.570300000000")), plain(date(2023, 5, 1)), plain(None)
    ('0.5703', '2023-05-01', None)
    """
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date) else value
