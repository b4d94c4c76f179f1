"""The engine of secondary suppression on tables small enough to see through."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.disclosure.audit import Published, audit_cells, audit_groups
from dbt_project.methods.disclosure.rules import DisclosureError
from dbt_project.methods.disclosure.suppression import Table, suppress
from tests.methods.disclosure_worlds import RULES


def table(
    holdings: list[list[float]], rows: list[list[int]], *, known: list[int] = (),
    barred: list[int] = (), cost: list[float] | None = None,
) -> Table:  # fmt: skip
    """Holdings per atom, one list of groups' figures each; groups are numbered by position."""
    entries = [(a, g, v) for a, each in enumerate(holdings) for g, v in enumerate(each) if v > 0]
    matrix = np.zeros((len(rows), len(holdings)), dtype=bool)
    for number, atoms in enumerate(rows):
        matrix[number, atoms] = True
    flag = np.zeros((2, len(rows)), dtype=bool)
    flag[0, list(known)] = True
    flag[1, list(barred)] = True
    atom, group, value = (np.array(each) for each in zip(*entries, strict=True))
    return Table(atom, group, value.astype(float), matrix, flag[0], flag[1],
                 np.array(cost or [1.0] * len(rows)), matrix)  # fmt: skip


def facts(made: Table, published: np.ndarray) -> Published:
    holds = made.rows[published][:, made.atom].astype(float)
    return Published(
        np.array([f"G{g}" for g in made.group]), made.value, holds, holds @ made.value,
        np.zeros(int(published.sum())),
    )  # fmt: skip


FIVE_A = [10.0, 10.0, 10.0, 10.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
FIVE_B = [0.0, 0.0, 0.0, 0.0, 0.0, 10.0, 10.0, 10.0, 10.0, 10.0, 0.0, 0.0]
ONE = [0.0] * 10 + [10.0, 0.0]
OTHER = [0.0] * 11 + [10.0]


def test_one_unsafe_child_takes_one_sibling_with_it_and_the_total_stays() -> None:
    made = table([ONE, FIVE_A, FIVE_B], [[0], [1], [2], [0, 1, 2]], barred=[0],
                 cost=[1.0, 0.5, 0.6, 1.0])  # fmt: skip
    assert suppress(made, RULES).is_published.tolist() == [False, False, True, True]


def test_two_single_plants_do_not_hide_each_other() -> None:
    """Either of them knows its own figure: a third cell must stay back."""
    made = table([ONE, OTHER, FIVE_A], [[0], [1], [2], [0, 1, 2]], barred=[0, 1])
    pattern = suppress(made, RULES)
    assert pattern.is_published.sum() == 1
    assert audit_groups(facts(made, pattern.is_published), RULES).is_empty()
    shown = np.array([False, False, True, True])
    assert set(audit_groups(facts(made, shown), RULES)["group"]) == {"G10", "G11"}


def test_one_group_in_two_withheld_cells_does_not_hide_itself() -> None:
    made = table([ONE, ONE, FIVE_A], [[0], [1], [2], [0, 1, 2]], barred=[0, 1])
    pattern = suppress(made, RULES)
    assert pattern.is_published.sum() == 1
    shown = np.array([False, False, True, True])
    assert audit_groups(facts(made, shown), RULES)["value"].to_list() == [20.0]


def test_what_was_published_before_cannot_hide_anything() -> None:
    rows = [[0], [1], [2], [0, 1, 2]]
    free = suppress(table([ONE, FIVE_A, FIVE_B], rows, barred=[0]), RULES)
    assert free.is_published.sum() == 2
    known = suppress(table([ONE, FIVE_A, FIVE_B], rows, barred=[0], known=[1, 2]), RULES)
    assert known.is_published.tolist() == [False, True, True, False]
    gone = suppress(table([ONE, FIVE_A, FIVE_B], rows, barred=[0], known=[1, 2, 3]), RULES)
    assert gone.exposed
    assert free.exposed == known.exposed == ()


def test_a_negative_value_is_refused() -> None:
    made = table([FIVE_A], [[0]])
    bad = Table(made.atom, made.group, -made.value, made.rows, made.is_known, made.is_barred,
                made.cost)  # fmt: skip
    with pytest.raises(DisclosureError, match="DC020"):
        suppress(bad, RULES)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_no_cheaper_choice_is_safe(seed: int) -> None:
    """Against every choice there is, judged by the audit, which shares no code with the engine."""
    rng = np.random.default_rng(seed)
    atoms = int(rng.integers(2, 5))
    holdings = (rng.lognormal(1, 0.7, (atoms, 8)) * (rng.random((atoms, 8)) < 0.6)).tolist()
    holdings[0] = [7.0, *[0.0] * 7]
    for each in holdings:
        each[0] = each[0] or 0.5
    rows = [[a] for a in range(atoms)] + [list(range(atoms)), list(range(min(2, atoms)))]

    def is_safe(made: Table, choice: np.ndarray) -> bool:
        known = facts(made, choice)
        hidden = {str(c): made.rows[c][made.atom] for c in np.flatnonzero(made.is_barred)}
        return (
            audit_groups(known, RULES).is_empty()
            and audit_cells(known, hidden, RULES)["is_protected"].all()
        )

    cost = [1.0 + 0.25 * len(r) for r in rows]
    plain = table(holdings, rows, cost=cost)
    by_itself = [
        n for n in range(len(rows))
        if not audit_groups(facts(plain, np.arange(len(rows)) == n), RULES).is_empty()
    ]  # fmt: skip
    made = table(holdings, rows, barred=by_itself, cost=cost)
    pattern = suppress(made, RULES)
    assert is_safe(made, pattern.is_published)
    assert not pattern.is_published[by_itself].any()
    free = [n for n in range(len(rows)) if n not in by_itself]
    best = min(
        made.cost[[n for n in free if n not in chosen]].sum()
        for size in range(len(free) + 1)
        for chosen in itertools.combinations(free, size)
        if is_safe(made, np.isin(np.arange(len(rows)), chosen))
    )
    lost = made.cost[[n for n in free if not pattern.is_published[n]]].sum()
    assert lost <= best * 1.002 + 1e-9
