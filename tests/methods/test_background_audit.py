"""The audit after the decision: silent where the decision holds, loud where it is broken."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.background_audit import (
    FINDING,
    AuditFrames,
    audit_published,
    proven_decisions,
)
from dbt_project.methods.background_disclosure import SHOWN, DisclosureFrames, decisions
from dbt_project.methods.disclosure import audit
from dbt_project.methods.disclosure.audit import Published, audit_cells, audit_groups
from dbt_project.methods.disclosure.published_form import round_published
from tests.methods.background_worlds import RULES
from tests.methods.test_background_disclosure import frames

NO_FIGURES = pl.DataFrame(
    schema={"process_id": pl.String, "quantity": pl.String, "published": pl.Float64}
)


def audited(given_frames: DisclosureFrames, shown: list[str], figures: pl.DataFrame = NO_FIGURES):
    """Audit what is shown of a small world."""
    return audit_published(
        AuditFrames(
            given_frames.members,
            given_frames.quantities,
            pl.DataFrame({"process_id": shown}, schema={"process_id": pl.String}),
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


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_what_is_plain_is_what_the_programmes_find(seed: int) -> None:
    """Without the short cut every programme is solved: the findings are the same."""
    generator = np.random.default_rng(seed)
    count = int(generator.integers(2, 9))
    value = generator.lognormal(3, 1.2, count)
    holds = (generator.random((int(generator.integers(1, 4)), count)) < 0.7).astype(float)
    group = np.array([f"G{n}" for n in generator.integers(0, max(count - 1, 2), count)])
    published = Published(group, value, holds, holds @ value, np.full(len(holds), 1e-3))
    withheld = {"a": generator.random(count) < 0.5}
    quick = audit_groups(published, RULES), audit_cells(published, withheld, RULES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit._Blur, "of", lambda self, _: np.zeros(self.size[1]))
        patch.setattr(audit._Blur, "outside", lambda *_: 0.0)
        slow = audit_groups(published, RULES), audit_cells(published, withheld, RULES)
    columns = ["group", "intruder", "value"]
    assert quick[0].select(columns).equals(slow[0].select(columns))
    assert quick[1]["is_protected"].equals(slow[1]["is_protected"])
