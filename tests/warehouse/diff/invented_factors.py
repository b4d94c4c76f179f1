"""Invented factors and their revisions, for tests of what a comparison says of them.

Belongs here: two releases of factors with every kind of change. Does not belong here: any figure
that could be mistaken for a real one.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl

from tests.warehouse.diff.releases_to_compare import write_release

VALUE = pl.Decimal(18, 12)
NASTY = "<script>alert('x')</script>|`a`*b*"


def factors(values: dict[str, str], *, unit: str = "kgCO2/kWh") -> pl.DataFrame:
    """One row a factor; the id is `<kind>.<region>.<month>`."""
    ids = sorted(values)
    parts = [factor_id.split(".") for factor_id in ids]
    return pl.DataFrame(
        {
            "factor_id": ids,
            "region_code": [part[1] for part in parts],
            "region_name_zh": ["安徽" if part[1] == "340000" else NASTY for part in parts],
            "region_name_en": ["Anhui" if part[1] == "340000" else NASTY for part in parts],
            "period_start": [dt.date.fromisoformat(f"{part[2]}-01") for part in parts],
            "resolution": ["month"] * len(ids),
            "factor_kind": [part[0] for part in parts],
            "gas_scope": ["CO2"] * len(ids),
            "value": pl.Series([Decimal(values[each]) for each in ids], dtype=VALUE),
            "unit": [unit] * len(ids),
        }
    )


def revisions(*steps: tuple[str, str, str, str, dict[str, str]]) -> pl.DataFrame:
    """One row a step: factor, day, value before, value after, parts by cause."""
    rows = [
        {
            "factor_id": factor_id,
            "known_on": dt.date.fromisoformat(day),
            "previous_value": Decimal(before),
            "value": Decimal(after),
            "change": Decimal(after) - Decimal(before),
            **{
                f"by_{cause}": Decimal(parts.get(cause, "0"))
                for cause in ("data", "upstream", "method", "correction")
            },
        }
        for factor_id, day, before, after, parts in steps
    ]
    numbers = ["previous_value", "value", "change"]
    numbers += [f"by_{cause}" for cause in ("data", "upstream", "method", "correction")]
    decimals = dict.fromkeys(numbers, VALUE)
    return pl.DataFrame(
        rows, schema={"factor_id": pl.String, "known_on": pl.Date, **decimals}, orient="row"
    ).sort("factor_id", "known_on")


def release(
    folder: Path, factor: pl.DataFrame, revision: pl.DataFrame | None = None, **facts: object
) -> Path:
    tables = {"electricity_factor": (factor, ["factor_id"])}
    if revision is not None:
        tables["factor_revision"] = (revision, ["factor_id", "known_on"])
    return write_release(folder, tables, **facts)
