"""Numbers in cells: which texts are numbers, and which exact number each is.

Belongs here: Polars expressions from text to decimal. Nothing is rounded before a unit is applied.
Does not belong here: units (codes.py), bounds (cast.py).

Accepted: digits with an optional sign and decimal point; thousands grouped by comma or blank,
groups of three only; full-width forms. Refused, because it loses or guesses digits: scientific
notation, wrong groups, percent signs, text.
"""

from decimal import Decimal

import polars as pl

from ingestion.codes import missing_markers
from ingestion.text import match_key, normalised

PARSED = pl.Decimal(38, 12)
"""Type of a number before its unit is applied: 18 digits of it may stand before the point, so that
no factor overflows.
"""

_PLAIN = r"^[+-]?(\d+(\.\d*)?|\.\d+)$"
_GROUPED = r"^[+-]?\d{1,3}([, ]\d{3})+(\.\d*)?$"
_WHOLE_DIGITS = 18


def is_number(text: pl.Expr) -> pl.Expr:
    """True where the text is a number in one of the accepted forms."""
    clean = normalised(text)
    fits = clean.str.split(".").list.first().str.count_matches(r"\d") <= _WHOLE_DIGITS
    return (clean.str.contains(_PLAIN) | clean.str.contains(_GROUPED)) & fits


def parsed_number(text: pl.Expr) -> pl.Expr:
    """The number as Decimal(38, 12); null where the text is no number."""
    clean = normalised(text).str.replace_all(r"[, +]", "")
    return pl.when(is_number(text)).then(clean).otherwise(None).cast(PARSED, strict=False)


def missing_marker(text: pl.Expr) -> pl.Expr:
    """The marker as the table of missing markers writes it, or null where the text is not a
    marker.
    """
    markers = missing_markers()
    return match_key(text).replace_strict(
        list(markers), list(markers.values()), default=None, return_dtype=pl.String
    )


def times(number: pl.Expr, factor: pl.Expr, scale: int) -> pl.Expr:
    """Exact product of two decimals of scale 12, given with `scale` digits behind the point."""
    return (number * factor).cast(pl.Decimal(38, scale))


def exact(value: Decimal | str) -> pl.Expr:
    """A literal of the type of a parsed number."""
    return pl.lit(str(value)).cast(PARSED)
