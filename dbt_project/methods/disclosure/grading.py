"""Grades of a product: percentile bands of groups' intensities, under the same rules.

Belongs here: boundaries between grades. Does not belong here: the grade of an enterprise, which is
never published.

A percentile is some enterprise's own figure. So a boundary is the mean intensity of a window of
groups around it, each group counting once; a window is judged as a cell by the primary rules, and
windows share no group. There are as many grades, at most five, as leave enough groups in each.

From release to release ranks shift, and a window then may differ by one group from its neighbour
before. So a product's grades are published only if `may_publish` finds that all windows of all
releases, with the product's national mean, recover nobody; else the grades of before stand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dbt_project.methods.disclosure.audit import Published, audit_groups
from dbt_project.methods.disclosure.differencing import release_differences
from dbt_project.methods.disclosure.published_form import round_published
from dbt_project.methods.disclosure.rules import DisclosureError, DisclosureRules, primary_decisions

MOST_GRADES = 5


@dataclass(frozen=True, eq=False)
class Grades:
    """Boundaries of one product.

    Attributes:
        scale: `product_code`, `grade` (1: least intensive), `above`, `up_to` (published; null at
            the open ends); sorted.
        windows: `cell_id` (`<product>|grade|<boundary>`), `group_code`, `weight` (1), `value` (the
            group's intensity), `output`. Confidential: the record that the next release is
            compared with.
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
    windows: pl.DataFrame,
    rules: DisclosureRules,
    *,
    history: pl.DataFrame | None = None,
    means: pl.DataFrame | None = None,
) -> bool:
    """Say whether the windows of a product may be published beside all that was.

    Args:
        windows: of `grade_product`.
        rules: the parameters.
        history: the same with `release_id`: windows of the same product published before.
        means: `release_id`, `group_code`, `weight`, `value`: contributors of the product's national
            mean in every release that published it, this one included.
    """
    now = windows.with_columns(release_id=pl.lit("\x7f now"))
    every = now
    if history is not None and history.height:
        earlier = history.select(now.columns)
        every = pl.concat([earlier, now])
        # Each window against every earlier one that shares a group with it, not its own alone.
        pairs = (
            windows.select("group_code", wanted="cell_id")
            .join(earlier.select("group_code", "release_id", "cell_id"), on="group_code")
            .select("wanted", "release_id", "cell_id")
            .unique()
        )
        against = earlier.join(pairs, on=["release_id", "cell_id"]).select(
            pl.concat_str("release_id", "cell_id", separator=" ").alias("release_id"),
            pl.col("wanted").alias("cell_id"),
            "group_code",
            "weight",
            "value",
        )
        if against.height:
            plain = windows.select("cell_id", "group_code", "weight", "value")
            if (release_differences(plain, against, rules)["status"] != "safe").any():
                return False
    return audit_groups(_facts(every, means), rules).is_empty()


def _facts(windows: pl.DataFrame, means: pl.DataFrame | None) -> Published:
    """Windows and means as sums over groups' emissions; a mean of intensities has 1 / output."""
    parts = [
        windows.select(
            pl.concat_str("release_id", "cell_id", separator=" ").alias("fact"),
            "group_code",
            emission=pl.col("value") * pl.col("output"),
            coefficient=1 / pl.col("output"),
        )
    ]
    if means is not None:
        parts.append(
            means.select(
                pl.concat_str("release_id", pl.lit("mean"), separator=" ").alias("fact"),
                "group_code",
                emission=pl.col("value"),
                # Of the size of the windows' coefficients, so that the programme is well scaled.
                coefficient=1 / pl.col("weight").mean().over("release_id"),
            )
        )
    rows = pl.concat(parts).with_columns(figure=pl.col("emission").round_sig_figs(10))
    keys = ["group_code", "figure"]
    unknown = rows.group_by(keys).agg(pl.col("emission").min()).sort(keys).with_row_index("k")
    facts = rows.select("fact").unique().sort("fact").with_row_index("n")
    placed = rows.join(unknown.select(*keys, "k"), on=keys).join(facts, on="fact")
    holds = np.zeros((facts.height, unknown.height))
    holds[placed["n"].to_numpy(), placed["k"].to_numpy()] = placed["coefficient"].to_numpy()
    value = unknown["emission"].to_numpy()
    size = np.abs(holds).max(axis=1, keepdims=True)
    holds = holds / size
    return Published(
        unknown["group_code"].to_numpy().astype(str),
        value,
        holds,
        holds @ value,
        np.zeros(facts.height),
    )
