"""Who counts in a release, so that its difference to earlier ones tells of nobody."""

from __future__ import annotations

import datetime as dt

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.contributor_sets import NOW, contributor_sets, lost_contributors
from tests.methods.background_worlds import GRID, RULES

# The days on which receipts came.
DAYS = {"old": dt.date(2024, 1, 1), "mid": dt.date(2024, 2, 1), "new": dt.date(2024, 3, 1)}


def forms(*rows: tuple) -> pl.DataFrame:
    """Submissions from (submission, receipt, group, output), and of which form, if not its own."""
    return pl.DataFrame(
        [(*row, row[0])[:5] for row in rows],
        schema=["submission_id", "receipt_id", "group_code", "weight", "form_id"],
        orient="row",
        schema_overrides={"weight": pl.Float64},
    )


def plants(*rows: tuple) -> pl.DataFrame:
    """Submissions of one cell (`forms`)."""
    return forms(*rows).drop("receipt_id").unique(maintain_order=True).with_columns(
        product_code=pl.lit("steel.rebar"), technology=pl.lit("bf"), region_code=pl.lit("340000"),
        year=pl.lit(2023), allocation=pl.lit("none"),
    )  # fmt: skip


def arrivals(*rows: tuple) -> pl.DataFrame:
    """Every receipt of the submissions (`forms`)."""
    return forms(*rows).select(
        "submission_id", "receipt_id", "form_id", row_number=pl.lit(1),
        known_at=pl.col("receipt_id").replace_strict(DAYS),
    )  # fmt: skip


def published(*releases: str, technology: str = "bf", region: str = "340000") -> pl.DataFrame:
    """One dataset, shown in these releases."""
    return pl.DataFrame(
        {"release_id": list(releases)}, schema={"release_id": pl.String}
    ).with_columns(
        dataset_id=pl.lit("d"), product_code=pl.lit("steel.rebar"), technology=pl.lit(technology),
        region_code=pl.lit(region), year=pl.lit(2023), allocation=pl.lit("none"),
    )  # fmt: skip


def receipts(**arrived: str) -> pl.DataFrame:
    """Receipts by release: `r1="a b"`."""
    rows = [(release, receipt) for release, all_ in arrived.items() for receipt in all_.split()]
    return pl.DataFrame(rows, schema=["release_id", "receipt_id"], orient="row")


def counted(sets: pl.DataFrame, release: str = NOW) -> set[str]:
    return set(sets.filter(pl.col("is_counted"), release_id=release)["submission_id"])


FIVE = [(f"s{n}", "old", f"g{n}", 60.0 + n) for n in range(5)]


def judged(rows, shown, arrived) -> pl.DataFrame:
    return contributor_sets(plants(*rows), arrivals(*rows), shown, arrived, GRID, RULES)


def test_before_the_first_release_everybody_counts() -> None:
    sets = judged(FIVE, published(), receipts(r1="old").clear())
    assert counted(sets) == {f"s{n}" for n in range(5)}


def test_one_newcomer_waits_and_three_are_let_in() -> None:
    newcomers = [(f"n{n}", "new", f"h{n}", 50.0) for n in range(3)]
    one = judged([*FIVE, newcomers[0]], published("r1"), receipts(r1="old"))
    assert counted(one) == {f"s{n}" for n in range(5)}
    three = judged([*FIVE, *newcomers], published("r1"), receipts(r1="old"))
    assert counted(three) == {*(f"s{n}" for n in range(5)), "n0", "n1", "n2"}


def test_a_newcomer_that_dwarfs_the_others_who_come_keeps_all_waiting() -> None:
    newcomers = [("n0", "new", "h0", 900.0), ("n1", "new", "h1", 5.0), ("n2", "new", "h2", 5.0)]
    sets = judged([*FIVE, *newcomers], published("r1"), receipts(r1="old"))
    assert counted(sets) == {f"s{n}" for n in range(5)}


def test_who_waited_in_the_release_before_was_not_counted_there() -> None:
    rows = [*FIVE, ("n0", "mid", "h0", 50.0), ("n1", "new", "h1", 50.0), ("n2", "new", "h2", 50.0)]
    sets = judged(rows, published("r1", "r2"), receipts(r1="old", r2="old mid"))
    # n0 had arrived by r2 and waited; now the three come together, against both releases.
    assert counted(sets, "r2") == {f"s{n}" for n in range(5)}
    assert {"n0", "n1", "n2"} <= counted(sets)


def test_a_cell_that_was_never_shown_keeps_nobody_waiting() -> None:
    rows = [*FIVE, ("n0", "new", "h0", 50.0)]
    elsewhere = published("r1", region="410000")
    assert "n0" in counted(judged(rows, elsewhere, receipts(r1="old")))


def test_a_newcomer_is_seen_in_the_nation_and_in_the_market_as_well() -> None:
    rows = [*FIVE, ("n0", "new", "h0", 50.0)]
    for technology, region in (("bf", "CN"), ("bf", "GRID_EAST"), ("market", "CN")):
        shown = published("r1", technology=technology, region=region)
        assert "n0" not in counted(judged(rows, shown, receipts(r1="old"))), (technology, region)


def test_a_second_product_of_a_waiting_submission_waits_too() -> None:
    slag = plants(("n0", "new", "h0", 5.0)).with_columns(product_code=pl.lit("steel.slag"))
    rows = [*FIVE, ("n0", "new", "h0", 50.0)]
    sets = contributor_sets(
        pl.concat([plants(*rows), slag]), arrivals(*rows), published("r1"), receipts(r1="old"),
        GRID, RULES,
    )  # fmt: skip
    assert "n0" not in counted(sets)


def revised(*numbers: int, receipt: str = "new", output: float = 0.0) -> list[tuple]:
    """Newer forms of some of the five; the output is the same or as given."""
    return [(f"t{n}", receipt, f"g{n}", output or 60.0 + n, f"s{n}") for n in numbers]


OLD = {f"s{n}" for n in range(5)}


def test_one_revised_form_waits_and_the_old_one_stands() -> None:
    sets = judged([*FIVE, *revised(0)], published("r1"), receipts(r1="old"))
    assert counted(sets, "r1") == counted(sets) == OLD


def test_forms_of_three_groups_revised_together_replace_the_old_ones() -> None:
    sets = judged([*FIVE, *revised(0, 1, 2)], published("r1"), receipts(r1="old"))
    assert counted(sets) == {"t0", "t1", "t2", "s3", "s4"}
    assert counted(sets, "r1") == OLD


def test_two_revised_forms_of_one_group_are_one_group() -> None:
    rows = [*FIVE, ("s5", "old", "g0", 60.0), ("s6", "old", "g0", 60.0)]
    late = [*revised(0), ("t5", "new", "g0", 60.0, "s5"), ("t6", "new", "g0", 60.0, "s6")]
    sets = judged([*rows, *late], published("r1"), receipts(r1="old"))
    assert counted(sets) == {*OLD, "s5", "s6"}


def test_a_revised_form_counts_at_once_where_nothing_was_shown() -> None:
    sets = judged([*FIVE, *revised(0)], published(), receipts(r1="old").clear())
    assert counted(sets) == {*OLD - {"s0"}, "t0"}


def test_a_form_that_was_revised_before_the_first_release_counts_there_as_the_last() -> None:
    rows = [*FIVE, *revised(0, receipt="mid")]
    sets = judged(rows, published("r1"), receipts(r1="old mid"))
    assert counted(sets, "r1") == counted(sets) == {*OLD - {"s0"}, "t0"}


def test_a_form_that_waited_is_not_what_the_release_between_told() -> None:
    rows = [*FIVE, *revised(0, receipt="mid"), *revised(1, 2)]
    sets = judged(rows, published("r1", "r2"), receipts(r1="old", r2="old mid"))
    assert counted(sets, "r2") == OLD
    assert counted(sets) == {"t0", "t1", "t2", "s3", "s4"}


def test_a_form_that_comes_again_under_another_receipt_is_no_revision() -> None:
    again = [(name, "new", group, output) for name, _, group, output in FIVE]
    sets = judged([*FIVE, *again], published("r1"), receipts(r1="old"))
    assert counted(sets, "r1") == counted(sets) == OLD


def test_a_plant_that_returns_to_its_first_form_counts_with_it() -> None:
    rows = [*FIVE, *revised(0, receipt="mid"), ("s0", "new", "g0", 60.0)]
    sets = judged(rows, published(), receipts(r1="old").clear())
    assert counted(sets) == OLD


def test_a_lone_leaver_whose_newer_form_is_set_aside_stands() -> None:
    """The newer form cannot be derived: it arrives, but makes no part of a product."""
    rows, newer = [*FIVE], arrivals(*FIVE, *revised(0))
    sets = contributor_sets(plants(*rows), newer, published("r1"), receipts(r1="old"), GRID, RULES)
    assert counted(sets) == OLD
    three = arrivals(*FIVE, *revised(0, 1, 2))
    sets = contributor_sets(plants(*rows), three, published("r1"), receipts(r1="old"), GRID, RULES)
    assert counted(sets) == {"s3", "s4"}


def test_a_plant_that_moves_waits_in_the_cells_that_it_leaves_and_enters() -> None:
    """Its newer form speaks of another province: both means would tell of it."""
    moved = plants(*revised(0)).with_columns(region_code=pl.lit("320000"))
    rows = pl.concat([plants(*FIVE), moved])
    sets = contributor_sets(
        rows, arrivals(*FIVE, *revised(0)), published("r1"), receipts(r1="old"), GRID, RULES
    )
    assert counted(sets) == OLD


def test_the_mean_of_five_tells_nothing_when_one_of_them_revises() -> None:
    """A mean of 11.4194 over 310, of which one plant of 60 corrects its 9.0 to 8.0.

    With the old form out and nothing in its place the next mean would be 3000 / 250 = 12.0000, and
    11.4194 * 310 - 12 * 250 = 540.0, nine for each of the sixty. With the new form in its place the
    two means would tell the correction alone: 11.4194 * 310 - 11.2258 * 310 = 60.
    """
    output = {"s0": 60.0, "s1": 70.0, "s2": 50.0, "s3": 80.0, "s4": 50.0}
    emission = {"s0": 540.0, "s1": 840.0, "s2": 600.0, "s3": 960.0, "s4": 600.0, "t0": 480.0}
    rows = [(name, "old", f"g{name}", size) for name, size in output.items()]
    newer = ("t0", "new", "gs0", 60.0, "s0")
    sets = judged([*rows, newer], published("r1"), receipts(r1="old"))
    output["t0"] = 60.0

    def of(release: str) -> tuple[float, float]:
        who = counted(sets, release)
        weight = sum(output[name] for name in who)
        return round(sum(emission[name] for name in who) / weight, 4), weight

    assert of("r1") == (11.4194, 310.0)
    assert of(NOW) == of("r1")


def test_who_counted_then_and_cannot_be_derived_now_is_lost_to_every_cell_he_was_in() -> None:
    shown = pl.concat([
        published("r1"), published("r1", region="CN").with_columns(dataset_id=pl.lit("nation")),
        published("r1", region="410000").with_columns(dataset_id=pl.lit("elsewhere")),
    ])  # fmt: skip
    sets = judged(FIVE, shown, receipts(r1="old"))
    derived = plants(*FIVE[1:]).select("submission_id", "product_code")
    lost = lost_contributors(plants(*FIVE), sets, shown, derived, GRID)
    assert lost.rows() == [("r1", "d"), ("r1", "nation")]
    whole = plants(*FIVE).select("submission_id", "product_code")
    assert lost_contributors(plants(*FIVE), sets, shown, whole, GRID).is_empty()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["old", "mid", "new"]),
            st.sampled_from([f"g{n}" for n in range(8)]),
            st.floats(1, 1000),
            st.sampled_from([f"f{n}" for n in range(9)]),
        ),
        min_size=1,
        max_size=16,
    )
)
def test_no_set_differs_from_an_earlier_one_by_too_few(rows) -> None:
    """The law: whoever came, left or revised since a release is safe as a cell of his own."""
    # A form is of one group.
    named = [(f"s{n}", receipt, f"g{form[1:]}" if int(form[1:]) < 8 else group, output, form)
             for n, (receipt, group, output, form) in enumerate(rows)]  # fmt: skip
    arrived = receipts(r1="old", r2="old mid")
    sets = judged(named, published("r1", "r2"), arrived)
    frame = plants(*named).with_columns(value=pl.col("weight"), cell_id=pl.lit("d"))
    now = frame.filter(pl.col("submission_id").is_in(list(counted(sets))))
    assert now["form_id"].is_unique().all()
    for release in ("r1", "r2"):
        then = frame.filter(pl.col("submission_id").is_in(list(counted(sets, release))))
        if then.is_empty() or now.is_empty():
            continue
        # Each plant that stands in both alike cancels out; whoever does not, is told of.
        one = then.join(now, on="submission_id", how="anti")
        other = now.join(then, on="submission_id", how="anti")
        changed = (
            pl.concat([one, other]).group_by("form_id", "group_code").agg(pl.col("value").max())
        )
        told = changed.group_by("group_code").agg(pl.col("value").sum()).with_columns(
            weight=pl.col("value"), cell_id=pl.lit("d")
        )  # fmt: skip
        if told.height:
            assert told["group_code"].n_unique() >= RULES.minimum_groups, (release, named)
            largest = told["value"].max() / told["value"].sum()
            assert largest <= dict(RULES.dominance)[1] + 1e-9, (release, named)
