"""An intruder who has read everything that was published. Tests only.

It knows: every published mean of every release to its last digit kept; who contributed to it and
with what weight; each contribution to within q, from the range of its technology; and, as one of
the groups, that group's own figures. It tries simple subtractions, closed form, and then
everything at once, by linear programmes. It shares no code with the control.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import linprog

Key = tuple[str, str, float]  # finest cell, group, figure


@dataclass(frozen=True)
class Fact:
    """A sum that is known to within slack: a published mean times its weight, or of intensities."""

    release: str
    cell: str
    terms: dict[Key, float]  # coefficient of each contribution
    total: float
    slack: float


@dataclass(frozen=True)
class Recovery:
    """A group's figure placed within p, by whom, and how."""

    group: str
    intruder: str | None
    how: str


def _sum_intervals(terms: dict[Key, float], total: float, slack: float, p: float, q: float,
                   how: str) -> list[Recovery]:  # fmt: skip
    """One sum, all intruders: a figure is what is left when the others are put at their bounds."""
    by_group: dict[str, float] = {}
    spread: dict[str, float] = {}
    for (_, group, value), coefficient in terms.items():
        by_group[group] = by_group.get(group, 0.0) + coefficient * value
        spread[group] = spread.get(group, 0.0) + abs(coefficient * value)
    found = []
    for group, size in spread.items():
        # Figures of one group with both signs are a difference of its own, not a figure.
        if size == 0 or abs(by_group[group]) < size * (1 - 1e-9):
            continue
        for intruder in [None, *(g for g in by_group if g != group)]:
            others = sum(v for g, v in by_group.items() if g not in (group, intruder))
            blur = q * sum(s for g, s in spread.items() if g not in (group, intruder)) + slack
            middle = total - others - (by_group[intruder] if intruder else 0.0)
            if max(abs(middle + blur - by_group[group]), abs(middle - blur - by_group[group])) < (
                p * size * (1 - 1e-6)
            ):
                found.append(Recovery(group, intruder, how))
                break
    return found


def _minus(left: Fact, right: Fact) -> tuple[dict[Key, float], float, float]:
    terms = dict(left.terms)
    for key, coefficient in right.terms.items():
        terms[key] = terms.get(key, 0.0) - coefficient
        if terms[key] == 0:
            del terms[key]
    return terms, left.total - right.total, left.slack + right.slack


def attack(facts: list[Fact], p: float, q: float, *, programmes: bool = True) -> list[Recovery]:
    """Every recovery; empty when the control held."""
    found = []
    for fact in facts:
        found += _sum_intervals(fact.terms, fact.total, fact.slack, p, q, f"own {fact.cell}")
    # Between releases, and between any two published values (parents and single children).
    for left, right in combinations(facts, 2):
        if left.terms == right.terms or not left.terms.keys() & right.terms.keys():
            continue
        found += _sum_intervals(*_minus(left, right), p, q, f"{left.cell} - {right.cell}")
    # A parent less all published children, of any two releases.
    releases = sorted({fact.release for fact in facts})
    for parent in facts:
        for release in releases:
            rest = parent
            for child in sorted((f for f in facts if f.release == release),
                                key=lambda f: -len(f.terms)):  # fmt: skip
                if child is not parent and child.terms.keys() < rest.terms.keys():
                    rest = Fact(parent.release, parent.cell, *_minus(rest, child))
            if rest is not parent:
                found += _sum_intervals(rest.terms, rest.total, rest.slack, p, q,
                                        f"{parent.cell} - children")  # fmt: skip
    return found if found or not programmes else _programmes(facts, p, q)


def _programmes(facts: list[Fact], p: float, q: float) -> list[Recovery]:
    keys = sorted({key for fact in facts for key in fact.terms})
    if not keys:
        return []
    value = np.array([key[2] for key in keys])
    group = np.array([key[1] for key in keys])
    scale = value.mean()
    place = {key: n for n, key in enumerate(keys)}
    matrix = np.zeros((len(facts), len(keys)))
    for n, fact in enumerate(facts):
        for key, coefficient in fact.terms.items():
            matrix[n, place[key]] = coefficient
    size = np.abs(matrix).max(axis=1, keepdims=True)
    total = np.array([fact.total for fact in facts]) / scale / size[:, 0]
    slack = np.array([fact.slack for fact in facts]) / scale / size[:, 0] + 1e-9
    both = np.vstack([matrix / size, -matrix / size])
    limit = np.concatenate([total + slack, slack - total])
    found = []
    groups = np.unique(group)
    weight = {g: value[group == g].sum() for g in groups}
    for target_group in groups:
        own = np.flatnonzero(group == target_group)
        targets = [[k] for k in own] + ([own.tolist()] if len(own) > 1 else [])
        # The largest of the others is who knows most; three of them, and somebody outside.
        others = sorted((g for g in groups if g != target_group), key=lambda g: -weight[g])[:3]
        for target in targets:
            cost = np.zeros(len(keys))
            cost[target] = 1.0
            truth = value[target].sum() / scale
            for intruder in [None, *others]:
                margin = np.where(group == intruder, 0.0, q * value)
                bounds = np.column_stack([value - margin, value + margin]) / scale
                ends = []
                for sign in (1.0, -1.0):
                    result = linprog(sign * cost, both, limit, bounds=bounds, method="highs")
                    assert result.success, result.message
                    ends.append(sign * result.fun)
                    if abs(ends[-1] - truth) >= p * truth * (1 - 1e-5):
                        break
                else:
                    found.append(Recovery(str(target_group), intruder, "programme"))
    return found
