"""Text of cells: how two spellings of one word are found equal.

Belongs here: normalisation of cell text as Polars expressions and the same rules for single Python
strings.
Does not belong here: what a text means (codes.py, units.py, numbers.py).
"""

import re
import unicodedata
from functools import lru_cache

import polars as pl

_INVISIBLE = r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200c\u200d\u2060\ufeff]"
_BLANKS = r"[\s\u3000\u00a0]+"
_MINUS_SIGNS = "[\u2212\u2012\u2013\ufe63]"


def normalised(text: pl.Expr) -> pl.Expr:
    """Full-width forms folded (NFKC), invisible characters removed, blanks collapsed, ends
    stripped; null becomes ''.

    >>> pl.select(normalised(pl.lit("１２，３\u3000"))).item()
    '12,3'
    """
    return (
        text.fill_null("")
        .str.normalize("NFKC")
        .str.replace_all(_INVISIBLE, "")
        .str.replace_all(_MINUS_SIGNS, "-")
        .str.replace_all(_BLANKS, " ")
        .str.strip_chars()
    )


def normalise(text: str) -> str:
    """The rule of `normalised` for one Python string."""
    folded = unicodedata.normalize("NFKC", text)
    folded = re.sub(_INVISIBLE, "", folded)
    folded = re.sub(_MINUS_SIGNS, "-", folded)
    return re.sub(_BLANKS, " ", folded).strip()


def match_key(text: pl.Expr) -> pl.Expr:
    """The key under which labels and names are compared: normalised, without any blank or
    underscore, lower case.
    """
    return normalised(text).str.replace_all(r"[\s_]", "").str.to_lowercase()


@lru_cache(maxsize=65_536)
def key_of(text: str) -> str:
    """The rule of `match_key` for one Python string."""
    return re.sub(r"[\s_]", "", normalise(text)).lower()
