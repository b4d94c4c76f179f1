"""The proof after the decision: what everything published of background datasets tells of plants.

Belongs here: from the warehouse's frames to the tables of `disclosure.audit`, and its findings as
sentences. Does not belong here: the decision (`background_disclosure`), linear programmes.

Judged are the headline scores and the flows of inventories as they were rounded, each by itself, of
all cells of a product and year, with what earlier releases published of them. A withheld cell must
stay unknown in what is unsafe of it; what is safe of it could be published, and may follow. An
unknown is the contribution of one submission, so that a
group whose plants changed between releases is seen as its plants. What an earlier release
published is taken as the rounded mean of today's figures of those who counted then: a plant's
figure then differs from today's only by what it bought, and an intruder who knew that they are
equal would know more than there is to know.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dbt_project.methods.background_disclosure import (
    FLOW,
    HEADLINE,
    SHOWN,
    DisclosureFrames,
    decisions,
)
from dbt_project.methods.disclosure.audit import Published, audit_cells, audit_groups
from dbt_project.methods.disclosure.published_form import half_unit, round_published
from dbt_project.methods.disclosure.rules import (
    DisclosureError,
    DisclosureRules,
    primary_decisions,
)

_NOW = "\x7f now"

FINDING = {
    "rule": pl.String(),
    "severity": pl.String(),
    "product_code": pl.String(),
    "year": pl.Int64(),
    "quantity": pl.String(),
    "cell_id": pl.String(),
    "sentence_en": pl.String(),
    "sentence_zh": pl.String(),
}
_FIGURE = {"process_id": pl.String(), "quantity": pl.String(), "published": pl.Float64()}
_SENTENCE = {
    "DC100": (
        "DC100: a contributor's {quantity} in {cell} follows from what is published of "
        "{product}: withhold a further cell of it",
        "DC100:{cell} 中一个填报企业的 {quantity} 可由 {product} 已公布的数值推算:"
        "须再隐去该产品的一个单元",
    ),
    "DC101": (
        "DC101: {quantity} of {cell} is withheld, but follows from what is published of "
        "{product}: withhold a further cell of it",
        "DC101:{cell} 的 {quantity} 已隐去,但可由 {product} 已公布的数值推算:"
        "须再隐去该产品的一个单元",
    ),
    "DC102": (
        "DC102: the published {quantity} of {product} is not the mean of those who are said to "
        "stand behind it, so that nothing can be proved of it: compare int_plant_quantity with "
        "what is published",
        "DC102:{product} 已公布的 {quantity} 不是其填报企业的均值,无法证明其安全:"
        "请核对 int_plant_quantity 与已公布的数值",
    ),
}


@dataclass(frozen=True)
class AuditFrames:
    """What is audited.

    Attributes:
        members: of `background_cells.cell_members`.
        quantities: `process_id` (of the finest cell), `submission_id`, `group_code`, `weight`,
            `quantity` (`headline`, `flow:<flow_id>`), `value`; others are not audited.
        shown: `process_id`: what is published now.
        figures: `process_id`, `quantity`, `published`: the same, as it leaves. Where a figure of a
            shown process is missing, it follows from its exchanges (an open one has no inventory),
            and the rounded mean stands for it.
        earlier: `release_id`, `process_id`: what earlier releases published; may be empty.
        contributors: `release_id`, `submission_id`: whom they counted.
    """

    members: pl.DataFrame
    quantities: pl.DataFrame
    shown: pl.DataFrame
    figures: pl.DataFrame
    earlier: pl.DataFrame
    contributors: pl.DataFrame


def audit_published(frames: AuditFrames, rules: DisclosureRules) -> pl.DataFrame:
    """List whatever follows from everything published: `FINDING`, sorted. Empty is what is wanted.

    A product and year of which nothing is published, now or before, needs no proof.
    """
    records = audited_records(frames)
    if records.is_empty():
        return pl.DataFrame(schema=FINDING)
    keys = ["product_code", "year", "quantity"]
    unsafe = _unsafe_cells(records, rules)
    rows = []
    for (product, year, quantity), table in records.group_by(keys, maintain_order=True):
        rows += [
            (rule, _severity(rule, str(quantity)), product, year, quantity, cell,
             *_sentences(rule, str(product), str(quantity), cell))
            for rule, cell in _table_findings(
                table, unsafe.get((str(product), year, str(quantity)), set()), rules
            )
        ]  # fmt: skip
    return pl.DataFrame(rows, schema=FINDING, orient="row").sort(list(FINDING)[:6])


def proven_decisions(frames: DisclosureFrames, rules: DisclosureRules) -> pl.DataFrame:
    """Decide, audit, and keep back a further cell wherever a contributor's figure follows.

    Secondary suppression sees the headline score alone; a flow that few plants have may follow all
    the same. Of the cells that hold the place found, that of the least output is kept back, and
    everything is decided again, until nothing follows that another cell could hide.

    Returns:
        As `background_disclosure.decisions`.
    """
    process = frames.members.select("process_id", "cell_id").unique()
    weight = frames.quantities.filter(quantity=HEADLINE).select(
        "weight", leaf_process_id="process_id"
    )
    content = (
        frames.members.select("cell_id", "leaf_id", "leaf_process_id")
        .unique()
        .join(weight.group_by("leaf_process_id").agg(pl.col("weight").sum()), on="leaf_process_id")
        .with_columns(pl.col("weight").sum().over("cell_id"))
    )
    kept_back: tuple[str, ...] = ()
    while True:
        decided = decisions(frames, rules, kept_back)
        is_new = pl.col("disclosure").is_in(SHOWN) & ~pl.col("is_held")
        shown = decided.filter(is_new).select("process_id")
        found = audit_published(
            AuditFrames(
                members=frames.members,
                quantities=frames.quantities,
                shown=shown,
                figures=pl.DataFrame(schema=_FIGURE),
                earlier=frames.published,
                contributors=frames.contributors,
            ),
            rules,
        ).filter(rule="DC100")
        further = (
            content.join(found.select(leaf_id="cell_id").unique(), on="leaf_id", how="semi")
            .join(shown.join(process, on="process_id"), on="cell_id", how="semi")
            .with_columns(product=pl.col("cell_id").str.split("|").list.first())
            .sort("weight", "cell_id")
            .unique("product", keep="first", maintain_order=True)
        )
        if further.is_empty():
            return decided
        kept_back = (*kept_back, *further["cell_id"])


def audited_records(frames: AuditFrames) -> pl.DataFrame:
    """Every contribution to every cell, now and in earlier releases, of products that show any.

    Returns:
        `product_code`, `year`, `quantity`, `release_id`, `cell_id`, `place_id` (finest cell),
        `leaf_id` (finest cell and submission), `group_code`, `weight`, `value`, `published`
        (null: not published), `half_unit`; sorted.
    """
    cells = frames.members.select("cell_id", "leaf_id", "leaf_process_id").unique()
    audited = frames.quantities.filter(
        (pl.col("quantity") == HEADLINE) | pl.col("quantity").str.starts_with(FLOW)
    )
    # A plant has zero of a flow that only other cells of the table have.
    placed = cells.join(audited, left_on="leaf_process_id", right_on="process_id").with_columns(
        pl.col("cell_id").str.split("|").list.first().alias("product_code"),
        pl.col("cell_id").str.split("|").list.last().cast(pl.Int64).alias("year"),
        place_id="leaf_id",
        leaf_id=pl.concat_str("leaf_id", "submission_id", separator="\x1f"),
    )
    placed = _filled(placed)
    key = ["release_id", "cell_id", "quantity"]
    mean = pl.col("value").sum().over(key) / pl.col("weight").sum().over(key)
    process = frames.members.select("process_id", "cell_id").unique()
    shown = frames.shown.join(process, on="process_id").select("cell_id").unique()
    figures = (
        frames.figures.join(process, on="process_id")
        .sort("cell_id", "quantity", "process_id")
        .unique(["cell_id", "quantity"], keep="first", maintain_order=True)
        .select("cell_id", "quantity", figure="published")
    )
    now = (
        placed.join(shown.with_columns(is_shown=True), on="cell_id", how="left")
        .join(figures, on=["cell_id", "quantity"], how="left")
        .with_columns(release_id=pl.lit(_NOW))
        .sort("cell_id", "quantity", "leaf_id")
        .with_columns(published=pl.when("is_shown").then(pl.coalesce("figure", mean)))
        .drop("is_shown", "figure")
    )
    earlier = frames.earlier.join(process, on="process_id").select("release_id", "cell_id").unique()
    then = (
        placed.join(frames.contributors, on="submission_id")
        .join(earlier, on=["release_id", "cell_id"], how="semi")
        .sort("release_id", "cell_id", "quantity", "leaf_id")
        .with_columns(published=mean)
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
        .filter(pl.col("published").is_not_null().any().over("product_code", "year", "quantity"))
        .select(
            "product_code", "year", "quantity", "release_id", "cell_id", "place_id", "leaf_id",
            "group_code", "weight", "value", "published", "half_unit",
        )
        .sort("product_code", "year", "quantity", "release_id", "cell_id", "leaf_id")
    )  # fmt: skip


def _filled(placed: pl.DataFrame) -> pl.DataFrame:
    """Give every plant every quantity that any plant of its product and year has."""
    table = ["product_code", "year"]
    plant = placed.drop("quantity", "value").unique()
    quantities = placed.select(*table, "quantity").unique()
    keys = ["cell_id", "leaf_id", "quantity"]
    return (
        plant.join(quantities, on=table)
        .join(placed.select(*keys, "value"), on=keys, how="left")
        .with_columns(pl.col("value").fill_null(0.0))
    )


def _unsafe_cells(
    records: pl.DataFrame, rules: DisclosureRules
) -> dict[tuple[str, object, str], set[str]]:
    """Cells of each table that were never published and are unsafe in the quantity itself."""
    keys = ["product_code", "year", "quantity", "cell_id"]
    hidden = records.filter(pl.col("published").is_null().all().over(keys))
    if hidden.is_empty():
        return {}
    judged = primary_decisions(
        hidden.select(
            "group_code", "weight", "value", cell_id=pl.concat_str(keys, separator="\x1f")
        ),
        rules,
    ).filter(pl.col("status") != "safe")
    found: dict[tuple[str, object, str], set[str]] = {}
    for text in judged["cell_id"]:
        product, year, quantity, cell = text.split("\x1f")
        found.setdefault((product, int(year), quantity), set()).add(cell)
    return found


def _table_findings(
    table: pl.DataFrame, unsafe: set[str], rules: DisclosureRules
) -> list[tuple[str, str | None]]:
    """Findings of one quantity of one product and year: rule and cell."""
    fact = table.select(pl.concat_str("release_id", "cell_id", separator="\x1f")).to_series()
    leaf, first, column = np.unique(
        table["leaf_id"].to_numpy(), return_index=True, return_inverse=True
    )
    weight = table["weight"].to_numpy()
    is_shown = table["published"].is_not_null().to_numpy()
    _, head, row = np.unique(fact.to_numpy()[is_shown], return_index=True, return_inverse=True)
    holds = np.zeros((len(head), len(leaf)))
    holds[row, column[is_shown]] = 1.0
    total = np.bincount(row, weight[is_shown])
    published = Published(
        table["group_code"].to_numpy()[first].astype(str),
        table["value"].to_numpy()[first],
        holds,
        table["published"].to_numpy()[is_shown][head] * total,
        table["half_unit"].to_numpy()[is_shown][head] * total,
    )
    cell = table["cell_id"].to_numpy()
    withheld = {name: np.isin(leaf, table["leaf_id"].to_numpy()[cell == name]) for name in unsafe}
    try:
        groups = audit_groups(published, rules)["group"]
        cells = audit_cells(published, withheld, rules)
    except DisclosureError:
        return [("DC102", None)]
    found = is_shown & np.isin(table["group_code"].to_numpy().astype(str), groups.to_list())
    places = sorted(set(table["place_id"].to_numpy()[found]))
    unprotected = cells.filter(~pl.col("is_protected"))["cell_id"]
    return [("DC100", place) for place in places] + [("DC101", cell) for cell in unprotected]


def _severity(rule: str, quantity: str) -> str:
    """Say whether a finding stops a release: a cell's flow alone, whose contributors all stay
    unknown (else it is found for itself), does not.
    """
    return "warning" if rule == "DC101" and quantity != HEADLINE else "error"


def _sentences(rule: str, product: str, quantity: str, cell: str | None) -> tuple[str, ...]:
    return tuple(
        text.format(product=product, quantity=quantity, cell=(cell or "").replace("|", " "))
        for text in _SENTENCE[rule]
    )
