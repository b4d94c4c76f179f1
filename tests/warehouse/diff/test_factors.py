"""Which factors moved, and why: the causes that the newer release states, or none."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from tests.warehouse.diff.invented_factors import factors, release, revisions
from warehouse.diff import blocks, diff_folders

SUPPLY, GRID = "supply.340000.2023-01", "grid.340000.2023-01"


def moved(tmp_path, old: dict[str, str], new: dict[str, str], *steps) -> dict:
    found = diff_folders(
        release(tmp_path / "2023.12.0", factors(old), revisions()),
        release(tmp_path / "2024.01.0", factors(new), revisions(*steps)),
    )
    assert found.factors is not None
    return dict(found.factors)


def test_a_step_from_the_old_value_to_the_new_one_is_the_cause(tmp_path) -> None:
    parts = {"data": "-0.01", "correction": "-0.04"}
    found = moved(
        tmp_path, {SUPPLY: "0.5"}, {SUPPLY: "0.45"}, (SUPPLY, "2024-01-20", "0.5", "0.45", parts)
    )
    (mover,) = found["movers"]
    assert mover["cause"] == "correction"
    assert (mover["absolute"], mover["relative"]) == ("-0.050000000000", "-0.10000000")
    assert {name: Decimal(part) for name, part in mover["parts"].items()} == {
        "data": Decimal("-0.01"), "upstream": 0, "method": 0, "correction": Decimal("-0.04"),
    }  # fmt: skip
    assert found["by_cause"] == {
        "data": 0, "upstream": 0, "method": 0, "correction": 1, "unknown": 0,
    }  # fmt: skip


def test_steps_after_the_old_value_add_up_and_those_before_it_do_not_count(tmp_path) -> None:
    found = moved(
        tmp_path,
        {SUPPLY: "0.5"},
        {SUPPLY: "0.7"},
        (SUPPLY, "2023-05-20", "0.9", "0.5", {"method": "-0.4"}),
        (SUPPLY, "2024-01-20", "0.5", "0.6", {"data": "0.1"}),
        (SUPPLY, "2024-01-25", "0.6", "0.7", {"upstream": "0.1"}),
    )
    (mover,) = found["movers"]
    assert mover["cause"] == "data"  # of equal parts the first in order
    assert Decimal(mover["parts"]["method"]) == 0
    assert sum(Decimal(part) for part in mover["parts"].values()) == Decimal("0.2")


@pytest.mark.parametrize(
    "steps",
    [
        (),
        ((SUPPLY, "2024-01-20", "0.5", "0.6", {"data": "0.1"}),),
        ((SUPPLY, "2024-01-20", "0.4", "0.7", {"data": "0.3"}),),
        ((GRID, "2024-01-20", "0.5", "0.7", {"data": "0.2"}),),
    ],
    ids=["no step", "ends elsewhere", "starts elsewhere", "of another factor"],
)
def test_a_change_that_the_revisions_do_not_lead_to_has_no_cause(tmp_path, steps) -> None:
    found = moved(tmp_path, {SUPPLY: "0.5"}, {SUPPLY: "0.7"}, *steps)
    assert found["by_cause"]["unknown"] == 1
    assert found["movers"][0]["cause"] == "unknown" and found["movers"][0]["parts"] is None


def test_without_revisions_no_cause_is_known(tmp_path) -> None:
    found = diff_folders(
        release(tmp_path / "old", factors({SUPPLY: "0.5"})),
        release(tmp_path / "new", factors({SUPPLY: "0.7"})),
    )
    assert found.factors is not None and found.factors["by_cause"]["unknown"] == 1


def test_revisions_that_cannot_be_read_count_as_different(tmp_path) -> None:
    old = release(tmp_path / "old", factors({SUPPLY: "0.5"}), revisions())
    new = release(tmp_path / "new", factors({SUPPLY: "0.7"}), revisions())
    (new / "tables" / "factor_revision.parquet").write_bytes(b"PAR1 and no more")
    found = diff_folders(old, new)
    assert found.exit_code == 1 and found.factors is not None
    assert found.factors["by_cause"]["unknown"] == len(found.factors["movers"]) == 1
    assert found.tables[0].reasons[0].startswith("Causes are not known: File factor_revision.parq")


def test_movers_are_the_largest_of_each_kind_in_order(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(blocks, "block_rows", lambda columns: 7)
    old = {f"{kind}.{region}.2023-01": "0.5" for kind in "ab" for region in range(100, 130)}
    new = {
        factor_id: f"{0.5 + (int(factor_id.split('.')[1]) - 99) / 1000:.3f}" for factor_id in old
    }
    found = moved(tmp_path, old, new)
    assert found["changed"] == 60
    assert [mover["factor_id"] for mover in found["movers"]] == [
        f"{kind}.{region}.2023-01" for kind in "ab" for region in range(129, 119, -1)
    ]
    regions = {(m["region_code"], m["factor_kind"]) for m in found["movers_by_region"]}
    assert len(regions) == len(found["movers_by_region"]) == 60


def test_the_largest_of_a_region_is_by_relative_size(tmp_path) -> None:
    small, large = "supply.340000.2023-01", "supply.340000.2023-02"
    found = moved(tmp_path, {small: "0.1", large: "0.9"}, {small: "0.15", large: "1.0"})
    assert [mover["factor_id"] for mover in found["movers"]] == [large, small]
    assert [mover["factor_id"] for mover in found["movers_by_region"]] == [small]


def test_a_change_from_zero_has_no_relative_size(tmp_path) -> None:
    (mover,) = moved(tmp_path, {SUPPLY: "0"}, {SUPPLY: "0.1"})["movers"]
    assert (mover["absolute"], mover["relative"]) == ("0.100000000000", None)


def test_new_and_lost_factors_are_counted_by_kind(tmp_path) -> None:
    found = moved(tmp_path, {SUPPLY: "0.5"}, {GRID: "0.5"})
    assert found["by_kind"] == [
        {"factor_kind": "grid", "unit": "kgCO2/kWh", "added": 1, "removed": 0, "changed": 0},
        {"factor_kind": "supply", "unit": "kgCO2/kWh", "added": 0, "removed": 1, "changed": 0},
    ]


def test_values_in_different_units_are_not_subtracted(tmp_path) -> None:
    old = release(tmp_path / "old", factors({SUPPLY: "0.5"}))
    new = release(tmp_path / "new", factors({SUPPLY: "500"}, unit="gCO2/kWh"))
    found = diff_folders(old, new)
    assert found.factors is not None
    assert found.factors["movers"] == [] and found.factors["by_cause"]["unknown"] == 1


def test_factors_in_another_order_are_counted_once(tmp_path) -> None:
    new = factors({SUPPLY: "0.7", GRID: "0.5"})
    found = diff_folders(
        release(tmp_path / "old", factors({SUPPLY: "0.5", GRID: "0.4"})),
        release(tmp_path / "new", pl.concat([new.tail(1), new.head(1)])),
    )
    assert found.factors is not None
    assert found.factors["changed"] == 2 and len(found.factors["movers"]) == 2
