"""One defect for each invariant of vintages.

Belongs here: changes of the synthetic history that break one rule. Does not belong here: the tests
that use them (`test_invariants`).
"""

from __future__ import annotations

import datetime as dt

import polars as pl

Tables = dict[str, pl.DataFrame]


def defects(tables: Tables) -> dict[str, Tables]:
    """Return, by invariant, the tables with the defect that it is for."""
    history, revision = tables["factor_history"], tables["factor_revision"]
    first = pl.int_range(pl.len()) == 0
    is_early = pl.col("superseded_on").is_not_null()
    late = pl.when(is_early).then(pl.col("superseded_on") + dt.timedelta(days=1))
    return {
        "history_ends_in_the_release": tables
        | {"factor_history": history.filter(is_early | ~first)},
        "stretches_of_history_follow_each_other": tables
        | {"factor_history": history.with_columns(late.alias("superseded_on"))},
        "revisions_lead_from_value_to_value": tables
        | {
            "factor_revision": revision.with_columns(
                pl.when(first)
                .then(pl.col("previous_value") + 0.001)
                .otherwise(pl.col("previous_value"))
                .alias("previous_value")
            )
        },
    }
