"""Results of the life-cycle system as the warehouse keeps them: one frame for each question.

Belongs here: solving once from the three frames, what an empty database answers, and the columns
of each result. Does not belong here: the methods (`readiness`, `life_cycle_scores`,
`life_cycle_sampling`), and what is published of a result.

A warehouse without questionnaires has no process. Then there is nothing to judge and every result
is empty; that is no error here (`readiness.judge` calls it one, since it is asked to judge).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dbt_project.methods import life_cycle_scores
from dbt_project.methods.life_cycle_sampling import sample_scores
from dbt_project.methods.life_cycle_scores import LifeCycleScores, solve_scores
from dbt_project.methods.readiness import FINDING, judge
from dbt_project.methods.technosphere import build_system

# The indicator that contributions, ratings and the disclosure rules are about.
HEADLINE = "gwp100.ar6.total"

_TEXT, _NUMBER, _WHOLE = pl.String(), pl.Float64(), pl.Int64()
SCORE = {"process_id": _TEXT, "indicator": _TEXT, "value": _NUMBER}
INTERVAL = {
    "process_id": _TEXT, "indicator": _TEXT, "lower_95": _NUMBER, "median": _NUMBER,
    "upper_95": _NUMBER, "mean": _NUMBER,
}  # fmt: skip
CONTRIBUTION = {
    "process_id": _TEXT, "indicator": _TEXT, "stage": _TEXT, "provider_id": _TEXT,
    "value": _NUMBER, "share": _NUMBER,
}  # fmt: skip
QUALITY = {
    "process_id": _TEXT, "dqr_te": _NUMBER, "dqr_ge": _NUMBER, "dqr_ti": _NUMBER,
    "dqr_p": _NUMBER, "dqr": _NUMBER, "rated_exchanges": _WHOLE, "rated_share": _NUMBER,
    "primary_activity_share": _NUMBER, "primary_data_share": _NUMBER,
}  # fmt: skip
INVENTORY = {"process_id": _TEXT, "flow_id": _TEXT, "amount": _NUMBER}
SENSITIVITY = {
    "process_id": _TEXT, "electricity_id": _TEXT, "region_code": _TEXT, "indicator": _TEXT,
    "electricity_amount": _NUMBER, "change_per_percent": _NUMBER, "elasticity": _NUMBER,
}  # fmt: skip
SOLUTION = {
    "indicator": _TEXT, "processes": _WHOLE, "exchanges": _WHOLE, "checksum": _TEXT,
    "residual": _NUMBER, "closure": _NUMBER, "adjoint_gap": _NUMBER,
}  # fmt: skip


@dataclass(frozen=True)
class Database:
    """The three frames that `technosphere.build_system` takes."""

    process: pl.DataFrame
    exchange: pl.DataFrame
    characterisation: pl.DataFrame

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to solve."""
        return self.process.is_empty()

    def chains_of(self, process_ids: pl.Series) -> Database:
        """Return these processes and all that supply them, directly or not."""
        needed = self.process.select("process_id").filter(
            pl.col("process_id").is_in(process_ids.implode())
        )
        while True:
            suppliers = (
                self.exchange.join(needed, on="process_id", how="semi")
                .select(process_id="provider_id")
                .drop_nulls()
            )
            more = pl.concat([needed, suppliers]).unique()
            if more.height == needed.height:
                break
            needed = more
        return Database(
            self.process.join(needed, on="process_id", how="semi"),
            self.exchange.join(needed, on="process_id", how="semi"),
            self.characterisation,
        )

    def scores(self) -> LifeCycleScores:
        """Solve the system; see `solve_scores` for what is raised."""
        return solve_scores(build_system(self.process, self.exchange, self.characterisation))


def readiness(database: Database) -> pl.DataFrame:
    """Return the findings of the readiness gates, sorted; none for an empty database.

    A gate that was not reached for errors before it is a finding of its own (`not_judged`).
    """
    if database.is_empty:
        return pl.DataFrame(schema=FINDING)
    report = judge(database.process, database.exchange, database.characterisation)
    skipped = pl.DataFrame({"rule": list(report.not_judged)}, schema={"rule": pl.String()})
    return pl.concat(
        [
            report.findings,
            skipped.select(
                rule=pl.lit("not_judged"),
                severity=pl.lit("warning"),
                process_id=pl.lit(None, pl.String()),
                sentence_en=pl.format("{} was not judged, for errors found before it", "rule"),
                sentence_zh=pl.format("因先前的错误，未检验 {}", "rule"),
            ),
        ]
    ).sort("severity", "rule", "process_id", "sentence_en", nulls_last=True)


def solution(database: Database) -> pl.DataFrame:
    """Judge the database, solve it and say how well: `SOLUTION`, one row per indicator.

    Raises:
        NotReady: the first error of the readiness gates, as a sentence.
    """
    if database.is_empty:
        return pl.DataFrame(schema=SOLUTION)
    report = judge(database.process, database.exchange, database.characterisation)
    report.require(database.process, database.exchange, database.characterisation)
    scores = report.scores
    assert scores is not None  # `require` has seen to it
    return pl.DataFrame(
        {
            "indicator": list(scores.system.indicators),
            "residual": scores.residual,
        }
    ).select(
        "indicator",
        processes=pl.lit(report.processes, _WHOLE),
        exchanges=pl.lit(report.exchanges, _WHOLE),
        checksum=pl.lit(report.checksum),
        residual="residual",
        closure=pl.lit(scores.closure),
        adjoint_gap=pl.lit(scores.adjoint_gap),
    )


def scores(database: Database) -> pl.DataFrame:
    """Return the scores of all processes for all indicators: `SCORE`."""
    return _typed(None if database.is_empty else database.scores().table(), SCORE)


def intervals(database: Database, *, wanted: pl.Series, draws: int, seed: int) -> pl.DataFrame:
    """Return the percentiles of all scores under the same draws: `INTERVAL`.

    Drawn are the processes `wanted` and their chains; another year's are left in peace.
    """
    chains = database.chains_of(wanted)
    if chains.is_empty:
        return _typed(None, INTERVAL)
    return _typed(sample_scores(chains.scores(), draws=draws, seed=seed).table(), INTERVAL)


def contributions(database: Database) -> pl.DataFrame:
    """Return the first tier of the headline's scores, by stage and supplier: `CONTRIBUTION`."""
    if database.is_empty:
        return _typed(None, CONTRIBUTION)
    return _typed(
        life_cycle_scores.contributions_by_provider(database.scores(), [HEADLINE]), CONTRIBUTION
    )


def quality(database: Database) -> pl.DataFrame:
    """Return rating by contribution and share of primary data of the headline: `QUALITY`."""
    if database.is_empty:
        return _typed(None, QUALITY)
    solved = database.scores()
    return _typed(
        life_cycle_scores.rating_by_contribution(solved, HEADLINE).join(
            life_cycle_scores.primary_data_share(solved, HEADLINE), on="process_id", how="left"
        ),
        QUALITY,
    ).sort("process_id")


def inventories(database: Database) -> pl.DataFrame:
    """Return the aggregated elementary flows of all processes: `INVENTORY`."""
    if database.is_empty:
        return _typed(None, INVENTORY)
    return _typed(life_cycle_scores.inventory(database.scores()), INVENTORY)


def sensitivities(database: Database) -> pl.DataFrame:
    """Return what a change of each electricity does to the headline: `SENSITIVITY`."""
    if database.is_empty:
        return _typed(None, SENSITIVITY)
    return _typed(
        life_cycle_scores.electricity_sensitivity(database.scores(), [HEADLINE]), SENSITIVITY
    )


def _typed(frame: pl.DataFrame | None, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    if frame is None:
        return pl.DataFrame(schema=schema)
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())
