"""The published background datasets as one closed system, read once for all formats.

Belongs here: reading the published tables, leading merged datasets to their parents, and one frame
of exchanges that every writer turns into its own words. Does not belong here: the words.

What a consumer gets is what `background_dataset` calls open or aggregated. An open unit process
brings its exchanges, a result its aggregated elementary flows. Withheld datasets do not exist here.
A merged one does not either: whoever bought from it buys from its parent.

Signs: amounts of the tables are positive and the direction carries the sign. A product that comes
out and names another dataset as provider is a credit (system expansion): it becomes an input of
negative amount, which openLCA, ILCD readers and Brightway all subtract; an "avoided product" would
be added by importers that do not know the mark. A waste with a provider is a treatment that is
bought. A waste without one carries no burden and stays in the published tables only, because
importers take every output that is no emission for a second product.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import polars as pl

from warehouse.exchange import checks, tables, vocabulary
from warehouse.exchange.errors import ExchangeError
from warehouse.exchange.identity import product_flow_of
from warehouse.formats.facts import ReleaseFacts
from warehouse.formats.published_table import TABLES, read_table
from warehouse.formats.sources import TABLE, Source, read_sources

LONGEST_CHAIN = 32
"""Merging goes product, technology, region upward: a longer chain is a circle."""


@dataclasses.dataclass(frozen=True)
class ExchangeSystem:
    """Published datasets with everything they refer to; every frame is in order of its key.

    `datasets`: one row a published dataset, with `flow_id` of its product, `product_zh`,
    `product_en`, `chain`, `region_zh`, `region_en`, `without_treatment` (wastes that stay out).
    `exchanges`: dataset_id, position (1 = the reference product), is_input, is_elementary,
    flow_id, provider_id (of inputs), amount (of the unit `unit`; negative for credits), origin,
    stage, sigma, dqr_te, dqr_ge, dqr_ti, dqr_p.
    `merged`: dataset_id and names of merged datasets, parent_id that stands for them.
    `factors`: indicator, flow_id, gwp_set, factor, unit. `scores`: dataset_id, indicator, value.
    `flows`: elementary flows; `mapping`: their names in other lists.
    """

    facts: ReleaseFacts
    datasets: pl.DataFrame
    exchanges: pl.DataFrame
    flows: pl.DataFrame
    factors: pl.DataFrame
    scores: pl.DataFrame
    allocation: pl.DataFrame
    mapping: pl.DataFrame
    merged: pl.DataFrame
    sources: tuple[Source, ...]

    @property
    def indicators(self) -> list[str]:
        """Indicators that have characterisation factors, in order of name."""
        return self.factors["indicator"].unique().sort().to_list()

    @property
    def day(self) -> str:
        """The day that the release counts as made: a parameter of it, never a clock."""
        return self.facts.as_of or f"{self.facts.release_month}-01"


def read_system(release: Path, facts: ReleaseFacts) -> ExchangeSystem:
    """Read the background datasets of a release or staging folder and check them.

    Raises `ExchangeError` with a sentence for each thing that a consumer could not read, once the
    rules that depend on each other have been tried in turn; `FormatError` when a table's metadata
    cannot be read.
    """
    everything = tables.read(release, tables.DATASET).sort("dataset_id")
    flows = tables.read(release, tables.FLOW).sort("flow_id")
    factors = tables.read(release, tables.FACTOR).sort("indicator", "flow_id")
    products = tables.read(release, tables.PRODUCT)
    scores = tables.read(release, tables.SCORE)
    regions = tables.read(release, tables.REGION)
    sources = _sources(release)
    is_shown = pl.col("disclosure").is_in([vocabulary.OPEN, vocabulary.AGGREGATED])
    shown = everything.filter(is_shown)
    _refuse(
        [
            *checks.datasets(everything),
            *checks.named(everything.filter(pl.col("disclosure") != vocabulary.WITHHELD)),
            *checks.published(shown),
            *checks.elementary_flows(flows),
            *checks.products(products),
            *checks.factors(factors, flows),
            *checks.texts(regions, "region_code"),
            *checks.texts(_frame(sources), "source_id"),
        ]
    )
    parents = _parents(everything)
    bought = tables.read(release, tables.EXCHANGE)
    inventory = _inventory(tables.read(release, tables.INVENTORY))
    unallocated = tables.read(release, tables.UNALLOCATED)
    withheld = everything.filter(pl.col("disclosure") == vocabulary.WITHHELD)
    _refuse(
        [
            *checks.repeated(bought, tables.EXCHANGE, ["dataset_id", "exchange_no"]),
            *checks.repeated(inventory, tables.INVENTORY, ["dataset_id", "flow_id", "direction"]),
            *checks.disclosed(bought, everything, tables.EXCHANGE, vocabulary.UNIT_PROCESS),
            *checks.disclosed(unallocated, everything, tables.UNALLOCATED, vocabulary.UNIT_PROCESS),
            *checks.disclosed(inventory, everything, tables.INVENTORY, vocabulary.RESULT),
            *checks.sentences(
                scores.select("dataset_id").unique().join(withheld, on="dataset_id", how="semi"),
                pl.lit(True),
                "rows_not_disclosed: table background_score has rows of dataset {}, which is "
                "withheld. Take them out.",
                "dataset_id",
            ),
            *checks.amounts(bought),
            *checks.amounts(inventory),
        ]
    )
    datasets = _described(shown, products, regions)
    exchanges, idle = _exchanges(bought, datasets, everything, parents, products, flows)
    exchanges = pl.concat([exchanges, _results(inventory, datasets, flows)])
    _refuse(
        [
            *checks.filled(
                datasets.filter(pl.col("process_type") == vocabulary.UNIT_PROCESS), bought,
                tables.EXCHANGE,
            ),
            *checks.filled(
                datasets.filter(pl.col("process_type") == vocabulary.RESULT), inventory,
                tables.INVENTORY,
            ),
        ]
    )  # fmt: skip
    if datasets.is_empty():
        _refuse(
            [
                f"nothing_published: table {tables.DATASET} has no open or aggregated dataset, so "
                "there is nothing to hand out. Leave the background tables out of the release."
            ]
        )
    counted = idle.group_by("dataset_id").agg(without_treatment=pl.len())
    return ExchangeSystem(
        facts,
        datasets.join(counted, on="dataset_id", how="left")
        .with_columns(pl.col("without_treatment").fill_null(0))
        .sort("dataset_id"),
        _with_reference(exchanges, datasets),
        flows,
        factors,
        scores.join(datasets, on="dataset_id", how="semi").sort("dataset_id", "indicator"),
        tables.read(release, tables.ALLOCATION)
        .join(datasets, on="dataset_id", how="semi")
        .sort("dataset_id", "method", "product_code"),
        tables.read(release, tables.MAPPING).sort("flow_id", "list"),
        everything.filter(pl.col("disclosure") == vocabulary.MERGED)
        .select("dataset_id", "name_zh", "name_en")
        .join(parents, on="dataset_id")
        .sort("parent_id", "dataset_id"),
        sources,
    )


def _sources(release: Path) -> tuple[Source, ...]:
    path = release / TABLES / f"{TABLE}.parquet"
    return tuple(read_sources(release, [read_table(release, path)])) if path.is_file() else ()


def _frame(sources: tuple[Source, ...]) -> pl.DataFrame:
    names = [field.name for field in dataclasses.fields(Source)]
    return pl.DataFrame(
        [dataclasses.astuple(source) for source in sources],
        schema=dict.fromkeys(names, pl.String),
        orient="row",
    )


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise ExchangeError(reasons)


def _parents(everything: pl.DataFrame) -> pl.DataFrame:
    """Return for each merged dataset the published one that stands for it in the end."""
    merged = everything.filter(pl.col("disclosure") == vocabulary.MERGED)
    onward = merged.select(parent_id="dataset_id", next_id="merged_into")
    found = merged.select("dataset_id", parent_id="merged_into")
    for _ in range(LONGEST_CHAIN):
        found = found.join(onward, on="parent_id", how="left").select(
            "dataset_id", pl.coalesce("next_id", "parent_id").alias("parent_id")
        )
    ended = found.join(
        everything.select(parent_id="dataset_id", parent_disclosure="disclosure"),
        on="parent_id", how="left",
    )  # fmt: skip
    is_shown = pl.col("parent_disclosure").is_in([vocabulary.OPEN, vocabulary.AGGREGATED])
    _refuse(
        [
            *checks.sentences(
                ended, pl.col("parent_disclosure") == vocabulary.MERGED,
                "merged_in_circle: dataset {} is merged into datasets that are merged into each "
                "other, {} among them. Name the one that is published.", "dataset_id", "parent_id",
            ),
            *checks.sentences(
                ended, ~is_shown & (pl.col("parent_disclosure") != vocabulary.MERGED),
                "merged_into_hidden: dataset {} is merged into {}, which is {}. Merge it into a "
                "published dataset or withhold it.", "dataset_id", "parent_id", "parent_disclosure",
            ),
        ]
    )  # fmt: skip
    return found


def _described(shown: pl.DataFrame, products: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """Add to each dataset the flow of its product and the names of product and region."""
    found = shown.join(
        products.select("product_code", "chain", product_zh="name_zh", product_en="name_en"),
        on="product_code", how="left",
    ).join(
        regions.select("region_code", region_zh="name_zh", region_en="name_en"),
        on="region_code", how="left",
    )  # fmt: skip
    _refuse(
        checks.sentences(
            found, pl.any_horizontal(pl.col("product_zh", "product_en", "chain").is_null()),
            "product_unknown: dataset {} makes {}, which has no row with both names and a chain in "
            "table product.", "dataset_id", "product_code",
        )
    )  # fmt: skip
    own = _mapped(found["dataset_id"], product_flow_of)
    return found.with_columns(
        pl.coalesce("product_flow_id", own).alias("flow_id"),
        pl.coalesce("region_zh", "location_code").alias("region_zh"),
        pl.coalesce("region_en", "location_code").alias("region_en"),
    ).drop("product_flow_id")


def _mapped(ids: pl.Series, function: Callable[[str], str]) -> pl.Series:
    """Apply a function of one id to a column of them: there is no UUID in a query language."""
    return pl.Series([function(each) for each in ids.to_list()], dtype=pl.String)


_SHAPE = (
    "dataset_id", "order", "is_input", "is_elementary", "flow_id", "provider_id", "amount", "unit",
    "origin", "stage", "sigma", "dqr_te", "dqr_ge", "dqr_ti", "dqr_p",
)  # fmt: skip


def _exchanges(
    bought: pl.DataFrame,
    datasets: pl.DataFrame,
    everything: pl.DataFrame,
    parents: pl.DataFrame,
    products: pl.DataFrame,
    flows: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the exchanges of unit processes without the reference, and wastes that stay out."""
    own = datasets.select("dataset_id", own_unit="unit", own_product="product_code")
    rows = bought.join(own, on="dataset_id").with_columns(pl.col("sigma").fill_null(0.0))
    elementary = rows.filter(pl.col("kind") == vocabulary.ELEMENTARY)
    is_reference = (
        (pl.col("kind") == vocabulary.PRODUCT)
        & (pl.col("direction") == vocabulary.OUTPUT)
        & (pl.coalesce("provider_id", "dataset_id") == pl.col("dataset_id"))
        & (pl.col("product_code") == pl.col("own_product"))
    ).fill_null(value=False)
    is_idle = (pl.col("kind") == vocabulary.WASTE) & pl.col("provider_id").is_null()
    technical = rows.filter(
        pl.col("kind").is_in([vocabulary.PRODUCT, vocabulary.WASTE]) & ~is_reference & ~is_idle
    )
    targets = datasets.select(target_id="dataset_id", target_unit="unit", target_flow_id="flow_id")
    technical = (
        technical.join(
            everything.select(provider_id="dataset_id", disclosure="disclosure"),
            on="provider_id", how="left",
        )
        .join(parents.rename({"dataset_id": "provider_id"}), on="provider_id", how="left")
        .with_columns(pl.coalesce("parent_id", "provider_id").alias("target_id"))
        .join(targets, on="target_id", how="left")
        .with_columns(
            pl.when(pl.col("target_unit").is_not_null()).then("target_id").alias("target_id")
        )
    )  # fmt: skip
    _refuse(
        [
            *checks.reference_amounts(rows.filter(is_reference)),
            *checks.elementary_exchanges(elementary, flows),
            *checks.product_exchanges(technical),
            *checks.shared_flows(technical, products),
        ]
    )
    is_credit = (pl.col("kind") == vocabulary.PRODUCT) & (pl.col("direction") == vocabulary.OUTPUT)
    emitted = elementary.with_columns(
        order="exchange_no",
        is_input=pl.col("direction") == vocabulary.INPUT,
        is_elementary=pl.lit(True),
        provider_id=pl.lit(None, pl.String),
    )
    linked = technical.with_columns(
        pl.when(is_credit).then(-pl.col("amount")).otherwise("amount").alias("amount"),
        order="exchange_no",
        is_input=pl.lit(True),
        is_elementary=pl.lit(False),
        flow_id="target_flow_id",
        provider_id="target_id",
    )
    return pl.concat([emitted.select(_SHAPE), linked.select(_SHAPE)]), rows.filter(is_idle)


def _inventory(rows: pl.DataFrame) -> pl.DataFrame:
    """Number the aggregated flows of results, so that a sentence can name one."""
    return rows.sort("dataset_id", "flow_id", "direction").with_columns(
        pl.col("flow_id").cum_count().over("dataset_id").cast(pl.Int64).alias("exchange_no"),
        kind=pl.lit(vocabulary.ELEMENTARY),
        sigma=pl.lit(0.0),
        origin=pl.lit(None, pl.String),
        stage=pl.lit(None, pl.String),
    )


def _results(inventory: pl.DataFrame, datasets: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    _refuse(checks.elementary_exchanges(inventory, flows))
    return (
        inventory.join(datasets, on="dataset_id", how="semi")
        .with_columns(
            order="exchange_no",
            is_input=pl.col("direction") == vocabulary.INPUT,
            is_elementary=pl.lit(True),
            provider_id=pl.lit(None, pl.String),
            dqr_te=pl.lit(None, pl.Float64),
            dqr_ge=pl.lit(None, pl.Float64),
            dqr_ti=pl.lit(None, pl.Float64),
            dqr_p=pl.lit(None, pl.Float64),
        )
        .select(_SHAPE)
    )


def _with_reference(exchanges: pl.DataFrame, datasets: pl.DataFrame) -> pl.DataFrame:
    """Put the reference product before the exchanges of each dataset and number them from 1."""
    reference = datasets.select(
        "dataset_id",
        order=pl.lit(None, pl.Int64),
        is_input=pl.lit(False),
        is_elementary=pl.lit(False),
        flow_id="flow_id",
        provider_id=pl.lit(None, pl.String),
        amount=pl.lit(1.0),
        unit="unit",
        origin=pl.lit(None, pl.String),
        stage=pl.lit(None, pl.String),
        sigma=pl.lit(0.0),
        dqr_te=pl.lit(None, pl.Float64),
        dqr_ge=pl.lit(None, pl.Float64),
        dqr_ti=pl.lit(None, pl.Float64),
        dqr_p=pl.lit(None, pl.Float64),
    ).select(_SHAPE)
    return (
        pl.concat([reference, exchanges])
        .sort("dataset_id", "order", nulls_last=False)
        .with_columns(
            pl.col("flow_id").cum_count().over("dataset_id").cast(pl.Int64).alias("position")
        )
        .drop("order")
    )
