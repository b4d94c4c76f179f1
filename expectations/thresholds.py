"""The tolerances of the invariants, each with the reason for its size.

Belongs here: bounds that a release states in its gate report. Does not belong here: the range of a
single column (its suite in `published/`) and settings of the derivation. A widened bound carries
the date, the reason and who asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """Tolerances that the gate judges by, as exact decimal text so that reports are canonical.

    Shares and factors are published as decimals with 8 places, so each carries up to 0.5e-8 of
    rounding; energy and emissions carry 6 places and are exact sums.
    """

    share_sum: str = "0.00000005"
    """Sum of a mix against 1: eight technologies x 0.5e-8 = 0.4e-7, rounded up."""

    conservation: str = "0.000001"
    """Emissions delivered against emitted, relative: factors near 0.5 kg/kWh rounded to 8 places
    give 1e-8; Yunnan's spring factors near 0.05 give 1e-7; one order is kept in hand."""

    factor: str = "0.00000010"
    """kgCO2/kWh between a published factor and the same factor made again from the published mix
    and interchange: rounding of its own and of each factor that it mixes."""

    balance: str = "0.10"
    """Largest statistical difference of a province's balance in a month, over its supply. Monthly
    bulletins of 2019-2024 leave up to 0.072 (the south, October 2021, a month of rationing); a
    bulletin in another unit or a corridor that was lost leaves several times as much."""

    co2e: str = "0.00000003"
    """kgCO2e/kWh between published CO2e and its gases weighed by the published set: 8 places of
    CO2e and of CO2, 12 places of CH4 and N2O times a GWP near 300 give 1.1e-8; life-cycle factors
    at the user, made from a busbar value of 8 places, 1.6e-8; rounded up."""

    attribute: str = "0.01"
    """MWh by which a balance of claims may miss: float64 carries the pooled residual mix, and sums
    of 1e9 MWh are held to 1e-6; a lost certificate is a whole MWh."""

    def as_record(self) -> dict[str, str]:
        """Return the tolerances as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Thresholds:
        """Read back what `as_record` wrote; raises `ValueError` on a missing or unknown one."""
        names = {field.name for field in dataclasses.fields(cls)}
        if odd := sorted(names.symmetric_difference(record)):
            raise ValueError(f"Thresholds missing or unknown: {', '.join(odd)}.")
        return cls(**{name: str(value) for name, value in record.items()})


DEFAULT_THRESHOLDS = Thresholds()
