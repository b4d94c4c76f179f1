"""The confidential parameters of disclosure control, as the gate needs them.

Belongs here: reading them, the least band of contributors that they allow, and where a published
text names one. Does not belong here: the rules themselves; the derivation applies them, and the
gate judges its files without its code.

They are read from the environment variable `PCF_DISCLOSURE` (a JSON object, or a file that holds
one); without it those of the demonstration stand. No message repeats a value.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

VARIABLE = "PCF_DISCLOSURE"
_DEMONSTRATION = (
    Path(__file__).resolve().parents[1]
    / "dbt_project" / "methods" / "disclosure" / "demonstration.json"
)  # fmt: skip

BANDS = (3, 5, 10, 20, 50, 100)
"""Lower ends of the bands in which numbers of contributors are published."""

_WORDS = re.compile(
    r"threshold|minimum (?:number|of)|at least|fewer than|dominan|p ?%|p-percent|\bpq\b|prior|"
    r"\bp\s*=|\bq\s*=|\bn\s*=|\bk\s*=|阈值|至少|少于|优势|先验|支配",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"minimum_groups|dominance|k_share|(^|_)prior|p_percent|(^|_)pq($|_)")
_REACH = 40


class ParametersUnreadable(ValueError):
    """The setting is no JSON object with the parameters."""


def parameters() -> Mapping[str, Any]:
    """Return the parameters that are set, or those of the demonstration.

    Raises `ParametersUnreadable` when the setting cannot be read.
    """
    text = os.environ.get(VARIABLE, "").strip() or str(_DEMONSTRATION)
    try:
        found = json.loads(text if text.startswith("{") else Path(text).read_text("utf-8"))
        return {
            "minimum_groups": int(found["minimum_groups"]),
            "shares": [float(found["p"]), float(found["q"])]
            + [float(share) for _, share in found["dominance"]],
        }
    except (OSError, ValueError, KeyError, TypeError):
        raise ParametersUnreadable(
            f"{VARIABLE} is no JSON object with the parameters of disclosure control, nor a file "
            "that holds one"
        ) from None


def least_band() -> int:
    """Return the lower end of the band in which the least allowed number of groups lies."""
    least = max(parameters()["minimum_groups"], BANDS[0])
    return max(band for band in BANDS if band <= least)


def places_named(frame: pl.DataFrame) -> list[str]:
    """Return the columns of a table that name a parameter, in their name or in a text, sorted."""
    found = [name for name in frame.columns if _COLUMN.search(name)]
    number = _numbers()
    for name, kind in frame.schema.items():
        if kind == pl.String:
            texts = frame[name].drop_nulls().unique()
            if any(_names(text, number) for text in texts):
                found.append(name)
    return sorted(set(found))


def _numbers() -> re.Pattern[str]:
    known = parameters()
    values = {str(known["minimum_groups"])}
    for share in known["shares"]:
        values |= {f"{share:g}", f"{share * 100:g}", f"{share:.2f}"}
    joined = "|".join(re.escape(value) for value in sorted(values))
    return re.compile(rf"(?<![\d.])(?:{joined})(?![\d.]*\d)")


def _names(text: str, number: re.Pattern[str]) -> bool:
    return any(
        number.search(text[max(word.start() - _REACH, 0) : word.end() + _REACH])
        for word in _WORDS.finditer(text)
    )
