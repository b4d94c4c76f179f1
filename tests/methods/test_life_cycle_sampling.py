"""Draws are correlated where data are shared, keep mixes whole, and do not depend on threads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import dbt_project.methods.life_cycle_sampling as life_cycle_sampling
from dbt_project.methods.life_cycle_sampling import SampledScores, SamplingError, sample_scores
from dbt_project.methods.life_cycle_scores import solve_scores
from tests.methods.life_cycle_databases import (
    AR5,
    AR6,
    TOTAL,
    Database,
    database,
    emits,
    process,
    random_database,
    takes,
)

D = 1_000


def sample(rows: Database, draws: int = D, seed: int = 1, **options: object) -> SampledScores:
    return sample_scores(solve_scores(rows.system()), draws=draws, seed=seed, **options)  # type: ignore[arg-type]


def test_one_uncertain_exchange_has_the_percentiles_of_its_lognormal() -> None:
    """Score 2 x exp(0.2 z): percentiles 2 exp(-+0.2 x 1.95996), mean 2 exp(0.02)."""
    found = sample(database([process("a")], [emits("a", "co2", 2.0, sigma=0.2)]), draws=5_000)
    lower, median, upper = found.percentiles[:, 0, 0]
    z = 1.959964
    # Standard errors of a quantile: 0.2 sqrt(p(1-p)/D)/phi: 0.0076 at the ends, 0.0036 amid.
    assert np.log(lower / 2) == pytest.approx(-0.2 * z, abs=4 * 0.0076)
    assert np.log(median / 2) == pytest.approx(0.0, abs=4 * 0.0036)
    assert np.log(upper / 2) == pytest.approx(0.2 * z, abs=4 * 0.0076)
    assert found.mean[0, 0] / 2 == pytest.approx(np.exp(0.02), abs=4 * 0.2 / np.sqrt(5_000))


def test_a_chain_has_the_variance_of_its_links() -> None:
    """ln score = ln of three independent factors: variance 0.1^2 + 0.2^2 + 0.15^2."""
    found = sample(
        database(
            [process("a"), process("b"), process("c")],
            [
                takes("a", "b", 3.0, sigma=0.1),
                takes("b", "c", 0.2, sigma=0.2),
                emits("c", "co2", 5.0, sigma=0.15),
            ],
        ),
        draws=4_000,
        keep=["a"],
    )
    logs = np.log(found.samples[:, 0, 0] / 3.0)
    variance = 0.1**2 + 0.2**2 + 0.15**2
    assert logs.mean() == pytest.approx(0.0, abs=4 * np.sqrt(variance / 4_000))
    assert logs.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / 4_000))


def test_every_draw_solves_its_own_system() -> None:
    """A loop: y = h / (1 - p q) with both inputs drawn; held against the draws themselves."""
    looped = database(
        [process("a"), process("b")],
        [
            takes("a", "b", 0.5, sigma=0.2),
            takes("b", "a", 0.6, sigma=0.3),
            emits("a", "co2", 1.0, sigma=0.1),
        ],
    )
    scores = solve_scores(looped.system())
    found = sample_scores(scores, draws=400, seed=4, keep=["a", "b"])
    (solved,) = life_cycle_sampling._solved_together(scores, [TOTAL], 400)
    sampler = life_cycle_sampling._Sampler.of(scores, solved, 4)
    drawn = np.concatenate(
        [
            np.exp(sampler.sigma * z)
            for block in range(100)
            for z in life_cycle_sampling.normals(sampler.key, sampler.names, block)
        ]
    ).reshape(400, 3)
    # Purchases come first, in the order of their processes: a's, b's, then the emission.
    p, q, h = (drawn * [0.5, 0.6, 1.0]).T
    np.testing.assert_allclose(found.samples[:, 0, 0], h / (1 - p * q), rtol=1e-7)
    np.testing.assert_allclose(found.samples[:, 1, 0], q * h / (1 - p * q), rtol=1e-7)
    assert found.factorised == 0 and found.residual <= life_cycle_sampling.TOLERANCE


@pytest.mark.parametrize(("threads", "batch"), [(1, 1), (2, 1), (2, 7), (3, 100)])
def test_threads_and_batches_change_no_byte(threads: int, batch: int) -> None:
    rows = random_database(3, size=30, sigma=0.15)
    straight = sample(rows, draws=101, keep=["p000"])
    other = sample(rows.shuffled(8), draws=101, keep=["p000"], threads=threads, batch=batch)
    assert straight.percentiles.tobytes() == other.percentiles.tobytes()
    assert straight.mean.tobytes() == other.mean.tobytes()
    assert straight.samples.tobytes() == other.samples.tobytes()


def test_more_draws_begin_with_the_same_ones_and_another_seed_with_others() -> None:
    rows = random_database(3, sigma=0.15)
    few, many = (sample(rows, draws=n, keep=["p001"]).samples for n in (50, 90))
    assert few.tobytes() == many[:50].tobytes()
    assert not np.any(sample(rows, draws=50, seed=2, keep=["p001"]).samples == few)


def test_what_two_datasets_share_leaves_no_noise_between_them() -> None:
    """a and b buy the same uncertain product; b emits 1 more for certain."""
    found = sample(
        database(
            [process("a"), process("b"), process("c")],
            [
                takes("a", "c", 1.0),
                takes("b", "c", 1.0),
                emits("b", "co2", 1.0),
                emits("c", "co2", 4.0, sigma=0.5),
            ],
        ),
        keep=["a", "b"],
    )
    a, b = found.samples[:, 0, 0], found.samples[:, 1, 0]
    assert a.std() > 1.0
    np.testing.assert_allclose(b - a, 1.0, atol=1e-7)


def test_what_two_datasets_do_not_share_is_drawn_apart() -> None:
    """a and b each have an uncertain purchase of the same certain product."""
    found = sample(
        database(
            [process("a"), process("b"), process("c")],
            [
                takes("a", "c", 1.0, sigma=0.3),
                takes("b", "c", 1.0, sigma=0.3),
                emits("c", "co2", 4.0),
            ],
        ),
        keep=["a", "b"],
    )
    one, other = np.log(found.samples[:, :, 0]).T
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(D)


def test_a_dataset_keeps_its_draws_when_others_come() -> None:
    """Differences between releases are changes of data, not of luck."""
    rows = random_database(3, sigma=0.15)
    more = database([process("new")], [takes("new", "p001", 2.0), emits("new", "co2", 1.0)])
    grown = Database(
        pl.concat([more.process, rows.process]),
        pl.concat([more.exchange, rows.exchange]),
        rows.characterisation,
    )
    names = rows.process["process_id"].sort().to_list()
    one, other = (sample(each, draws=80, keep=names).samples for each in (rows, grown))
    np.testing.assert_allclose(one, other, rtol=1e-7)


def mix(sigma: float) -> Database:
    shares = [("coal", 0.6), ("wind", 0.3), ("hydro", 0.1)]
    return database(
        [process(name) for name in ("grid", "coal", "wind", "hydro")],
        [
            *(takes("grid", name, share, sigma=sigma, share_group="mix") for name, share in shares),
            *(emits(name, "co2", 1.0) for name, _ in shares),
        ],
    )


def test_a_mix_of_equal_parts_is_certain_however_uncertain_its_shares() -> None:
    found = sample(mix(0.8), keep=["grid"])
    np.testing.assert_allclose(found.samples, 1.0, rtol=1e-8)
    free = mix(0.8).with_exchange(share_group=pl.lit(None, pl.String))
    assert sample(free, keep=["grid"]).samples.std() > 0.3


def test_shares_are_renormalised_group_by_group() -> None:
    """Two mixes in one process, of 1 and of 5: each keeps its own sum."""
    rows = mix(0.5)
    second = rows.exchange.filter(process_id="grid").with_columns(
        share_group=pl.lit("other"),
        amount=pl.col("amount") * 5,
        exchange_no=pl.col("exchange_no") + 9,
    )
    both = replace(rows, exchange=pl.concat([rows.exchange, second]))
    np.testing.assert_allclose(sample(both, keep=["grid"]).samples, 6.0, rtol=1e-8)


def test_certain_data_give_the_deterministic_score_in_every_draw() -> None:
    rows = random_database(5)
    scores = solve_scores(rows.system())
    found = sample_scores(scores, draws=40, seed=1)
    for part in (*found.percentiles, found.mean):
        np.testing.assert_allclose(part, scores.values, rtol=1e-12)


def test_draws_that_the_iteration_does_not_solve_are_factorised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = random_database(6, size=20, sigma=0.2)
    easy = sample(rows, draws=60)
    monkeypatch.setattr(life_cycle_sampling, "STEPS", 1)
    hard = sample(rows, draws=60)
    assert easy.factorised == 0 and hard.factorised == 60
    np.testing.assert_allclose(hard.percentiles, easy.percentiles, rtol=1e-7)


def test_a_draw_that_uses_up_more_than_it_makes_is_a_sentence() -> None:
    looped = database(
        [process("a"), process("b")],
        [
            takes("a", "b", 0.9, sigma=0.5),
            takes("b", "a", 0.9, sigma=0.5),
            emits("a", "co2", 1.0),
        ],
    )
    with pytest.raises(SamplingError, match=r"draw_unproductive: in draw \d+, a loop through"):
        sample(looped)


def test_all_indicators_and_a_table_of_them() -> None:
    rows = random_database(7, sigma=0.1)
    both = replace(
        rows,
        characterisation=pl.DataFrame(
            [
                (gas, name, table[gas])
                for name, table in (("ar5", AR5), ("ar6", AR6))
                for gas in ("co2", "ch4")
            ],
            schema=["flow_id", "indicator", "factor"],
            orient="row",
        ),
    )
    found = sample(both, draws=100)
    alone = sample(both, draws=100, indicators=["ar6"])
    np.testing.assert_allclose(found.percentiles[:, :, 1], alone.percentiles[:, :, 0], rtol=1e-7)
    table = found.table()
    assert table.columns == ["process_id", "indicator", "lower_95", "median", "upper_95", "mean"]
    assert table.select("process_id", "indicator").equals(
        table.select("process_id", "indicator").sort("process_id", "indicator")
    )
    assert (table["lower_95"] < table["median"]).all() and (
        table["median"] < table["upper_95"]
    ).all()
    row = table.filter(process_id="p003", indicator="ar5").row(0)
    assert row[2:] == (*found.percentiles[:, 3, 0], found.mean[3, 0])


def test_indicators_summed_from_flows_are_those_solved_by_themselves() -> None:
    """Five indicators of two gases, one of them a difference, one of nothing."""
    weights = {"co2": (1.0, 1.0, 0.0, 1.0, 0.0), "ch4": (28.0, 29.8, 1.0, -1.0, 0.0)}
    rows = random_database(11, sigma=0.2)
    many = replace(
        rows,
        characterisation=pl.DataFrame(
            [(gas, name, factor) for gas, factors in weights.items()
             for name, factor in zip("abcde", factors, strict=True)],
            schema=["flow_id", "indicator", "factor"],
            orient="row",
        ),
    )  # fmt: skip
    scores = solve_scores(many.system())
    (solved,) = life_cycle_sampling._solved_together(scores, list("abcde"), 80)
    assert solved.values.shape[1] == 2
    np.testing.assert_allclose(solved.values @ solved.mix, scores.values, rtol=1e-12, atol=1e-14)
    together = sample(many, draws=80, keep=["p001"])
    for place, name in enumerate("abcde"):
        alone = sample(many, draws=80, keep=["p001"], indicators=[name])
        size = np.abs(alone.percentiles).max(initial=1e-300)
        for part in ("percentiles", "mean", "samples"):
            found = getattr(together, part)[..., place : place + 1]
            np.testing.assert_allclose(found, getattr(alone, part), rtol=1e-7, atol=1e-8 * size)


def test_indicators_solved_apart_for_want_of_memory_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = random_database(7, sigma=0.1)
    factors = pl.concat(
        rows.characterisation.with_columns(indicator=pl.lit(name)) for name in ("a", "b", "c")
    )
    three = replace(rows, characterisation=factors)
    whole = sample(three, draws=60, keep=["p001"])
    monkeypatch.setattr(life_cycle_sampling, "MEMORY", 1)
    parts = sample(three, draws=60, keep=["p001"])
    np.testing.assert_allclose(parts.percentiles, whole.percentiles, rtol=1e-7)
    np.testing.assert_allclose(parts.samples, whole.samples, rtol=1e-7)


def test_products_without_any_emission_score_nothing() -> None:
    rows = database(
        [process("a"), process("b")], [emits("a", "co2", 0.0, sigma=0.1), takes("b", "a", 1.0)]
    )
    assert not sample(rows, draws=40).percentiles.any()


@pytest.mark.parametrize(
    ("rule", "rows", "draws"),
    [
        ("too_few_draws", mix(0.1), 39),
        ("sigma_invalid", mix(-0.1), 40),
        ("sigma_invalid", mix(float("nan")), 40),
        ("sigma_invalid", mix(3.5), 40),
        (
            "share_group_sign",
            mix(0.1).with_exchange(
                direction=pl.when(provider_id="wind").then(pl.lit("output")).otherwise("direction")
            ),
            40,
        ),
        ("share_group_sign", mix(0.1).with_exchange(amount=pl.col("amount") * 0), 40),
    ],
)
def test_draws_that_cannot_be_made_are_refused_by_rule(
    rule: str, rows: Database, draws: int
) -> None:
    with pytest.raises(SamplingError, match=f"^{rule}: "):
        sample(rows, draws=draws)


def test_percentiles_are_those_of_the_usual_definition() -> None:
    rows = random_database(9, size=8, sigma=0.3)
    names = rows.process["process_id"].sort().to_list()
    found = sample(rows, draws=77, keep=names)
    expected = np.percentile(found.samples, life_cycle_sampling.PERCENTILES, axis=0)
    np.testing.assert_allclose(found.percentiles, expected, rtol=1e-13)
    np.testing.assert_allclose(found.mean, found.samples.mean(axis=0), rtol=1e-13)
    assert found.indicators == (TOTAL,)
