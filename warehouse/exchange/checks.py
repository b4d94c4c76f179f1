"""What must hold of background datasets before any of them is handed to LCA software.

Belongs here: one function for each rule, each giving a sentence with the dataset's id for every row
that breaks it. Does not belong here: rules of the inventory itself (`expectations`, the readiness
gates of the solver): what stands here is what a consumer could not read or would read wrongly.

Every rule looks at whole columns. Each sentence begins with the rule's id, which never changes its
meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from warehouse.exchange.units import UNITS
from warehouse.exchange.vocabulary import (
    AGGREGATED,
    ELEMENTARY,
    INPUT,
    MERGED,
    OPEN,
    OUTPUT,
    PRODUCT,
    RESULT,
    UNIT_PROCESS,
    WASTE,
    WITHHELD,
)

LARGEST_SIGMA = 5.0
"""A lognormal beyond this (95 % within a factor of 22,000) is a mistake, not an uncertainty."""

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_VERSION = r"^\d{2}\.\d{2}\.\d{3}$"
_LOCATION = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"
_HAN = r"[\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}]"
_NOT_XML = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"


def sentences(frame: pl.DataFrame, broken: pl.Expr, words: str, *columns: str) -> list[str]:
    """Return `words` for each row where `broken` is true, its `{}` filled from `columns`."""
    shown = [pl.col(name).cast(pl.String).fill_null("(none)") for name in columns]
    rows = frame.filter(broken.fill_null(True))
    return sorted(rows.select(pl.format(words, *shown).alias("sentence"))["sentence"].to_list())


def repeated(frame: pl.DataFrame, table: str, key: Sequence[str]) -> list[str]:
    """A key stands once."""
    rows = frame.group_by(key).len().filter(pl.col("len") > 1)
    where = ", ".join(f"{name} {{}}" for name in key)
    return sentences(
        rows, pl.lit(True), f"key_repeated: table {table} has {where} more than once.", *key
    )


def datasets(frame: pl.DataFrame) -> list[str]:
    """Rules of each row of `background_dataset`, whatever its disclosure."""
    known = frame["dataset_id"].implode()
    shown = pl.col("disclosure").is_in([OPEN, AGGREGATED])
    return [
        *repeated(frame, "background_dataset", ["dataset_id"]),
        *sentences(
            frame, ~pl.col("dataset_id").str.contains(_UUID),
            "id_ill_formed: dataset {} ({}) has an id that is not a lower-case UUID.",
            "dataset_id", "name_en",
        ),
        *sentences(
            frame, ~pl.col("disclosure").is_in([OPEN, AGGREGATED, MERGED, WITHHELD]),
            "disclosure_unknown: dataset {} has disclosure {}; open, aggregated, merged and "
            "withheld are known.", "dataset_id", "disclosure",
        ),
        *sentences(
            frame, shown & ~pl.col("process_type").is_in([UNIT_PROCESS, RESULT]),
            "process_type_unknown: dataset {} has process_type {}; unit_process and result are "
            "known.", "dataset_id", "process_type",
        ),
        *sentences(
            frame, (pl.col("disclosure") == AGGREGATED) & (pl.col("process_type") != RESULT),
            "aggregated_not_result: dataset {} is aggregated but of process_type {}. Only a "
            "result may be aggregated.", "dataset_id", "process_type",
        ),
        *sentences(
            frame, (pl.col("disclosure") == WITHHELD) & pl.col("value").is_not_null(),
            "withheld_with_value: dataset {} is withheld but has a value. Take the value out.",
            "dataset_id",
        ),
        *sentences(
            frame,
            (pl.col("disclosure") == MERGED) & ~pl.col("merged_into").is_in(known).fill_null(False),
            "merged_nowhere: dataset {} is merged into {}, which is not a dataset of this release.",
            "dataset_id", "merged_into",
        ),
    ]  # fmt: skip


def named(frame: pl.DataFrame) -> list[str]:
    """Rules of names that are printed: those of published datasets and of what is merged in."""
    blank = [
        sentences(
            frame, pl.col(name).str.strip_chars().str.len_chars().fill_null(0) == 0,
            f"name_missing: dataset {{}} ({{}}) has no {name}. Both names are needed.",
            "dataset_id", "product_code",
        )
        for name in ("name_zh", "name_en")
    ]  # fmt: skip
    foreign = [
        sentences(
            frame, pl.col(name).str.contains(_HAN).fill_null(False),
            f"name_in_other_language: dataset {{}} has Chinese characters in {name}: {{}}. "
            "Translate it.", "dataset_id", name,
        )
        for name in ("name_en", "technology_en")
    ]  # fmt: skip
    return [*_flat(blank), *_flat(foreign), *texts(frame, "dataset_id")]


def published(frame: pl.DataFrame) -> list[str]:
    """Rules of datasets that are handed out: open and aggregated ones."""
    missing = [
        sentences(
            frame, pl.col(name).is_null(),
            f"text_missing: dataset {{}} has no {name}.", "dataset_id",
        )
        for name in ("period_start", "period_end", "licence", "known_at", "product_code")
    ]  # fmt: skip
    return [
        *_flat(missing), *units(frame, "dataset_id"),
        *sentences(
            frame, ~pl.col("year").is_between(1900, 2999),
            "year_out_of_range: dataset {} is of the year {}.", "dataset_id", "year",
        ),
        *sentences(
            frame, ~pl.col("version_text").str.contains(_VERSION),
            "version_ill_formed: dataset {} has version_text {}; it must look like 01.00.000.",
            "dataset_id", "version_text",
        ),
        *sentences(
            frame, ~pl.col("location_code").str.contains(_LOCATION),
            "location_ill_formed: dataset {} has location_code {}; ISO 3166 codes such as CN or "
            "CN-AH are understood by LCA software.", "dataset_id", "location_code",
        ),
        *sentences(
            frame.filter(pl.col("product_flow_id").is_duplicated()),
            pl.col("product_flow_id").is_not_null(),
            "product_flow_shared: dataset {} shares its product flow {} with another dataset. "
            "Software that links by flow cannot tell them apart: give each dataset its own.",
            "dataset_id", "product_flow_id",
        ),
        *sentences(
            frame.filter(pl.col("product_flow_id").is_not_null()),
            ~pl.col("product_flow_id").str.contains(_UUID),
            "id_ill_formed: dataset {} has the product flow {}, which is not a lower-case UUID.",
            "dataset_id", "product_flow_id",
        ),
    ]  # fmt: skip


def units(frame: pl.DataFrame, key: str) -> list[str]:
    """A unit is one of those that exchange formats know."""
    return sentences(
        frame, ~pl.col("unit").is_in(list(UNITS)),
        f"unit_unknown: {key} {{}} has the unit {{}}; known are {', '.join(sorted(UNITS))}.",
        key, "unit",
    )  # fmt: skip


def texts(frame: pl.DataFrame, key: str) -> list[str]:
    """No text holds a character that XML cannot hold."""
    found = [
        sentences(
            frame, pl.col(name).str.contains(_NOT_XML).fill_null(False),
            f"text_unprintable: {key} {{}} has a control character in {name}. Take it out.", key,
        )
        for name, kind in frame.schema.items()
        if kind == pl.String
    ]  # fmt: skip
    return _flat(found)


def elementary_flows(frame: pl.DataFrame) -> list[str]:
    """Rules of `elementary_flow`."""
    blank = [
        sentences(
            frame, pl.col(name).str.strip_chars().str.len_chars().fill_null(0) == 0,
            f"name_missing: elementary flow {{}} has no {name}.", "flow_id",
        )
        for name in ("name_zh", "name_en", "compartment")
    ]  # fmt: skip
    return [
        *repeated(frame, "elementary_flow", ["flow_id"]), *_flat(blank), *units(frame, "flow_id"),
        *texts(frame, "flow_id"),
        *sentences(
            frame, ~pl.col("flow_id").str.contains(_UUID),
            "id_ill_formed: elementary flow {} ({}) has an id that is not a lower-case UUID.",
            "flow_id", "name_en",
        ),
        *sentences(
            frame, ~pl.col("direction").is_in([INPUT, OUTPUT]),
            "direction_unknown: elementary flow {} has direction {}; input and output are known.",
            "flow_id", "direction",
        ),
        *sentences(
            frame,
            (~pl.col("cas").str.contains(r"^\d{2,10}-\d{2}-\d$")).fill_null(False),
            "cas_ill_formed: elementary flow {} has the CAS number {}; it must look like 124-38-9, "
            "or be left out.",
            "flow_id",
            "cas",
        ),
    ]  # fmt: skip


def products(frame: pl.DataFrame) -> list[str]:
    """Rules of `product`: one row a product, with names that every format can hold."""
    return [
        *repeated(frame, "product", ["product_code"]),
        *texts(frame, "product_code"),
    ]


def factors(frame: pl.DataFrame, flows: pl.DataFrame) -> list[str]:
    """Rules of `characterisation_factor`."""
    return [
        *repeated(frame, "characterisation_factor", ["indicator", "flow_id"]),
        *sentences(
            frame.join(flows, on="flow_id", how="anti"), pl.lit(True),
            "flow_unknown: indicator {} characterises flow {}, which is not in elementary_flow.",
            "indicator", "flow_id",
        ),
        *sentences(
            frame, ~pl.col("factor").is_finite(),
            "factor_not_a_number: indicator {} has the factor {} for flow {}.",
            "indicator", "factor", "flow_id",
        ),
        *sentences(
            frame, ~pl.col("indicator").str.contains(r"^[a-z0-9_]+(\.[a-z0-9_]+)+$"),
            "indicator_ill_formed: indicator {} is not of the form gwp100.ar6.total.", "indicator",
        ),
    ]  # fmt: skip


def disclosed(rows: pl.DataFrame, all_datasets: pl.DataFrame, table: str, kind: str) -> list[str]:
    """Rows stand only under datasets that may show them: the last lock before a file is written."""
    may = all_datasets.filter(
        pl.col("disclosure").is_in([OPEN] if kind == UNIT_PROCESS else [OPEN, AGGREGATED]),
        pl.col("process_type") == kind,
    )
    leaks = (
        rows.select("dataset_id").unique().join(may, on="dataset_id", how="anti")
        .join(all_datasets.select("dataset_id", "disclosure", "process_type"),
              on="dataset_id", how="left")
    )  # fmt: skip
    return sentences(
        leaks, pl.lit(True),
        f"rows_not_disclosed: table {table} has rows of dataset {{}}, which is {{}} and of "
        f"process_type {{}}. Only datasets of process_type {kind} that are published may have "
        "them: take the rows out.",
        "dataset_id", "disclosure", "process_type",
    )  # fmt: skip


def amounts(rows: pl.DataFrame) -> list[str]:
    """Amounts and uncertainties are numbers that a solver can use."""
    return [
        *sentences(
            rows, ~pl.col("amount").is_finite(),
            "amount_not_a_number: dataset {}, exchange {}: the amount is {}.",
            "dataset_id", "exchange_no", "amount",
        ),
        *sentences(
            rows, ~pl.col("sigma").fill_null(0.0).is_between(0.0, LARGEST_SIGMA),
            f"sigma_out_of_range: dataset {{}}, exchange {{}}: sigma is {{}}; it must lie between "
            f"0 and {LARGEST_SIGMA}.", "dataset_id", "exchange_no", "sigma",
        ),
        *sentences(
            rows, ~pl.col("direction").is_in([INPUT, OUTPUT]),
            "direction_unknown: dataset {}, exchange {}: direction is {}; input and output are "
            "known.", "dataset_id", "exchange_no", "direction",
        ),
        *sentences(
            rows, ~pl.col("kind").is_in([PRODUCT, ELEMENTARY, WASTE]),
            "kind_unknown: dataset {}, exchange {}: kind is {}; product, elementary and waste are "
            "known.", "dataset_id", "exchange_no", "kind",
        ),
        *sentences(
            rows, ~pl.concat_str("origin", "stage", ignore_nulls=True).str.contains(r"^[a-z_]*$"),
            "word_ill_formed: dataset {}, exchange {}: origin {} and stage {} must be words of "
            "lower-case letters.", "dataset_id", "exchange_no", "origin", "stage",
        ),
    ]  # fmt: skip


def elementary_exchanges(rows: pl.DataFrame, flows: pl.DataFrame) -> list[str]:
    """Elementary exchanges meet a flow that is known, in its unit and direction."""
    met = rows.join(
        flows.select("flow_id", flow_unit="unit", flow_direction="direction"),
        on="flow_id", how="left",
    )  # fmt: skip
    known = met.filter(pl.col("flow_unit").is_not_null())
    return [
        *sentences(
            met, pl.col("flow_unit").is_null(),
            "flow_unknown: dataset {}, exchange {}: flow {} is not in elementary_flow.",
            "dataset_id", "exchange_no", "flow_id",
        ),
        *sentences(
            known, pl.col("unit") != pl.col("flow_unit"),
            "unit_differs: dataset {}, exchange {}: the amount is in {}, its flow in {}. Convert "
            "the amount.", "dataset_id", "exchange_no", "unit", "flow_unit",
        ),
        *sentences(
            known, pl.col("direction") != pl.col("flow_direction"),
            "direction_differs: dataset {}, exchange {}: direction is {}, that of its flow {}. "
            "Emissions and uptake are different flows.",
            "dataset_id", "exchange_no", "direction", "flow_direction",
        ),
    ]  # fmt: skip


def product_exchanges(rows: pl.DataFrame) -> list[str]:
    """Every product or treated waste comes from one published dataset, in that dataset's unit.

    `rows` carry `disclosure` of the provider as named, `target_id` (where a merged one leads) and
    `target_unit`.
    """
    inputs = rows.filter(pl.col("direction") == INPUT)
    outputs = rows.filter(pl.col("direction") == OUTPUT)
    named = rows.filter(pl.col("provider_id").is_not_null())
    met = named.filter(pl.col("target_id").is_not_null())
    return [
        *sentences(
            inputs, pl.col("provider_id").is_null(),
            "provider_missing: dataset {}, exchange {}: the input of {} has no provider. Name the "
            "dataset that makes it.", "dataset_id", "exchange_no", "product_code",
        ),
        *sentences(
            outputs, pl.col("provider_id").is_null(),
            "second_product: dataset {}, exchange {}: a second product, {}, comes out. Publish the "
            "allocated dataset and keep the other in background_unallocated.",
            "dataset_id", "exchange_no", "product_code",
        ),
        *sentences(
            named, pl.col("target_id").is_null(),
            "provider_dangling: dataset {}, exchange {}: provider {} ({}) is not published, so the "
            "exchange leads nowhere. Merge the provider upward or withhold this dataset.",
            "dataset_id", "exchange_no", "provider_id", "disclosure",
        ),
        *sentences(
            met, pl.col("unit") != pl.col("target_unit"),
            "unit_differs: dataset {}, exchange {}: the amount is in {}, the provider's product in "
            "{}. Convert the amount.", "dataset_id", "exchange_no", "unit", "target_unit",
        ),
    ]  # fmt: skip


def shared_flows(rows: pl.DataFrame, products: pl.DataFrame) -> list[str]:
    """A product flow that is not the product's general one belongs to one dataset."""
    own = (
        rows.filter(pl.col("provider_id").is_not_null(), pl.col("flow_id").is_not_null())
        .join(products, left_on="flow_id", right_on="product_flow_id", how="anti")
        .select("flow_id", "provider_id")
        .unique()
    )
    both = own.filter(pl.col("flow_id").is_duplicated())
    return sentences(
        both, pl.lit(True),
        "product_flow_shared: flow {} is said to be the product of dataset {} and of another one. "
        "Give each dataset its own product flow.", "flow_id", "provider_id",
    )  # fmt: skip


def reference_amounts(rows: pl.DataFrame) -> list[str]:
    """Amounts are stated for one unit of the reference product, in its unit."""
    return [
        *sentences(
            rows, (pl.col("amount") - 1.0).abs() > 1e-12,
            "reference_not_one: dataset {}, exchange {}: the reference product is {}; state all "
            "amounts for one unit.", "dataset_id", "exchange_no", "amount",
        ),
        *sentences(
            rows, pl.col("unit") != pl.col("own_unit"),
            "unit_differs: dataset {}, exchange {}: the reference product is in {}, the dataset in "
            "{}.", "dataset_id", "exchange_no", "unit", "own_unit",
        ),
    ]  # fmt: skip


def filled(all_datasets: pl.DataFrame, rows: pl.DataFrame, table: str) -> list[str]:
    """A published dataset has an inventory."""
    return sentences(
        all_datasets.join(rows, on="dataset_id", how="anti"), pl.lit(True),
        f"inventory_missing: dataset {{}} ({{}}) has no row in {table}. An empty dataset would "
        "count as zero: withhold it or publish its inventory.",
        "dataset_id", "name_en",
    )  # fmt: skip


def _flat(lists: Iterable[list[str]]) -> list[str]:
    return [sentence for each in lists for sentence in each]
