"""One defect for each invariant of background datasets.

Belongs here: changes of the synthetic background tables that break one rule. Does not belong here:
the tests that use them (`test_invariants`).
"""

from __future__ import annotations

import polars as pl

from tests.warehouse.synthetic_background import BILLET, REBAR, WITHHELD

Tables = dict[str, pl.DataFrame]


def defects(tables: Tables) -> dict[str, Tables]:
    """Return, by invariant, the tables with the defect that it is for."""

    def edited(table: str, where: pl.Expr, column: str, value: object) -> Tables:
        new = value if isinstance(value, pl.Expr) else pl.lit(value)
        return tables | {
            table: tables[table].with_columns(
                pl.when(where).then(new).otherwise(pl.col(column)).alias(column)
            )
        }

    billet, rebar = pl.col("dataset_id") == BILLET, pl.col("dataset_id") == REBAR
    leak = tables["background_inventory"].with_columns(dataset_id=pl.lit(WITHHELD)).head(1)
    return {
        "aggregated_scores_follow_from_inventories": edited(
            "background_inventory", billet, "amount", pl.col("amount") * 1.01
        ),
        "open_scores_follow_from_exchanges": tables
        | {
            "background_exchange": tables["background_exchange"].filter(
                ~(rebar & (pl.col("exchange_no") == 3))
            )
        },
        "contributions_make_the_score": edited(
            "background_contribution", rebar & (pl.col("stage") == "process"), "value", 0.1
        ),
        "emissions_are_positive_and_uptake_negative": edited(
            "background_score", billet, "value", -0.001
        ),
        "hidden_datasets_have_no_figure": tables
        | {"background_inventory": pl.concat([tables["background_inventory"], leak])},
        "contributors_are_enough": edited("background_dataset", rebar, "contributors_band", "2-2"),
        "no_text_names_a_rule": edited(
            "background_dataset", rebar, "name_en", "Rebar, at least 3 groups"
        ),
        "figures_are_rounded": edited("background_score", billet, "median", 2.00012),
    }
