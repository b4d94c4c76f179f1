"""The linear response is what solving again would give, as long as the active set stays."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dbt_project.methods.interchange_optimum import solve
from dbt_project.methods.interchange_programme import Programme
from dbt_project.methods.interchange_response import response
from tests.methods.interchange_programmes import random_programme
from tests.methods.interchange_reference import solve_reference


def _moved(programme: Programme, size: float, seed: int) -> Programme:
    """Other balances and transfers; weights stay what they were."""
    random = np.random.default_rng(seed)
    transfer = programme.transfer * (1 + size * random.standard_normal(len(programme.transfer)))
    return dataclasses.replace(
        programme,
        net_import=programme.net_import
        * (1 + size * random.standard_normal(programme.net_import.shape)),
        transfer=transfer,
        transfer_sd=programme.transfer_sd * np.sqrt(programme.transfer / transfer),
    )


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 100_000))
def test_small_changes_answer_as_if_solved_again(seed: int) -> None:
    programme = random_programme(seed)
    solution = solve(programme)
    moved = _moved(programme, 1e-4, seed)
    again = solve(moved)
    assume(again.active.key() == solution.active.key())
    [answered] = response(programme, solution).apply(moved.net_import[None], moved.transfer[None])
    change = np.abs(again.flows - solution.flows).max()
    assert change > 0
    np.testing.assert_allclose(answered, again.flows, rtol=0, atol=1e-6 * change + 1e-9)


def test_the_general_solver_agrees_with_the_answer() -> None:
    programme = random_programme(5)
    solution = solve(programme)
    moved = _moved(programme, 1e-3, 5)
    assert solve(moved).active.key() == solution.active.key()
    [answered] = response(programme, solution).apply(moved.net_import[None], moved.transfer[None])
    np.testing.assert_allclose(answered, solve_reference(moved), rtol=0, atol=1e-5)


def test_the_inputs_themselves_give_the_optimum() -> None:
    programme = random_programme(7)
    solution = solve(programme)
    answer = response(programme, solution)
    draws = answer.apply(
        np.repeat(programme.net_import[None], 3, axis=0),
        np.repeat(programme.transfer[None], 3, axis=0),
    )
    assert draws.shape == (3, *programme.capacity.shape)
    np.testing.assert_allclose(draws, np.repeat(solution.flows[None], 3, axis=0), atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000))
def test_wild_draws_stay_within_capacity_and_full_corridors_stay_full(seed: int) -> None:
    programme = random_programme(seed)
    solution = solve(programme)
    random = np.random.default_rng(seed)
    draws = response(programme, solution).apply(
        random.normal(0, 1000, (20, *programme.net_import.shape)),
        random.uniform(0, 1000, (20, len(programme.transfer))),
    )
    assert np.all(np.abs(draws) <= programme.capacity)
    full = solution.active.full
    assert np.all(draws[:, full != 0] == (full * programme.capacity)[full != 0])


def test_draws_are_answered_each_by_itself() -> None:
    programme = random_programme(11)
    answer = response(programme, solve(programme))
    random = np.random.default_rng(0)
    balances = programme.net_import * random.uniform(0.9, 1.1, (4, *programme.net_import.shape))
    transfers = programme.transfer * random.uniform(0.9, 1.1, (4, 5))
    together = answer.apply(balances, transfers)
    for draw in range(4):
        [alone] = answer.apply(balances[draw : draw + 1], transfers[draw : draw + 1])
        np.testing.assert_allclose(together[draw], alone, rtol=1e-12, atol=1e-9)
