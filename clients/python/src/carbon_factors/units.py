"""Units of factors, and conversion between those that convert.

Belongs here: mass of one gas per energy, and exact conversion. Does not belong here: what a factor
means. Mass of CO2 never becomes mass of CO2e: that needs every gas and a set of warming potentials,
which is another factor of the release, not a conversion.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from fractions import Fraction

from carbon_factors.errors import UnitError

_KILOGRAMS = {
    "mg": Fraction(1, 10**6),
    "g": Fraction(1, 1000),
    "kg": Fraction(1),
    "t": Fraction(1000),
    "kt": Fraction(10**6),
    "Mt": Fraction(10**9),
}
_KILOWATT_HOURS = {
    "Wh": Fraction(1, 1000),
    "kWh": Fraction(1),
    "MWh": Fraction(1000),
    "GWh": Fraction(10**6),
    "TWh": Fraction(10**9),
    "MJ": Fraction(10, 36),
    "GJ": Fraction(10_000, 36),
}
_GASES = ("CO2e", "CO2", "CH4", "N2O")
_UNIT = re.compile(rf"({'|'.join(_KILOGRAMS)})({'|'.join(_GASES)})/({'|'.join(_KILOWATT_HOURS)})")
_DIGITS = Context(prec=34)


def convert(value: Decimal | int | str, unit: str, to: str) -> Decimal:
    """Convert a value between two units of mass of one gas per energy.

    Exact wherever a decimal can hold the result, else 34 digits. Raises `UnitError` for units that
    are not known or do not convert.

    >>> convert("0.5703", "kgCO2/kWh", "tCO2/MWh")
    Decimal('0.5703')
    >>> convert("0.5703", "kgCO2/kWh", "gCO2/kWh")
    Decimal('570.3')
    >>> convert("0.36", "kgCO2/kWh", "gCO2/MJ")
    Decimal('100')
    >>> convert("0.5703", "kgCO2/kWh", "kgCO2e/kWh")
    Traceback (most recent call last):
    carbon_factors.errors.UnitError: kgCO2/kWh does not convert to kgCO2e/kWh: CO2 and CO2e are \
different things. Ask the release for a factor of gas_scope CO2e.
    """
    if unit == to and isinstance(value, Decimal):
        return value
    mass, gas, energy = _parse(unit)
    to_mass, to_gas, to_energy = _parse(to)
    if gas != to_gas:
        raise UnitError(
            f"{unit} does not convert to {to}: {gas} and {to_gas} are different things. Ask the "
            f"release for a factor of gas_scope {to_gas}."
        )
    exact = Fraction(Decimal(value)) * (mass / energy) / (to_mass / to_energy)
    found = _DIGITS.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    # Whole numbers are written in full: 100, not 1E+2.
    plain = found.normalize(_DIGITS)
    return (
        plain.quantize(Decimal(1), context=_DIGITS) if plain == plain.to_integral_value() else plain
    )


def _parse(unit: str) -> tuple[Fraction, str, Fraction]:
    match = _UNIT.fullmatch(unit)
    if match is None:
        raise UnitError(
            f"{unit!r} is not a known unit. A unit is a mass ({', '.join(_KILOGRAMS)}) of a gas "
            f"({', '.join(_GASES)}) per energy ({', '.join(_KILOWATT_HOURS)}), as kgCO2/kWh."
        )
    return _KILOGRAMS[match[1]], match[2], _KILOWATT_HOURS[match[3]]
