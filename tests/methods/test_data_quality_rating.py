"""Scores become the uncertainties and classes of their sources."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_project.methods.data_quality_rating import (
    BASIC_FACTORS,
    DataQualityError,
    data_quality_rating,
    pedigree_sigma,
)


def test_the_example_of_the_source_has_its_sigma() -> None:
    """METHODS 3: scores (2, 1, 2, 1, 2), U 1.05 -> sigma^2 .001409, GSD 1.0382, GSD^2 1.0780."""
    sigma = float(pedigree_sigma(np.array([2, 1, 2, 1, 2]), BASIC_FACTORS["demand"]))
    assert sigma**2 == pytest.approx(0.001409, abs=5e-7)
    assert np.exp(sigma) == pytest.approx(1.0382, abs=5e-5)
    assert np.exp(2 * sigma) == pytest.approx(1.0780, abs=5e-5)


@pytest.mark.parametrize(
    ("place", "variances"),
    [
        (0, [0, 0.000595, 0.002271, 0.00831, 0.0411]),
        (1, [0, 0.000098, 0.000595, 0.002271, 0.00831]),
        (2, [0, 0.000218, 0.002271, 0.00831, 0.0411]),
        (3, [0, 0.000025, 0.000098, 0.000098, 0.002271]),
        (4, [0, 0, 0.00831, 0.0411, 0.1201]),
    ],
)
def test_each_score_adds_the_variance_of_the_table(place: int, variances: list[float]) -> None:
    scores = np.ones((5, 5), dtype=np.int64)
    scores[:, place] = np.arange(1, 6)
    np.testing.assert_allclose(pedigree_sigma(scores, 1.0) ** 2, variances, rtol=3e-3, atol=5e-7)


def test_perfect_scores_leave_the_basic_uncertainty() -> None:
    sigma = pedigree_sigma(np.ones((2, 3, 5), dtype=np.int64), np.full((2, 3), 2.0))
    np.testing.assert_allclose(np.exp(2 * sigma), 2.0)


@given(st.lists(st.integers(1, 4), min_size=5, max_size=5), st.integers(0, 4))
def test_a_worse_score_is_never_more_certain(scores: list[int], place: int) -> None:
    worse = list(scores)
    worse[place] += 1
    better_sigma, worse_sigma = pedigree_sigma(np.array([scores, worse]), 1.05)
    assert worse_sigma >= better_sigma


@pytest.mark.parametrize(
    ("scores", "basic", "says"),
    [
        ([0, 1, 1, 1, 1], 1.05, "reliability is 0"),
        ([1, 1, 6, 1, 1], 1.05, "temporal is 6"),
        ([1, 1, 1, 1, 1.5], 1.05, "technological is 1.5"),
        ([1, 1, 1, float("nan"), 1], 1.05, "geographical is nan"),
        ([1, 1, 1, 1], 1.05, "five scores are wanted"),
        ([1, 1, 1, 1, 1], 0.9, "a number from 1 upwards"),
        ([1, 1, 1, 1, 1], float("inf"), "a number from 1 upwards"),
    ],
)
def test_scores_outside_the_table_are_refused(scores: list, basic: float, says: str) -> None:
    with pytest.raises(DataQualityError, match=says):
        pedigree_sigma(np.array(scores), basic)


def rated(*scores: float | None) -> dict:
    frame = pl.DataFrame(
        {name: [score] for name, score in zip(("te", "ge", "ti", "p"), scores, strict=True)}
    ).rename(lambda name: f"dqr_{name}")
    return data_quality_rating(frame).row(0, named=True)


@pytest.mark.parametrize(
    ("scores", "rating", "english", "chinese"),
    [
        ((1, 1, 2, 2), 1.5, "excellent", "优秀"),
        ((1, 2, 2, 2), 1.75, "very good", "很好"),
        ((2, 2, 2, 2), 2.0, "very good", "很好"),
        ((3, 3, 3, 3), 3.0, "good", "良好"),
        ((3, 3, 3, 4), 3.25, "fair", "一般"),
        ((4, 4, 4, 5), 4.25, "poor", "较差"),
        ((1, None, float("nan"), 1), 3.0, "good", "良好"),
        ((None, None, None, None), 5.0, "poor", "较差"),
    ],
)
def test_the_rating_is_the_mean_of_four_and_missing_counts_worst(
    scores: tuple, rating: float, english: str, chinese: str
) -> None:
    found = rated(*scores)
    assert found["dqr"] == rating
    assert (found["dqr_class_en"], found["dqr_class_zh"]) == (english, chinese)


@pytest.mark.parametrize("score", [0.9, 5.1, float("inf")])
def test_a_rating_outside_its_scale_is_refused(score: float) -> None:
    with pytest.raises(DataQualityError, match="scores from 1 to 5"):
        rated(1, score, 1, 1)
