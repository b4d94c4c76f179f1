"""Small seeded worlds of enterprises, published twice under a choice of controls. Tests only."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass

import numpy as np
import polars as pl

from dbt_project.methods.disclosure.differencing import release_differences
from dbt_project.methods.disclosure.hierarchy import (
    Hierarchy,
    build_hierarchy,
    decide,
    over_cells,
)
from dbt_project.methods.disclosure.published_form import half_unit, round_published
from dbt_project.methods.disclosure.rules import (
    DisclosureRules,
    primary_decisions,
    sum_to_groups,
)
from tests.methods.disclosure_adversary import Fact, Key

# The parameters of these tests, no one's real ones.
RULES = DisclosureRules(3, ((1, 0.85), (2, 0.97)), p=0.1, q=0.2)
GRID_OF = {"340000": "GRID_A", "320000": "GRID_A", "310000": "GRID_A",
           "410000": "GRID_B", "420000": "GRID_B"}  # fmt: skip
_KEYS = ["product_code", "technology", "region_code", "year"]


@dataclass(frozen=True)
class Controls:
    """What is switched on."""

    primary: bool = True
    secondary: bool = True
    differencing: bool = True


def plants(rows: list[tuple[str, str, str, float, float]]) -> pl.DataFrame:
    """Plants of one product from (technology, region, group, weight, intensity)."""
    frame = pl.DataFrame(
        rows, schema=["technology", "region_code", "group_code", "weight", "intensity"],
        orient="row", schema_overrides={"weight": pl.Float64, "intensity": pl.Float64},
    )  # fmt: skip
    return frame.with_columns(
        product_code=pl.lit("steel.rebar"), year=pl.lit(2024),
        value=pl.col("weight") * pl.col("intensity"),
    ).with_columns(
        leaf_id=pl.concat_str([pl.col(k).cast(pl.String) for k in _KEYS], separator="|")
    )  # fmt: skip


def world(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two years of answers: some groups come, some leave, some correct a figure."""
    rng = np.random.default_rng(seed)
    groups = [f"G{n:02d}" for n in range(int(rng.integers(6, 22)))]
    rows, later = [], []
    for technology in ("bf_bof", "eaf")[: int(rng.integers(1, 3))]:
        middle = {"bf_bof": 2.0, "eaf": 0.6}[technology]
        for region in list(GRID_OF)[: int(rng.integers(2, 6))]:
            for _ in range(int(rng.integers(1, 8))):
                row = (technology, region, str(rng.choice(groups)),
                       round(float(rng.lognormal(4, 0.8)), 1),
                       round(float(middle * rng.uniform(0.8, 1.25)), 3))  # fmt: skip
                luck = rng.random()
                if luck > 0.12:
                    rows.append(row)
                if luck < 0.9:
                    factor = 1.08 if luck < 0.25 else 1.0
                    later.append((*row[:4], round(row[4] * factor, 3)))
    return plants(rows or [row]), plants(later or [row])


def publish_twice(
    first: pl.DataFrame, second: pl.DataFrame, rules: DisclosureRules, controls: Controls
) -> tuple[list[Fact], pl.DataFrame]:
    """Everything that two releases say, and the decisions of the second."""
    facts, record, decided = [], None, pl.DataFrame()
    for release, answers in (("2025.01.0", first), ("2025.02.0", second)):
        hierarchy = build_hierarchy(answers.select(_KEYS).unique(), GRID_OF)
        summed = sum_to_groups(answers.rename({"leaf_id": "cell_id"}))
        leaves = summed.rename({"cell_id": "leaf_id"})
        spread = over_cells(leaves, hierarchy).drop("table_id")
        decided = _decide(leaves, hierarchy, spread, record, rules, controls)
        shown = decided.filter(pl.col("disclosure").is_in(["open", "aggregated"]))["cell_id"]
        published = spread.filter(pl.col("cell_id").is_in(shown.implode()))
        # What is held stands as it was: it says nothing new.
        new = decided.filter(~pl.col("is_held"))["cell_id"]
        published = published.filter(pl.col("cell_id").is_in(new.implode()))
        facts += facts_of(release, published)
        entry = published.with_columns(release_id=pl.lit(release))
        record = entry if record is None else pl.concat([record, entry])
    return facts, decided


def _decide(
    leaves: pl.DataFrame, hierarchy: Hierarchy, spread: pl.DataFrame,
    record: pl.DataFrame | None, rules: DisclosureRules, controls: Controls,
) -> pl.DataFrame:  # fmt: skip
    held = None
    used = record if controls.differencing else None
    if used is not None:
        checked = release_differences(spread.drop("leaf_id"), used.drop("leaf_id"), rules)
        failing = checked.filter(pl.col("status") != "safe")["cell_id"].unique()
        held = (
            used.filter(pl.col("cell_id").is_in(failing.implode()))
            .group_by("cell_id")
            .agg(pl.col("group_code").n_unique().alias("n_groups"))
        )
    if controls.secondary:
        return decide(leaves, hierarchy, rules, history=used, held=held)
    judged = primary_decisions(spread.drop("leaf_id"), rules)
    stands = held["cell_id"] if held is not None else pl.Series([], dtype=pl.String)
    is_held = pl.col("cell_id").is_in(stands.implode())
    safe = (pl.col("status") == "safe") | is_held
    return judged.select(
        "cell_id",
        disclosure=pl.when(safe).then(pl.lit("aggregated")).otherwise(pl.lit("withheld")),
        is_held=is_held,
    )


def facts_of(release: str, published: pl.DataFrame) -> list[Fact]:
    """Rounded means of published cells."""
    facts = []
    for (cell,), part in published.sort("cell_id", "leaf_id", "group_code").group_by(
        "cell_id", maintain_order=True
    ):
        weight = part["weight"].sum()
        mean = round_published(part["value"].sum() / weight)
        terms: dict[Key, float] = {
            (leaf, group, float(f"{value:.10g}")): 1.0
            for leaf, group, value in part.select("leaf_id", "group_code", "value").iter_rows()
        }
        slack = float(half_unit(mean)) * weight
        facts.append(Fact(release, str(cell), terms, float(mean) * weight, slack))
    return facts


def weakened(rules: DisclosureRules, changes: Mapping[str, object]) -> DisclosureRules:
    """The rules with some parameters that hold nothing back: such as no publisher may set."""
    weak = copy(rules)
    for name, value in changes.items():
        object.__setattr__(weak, name, value)
    return weak
