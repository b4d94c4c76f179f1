"""What an intruder can compute from everything published: the proof after the engine's choice.

Belongs here: feasibility intervals of withheld cells and of single groups' figures, by linear
programmes over contributions, from the published values as they were rounded. Does not belong
here: how the choice was made. This module shares no code with the engine, `suppression`: it knows
only what was published, and judges exactly that.

Unknowns are the emissions of contributions. Known are their bounds, (1 - q) e to (1 + q) e; each
published mean v over a weight W, rounded to within h: (v - h) W <= sum e <= (v + h) W; and every
figure of the group that is the intruder. Two programmes give the least and the largest value of a
sum of unknowns. HiGHS solves them; one thread, no presolve.

A plant that makes several products is one contribution, its whole emission, and stands in a cell of
each product with the share of it that is allocated there: the cells of all its products together
are one table, since each of them is a further equation on the same plants.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import highspy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from dbt_project.methods.disclosure.rules import DisclosureError, DisclosureRules

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# The solver's own tolerance, relative to a table's total of one.
_SOLVER = 1e-7

_RECOVERED: dict[str, pl.DataType | type[pl.DataType]] = {
    "group": pl.String,
    "intruder": pl.String,
    "value": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "places": pl.List(pl.Int64),
}


@dataclass(frozen=True, eq=False)
class Published:
    """Everything known of one table, over all releases.

    Attributes:
        group: group of each contribution, shape (K,).
        value: its true emission, shape (K,); a corrected figure is a contribution of its own.
        holds: coefficient of each contribution in each published value, shape (N, K): 1 in a cell's
            sum, the share allocated to it where a plant makes several products, 1 over its weight
            in a sum of intensities, 0 elsewhere.
        total: published value times weight, shape (N,): what the coefficients add up to.
        slack: half the last digit kept, times weight, shape (N,); zero where nothing was rounded.
        parts: coefficients of further sums of which no group's part may be placed, shape (S, K):
            one product of several.
    """

    group: NDArray[np.str_]
    value: FloatArray
    holds: FloatArray
    total: FloatArray
    slack: FloatArray
    parts: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))


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
        self, wanted: FloatArray, known: BoolArray, margin: float = np.inf
    ) -> tuple[float, float] | None:
        """Bounds of the sum weighted by `wanted` for an intruder to whom `known` is known.

        None, and the second programme spared, where either lies `margin` from the true value.
        """
        true = float(wanted @ self.value)
        lower = np.where(known, self.value, self.lower)
        upper = np.where(known, self.value, self.upper)
        self.solver.changeColsBounds(len(self.value), self.columns, lower, upper)
        self.solver.changeColsCost(len(self.value), self.columns, wanted)
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
    published: Published, withheld: Mapping[str, BoolArray | FloatArray], rules: DisclosureRules
) -> pl.DataFrame:
    """Feasibility interval of each withheld cell's total, for somebody outside.

    Args:
        published: what is known.
        withheld: coefficient of each contribution in each withheld cell, shape (K,) each.
        rules: the half width must reach p times the cell's largest group.

    Returns:
        `cell_id`, `value`, `lower`, `upper`, `needed`, `is_protected`, sorted. Where it is plain
        that a cell is protected, the interval is one that it surely has, not its widest.
        Confidential.
    """
    schema = {
        "cell_id": pl.String,
        "value": pl.Float64,
        "lower": pl.Float64,
        "upper": pl.Float64,
        "needed": pl.Float64,
        "is_protected": pl.Boolean,
    }
    if not withheld:
        return pl.DataFrame(schema=schema)
    interval: _Interval | None = None
    groups, group = np.unique(published.group, return_inverse=True)
    blur = _Blur(published, rules, groups)
    nobody = np.zeros(len(published.value), dtype=bool)
    rows = []
    for cell_id in sorted(withheld):
        inside = withheld[cell_id].astype(np.float64)
        value = float(inside @ published.value)
        by_group = np.bincount(group, np.abs(inside * published.value))
        needed = rules.p * float(by_group.max(initial=0.0))
        far = blur.outside(inside)
        lower, upper, short = value - far, value + far, False
        if far < needed:
            interval = interval or _Interval(published, rules)
            lower, upper = interval.of(inside, nobody) or (value, value)
            short = needed - max(upper - value, value - lower) > 10 * _SOLVER * interval.scale
        rows.append((cell_id, value, lower, upper, needed, not short))
    return pl.DataFrame(rows, schema=schema, orient="row")


def audit_groups(
    published: Published,
    rules: DisclosureRules,
    of: Collection[str] | None = None,
    among: Sequence[FloatArray] | None = None,
) -> pl.DataFrame:
    """Figures of groups that some group, or somebody outside, can place within p.

    Every contribution of every group is a target, and where a group has several, their sum and
    its part in each of `parts`. Intruders are somebody outside and each other group that a chain
    of published values links to the target.

    Args:
        published: what is known.
        rules: p and q are used.
        of: groups whose figures are targets; all without it.
        among: coefficients; targets are those made of what is still shown of one of these. Less
            published shows no more, so what was found before is all that need be looked at.

    Returns:
        One row per recovered target and first successful intruder: `group`, `intruder` (null:
        somebody outside), `value`, `lower`, `upper`, `places` (which contributions the target is
        made of); sorted. Empty is what is wanted. Confidential.
    """
    groups, number = np.unique(published.group, return_inverse=True)
    seen = (published.holds != 0).any(axis=0)
    asked = None if among is None else {((spot != 0) & seen).tobytes() for spot in among}
    targets = [
        (place, target)
        for place, group in enumerate(groups)
        if of is None or group in of
        for target in _targets(published, (number == place) & seen)
        if asked is None or (target != 0).tobytes() in asked
    ]
    if not targets:
        return pl.DataFrame(schema=_RECOVERED)
    every = np.array([target for _, target in targets])
    margins = rules.p * np.abs(every @ published.value)
    is_sure = _Blur(published, rules, groups).of(every, margins) >= margins[:, None]
    if is_sure.all():
        return pl.DataFrame(schema=_RECOVERED)
    interval = _Interval(published, rules)
    nobody = np.zeros(len(published.value), dtype=bool)
    rows = []
    for n in np.flatnonzero(~is_sure.all(axis=1)):
        place, target = targets[n]
        linked = np.unique(number[_linked(published.holds != 0, target != 0)])
        for intruder in [place, *(each for each in linked if each != place)]:
            if is_sure[n, intruder]:
                continue
            outside = intruder == place
            known = nobody if outside else number == intruder
            ends = interval.of(target, known, margins[n])
            if ends is not None:
                value = float(target @ published.value)
                name = None if outside else groups[intruder]
                rows.append((groups[place], name, value, *ends, np.flatnonzero(target).tolist()))
                break
    return pl.DataFrame(rows, schema=_RECOVERED, orient="row").sort(
        "group", "value", maintain_order=True
    )


def _targets(published: Published, own: BoolArray) -> list[FloatArray]:
    """Coefficients of every sum of one group's contributions that must stay unknown."""
    some = own & (published.value != 0)
    places = np.flatnonzero(some)
    single = np.zeros((len(places), len(own)))
    single[np.arange(len(places)), places] = 1.0
    if len(places) < 2:
        return list(single)
    sums = some.astype(np.float64)[None, :]
    if published.parts.size:
        parts = np.where(some, published.parts, 0.0)
        several = (parts != 0).sum(axis=1) > 1
        # Where plants make one product only, its sum is the sum of all they emit.
        sums = np.unique(np.vstack([sums, parts[several]]), axis=0)
    return [*single, *sums]


class _Blur:
    """How far a sum of unknowns can surely move with nothing published changing. No programme.

    Two ways of moving are tried. Contributions that stand in the same published values, with the
    same coefficients, can make up for each other. And of all movements that change no published
    value, the one nearest to the target's own, shrunk until every contribution stays within its
    bounds. They show most figures to be safe; they can never show one to be unsafe.
    """

    def __init__(
        self, published: Published, rules: DisclosureRules, groups: NDArray[np.str_]
    ) -> None:
        _, alike = np.unique(published.holds, axis=1, return_inverse=True)
        self.alike = np.asarray(alike).ravel()
        self.room = rules.q * np.abs(published.value)
        self.number = np.searchsorted(groups, published.group)
        self.size = (int(self.alike.max(initial=-1)) + 1, len(groups))
        self.class_room = np.zeros(self.size)
        np.add.at(self.class_room, (self.alike, self.number), self.room)
        self.holds = published.holds
        off = np.abs(published.holds @ published.value - published.total)
        # Only from a point that is possible can one move to another.
        self.is_possible = bool(np.all(off <= published.slack))

    def of(self, wanted: FloatArray, margin: FloatArray) -> FloatArray:
        """Least distance that each sum can surely go, for each group that may be the intruder.

        In the place of a sum's own group stands somebody outside. The second way is spared where
        the first goes as far as `margin`.

        Args:
            wanted: coefficients of each sum, all of one group; shape (T, K).
            margin: how far is far enough, shape (T,).

        Returns:
            Shape (T, G).
        """
        if not self.is_possible:
            return np.zeros((len(wanted), self.size[1]))
        own = self.number[np.argmax(wanted != 0, axis=1)]
        far = self._exchanged(wanted, own)
        short = np.flatnonzero((far < margin[:, None]).any(axis=1))
        if len(short):
            far[short] = np.maximum(far[short], self._unseen(wanted[short], own[short]))
        return far

    def outside(self, wanted: FloatArray) -> float:
        """Return the same for somebody outside alone; the sum may be over several groups."""
        if not self.is_possible:
            return 0.0
        moved = self._moved(wanted[None, :])[0]
        others = np.maximum(self.class_room.sum(axis=1) - moved, 0.0)
        return float((np.minimum(moved, others) * self._least(wanted[None, :])[0]).sum())

    def _exchanged(self, wanted: FloatArray, own: NDArray[np.intp]) -> FloatArray:
        """By what contributions with the same coefficients make up for: shape (T, G)."""
        moved = self._moved(wanted)
        least = self._least(wanted)
        others = np.maximum(self.class_room.sum(axis=1) - moved, 0.0)
        far = np.empty((len(wanted), self.size[1]))
        for group, room in enumerate(self.class_room.T):
            left = np.where((own == group)[:, None], others, np.maximum(others - room, 0.0))
            far[:, group] = (np.minimum(moved, left) * least).sum(axis=1)
        return far

    def _moved(self, wanted: FloatArray) -> FloatArray:
        """Room of those wanted, in each class of the same coefficients: shape (T, C)."""
        moved = np.zeros((len(wanted), self.size[0]))
        target, spot = np.nonzero(wanted)
        np.add.at(moved, (target, self.alike[spot]), self.room[spot])
        return moved

    def _least(self, wanted: FloatArray) -> FloatArray:
        """Least coefficient of those wanted, in each class of the same coefficients: (T, C)."""
        least = np.full((len(wanted), self.size[0]), np.inf)
        target, spot = np.nonzero(wanted)
        np.minimum.at(least, (target, self.alike[spot]), np.abs(wanted[target, spot]))
        return np.where(np.isfinite(least), least, 0.0)

    def _unseen(self, wanted: FloatArray, own: NDArray[np.intp]) -> FloatArray:
        """By the movement nearest to the target's own that no published value shows: (T, G).

        In units of each contribution's room. That no contribution of the intruder moves is one
        more condition on it, and is met by taking off what the movement has along them.
        """
        plane, along = self._plane
        aim = wanted * self.room
        movement = aim @ plane
        reach = 1e-9 * np.abs(aim).max(axis=1)
        found = np.zeros((len(wanted), self.size[1]))
        for group, (spots, taken) in enumerate(along):
            way = movement - movement[:, spots] @ taken.T
            left = np.abs(way[:, spots]).max(axis=1, initial=0.0)
            outside = own == group
            way[outside], left[outside] = movement[outside], 0.0
            far = np.abs(way).max(axis=1)
            gain = (aim * way).sum(axis=1)
            # A movement that is nothing but rounding, or is the intruder's as well, shows nothing.
            is_real = (far > reach) & (left <= 1e-9 * far) & (gain > 0)
            np.divide(gain, far, out=found[:, group], where=is_real)
        return found

    @cached_property
    def _plane(self) -> tuple[FloatArray, list[tuple[NDArray[np.intp], FloatArray]]]:
        """Projection on movements that change nothing published, and on those of each group."""
        scaled = self.holds * self.room
        size = np.abs(scaled).max(axis=1, initial=0.0, keepdims=True)
        scaled = np.divide(scaled, size, out=np.zeros_like(scaled), where=size > 0)
        _, strength, across = np.linalg.svd(scaled, full_matrices=False)
        fixed = across[strength > 1e-12 * strength.max(initial=0.0)]
        plane = np.diag((self.room > 0).astype(np.float64)) - fixed.T @ fixed
        along = []
        for group in range(self.size[1]):
            spots = np.flatnonzero((self.number == group) & (self.room > 0))
            block = plane[np.ix_(spots, spots)]
            if len(spots) == 1:
                inner = np.divide(1.0, block, out=np.zeros_like(block), where=block != 0)
            else:
                inner = np.linalg.pinv(block, rcond=1e-9, hermitian=True)
            along.append((spots, plane[:, spots] @ inner))
        return plane, along


def _linked(holds: BoolArray, target: BoolArray) -> BoolArray:
    """Contributions that stand in some chain of published values with the target."""
    reached = target.copy()
    while True:
        rows = holds[:, reached].any(axis=1)
        grown = reached | holds[rows].any(axis=0)
        if np.array_equal(grown, reached):
            return reached
        reached = grown
