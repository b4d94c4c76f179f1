"""A published contract is not broken in silence."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.warehouse.diff.invented_factors import factors, release
from warehouse.diff import DiffError, contract_changes, described_tables
from warehouse.diff.contracts import read_retired

TABLE: dict[str, Any] = {
    "name": "flows",
    "primary_key": ["region"],
    "contract_version": "1.2.3",
    "columns": [
        {"name": "region", "type": "string", "unit": ""},
        {"name": "energy", "type": "decimal128(38, 6)", "unit": "MWh"},
    ],
}


def changed(version: str = "1.2.3", **columns: dict[str, str] | None) -> list[dict[str, Any]]:
    """The table with columns changed, added (a new name) or removed (None)."""
    table = copy.deepcopy(TABLE) | {"contract_version": version}
    known = {column["name"]: column for column in table["columns"]}
    for name, change in columns.items():
        if change is None:
            table["columns"].remove(known[name])
        elif name in known:
            known[name].update(change)
        else:
            table["columns"].append({"name": name, "type": "string", "unit": "", **change})
    return [table]


def test_what_did_not_change_breaks_nothing() -> None:
    assert contract_changes([TABLE], changed()) == []
    assert contract_changes([TABLE], changed("1.3.0")) == []


BREACHES = [
    ({"energy": None}, "column energy is gone."),
    ({"energy": {"type": "double"}}, "column energy is float64 and was decimal(38, 6)."),
    ({"energy": {"unit": "GWh"}}, "column energy has the unit 'GWh' and had 'MWh'."),
    ({"energy": {"unit": ""}}, "column energy has the unit 'none' and had 'MWh'."),
    (
        {"energy": None, "power": {"type": "decimal(38,6)", "unit": "MWh"}},
        "column energy is gone (renamed to power?).",
    ),
]


@pytest.mark.parametrize(("columns", "words"), BREACHES)
def test_a_breach_needs_a_higher_major_number(columns, words) -> None:
    for version in ("1.2.3", "1.2.4", "1.9.0"):
        (sentence,) = contract_changes([TABLE], changed(version, **columns))
        assert sentence == (
            f"Table flows: {words} This breaks the published contract 1.2.3: take it back, or set "
            "meta.contract_version of flows to 2.0.0."
        )
    assert contract_changes([TABLE], changed("2.0.0", **columns)) == []


def test_another_key_is_a_breach() -> None:
    new = changed("1.3.0")
    new[0]["primary_key"] = ["region", "energy"]
    (sentence,) = contract_changes([TABLE], new)
    assert sentence.startswith("Table flows: the key is region, energy and was region. ")
    new[0]["contract_version"] = "2.0.0"
    assert contract_changes([TABLE], new) == []


def test_a_new_column_needs_a_higher_minor_number() -> None:
    for version in ("1.2.3", "1.2.9"):
        assert contract_changes([TABLE], changed(version, note={})) == [
            "Table flows has new columns: note. Set meta.contract_version of flows to 1.3.0 "
            "(published: 1.2.3)."
        ]
    assert contract_changes([TABLE], changed("1.3.0", note={})) == []
    assert contract_changes([TABLE], changed("2.0.0", note={})) == []


def test_every_breach_is_named() -> None:
    new = changed(energy={"type": "string", "unit": "GWh"}, region=None)
    assert len(contract_changes([TABLE], new)) == 3


def test_a_lower_version_is_refused() -> None:
    (sentence,) = contract_changes([TABLE], changed("1.2.2"))
    assert "has contract_version 1.2.2, below the published 1.2.3." in sentence


@pytest.mark.parametrize(
    "version", ["1", "1.2", "v1.2.3", "1.2.3-rc1", "01.2.3", "1.2.३", f"1.2.{'9' * 5000}"]
)
def test_a_version_that_is_none_is_refused(version) -> None:
    (sentence,) = contract_changes([TABLE], changed(version))
    assert f"has contract_version {version!r}, which is no version" in sentence


def test_a_new_table_is_fine_and_a_table_that_is_gone_is_not() -> None:
    assert contract_changes([], [TABLE]) == []
    (sentence,) = contract_changes([TABLE], [])
    assert sentence == (
        "Table flows is gone, which breaks its contract (1.2.3). Publish it again, or declare it "
        "in retired_tables.yml with the reason and a contract_version of 2.0.0 or more."
    )
    assert contract_changes([TABLE], [], retired={"flows": "2.0.0"}) == []
    assert len(contract_changes([TABLE], [], retired={"flows": "1.9.0"})) == 1
    assert len(contract_changes([TABLE], [], retired={"other": "2.0.0"})) == 1


def test_spellings_of_one_type_are_one_type() -> None:
    spelled = changed(region={"type": "varchar"}, energy={"type": "DECIMAL(38, 6)"})
    assert contract_changes([TABLE], spelled) == []


def test_a_table_without_a_version_counts_as_the_first() -> None:
    old = {key: value for key, value in TABLE.items() if key != "contract_version"}
    assert contract_changes([old], changed("1.0.0")) == []
    assert len(contract_changes([old], changed("1.0.0", energy=None))) == 1


def test_entries_that_are_none_are_an_error() -> None:
    with pytest.raises(DiffError, match="name, primary_key and columns"):
        contract_changes([{"name": "flows"}], [TABLE])


def test_contracts_of_a_release_without_columns_are_read_from_its_files(tmp_path) -> None:
    frame = factors({"supply.340000.2023-01": "0.5"})
    old = described_tables(release(tmp_path / "old", frame))
    new = described_tables(release(tmp_path / "new", frame.drop("gas_scope")))
    assert old[0]["columns"][0] == {"name": "factor_id", "type": "large_string", "unit": ""}
    (sentence,) = contract_changes(old, new)
    assert "column gas_scope is gone" in sentence
    (tmp_path / "new" / "tables" / "electricity_factor.parquet").write_bytes(b"")
    with pytest.raises(DiffError, match="contract of table electricity_factor in new is not"):
        described_tables(tmp_path / "new")


def test_the_retired_tables_are_read_with_their_reasons(tmp_path) -> None:
    assert read_retired() == {}
    path = tmp_path / "retired_tables.yml"
    path.write_text("- {table: flows, contract_version: 2.0.0, reason: replaced by interchange}")
    assert read_retired(path) == {"flows": "2.0.0"}
    path.write_text("- {table: flows, contract_version: 2.0.0, reason: ' '}")
    with pytest.raises(DiffError, match="flows has no reason"):
        read_retired(path)
