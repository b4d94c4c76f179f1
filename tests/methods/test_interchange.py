"""From balances, corridors and reported transfers to flows, the same for any row order."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from dbt_project.methods.interchange import (
    InterchangeError,
    Network,
    estimate,
    responses,
    years,
)

MONTH = dt.date(2023, 12, 1)
CODES = ["110000", "120000", "130000", "140000", "370000"]
LINES = [
    ("110000", "130000", 500.0),
    ("120000", "130000", 300.0),
    ("130000", "140000", 800.0),
    ("130000", "370000", 300.0),
    ("110000", "140000", 200.0),
]


def _corridors(rows: list[tuple[str, str, float]] = LINES) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema={
            "from_region_code": pl.String,
            "to_region_code": pl.String,
            "capacity_mw": pl.Float64,
        },
        orient="row",
    )


def _balance(net_import: list[float], consumption: float = 500_000.0) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "region_code": CODES,
            "period_month": [MONTH] * len(CODES),
            "net_import_mwh": net_import,
            "consumption_mwh": [consumption] * len(CODES),
        }
    )


NO_TRANSFER = pl.DataFrame(
    schema={
        "constraint_id": pl.String,
        "use": pl.String,
        "measure": pl.String,
        "first_month": pl.Date,
        "last_month": pl.Date,
        "energy_mwh": pl.Float64,
        "relative_sd": pl.Float64,
    }
)
# What 140000 sends out, as one part and as a part for each of its corridors.
SENT_BY_B = pl.DataFrame(
    [
        ("one", "110000", "140000", -1.0),
        ("one", "130000", "140000", -1.0),
    ],
    schema=["part", "from_region_code", "to_region_code", "coefficient"],
    orient="row",
).select(pl.lit("b_sends").alias("constraint_id"), pl.all())


def _residuals(flows: pl.DataFrame) -> dict[str, float]:
    return {
        row["from_region_code"]: float(row["energy_mwh"])
        for row in flows.filter(pl.col("kind") == "residual").iter_rows(named=True)
    }


def test_wide_corridors_leave_next_to_nothing_open() -> None:
    balance = _balance([100_000.0, 50_000.0, -20_000.0, -150_000.0, 20_000.0])
    flows = estimate(balance, _corridors(), NO_TRANSFER, SENT_BY_B)
    # A few parts in ten thousand of consumption: what using corridors costs beside sd 2 %.
    assert max(abs(each) for each in _residuals(flows).values()) < 500_000.0 * 1e-3


def test_what_no_corridor_can_carry_is_shared_by_consumption() -> None:
    # 370000 hangs on one line of 300 MW, 223,200 MWh a month, and asks for more.
    balance = _balance([0.0, 0.0, 0.0, -423_200.0, 423_200.0])
    residual = _residuals(estimate(balance, _corridors(), NO_TRANSFER, SENT_BY_B))
    assert residual["370000"] == pytest.approx(200_000.0, rel=0.01)
    assert [residual[code] for code in CODES[:4]] == pytest.approx([-50_000.0] * 4, rel=0.02)


def _transfer(
    energy_mwh: float,
    first: dt.date = MONTH,
    last: dt.date = MONTH,
    *,
    sd: float = 0.05,
    use: str = "equality",
    measure: str = "signed",
) -> pl.DataFrame:
    return pl.DataFrame(
        [("b_sends", use, measure, first, last, energy_mwh, sd)],
        schema=NO_TRANSFER.schema,
        orient="row",
    )


def _sent_by_b(flows: pl.DataFrame) -> float:
    return sum(
        float(row["energy_mwh"]) * (1 if row["from_region_code"] == "140000" else -1)
        for row in flows.filter(pl.col("kind") == "flow").iter_rows(named=True)
        if "140000" in (row["from_region_code"], row["to_region_code"])
    )


def test_a_reported_transfer_and_the_balances_give_way_by_their_uncertainty() -> None:
    # The balances say that GRID_B sends 100,000 MWh; the report says 120,000.
    balance = _balance([60_000.0, 0.0, 0.0, -100_000.0, 40_000.0])
    told = {
        (d, t): _sent_by_b(
            estimate(balance, _corridors(), _transfer(120_000.0, sd=t), SENT_BY_B, consumption_sd=d)
        )
        for d, t in [(0.02, 0.05), (0.0002, 0.05), (0.02, 0.0005)]
    }
    assert 100_000.0 < told[0.02, 0.05] < 120_000.0
    assert told[0.0002, 0.05] == pytest.approx(100_000.0, rel=0.01)
    assert told[0.02, 0.0005] == pytest.approx(120_000.0, rel=0.01)


def test_a_transfer_over_several_months_binds_their_sum_and_not_each() -> None:
    november = dt.date(2023, 11, 1)
    quiet = _balance([0.0] * 5).with_columns(pl.lit(november).alias("period_month"))
    busy = _balance([60_000.0, 0.0, 0.0, -100_000.0, 40_000.0])
    flows = estimate(
        pl.concat([quiet, busy]), _corridors(), _transfer(100_000.0, november, MONTH), SENT_BY_B
    )
    by_month = {
        month: _sent_by_b(flows.filter(pl.col("period_month") == month))
        for month in (november, MONTH)
    }
    assert by_month[november] == pytest.approx(0.0, abs=500.0)
    assert by_month[MONTH] == pytest.approx(100_000.0, rel=0.01)


def test_a_transfer_that_reaches_beyond_the_months_at_hand_is_left_out() -> None:
    balance = _balance([60_000.0, 0.0, 0.0, -100_000.0, 40_000.0])
    alone = estimate(balance, _corridors(), NO_TRANSFER, SENT_BY_B)
    beyond = _transfer(500_000.0, dt.date(2023, 1, 1), MONTH)
    assert estimate(balance, _corridors(), beyond, SENT_BY_B).equals(alone)


def test_the_estimate_does_not_depend_on_the_order_of_rows() -> None:
    balance = _balance([60_000.0, 1_000.0, -1_000.0, -100_000.0, 40_000.0])
    straight = estimate(balance, _corridors(), NO_TRANSFER, SENT_BY_B)
    shuffled = estimate(balance.reverse(), _corridors().reverse(), NO_TRANSFER, SENT_BY_B.reverse())
    assert straight.equals(shuffled)


def test_an_isolated_province_keeps_its_whole_balance_open() -> None:
    corridors = _corridors([line for line in LINES if "370000" not in line])
    flows = estimate(
        _balance([0.0, 0.0, 0.0, -5_000.0, 5_000.0]), corridors, NO_TRANSFER, SENT_BY_B
    )
    assert _residuals(flows)["370000"] == pytest.approx(5_000.0, abs=1e-3)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (pl.col("consumption_mwh") * 0 + float("inf"), "missing"),
        (pl.col("net_import_mwh") * 0 + float("nan"), "missing"),
    ],
)
def test_a_value_that_is_no_number_names_the_year(broken: pl.Expr, said: str) -> None:
    balance = _balance([0.0] * 5).with_columns(broken)
    with pytest.raises(InterchangeError, match=f"2023.*{said}"):
        estimate(balance, _corridors(), NO_TRANSFER, SENT_BY_B)


BUSY = [60_000.0, 0.0, 0.0, -100_000.0, 40_000.0]


def test_a_gross_export_bounds_from_above_and_never_pulls_up() -> None:
    free = estimate(_balance(BUSY), _corridors(), NO_TRANSFER, SENT_BY_B)
    sent = _sent_by_b(free)
    wide = _transfer(sent * 1.5, use="upper_bound")
    assert estimate(_balance(BUSY), _corridors(), wide, SENT_BY_B).equals(free)
    tight = estimate(
        _balance(BUSY), _corridors(), _transfer(sent * 0.9, use="upper_bound"), SENT_BY_B
    )
    assert sent * 0.9 < _sent_by_b(tight) < sent


@pytest.mark.parametrize("use", ["not_used", "unheard_of"])
def test_a_transfer_that_is_not_used_changes_nothing(use: str) -> None:
    free = estimate(_balance(BUSY), _corridors(), NO_TRANSFER, SENT_BY_B)
    unused = _transfer(1.0, use=use)
    assert estimate(_balance(BUSY), _corridors(), unused, SENT_BY_B).equals(free)


def test_a_sum_of_sizes_counts_flows_in_either_direction() -> None:
    # 110000 takes from 140000 what it hands to 130000: the signed sum is near zero, the sizes not.
    parts = pl.DataFrame(
        [
            ("b_sends", "first", "110000", "140000", 1.0),
            ("b_sends", "second", "110000", "130000", 1.0),
        ],
        schema=["constraint_id", "part", "from_region_code", "to_region_code", "coefficient"],
        orient="row",
    )
    balance = _balance([0.0, 0.0, 90_000.0, -90_000.0, 0.0])

    def sizes(flows: pl.DataFrame) -> float:
        return float(
            flows.filter(
                (pl.col("from_region_code") == "110000")
                & pl.col("to_region_code").is_in(["130000", "140000"])
            )["energy_mwh"]
            .abs()
            .sum()
        )

    free = sizes(estimate(balance, _corridors(), NO_TRANSFER, parts))
    bound = _transfer(free / 2, use="upper_bound", measure="absolute", sd=0.001)
    assert sizes(estimate(balance, _corridors(), bound, parts)) == pytest.approx(free / 2, rel=0.01)


def test_responses_answer_for_the_same_years_with_the_same_flows() -> None:
    earlier = _balance(BUSY).with_columns(pl.lit(dt.date(2022, 5, 1)).alias("period_month"))
    inputs = (
        pl.concat([_balance(BUSY), earlier]),
        _corridors(),
        _transfer(120_000.0),
        SENT_BY_B,
    )
    answers = responses(*inputs)
    assert [year.months[0].year for year, _ in answers] == [2022, 2023]
    assert [year.constraint_ids for year, _ in answers] == [[], ["b_sends"]]
    flows = estimate(*inputs).filter(pl.col("kind") == "flow")
    told = np.concatenate([answer.flows.ravel() for _, answer in answers])
    np.testing.assert_allclose(flows["energy_mwh"].cast(pl.Float64).to_numpy(), told, atol=1e-6)


def test_a_programme_names_its_corridors_in_code_order() -> None:
    [year] = years(
        _balance(BUSY), _corridors().reverse(), NO_TRANSFER, SENT_BY_B, consumption_sd=0.02
    )
    assert year.network.corridor_names == sorted(year.network.corridor_names)
    assert isinstance(year.network, Network)
