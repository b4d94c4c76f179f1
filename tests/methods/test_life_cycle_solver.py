"""The iteration is proven to converge before it is used, and never used where it is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from dbt_project.methods.life_cycle_solver import (
    DIRECT_UP_TO,
    SingularSystemError,
    TechnosphereSolver,
    find_contraction,
    loops,
    unproductive,
)
from tests.methods.life_cycle_databases import random_database


def matrix(rows: list[list[float]]) -> sparse.csc_array:
    return sparse.csc_array(np.array(rows, dtype=np.float64))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 1.6))
def test_a_contraction_is_found_if_and_only_if_the_spectral_radius_is_below_one(
    seed: int, times: float
) -> None:
    generator = np.random.default_rng(seed)
    size = 8
    dense = generator.random((size, size)) * (generator.random((size, size)) < 0.4)
    np.fill_diagonal(dense, 0.0)
    radius = np.abs(np.linalg.eigvals(dense)).max()
    if radius > 0:
        dense *= times / radius
    units = np.exp(generator.normal(0, 4, size))
    dense = dense * units / units[:, None]
    found = find_contraction(sparse.csc_array(dense))
    if radius > 0 and times > 1:
        assert found is None
        return
    if radius == 0 or times < 0.95:
        assert found is not None
    if found is not None:
        # The proof itself, for all weights: |A|' w <= q w with q < 1.
        assert found.bound < 1 and np.all(found.weights > 0)
        assert np.all(dense.T @ found.weights <= found.bound * found.weights * (1 + 1e-12))


def test_loops_are_found_and_chains_are_not() -> None:
    chain_and_loop = matrix(
        [[0, 1, 0, 0, 0], [0, 0, 0, 0.5, 0], [0, 1, 0, 0, 0], [0, 0, 0.5, 0, 0], [0, 0, 0, 0, 0.1]]
    )
    found = sorted(group.tolist() for group in map(np.sort, loops(chain_and_loop)))
    assert found == [[1, 2, 3], [4]]
    assert unproductive(chain_and_loop) == ()
    assert unproductive(chain_and_loop * 1.5) == ()
    assert unproductive(chain_and_loop * 1.6) == (1, 2, 3)


@pytest.mark.parametrize("own", [1.0, 1.5])
def test_a_process_that_needs_all_it_makes_is_unproductive(own: float) -> None:
    assert unproductive(matrix([[own, 0], [3.0, 0]])) == (0,)


@pytest.mark.parametrize("right", ["vector", "matrix"])
def test_both_ways_solve_forward_and_transposed(right: str) -> None:
    inputs = random_database(4, size=20).system().inputs
    dense = np.eye(20) - inputs.toarray()
    wanted = np.random.default_rng(1).random((20, 3) if right == "matrix" else 20)
    for method in ("direct", "iterative"):
        solver = TechnosphereSolver(inputs, method)  # type: ignore[arg-type]
        np.testing.assert_allclose(
            solver.transposed(wanted), np.linalg.solve(dense.T, wanted), rtol=1e-11
        )
        np.testing.assert_allclose(
            solver.forward(wanted), np.linalg.solve(dense, wanted), rtol=1e-11
        )


def test_a_system_without_a_proof_is_factorised_even_if_iteration_is_asked_for() -> None:
    """Two credits that make a spectral radius of 2: the series diverges, the solution exists."""
    inputs = matrix([[0.0, -2.0], [2.0, 0.0]])
    solver = TechnosphereSolver(inputs, "iterative")
    assert solver.contraction is None and solver.is_direct
    np.testing.assert_allclose(solver.transposed(np.array([1.0, 0.0])), [0.2, -0.4], rtol=1e-14)


def test_inputs_and_credits_that_cancel_in_a_sum_are_no_proof() -> None:
    """Each row sums to zero, so signed sums of ones vanish at once; absolute ones grow sixfold."""
    inputs = 3.0 * matrix([[0, 1, 1], [1, 0, -1], [-1, -1, 0]])
    assert not (inputs.T @ np.ones(3)).any()
    assert find_contraction(inputs) is None


def test_auto_takes_the_iteration_for_large_systems_alone() -> None:
    small, large = (
        sparse.csc_array(sparse.diags_array([0.5] * (size - 1), offsets=1, shape=(size, size)))
        for size in (DIRECT_UP_TO, DIRECT_UP_TO + 1)
    )
    assert TechnosphereSolver(small).is_direct
    assert not TechnosphereSolver(large).is_direct


def test_the_residual_is_that_of_the_answer_given() -> None:
    solver = TechnosphereSolver(matrix([[0.0, 0.5], [0.0, 0.0]]))
    right = np.array([[2.0, 0.0], [4.0, 0.0]])
    answer = solver.transposed(right)
    np.testing.assert_array_equal(solver.residual(answer, right), [0.0, 0.0])
    off = answer + np.array([[0.0, 0.0], [0.4, 0.0]])
    np.testing.assert_allclose(solver.residual(off, right), [0.1, 0.0])


def test_singular_to_working_precision_is_singular() -> None:
    with pytest.raises(SingularSystemError, match="the loop of 2 processes") as caught:
        TechnosphereSolver(matrix([[0, 2.0, 0], [0.5, 0, 0], [0, 0, 0]])).transposed(np.ones(3))
    assert caught.value.columns == (0, 1)
