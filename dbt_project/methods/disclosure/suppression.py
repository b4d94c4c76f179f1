"""Which further cells must stay back, so that no withheld figure can be computed from the others.

Belongs here: the engine of secondary suppression. Does not belong here: why a cell is unsafe
(`rules`), the proof of the result (`audit`, which shares nothing with this module).

The finest parts of a table are its *atoms*: contributions that always appear together (those of one
technology in one province; with earlier releases, those of them that the same releases hold). A
*row* is anything whose total is known when it is published: a set of atoms. With z_a the error in
an atom's total, an intruder who is group j and wants group i's figure over the atoms C solves

    maximise   sum_{a in C} t_a
    subject to sum_{a in row} (t_a + r_a) = 0                       for every published row
               |t_a| <= q e_ia,   |r_a| <= q (E_a - e_ia - e_ja)    (t_a = 0 outside C)

and has recovered it when the optimum is below p sum_{a in C} e_ia. The dual solution g names the
rows that were used, and gives the inequality that every safe choice x (1: row stays back) meets:

    deficit sum_{rows used} x + sum_{rows of one atom a} min(deficit, q R_a |A'g|_a) x_a >= deficit

The cheapest choice under all inequalities found so far is a small integer programme; it is solved
again until no intruder gains anything (Fischetti and Salazar 2001, Management Science 47(7), with
intruders in place of protection levels). HiGHS solves both; one thread, fixed seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dbt_project.methods.disclosure.rules import DisclosureError, DisclosureRules

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_ROUNDS = 200
# An optimum counts as short of what is demanded below this share of it: beyond lies rounding.
_SHORT = 1e-7
_DUAL = 1e-9


@dataclass(frozen=True, eq=False)
class Table:
    """One table: contributions in atoms, rows of atoms.

    Attributes:
        atom: atom of each contribution, shape (K,), 0..A-1.
        group: group of each contribution, shape (K,), 0..G-1; unique with `atom`.
        value: emission of each contribution, shape (K,), not negative.
        rows: which atoms a row holds, shape (R, A).
        is_known: shape (R,): published before; cannot be taken back.
        is_barred: shape (R,): unsafe by itself; is never published.
        cost: loss when a row stays back, shape (R,), positive.
        targets: further sets of atoms over which a group's figure must stay uncertain, (S, A).
    """

    atom: IntArray
    group: IntArray
    value: FloatArray
    rows: BoolArray
    is_known: BoolArray
    is_barred: BoolArray
    cost: FloatArray
    targets: BoolArray = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))

    @property
    def atoms(self) -> int:
        """Number of atoms."""
        return self.rows.shape[1]

    @property
    def groups(self) -> int:
        """Number of groups."""
        return int(self.group.max(initial=-1)) + 1


@dataclass(frozen=True, eq=False)
class Pattern:
    """What is published.

    Attributes:
        is_published: shape (R,); known rows included.
        exposed: pairs (group, atoms) that known rows alone reveal: no choice can mend it.
        rounds: how often the integer programme was solved.
    """

    is_published: BoolArray
    exposed: tuple[tuple[int, tuple[int, ...]], ...]
    rounds: int


@dataclass(frozen=True, eq=False)
class _Cut:
    used: IntArray
    alone: IntArray
    capacity: FloatArray
    deficit: float
    target: int
    atoms: tuple[int, ...]


def suppress(table: Table, rules: DisclosureRules, *, start: BoolArray | None = None) -> Pattern:
    """Choose the rows to publish: as much as possible, so that no intruder recovers a figure.

    Args:
        table: see `Table`.
        rules: p and q are used.
        start: rows, shape (R,), that another engine wants back; they stay back here too.

    Raises:
        DisclosureError: a value is negative, or no choice was found in the allowed rounds.
    """
    if np.any(table.value < 0) or np.any(table.cost <= 0):
        raise DisclosureError("DC020: a table of suppression needs values >= 0 and costs > 0")
    free = ~table.is_known & ~table.is_barred
    if start is not None:
        free &= ~start
    held = np.zeros(len(table.rows), dtype=bool)
    cuts: list[_Cut] = []
    exposed: dict[tuple[int, tuple[int, ...]], None] = {}
    place = np.cumsum(free) - 1
    for round_number in range(_ROUNDS):
        published = table.is_known | (free & ~held)
        found = _attacks(table, rules, published)
        fresh = []
        for cut in found:
            if free[cut.used].any() or free[cut.alone].any():
                fresh.append(cut)
            else:
                exposed[(cut.target, cut.atoms)] = None
        if not fresh:
            return Pattern(published, tuple(sorted(exposed)), round_number)
        cuts += fresh
        chosen = _cheapest(cuts, free, place, table.cost)
        held = np.zeros(len(table.rows), dtype=bool)
        held[np.flatnonzero(free)[chosen]] = True
    raise DisclosureError(
        f"DC021: no safe choice was found in {_ROUNDS} rounds: withhold the table's finest level"
    )


def _cheapest(cuts: list[_Cut], free: BoolArray, place: IntArray, cost: FloatArray) -> BoolArray:
    """The cheapest rows to hold back that meet every inequality; ties go by position."""
    count = int(free.sum())
    row, column, weight = [], [], []
    for number, cut in enumerate(cuts):
        for index in cut.used[free[cut.used]]:
            row.append(number)
            column.append(place[index])
            weight.append(1.0)
        able = free[cut.alone]
        for index, capacity in zip(cut.alone[able], cut.capacity[able], strict=True):
            row.append(number)
            column.append(place[index])
            weight.append(min(capacity / cut.deficit, 1.0))
    matrix = coo_array((weight, (row, column)), shape=(len(cuts), count)).tocsr()
    # Where an inequality asks for more than all rows together give, all of them is what it asks.
    demand = np.minimum(1.0, np.asarray(matrix.sum(axis=1)).ravel()) * (1 - 1e-9)
    scaled = cost[free] / cost[free].max() + 1e-6 * np.arange(count) / max(count, 1)
    result = milp(
        scaled,
        constraints=LinearConstraint(matrix, demand, np.inf),
        integrality=np.ones(count),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 1e-3, "time_limit": 30.0},
    )
    if result.x is None:
        raise DisclosureError("DC021: the integer programme of suppression has no solution")
    return result.x > 0.5


def _attacks(table: Table, rules: DisclosureRules, published: BoolArray) -> list[_Cut]:
    """Every inequality that a published choice breaks, at most one per target and intruder."""
    rows = np.flatnonzero(published)
    single = table.rows[rows].sum(axis=1) == 1
    alone = np.full(table.atoms, -1, dtype=np.int64)
    for index in rows[single][::-1]:
        alone[np.flatnonzero(table.rows[index])[0]] = index
    # The total of an atom that is a published row is known: only its contributors are not.
    known = alone >= 0
    for_known = np.flatnonzero(known & table.is_known[np.maximum(alone, 0)])
    cuts = _within_known(table, rules, alone, for_known)
    wide = rows[~single]
    rest = table.rows[wide][:, ~known]
    open_atoms = np.flatnonzero(~known)
    touches = rest.any(axis=1)
    if not touches.any():
        return cuts
    edge_row, edge_atom = np.nonzero(rest[touches])
    size = len(open_atoms) + int(touches.sum())
    graph = coo_array(
        (np.ones(len(edge_row)), (edge_atom, edge_row + len(open_atoms))), shape=(size, size)
    )
    _, label = connected_components(graph, directed=False)
    row_label = label[len(open_atoms) :]
    for component in np.unique(row_label):
        members = open_atoms[label[: len(open_atoms)] == component]
        equations = wide[touches][row_label == component]
        cuts += _component(table, rules, members, equations, alone)
    return cuts


def _within_known(
    table: Table, rules: DisclosureRules, alone: IntArray, atoms: IntArray
) -> list[_Cut]:
    """Atoms that earlier releases give away by themselves: to be reported, not to be mended."""
    found = []
    for atom in atoms:
        inside = table.atom == atom
        values = np.sort(table.value[inside])[::-1]
        rest = values[2:].sum()
        if values[0] > 0 and rules.q * rest < rules.p * values[0] * (1 - _SHORT):
            target = int(table.group[inside][np.argmax(table.value[inside])])
            nothing = np.zeros(0, dtype=np.int64)
            used = np.array([alone[atom]], dtype=np.int64)
            found.append(_Cut(used, nothing, np.zeros(0), 1.0, target, (int(atom),)))
    return found


class _Intruder:
    """The linear programme of one connected part of a table, solved again for each intruder."""

    def __init__(self, equations: FloatArray) -> None:
        count = equations.shape[1]
        self.count = count
        self.solver = highspy.Highs()
        self.solver.silent()
        self.solver.setOptionValue("threads", 1)
        self.solver.setOptionValue("random_seed", 0)
        self.solver.setOptionValue("presolve", "off")
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = 2 * count, len(equations)
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = np.concatenate([np.zeros(count), np.ones(count)])
        program.col_lower_ = np.zeros(2 * count)
        program.col_upper_ = np.zeros(2 * count)
        program.row_lower_ = np.zeros(len(equations))
        program.row_upper_ = np.zeros(len(equations))
        both = np.hstack([equations, equations])
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        filled = both != 0
        program.a_matrix_.start_ = np.concatenate([[0], np.cumsum(filled.sum(axis=1))])
        program.a_matrix_.index_ = np.nonzero(filled)[1].astype(np.int32)
        program.a_matrix_.value_ = both[filled]
        self.solver.passModel(program)
        self.columns = np.arange(2 * count, dtype=np.int32)

    def movement(self) -> FloatArray:
        """How the other contributions move in the solution last found."""
        return np.asarray(self.solver.getSolution().col_value)[: self.count]

    def gain(self, others: FloatArray, target: FloatArray) -> tuple[float, FloatArray]:
        """Return how far the target's figure may move, and the multiplier of each equation."""
        room = np.concatenate([others, target])
        self.solver.changeColsBounds(2 * self.count, self.columns, -room, room)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise DisclosureError("DC022: the intruder's linear programme was not solved")
        solution = self.solver.getSolution()
        return float(self.solver.getInfo().objective_function_value), np.asarray(solution.row_dual)


def _component(
    table: Table, rules: DisclosureRules, members: IntArray, equations: IntArray, alone: IntArray
) -> list[_Cut]:
    holding = np.zeros((table.groups, table.atoms))
    np.add.at(holding, (table.group, table.atom), table.value)
    total = holding.sum(axis=0)
    inside = holding[:, members]
    scale = inside.sum()
    if scale == 0:
        return []
    present = np.flatnonzero(inside.sum(axis=1) > 0)
    # Largest first: the largest other group of an atom is the one most easily placed.
    ranking = np.argsort(-inside, axis=0, kind="stable")
    leaders = np.unique(ranking[:2]) if len(inside) > 1 else np.zeros(0, dtype=np.int64)
    many = present[(inside[present] > 0).sum(axis=1) > 1]
    intruders = np.array(sorted({*leaders.tolist(), *many.tolist()} & set(present.tolist())))
    program = _Intruder(table.rows[equations][:, members].astype(np.float64))
    matrix = table.rows[equations]

    goals: dict[tuple[int, tuple[int, ...]], None] = {}
    for spot in range(len(members)):
        for group in ranking[:2, spot]:
            if inside[group, spot] > 0:
                goals[(int(group), (spot,))] = None
    sets = [np.ones(len(members), dtype=bool), *(each[members] for each in table.targets)]
    for group in many:
        for each in sets:
            several = np.flatnonzero(each & (inside[group] > 0))
            if len(several) > 1:
                goals[(int(group), tuple(several.tolist()))] = None

    cuts = _cells(table, rules, members, equations, alone, program)
    for group, where in goals:
        spots = np.array(where)
        target = np.zeros(len(members))
        target[spots] = rules.q * inside[group, spots] / scale
        demand = rules.p * inside[group, spots].sum() / scale
        others = inside.sum(axis=0)
        others[spots] -= inside[group, spots]
        # All intruders at once: where even they gain nothing, no one of them does.
        largest = inside.copy()
        largest[group] = 0.0
        worst = np.maximum(others - largest.max(axis=0), 0.0) * rules.q / scale
        reach, _ = program.gain(worst, target)
        if reach >= demand * (1 - _SHORT):
            continue
        ways: list[tuple[float, FloatArray]] = []
        for intruder in (None, *(int(each) for each in intruders if each != group)):
            own = inside[intruder].copy() if intruder is not None else np.zeros(len(members))
            if intruder is not None and not np.any(own > 0):
                continue
            left = np.maximum(others - own, 0.0) * rules.q / scale
            # A solution found before, shrunk until it fits, may be far enough already.
            if any(far * _fit(way, left) >= demand for far, way in ways):
                continue
            reach, multiplier = program.gain(left, target)
            if reach >= demand * (1 - _SHORT):
                ways.append((reach, program.movement()))
                continue
            used = np.abs(multiplier) > _DUAL
            reached = np.abs(multiplier[used] @ matrix[used])
            by = np.flatnonzero((reached > _DUAL) & (alone >= 0))
            elsewhere = total[by] - (holding[intruder, by] if intruder is not None else 0.0)
            cuts.append(
                _Cut(
                    equations[used],
                    alone[by],
                    rules.q * np.maximum(elsewhere, 0.0) / scale * reached[by],
                    demand - reach,
                    group,
                    tuple(members[spots].tolist()),
                )
            )
            break
    return cuts


def _fit(movement: FloatArray, room: FloatArray) -> float:
    """The share of a movement that stays within the room."""
    size = np.abs(movement)
    moves = size > 0
    return float(min(np.min(room[moves] / size[moves], initial=1.0), 1.0))


def _cells(
    table: Table,
    rules: DisclosureRules,
    members: IntArray,
    equations: IntArray,
    alone: IntArray,
    program: _Intruder,
) -> list[_Cut]:
    """Withheld cells whose total an outsider places closer than the rules demand."""
    total = np.bincount(table.atom, table.value, minlength=table.atoms)
    scale = total[members].sum()
    matrix = table.rows[equations]
    unknown = alone < 0
    cuts = []
    for cell in np.flatnonzero(table.is_barred):
        spots = table.rows[cell][members]
        open_here = int(spots.sum())
        if not open_here or open_here < int((table.rows[cell] & unknown).sum()):
            continue
        inside = table.rows[cell][table.atom]
        by_group = np.bincount(table.group[inside], table.value[inside])
        demand = rules.p * by_group.max(initial=0.0) / scale
        room = rules.q * total[members] / scale
        reach, multiplier = program.gain(np.where(spots, 0.0, room), np.where(spots, room, 0.0))
        if reach >= demand * (1 - _SHORT):
            continue
        used = np.abs(multiplier) > _DUAL
        reached = np.abs(multiplier[used] @ matrix[used])
        by = np.flatnonzero((reached > _DUAL) & ~unknown)
        capacity = rules.q * total[by] / scale * reached[by]
        deficit = demand - reach
        place = tuple(np.flatnonzero(table.rows[cell]).tolist())
        cuts.append(_Cut(equations[used], alone[by], capacity, deficit, -1, place))
    return cuts
