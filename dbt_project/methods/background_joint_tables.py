"""What everything published of background datasets tells of plants, as one table per quantity.

Belongs here: from the warehouse's frames to the tables of `disclosure.audit`. Does not belong
here: what is found in them (`background_audit`), what is kept back for it (`background_decision`),
linear programmes.

Tables are made of the headline scores, the flows of inventories, stages and electricity, as they
were rounded, each quantity by itself, with what earlier releases published of them. One table holds
all cells of the products that plants make together, for one year: products are together where any
submission reports both.

An unknown is what one submission emitted, over all its products, so that a group whose plants
changed between releases is seen as its plants; a product's cell holds the share of it that is
allocated there, which is taken to be known, as outputs and prices are. What an earlier release
published is taken as the rounded mean of today's figures of those who counted then: a plant's
figure then differs from today's only by what it bought, and an intruder who knew that they are
equal would know more than there is to know. Of stages and electricity no record is kept: a cell
that shows them is taken to have shown them in every release that published it. A market's stages
are those of its suppliers, shown only beside all of theirs: they tell nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dbt_project.methods.background_disclosure import ELECTRICITY, FLOW, HEADLINE, STAGE
from dbt_project.methods.disclosure.audit import Published
from dbt_project.methods.disclosure.published_form import half_unit, round_published
from dbt_project.methods.disclosure.rules import DisclosureRules, primary_decisions

# The release that is being made, beside those before it; sorts after all of them.
PRESENT = "\x7f now"
# What a cell shows, and which quantities that is: each part can be kept back by itself.
PARTS = WHOLE, STAGES, ELECTRICITY_USE = "disclosure", "shows_stages", "shows_electricity"
_PART = (
    pl.when(pl.col("quantity").str.starts_with(STAGE))
    .then(pl.lit(STAGES))
    .when(pl.col("quantity") == ELECTRICITY)
    .then(pl.lit(ELECTRICITY_USE))
    .when((pl.col("quantity") == HEADLINE) | pl.col("quantity").str.starts_with(FLOW))
    .then(pl.lit(WHOLE))
)
# Columns that tables are arranged by: as numbers, in the order of their texts.
_CODED = ("cell_id", "product_code", "submission_id", "group_code")
FIGURE = {"process_id": pl.String(), "quantity": pl.String(), "published": pl.Float64()}


@dataclass(frozen=True)
class AuditFrames:
    """What is audited.

    Attributes:
        members: of `background_cells.cell_members`.
        quantities: `process_id` (of the finest cell), `submission_id`, `group_code`, `weight`,
            `quantity` (`headline`, `flow:<flow_id>`, `stage:<stage>`, `electricity`), `value`;
            others are not audited.
        shown: `process_id`, `shows_stages`, `shows_electricity`, `is_held`: what is published now;
            of held ones nothing new.
        figures: `process_id`, `quantity`, `published`: the same, as it leaves. Where a figure of a
            shown process is missing, it follows from its exchanges (an open one has no inventory),
            and the rounded mean stands for it.
        earlier: `release_id`, `process_id`: what earlier releases published; may be empty.
        contributors: `release_id`, `submission_id`: whom they counted.
        former: the columns of `quantities`: of those whom an earlier release counted and this one
            does not, as `DisclosureFrames` has them.
    """

    members: pl.DataFrame
    quantities: pl.DataFrame
    shown: pl.DataFrame
    figures: pl.DataFrame
    earlier: pl.DataFrame
    contributors: pl.DataFrame
    former: pl.DataFrame | None = None

    @property
    def everybody(self) -> pl.DataFrame:
        """Quantities of all who count, now or in an earlier release."""
        columns = ("process_id", "submission_id", "group_code", "weight", "quantity", "value")
        known = [self.quantities] if self.former is None else [self.quantities, self.former]
        return pl.concat([each.select(columns) for each in known])


@dataclass(frozen=True, eq=False)
class JointTable:
    """One quantity of products that are made together, in one year.

    Attributes:
        published: the same as the audit wants it.
        cell: cell of each published value, shape (N,).
        can_go: whether keeping that cell back takes the value away, shape (N,): what was published
            earlier stays known.
        unsafe: coefficients of each cell that was never published and is unsafe in the quantity.
        submission: of each contribution, shape (K,).
        rows: of `audited_records`.
    """

    published: Published
    cell: NDArray[np.str_]
    can_go: NDArray[np.bool_]
    unsafe: dict[str, NDArray[np.float64]]
    submission: NDArray[np.str_]
    rows: pl.DataFrame

    @property
    def component(self) -> str:
        """The first of the products and years, which names them all."""
        return str(self.rows["component"][0])

    @property
    def quantity(self) -> str:
        """The quantity."""
        return str(self.rows["quantity"][0])

    @property
    def part(self) -> str:
        """Which part of a dataset shows the quantity."""
        return str(self.rows["part"][0])

    def places(self, numbers: list[int]) -> list[str]:
        """Return the finest cells of some contributions of which something is published."""
        some = self.rows.filter(
            pl.col("published").is_not_null()
            & pl.col("submission_id").is_in(self.submission[numbers].tolist())
        )
        return some["place_id"].unique().sort().to_list()

    def without(self, cells: list[str]) -> Published:
        """Return what is published if some cells are kept back."""
        kept = ~self.can_go | ~np.isin(self.cell, cells)
        known = self.published
        return replace(
            known, holds=known.holds[kept], total=known.total[kept], slack=known.slack[kept]
        )


def audited_records(frames: AuditFrames) -> pl.DataFrame:
    """Every contribution to every cell, now and in earlier releases, of products that show any.

    Returns:
        `component`, `quantity`, `part` (of a dataset, that shows it), `release_id`, `cell_id`,
        `product_code`, `year`, `place_id` (finest cell), `submission_id`, `group_code`, `weight`,
        `value`, `total` (of the submission over all its products), `published` (null: not
        published), `half_unit`; sorted.
    """
    cells = frames.members.select("cell_id", "leaf_id", "leaf_process_id").unique()
    placed = (
        cells.join(_audited(frames), left_on="leaf_process_id", right_on="process_id")
        .with_columns(
            pl.col("cell_id").str.split("|").list.first().alias("product_code"),
            pl.col("cell_id").str.split("|").list.last().cast(pl.Int64).alias("year"),
        )
        .rename({"leaf_id": "place_id"})
    )
    placed = _filled(placed)
    placed = placed.join(_components(placed), on=["product_code", "year"])
    key = ["release_id", "cell_id", "quantity"]
    mean = pl.col("value").sum().over(key) / pl.col("weight").sum().over(key)
    process = frames.members.select("process_id", "cell_id", "cell_type").unique()
    shows = _shown_parts(frames.shown, process)
    figures = (
        frames.figures.join(process, on="process_id")
        .filter(~pl.col("quantity").str.starts_with(STAGE) | (pl.col("cell_type") != "market"))
        .sort("cell_id", "quantity", "process_id")
        .unique(["cell_id", "quantity"], keep="first", maintain_order=True)
        .select("cell_id", "quantity", figure="published")
    )
    is_new = shows.filter("is_new").select("cell_id", "part", is_shown=pl.lit(value=True))
    counted = frames.quantities.select("submission_id").unique()
    now = (
        placed.join(counted, on="submission_id", how="semi")
        .join(is_new, on=["cell_id", "part"], how="left")
        .join(figures, on=["cell_id", "quantity"], how="left")
        .with_columns(release_id=pl.lit(PRESENT))
        .sort("cell_id", "quantity", "submission_id", "place_id")
        .with_columns(published=pl.when("is_shown").then(pl.coalesce("figure", mean)))
        .drop("is_shown", "figure")
    )
    earlier = frames.earlier.join(process, on="process_id").select("release_id", "cell_id").unique()
    parts = pl.concat(
        [
            earlier.with_columns(part=pl.lit(WHOLE)),
            earlier.join(
                shows.filter(pl.col("part") != WHOLE).select("cell_id", "part").unique(),
                on="cell_id",
            ),
        ]
    )
    then = (
        placed.join(frames.contributors, on="submission_id")
        .join(parts, on=["release_id", "cell_id", "part"], how="semi")
        .sort("release_id", "cell_id", "quantity", "submission_id", "place_id")
        .with_columns(published=mean)
    )
    every = pl.concat([now, then.select(now.columns)]).with_columns(
        pl.col("total").max().over("submission_id", "quantity")
    )
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
        .filter(pl.col("published").is_not_null().any().over("component", "quantity"))
        .select(
            "component", "quantity", "part", "release_id", "cell_id", "product_code", "year",
            "place_id", "submission_id", "group_code", "weight", "value", "total", "published",
            "half_unit",
        )
        .sort("component", "quantity", "release_id", "cell_id", "submission_id", "place_id")
    )  # fmt: skip


def _audited(frames: AuditFrames) -> pl.DataFrame:
    """Quantities of publishable cells, with what the submission has over all its products.

    Amounts count: where a product has a credit, its share is below zero, and the total is not what
    is left of the others.
    """
    leaves = frames.members.select("leaf_process_id").unique()
    return (
        frames.everybody.join(leaves, left_on="process_id", right_on="leaf_process_id", how="semi")
        .with_columns(part=_PART)
        .filter(pl.col("part").is_not_null())
        .sort("submission_id", "quantity", "process_id")
        .with_columns(total=pl.col("value").abs().sum().over("submission_id", "quantity"))
    )


def _filled(placed: pl.DataFrame) -> pl.DataFrame:
    """Give every plant every quantity that any plant of its product and year has.

    A plant has zero of a flow that only other cells of the product have.
    """
    table = ["product_code", "year"]
    plant = placed.drop("quantity", "part", "value", "total").unique()
    quantities = placed.select(*table, "quantity", "part").unique()
    keys = ["cell_id", "place_id", "submission_id", "quantity"]
    return (
        plant.join(quantities, on=table)
        .join(placed.select(*keys, "value", "total"), on=keys, how="left")
        .with_columns(pl.col("value", "total").fill_null(0.0))
    )


def _components(placed: pl.DataFrame) -> pl.DataFrame:
    """Products and years that submissions join, under the name of the first of each."""
    links = placed.select("product_code", "year", "submission_id").unique()
    made = links.select("product_code", "year").unique().sort("product_code", "year")
    names = made.select(pl.concat_str("product_code", "year", separator="|")).to_series()
    submissions = links["submission_id"].unique().sort()
    numbered = links.join(made.with_row_index("made"), on=["product_code", "year"]).join(
        pl.DataFrame({"submission_id": submissions}).with_row_index("by"), on="submission_id"
    )
    ends = (numbered["made"].to_numpy(), numbered["by"].to_numpy() + made.height)
    size = made.height + len(submissions)
    graph = coo_array((np.ones(numbered.height), ends), shape=(size, size))
    label = connected_components(graph, directed=False)[1][: made.height]
    _, first, place = np.unique(label, return_index=True, return_inverse=True)
    return made.with_columns(component=names.gather(first[place]))


def _shown_parts(shown: pl.DataFrame, process: pl.DataFrame) -> pl.DataFrame:
    """Which parts of which cells are shown: `cell_id`, `part`, `is_new` (else it is held)."""
    cells = shown.select("process_id", STAGES, ELECTRICITY_USE, "is_held").join(
        process, on="process_id"
    )
    is_shown = {
        WHOLE: pl.lit(value=True),
        STAGES: pl.col(STAGES) & (pl.col("cell_type") != "market"),
        ELECTRICITY_USE: pl.col(ELECTRICITY_USE),
    }
    return (
        pl.concat(
            [
                cells.filter(shows).select("cell_id", "is_held", part=pl.lit(part))
                for part, shows in is_shown.items()
            ]
        )
        .group_by("cell_id", "part")
        .agg(is_new=(~pl.col("is_held")).any())
        .sort("cell_id", "part")
    )


def joint_tables(frames: AuditFrames, rules: DisclosureRules) -> Iterator[JointTable]:
    """Everything published of each quantity of products made together, in order."""
    records = audited_records(frames)
    if records.is_empty():
        return
    unsafe = _unsafe_cells(records, rules)
    names = {name: records[name].unique().sort() for name in _CODED}
    arrays = records.select(
        pl.struct("component", "quantity").rle_id().alias("table"),
        pl.struct("release_id", "cell_id").rle_id().alias("fact"),
        *(pl.col(name).rank("dense").cast(pl.Int64) - 1 for name in _CODED),
        share=pl.when(pl.col("total") > 0).then(pl.col("value") / pl.col("total")).otherwise(0.0),
        total="total",
        weight="weight",
        published="published",
        half_unit="half_unit",
        is_now=pl.col("release_id") == PRESENT,
        is_own=pl.col("cell_id") == pl.col("place_id"),
    )
    columns = {name: arrays[name].to_numpy() for name in arrays.columns}
    texts = {name: texts.to_numpy().astype(str) for name, texts in names.items()}
    starts = np.flatnonzero(np.diff(columns["table"], prepend=-1))
    for start, end in zip(starts, [*starts[1:], records.height], strict=True):
        rows = records[int(start) : int(end)]
        yield _joint_table(
            {name: column[start:end] for name, column in columns.items()},
            texts,
            unsafe.get((rows["component"][0], rows["quantity"][0]), []),
            rows,
        )


def _joint_table(
    of: dict[str, NDArray[Any]],
    names: dict[str, NDArray[np.str_]],
    unsafe: list[str],
    rows: pl.DataFrame,
) -> JointTable:
    """Arrange one table; see `JointTable`."""
    number, first, column = np.unique(of["submission_id"], return_index=True, return_inverse=True)
    is_shown = ~np.isnan(of["published"])
    _, head, row = np.unique(of["fact"][is_shown], return_index=True, return_inverse=True)

    def sums(label: NDArray[np.intp], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Add up shares by label; a plant counts once in each of its finest cells."""
        held = np.zeros((int(label.max(initial=-1)) + 1, len(number)))
        np.add.at(held, (label, column[kept]), of["share"][kept])
        return held

    weight = np.bincount(row, of["weight"][is_shown])
    own = of["is_now"] & of["is_own"]
    products, product = np.unique(of["product_code"][own], return_inverse=True)
    published = Published(
        names["group_code"][of["group_code"][first]],
        of["total"][first],
        sums(row, is_shown),
        of["published"][is_shown][head] * weight,
        of["half_unit"][is_shown][head] * weight,
        sums(product, own) if len(products) > 1 else np.zeros((0, 0)),
    )
    code = np.searchsorted(names["cell_id"], np.array(unsafe, dtype=str))
    hidden = {
        name: of["is_now"] & (of["cell_id"] == each)
        for name, each in zip(unsafe, code, strict=True)
    }
    return JointTable(
        published,
        names["cell_id"][of["cell_id"][is_shown][head]],
        of["is_now"][is_shown][head] | (rows["part"][0] != WHOLE),
        {
            name: sums(np.zeros(int(inside.sum()), dtype=np.intp), inside)[0]
            for name, inside in hidden.items()
            if inside.any()
        },
        names["submission_id"][number],
        rows,
    )


def _unsafe_cells(
    records: pl.DataFrame, rules: DisclosureRules
) -> dict[tuple[str, str], list[str]]:
    """Cells of each table that were never published and are unsafe in the quantity itself."""
    keys = ["component", "quantity", "cell_id"]
    hidden = records.filter(pl.col("published").is_null().all().over(keys))
    if hidden.is_empty():
        return {}
    judged = primary_decisions(
        hidden.select(
            "group_code", "weight", "value", cell_id=pl.concat_str(keys, separator="\x1f")
        ),
        rules,
    ).filter(pl.col("status") != "safe")
    found: dict[tuple[str, str], list[str]] = {}
    for text in judged["cell_id"]:
        component, quantity, cell = text.split("\x1f")
        found.setdefault((component, quantity), []).append(cell)
    return found
