"""Variance shares: exact for linear models, silent about constants, honest about curvature."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.variance import TooFewDrawsError, variance_shares


def inputs(draws: int, count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((draws, count))


def test_a_linear_value_is_shared_as_its_squared_slopes() -> None:
    z = inputs(20_000, 3)
    shares, r_squared = variance_shares(z, (3 * z[:, 0] + 4 * z[:, 1])[:, np.newaxis])
    np.testing.assert_allclose(shares[:, 0], [0.36, 0.64, 0.0], atol=1e-9)
    assert r_squared[0] == pytest.approx(1.0)


@given(st.integers(0, 1000), st.integers(1, 20))
@settings(max_examples=30)
def test_linear_values_are_explained_wholly_whatever_their_scale(seed: int, count: int) -> None:
    z = inputs(100, count, seed)
    slope = np.random.default_rng(seed + 1).uniform(0.1, 1, count) * 10.0 ** (seed % 7)
    shares, r_squared = variance_shares(z, (5 + z @ slope)[:, np.newaxis])
    assert r_squared[0] == pytest.approx(1.0, abs=1e-9)
    np.testing.assert_allclose(shares[:, 0], slope**2 / np.sum(slope**2), rtol=1e-6)


def test_inputs_that_correlate_by_chance_share_what_they_have() -> None:
    z = inputs(400, 2)
    z[:, 1] = 0.2 * z[:, 0] + np.sqrt(1 - 0.2**2) * z[:, 1]
    shares, _ = variance_shares(z, (z[:, 0] - z[:, 1])[:, np.newaxis])
    np.testing.assert_allclose(shares[:, 0], [0.5, 0.5], atol=1e-9)


def test_slopes_that_chance_alone_makes_are_no_shares() -> None:
    z = inputs(1000, 700)
    noise = inputs(1000, 1, seed=9)
    shares, r_squared = variance_shares(z, z[:, :1] + 2 * noise)
    assert shares[0, 0] == pytest.approx(0.2, abs=0.06)
    assert r_squared[0] == pytest.approx(0.2, abs=0.12)
    assert np.sort(shares[1:, 0])[-5:].max() < 0.05


def test_a_constant_has_no_variance_to_share() -> None:
    shares, r_squared = variance_shares(inputs(50, 4), np.full((50, 1), 0.1 + 0.2))
    assert not shares.any()
    assert r_squared[0] == 0


def test_an_input_that_moves_nothing_has_no_share() -> None:
    z = inputs(500, 2)
    shares, _ = variance_shares(z, z[:, :1])
    assert shares[1, 0] == pytest.approx(0.0, abs=1e-12)


def test_a_value_that_no_input_explains_has_a_low_r_squared() -> None:
    z = inputs(1000, 50)
    _, r_squared = variance_shares(z, inputs(1000, 1, seed=9))
    assert r_squared[0] < 0.1


def test_too_few_draws_are_counted_out() -> None:
    with pytest.raises(TooFewDrawsError, match=r"10 inputs .* 11 draws: at least 12 are needed"):
        variance_shares(inputs(11, 10), inputs(11, 1))
