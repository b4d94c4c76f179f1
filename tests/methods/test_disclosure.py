"""Primary rules, differencing, the published form, recoverability, grades, duplicates."""

from __future__ import annotations

import time
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.disclosure.differencing import (
    frozen_contributions,
    release_differences,
    residual_differences,
    update_actions,
)
from dbt_project.methods.disclosure.duplicates import likely_duplicates
from dbt_project.methods.disclosure.grading import grade_product
from dbt_project.methods.disclosure.hierarchy import build_hierarchy, build_tables, decide
from dbt_project.methods.disclosure.published_form import (
    contributors_band,
    half_unit,
    round_published,
    spread_class,
)
from dbt_project.methods.disclosure.recoverability import recoverable, score_identities
from dbt_project.methods.disclosure.rules import (
    DisclosureError,
    DisclosureRules,
    flow_decisions,
    names_parameters,
    primary_decisions,
    rules_from,
    sum_to_groups,
)
from tests.methods.disclosure_worlds import GRID_OF, RULES, plants, weakened


def cell(values: list[float], name: str = "c", weights: list[float] | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "cell_id": name,
            "group_code": [f"G{n:03d}" for n in range(len(values))],
            "weight": weights or [1.0] * len(values),
            "value": values,
        },
        schema_overrides={"value": pl.Float64, "weight": pl.Float64},
    )


def failed(frame: pl.DataFrame, rules: DisclosureRules = RULES) -> list[str]:
    return primary_decisions(frame, rules)["failed"][0].to_list()


def test_two_plants_of_one_group_are_one_contributor() -> None:
    plant_rows = cell([10.0, 10.0, 10.0]).with_columns(group_code=pl.Series(["A", "A", "B"]))
    assert sum_to_groups(plant_rows)["value"].to_list() == [20.0, 10.0]
    assert "threshold" in failed(plant_rows)
    assert failed(cell([10.0, 10.0, 10.0])) == []


def test_a_dominated_cell_is_unsafe_on_emissions_and_on_weights() -> None:
    assert "dominance" in failed(cell([100.0, 5.0, 5.0, 5.0]))
    assert "dominance" in failed(cell([5.0] * 4, weights=[100.0, 5.0, 5.0, 5.0]))
    assert "dominance" in failed(cell([100.0, 95.0, 2.0, 1.0]))


def test_the_prior_counts_where_plain_p_percent_does_not() -> None:
    # rest = 15: more than 0.1 x 60, less than (0.1 / 0.2) x 60
    assert failed(cell([60.0, 25.0, 15.0], weights=[1.0] * 3)) == ["prior"]
    assert failed(cell([30.0, 25.0, 15.0], weights=[1.0] * 3)) == []


def test_the_boundary_of_the_prior_rule_is_safe() -> None:
    assert failed(cell([20.0, 20.0, 10.0])) == []
    assert failed(cell([20.0, 20.0, 9.99])) == ["prior"]


def test_a_credit_goes_to_a_person() -> None:
    judged = primary_decisions(cell([10.0, 10.0, 10.0, -1.0]), RULES)
    assert judged["status"].to_list() == ["review"]


def test_a_cell_is_as_safe_as_its_least_safe_quantity() -> None:
    both = pl.concat(
        [cell([10.0] * 4).with_columns(quantity=pl.lit("CO2")),
         cell([9.0, 0.0, 0.0, 0.0]).with_columns(quantity=pl.lit("CF4")),
         cell([0.0] * 4).with_columns(quantity=pl.lit("SF6"))]
    )  # fmt: skip
    assert primary_decisions(both, RULES)["status"].to_list() == ["unsafe"]
    assert primary_decisions(both.filter(pl.col("quantity") != "CF4"), RULES)[
        "status"
    ].to_list() == ["safe"]


def test_a_flow_of_one_plant_closes_the_unit_process() -> None:
    coal = cell([5.0] * 5).with_columns(flow_id=pl.lit("coal"))
    gas = cell([0.0, 0.0, 0.0, 0.0, 7.0]).with_columns(flow_id=pl.lit("gas"))
    assert flow_decisions(coal, RULES)["is_whole"].to_list() == [True]
    assert flow_decisions(pl.concat([coal, gas]), RULES)["is_whole"].to_list() == [False]


figures = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(figures, figures)
def test_the_vectorised_rules_are_the_rules(values: list[float], weights: list[float]) -> None:
    size = min(len(values), len(weights))
    frame = cell(values[:size], weights=weights[:size])
    other = cell([3.0, 3.0, 3.0, 3.0], name="b")

    def unsafe(figures: list[float]) -> bool:
        e = sorted(figures, reverse=True)
        total = sum(e)
        rest = sum(e[2:])
        return (
            len(e) < RULES.minimum_groups
            or any(sum(e[:n]) > k * total * (1 + 1e-12) for n, k in RULES.dominance)
            or rest < RULES.p / RULES.q * e[0] * (1 - 1e-9)
        )

    judged = primary_decisions(pl.concat([frame, other]).sample(fraction=1.0, shuffle=True), RULES)
    expected = unsafe(values[:size]) or unsafe(weights[:size])
    assert judged["cell_id"].to_list() == ["b", "c"]
    assert (judged["status"][1] == "unsafe") == expected
    assert judged["status"][0] == "safe"


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (cell([1.0]).drop("weight"), "DC002"),
        (cell([1.0]).with_columns(group_code=pl.lit(None, dtype=pl.String)), "DC003"),
        (cell([float("nan")]), "DC004"),
        (cell([1.0], weights=[-1.0]), "DC005"),
    ],
)
def test_bad_contributions_are_named(frame: pl.DataFrame, words: str) -> None:
    with pytest.raises(DisclosureError, match=words):
        primary_decisions(frame, RULES)


@pytest.mark.parametrize(
    "values",
    [
        {"minimum_groups": 0, "dominance": [], "p": 0.1, "q": 0.2},
        {"minimum_groups": 2, "dominance": [], "p": 0.1, "q": 0.2},
        {"minimum_groups": 3, "dominance": [[1, 80]], "p": 0.1, "q": 0.2},
        {"minimum_groups": 3, "dominance": [], "p": 0.3, "q": 0.2},
        {"minimum_groups": "many", "dominance": [], "p": 0.1, "q": 0.2},
        {"minimum_groups": 3, "p": 0.1, "q": 0.2},
    ],
)
def test_bad_parameters_are_refused_without_being_repeated(values: dict[str, object]) -> None:
    with pytest.raises(DisclosureError) as caught:
        rules_from(values)
    assert "DC001" in str(caught.value)
    assert "many" not in str(caught.value)


def test_parameters_in_a_text_or_table_are_found() -> None:
    rules = DisclosureRules(5, ((2, 0.87),), p=0.12, q=0.23)
    assert names_parameters("published from at least 5 groups", rules)
    assert names_parameters("先验 23% 之内", rules)
    assert names_parameters("dominance (2, 87)", rules)
    assert not names_parameters("Averages over 5-9 enterprises of 2025; 87 datasets.", rules)
    assert names_parameters(pl.DataFrame({"disclosure_rule": ["x"]}), rules)
    assert names_parameters(pl.DataFrame({"note": ["q = 0.23"]}), rules)
    assert not names_parameters(pl.DataFrame({"value": [0.23], "note": ["merged"]}), rules)
    assert not any("0.23" in s for s in names_parameters("prior q = 0.23", rules))


# --- between releases --------------------------------------------------------------------------


def release(frame: pl.DataFrame, name: str = "2025.01.0") -> pl.DataFrame:
    return frame.with_columns(release_id=pl.lit(name))


def statuses(now: pl.DataFrame, *then: pl.DataFrame) -> dict[tuple[str, str], str]:
    judged = release_differences(now, pl.concat(then), RULES)
    return {(a, d): s for a, d, s in judged.select("against", "difference", "status").rows()}


def test_one_newcomer_one_leaver_or_one_correction_holds_the_update() -> None:
    five = cell([10.0, 11.0, 12.0, 13.0, 14.0])
    assert statuses(five, release(five)) == {}
    six = cell([10.0, 11.0, 12.0, 13.0, 14.0, 9.2])
    assert set(statuses(six, release(five)).values()) == {"unsafe"}
    assert set(statuses(five, release(six)).values()) == {"unsafe"}
    corrected = cell([10.0, 11.0, 12.5, 13.0, 14.0])
    assert statuses(corrected, release(five)) == {("2025.01.0", "any"): "unsafe"}


def test_enough_newcomers_may_come() -> None:
    five, nine = cell([10.0] * 5), cell([10.0] * 9)
    assert set(statuses(nine, release(five)).values()) == {"safe"}


def test_any_pair_of_releases_counts_not_only_the_last() -> None:
    one, two = cell([10.0] * 5), cell([10.0] * 9)
    now = cell([10.0] * 6)
    found = statuses(now, release(one, "r1"), release(two, "r2"))
    assert found[("r1", "membership")] == "unsafe"
    assert found[("r2", "membership")] == "safe"


def test_a_method_change_for_all_hides_no_newcomer_and_no_correction() -> None:
    five = cell([10.0, 11.0, 12.0, 13.0, 14.0]).with_columns(evidence=pl.lit("a"))
    six = pl.concat([five, cell([9.2]).with_columns(
        group_code=pl.lit("NEW"), evidence=pl.lit("a"))])  # fmt: skip
    other_method = pl.col("value") * 1.05
    found = statuses(six.with_columns(other_method), release(five))
    assert found[("2025.01.0", "membership")] == "unsafe"
    corrected = five.with_columns(
        other_method,
        evidence=pl.when(pl.col("group_code") == "G002").then(pl.lit("b")).otherwise("evidence"),
    )
    found = statuses(corrected, release(five))
    assert found == {("2025.01.0", "evidence"): "unsafe", ("2025.01.0", "any"): "safe"}


def test_a_frozen_cell_says_nothing_new() -> None:
    five, six = cell([10.0] * 5), cell([10.0] * 6)
    differences = release_differences(six, release(five), RULES)
    actions = update_actions(six["cell_id"], differences)
    assert actions.rows() == [("c", "freeze")]
    frozen = frozen_contributions(six, release(five), actions)
    assert frozen.height == 5
    assert release_differences(frozen, release(five), RULES).is_empty()


def test_a_parent_now_less_its_children_then_is_judged() -> None:
    parent = cell([10.0] * 6, name="p")
    child = cell([10.0] * 5, name="c")
    edges = pl.DataFrame({"parent_id": ["p"], "child_id": ["c"]})
    judged = residual_differences(release(parent, "r2"), release(child, "r1"), edges, RULES)
    assert judged.select("cell_id", "against", "difference", "status").rows() == [
        ("p", "r2/r1", "any", "unsafe"),
        ("p", "r2/r1", "evidence", "unsafe"),
        ("p", "r2/r1", "membership", "unsafe"),
    ]
    wide = cell([10.0] * 9, name="p")
    judged = residual_differences(release(wide, "r2"), release(child, "r1"), edges, RULES)
    assert set(judged["status"]) == {"safe"}


def test_a_cell_with_an_earlier_record_may_not_be_held_without_it() -> None:
    rows = plants([("eaf", "340000", f"G{n}", 50.0, 0.6) for n in range(5)])
    keys = ["product_code", "technology", "region_code", "year"]
    hierarchy = build_hierarchy(rows.select(keys).unique(), GRID_OF)
    held = pl.DataFrame({"cell_id": hierarchy.cells["cell_id"], "n_groups": 5})
    with pytest.raises(DisclosureError, match="DC062"):
        decide(rows, hierarchy, RULES, held=held)


# --- the ladder --------------------------------------------------------------------------------


def test_the_ladder_keeps_the_technology_and_widens_the_region() -> None:
    rows = [("eaf", r, f"{r}{n}", 50.0, 0.6) for r in ("320000", "310000") for n in range(2)]
    rows += [("bf_bof", "340000", f"B{n}", 90.0, 2.0) for n in range(6)]
    frame = plants(rows)
    keys = ["product_code", "technology", "region_code", "year"]
    hierarchy = build_hierarchy(frame.select(keys).unique(), GRID_OF)
    flows = frame.with_columns(flow_id=pl.lit("coal"))
    decided = decide(frame, hierarchy, RULES, flows=flows)
    got = {c: (d, m) for c, d, m in decided.select("cell_id", "disclosure", "merged_into").rows()}
    grid = "steel.rebar|eaf|GRID_A|2024"
    assert got["steel.rebar|eaf|320000|2024"] == ("merged", grid)
    assert got["steel.rebar|eaf|310000|2024"] == ("merged", grid)
    assert got[grid] == ("open", None)
    assert got["steel.rebar|bf_bof|340000|2024"] == ("open", None)
    # The product over all overlaps what is open: scores only.
    assert got["steel.rebar|any|GRID_A|2024"] == ("aggregated", None)
    shuffled = decide(frame.sample(fraction=1.0, shuffle=True, seed=3), hierarchy, RULES,
                      flows=flows)  # fmt: skip
    assert decided.equals(shuffled)


def test_a_province_without_grid_region_is_named() -> None:
    leaves = pl.DataFrame({"product_code": ["p"], "technology": ["t"], "region_code": ["990000"],
                           "year": [2024]})  # fmt: skip
    with pytest.raises(DisclosureError, match="990000"):
        build_hierarchy(leaves, GRID_OF)


def test_earlier_rows_are_known_and_what_is_unchanged_is_known_too() -> None:
    old = plants([("eaf", "320000", f"O{n}", 50.0, 0.6) for n in range(5)])
    new = pl.concat([old, plants([("eaf", "340000", "NEW", 80.0, 0.66)])])
    keys = ["product_code", "technology", "region_code", "year"]
    hierarchy = build_hierarchy(new.select(keys).unique(), GRID_OF)
    record = old.with_columns(cell_id=pl.col("leaf_id"), release_id=pl.lit("r1"))
    (keyed,) = build_tables(new, hierarchy, pl.Series([], dtype=pl.String), record)
    labels = [*keyed.current, "then"]
    assert dict(zip(labels, keyed.table.is_known.tolist(), strict=True)) == {
        "steel.rebar|eaf|320000|2024": True,
        "steel.rebar|eaf|340000|2024": False,
        "steel.rebar|eaf|GRID_A|2024": False,
        "then": True,
    }


# --- the published form ------------------------------------------------------------------------


@settings(max_examples=300, derandomize=True)
@given(st.floats(-1e300, 1e300), st.sampled_from([3, 4]))
def test_rounding_twice_is_rounding_once_and_stays_within_half_a_unit(
    value: float, digits: int
) -> None:
    once = round_published(value, digits)
    assert round_published(once, digits) == once
    assert round_published(float(once), digits) == once
    assert len(once.as_tuple().digits) <= digits
    exact = Decimal(str(value))
    assert abs(exact - once) <= half_unit(once, digits)


def test_ties_go_to_even_by_the_text_of_the_float() -> None:
    assert round_published(0.12345) == Decimal("0.1234")
    assert round_published(0.12355) == Decimal("0.1236")
    assert round_published(2.675, 3) == Decimal("2.68")
    assert round_published(-0.0) == 0
    with pytest.raises(DisclosureError, match="DC041"):
        round_published(float("nan"))
    with pytest.raises(DisclosureError, match="DC040"):
        round_published(1.0, 6)


def test_bands_and_classes() -> None:
    expected = {3: "3-4", 4: "3-4", 5: "5-9", 10: "10-19", 20: "20-49", 49: "20-49", 100: "100+"}
    assert {n: contributors_band(n) for n in expected} == expected
    with pytest.raises(DisclosureError, match="DC042"):
        contributors_band(2)
    assert spread_class(1.3, 9) is None
    assert spread_class(1.3, 10) == "1.2-1.5"
    assert spread_class(3.0, 10) == ">2.0"


# --- recoverability ----------------------------------------------------------------------------


def _identities(withheld: list[str], digits_half: float = 0.0) -> pl.DataFrame:
    amounts = {"h": 0.5, "a1": 2.0, "a2": 3.0}
    scores = {"s1": 1.5, "s2": 0.25}
    total = 0.5 + 2.0 * 1.5 + 3.0 * 0.25
    published = pl.DataFrame(
        [("d", "x", total, digits_half), ("s1", "x", scores["s1"], 0.0),
         ("s2", "x", scores["s2"], 0.0)],
        schema=["dataset_id", "indicator", "value", "half_unit"], orient="row",
    )  # fmt: skip
    rows = [
        ("d", q, p, i, None if q in withheld else amounts[q])
        for q, p, i in (("h", None, "x"), ("a1", "s1", None), ("a2", "s2", None))
    ]
    exchanges = pl.DataFrame(
        rows, schema={"dataset_id": pl.String, "quantity_id": pl.String,
                      "provider_id": pl.String, "indicator": pl.String, "amount": pl.Float64},
        orient="row",
    )  # fmt: skip
    return score_identities(published, exchanges)


def _prior(names: list[str], spread: float = 0.5) -> pl.DataFrame:
    value = {"h": 0.5, "a1": 2.0, "a2": 3.0}
    return pl.DataFrame(
        {"quantity_id": names, "value": [value[n] for n in names],
         "lower": [value[n] * (1 - spread) for n in names],
         "upper": [value[n] * (1 + spread) for n in names]}
    )  # fmt: skip


def test_one_withheld_flow_follows_from_the_score() -> None:
    found = recoverable(_identities(["a1"]), _prior(["a1"]), RULES)
    assert found["is_recoverable"].to_list() == [True]
    assert found["lower"][0] == pytest.approx(2.0)
    assert found["upper"][0] == pytest.approx(2.0)


def test_two_withheld_flows_hide_each_other_as_far_as_their_priors_reach() -> None:
    found = recoverable(_identities(["a1", "a2"]), _prior(["a1", "a2"]), RULES)
    # a1 moves by at most a2's room: 1.5 x 0.25 / 1.5
    assert found["lower"][0] == pytest.approx(2.0 - 0.25)
    assert found["upper"][0] == pytest.approx(2.0 + 0.25)
    assert found["is_recoverable"].to_list() == [False, False]
    tight = recoverable(_identities(["a1", "a2"]), _prior(["a1", "a2"], 0.15), RULES)
    assert tight["is_recoverable"].to_list() == [True, False]


def test_a_coarsely_rounded_score_hides_a_small_flow() -> None:
    found = recoverable(_identities(["a2"], digits_half=0.5), _prior(["a2"]), RULES)
    assert found["is_recoverable"].to_list() == [False]


def test_a_supplier_without_published_score_gives_no_identity() -> None:
    exchanges = pl.DataFrame(
        {"dataset_id": ["d"], "quantity_id": ["a"], "provider_id": ["unknown"],
         "indicator": [None], "amount": [None]},
        schema_overrides={"indicator": pl.String, "amount": pl.Float64},
    )  # fmt: skip
    scores = pl.DataFrame(
        {"dataset_id": ["d"], "indicator": ["x"], "value": [1.0], "half_unit": [0.0]}
    )
    assert score_identities(scores, exchanges).is_empty()


def test_contradicting_scores_are_an_error() -> None:
    far = _prior(["a1"]).with_columns(value=pl.lit(9.0), lower=pl.lit(8.0), upper=pl.lit(10.0))
    with pytest.raises(DisclosureError, match="DC073"):
        recoverable(_identities(["a1"]), far, RULES)


# --- grades ------------------------------------------------------------------------------------


def _groups(count: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"product_code": "steel.rebar", "group_code": [f"G{n:02d}" for n in range(count)],
         "weight": 10.0, "value": [10.0 * (2.0 + 0.01 * n) for n in range(count)]}
    )  # fmt: skip


def test_grades_are_as_many_as_there_are_groups_for() -> None:
    counts = {}
    for count in (9, 10, 15, 20, 25, 60):
        grades = grade_product(_groups(count), RULES, least_per_grade=5)
        counts[count] = 0 if grades is None else grades.scale.height
    assert counts == {9: 0, 10: 2, 15: 3, 20: 4, 25: 5, 60: 5}


def test_windows_share_no_group() -> None:
    small = weakened(RULES, {"minimum_groups": 1})
    grades = grade_product(_groups(6), small, least_per_grade=2)
    assert grades is not None
    assert grades.scale.height == 2


def test_no_boundary_is_the_figure_of_a_group_alone() -> None:
    grades = grade_product(_groups(25), RULES, least_per_grade=5)
    assert grades is not None
    assert grades.scale["above"][0] is None
    assert grades.scale["up_to"].to_list()[:-1] == grades.scale["above"].to_list()[1:]
    assert set(grades.windows.group_by("cell_id").len()["len"]) == {3}
    assert grades.windows["group_code"].n_unique() == grades.windows.height
    with pytest.raises(DisclosureError, match="DC081"):
        grade_product(_groups(25), RULES, least_per_grade=2)


# --- duplicates --------------------------------------------------------------------------------


def test_the_same_plant_under_two_names_is_found() -> None:
    rows = [
        ("s1", "913400001234567890", "安徽长江钢铁股份有限公司", "340000", 1000.0, 2000.0),
        ("s2", "913400009999999999", "安徽长江钢铁（有限公司）", "340000", 5.0, 9.0),
        ("s3", "913400001234567890", "Changjiang Steel", "340000", 70.0, 90.0),
        ("s4", "913400008888888888", "马鞍山某厂", "340000", 1000.4, 2000.9),
        ("s5", "913200007777777777", "江苏另一厂", "320000", 1000.2, 2000.1),
        ("s6", "913400006666666666", "庐江钢厂", "340000", 1003.0, 2000.0),
    ]
    frame = pl.DataFrame(
        rows, orient="row",
        schema=["submission_id", "plant_code", "plant_name", "region_code", "weight", "value"],
    ).with_columns(product_code=pl.lit("steel.rebar"), period=pl.lit("2024"))  # fmt: skip
    assert likely_duplicates(frame).rows() == [
        ("s1", "s2", False, True, False),
        ("s1", "s3", True, False, False),
        ("s1", "s4", False, False, True),
    ]
    assert likely_duplicates(frame.with_columns(period=pl.col("submission_id"))).is_empty()


def test_without_names_none_is_said_to_be_the_same() -> None:
    rows = [
        ("s1", "E1", "340000", 1000.0, 2000.0),
        ("s2", "E2", "340000", 5.0, 9.0),
        ("s3", "E1", "340000", 70.0, 90.0),
        ("s4", "E4", "340000", 1000.4, 2000.9),
    ]
    frame = pl.DataFrame(
        rows, orient="row",
        schema=["submission_id", "plant_code", "region_code", "weight", "value"],
    ).with_columns(product_code=pl.lit("steel.rebar"), period=pl.lit("2024"))  # fmt: skip
    found = likely_duplicates(frame)
    assert "same_name" not in found.columns
    assert found.rows() == [("s1", "s3", True, False), ("s1", "s4", False, True)]


def test_primary_rules_and_differencing_are_quick() -> None:
    rng = np.random.default_rng(5)
    count = 50_000
    frame = pl.DataFrame(
        {"cell_id": [f"C{n:04d}" for n in rng.integers(0, 5_000, count)],
         "group_code": [f"G{n:05d}" for n in rng.integers(0, 20_000, count)],
         "weight": rng.lognormal(3, 1, count), "value": rng.lognormal(3, 1, count)}
    )  # fmt: skip
    started = time.perf_counter()
    primary_decisions(frame, RULES)
    first = time.perf_counter() - started
    then = frame.filter(pl.int_range(pl.len()) % 17 != 0).with_columns(release_id=pl.lit("r"))
    release_differences(frame, then, RULES)
    print(f"\nprimary {first:.2f} s, both {time.perf_counter() - started:.2f} s")
    assert time.perf_counter() - started < 15
