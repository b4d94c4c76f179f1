"""Grades of products: which scales are published, which stand, which stay back.

Belongs here: from the warehouse's frames to the scale of each product. Does not belong here: how
boundaries are set and what they tell (`disclosure.grading`).

A scale is set from the plants of the year that is published of the product, and only if nobody
follows from it and from every cell published of that year, now or before. Once published it stands
as long as that year is: the scale of the next release would differ from it by the few groups that
moved over a boundary, and tell of them. The scale of another year is a new one.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dbt_project.methods.background_disclosure import HEADLINE
from dbt_project.methods.background_joint_tables import PRESENT, AuditFrames, audited_records
from dbt_project.methods.disclosure.grading import grade_product, may_publish
from dbt_project.methods.disclosure.setting import DisclosureSetting

GRADE = {
    "product_code": pl.String(),
    "grade": pl.Int64(),
    "year": pl.Int64(),
    "above": pl.Float64(),
    "up_to": pl.Float64(),
    "unit": pl.String(),
}


def product_grades(
    cells: pl.DataFrame,
    published: AuditFrames,
    standing: pl.DataFrame,
    setting: DisclosureSetting,
) -> pl.DataFrame:
    """Return the grades of all products that have a scale: `GRADE`, sorted.

    A product of which nothing is published, now or before, has none.

    Args:
        cells: `product_code`, `year`, `unit`: the finest cells that may be published.
        published: every plant, and every cell that is published beside the scales.
        standing: `GRADE`: the scales of earlier releases, each as published first.
        setting: rules, and how many groups a grade needs.
    """
    unit = cells.group_by("product_code", pl.col("year").cast(pl.Int64)).agg(
        unit=pl.format("kgCO2e/{}", pl.col("unit").min())
    )
    keys = ["product_code", "year"]
    scales = standing.select(pl.col(name).cast(kind) for name, kind in GRADE.items())
    scales = scales.join(unit, on=keys, how="semi")
    former = published.former
    records = audited_records(
        replace(
            published,
            quantities=published.quantities.filter(quantity=HEADLINE),
            former=None if former is None else former.filter(quantity=HEADLINE),
        )
    ).filter(pl.col("published").is_not_null().any().over(keys))
    for (_, year), part in records.join(scales, on=keys, how="anti").group_by(
        keys, maintain_order=True
    ):
        scale = _new_scale(part, setting)
        if scale is not None:
            named = scale.with_columns(year=pl.lit(year, pl.Int64)).join(unit, on=keys)
            scales = scales.extend(named.select(list(GRADE)))
    return scales.sort("product_code", "grade")


def _new_scale(records: pl.DataFrame, setting: DisclosureSetting) -> pl.DataFrame | None:
    """Set the scale of one product and year; None where there is none that may be published."""
    records = records.with_columns(
        plant_id=pl.concat_str("place_id", "submission_id", separator="\x1f"),
    )
    plants = records.filter(release_id=PRESENT).unique(
        "plant_id", keep="first", maintain_order=True
    )
    grades = grade_product(
        plants.select("product_code", "group_code", "weight", "value"),
        setting.rules,
        least_per_grade=setting.least_per_grade,
    )
    if grades is None:
        return None
    beside = records.select(
        pl.concat_str("release_id", "cell_id", separator=" ").alias("fact"),
        "plant_id", "group_code", "weight", "value", "published", "half_unit",
    )  # fmt: skip
    return grades.scale if may_publish(grades.windows, beside, setting.rules) else None
