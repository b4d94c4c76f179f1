"""The proof after the decision: what everything published of background datasets tells of plants.

Belongs here: from the warehouse's frames to the tables of `disclosure.audit`, its findings as
sentences, and what is kept back for them. Does not belong here: the decision by itself
(`background_disclosure`), linear programmes.

Judged are the headline scores, the flows of inventories, stages and electricity, as they were
rounded, each quantity by itself, with what earlier releases published of them. One table holds all
cells of the products that plants make together, for one year: products are together where any
submission reports both. A withheld cell must stay unknown in what is unsafe of it; what is safe of
it could be published, and may follow.

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

from dbt_project.methods.background_disclosure import (
    DECISION,
    ELECTRICITY,
    FLOW,
    HEADLINE,
    SHOWN,
    STAGE,
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

# The release that is being made, beside those before it; sorts after all of them.
PRESENT = "\x7f now"
# What a cell shows, and which quantities that is: each part can be kept back by itself.
_WHOLE, _STAGES, _ELECTRICITY = "disclosure", "shows_stages", "shows_electricity"
_PART = (
    pl.when(pl.col("quantity").str.starts_with(STAGE))
    .then(pl.lit(_STAGES))
    .when(pl.col("quantity") == ELECTRICITY)
    .then(pl.lit(_ELECTRICITY))
    .when((pl.col("quantity") == HEADLINE) | pl.col("quantity").str.starts_with(FLOW))
    .then(pl.lit(_WHOLE))
)
# Columns that tables are arranged by: as numbers, in the order of their texts.
_CODED = ("cell_id", "product_code", "submission_id", "group_code")
_FURTHER = {"en": {_WHOLE: "withhold a further cell", _STAGES: "show no stages of a further cell",
                   _ELECTRICITY: "show no electricity of a further cell"},
            "zh": {_WHOLE: "须再隐去其中一个单元", _STAGES: "须再隐去其中一个单元的阶段数值",
                   _ELECTRICITY: "须再隐去其中一个单元的电力数值"}}  # fmt: skip

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
FIGURE = {"process_id": pl.String(), "quantity": pl.String(), "published": pl.Float64()}
_SENTENCE = {
    "DC100": (
        "DC100: a contributor's {quantity} in {cell} follows from what is published of "
        "{products}: {further} of them",
        "DC100:{cell} 中一个填报企业的 {quantity} 可由 {products} 已公布的数值推算:{further}",
    ),
    "DC101": (
        "DC101: {quantity} of {cell} is withheld, but follows from what is published of "
        "{products}: {further} of them",
        "DC101:{cell} 的 {quantity} 已隐去,但可由 {products} 已公布的数值推算:{further}",
    ),
    "DC102": (
        "DC102: the published {quantity} of {products} is not the mean of those who are said to "
        "stand behind it, so that nothing can be proved of it: compare int_plant_quantity with "
        "what is published",
        "DC102:{products} 已公布的 {quantity} 不是其填报企业的均值,无法证明其安全:"
        "请核对 int_plant_quantity 与已公布的数值",
    ),
}


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
class _JointTable:
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


def audit_published(frames: AuditFrames, rules: DisclosureRules) -> pl.DataFrame:
    """List whatever follows from everything published: `FINDING`, sorted. Empty is what is wanted.

    Products made together and a year of which nothing is published, now or before, need no proof.
    """
    rows = []
    for table in _joint_tables(frames, rules):
        products = ", ".join(sorted({cell.split("|")[0] for cell in table.cell}))
        rows += [
            (rule, _severity(rule, table.quantity), *_product_year(cell or table.component),
             table.quantity, None if rule == "DC102" else cell,
             *_sentences(rule, products, table, cell))
            for rule, cell in _table_findings(table, rules)
        ]  # fmt: skip
    return pl.DataFrame(rows, schema=FINDING, orient="row").sort(list(FINDING)[:6])


def proven_decisions(frames: DisclosureFrames, rules: DisclosureRules) -> pl.DataFrame:
    """Decide, audit, and keep back a further cell wherever a contributor's figure follows.

    Secondary suppression sees the headline score of one product alone; a flow that few plants have
    may follow all the same, and so may a plant's figure from what else it makes. Of the cells that
    hold the place found, that which costs least for what it mends is kept back, or shows no stages
    or no electricity where these tell; and its products are decided again, until nothing follows
    that another cell could hide.

    What stands behind a product as it stood behind the last release is decided as it was then,
    so that a release made again is the same: the last release is no history of it. Where the two
    together tell of somebody after all - the rules have changed -, all history counts.

    Returns:
        As `background_disclosure.decisions`.
    """
    again = _without_repeated_history(frames)
    if again.published.height < frames.published.height:
        decided = _proven(again, rules)
        told = _joint_tables(_as_decided(frames, decided), rules)
        if not _remedies(told, _costs(frames), rules):
            return decided
    return _proven(frames, rules)


def _without_repeated_history(frames: DisclosureFrames) -> DisclosureFrames:
    """Leave out what the latest releases published of products and years whose contributors are
    those of now: every release back to the first that counted others.
    """
    made = ["product_code", "year"]
    product = frames.members.select("leaf_process_id", *made).unique()
    known = [("now", frames.quantities)]
    if frames.former is not None:
        known.append(("then", frames.former))
    contributor = pl.concat(
        [
            each.select("process_id", "submission_id", known=pl.lit(name))
            .unique()
            .join(product, left_on="process_id", right_on="leaf_process_id")
            .select(*made, "submission_id", "known")
            .unique()
            for name, each in known
        ]
    )
    releases = frames.published.select("release_id").unique()
    counted = frames.contributors.with_columns(is_counted=pl.lit(value=True))
    last_other = (
        contributor.join(releases, how="cross")
        .join(counted, on=["release_id", "submission_id"], how="left")
        .filter(pl.col("is_counted").fill_null(value=False) != (pl.col("known") == "now"))
        .group_by(made)
        .agg(last_other=pl.col("release_id").max())
    )
    lost = frames.members.head(0).select("process_id")
    if frames.lost is not None:
        lost = frames.lost.select("process_id").unique()
    process = frames.members.select("process_id", *made).unique()
    kept = process.join(lost, on="process_id", how="semi").select(made).unique()
    repeated = (
        frames.published.select("release_id", "process_id")
        .join(process, on="process_id")
        .join(kept, on=made, how="anti")
        .join(last_other, on=made, how="left")
        .filter(pl.col("last_other").is_null() | (pl.col("release_id") > pl.col("last_other")))
    )
    return replace(
        frames,
        published=frames.published.join(repeated, on=["release_id", "process_id"], how="anti"),
    )


def _as_decided(frames: DisclosureFrames, decided: pl.DataFrame) -> AuditFrames:
    """What is audited of a decision, before there are rounded figures."""
    return AuditFrames(
        members=frames.members,
        quantities=frames.quantities,
        shown=decided.filter(pl.col("disclosure").is_in(SHOWN)),
        figures=pl.DataFrame(schema=FIGURE),
        earlier=frames.published,
        contributors=frames.contributors,
        former=frames.former,
    )


def _proven(frames: DisclosureFrames, rules: DisclosureRules) -> pl.DataFrame:
    """Decide, audit and keep back until nothing follows: `background_disclosure.DECISION`."""
    cost = _costs(frames)
    undecided, settled = frames, [pl.DataFrame(schema=DECISION)]
    kept_back: dict[str, set[str]] = {part: set() for part in (_WHOLE, _STAGES, _ELECTRICITY)}
    while True:
        decided = decisions(undecided, rules, tuple(sorted(kept_back[_WHOLE]))).with_columns(
            pl.col(part) & ~pl.col("cell_id").is_in(sorted(kept_back[part]))
            for part in (_STAGES, _ELECTRICITY)
        )
        tables = _joint_tables(_as_decided(undecided, decided), rules)
        further = [
            (table, cell)
            for table, cell in _remedies(tables, cost, rules)
            if cell not in kept_back[table.part]
        ]
        undecided = _of_cells(undecided, [table for table, _ in further])
        again = pl.col("process_id").is_in(undecided.members["process_id"].unique().implode())
        settled.append(decided.filter(~again))
        if not further:
            return pl.concat(settled).sort("process_id")
        for table, cell in further:
            kept_back[table.part].add(cell)


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
            earlier.with_columns(part=pl.lit(_WHOLE)),
            earlier.join(
                shows.filter(pl.col("part") != _WHOLE).select("cell_id", "part").unique(),
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
    cells = shown.select("process_id", _STAGES, _ELECTRICITY, "is_held").join(
        process, on="process_id"
    )
    is_shown = {
        _WHOLE: pl.lit(value=True),
        _STAGES: pl.col(_STAGES) & (pl.col("cell_type") != "market"),
        _ELECTRICITY: pl.col(_ELECTRICITY),
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


def _joint_tables(frames: AuditFrames, rules: DisclosureRules) -> Iterator[_JointTable]:
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
) -> _JointTable:
    """Arrange one table; see `_JointTable`."""
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
    return _JointTable(
        published,
        names["cell_id"][of["cell_id"][is_shown][head]],
        of["is_now"][is_shown][head] | (rows["part"][0] != _WHOLE),
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


def _table_findings(table: _JointTable, rules: DisclosureRules) -> list[tuple[str, str | None]]:
    """Findings of one table: rule and cell, of DC102 a cell whose figure is no mean."""
    try:
        places = audit_groups(table.published, rules)["places"].explode().drop_nulls().unique()
        cells = audit_cells(table.published, table.unsafe, rules)
    except DisclosureError:
        return [("DC102", _no_mean(table))]
    found = table.places(places.to_list()) if len(places) else []
    unprotected = cells.filter(~pl.col("is_protected"))["cell_id"]
    return [("DC100", place) for place in found] + [("DC101", cell) for cell in unprotected]


def _no_mean(table: _JointTable) -> str | None:
    """Return the cell whose figure lies farthest from the mean of those who stand behind it."""
    known = table.published
    off = np.abs(known.holds @ known.value - known.total) - known.slack
    size = np.abs(known.total) + known.slack
    far = np.divide(off, size, out=np.zeros(len(off)), where=size > 0)
    return str(table.cell[int(np.argmax(far))]) if len(far) else None


def _product_year(cell: str) -> tuple[str, int]:
    return cell.split("|")[0], int(cell.split("|")[-1])


def _severity(rule: str, quantity: str) -> str:
    """Say whether a finding stops a release: a cell's flow, stage or electricity alone, whose
    contributors all stay unknown (else it is found for itself), does not.
    """
    return "warning" if rule == "DC101" and quantity != HEADLINE else "error"


def _sentences(rule: str, products: str, table: _JointTable, cell: str | None) -> tuple[str, ...]:
    return tuple(
        text.format(
            products=products,
            quantity=table.quantity,
            cell=(cell or "").replace("|", " "),
            further=_FURTHER[language][table.part],
        )
        for language, text in zip(("en", "zh"), _SENTENCE[rule], strict=True)
    )


def _costs(frames: DisclosureFrames) -> dict[str, tuple[float, float]]:
    """What a cell costs to keep back: the share of its product's output that it stands for, in
    hundredths; and where equal, what of the emission of all is allocated to its product.
    """
    leaf = frames.quantities.filter(quantity=HEADLINE).sort("process_id", "submission_id")
    leaf = leaf.group_by(leaf_process_id="process_id").agg(pl.col("weight", "value").sum())
    return {
        cell: (weight, value)
        for cell, weight, value in frames.members.select("cell_id", "leaf_id", "leaf_process_id")
        .unique()
        .with_columns(
            product=pl.col("cell_id").str.replace(r"\|.*\|", "|"),
            own=pl.col("cell_id") == pl.col("leaf_id"),
        )
        .join(leaf, on="leaf_process_id")
        .sort("cell_id", "leaf_id")
        .with_columns(
            pl.col("weight") / pl.col("weight").filter("own").sum().over("product"),
            pl.col("value").filter("own").sum().over("product"),
        )
        .group_by("cell_id", maintain_order=True)
        .agg(pl.col("weight").sum().round(2), pl.col("value").first())
        .iter_rows()
    }


def _remedies(
    tables: Iterator[_JointTable], cost: dict[str, tuple[float, float]], rules: DisclosureRules
) -> list[tuple[_JointTable, str]]:
    """For products made together of which something follows: the table, and one cell to keep back.

    The score comes before flows, and these before stages and electricity: what is kept back for
    the one often mends the other.
    """
    chosen: dict[str, tuple[_JointTable, str]] = {}
    for table in sorted(
        tables, key=lambda each: (each.component, each.part, each.quantity != HEADLINE)
    ):
        if table.component not in chosen and (cell := _remedy(table, cost, rules)):
            chosen[table.component] = (table, cell)
    return list(chosen.values())


def _remedy(
    table: _JointTable, cost: dict[str, tuple[float, float]], rules: DisclosureRules
) -> str | None:
    """The cell whose absence mends most of what is found, for what it costs; None without any.

    Where no cell alone mends anything, the one that costs least is the first of several. What
    follows without all that could go cannot be mended, and nothing goes for it.
    """
    groups, spots = _faults(table, [], rules)
    if not spots:
        return None
    inside = np.any([spot != 0 for spot in spots], axis=0)
    holding = table.can_go & (table.published.holds[:, inside] != 0).any(axis=1)
    every = sorted({*table.cell[holding].tolist()})
    if len(_faults(table, table.cell.tolist(), rules, groups, spots)[1]) >= len(spots):
        return None
    ranked = []
    for cell in every:
        share, emission = cost[cell]
        mended = len(spots) - len(_faults(table, [cell], rules, groups, spots)[1])
        ranked.append((mended <= 0, (0.5 + 0.5 * share) / max(mended, 1), emission, cell))
    return min(ranked)[-1]


def _faults(
    table: _JointTable,
    gone: list[str],
    rules: DisclosureRules,
    groups: frozenset[str] | None = None,
    among: list[NDArray[np.float64]] | None = None,
) -> tuple[frozenset[str], list[NDArray[np.float64]]]:
    """What stops a release where some cells are kept back: groups, coefficients of each sum.

    Of `groups` and `among` sums alone where given: what was found with more published.

    Figures that are no means cannot be judged: the proof at the end says so.
    """
    published = table.without(gone)
    try:
        found = audit_groups(published, rules, groups, among)
        cells = audit_cells(published, table.unsafe, rules) if table.quantity == HEADLINE else None
    except DisclosureError:
        return frozenset(), []
    everyone = np.arange(len(published.value))
    spots = [np.isin(everyone, places.to_numpy()).astype(np.float64) for places in found["places"]]
    if cells is not None:
        spots += [table.unsafe[cell] for cell in cells.filter(~pl.col("is_protected"))["cell_id"]]
    return frozenset(found["group"]), spots


def _of_cells(frames: DisclosureFrames, tables: list[_JointTable]) -> DisclosureFrames:
    """Return the frames of some tables' products and years alone."""
    made = pl.concat(
        [
            pl.DataFrame(schema={"product_code": pl.String, "year": pl.Int64}),
            *(table.rows.select("product_code", "year").unique() for table in tables),
        ]
    )
    cells = frames.cells.with_columns(pl.col("year").cast(pl.Int64)).join(
        made, on=["product_code", "year"], how="semi"
    )
    leaves = cells["process_id"].unique().implode()
    return replace(
        frames,
        cells=cells,
        members=frames.members.filter(pl.col("leaf_process_id").is_in(leaves)),
        quantities=frames.quantities.filter(pl.col("process_id").is_in(leaves)),
        flows=frames.flows.filter(pl.col("process_id").is_in(leaves)),
    )
