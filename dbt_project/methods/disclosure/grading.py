"""Grades of a product: percentile bands of groups' intensities, under the same rules.

Belongs here: boundaries between grades. Does not belong here: the grade of an enterprise, which is
never published.

A percentile is some enterprise's own figure. So a boundary is the mean intensity of a window of
groups around it, each group counting once; a window is judged as a cell by the primary rules, and
windows share no group. There are as many grades, at most five, as leave enough groups in each.

A window that is safe by itself may still leave a single group over when a published cell holds the
window and that group. So a scale is published only where `may_publish` finds that its windows,
with every published cell of the product, recover nobody. And from release to release ranks shift:
a window then differs by one group from its neighbour before. So the scale of a year is set once
and stands (`background_grades`); there are never two to compare.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dbt_project.methods.disclosure.audit import Published, audit_groups
from dbt_project.methods.disclosure.published_form import half_unit, round_published
from dbt_project.methods.disclosure.rules import DisclosureError, DisclosureRules, primary_decisions

MOST_GRADES = 5


@dataclass(frozen=True, eq=False)
class Grades:
    """Boundaries of one product.

    Attributes:
        scale: `product_code`, `grade` (1: least intensive), `above`, `up_to` (published; null at
            the open ends); sorted.
        windows: `cell_id` (`<product>|grade|<boundary>`), `group_code`, `weight` (1), `value` (the
            group's intensity), `output`. Confidential.
    """

    scale: pl.DataFrame
    windows: pl.DataFrame


def grade_product(
    groups: pl.DataFrame, rules: DisclosureRules, *, least_per_grade: int, digits: int = 4
) -> Grades | None:
    """Set the boundaries of one product's grades; None where too few groups exist for two.

    Args:
        groups: `product_code` (one), `group_code`, `weight`, `value`; plants are summed.
        rules: the parameters; a window has `minimum_groups` groups, at least three.
        least_per_grade: least number of groups in a grade.
        digits: significant digits of a boundary.
    """
    if groups["product_code"].n_unique() != 1:
        raise DisclosureError("DC080: grades are set for one product at a time")
    if least_per_grade < rules.minimum_groups:
        raise DisclosureError("DC081: a grade needs at least as many groups as a published cell")
    product = str(groups["product_code"][0])
    by_group = (
        groups.sort("group_code", "weight", "value")
        .group_by("group_code", maintain_order=True)
        .agg(pl.col("weight", "value").sum())
        .with_columns(intensity=pl.col("value") / pl.col("weight"))
        .sort("intensity", "group_code")
    )
    count = by_group.height
    window = max(rules.minimum_groups, 3)
    for grades in range(min(MOST_GRADES, count // least_per_grade), 1, -1):
        cuts = np.round(np.arange(1, grades) * count / grades).astype(int)
        starts = cuts - window // 2
        if starts[0] < 0 or starts[-1] + window > count or np.any(np.diff(starts) < window):
            continue
        place = (starts[:, None] + np.arange(window)).ravel()
        windows = pl.DataFrame(
            {
                "cell_id": [
                    f"{product}|grade|{number}"
                    for number in range(1, grades)
                    for _ in range(window)
                ],
                "group_code": by_group["group_code"].gather(place),
                "weight": 1.0,
                "value": by_group["intensity"].gather(place),
                "output": by_group["weight"].gather(place),
            }
        )
        judged = primary_decisions(windows, rules)
        if (judged["status"] != "safe").any():
            continue
        means = [
            round_published(float(part) / window, digits)
            for part in judged.sort(pl.col("cell_id").str.len_bytes(), "cell_id")["value"]
        ]
        if sorted(set(means)) != means:
            continue
        ends = [None, *(float(mean) for mean in means), None]
        scale = pl.DataFrame(
            {
                "product_code": [product] * grades,
                "grade": list(range(1, grades + 1)),
                "above": ends[:-1],
                "up_to": ends[1:],
            },
            schema={"product_code": pl.String, "grade": pl.Int64,
                    "above": pl.Float64, "up_to": pl.Float64},
        )  # fmt: skip
        return Grades(scale, windows)
    return None


def may_publish(
    windows: pl.DataFrame, cells: pl.DataFrame, rules: DisclosureRules, *, digits: int = 4
) -> bool:
    """Say whether the windows of a product may be published beside its published cells.

    Where the cells contradict their contributors nothing can be proved, and nothing may.

    Args:
        windows: of `grade_product`.
        cells: `fact` (one published mean of one release), `plant_id`, `group_code`, `weight`,
            `value`, `published` (the mean as rounded; null: not published), `half_unit`: all
            cells of the product and year, in every release that published one, this one
            included. Every plant of the product stands in some cell.
        rules: the parameters.
        digits: significant digits of a boundary, as for `grade_product`.
    """
    try:
        return audit_groups(_facts(windows, cells, digits), rules).is_empty()
    except DisclosureError:
        return False


def _facts(windows: pl.DataFrame, cells: pl.DataFrame, digits: int) -> Published:
    """Windows and cells as sums over plants' emissions; a mean of intensities has 1 / output."""
    plants = cells.select("plant_id", "group_code", "value").unique("plant_id").sort("plant_id")
    means = windows.group_by("cell_id", maintain_order=True).agg(
        pl.col("value").mean(), size=pl.len()
    )
    rounded = [round_published(mean, digits) for mean in means["value"]]
    means = means.select(
        "cell_id",
        "size",
        pl.Series("published", [float(mean) for mean in rounded]),
        pl.Series("half_unit", [float(half_unit(mean, digits)) for mean in rounded]),
    )
    of_windows = (
        windows.select("cell_id", "group_code", coefficient=1 / pl.col("output"))
        .join(plants, on="group_code")
        .join(means, on="cell_id")
    )
    of_cells = cells.filter(pl.col("published").is_not_null()).with_columns(
        size=pl.col("weight").sum().over("fact")
    )
    columns = [
        "fact", "plant_id", "coefficient",
        *((pl.col(name) * pl.col("size")).alias(name) for name in ("published", "half_unit")),
    ]  # fmt: skip
    rows = pl.concat(
        [
            of_windows.with_columns(fact="cell_id").select(columns),
            of_cells.with_columns(coefficient=pl.lit(1.0)).select(columns),
        ]
    ).join(plants.with_row_index("k"), on="plant_id")
    facts = rows.group_by("fact").agg(pl.col("published", "half_unit").first()).sort("fact")
    placed = rows.join(facts.select("fact").with_row_index("n"), on="fact", maintain_order="left")
    holds = np.zeros((facts.height, plants.height))
    holds[placed["n"].to_numpy(), placed["k"].to_numpy()] = placed["coefficient"].to_numpy()
    # All of one size, so that the programme is well scaled.
    size = holds.max(axis=1)
    return Published(
        plants["group_code"].to_numpy().astype(str),
        plants["value"].to_numpy(),
        holds / size[:, np.newaxis],
        facts["published"].to_numpy() / size,
        facts["half_unit"].to_numpy() / size,
    )
