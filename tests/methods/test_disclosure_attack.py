"""The attack test: two releases, an intruder who reads everything, and nobody recovered.

And the test of the test: with any one control switched off the same intruder does recover.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt_project.methods.disclosure.audit import audit_cells, audit_groups
from dbt_project.methods.disclosure.grading import grade_product, may_publish
from dbt_project.methods.disclosure.hierarchy import (
    build_hierarchy,
    decide,
    over_cells,
    published_facts,
)
from dbt_project.methods.disclosure.published_form import half_unit, round_published
from dbt_project.methods.disclosure.rules import (
    DisclosureRules,
    primary_decisions,
    sum_to_groups,
)
from tests.methods.disclosure_adversary import Fact, attack
from tests.methods.disclosure_worlds import (
    GRID_OF,
    RULES,
    Controls,
    facts_of,
    plants,
    publish_twice,
    weakened,
    world,
)

SEEDS = st.integers(0, 2**32 - 1)
ATTACK = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
NOTHING = weakened(RULES, {"minimum_groups": 1, "dominance": (), "p": 1e-13})


@ATTACK
@given(SEEDS)
def test_two_releases_and_nobody_is_recovered(seed: int) -> None:
    first, second = world(seed)
    facts, decided = publish_twice(first, second, RULES, Controls())
    assert attack(facts, RULES.p, RULES.q) == []
    counts = Counter(decided["disclosure"])
    shown = f"{counts['aggregated']}, {decided['is_held'].sum()} of them held"
    print(f"\nseed {seed}: withheld {counts['withheld']}, merged {counts['merged']}, {shown}")


@pytest.mark.parametrize("control", ["secondary", "differencing"])
def test_without_one_control_the_same_intruder_recovers(control: str) -> None:
    recovered = published = 0
    for seed in range(6):
        first, second = world(seed)
        facts, _ = publish_twice(first, second, RULES, Controls(**{control: False}))
        published += len(facts)
        recovered += bool(attack(facts, RULES.p, RULES.q, programmes=False))
    print(f"\nwithout {control}: {recovered} of 6 worlds recovered, {published} cells published")
    assert recovered >= 2


# One cell each, which one primary rule alone stops: weights and intensities of its groups.
ONE_RULE = {
    "threshold": ([(100, 2.0), (90, 2.1)], {"minimum_groups": 3}),
    "dominance": ([(1000, 2.0), (10, 2.0), (9, 2.0), (8, 2.0)], {"dominance": ((1, 0.85),)}),
    "two_dominate": ([(100, 2.0), (90, 2.0), (2, 2.0), (1, 2.0)], {"dominance": ((2, 0.95),)}),
    "prior": ([(60, 2.0), (25, 2.0), (10, 2.0), (5, 2.0)], {"p": RULES.p}),
}  # fmt: skip


@pytest.mark.parametrize("rule", ONE_RULE)
def test_without_one_primary_rule_the_same_intruder_recovers(rule: str) -> None:
    groups, parameter = ONE_RULE[rule]
    frame = plants([("eaf", "340000", f"G{n}", w, c) for n, (w, c) in enumerate(groups)])
    cell = frame.rename({"leaf_id": "cell_id"}).select("cell_id", "group_code", "weight", "value")
    shown = cell.with_columns(leaf_id=pl.col("cell_id"))
    for rules, is_stopped in ((weakened(NOTHING, parameter), True), (NOTHING, False)):
        safe = primary_decisions(cell, rules)["status"].to_list() == ["safe"]
        facts = facts_of("2025.01.0", shown) if safe else []
        assert (attack(facts, RULES.p, RULES.q) == []) == is_stopped


def test_the_newcomer_of_the_textbook_case_is_not_recovered() -> None:
    """11.4194 over W = 310, then 11.1111 over W = 360, are 9.2000 for the sixth."""
    five = [(100.0, 10.0), (60.0, 12.0), (50.0, 13.0), (60.0, 11.0), (40.0, 12.75)]
    before = plants([("eaf", "340000", f"G{n}", w, c) for n, (w, c) in enumerate(five)])
    after = pl.concat([before, plants([("eaf", "340000", "G5", 50.0, 9.2)])])
    means = [f["value"].sum() / f["weight"].sum() for f in (before, after)]
    assert [round(m, 4) for m in means] == [11.4194, 11.1111]
    assert (means[1] * 360 - means[0] * 310) / 50 == pytest.approx(9.2)

    facts, decided = publish_twice(before, after, RULES, Controls())
    assert attack(facts, RULES.p, RULES.q) == []
    assert decided["is_held"].to_list() == [True]
    open_facts, _ = publish_twice(before, after, RULES, Controls(differencing=False))
    assert {r.group for r in attack(open_facts, RULES.p, RULES.q)} == {"G5"}


def test_a_withheld_child_is_not_recovered_through_its_parent_in_both_releases() -> None:
    """The child is one plant; the parent was published before it came and after."""
    others = [("eaf", region, f"{region[:2]}{n}", 50.0 + n, 0.6 + 0.01 * n)
              for region in ("320000", "310000") for n in range(5)]  # fmt: skip
    before, after = plants(others), plants([*others, ("eaf", "340000", "NEW", 80.0, 0.66)])
    facts, decided = publish_twice(before, after, RULES, Controls())
    child = decided.filter(pl.col("cell_id") == "steel.rebar|eaf|340000|2024")
    assert child["disclosure"].to_list() in (["withheld"], ["merged"])
    assert attack(facts, RULES.p, RULES.q) == []
    for off in ("secondary", "differencing"):
        facts, _ = publish_twice(before, after, RULES, Controls(**{off: False}))
        recovered = {r.group for r in attack(facts, RULES.p, RULES.q)}
        assert ("NEW" in recovered) == (off == "differencing"), off


def test_a_parent_that_is_new_is_not_published_beside_an_old_child() -> None:
    """No cell of both releases differs: only the record of what was published says what is known.

    Left to itself the second release would keep the old child back and publish the new parent.
    """
    old = [("eaf", "320000", f"O{n}", 50.0 + n, 0.6 + 0.01 * n) for n in range(5)]
    before, after = plants(old), plants([*old, ("eaf", "340000", "NEW", 80.0, 0.66)])
    facts, decided = publish_twice(before, after, RULES, Controls())
    assert attack(facts, RULES.p, RULES.q) == []
    shown = decided.filter(pl.col("disclosure") == "aggregated")["cell_id"].to_list()
    assert shown == ["steel.rebar|eaf|320000|2024"]
    facts, _ = publish_twice(before, after, RULES, Controls(differencing=False))
    assert {r.group for r in attack(facts, RULES.p, RULES.q)} == {"NEW"}


@ATTACK
@given(SEEDS)
def test_the_audit_agrees_with_the_intruder(seed: int) -> None:
    """One release: the audit is clean where the engine chose, and every withheld cell is wide."""
    answers, _ = world(seed)
    hierarchy = build_hierarchy(
        answers.select("product_code", "technology", "region_code", "year").unique(), GRID_OF
    )
    leaves = sum_to_groups(answers.rename({"leaf_id": "cell_id"})).rename({"cell_id": "leaf_id"})
    decided = decide(leaves, hierarchy, RULES)
    shown = decided.filter(pl.col("disclosure") == "aggregated")["cell_id"]
    records = (
        over_cells(leaves, hierarchy)
        .with_columns(
            release_id=pl.lit("2025.01.0"),
            mean=pl.col("value").sum().over("cell_id") / pl.col("weight").sum().over("cell_id"),
        )
        .with_columns(
            published=pl.col("mean").map_elements(
                lambda m: float(round_published(m)), return_dtype=pl.Float64),
            half_unit=pl.col("mean").map_elements(
                lambda m: float(half_unit(round_published(m))), return_dtype=pl.Float64),
        )
    )  # fmt: skip
    known = published_facts(records.filter(pl.col("cell_id").is_in(shown.implode())))
    if len(known.value):
        assert audit_groups(known, RULES).is_empty()
    everything = published_facts(records)
    kept = records.filter(pl.col("cell_id").is_in(shown.implode()))["cell_id"].unique().to_list()
    order = records.select("cell_id").unique().sort("cell_id")["cell_id"].to_list()
    chosen = np.array([c in set(kept) for c in order])
    facts = type(everything)(everything.group, everything.value, everything.holds[chosen],
                             everything.total[chosen], everything.slack[chosen])  # fmt: skip
    primary = decided.filter(pl.col("reason") == "primary")["cell_id"].to_list()
    withheld = {c: everything.holds[order.index(c)] != 0 for c in primary}
    assert audit_cells(facts, withheld, RULES)["is_protected"].all()


def test_the_audit_finds_what_plain_subtraction_gives_away() -> None:
    rows = [("eaf", "340000", "A", 50.0, 0.6)]
    rows += [("eaf", "320000", f"B{n}", 50.0, 0.6) for n in range(5)]
    answers = plants(rows)
    hierarchy = build_hierarchy(
        answers.select("product_code", "technology", "region_code", "year").unique(), GRID_OF
    )
    spread = over_cells(
        answers.select("leaf_id", "group_code", "weight", "value"), hierarchy
    ).with_columns(release_id=pl.lit("r"), published=0.6, half_unit=0.0)
    public = spread.filter(pl.col("cell_id") != "steel.rebar|eaf|340000|2024")
    known = published_facts(public)
    recovered = audit_groups(known, RULES)
    assert recovered["group"].to_list() == ["A"]
    child = known.group == "A"
    cell = audit_cells(known, {"child": child}, RULES)
    assert not cell["is_protected"].any()
    assert cell["lower"][0] == pytest.approx(30.0, rel=1e-5)
    assert cell["upper"][0] == pytest.approx(30.0, rel=1e-5)


def _makers(seed: int) -> pl.DataFrame:
    """Plants of one product; some groups have two, in one of two cells each."""
    rng = np.random.default_rng(seed)
    groups = int(rng.integers(10, 16))
    group = np.concatenate([np.arange(groups), rng.choice(groups, groups // 4, replace=False)])
    weight = rng.lognormal(3, 0.3, len(group)).round(2)
    return pl.DataFrame(
        {
            "product_code": "steel.rebar",
            "plant_id": [f"P{n:02d}" for n in range(len(group))],
            "group_code": [f"G{n:02d}" for n in group],
            "leaf_id": rng.choice(["bf", "eaf"], len(group), p=[0.65, 0.35]),
            "weight": weight,
            "value": (weight * rng.uniform(1.6, 2.5, len(group))).round(2),
        }
    )


def _published_means(plants: pl.DataFrame) -> pl.DataFrame:
    """The rounded mean of each technology with enough groups, and of both, as facts."""
    cells = pl.concat([plants, plants.with_columns(leaf_id=pl.lit("any"))])
    total = pl.col("value").sum().over("leaf_id") / pl.col("weight").sum().over("leaf_id")
    shown = cells.with_columns(mean=total).filter(
        pl.col("group_code").n_unique().over("leaf_id") >= 4
    )
    rounded = [round_published(mean) for mean in shown["mean"]]
    return shown.rename({"leaf_id": "fact"}).with_columns(
        pl.Series("published", [float(mean) for mean in rounded]),
        pl.Series("half_unit", [float(half_unit(mean)) for mean in rounded]),
    )


def _scale_facts(windows: pl.DataFrame, plants: pl.DataFrame, release: str = "r") -> list[Fact]:
    """Means of windows: each plant's emission over its group's output."""
    facts = []
    for (name,), part in windows.group_by("cell_id", maintain_order=True):
        mean = round_published(part["value"].mean())
        rows = part.select("group_code", "output").join(plants, on="group_code")
        terms = {
            (plant, group, float(f"{value:.10g}")): 1 / output
            for plant, group, value, output in rows.select(
                "plant_id", "group_code", "value", "output"
            ).rows()
        }
        count = part.height
        facts.append(Fact(release, str(name), terms, float(mean) * count,
                          float(half_unit(mean)) * count))  # fmt: skip
    return facts


def test_a_scale_beside_all_published_cells_recovers_nobody() -> None:
    """And without the proof the same intruder does recover: scales that stayed back had to."""
    published = recovered = 0
    for seed in range(20):
        plants = _makers(seed)
        grades = grade_product(plants, RULES, least_per_grade=5)
        if grades is not None and seed % 2:
            # A cell of the makers of one window and of one more.
            few = [*grades.windows["group_code"].head(3), plants["group_code"][seed % 9]]
            inside = pl.col("group_code").is_in(few)
            plants = plants.with_columns(leaf_id=pl.when(inside).then(pl.lit("eaf")).otherwise(
                pl.lit("bf")
            ))  # fmt: skip
        cells = _published_means(plants)
        means = facts_of("r", cells.with_columns(cell_id="fact", leaf_id="plant_id"))
        if grades is None or attack(means, RULES.p, RULES.q):
            continue
        found = attack(_scale_facts(grades.windows, plants) + means, RULES.p, RULES.q)
        if may_publish(grades.windows, cells, RULES):
            assert found == []
            published += 1
        recovered += bool(found)
    print(f"\ngrades: {published} scales published, {recovered} would have recovered a group")
    assert published >= 3
    assert recovered >= 3


def test_windows_that_shift_by_one_group_recover_it() -> None:
    """Why a scale stands: a window now and its neighbour before differ by one group."""
    recovered = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        frame = pl.DataFrame(
            {"product_code": "steel.rebar", "group_code": [f"G{n:02d}" for n in range(16)],
             "plant_id": [f"P{n:02d}" for n in range(16)],
             "weight": 10.0, "value": 10.0 * rng.uniform(1.6, 2.5, 16)}
        )  # fmt: skip
        one = grade_product(frame.head(15), RULES, least_per_grade=5)
        two = grade_product(frame, RULES, least_per_grade=5)
        assert one is not None
        assert two is not None
        first = _scale_facts(one.windows, frame, "r1")
        assert attack(first, RULES.p, RULES.q, programmes=False) == []
        second = _scale_facts(two.windows, frame, "r2")
        recovered += bool(attack(first + second, RULES.p, RULES.q, programmes=False))
    assert recovered >= 3


def test_a_plain_percentile_as_boundary_would_recover_its_group() -> None:
    exact = Fact("r", "grade", {("x", "G1", 2.0): 1.0}, 2.0, 0.0005)
    assert attack([exact], RULES.p, RULES.q)


def test_rules_say_nothing_of_themselves() -> None:
    assert "0.1" not in repr(RULES)
    assert "0.1" not in str(DisclosureRules(3, ((1, 0.8),), 0.1, 0.2))
