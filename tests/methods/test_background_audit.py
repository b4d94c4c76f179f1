"""The audit after the decision: silent where the decision holds, loud where it is broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.background_audit import FINDING, audit_published
from dbt_project.methods.background_cells import cell_members
from dbt_project.methods.background_decision import (
    _as_decided,
    _costs,
    _remedies,
    _without_repeated_history,
    proven_decisions,
)
from dbt_project.methods.background_disclosure import (
    DECISION,
    SHOWN,
    DisclosureFrames,
    decisions,
)
from dbt_project.methods.background_joint_tables import AuditFrames, joint_tables
from dbt_project.methods.dataset_identity import process_id
from dbt_project.methods.disclosure import audit
from dbt_project.methods.disclosure.audit import Published, audit_cells, audit_groups
from dbt_project.methods.disclosure.published_form import round_published
from tests.methods.background_worlds import GRID, KEYS, RULES
from tests.methods.test_background_disclosure import frames

NO_FIGURES = pl.DataFrame(
    schema={"process_id": pl.String, "quantity": pl.String, "published": pl.Float64}
)


def audited(given_frames: DisclosureFrames, shown: list[str], figures: pl.DataFrame = NO_FIGURES):
    """Audit what is shown of a small world, stages and electricity included."""
    return audited_parts(
        given_frames,
        pl.DataFrame({"process_id": shown}, schema={"process_id": pl.String}).with_columns(
            shows_stages=True, shows_electricity=True, is_held=False
        ),
        figures,
    )


def audited_parts(
    given_frames: DisclosureFrames, shown: pl.DataFrame, figures: pl.DataFrame = NO_FIGURES
):
    """Audit a small world as it was decided."""
    return audit_published(
        AuditFrames(
            given_frames.members,
            given_frames.quantities,
            shown,
            figures,
            given_frames.published,
            given_frames.contributors,
        ),
        RULES,
    )


def every(given_frames: DisclosureFrames) -> list[str]:
    return given_frames.members["process_id"].unique().sort().to_list()


@pytest.mark.parametrize("jiangsu", [1, 2, 3, 5])
def test_what_was_decided_tells_of_nobody(jiangsu: int) -> None:
    world = frames(jiangsu=jiangsu)
    decided = decisions(world, RULES).filter(pl.col("disclosure").is_in(SHOWN))
    found = audited(world, decided["process_id"].to_list())
    assert found.is_empty()
    assert dict(found.schema) == FINDING


def test_parent_and_neighbour_give_a_small_cell_away() -> None:
    world = frames(jiangsu=1)
    small = world.cells.filter(region_code="320000")["process_id"][0]
    found = audited(world, [each for each in every(world) if each != small])
    headline = found.filter(quantity="headline")
    assert set(headline["rule"]) == {"DC100", "DC101"}
    assert set(headline["cell_id"]) == {"steel.rebar|bf/none|320000|2023"}
    for sentence in found["sentence_en"]:
        assert "steel.rebar" in sentence and "320000" in sentence
        # No figure of the plant: it emits 200 and makes 100.
        assert not any(word in sentence for word in (" 200", " 100", "G320000"))


def test_a_gas_of_one_plant_is_found_where_the_score_tells_of_nobody() -> None:
    gas = {(f"340000-{n}", "flow:ch4"): 0.0 for n in range(1, 6)}
    gas |= {(f"320000-{n}", "flow:ch4"): 0.0 for n in range(5)}
    found = audited(frames(gas), every(frames(gas)))
    assert set(found["quantity"]) == {"flow:ch4"}
    assert set(found["rule"]) == {"DC100"}


def test_what_the_audit_finds_is_kept_back() -> None:
    """Both provinces' gas is one plant's each: the pair is safe in its score, not in the gas."""
    gas = {(f"{at}-{n}", "flow:ch4"): 0.0 for at in ("340000", "320000") for n in range(1, 5)}
    world = frames(gas | {("340000-5", "flow:ch4"): 0.0})
    decided = proven_decisions(world, RULES).filter(pl.col("disclosure").is_in(SHOWN))
    found = audited(world, decided["process_id"].to_list())
    assert found.filter(rule="DC100").is_empty()
    kept = decisions(frames(), RULES, ("steel.rebar|bf/none|340000|2023",))
    assert kept.filter(pl.col("reason") == "secondary").height >= 1


def test_a_newcomer_between_two_releases_is_found() -> None:
    world = frames(extra=1)
    anhui = world.cells.head(1)
    world = frames(
        extra=1,
        published=anhui.select(release_id=pl.lit("r1"), process_id="process_id"),
        counted=pl.DataFrame(
            {"release_id": ["r1"] * 6, "submission_id": [f"340000-{n}" for n in range(6)]}
        ),
    )
    found = audited(world, anhui["process_id"].to_list()).filter(quantity="headline")
    assert found["rule"].to_list() == ["DC100"]
    assert {"stage:energy", "electricity"} <= set(
        audited(world, anhui["process_id"].to_list())["quantity"]
    )
    assert audited(world, []).is_empty()


def test_scores_that_are_no_means_prove_nothing() -> None:
    world = frames()
    figures = pl.DataFrame(
        {
            "process_id": every(world)[:1],
            "quantity": ["headline"],
            "published": [float(round_published(9.0))],
        }
    )
    found = audited(world, every(world)[:1], figures)
    assert found.filter(quantity="headline")["rule"].to_list() == ["DC102"]


# What is allocated to oxygen, nitrogen and argon in each of four air separations.
SHARES = [(0.5, 0.4, 0.1), (0.4, 0.4, 0.2), (0.3, 0.5, 0.2), (0.45, 0.3, 0.25)]
GASES = ("chemical.oxygen", "chemical.nitrogen", "chemical.argon")


def air_separation() -> DisclosureFrames:
    """Four groups in one province, each with one plant that makes three gases."""
    leaves = pl.DataFrame(
        [(gas, "cryogenic", "320000", 2023, "mass") for gas in GASES], schema=KEYS, orient="row"
    ).with_columns(unit=pl.lit("kg"))
    leaves = leaves.with_columns(
        process_id=pl.Series([process_id(*row) for row in leaves.select(KEYS).iter_rows()])
    )
    quantities = pl.DataFrame(
        [
            (leaf, f"S{n}", f"G{n}", quantity, 1000.0 * share, amount * (1.0 + n / 10) * share)
            for n, shares in enumerate(SHARES)
            for leaf, share in zip(leaves["process_id"], shares, strict=True)
            for quantity, amount in (
                ("headline", 2000.0), ("flow:co2", 1900.0), ("stage:energy", 500.0),
                ("electricity", 300.0),
            )
        ],
        schema=["process_id", "submission_id", "group_code", "quantity", "weight", "value"],
        orient="row",
    )  # fmt: skip
    return DisclosureFrames(
        cells=leaves,
        members=cell_members(
            leaves,
            GRID,
            pl.DataFrame(
                schema={"market_id": pl.String, "provider_id": pl.String, "region_code": pl.String}
            ),
        ),
        grid_region=GRID,
        quantities=quantities,
        flows=pl.DataFrame(
            schema={
                "process_id": pl.String,
                "group_code": pl.String,
                "flow_key": pl.String,
                "amount": pl.Float64,
            }
        ),
        published=pl.DataFrame(schema={"release_id": pl.String, "process_id": pl.String}),
        contributors=pl.DataFrame(schema={"release_id": pl.String, "submission_id": pl.String}),
    )


def of_product(world: DisclosureFrames, product: str) -> DisclosureFrames:
    """The same world as one product alone sees it."""
    cells_of = world.cells.filter(product_code=product)
    inside = pl.col("process_id").is_in(cells_of["process_id"].implode())
    return replace(
        world,
        cells=cells_of,
        members=world.members.filter(product_code=product),
        quantities=world.quantities.filter(inside),
    )


def test_three_gases_of_the_same_plants_tell_of_them_together_and_none_alone() -> None:
    world = air_separation()
    assert set(decisions(world, RULES)["disclosure"]) <= set(SHOWN)
    for gas in GASES:
        assert audited(of_product(world, gas), every(of_product(world, gas))).is_empty()
    found = audited(world, every(world)).filter(rule="DC100")
    assert set(found["quantity"]) == {"headline", "flow:co2", "stage:energy", "electricity"}
    assert set(found["product_code"]) == set(GASES)
    assert set(found["severity"]) == {"error"}
    assert all(gas in found["sentence_en"][0] for gas in GASES)
    assert all(gas in found["sentence_zh"][0] for gas in GASES)


def test_the_least_of_the_gases_is_kept_back_and_the_others_stay() -> None:
    world = air_separation()
    decided = proven_decisions(world, RULES)
    assert dict(decided.schema) == DECISION
    state = dict(
        decided.join(world.cells, on="process_id").select("product_code", "disclosure").rows()
    )
    assert state["chemical.argon"] == "withheld"
    assert state["chemical.oxygen"] in SHOWN
    shown = decided.filter(pl.col("disclosure").is_in(SHOWN))
    assert audited_parts(world, shown).filter(severity="error").is_empty()


@pytest.mark.parametrize(
    ("quantity", "flag"), [("stage:process", "shows_stages"), ("electricity", "shows_electricity")]
)
def test_what_gives_a_plant_away_is_not_shown_and_its_dataset_stays(
    quantity: str, flag: str
) -> None:
    """Only one plant of Jiangsu has it: Jiangsu does not show it, Anhui and both together did."""
    world = frames({(f"320000-{n}", quantity): 0.0 for n in range(1, 5)})
    first = decisions(world, RULES)
    assert first.filter(pl.col(flag))["cell_id"].n_unique() == 2
    found = audited_parts(world, first)
    assert set(found.filter(rule="DC100")["quantity"]) == {quantity}
    assert set(found.filter(rule="DC100")["severity"]) == {"error"}
    proven = proven_decisions(world, RULES)
    assert proven.drop(flag).equals(first.drop(flag))
    assert proven.filter(pl.col(flag))["cell_id"].n_unique() == 1
    assert audited_parts(world, proven).filter(rule="DC100").is_empty()


def test_the_stages_of_a_market_tell_of_no_plant() -> None:
    """They are the class of what it sells, whatever its makers' stages are."""
    others = [f"340000-{n}" for n in range(1, 6)] + [f"320000-{n}" for n in range(5)]
    world = frames({(plant, "stage:process"): 0.0 for plant in others})
    sold = world.members.filter(cell_type="market")["process_id"].unique().to_list()
    figures = pl.DataFrame({"process_id": sold, "quantity": ["stage:process"], "published": [2.0]})
    found = audited(world, sold, figures)
    assert "stage:process" not in set(found["quantity"])


def test_what_a_held_cell_showed_of_its_stages_stays_known() -> None:
    world = frames(extra=1)
    anhui = world.cells.head(1)
    world = frames(
        extra=1,
        published=anhui.select(release_id=pl.lit("r1"), process_id="process_id"),
        counted=pl.DataFrame(
            {"release_id": ["r1"] * 6, "submission_id": [f"340000-{n}" for n in range(6)]}
        ),
    )
    state = pl.DataFrame({"process_id": every(world)}).with_columns(
        shows_stages=True,
        shows_electricity=True,
        is_held=pl.col("process_id").is_in(anhui["process_id"].implode()),
    )
    jiangsu = world.cells["process_id"][1]
    # All together less Jiangsu is Anhui of today; less Anhui of then it is the newcomer.
    found = audited_parts(world, state.filter(pl.col("process_id") != ""))
    assert {"headline", "stage:energy"} <= set(found.filter(rule="DC100")["quantity"])
    without = audited_parts(world, state.filter(pl.col("process_id") != jiangsu))
    assert without.filter(rule="DC100").is_empty()


def test_what_earlier_releases_tell_takes_nothing_back() -> None:
    """A newcomer that two earlier releases gave away: no cell of today can mend that."""
    world = frames(extra=1)
    anhui = world.cells.head(1)
    six = [f"340000-{n}" for n in range(6)]
    world = frames(
        extra=1,
        published=pl.concat(
            anhui.select(release_id=pl.lit(each), process_id="process_id") for each in ("r1", "r2")
        ),
        counted=pl.DataFrame(
            {"release_id": ["r1"] * 6 + ["r2"] * 7, "submission_id": [*six, *six, "340000-6"]}
        ),
    )
    published = ["process_id", "disclosure"]
    kept = proven_decisions(world, RULES).select(published)
    assert kept.equals(decisions(world, RULES).select(published))


def test_a_group_is_asked_for_what_it_emits_for_one_product() -> None:
    """Neither plant nor both together can be placed, but what both emit for the product can."""
    share = np.array([[0.5, 0.2]])
    value = np.array([10.0, 20.0])
    known = Published(np.array(["G0", "G0"]), value, share, share @ value, np.zeros(1))
    assert audit_groups(known, RULES).is_empty()
    found = audit_groups(replace(known, parts=share), RULES)
    assert found.select("group", "value", "places").row(0) == ("G0", 9.0, [0, 1])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_what_is_plain_is_what_the_programmes_find(seed: int) -> None:
    """Without the short cut every programme is solved: the findings are the same."""
    generator = np.random.default_rng(seed)
    count = int(generator.integers(2, 9))
    value = generator.lognormal(3, 1.2, count)
    holds = (generator.random((int(generator.integers(1, 4)), count)) < 0.7).astype(float)
    # Half of the worlds allocate: a plant stands in a value with a share of what it emits.
    holds *= generator.uniform(0.2, 1.0, holds.shape) if seed % 2 else 1.0
    group = np.array([f"G{n}" for n in generator.integers(0, max(count - 1, 2), count)])
    published = Published(
        group, value, holds, holds @ value, np.full(len(holds), 1e-3),
        generator.uniform(0.2, 1.0, (2, count)),
    )  # fmt: skip
    withheld = {"a": generator.random(count) < 0.5}
    quick = audit_groups(published, RULES), audit_cells(published, withheld, RULES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            audit._Blur, "of", lambda self, wanted, _: np.zeros((len(wanted), self.size[1]))
        )
        patch.setattr(audit._Blur, "outside", lambda *_: 0.0)
        slow = audit_groups(published, RULES), audit_cells(published, withheld, RULES)
    columns = ["group", "intruder", "value"]
    assert quick[0].select(columns).equals(slow[0].select(columns))
    assert quick[1]["is_protected"].equals(slow[1]["is_protected"])


def released_again(
    world: DisclosureFrames, decided: pl.DataFrame, *others: str
) -> DisclosureFrames:
    """The world after a release that published what was decided, and counted all but some."""
    shown = decided.filter(pl.col("disclosure").is_in(SHOWN))
    release = pl.lit("00001:2023.12.0").alias("release_id")
    counted = world.quantities.select(release, "submission_id").unique()
    return replace(
        world,
        published=shown.select(release, "process_id"),
        contributors=counted.filter(~pl.col("submission_id").is_in(list(others))),
    )


def test_a_release_made_again_is_decided_as_it_was() -> None:
    for world in (air_separation(), frames(jiangsu=3)):
        decided = proven_decisions(world, RULES)
        assert proven_decisions(released_again(world, decided), RULES).equals(decided)


def test_history_counts_where_others_stood_behind_it_and_where_rules_have_changed() -> None:
    """Of a release that counted all but one, or that published everything, nothing is left out."""
    world = air_separation()
    decided = proven_decisions(world, RULES)
    kept = _without_repeated_history(released_again(world, decided))
    assert kept.published.is_empty()
    one = world.quantities["submission_id"].sort()[0]
    other = released_again(world, decided, one)
    assert _without_repeated_history(other).published.equals(other.published)
    told = decided.with_columns(disclosure=pl.lit("open"))
    careless = released_again(world, told)
    assert not audited(careless, []).is_empty()
    assert _remedies_left(careless) == []


def _remedies_left(world: DisclosureFrames) -> list[str]:
    """Cells that could still be kept back after the decision."""
    decided = proven_decisions(world, RULES)
    tables = joint_tables(_as_decided(world, decided), RULES)
    return [cell for _, cell in _remedies(tables, _costs(world), RULES)]
