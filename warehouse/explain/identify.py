"""Which factor is meant, and what is near when there is none of that id.

Belongs here: finding a factor by its id, and the sentence for an id that is not there. Does not
belong here: the grammar of ids - it is read off the ids of the release.
"""

from __future__ import annotations

import difflib
from typing import Any

from warehouse.explain.tables import ReleaseTables

_PREFIX = "electricity."
_PARTS = ("kind", "variant", "scope", "area", "period")


class UnknownFactor(LookupError):
    """The release has no factor of that id; the message says what it has that is near."""

    exit_code = 2


def find_factor(tables: ReleaseTables, factor_id: str) -> dict[str, Any]:
    """Return the row of a factor and make it the selected one; raises `UnknownFactor`.

    The `electricity.` that every id begins with may be left out. A beginning of an id is never
    completed to one: which of its continuations was meant is for the asker to say.
    """
    whole = factor_id if factor_id.startswith(_PREFIX) else _PREFIX + factor_id
    tables.select_factors("factor_id = ?", [whole])
    rows = tables.rows("select * from selected")
    if not rows:
        raise UnknownFactor(_what_is_near(tables, factor_id))
    return rows[0]


def _what_is_near(tables: ReleaseTables, factor_id: str) -> str:
    """Say at which part of the id the release parts company with it, and what it has there."""
    known = tables.frame(
        """
        select
            factor_id,
            split_part(factor_id, '.', 2) as kind,
            split_part(factor_id, '.', 3) as variant,
            split_part(factor_id, '.', 4) as scope,
            split_part(factor_id, '.', 5) as area,
            split_part(factor_id, '.', 6) as period
        from electricity_factor
        order by factor_id
        """
    )
    asked = factor_id.removeprefix(_PREFIX).split(".")
    sentences = [f"There is no factor {factor_id}."]
    for part, value in zip(_PARTS, [*asked, *[""] * len(_PARTS)], strict=False):
        options = known[part].unique().sort().to_list()
        if value not in options:
            sentences.append(_options(part, value, options))
            if part == "area" and (code := _code_of(tables, value)):
                sentences.append(f"{value} is {code}.")
            break
        known = known.filter(known[part] == value)
    nearest = difflib.get_close_matches(factor_id, known["factor_id"].to_list()[:4000], 3, 0.5)
    if nearest:
        sentences.append(f"Nearest: {', '.join(nearest)}.")
    else:
        sentences.append("An id is electricity.<kind>.<variant>.<scope>.<area>.<period>.")
    return " ".join(sentences)


def _options(part: str, value: str, options: list[str]) -> str:
    said = f"{part} '{value}'" if value else f"a {part}"
    if part == "period":
        months = [option for option in options if "-" in option]
        years = [option for option in options if "-" not in option]
        spans = [f"{span[0]} to {span[-1]}" for span in (months, years) if span]
        needed = f"It has no period '{value}'" if value else "It lacks a period"
        return f"{needed}; there are {' and '.join(spans)}."
    return f"It has no {said}; there are {', '.join(options)}."


def _code_of(tables: ReleaseTables, name: str) -> str | None:
    found = tables.rows(
        "select region_code from region where lower(name_en) = lower(?) or name_zh = ?",
        [name, name],
    )
    return str(found[0]["region_code"]) if found else None
