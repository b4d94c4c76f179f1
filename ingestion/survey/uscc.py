"""Unified social credit codes: is a code well formed, and does its check digit fit.

Belongs here: the rule of GB 32100-2015 (Coding rule of the unified social credit identifier for
legal entities and other organisations), for single codes and for columns.
Does not belong here: who stands behind a code.

Eighteen characters of 0-9 and A-Z without I, O, S, V, Z; the last is the check digit
C18 = 31 - (sum of C_i W_i) mod 31 with W_i = 3^(i-1) mod 31 (clause 5.5 and annex A).
"""

import polars as pl

from ingestion.text import normalised

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_VALUES = {sign: value for value, sign in enumerate(ALPHABET)}
_FORM = f"^[{ALPHABET}]{{18}}$"


def check_digit(first_17: str) -> str:
    """The eighteenth character that belongs to the first 17. ValueError for any other text."""
    if len(first_17) != 17 or not set(first_17) <= set(ALPHABET):
        raise ValueError(f"'{first_17}' is not 17 characters of a social credit code.")
    total = sum(_VALUES[sign] * weight for sign, weight in zip(first_17, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def cleaned(code: pl.Expr) -> pl.Expr:
    """The code as it is compared: full-width forms folded, blanks out, upper case."""
    return normalised(code).str.replace_all(" ", "").str.to_uppercase()


def is_valid(code: pl.Expr) -> pl.Expr:
    """True where a cleaned code has the form and the check digit of the standard."""
    well_formed = code.fill_null("").str.contains(_FORM)
    signs = list(_VALUES)
    total = pl.lit(0)
    for place, weight in enumerate(WEIGHTS):
        value = code.str.slice(place, 1).replace_strict(
            signs, list(_VALUES.values()), default=0, return_dtype=pl.Int64
        )
        total = total + value * weight
    expected = ((31 - total % 31) % 31).replace_strict(
        list(_VALUES.values()), signs, default="", return_dtype=pl.String
    )
    return well_formed & (code.str.slice(17, 1) == expected)
