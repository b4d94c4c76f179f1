"""Which average over enterprises may be published, judged by itself.

Belongs here: the rules' parameters as one object, contributions summed to legal groups, the
primary rules. Does not belong here: what other cells reveal (`suppression`), what other releases
reveal (`differencing`).

With e_1 >= e_2 >= ... the contributions of a cell's groups and T their sum, a cell is unsafe when

    threshold   it has fewer groups than the minimum
    dominance   the n largest hold more than the share k of T
    p_percent   T - e_1 - e_2 < p e_1
    prior       T - e_1 - e_2 < (p / q) e_1: the second largest group, who knows every other group's
                figure within q, places the largest within p
    negative    a contribution is below zero: the rules above mean nothing, a person must look

each on weights (output) and on values (emissions). Under `prior` with q < 1, `p_percent` is implied
and stands for the record only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# A comparison of sums of floats: below this share of the total lies rounding.
_ROUNDING = 1e-12

# Of two groups each knows the other's figure; the first published band of numbers begins here.
_LEAST_GROUPS = 3

RULES = ("empty", "threshold", "dominance", "p_percent", "prior", "negative")


class DisclosureError(ValueError):
    """The input of disclosure control cannot be judged; the message says what to do."""


@dataclass(frozen=True, repr=False)
class DisclosureRules:
    """The parameters of the rules. Confidential: never exported, never printed.

    Attributes:
        minimum_groups: least number of legal groups in a published cell, at least 3: the first
            band in which numbers of groups are told begins there.
        dominance: pairs (n, k): the n largest groups hold at most the share k, 0 < k <= 1.
        p: share of a group's figure within which nobody may place it, 0 < p < q.
        q: share within which everybody can place it beforehand, p < q <= 1.
    """

    minimum_groups: int
    dominance: tuple[tuple[int, float], ...]
    p: float
    q: float

    def __post_init__(self) -> None:
        """Refuse parameters that are no rules."""
        if self.minimum_groups < _LEAST_GROUPS:
            raise DisclosureError(
                "DC001: the minimum of groups must be at least 3: a cell of one or two groups "
                "would be published as one of 3-4, and each of two knows the other's figure: "
                "correct the setting"
            )
        if any(n < 1 or not 0 < k <= 1 for n, k in self.dominance):
            raise DisclosureError("DC001: a dominance rule needs n >= 1 and a share in (0, 1]")
        if not 0 < self.p < self.q <= 1:
            raise DisclosureError("DC001: the rules need 0 < p < q <= 1: give shares, not percents")

    def __repr__(self) -> str:
        """Say nothing: logs and tracebacks are read by others."""
        return "DisclosureRules(confidential)"


def sum_to_groups(contributions: pl.DataFrame) -> pl.DataFrame:
    """Sum plants to legal groups within each cell.

    Args:
        contributions: `cell_id`, `group_code`, `weight`, `value`; one row per plant; an optional
            `quantity` (one cell may carry several) and an optional `evidence` (what the figures
            were taken from).

    Returns:
        One row per cell, quantity and group, sorted; `evidence` joined in sorted order.

    Raises:
        DisclosureError: a key is missing, a figure is not finite, a weight is not positive.
    """
    keys = ["cell_id", *(["quantity"] if "quantity" in contributions.columns else []), "group_code"]
    missing = {*keys, "weight", "value"} - set(contributions.columns)
    if missing:
        raise DisclosureError(f"DC002: contributions lack the columns {sorted(missing)}")
    frame = contributions.with_columns(pl.col("weight", "value").cast(pl.Float64))
    if any(frame[key].null_count() for key in keys):
        raise DisclosureError(
            "DC003: a contribution has no cell or no legal group: name the group's ultimate parent"
        )
    finite = frame.select(
        (pl.col(c).is_not_null() & pl.col(c).is_finite()).all() for c in ("weight", "value")
    )
    if frame.height and not all(finite.row(0)):
        raise DisclosureError("DC004: a weight or value is missing or not finite: correct it first")
    if frame.height and float(np.min(frame["weight"].to_numpy())) <= 0:
        raise DisclosureError("DC005: a weight is not positive: leave out plants without output")
    has_evidence = "evidence" in frame.columns
    extra = [pl.col("evidence").cast(pl.String).fill_null("").sort().str.join("+")]
    order = [*keys, "weight", "value", *(["evidence"] if has_evidence else [])]
    return (
        frame.sort(order)
        .group_by(keys, maintain_order=True)
        .agg(pl.col("weight").sum(), pl.col("value").sum(), *(extra if has_evidence else []))
    )


def primary_decisions(
    contributions: pl.DataFrame, rules: DisclosureRules, *, is_summed: bool = False
) -> pl.DataFrame:
    """Judge every cell by itself. Vectorised over all rows.

    Args:
        contributions: as for `sum_to_groups`.
        rules: the parameters.
        is_summed: rows are unique by cell, quantity and group already.

    Returns:
        One row per cell, sorted: `cell_id`, `n_groups`, `weight`, `value`, `largest` (of values),
        `status` (`safe`, `unsafe`, `review`), `failed` (list of the names of the rules). With
        several quantities a cell is as safe as its least safe quantity; a group without the
        quantity does not count for it; weight, value and largest are those of the first quantity.
        Confidential: `failed` tells about contributors.
    """
    summed = contributions if is_summed else sum_to_groups(contributions)
    has_quantity = "quantity" in summed.columns
    keys = ["cell_id", *(["quantity"] if has_quantity else [])]
    summed = summed.sort(*keys, "group_code")
    if has_quantity:
        empty = pl.col("value") == 0
        # A group without the quantity hides nobody; a quantity that nobody has is no secret.
        summed = summed.filter(~empty | ~(pl.col("value") != 0).any().over(keys))
    if summed.is_empty():
        return pl.DataFrame(schema=_DECISION_SCHEMA)
    starts = _starts(summed, keys)
    weight, value = summed["weight"].to_numpy(), summed["value"].to_numpy()
    failed = {rule: np.zeros(len(starts), dtype=bool) for rule in RULES[1:]}
    count = np.diff(np.append(starts, len(weight)))
    none = np.add.reduceat(np.abs(value), starts) == 0 if has_quantity else count < 0
    failed["threshold"] = (count < rules.minimum_groups) & ~none
    failed["negative"] = np.minimum.reduceat(value, starts) < 0
    largest = np.zeros(len(starts))
    for figures in (weight, np.abs(value)):
        top, total = _ranked(figures, starts, count)
        largest = _sum_of_largest(top, starts, count, 1)
        two = _sum_of_largest(top, starts, count, 2)
        slack = _ROUNDING * total
        for n, k in rules.dominance:
            failed["dominance"] |= _sum_of_largest(top, starts, count, n) > k * total + slack
        rest = np.maximum(total - two, 0.0)
        failed["p_percent"] |= rest < rules.p * largest - slack
        failed["prior"] |= rest < rules.p / rules.q * largest - slack
    for rule in ("dominance", "p_percent", "prior"):
        failed[rule] &= ~none
    judged = pl.DataFrame(
        {
            "cell_id": summed["cell_id"].gather(starts),
            "n_groups": count.astype(np.int64),
            "weight": np.add.reduceat(weight, starts),
            "value": np.add.reduceat(value, starts),
            "largest": largest,
            **failed,
        }
    )
    flags = list(failed)
    return (
        judged.group_by("cell_id", maintain_order=True)
        .agg(
            pl.col("n_groups").max(),
            pl.col("weight", "value", "largest").first(),
            pl.col(flags).any(),
        )
        .with_columns(
            status=pl.when(pl.col("negative"))
            .then(pl.lit("review"))
            .when(pl.any_horizontal(flags))
            .then(pl.lit("unsafe"))
            .otherwise(pl.lit("safe")),
            failed=pl.concat_list(
                [pl.when(pl.col(rule)).then(pl.lit(rule)) for rule in flags]
            ).list.drop_nulls(),
        )
        .select(list(_DECISION_SCHEMA))
    )


_DECISION_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "cell_id": pl.String,
    "n_groups": pl.Int64,
    "weight": pl.Float64,
    "value": pl.Float64,
    "largest": pl.Float64,
    "status": pl.String,
    "failed": pl.List(pl.String),
}


def _starts(frame: pl.DataFrame, keys: Sequence[str]) -> IntArray:
    """First row of each run of equal keys in a sorted frame."""
    changes = frame.select(
        pl.any_horizontal([pl.col(k) != pl.col(k).shift() for k in keys]).fill_null(True)
    ).to_series()
    return np.flatnonzero(changes.to_numpy()).astype(np.int64)


def _ranked(
    figures: FloatArray, starts: IntArray, count: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Figures of each run in falling order, and each run's total."""
    run = np.repeat(np.arange(len(starts)), count)
    falling = figures[np.lexsort((-figures, run))]
    return falling, np.add.reduceat(falling, starts)


def _sum_of_largest(falling: FloatArray, starts: IntArray, count: IntArray, n: int) -> FloatArray:
    total = np.zeros(len(starts))
    for rank in range(n):
        place = np.minimum(starts + rank, len(falling) - 1)
        total += np.where(count > rank, falling[place], 0.0)
    return total


def names_parameters(content: str | pl.DataFrame, rules: DisclosureRules) -> list[str]:
    """Places where a text or table that is about to be published names the rules' parameters.

    In a text: one of the rules' words with a parameter's value, as share or percent, within forty
    characters. In a table: a column named after a parameter, or such a text in a cell.

    Returns:
        One sentence per place, sorted; empty when nothing was found. No sentence repeats a value.
    """
    if isinstance(content, str):
        return [
            f"DC010: the text names a parameter of disclosure control near character {place}"
            for place in _places(content, rules)
        ]
    found = [
        f"DC011: the column {name!r} is named after a parameter of disclosure control"
        for name in content.columns
        if _COLUMN.search(name)
    ]
    for name, dtype in content.schema.items():
        if dtype == pl.String and any(
            _places(text, rules) for text in content[name].drop_nulls().unique().sort()
        ):
            found.append(f"DC012: the column {name!r} names a parameter of disclosure control")
    return sorted(found)


_WORDS = re.compile(
    r"threshold|minimum (?:number|of)|at least|fewer than|dominan|p ?%|p-percent|\bpq\b|prior|"
    r"\bp\s*=|\bq\s*=|\bn\s*=|\bk\s*=|阈值|至少|少于|优势|先验|支配",
    re.IGNORECASE,
)
_COLUMN = re.compile(
    r"minimum_groups|dominance|(^|_)(n_)?k_share|(^|_)prior|(^|_)p_percent|(^|_)pq($|_)|disclosure_rule"
)


def _places(text: str, rules: DisclosureRules) -> list[int]:
    values = {f"{rules.minimum_groups}"}
    for share in (rules.p, rules.q, *(k for _, k in rules.dominance)):
        values |= {f"{share:g}", f"{share * 100:g}", f"{share:.2f}"}
    number = re.compile(
        r"(?<![\d.])(?:" + "|".join(re.escape(v) for v in sorted(values)) + r")(?![\d.]*\d)"
    )
    return [
        word.start()
        for word in _WORDS.finditer(text)
        if number.search(text[max(word.start() - 40, 0) : word.end() + 40])
    ]


def flow_decisions(
    flows: pl.DataFrame, rules: DisclosureRules, *, decisions: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Say which unit processes may be shown whole: those of which every flow is safe by itself.

    A flow that few of a dataset's plants have is theirs: amount per output times total output.

    Args:
        flows: `cell_id`, `flow_id`, `group_code`, `weight`, `value` (amount, not per output).
        rules: the parameters.
        decisions: of `primary_decisions` on the scores; a cell that is not safe there is not whole.

    Returns:
        `cell_id`, `is_whole`, sorted.
    """
    judged = primary_decisions(flows.rename({"flow_id": "quantity"}), rules)
    whole = judged.select("cell_id", is_whole=pl.col("status") == "safe")
    if decisions is not None:
        safe = decisions.filter(pl.col("status") == "safe")["cell_id"]
        whole = whole.with_columns(pl.col("is_whole") & pl.col("cell_id").is_in(safe.implode()))
    return whole.sort("cell_id")


def rules_from(values: Mapping[str, object]) -> DisclosureRules:
    """Read the parameters from a mapping of a confidential settings file.

    Raises:
        DisclosureError: a parameter is missing or no number; the message names it, not its value.
    """
    try:
        pairs = values["dominance"]
        assert isinstance(pairs, Sequence)
        return DisclosureRules(
            minimum_groups=int(str(values["minimum_groups"])),
            dominance=tuple((int(n), float(k)) for n, k in pairs),
            p=float(str(values["p"])),
            q=float(str(values["q"])),
        )
    except KeyError as error:
        raise DisclosureError(f"DC001: the disclosure rules lack {error.args[0]!r}") from None
    except (AssertionError, TypeError, ValueError) as error:
        if isinstance(error, DisclosureError):
            raise
        raise DisclosureError("DC001: a disclosure rule is no number: correct the file") from None
