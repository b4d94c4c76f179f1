"""Invariants of background datasets: figures that follow from each other; nothing of the hidden.

Belongs here: what must hold between the published background tables, and that disclosure control
was obeyed in the very files that leave. Does not belong here: the solution before rounding, keys
and relations (dbt tests).

Every published figure x is rounded to four digits and so lies within h(x) = 0.5e-3 |x| of what was
computed (half of the last digit, at most). Sums are held to the sum of these.

    aggregated    score_k = sum_f C_kf G_f                       over its inventory G
    open          score_k = sum_i a_i score_k(i) + sum_f C_kf b_f    over its exchanges

A warehouse without questionnaires has none of these tables' rows; then there is nothing to judge.
"""

from __future__ import annotations

import polars as pl

from expectations.check_result import CheckResult
from expectations.disclosure_parameters import least_band, places_named
from expectations.invariants.question import Question, Tables, result

HEADLINE = "gwp100.ar6.total"
SHOWN = ("open", "aggregated")
OF_DATASETS = (
    "background_score", "background_exchange", "background_inventory", "background_allocation",
    "background_unallocated", "background_contribution", "electricity_sensitivity",
    "footprint_comparison",
)  # fmt: skip
"""Tables whose rows belong to a dataset by `dataset_id`."""

WITHOUT_PLANTS = ("default", "modelled")
"""Tiers of datasets that no plant stands behind."""

_FIGURES = (
    "value", "median", "lower_95", "upper_95", "fossil", "biogenic_emission", "biogenic_uptake",
    "land_use", "primary_data_share", "dqr", "dqr_technological", "dqr_geographical",
    "dqr_temporal", "dqr_precision", "contributors_band", "content_sha256",
)  # fmt: skip
_HALF_DIGIT = 0.5e-3
_DUST = 1e-12


def aggregated_scores_follow_from_inventories(tables: Tables, question: Question) -> CheckResult:
    """Check that each score of a result is its inventory, weighed by the factors.

    Inventory and scores leave by different tables: a reader must not find two answers.
    """
    made = (
        tables["background_inventory"]
        .join(tables["characterisation_factor"], on="flow_id")
        .select("dataset_id", "indicator", part=pl.col("amount") * pl.col("factor"))
    )
    results = tables["background_dataset"].filter(
        pl.col("disclosure").is_in(SHOWN), pl.col("process_type") == "result"
    )
    return _judged_sums(
        "aggregated_scores_follow_from_inventories",
        "background_inventory",
        made,
        tables["background_score"].join(results, on="dataset_id", how="semi"),
        "the score of a result is its inventory weighed by the factors",
        "Inventory and scores must come from one solution; rebuild the one that is stale.",
    )


def open_scores_follow_from_exchanges(tables: Tables, question: Question) -> CheckResult:
    """Check closure on the files: an open dataset's score is what it emits and what it buys.

    Whoever solves the published system must come to the published scores.
    """
    score = tables["background_score"]
    exchange = tables["background_exchange"].with_columns(
        signed=pl.when((pl.col("direction") == "output") & (pl.col("kind") != "elementary"))
        .then(-pl.col("amount"))
        .otherwise("amount")
    )
    bought = exchange.filter(pl.col("kind") != "elementary").join(
        score.select("indicator", provider_id="dataset_id", worth="value"),
        on="provider_id",
        how="left",
    )
    emitted = exchange.filter(pl.col("kind") == "elementary").join(
        tables["characterisation_factor"].select("flow_id", "indicator", worth="factor"),
        on="flow_id",
        how="left",
    )
    made = pl.concat(
        [
            part.select("dataset_id", "indicator", part=pl.col("signed") * pl.col("worth"))
            for part in (bought, emitted)
        ]
    )
    opened = tables["background_dataset"].filter(disclosure="open")
    return _judged_sums(
        "open_scores_follow_from_exchanges",
        "background_exchange",
        made,
        score.join(opened, on="dataset_id", how="semi"),
        "the score of an open dataset is what it emits and what its suppliers score",
        "Look for an exchange that is lost, or a supplier of another year.",
    )


def contributions_make_the_score(tables: Tables, question: Question) -> CheckResult:
    """Check that the contributions of a dataset add up to its value."""
    made = tables["background_contribution"].select("dataset_id", "indicator", part="value")
    wanted = tables["background_score"].join(
        made.select("dataset_id", "indicator").unique(), on=["dataset_id", "indicator"], how="semi"
    )
    return _judged_sums(
        "contributions_make_the_score",
        "background_contribution",
        made,
        wanted,
        "the contributions of a dataset add up to its value",
        "A stage or a supplier is missing, or stands twice.",
    )


def emissions_are_positive_and_uptake_negative(tables: Tables, question: Question) -> CheckResult:
    """Check signs: only uptake, and the credit of an expanded system, takes below zero."""
    signed = tables["background_score"].join(
        tables["background_dataset"].select("dataset_id", "allocation"), on="dataset_id", how="left"
    )
    boundary = pl.col("indicator").str.split(".").list.last()
    uptake = boundary == "biogenic_uptake"
    mixed = boundary.is_in(["total_incl_uptake", "biogenic_incl_uptake"])
    credit = pl.col("allocation") == "system_expansion"
    bad = signed.filter(
        (uptake & (pl.col("value") > 0) & ~credit)
        | (~uptake & ~mixed & ~credit & (pl.col("value") < 0))
    )
    return result(
        "emissions_are_positive_and_uptake_negative",
        "background_score",
        judged=signed.height,
        bad=bad.select("dataset_id", "indicator", "value"),
        rule="emissions are not below zero and uptake not above, credits apart",
        advice="A loop uses up more than it makes, or a flow stands with the wrong direction.",
        may_be_empty=True,
    )


def hidden_datasets_have_no_figure(tables: Tables, question: Question) -> CheckResult:
    """Check that of a merged or withheld dataset no figure stands in any table.

    One figure in one table is a disclosure that no later release takes back.
    """
    dataset = tables["background_dataset"]
    hidden = dataset.filter(~pl.col("disclosure").is_in(SHOWN))
    told = hidden.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in _FIGURES))
    found = [told.select("dataset_id", table=pl.lit("background_dataset"))]
    for name in OF_DATASETS:
        rows = tables[name].select("dataset_id").unique()
        found.append(
            rows.join(hidden, on="dataset_id", how="semi").select("dataset_id", table=pl.lit(name))
        )
    return result(
        "hidden_datasets_have_no_figure",
        "background_dataset",
        judged=hidden.height,
        bad=pl.concat(found),
        rule="nothing is published of a merged or withheld dataset but what it is",
        advice="Do not publish. Find the model that does not read the state of the dataset.",
        may_be_empty=True,
    )


def contributors_are_enough(tables: Tables, question: Question) -> CheckResult:
    """Check that every shown dataset of plants has a band, and none under that of the rules."""
    start = pl.col("contributors_band").str.extract(r"^(\d+)").cast(pl.Int64)
    shown = tables["background_dataset"].filter(
        pl.col("disclosure").is_in(SHOWN),
        ~pl.col("quality_tier").is_in(WITHOUT_PLANTS),
        pl.col("product_code") != "electricity.grid",
    )
    bad = shown.filter(start.is_null() | (start < least_band()))
    return result(
        "contributors_are_enough",
        "background_dataset",
        judged=shown.height,
        bad=bad.select("dataset_id", "contributors_band"),
        rule="a dataset of plants is shown with a band of contributors that the rules allow",
        advice="Do not publish. Decisions and datasets are of different runs.",
        may_be_empty=True,
    )


def no_text_names_a_rule(tables: Tables, question: Question) -> CheckResult:
    """Check that no background table names a parameter of disclosure control."""
    names = ("background_dataset", "background_grade", "product", *OF_DATASETS)
    found = [(name, column) for name in names for column in places_named(tables[name])]
    return result(
        "no_text_names_a_rule",
        "background_dataset",
        judged=len(names),
        bad=pl.DataFrame(found, schema=["table", "column"], orient="row"),
        rule="no published text or column names a parameter of disclosure control",
        advice="Take it out: the parameters are confidential.",
    )


def figures_are_rounded(tables: Tables, question: Question) -> CheckResult:
    """Check that figures have four digits at most: more would narrow an intruder's intervals."""
    columns = {
        "background_score": ["value", "median", "lower_95", "upper_95"],
        "background_inventory": ["amount"],
        "background_contribution": ["value"],
        "electricity_sensitivity": ["electricity_kwh", "change_per_percent", "elasticity"],
        "background_grade": ["above", "up_to"],
        "background_unallocated": ["amount"],
    }
    figures = pl.concat(
        [
            tables[name].select(
                table=pl.lit(name), column=pl.lit(column), figure=pl.col(column).cast(pl.Float64)
            )
            for name, wanted in columns.items()
            for column in wanted
        ]
    ).drop_nulls()
    off = (pl.col("figure") - pl.col("figure").round_sig_figs(4)).abs()
    return result(
        "figures_are_rounded",
        "background_score",
        judged=figures.height,
        bad=figures.filter(off > 1e-9 * pl.col("figure").abs()),
        rule="a published figure of plants has four significant digits at most",
        advice="Publish from int_published_figure alone.",
        may_be_empty=True,
    )


def _judged_sums(
    name: str, table: str, parts: pl.DataFrame, scores: pl.DataFrame, rule: str, advice: str
) -> CheckResult:
    """Hold sums of `part` against scores, to within the rounding of both."""
    keys = ["dataset_id", "indicator"]
    sums = (
        parts.sort(*keys, "part")
        .group_by(keys, maintain_order=True)
        .agg(
            made=pl.col("part").sum(),
            size=pl.col("part").abs().sum(),
            lost=pl.col("part").is_null().any(),
        )
    )
    both = scores.select(*keys, "value").join(sums, on=keys, how="left").sort(keys)
    # Amount and worth are both rounded: twice the half digit for each product.
    slack = 2 * _HALF_DIGIT * pl.col("size") + _HALF_DIGIT * pl.col("value").abs() + _DUST
    bad = both.filter(
        ~((pl.col("made") - pl.col("value")).abs() <= slack).fill_null(False)
        | pl.col("lost").fill_null(True)
    )
    return result(
        name,
        table,
        judged=both.height,
        bad=bad.select(*keys, "value", "made"),
        rule=rule,
        advice=advice,
        may_be_empty=True,
    )
