"""The proof after the decision: what everything published of background datasets tells of plants.

Belongs here: from the warehouse's frames to the tables of `disclosure.audit`, and its findings as
sentences. Does not belong here: the decision (`background_disclosure`), linear programmes.

Judged are the headline scores as they were rounded, of all cells of a product and year, with what
earlier releases published of them. An unknown is the contribution of one submission, so that a
group whose plants changed between releases is seen as its plants. What an earlier release
published is taken as the rounded mean of today's figures of those who counted then: a plant's
figure then differs from today's only by what it bought, and an intruder who knew that they are
equal would know more than there is to know.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dbt_project.methods.disclosure.audit import audit_cells, audit_groups
from dbt_project.methods.disclosure.hierarchy import published_facts
from dbt_project.methods.disclosure.published_form import half_unit, round_published
from dbt_project.methods.disclosure.rules import DisclosureError, DisclosureRules

_NOW = "\x7f now"

FINDING = {
    "rule": pl.String(),
    "product_code": pl.String(),
    "year": pl.Int64(),
    "cell_id": pl.String(),
    "sentence_en": pl.String(),
    "sentence_zh": pl.String(),
}
_SENTENCE = {
    "DC100": (
        "DC100: the figure of a contributor to {cell} follows from what is published of "
        "{product}: withhold a further cell of it",
        "DC100:{cell} 中一个填报企业的数值可由 {product} 已公布的数值推算:须再隐去该产品的一个单元",
    ),
    "DC101": (
        "DC101: {cell} is withheld, but follows from what is published of {product}: withhold a "
        "further cell of it",
        "DC101:{cell} 已隐去,但可由 {product} 已公布的数值推算:须再隐去该产品的一个单元",
    ),
    "DC102": (
        "DC102: the published scores of {product} are not the means of those who are said to "
        "stand behind them, so that nothing can be proved of it: compare int_plant_quantity with "
        "the scores",
        "DC102:{product} 已公布的数值不是其填报企业的均值,无法证明其安全:请核对 int_plant_quantity 与得分",
    ),
}


@dataclass(frozen=True)
class AuditFrames:
    """What is audited.

    Attributes:
        members: of `background_cells.cell_members`.
        quantities: `process_id` (of the finest cell), `submission_id`, `group_code`, `weight`,
            `value`: the headline score of each plant.
        shown: `process_id`, `published`: scores that are published now.
        earlier: `release_id`, `process_id`: what earlier releases published; may be empty.
        contributors: `release_id`, `submission_id`: whom they counted.
    """

    members: pl.DataFrame
    quantities: pl.DataFrame
    shown: pl.DataFrame
    earlier: pl.DataFrame
    contributors: pl.DataFrame


def audit_published(frames: AuditFrames, rules: DisclosureRules) -> pl.DataFrame:
    """List whatever follows from everything published: `FINDING`, sorted. Empty is what is wanted.

    A product and year of which nothing is published, now or before, needs no proof.
    """
    records = audited_records(frames)
    if records.is_empty():
        return pl.DataFrame(schema=FINDING)
    rows = []
    for (product, year), table in records.group_by("product_code", "year", maintain_order=True):
        rows += [
            (rule, product, year, cell, *_sentences(rule, str(product), cell))
            for rule, cell in _table_findings(table, rules)
        ]
    return pl.DataFrame(rows, schema=FINDING, orient="row").sort("rule", "product_code", "cell_id")


def audited_records(frames: AuditFrames) -> pl.DataFrame:
    """Every contribution to every cell, now and in earlier releases, of products that show any.

    Returns:
        `product_code`, `year`, `release_id`, `cell_id`, `place_id` (finest cell), `leaf_id`
        (finest cell and submission), `group_code`, `weight`, `value`, `published` (null: not
        published), `half_unit`; sorted.
    """
    cells = frames.members.select("cell_id", "leaf_id", "leaf_process_id").unique()
    placed = cells.join(
        frames.quantities, left_on="leaf_process_id", right_on="process_id"
    ).with_columns(
        pl.col("cell_id").str.split("|").list.first().alias("product_code"),
        pl.col("cell_id").str.split("|").list.last().cast(pl.Int64).alias("year"),
        place_id="leaf_id",
        leaf_id=pl.concat_str("leaf_id", "submission_id", separator="\x1f"),
    )
    process = frames.members.select("process_id", "cell_id").unique()
    shown = (
        frames.shown.join(process, on="process_id")
        .sort("cell_id", "process_id")
        .unique("cell_id", keep="first", maintain_order=True)
        .select("cell_id", "published")
    )
    now = placed.join(shown, on="cell_id", how="left").with_columns(release_id=pl.lit(_NOW))
    earlier = frames.earlier.join(process, on="process_id").select("release_id", "cell_id").unique()
    then = (
        placed.join(frames.contributors, on="submission_id")
        .join(earlier, on=["release_id", "cell_id"], how="semi")
        .sort("release_id", "cell_id", "leaf_id")
        .with_columns(
            published=pl.col("value").sum().over("release_id", "cell_id")
            / pl.col("weight").sum().over("release_id", "cell_id")
        )
    )
    every = pl.concat([now, then.select(now.columns)])
    values = every["published"].drop_nulls().unique().sort()
    rounded = [round_published(value) for value in values]
    form = pl.DataFrame(
        {
            "published": values,
            "rounded": [float(value) for value in rounded],
            "half_unit": [float(half_unit(value)) for value in rounded],
        },
        schema={"published": pl.Float64, "rounded": pl.Float64, "half_unit": pl.Float64},
    )
    return (
        every.join(form, on="published", how="left")
        .with_columns(published="rounded")
        .filter(pl.col("published").is_not_null().any().over("product_code", "year"))
        .select(
            "product_code", "year", "release_id", "cell_id", "place_id", "leaf_id",
            "group_code", "weight", "value", "published", "half_unit",
        )
        .sort("product_code", "year", "release_id", "cell_id", "leaf_id")
    )  # fmt: skip


def _table_findings(table: pl.DataFrame, rules: DisclosureRules) -> list[tuple[str, str | None]]:
    """Findings of one product and year: rule and cell."""
    published = published_facts(table)
    # The unknowns in the order of `published_facts`.
    unknown = table.unique("leaf_id").sort("leaf_id")
    now = table.filter(release_id=_NOW)
    seen_before = table.filter(pl.col("release_id") != _NOW)["cell_id"].unique()
    hidden = now.filter(
        pl.col("published").is_null() & ~pl.col("cell_id").is_in(seen_before.implode())
    )
    withheld = {
        str(cell): unknown["leaf_id"].is_in(part["leaf_id"].implode()).to_numpy()
        for (cell,), part in hidden.group_by("cell_id", maintain_order=True)
    }
    try:
        groups = audit_groups(published, rules)
        cells = audit_cells(published, withheld, rules)
    except DisclosureError:
        return [("DC102", None)]
    shown_places = table.filter(pl.col("published").is_not_null())
    places = (
        shown_places.join(groups.select(group_code="group"), on="group_code", how="semi")
        .get_column("place_id")
        .unique()
        .sort()
    )
    open_cells = cells.filter(~pl.col("is_protected"))["cell_id"]
    return [("DC100", place) for place in places] + [("DC101", cell) for cell in open_cells]


def _sentences(rule: str, product: str, cell: str | None) -> list[str]:
    return [
        text.format(product=product, cell=(cell or "").replace("|", " "))
        for text in _SENTENCE[rule]
    ]
