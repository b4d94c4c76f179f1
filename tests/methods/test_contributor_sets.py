"""Who counts in a release, so that its difference to earlier ones tells of nobody."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.contributor_sets import NOW, contributor_sets
from dbt_project.methods.disclosure.differencing import release_differences
from tests.methods.background_worlds import GRID, RULES


def plants(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    """Submissions of one cell from (submission, receipt, group, output)."""
    return pl.DataFrame(
        rows, schema=["submission_id", "receipt_id", "group_code", "weight"], orient="row",
        schema_overrides={"weight": pl.Float64},
    ).with_columns(
        product_code=pl.lit("steel.rebar"), technology=pl.lit("bf"), region_code=pl.lit("340000"),
        year=pl.lit(2023), allocation=pl.lit("none"),
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
    return contributor_sets(plants(*rows), shown, arrived, GRID, RULES)


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
    rows = pl.concat([plants(*FIVE, ("n0", "new", "h0", 50.0)), slag])
    sets = contributor_sets(rows, published("r1"), receipts(r1="old"), GRID, RULES)
    assert "n0" not in counted(sets)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["old", "mid", "new"]),
            st.sampled_from([f"g{n}" for n in range(8)]),
            st.floats(1, 1000),
        ),
        min_size=1,
        max_size=14,
    )
)
def test_no_set_differs_from_an_earlier_one_by_too_few(rows) -> None:
    """The law: whoever is added to what a release counted is safe as a cell of his own."""
    named = [(f"s{n}", *row) for n, row in enumerate(rows)]
    arrived = receipts(r1="old", r2="old mid")
    sets = judged(named, published("r1", "r2"), arrived)
    frame = plants(*named).with_columns(value=pl.col("weight"), cell_id=pl.lit("d"))

    def of(release: str) -> pl.DataFrame:
        return frame.filter(pl.col("submission_id").is_in(list(counted(sets, release))))

    for release in ("r1", "r2"):
        then = of(release).with_columns(release_id=pl.lit(release))
        if then.is_empty() or of(NOW).is_empty():
            continue
        found = release_differences(of(NOW), then, RULES)
        assert found.filter(pl.col("status") != "safe").is_empty(), found
