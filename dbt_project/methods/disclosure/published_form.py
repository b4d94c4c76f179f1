"""The only form in which a figure over enterprises leaves: rounded, banded, classed.

Belongs here: one function for each form, used by every format alike. Does not belong here: whether
a figure leaves at all.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

from dbt_project.methods.disclosure.rules import DisclosureError

# Lower ends of the bands of contributors; the last is open.
_BANDS = (3, 5, 10, 20, 50, 100)
# Under this number of groups no minimum, maximum or deviation is published.
SPREAD_GROUPS = 10
# Upper ends of the classes of the geometric standard deviation; the last is open.
_SPREAD_CLASSES = ("1.05", "1.1", "1.2", "1.5", "2.0")


def round_published(value: float | Decimal | str, digits: int = 4) -> Decimal:
    """Round to 3 or 4 significant digits, half to even. Rounding twice is rounding once.

    A float is taken by its shortest decimal text, so that 0.12345 is what it looks like.

    Raises:
        DisclosureError: the value is not finite, or other digits are asked for.
    """
    if digits not in (3, 4):
        raise DisclosureError("DC040: published values have 3 or 4 significant digits")
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise DisclosureError("DC041: a value that is not finite cannot be published")
    rounded = Context(prec=digits, rounding=ROUND_HALF_EVEN).create_decimal(exact)
    return abs(rounded) if rounded == 0 else rounded


def half_unit(rounded: Decimal, digits: int = 4) -> Decimal:
    """Half of the last digit kept: how far the value may lie from its rounded form."""
    if rounded == 0:
        return Decimal(0)
    return Decimal(5).scaleb(rounded.adjusted() - digits)


def contributors_band(groups: int) -> str:
    """Return the band of a number of legal groups: `3-4`, `5-9`, `10-19` ... `100+`.

    Raises:
        DisclosureError: fewer than three groups have no band: nothing is published of them.
    """
    if groups < _BANDS[0]:
        raise DisclosureError("DC042: a cell of fewer than three groups has no band: withhold it")
    lower = max(each for each in _BANDS if each <= groups)
    place = _BANDS.index(lower)
    return f"{lower}+" if place == len(_BANDS) - 1 else f"{lower}-{_BANDS[place + 1] - 1}"


def spread_class(gsd: float, groups: int) -> str | None:
    """Class of a geometric standard deviation between groups; None under ten groups.

    Raises:
        DisclosureError: a geometric standard deviation below one.
    """
    if not gsd >= 1:
        raise DisclosureError("DC043: a geometric standard deviation is at least 1")
    if groups < SPREAD_GROUPS:
        return None
    lower = "1.0"
    for upper in _SPREAD_CLASSES:
        if Decimal(str(gsd)) <= Decimal(upper):
            return f"{lower}-{upper}"
        lower = upper
    return f">{lower}"
