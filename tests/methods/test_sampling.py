"""Sampling: every draw keeps the books, no noise gives the factor, more noise a wider interval."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dbt_project.methods.propagation import Amounts, draw_year, month_amounts, year_amounts
from dbt_project.methods.random_inputs import RandomInputs
from dbt_project.methods.sampled_year import TECHNOLOGIES, SampledYear, SamplingError
from dbt_project.methods.sampling import percentiles, sample_factors, sample_table
from dbt_project.methods.variance import TooFewDrawsError
from tests.methods.sampled_worlds import EAST, PROVINCES, WEST, asking, sampled_year, world

KEYS = [
    "factor_kind", "import_factor_basis", "gas_scope", "gwp_set", "system_boundary",
    "includes_td_losses", "area_code", "period_start", "resolution",
]  # fmt: skip


def intervals(nation, *, draws: int = 60, seed: int = 1, noise: float = 1.0) -> pl.DataFrame:
    """The intervals alone."""
    found, _ = sample_factors(*nation, draws=draws, seed=seed, noise=noise, contributions=False)
    return found


def drawn_month(year: SampledYear, draws: int = 30) -> dict[tuple[str, str], Amounts]:
    """The amounts of the first month by kind and basis; of supply those of the provinces."""
    drawn = draw_year(year, RandomInputs(3, year.year, draws))
    by_kind: dict[tuple[str, str], Amounts] = {}
    for each in month_amounts(year, drawn, 0):
        by_kind.setdefault((each.kind, each.basis), each)
    return by_kind


def test_every_kind_of_factor_has_an_interval_in_every_area() -> None:
    found = intervals(world(months=12))
    areas = {*PROVINCES, EAST, WEST, "GRID_NORTH", "GRID_NORTHEAST", "CN"}
    by_kind = found.group_by("factor_kind", "import_factor_basis", "resolution").agg(
        pl.col("area_code").unique(), pl.len()
    )
    for row in by_kind.iter_rows(named=True):
        expected = areas - {EAST, WEST} if row["factor_kind"] == "supply_average" else areas
        assert set(row["area_code"]) == expected, row
    assert set(by_kind["factor_kind"]) == {
        "generation_average", "fossil_power", "supply_average", "consumption_mix", "residual_mix",
        "life_cycle_production", "life_cycle_consumption", "life_cycle_residual",
    }  # fmt: skip
    assert found.select(KEYS).is_duplicated().sum() == 0
    assert found.filter(~pl.col("median").is_between("lower_95", "upper_95")).height == 0


@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_each_draw_consumes_what_it_generates_and_no_more(seed: int) -> None:
    year = sampled_year(world(seed))
    kinds = drawn_month(year)
    nation = year.geography.areas.index("CN")
    made, used = kinds["generation_average", "none"], kinds["consumption_mix", "network"]
    np.testing.assert_allclose(used.energy[:, nation], made.energy[:, nation], rtol=1e-9)
    np.testing.assert_allclose(used.amount[:, nation], made.amount[:, nation], rtol=1e-9)
    provinces = [year.geography.areas.index(code) for code in PROVINCES]
    np.testing.assert_allclose(
        used.amount[:, provinces].sum(axis=1), used.amount[:, nation], rtol=1e-9
    )
    parts = [year.geography.areas.index(code) for code in (EAST, WEST)]
    whole = year.geography.areas.index("150000")
    np.testing.assert_allclose(used.energy[:, parts].sum(axis=1), used.energy[:, whole], rtol=1e-9)


@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_claimed_and_residual_energy_are_the_total_in_each_draw(seed: int) -> None:
    year = sampled_year(world(seed))
    kinds = drawn_month(year)
    total = kinds["consumption_mix", "network"].energy
    left = kinds["residual_mix", "network"].energy
    first = year.geography.areas.index("110000")
    nation = year.geography.areas.index("CN")
    issued = year.issued[0].sum()
    for area in (first, nation):
        np.testing.assert_allclose(total[:, area] - left[:, area], issued, rtol=1e-9)
    others = [year.geography.areas.index(code) for code in PROVINCES[1:]]
    np.testing.assert_allclose(left[:, others], total[:, others], rtol=1e-9)
    # No CO2 is claimed away: the nation's residual carries all of it.
    np.testing.assert_allclose(
        kinds["residual_mix", "network"].amount[:, nation],
        kinds["consumption_mix", "network"].amount[:, nation],
        rtol=1e-9,
    )


def test_what_storage_loses_is_delivered_to_nobody_in_any_draw() -> None:
    frames, flows = world()
    east = {"node_code": EAST, "period_month": frames.period["period_start"].min()}
    lossy = replace(frames, storage=pl.DataFrame([{**east, "loss_share": 0.05}]))
    before, after = (drawn_month(sampled_year((each, flows))) for each in (frames, lossy))
    areas = sampled_year((frames, flows)).geography.areas
    for kind in ("consumption_mix", "life_cycle_consumption", "residual_mix"):
        was, now = before[kind, "network"], after[kind, "network"]
        np.testing.assert_array_equal(was.amount, now.amount)
        kept = now.energy / was.energy
        np.testing.assert_allclose(kept[:, areas.index(EAST)], 0.95, rtol=1e-12)
        np.testing.assert_allclose(kept[:, areas.index(WEST)], 1.0, rtol=1e-12)
        assert np.all(kept[:, areas.index("CN")] > 0.95)
        assert np.all(kept[:, areas.index("CN")] < 1.0)


def test_claims_of_a_year_whose_generation_is_drawn_below_them_are_cut_on_both_sides() -> None:
    year = sampled_year(world(claimed=1.0))
    kinds = drawn_month(year)
    nation = year.geography.areas.index("CN")
    claimed = (
        kinds["consumption_mix", "network"].energy - kinds["residual_mix", "network"].energy
    )[:, nation]
    assert np.all(claimed <= year.issued[0].sum() * (1 + 1e-9))
    assert np.count_nonzero(claimed < year.issued[0].sum() * (1 - 1e-6)) > 20
    assert np.all(kinds["life_cycle_residual", "network"].amount >= 0)


@given(st.integers(0, 10_000))
@settings(max_examples=15)
def test_factors_lie_between_nothing_and_the_dirtiest_fuel_of_each_draw(seed: int) -> None:
    year = sampled_year(world(seed))
    drawn = draw_year(year, RandomInputs(3, year.year, 20))
    fossil = drawn.energy[:, 0, :, :3].sum(axis=-1)
    highest = (drawn.amount[:, 0, :, 0] / fossil).max(axis=1)
    for each in month_amounts(year, drawn, 0):
        if each.kind in ("generation_average", "supply_average", "consumption_mix"):
            factor = each.amount[..., 0] / each.energy
            assert np.all(factor >= 0)
            assert np.all(factor <= highest[:, np.newaxis] * (1 + 1e-9)), each.kind


@given(st.integers(0, 10_000))
@settings(max_examples=10)
def test_without_noise_every_percentile_is_the_factor_itself(seed: int) -> None:
    nation = world(seed)
    still = intervals(nation, draws=3, noise=0.0)
    assert still.select(((pl.col("upper_95") - pl.col("lower_95")).abs() > 1e-12).sum()).item() == 0
    cell = nation[0].generation.filter(period_month=dt.date(2021, 1, 1))
    expected = (cell["generation_mwh"] * cell["co2_kg_per_mwh"]).sum() / cell[
        "generation_mwh"
    ].sum()
    shown = still.filter(area_code="CN", gas_scope="CO2", period_start=dt.date(2021, 1, 1)).filter(
        pl.col("factor_kind").is_in(["generation_average", "supply_average", "consumption_mix"])
    )
    np.testing.assert_allclose(shown["median"], expected / 1e3, rtol=1e-12)
    assert shown.height == 4


@given(st.integers(0, 10_000))
@settings(max_examples=10)
def test_moderate_noise_gives_an_interval_about_the_factor(seed: int) -> None:
    nation = world(seed)
    both = intervals(nation, noise=0.0, draws=1).join(intervals(nation, noise=0.5), on=KEYS)
    outside = both.filter(~pl.col("median").is_between("lower_95_right", "upper_95_right"))
    assert outside.height == 0, outside


@given(st.integers(0, 10_000), st.floats(0.2, 0.9))
@settings(max_examples=10)
def test_more_noise_gives_wider_intervals(seed: int, less: float) -> None:
    nation = world(seed, months=1)
    width = pl.col("upper_95") - pl.col("lower_95")
    narrow = intervals(nation, noise=less).with_columns(width=width)
    wide = intervals(nation, noise=1.0).with_columns(width=width)
    both = narrow.join(wide, on=KEYS)
    # Where a flow may turn, a percentile moves by steps: kinds without imports to the letter.
    made = both.filter(pl.col("factor_kind").is_in(["generation_average", "life_cycle_production"]))
    assert made.filter(pl.col("width_right") < pl.col("width")).height == 0
    assert both["width_right"].sum() > both["width"].sum()


def test_one_input_alone_gives_its_lognormal_interval() -> None:
    year = sampled_year(world()).with_noise(0.0)
    year = replace(year, anchor_sd=0.05)
    drawn = draw_year(year, RandomInputs(1, 2021, 1000))
    factor = drawn.amount[:, 0, :, 0].sum(axis=1) / drawn.energy[:, 0].sum(axis=(1, 2))
    low, middle, high = percentiles(factor[np.newaxis], [0.025, 0.5, 0.975])[0]
    assert high / middle == pytest.approx(np.exp(1.96 * 0.05), rel=2e-3)
    assert middle / low == pytest.approx(np.exp(1.96 * 0.05), rel=2e-3)


def test_the_nation_meets_its_anchor_in_each_draw() -> None:
    year = replace(sampled_year(world(months=12)), anchor_sd=0.0)
    drawn = draw_year(year, RandomInputs(1, 2021, 50))
    factor = drawn.amount[..., 0].sum(axis=(1, 2)) / drawn.energy[..., :3].sum(axis=(1, 2, 3))
    known = (year.generation[..., :3] * year.co2).sum() / year.generation[..., :3].sum()
    np.testing.assert_allclose(factor, known, rtol=1e-12)
    free = replace(year, has_anchor=False)
    loose = draw_year(free, RandomInputs(1, 2021, 50))
    assert np.ptp(loose.amount[..., 0].sum(axis=(1, 2))) > 0


def test_provinces_that_give_their_fuel_do_not_move_with_the_anchor() -> None:
    year = sampled_year(world()).with_noise(0.0)
    anchored = year.anchored.copy()
    anchored[:, 1] = 0.0
    year = replace(year, anchor_sd=0.05, anchored=anchored)
    drawn = draw_year(year, RandomInputs(1, 2021, 50))
    assert np.ptp(drawn.amount[:, 0, 1, 0]) < 1e-6
    assert np.ptp(drawn.amount[:, 0, 0, 0]) > 1.0


def test_provincial_life_cycle_factors_average_to_the_nations() -> None:
    year = sampled_year(world())
    drawn = draw_year(year, RandomInputs(1, 2021, 50))
    generated = year.generation.sum(axis=0)
    mean = (drawn.life_cycle * generated).sum(axis=1) / generated.sum(axis=0)
    quiet = replace(year, life_cycle_sd=year.life_cycle_sd * [[1.0], [0.0]])
    nation = draw_year(quiet, RandomInputs(1, 2021, 50)).life_cycle[:, 0]
    np.testing.assert_allclose(mean, nation, rtol=1e-12)


def test_the_same_seed_gives_the_same_table_and_another_seed_another() -> None:
    nation = world(months=12)
    one, two = (sample_table(*nation, draws=130, seed=7) for _ in range(2))
    assert one.equals(two)
    assert one.write_ipc(None).getvalue() == two.write_ipc(None).getvalue()
    other = sample_table(*nation, draws=130, seed=8)
    assert not one.equals(other)


def test_a_months_interval_depends_on_no_month_asked_for_and_on_no_other_year() -> None:
    nation = world(months=12, years=(2021, 2022))
    everything = intervals(nation)
    january = asking(nation, nation[0].period.filter(period_start=dt.date(2021, 1, 1)).filter(
        pl.col("resolution") == "month"))  # fmt: skip
    alone = intervals(january)
    assert alone.height > 0
    assert alone.equals(everything.join(alone.select(KEYS), on=KEYS, how="semi").sort(KEYS))
    later = asking(nation, nation[0].period.filter(year=2022))
    assert intervals(later).equals(everything.filter(pl.col("period_start").dt.year() == 2022))


def test_a_year_of_supply_takes_net_flows_and_of_consumption_adds_up_months() -> None:
    year = sampled_year(world(months=12))
    drawn = draw_year(year, RandomInputs(3, 2021, 10))
    months = [month_amounts(year, drawn, month) for month in range(12)]
    whole = year_amounts(year, drawn, months)
    added = {each.kind: each for each in whole if each.kind != "supply_average"}
    np.testing.assert_allclose(
        added["consumption_mix"].energy,
        sum(e.energy for month in months for e in month if e.kind == "consumption_mix"),
    )
    yearly = [each for each in whole if each.kind == "supply_average"]
    monthly = [each for month in months for each in month if each.kind == "supply_average"]
    # Net over the year: what goes back and forth is no supply.
    assert yearly[0].energy.sum() < sum(e.energy.sum() for e in monthly[:: len(yearly)])


def test_a_gross_year_counts_the_flows_of_each_month_in_its_direction() -> None:
    year = sampled_year(world(months=12))
    gross = replace(year, is_gross=True)
    drawn = draw_year(year, RandomInputs(3, 2021, 10))
    months = [month_amounts(year, drawn, month) for month in range(12)]
    for place in range(4):  # two bases of two structures
        monthly = sum(
            [each for each in month if each.kind == "supply_average"][place].energy
            for month in months
        )
        yearly = [
            [each for each in year_amounts(kept, drawn, months) if each.kind == "supply_average"][
                place
            ].energy
            for kept in (gross, year)
        ]
        np.testing.assert_allclose(yearly[0], monthly)
        assert np.all(yearly[1] <= yearly[0] * (1 + 1e-12))


def test_a_province_whose_consumption_is_not_known_is_named() -> None:
    frames, flows = world()
    gap = frames.consumption.filter(
        ~((pl.col("region_code") == "150000") & (pl.col("period_month") == dt.date(2021, 2, 1)))
    )
    with pytest.raises(SamplingError, match="150000, 2021-02-01: consumption is not known"):
        intervals((replace(frames, consumption=gap), flows))


def test_a_residual_year_needs_claims_in_every_month() -> None:
    frames, flows = world(months=12)
    eleven = replace(frames, claim=frames.claim.filter(pl.col("period_month").dt.month() < 12))
    found = intervals((eleven, flows), draws=5)
    residual = found.filter(factor_kind="residual_mix")
    assert residual.filter(resolution="year").height == 0
    assert residual.filter(resolution="month")["period_start"].n_unique() == 11


def test_a_province_that_generates_nothing_has_a_consumption_factor_and_no_other() -> None:
    found = intervals(world(idle="120000")).filter(area_code="120000", gas_scope="CO2")
    kinds = set(found["factor_kind"])
    assert "generation_average" not in kinds
    assert "fossil_power" not in kinds
    assert {"consumption_mix", "supply_average"} <= kinds
    assert found.filter(~pl.col("median").is_between(0.01, 1.2)).height == 0


def test_an_isolated_province_consumes_its_own_generation() -> None:
    nation = world(isolated="210000")
    # Its consumption statistic may err as much as it likes: nothing else can reach it.
    found = intervals(nation).filter(area_code="210000", gas_scope="CO2")
    wide = found.pivot(
        on="factor_kind", index=["period_start"], values="median", aggregate_function="first"
    )
    np.testing.assert_allclose(wide["consumption_mix"], wide["generation_average"], rtol=1e-12)
    np.testing.assert_allclose(wide["supply_average"], wide["generation_average"], rtol=1e-12)


def test_the_five_largest_contributors_are_ranked_and_name_their_inputs() -> None:
    _, found = sample_factors(*world(months=12), draws=300, seed=1)
    assert set(found["rank"]) == {1, 2, 3, 4, 5}
    shares = found.sort("factor_kind", "area_code", "rank").group_by(
        "factor_kind", "area_code", maintain_order=True
    ).agg("share", "r_squared")  # fmt: skip
    for row in shares.iter_rows(named=True):
        assert row["share"] == sorted(row["share"], reverse=True)
        assert sum(row["share"]) < 1.01
    nation = found.filter(area_code="CN", factor_kind="consumption_mix", rank=1)
    assert nation["input_kind"].to_list() == ["anchor"]
    assert set(found["area_code"]) == {*PROVINCES, "CN"}
    fuels = found.filter(pl.col("input_kind") == "fuel_share")
    assert fuels.height > 0
    assert set(fuels["input_technology"]) == {"thermal"}


def test_fewer_draws_than_inputs_cannot_tell_contributors_apart() -> None:
    with pytest.raises(TooFewDrawsError, match="inputs cannot be told apart by 20 draws"):
        sample_factors(*world(months=12), draws=20, seed=1)


@given(
    arrays(np.float64, (3, 40), elements=st.floats(-1e6, 1e6)),
    st.lists(st.integers(0, 39), max_size=39, unique=True),
)
@settings(max_examples=60)
def test_percentiles_are_those_of_the_finite_values(values: np.ndarray, lost: list[int]) -> None:
    values[1, lost] = np.nan
    wanted = [0.025, 0.5, 0.975]
    expected = np.nanquantile(values, wanted, axis=1).T
    np.testing.assert_allclose(percentiles(values, wanted), expected, rtol=1e-9, atol=1e-6)


def test_a_factor_without_a_value_in_any_draw_has_no_percentile() -> None:
    assert np.isnan(percentiles(np.full((1, 5), np.nan), [0.5])).all()


def test_a_technology_without_life_cycle_factor_is_named() -> None:
    frames, flows = world()
    less = replace(frames, technology=frames.technology.filter(pl.col("technology") != "wind"))
    with pytest.raises(SamplingError, match="2021: wind generates and has no life-cycle factor"):
        intervals((less, flows))


def test_a_year_without_interchange_is_named() -> None:
    frames, flows = world()
    later = pl.DataFrame(
        {"year": [2025], "period_start": [dt.date(2025, 1, 1)], "resolution": ["month"]}
    )
    with pytest.raises(SamplingError, match="2025: there is no interchange to sample"):
        intervals((replace(frames, period=later), flows))


def test_a_code_that_is_nowhere_else_is_named() -> None:
    frames, flows = world()
    strange = frames.generation.with_columns(pl.col("technology").replace("wind", "tidal"))
    with pytest.raises(SamplingError, match="technology: tidal is not known here"):
        intervals((replace(frames, generation=strange), flows))


def test_months_that_generation_and_interchange_do_not_share_are_refused() -> None:
    frames, flows = world(months=2)
    short = replace(frames, generation=frames.generation.filter(period_month=dt.date(2021, 1, 1)))
    with pytest.raises(SamplingError, match="cover different months"):
        intervals((short, flows))


def test_technologies_stand_in_the_order_that_the_arrays_assume() -> None:
    assert TECHNOLOGIES[:4] == ("coal", "gas", "oil", "biomass")
