"""What an invariant is given and what it gives back.

Belongs here: the question, and the making of a result from the groups that break a rule. Does not
belong here: any rule.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import polars as pl

from expectations.check_result import SAMPLE_ROWS, CheckResult, plain_row
from expectations.thresholds import Thresholds

Tables = Mapping[str, pl.DataFrame]

PERIOD = ["resolution", "period_start"]


@dataclasses.dataclass(frozen=True)
class Question:
    """What the tables are judged by: the month of the release and the tolerances."""

    release_month: str
    thresholds: Thresholds


Invariant = Callable[[Tables, Question], CheckResult]


def result(
    name: str,
    table: str,
    *,
    judged: int,
    bad: pl.DataFrame,
    rule: str,
    advice: str,
    may_be_empty: bool = False,
) -> CheckResult:
    """Make the result of an invariant from the groups that it judged and those that break it."""
    sample: list[dict[str, object]] = []
    if bad.height:
        ordered = bad.sort(bad.columns)
        sample = [plain_row(row) for row in ordered.head(SAMPLE_ROWS).iter_rows(named=True)]
        first = ", ".join(f"{column} {value}" for column, value in sample[0].items())
        sentence = (
            f"Broken: {rule}. {bad.height} of {judged} groups break it, first: {first}. {advice}"
        )
    elif judged == 0 and may_be_empty:
        sentence = f"Nothing to judge yet in this month: {rule}."
    elif judged == 0:
        sentence = f"Nothing was judged: {rule}. A rule without rows proves nothing. {advice}"
    else:
        sentence = f"Holds for {judged} groups: {rule}."
    passed = not bad.height and (judged > 0 or may_be_empty)
    return CheckResult(
        f"invariant.{name}",
        "invariant",
        table,
        "passed" if passed else "failed",
        "error",
        f"{bad.height} of {judged} groups break the rule",
        judged,
        sentence,
        sample,
        may_be_empty,
    )
