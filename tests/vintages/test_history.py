"""A history gives every vintage back, whole: what was known on a day is a query."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_project.vintages.history import every, history, states
from dbt_project.vintages.naming import factor_id
from dbt_project.vintages.replay import AsOf
from tests.vintages.worlds import AREAS, ids, values

FIRST = dt.date(2023, 1, 20)
STANDING = st.tuples(st.sampled_from(["nowcast", "provisional", "final"]), st.integers(1, 3))


def as_of(told: pl.DataFrame, day: dt.date) -> list[tuple[str, str, Decimal]]:
    stood = told.filter(
        (pl.col("known_on") <= day)
        & (pl.col("superseded_on").is_null() | (pl.col("superseded_on") > day))
    )
    return sorted(stood.select("area_code", "maturity", "value").rows())


@given(st.lists(st.lists(st.none() | STANDING, min_size=3, max_size=3), min_size=1, max_size=6))
def test_as_of_each_day_the_history_gives_that_days_vintage(knowledge):
    days = [FIRST + dt.timedelta(days=30 * number) for number in range(len(knowledge))]
    rows = [
        ids(area_code=area)
        | {"maturity": stood[0], "value": Decimal(stood[1]) / 10, "vintage": number}
        for number, standing in enumerate(knowledge)
        for area, stood in zip(AREAS, standing, strict=True)
        if stood
    ]
    placed = values([{k: v for k, v in row.items() if k != "vintage"} for row in rows])
    told = history(
        placed.with_columns(pl.Series("vintage", [row["vintage"] for row in rows], pl.Int32)), days
    )
    for number, day in enumerate(days):
        known = sorted(
            (row["area_code"], row["maturity"], row["value"])
            for row in rows
            if row["vintage"] == number
        )
        for asked in (day, day + dt.timedelta(days=29)):
            assert as_of(told, asked) == known
    assert as_of(told, FIRST - dt.timedelta(days=1)) == []


def test_nothing_known_has_no_history():
    assert history(pl.DataFrame(), []).is_empty()


@given(st.integers(0, 40), st.integers(1, 12), st.integers(0, 5))
def test_a_later_day_moves_no_chosen_day_before_it(count, step, later):
    days = [FIRST + dt.timedelta(days=number) for number in range(count + later)]
    chosen = every(days[:count], step)
    assert chosen[-1:] == days[:count][-1:]
    assert set(chosen[:-1]) <= set(every(days, step))
    assert every(days, 1) == days


def test_a_step_below_one_is_refused_by_name():
    with pytest.raises(ValueError, match="vintage_step"):
        every([FIRST], 0)


def test_from_a_day_to_the_next_one_layer_after_another_is_new():
    first, second = FIRST, FIRST + dt.timedelta(days=30)
    assert states([first, second]) == [
        [AsOf.day(first)],
        [AsOf(first, first, second), AsOf(second, first, second), AsOf.day(second)],
    ]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, "electricity.supply_average.network.co2.340000.2023-05"),
        ({"resolution": "year"}, "electricity.supply_average.network.co2.340000.2023"),
        (
            {"gas_scope": "CO2e", "gwp_set": "AR5"},
            "electricity.supply_average.network.co2e_ar5.340000.2023-05",
        ),
        (
            {
                "factor_kind": "life_cycle_technology", "technology": "solar", "gas_scope": "CO2e",
                "gwp_set": "as_published", "system_boundary": "cradle_to_user",
            },
            "electricity.life_cycle_technology.solar_user_without_losses.co2e.340000.2023-05",
        ),
        (
            {
                "factor_kind": "life_cycle_consumption", "gas_scope": "CO2e",
                "system_boundary": "cradle_to_user", "includes_td_losses": True,
            },
            "electricity.life_cycle_consumption.user.co2e.340000.2023-05",
        ),
    ],
)  # fmt: skip
def test_an_id_in_python_is_what_the_macro_gives(columns, expected):
    row = values([ids(**columns) | {"maturity": "final", "value": Decimal(1)}])
    assert row.select(factor_id()).item() == expected
