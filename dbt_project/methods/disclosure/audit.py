"""What an intruder can compute from everything published: the proof after the engine's choice.

Belongs here: feasibility intervals of withheld cells and of single groups' figures, by linear
programmes over contributions, from the published values as they were rounded. Does not belong
here: how the choice was made. This module shares no code with the engine, `suppression`: it knows
only what was published, and judges exactly that.

Unknowns are the emissions of contributions. Known are their bounds, (1 - q) e to (1 + q) e; each
published mean v over a weight W, rounded to within h: (v - h) W <= sum e <= (v + h) W; and every
figure of the group that is the intruder. Two programmes give the least and the largest value of a
sum of unknowns. HiGHS solves them; one thread, no presolve.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from dbt_project.methods.disclosure.rules import DisclosureError, DisclosureRules

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# The solver's own tolerance, relative to a table's total of one.
_SOLVER = 1e-7


@dataclass(frozen=True, eq=False)
class Published:
    """Everything known of one table, over all releases.

    Attributes:
        group: group of each contribution, shape (K,).
        value: its true emission, shape (K,); a corrected figure is a contribution of its own.
        holds: coefficient of each contribution in each published value, shape (N, K): 1 in a cell's
            sum, 1 over its weight in a sum of intensities, 0 elsewhere.
        total: published value times weight, shape (N,): what the coefficients add up to.
        slack: half the last digit kept, times weight, shape (N,); zero where nothing was rounded.
    """

    group: NDArray[np.str_]
    value: FloatArray
    holds: FloatArray
    total: FloatArray
    slack: FloatArray


class _Interval:
    """Least and largest value of sums of unknowns, under bounds that may be tightened."""

    def __init__(self, published: Published, rules: DisclosureRules) -> None:
        self.scale = float(np.abs(published.value).sum()) or 1.0
        value = published.value / self.scale
        margin = rules.q * np.abs(value)
        self.lower, self.upper = value - margin, value + margin
        self.value = value
        self.columns = np.arange(len(value), dtype=np.int32)
        rows, columns = np.nonzero(published.holds)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(value), len(published.holds)
        program.col_cost_ = np.zeros(len(value))
        program.col_lower_, program.col_upper_ = self.lower, self.upper
        program.row_lower_ = (published.total - published.slack) / self.scale
        program.row_upper_ = (published.total + published.slack) / self.scale
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = np.searchsorted(rows, np.arange(len(published.holds) + 1))
        program.a_matrix_.index_ = columns.astype(np.int32)
        program.a_matrix_.value_ = published.holds[rows, columns]
        self.solver = highspy.Highs()
        self.solver.silent()
        self.solver.setOptionValue("threads", 1)
        self.solver.setOptionValue("presolve", "off")
        self.solver.passModel(program)

    def of(
        self, wanted: BoolArray, known: BoolArray, margin: float = np.inf
    ) -> tuple[float, float] | None:
        """Bounds of the sum over `wanted` for an intruder to whom `known` is known.

        None, and the second programme spared, where either lies `margin` from the true value.
        """
        true = float(self.value[wanted].sum())
        lower = np.where(known, self.value, self.lower)
        upper = np.where(known, self.value, self.upper)
        self.solver.changeColsBounds(len(self.value), self.columns, lower, upper)
        cost = wanted.astype(np.float64)
        self.solver.changeColsCost(len(self.value), self.columns, cost)
        ends = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            self.solver.changeObjectiveSense(sense)
            self.solver.run()
            if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                raise DisclosureError(
                    "DC030: the published values contradict the contributions they are said to "
                    "average: check the record of contributors and the rounding"
                )
            ends.append(float(self.solver.getInfo().objective_function_value))
            if abs(ends[-1] - true) >= margin / self.scale - 10 * _SOLVER:
                return None
        return ends[0] * self.scale, ends[1] * self.scale


def audit_cells(
    published: Published, withheld: dict[str, BoolArray], rules: DisclosureRules
) -> pl.DataFrame:
    """Feasibility interval of each withheld cell's total, for somebody outside.

    Args:
        published: what is known.
        withheld: contributions of each withheld cell, shape (K,) each.
        rules: the half width must reach p times the cell's largest group.

    Returns:
        `cell_id`, `value`, `lower`, `upper`, `needed`, `is_protected`, sorted. Where it is plain
        that a cell is protected, the interval is one that it surely has, not its widest.
        Confidential.
    """
    interval: _Interval | None = None
    blur = _Blur(published, rules, np.unique(published.group))
    nobody = np.zeros(len(published.value), dtype=bool)
    rows = []
    for cell_id in sorted(withheld):
        inside = withheld[cell_id]
        value = float(published.value[inside].sum())
        _, group = np.unique(published.group[inside], return_inverse=True)
        by_group = np.bincount(group, np.abs(published.value[inside]))
        needed = rules.p * float(by_group.max(initial=0.0))
        far = blur.outside(inside)
        lower, upper, short = value - far, value + far, False
        if far < needed:
            interval = interval or _Interval(published, rules)
            lower, upper = interval.of(inside, nobody) or (value, value)
            short = needed - max(upper - value, value - lower) > 10 * _SOLVER * interval.scale
        rows.append((cell_id, value, lower, upper, needed, not short))
    schema = {
        "cell_id": pl.String,
        "value": pl.Float64,
        "lower": pl.Float64,
        "upper": pl.Float64,
        "needed": pl.Float64,
        "is_protected": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def audit_groups(published: Published, rules: DisclosureRules) -> pl.DataFrame:
    """Figures of groups that some group, or somebody outside, can place within p.

    Every contribution of every group is a target, and where a group has several, their sum.
    Intruders are somebody outside and each other group that a chain of published values links to
    the target.

    Returns:
        One row per recovered target and first successful intruder: `group`, `intruder` (null:
        somebody outside), `value`, `lower`, `upper`; sorted. Empty is what is wanted. Confidential.
    """
    interval: _Interval | None = None
    groups = np.unique(published.group)
    blur = _Blur(published, rules, groups)
    own = {group: published.group == group for group in groups}
    nobody = np.zeros(len(published.value), dtype=bool)
    seen = (published.holds != 0).any(axis=0)
    rows = []
    for group in groups:
        places = np.flatnonzero(own[group] & seen & (published.value != 0))
        targets = [np.arange(len(published.value)) == place for place in places]
        if len(places) > 1:
            targets.append(own[group] & seen)
        for target in targets:
            value = float(published.value[target].sum())
            margin = rules.p * abs(value)
            is_sure = blur.of(target) >= margin
            if is_sure.all():
                continue
            if interval is None:
                interval = _Interval(published, rules)
            linked = _linked(published.holds != 0, target)
            others = [g for g in groups if g != group and np.any(own[g] & linked)]
            for intruder in [None, *others]:
                if is_sure[np.searchsorted(groups, group if intruder is None else intruder)]:
                    continue
                known = nobody if intruder is None else own[intruder]
                ends = interval.of(target, known, margin)
                if ends is not None:
                    rows.append((group, intruder, value, *ends))
                    break
    schema = {
        "group": pl.String,
        "intruder": pl.String,
        "value": pl.Float64,
        "lower": pl.Float64,
        "upper": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").sort("group", "value")


class _Blur:
    """How far a sum of unknowns can surely move with nothing published changing. No programme.

    Contributions that stand in the same published values, with the same coefficients, can make up
    for each other. That alone shows most figures to be safe; it can never show one to be unsafe.
    """

    def __init__(
        self, published: Published, rules: DisclosureRules, groups: NDArray[np.str_]
    ) -> None:
        _, alike = np.unique(published.holds, axis=1, return_inverse=True)
        self.alike = np.asarray(alike).ravel()
        self.room = rules.q * np.abs(published.value)
        self.number = np.searchsorted(groups, published.group)
        self.size = (int(self.alike.max(initial=-1)) + 1, len(groups))
        off = np.abs(published.holds @ published.value - published.total)
        # Only from a point that is possible can one move to another.
        self.is_possible = bool(np.all(off <= published.slack))

    def of(self, wanted: BoolArray) -> FloatArray:
        """Least distance that the sum over `wanted` can surely go, for each group as intruder.

        In the place of the target's own group stands somebody outside.
        """
        count, groups = self.size
        if not self.is_possible:
            return np.zeros(groups)
        moved = np.bincount(self.alike[wanted], self.room[wanted], count)
        rest = ~wanted
        by_group = np.bincount(
            self.alike[rest] * groups + self.number[rest], self.room[rest], count * groups
        ).reshape(count, groups)
        others = by_group.sum(axis=1, keepdims=True) - by_group
        own = self.number[wanted][0]
        others[:, own] = by_group.sum(axis=1)
        return np.minimum(moved[:, None], others).sum(axis=0)

    def outside(self, wanted: BoolArray) -> float:
        """Return the same for somebody outside alone; the sum may be over several groups."""
        if not self.is_possible:
            return 0.0
        sides = [
            np.bincount(self.alike[side], self.room[side], self.size[0])
            for side in (wanted, ~wanted)
        ]
        return float(np.minimum(*sides).sum())


def _linked(holds: BoolArray, target: BoolArray) -> BoolArray:
    """Contributions that stand in some chain of published values with the target."""
    reached = target.copy()
    while True:
        rows = holds[:, reached].any(axis=1)
        grown = reached | holds[rows].any(axis=0)
        if np.array_equal(grown, reached):
            return reached
        reached = grown
