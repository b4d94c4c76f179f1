"""Conversion of units: exact, reversible, and never between things that differ."""

from __future__ import annotations

from decimal import Decimal

import carbon_factors as cf
import pytest
from hypothesis import given
from hypothesis import strategies as st

MASSES = {"mg": -6, "g": -3, "kg": 0, "t": 3, "kt": 6, "Mt": 9}
ENERGIES = {"Wh": -3, "kWh": 0, "MWh": 3, "GWh": 6, "TWh": 9}
GASES = ("CO2", "CO2e", "CH4", "N2O")

values = st.decimals(min_value=0, max_value=10, places=12)
units = st.tuples(st.sampled_from(sorted(MASSES)), st.sampled_from(sorted(ENERGIES)))


@given(values, units, units, st.sampled_from(GASES))
def test_powers_of_ten_move_the_point_and_nothing_else(value, unit, to, gas):
    shift = (MASSES[unit[0]] - ENERGIES[unit[1]]) - (MASSES[to[0]] - ENERGIES[to[1]])
    found = cf.convert(value, f"{unit[0]}{gas}/{unit[1]}", f"{to[0]}{gas}/{to[1]}")
    assert found == value.scaleb(shift)


@given(values, units, st.sampled_from(["MJ", "GJ"]))
def test_a_conversion_to_joules_and_back_gives_the_value(value, unit, joule):
    written = f"{unit[0]}CO2/{unit[1]}"
    there = cf.convert(value, written, f"gCO2/{joule}")
    back = cf.convert(there, f"gCO2/{joule}", written)
    assert abs(back - value) <= abs(value) * Decimal("1e-30")


@given(st.permutations(GASES))
def test_no_gas_becomes_another(gases):
    with pytest.raises(cf.UnitError, match="different things"):
        cf.convert("1", f"kg{gases[0]}/kWh", f"kg{gases[1]}/kWh")


@pytest.mark.parametrize("unit", ["kgCO2", "kgCO2/h", "KGCO2/kWh", "lbCO2/MWh", "", "kg CO2/kWh"])
def test_an_unknown_unit_is_refused(unit):
    with pytest.raises(cf.UnitError, match="not a known unit"):
        cf.convert("1", unit, "kgCO2/kWh")
