"""Streams of random inputs: each its own, stratified, the same for ever."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import ndtr

from dbt_project.methods.random_inputs import Name, RandomInputs, renormalised

WIND = Name("generation", "340000", "wind")
COAL = Name("intensity", "340000", "coal")


def test_a_stream_depends_on_no_other_input_asked_for() -> None:
    alone = RandomInputs(1, 2021, 100).normal([WIND])
    after = RandomInputs(1, 2021, 100).normal([COAL, WIND])
    assert np.array_equal(alone[:, 0], after[:, 1])
    assert not np.array_equal(after[:, 0], after[:, 1])


@pytest.mark.parametrize(("seed", "year"), [(2, 2021), (1, 2022)])
def test_another_seed_or_year_is_another_stream(seed: int, year: int) -> None:
    one = RandomInputs(1, 2021, 100).normal([WIND])
    assert not np.array_equal(one, RandomInputs(seed, year, 100).normal([WIND]))


def test_the_first_draws_of_a_stream_stay_what_they_are() -> None:
    """A change of the library or the key would move every published interval: it must be seen."""
    drawn = RandomInputs(1, 2021, 1000).normal([WIND])[:3, 0]
    np.testing.assert_allclose(
        drawn, [-1.306674578549, -0.085127394073, -0.562906870956], rtol=1e-9
    )


@given(st.integers(1, 400), st.integers(0, 2**31))
def test_each_slice_of_probability_holds_one_draw(draws: int, seed: int) -> None:
    drawn = RandomInputs(seed, 2021, draws).normal([WIND])[:, 0]
    assert np.all(np.isfinite(drawn))
    slices = np.sort(np.floor(ndtr(drawn) * draws + 1e-9).astype(int))
    assert np.array_equal(np.clip(slices, 0, draws - 1), np.arange(draws))


def test_a_thousand_draws_are_standard_normal() -> None:
    drawn = RandomInputs(1, 2021, 1000).normal([WIND, COAL])
    assert np.abs(drawn.mean(axis=0)).max() < 1e-3
    assert np.abs(drawn.std(axis=0) - 1).max() < 1e-2
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.1


def test_no_draw_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one draw is needed, not 0"):
        RandomInputs(1, 2021, 0)


def test_no_name_gives_no_column() -> None:
    assert RandomInputs(1, 2021, 5).normal([]).shape == (5, 0)


@given(
    # Beside zero none so small that its products lose their digits.
    arrays(np.float64, (3, 4), elements=st.just(0.0) | st.floats(1e-200, 1e9)),
    arrays(np.float64, (5, 1, 4), elements=st.floats(0.01, 100)),
)
def test_renormalised_shares_keep_their_sum_in_each_draw(
    shares: np.ndarray, weights: np.ndarray
) -> None:
    drawn = renormalised(shares, weights)
    assert drawn.shape == (5, 3, 4)
    assert np.all(drawn >= 0)
    expected = np.broadcast_to(shares.sum(axis=-1), (5, 3))
    np.testing.assert_allclose(drawn.sum(axis=-1), expected, rtol=1e-9)
    np.testing.assert_allclose(renormalised(shares, np.ones((1, 1, 4)))[0], shares, rtol=1e-9)
