"""Data quality: from scores to an uncertainty, and to one rating with its class.

Belongs here: the tables and formulas of data quality. Does not belong here: weighting ratings by
what exchanges contribute (`life_cycle_scores`), which needs a solved system.

Pedigree: an exchange is lognormal about its amount with

    sigma^2 = sigma_b^2 + sum_i (ln U_i / 2)^2

where U_i is read from a table by the score (1 best, 5 worst) of five indicators and sigma_b is the
basic uncertainty of its kind. Sources: Frischknecht et al. (2005), ecoinvent report No. 1, chapter
7 (both tables), after Weidema and Wesnaes (1996); METHODS 3. Rating: the European Commission's
Product Environmental Footprint method, Recommendation (EU) 2021/2279, annex I:
DQR = (TeR + GeR + TiR + P) / 4.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

PEDIGREE_INDICATORS = ("reliability", "completeness", "temporal", "geographical", "technological")
# U by score 1 to 5, rows as PEDIGREE_INDICATORS. Two cells that the source leaves out (geographical
# 4, technological 2) take the value beside them, as the published implementations do.
PEDIGREE_FACTORS: FloatArray = np.array(
    [
        [1.00, 1.05, 1.10, 1.20, 1.50],
        [1.00, 1.02, 1.05, 1.10, 1.20],
        [1.00, 1.03, 1.10, 1.20, 1.50],
        [1.00, 1.01, 1.02, 1.02, 1.10],
        [1.00, 1.00, 1.20, 1.50, 2.00],
    ]
)
# Basic uncertainty as a factor of the 95 % interval (GSD^2), by what is exchanged.
BASIC_FACTORS: Mapping[str, float] = {
    "demand": 1.05,  # thermal energy, electricity, materials, waste treatment
    "transport": 2.00,
    "infrastructure": 3.00,
    "co2": 1.05,
    "ch4_combustion": 1.50,
    "ch4_agricultural": 1.20,
    "n2o_combustion": 1.50,
    "n2o_agricultural": 1.40,
    "inorganic_process": 1.50,  # other inorganic emissions of a process
    "hydrocarbon_process": 2.00,  # individual hydrocarbons of a process
}

DQR_COLUMNS = ("dqr_te", "dqr_ge", "dqr_ti", "dqr_p")
# What a missing score counts: the worst, never nothing.
WORST = 5.0
# Upper bounds of the classes, in both languages.
CLASSES: tuple[tuple[float, str, str], ...] = (
    (1.5, "excellent", "优秀"),
    (2.0, "very good", "很好"),
    (3.0, "good", "良好"),
    (4.0, "fair", "一般"),
    (5.0, "poor", "较差"),
)


class DataQualityError(ValueError):
    """A score or factor outside its table; the message says which."""


def pedigree_sigma(scores: NDArray[np.int64], basic_factor: FloatArray | float) -> FloatArray:
    """Return the standard deviation of ln(amount) from pedigree scores.

    Args:
        scores: shape (..., 5), whole numbers 1 to 5, in the order of `PEDIGREE_INDICATORS`.
        basic_factor: GSD^2 of the basic uncertainty, 1 or more, shape (...) or a number.

    Returns:
        sigma, shape (...). GSD = exp(sigma); the 95 % factor is exp(2 sigma).

    Raises:
        DataQualityError: a score outside 1 to 5, another number of indicators, or a factor
            below 1.
    """
    scores = np.asarray(scores)
    if scores.shape[-1:] != (5,):
        raise DataQualityError(
            f"pedigree_scores: five scores are wanted ({', '.join(PEDIGREE_INDICATORS)}), "
            f"the array has the shape {scores.shape}"
        )
    whole = np.asarray(scores, dtype=np.float64)
    if not np.all((whole >= 1) & (whole <= 5) & (whole == np.floor(whole))):
        at = tuple(np.argwhere(~((whole >= 1) & (whole <= 5) & (whole == np.floor(whole))))[0])
        raise DataQualityError(
            f"pedigree_scores: {PEDIGREE_INDICATORS[at[-1]]} is {scores[at]}; "
            "a whole number from 1 to 5 is wanted"
        )
    basic = np.asarray(basic_factor, dtype=np.float64)
    if not np.all((basic >= 1) & np.isfinite(basic)):
        raise DataQualityError("basic_factor: a factor of uncertainty is a number from 1 upwards")
    factors = PEDIGREE_FACTORS[np.arange(5), whole.astype(np.int64) - 1]
    variance = (np.log(basic) / 2) ** 2 + ((np.log(factors) / 2) ** 2).sum(axis=-1)
    return np.asarray(np.sqrt(variance), dtype=np.float64)


def data_quality_rating(scores: pl.DataFrame) -> pl.DataFrame:
    """Return the rating of each row and its class.

    Args:
        scores: `DQR_COLUMNS`, 1 best to 5 worst; a missing score counts 5. Other columns are kept.

    Returns:
        The frame with missing scores filled, and `dqr` (Float64), `dqr_class_en`,
        `dqr_class_zh`.

    Raises:
        DataQualityError: a score outside 1 to 5.
    """
    filled = scores.with_columns(
        pl.col(column).cast(pl.Float64).fill_nan(None).fill_null(WORST) for column in DQR_COLUMNS
    )
    wrong = filled.filter(
        ~pl.all_horizontal(pl.col(column).is_between(1, 5) for column in DQR_COLUMNS)
    )
    if wrong.height:
        row = ", ".join(f"{column} {wrong[column][0]:g}" for column in DQR_COLUMNS)
        raise DataQualityError(f"dqr_scores: {row}; scores from 1 to 5 are wanted")
    rating = sum((pl.col(column) for column in DQR_COLUMNS[1:]), pl.col(DQR_COLUMNS[0])) / 4
    return filled.with_columns(rating.alias("dqr")).with_columns(
        rating_class("dqr", "en"), rating_class("dqr", "zh")
    )


def rating_class(column: str, language: str) -> pl.Expr:
    """Return the class of a rating as `dqr_class_<language>`; null where the rating is null.

    Bounds belong to the better class, but for rounding dust of an average: 1e-9.
    """
    names = {"en": 1, "zh": 2}
    answer = pl.lit(None, dtype=pl.String)
    for bound in reversed(CLASSES):
        answer = (
            pl.when(pl.col(column) <= bound[0] + 1e-9)
            .then(pl.lit(bound[names[language]]))
            .otherwise(answer)
        )
    return answer.alias(f"dqr_class_{language}")
