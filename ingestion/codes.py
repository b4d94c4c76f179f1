"""Code tables: regions, technologies, fuels, units, missing markers and other explicit lists.

Belongs here: reading the CSV tables of `codes/` and looking a text up in them. An unknown text is
never guessed: the caller gets None and, for a person, the nearest known names.
Does not belong here: rules about what to do with an unknown text (cast.py, rules.yml).
"""

import csv
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import polars as pl

from ingestion.text import key_of

CODES = Path(__file__).parent / "codes"


def code_rows(name: str) -> list[dict[str, str]]:
    """All rows of `codes/<name>.csv`, every value as text."""
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def code_table(name: str) -> pl.DataFrame:
    """`codes/<name>.csv` as a frame of text columns."""
    return pl.DataFrame(code_rows(name))


@dataclass(frozen=True)
class CodeIndex:
    """Which code a text stands for. `codes` maps match keys to codes, `names` match keys to the
    name a person knows.
    """

    codes: Mapping[str, str]
    names: Mapping[str, str]

    def find(self, text: str) -> str | None:
        """The code of `text`, or None when it is not in the table."""
        return self.codes.get(key_of(text))

    def nearest(self, text: str, among: Iterable[str] | None = None) -> list[str]:
        """Up to three known names nearest to `text`, best first; `among` restricts the codes that
        may be offered.
        """
        allowed = None if among is None else set(among)
        keys = [key for key, code in self.codes.items() if allowed is None or code in allowed]
        found = difflib.get_close_matches(key_of(text), keys, n=6, cutoff=0.5)
        return list(dict.fromkeys(self.names[key] for key in found))[:3]


def _index(entries: Iterable[tuple[str, str, Iterable[str]]]) -> CodeIndex:
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for code, name, labels in entries:
        for label in labels:
            if not label:
                continue
            key = key_of(label)
            if codes.setdefault(key, code) != code:
                raise ValueError(
                    f"In the code tables '{label}' stands for both '{codes[key]}' and '{code}'."
                )
            names.setdefault(key, name)
    return CodeIndex(codes, names)


@cache
def regions() -> CodeIndex:
    """Region names, aliases and codes -> region code (GB/T 2260, GRID_*, CN)."""
    return _index(
        (
            row["region_code"],
            row["name_zh"],
            [row["region_code"], row["name_zh"], row["name_en"], *row["aliases"].split("|")],
        )
        for row in code_rows("regions")
    )


@cache
def region_levels() -> Mapping[str, str]:
    """Region code -> level (nation, grid_region, province, prefecture, sub_grid)."""
    return {row["region_code"]: row["level"] for row in code_rows("regions")}


@cache
def region_names() -> Mapping[str, str]:
    """Region code -> Chinese short name."""
    return {row["region_code"]: row["name_zh"] for row in code_rows("regions")}


@cache
def technologies() -> CodeIndex:
    """Labels of generation technologies -> technology code."""
    return _index(
        (row["technology"], row["name_zh"], [row["technology"], *row["labels"].split("|")])
        for row in code_rows("technologies")
    )


@cache
def fuels() -> CodeIndex:
    """Labels of fuels -> fuel code."""
    return _index(
        (row["fuel"], row["name_zh"], [row["fuel"], *row["labels"].split("|")])
        for row in code_rows("fuels")
    )


@cache
def sector_fuels() -> CodeIndex:
    """Fuel labels of sectoral inventories -> fuel group."""
    return _index(
        (row["fuel_group"], row["label"], [row["label"]]) for row in code_rows("sector_fuels")
    )


@dataclass(frozen=True)
class Unit:
    """A unit as it is written, its quantity, and the exact factor to the canonical unit of that
    quantity.
    """

    text: str
    quantity: str
    canonical: str
    factor: Decimal


@cache
def units() -> Mapping[str, Unit]:
    """Match key of a unit text -> Unit."""
    return {
        key_of(row["unit"]): Unit(
            row["unit"], row["quantity"], row["canonical_unit"], Decimal(row["factor"])
        )
        for row in code_rows("units")
    }


def find_unit(text: str) -> Unit | None:
    """The unit a text stands for, or None when the unit table does not hold it."""
    return units().get(key_of(text))


@cache
def missing_markers() -> Mapping[str, str]:
    """Match key of a missing marker -> the marker as the table writes it."""
    return {key_of(row["marker"]): row["marker"] for row in code_rows("missing_markers")}
