"""Nothing that was not compared passes as the same: one drill a defect."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.diff.releases_to_compare import write_release, write_table
from warehouse import canonical_json
from warehouse.diff import DiffError, diff_folders
from warehouse.diff.compare import TableDiff

FLOWS = pl.DataFrame(
    {
        "region": ["A", "B", "C"],
        "energy": pl.Series([Decimal("1.50"), Decimal("2.50"), None], dtype=pl.Decimal(18, 2)),
        "share": [0.1, 0.2, 0.3],
        "note": ["x", None, "z"],
    }
)
GAS = pl.DataFrame({"gas": ["CH4"], "gwp": [28]})


def two(tmp_path: Path, old: pl.DataFrame, new: pl.DataFrame, key=("region",), **how) -> TableDiff:
    """Compare one table beside another that is the same on both sides."""
    folders = [
        write_release(tmp_path / name, {"flows": (frame, key), "gwp": (GAS, ["gas"])}, **how)
        for name, frame in (("old", old), ("new", new))
    ]
    found = diff_folders(*folders)
    assert found.result in ("same", "differs")
    table = next(each for each in found.tables if each.name == "flows")
    assert found.exit_code == (table.state != "same")
    return table


def test_the_same_release_is_the_same(tmp_path) -> None:
    found = two(tmp_path, FLOWS, FLOWS)
    assert (found.state, found.how, found.rows["same"]) == ("same", "bytes", 3)


def test_the_same_rows_in_another_order_are_the_same(tmp_path) -> None:
    found = two(tmp_path, FLOWS, FLOWS.reverse())
    assert (found.state, found.how, found.rows["same"]) == ("same", "rows", 3)


def test_a_changed_value_is_told_with_old_and_new(tmp_path) -> None:
    new = FLOWS.with_columns(
        energy=pl.when(region="B").then(Decimal("2.51")).otherwise("energy").cast(pl.Decimal(18, 2))
    )
    found = two(tmp_path, FLOWS, new)
    assert found.rows == {"old": 3, "new": 3, "added": 0, "removed": 0, "changed": 1, "same": 2}
    energy = found.columns[0]
    assert energy["changed"] == energy["risen"] == 1 and energy["fallen"] == 0
    assert (energy["sum_old"], energy["sum_new"]) == ("4.00", "4.01")
    assert (energy["absolute"], energy["relative"]) == ("0.01", "0.00250000")
    assert energy["largest"] == [
        {"key": {"region": "B"}, "old": "2.50", "new": "2.51", "absolute": "0.01",
         "relative": "0.00400000"}
    ]  # fmt: skip
    assert found.listed["changed"] == [
        {
            "key": {"region": "B"},
            "columns": [{"column": "energy", "old": "2.50", "new": "2.51"}],
        }
    ]


def test_the_last_bit_of_a_float_is_a_difference(tmp_path) -> None:
    new = FLOWS.with_columns(share=pl.Series([0.1, 0.2, 0.30000000000000004]))
    assert two(tmp_path, FLOWS, new).rows["changed"] == 1


def test_null_against_a_value_is_a_difference_and_null_against_null_is_none(tmp_path) -> None:
    new = FLOWS.with_columns(note=pl.Series(["x", "", "z"]))
    found = two(tmp_path, FLOWS, new)
    assert found.rows["changed"] == 1
    assert [(c["name"], c["changed"]) for c in found.columns if c["changed"]] == [("note", 1)]


def test_duplicate_keys_are_not_compared(tmp_path) -> None:
    found = two(tmp_path, FLOWS, pl.concat([FLOWS, FLOWS.filter(region="B")]).sort("region"))
    assert found.state == "not_compared" and found.compared_rows == 0
    assert found.reasons == [
        "Key region B stands more than once in flows.parquet, so its rows cannot be told apart."
    ]


def test_duplicate_keys_that_lie_apart_are_not_compared(tmp_path) -> None:
    found = two(tmp_path, FLOWS, pl.concat([FLOWS, FLOWS.filter(region="A")]))
    assert found.state == "not_compared" and "region A stands more than once" in found.reasons[0]


def test_a_null_key_is_a_key_like_any_other(tmp_path) -> None:
    old = pl.concat([FLOWS.head(1).with_columns(region=pl.lit(None, pl.String)), FLOWS])
    new = old.with_columns(share=pl.Series([9.0, 0.1, 0.2, 0.3]))
    found = two(tmp_path, old, new)
    assert found.rows["changed"] == 1 and found.listed["changed"][0]["key"] == {"region": None}


def test_two_null_keys_are_a_duplicate(tmp_path) -> None:
    null = FLOWS.head(1).with_columns(region=pl.lit(None, pl.String))
    found = two(tmp_path, FLOWS, pl.concat([null, null, FLOWS]))
    assert found.state == "not_compared" and "region null stands more" in found.reasons[0]


def test_a_retyped_column_is_compared_when_a_type_holds_both(tmp_path) -> None:
    found = two(tmp_path, FLOWS, FLOWS.with_columns(pl.col("energy").cast(pl.Decimal(18, 6))))
    assert found.schema["retyped"] == [
        {"name": "energy", "old": "decimal128(18, 2)", "new": "decimal128(18, 6)"}
    ]
    assert found.state == "differs" and found.rows["changed"] == 0 and found.reasons == []


@pytest.mark.parametrize("kind", [pl.String, pl.Float64, pl.List(pl.Decimal(18, 2))])
def test_a_type_that_cannot_be_compared_is_a_difference(tmp_path, kind) -> None:
    column = pl.concat_list("energy") if kind == pl.List(pl.Decimal(18, 2)) else pl.col("energy")
    found = two(tmp_path, FLOWS, FLOWS.with_columns(energy=column.cast(kind)))
    assert found.state == "differs" and found.rows["changed"] == 0
    assert found.reasons[0].startswith("Column energy was not compared: decimal128(18, 2) and ")
    assert "energy" not in [column["name"] for column in found.columns]


def test_a_type_that_cannot_be_compared_on_both_sides_is_a_difference(tmp_path) -> None:
    lists = FLOWS.with_columns(energy=pl.concat_list("energy"))
    found = two(tmp_path, lists, lists.with_columns(energy=pl.col("energy").list.head(0)))
    assert found.state == "differs" and "Column energy was not compared" in found.reasons[0]


def test_a_renamed_column_is_one_gone_and_one_new(tmp_path) -> None:
    found = two(tmp_path, FLOWS, FLOWS.rename({"share": "part"}))
    assert [column["name"] for column in found.schema["removed"]] == ["share"]
    assert [column["name"] for column in found.schema["added"]] == ["part"]
    assert found.state == "differs"


def test_a_changed_unit_is_a_difference(tmp_path) -> None:
    old = write_release(tmp_path / "old", {"flows": (FLOWS, ["region"])}, units={"energy": "MWh"})
    new = write_release(tmp_path / "new", {"flows": (FLOWS, ["region"])}, units={"energy": "GWh"})
    (table,) = diff_folders(old, new).tables
    assert table.schema["unit_changed"] == [{"name": "energy", "old": "MWh", "new": "GWh"}]
    assert table.state == "differs"


def test_a_changed_contract_version_is_a_difference(tmp_path) -> None:
    old = write_release(tmp_path / "old", {"flows": (FLOWS, ["region"])})
    new = write_release(
        tmp_path / "new", {"flows": (FLOWS, ["region"])}, versions={"flows": "1.1.0"}
    )
    (table,) = diff_folders(old, new).tables
    assert table.schema["contract_version"] == {"old": "1.0.0", "new": "1.1.0"}
    assert table.state == "differs"


def test_a_changed_key_is_a_difference(tmp_path) -> None:
    old = write_release(tmp_path / "old", {"flows": (FLOWS, ["region"])})
    new = write_release(tmp_path / "new", {"flows": (FLOWS, ["region", "note"])})
    (table,) = diff_folders(old, new).tables
    assert table.schema["key"] == {"old": ["region"], "new": ["region", "note"]}
    assert table.state == "differs"


def test_a_key_column_that_is_gone_is_not_compared(tmp_path) -> None:
    found = two(tmp_path, FLOWS, FLOWS.rename({"region": "area"}))
    assert found.state == "not_compared"
    assert found.reasons == [
        "Key column region is not in flows.parquet of the new side, so rows cannot be matched."
    ]


def test_a_table_without_a_key_is_not_compared(tmp_path) -> None:
    found = two(tmp_path, FLOWS, FLOWS.head(2), key=())
    assert found.state == "not_compared" and "states no primary key" in found.reasons[0]


def test_a_table_on_one_side_alone_is_a_difference(tmp_path) -> None:
    both = {"flows": (FLOWS, ["region"]), "gwp": (GAS, ["gas"])}
    whole = write_release(tmp_path / "whole", both)
    part = write_release(tmp_path / "part", {"gwp": both["gwp"]})
    for old, new, state in ((whole, part, "only_old"), (part, whole, "only_new")):
        found = diff_folders(old, new)
        assert found.exit_code == 1
        assert [table.state for table in found.tables] == [state, "same"]


def test_a_file_that_is_gone_is_not_compared(tmp_path) -> None:
    tables = {"flows": (FLOWS, ["region"]), "gwp": (GAS, ["gas"])}
    old, new = (write_release(tmp_path / name, tables) for name in ("old", "new"))
    (new / "tables" / "flows.parquet").unlink()
    found = diff_folders(old, new)
    assert found.exit_code == 1
    assert found.tables[0].reasons == ["File flows.parquet is missing."]


@pytest.mark.parametrize("broken", [b"", b"PAR1", b"not Parquet at all" * 9])
def test_a_file_that_is_no_parquet_is_not_compared(tmp_path, broken) -> None:
    tables = {"flows": (FLOWS, ["region"]), "gwp": (GAS, ["gas"])}
    old, new = (write_release(tmp_path / name, tables) for name in ("old", "new"))
    for folder in (old, new):  # the same bytes on both sides say nothing either
        (folder / "tables" / "flows.parquet").write_bytes(broken)
    found = diff_folders(old, new)
    assert found.exit_code == 1 and found.tables[0].state == "not_compared"
    assert "flows.parquet cannot be read as Parquet" in found.tables[0].reasons[0]


def test_a_page_of_parquet_that_is_damaged_is_not_the_same(tmp_path) -> None:
    old, new = (
        write_release(tmp_path / name, {"flows": (FLOWS, ["region"])}) for name in ("old", "new")
    )
    path = new / "tables" / "flows.parquet"
    content = bytearray(path.read_bytes())
    content[4:60] = bytes(56)
    path.write_bytes(content)
    found = diff_folders(old, new)
    assert found.exit_code == 2 and "cannot be read" in found.tables[0].reasons[0]


def test_a_comparison_of_nothing_is_not_the_same(tmp_path) -> None:
    empty = {"flows": (FLOWS.head(0), ["region"])}
    folders = [write_release(tmp_path / name, empty) for name in ("old", "new")]
    assert diff_folders(*folders).result == "not_compared"
    none = [write_release(tmp_path / name, {}) for name in ("no_tables", "none_either")]
    found = diff_folders(*none)
    assert (found.result, found.exit_code) == ("not_compared", 2)


def test_a_comparison_whose_every_table_fails_is_no_comparison(tmp_path) -> None:
    twice = pl.concat([FLOWS, FLOWS])
    old = write_release(tmp_path / "old", {"flows": (FLOWS, ["region"])})
    new = write_release(tmp_path / "new", {"flows": (twice, ["region"])})
    found = diff_folders(old, new)
    assert (found.result, found.exit_code) == ("not_compared", 2)


def test_an_emptied_table_is_a_difference(tmp_path) -> None:
    found = two(tmp_path, FLOWS, FLOWS.head(0))
    assert found.state == "differs" and found.rows["removed"] == 3


def test_an_unknown_table_is_an_error(tmp_path) -> None:
    release = write_release(tmp_path / "one", {"flows": (FLOWS, ["region"])})
    with pytest.raises(DiffError, match="has a table 'steel'; tables: flows"):
        diff_folders(release, release, only=["steel"])


def test_a_folder_that_is_none_or_empty_is_an_error(tmp_path) -> None:
    release = write_release(tmp_path / "one", {"flows": (FLOWS, ["region"])})
    with pytest.raises(DiffError, match="no release or candidate"):
        diff_folders(release, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DiffError, match="holds neither"):
        diff_folders(tmp_path / "empty", release)


@pytest.mark.parametrize("content", ["{", "[]", '{"release_id": "x"}', '{"tables": 3}'])
def test_a_manifest_that_is_none_is_an_error(tmp_path, content) -> None:
    release = write_release(tmp_path / "one", {"flows": (FLOWS, ["region"])})
    other = write_release(tmp_path / "two", {"flows": (FLOWS, ["region"])})
    (other / "manifest.json").write_text(content)
    with pytest.raises(DiffError, match="two cannot be read"):
        diff_folders(release, other)


@pytest.mark.parametrize("path", ["../one/tables/flows.parquet", "/etc/passwd", "a\\b"])
def test_a_path_that_leaves_the_release_is_an_error(tmp_path, path) -> None:
    release = write_release(tmp_path / "one", {"flows": (FLOWS, ["region"])})
    other = write_release(tmp_path / "two", {"flows": (FLOWS, ["region"])})
    manifest = json.loads((other / "manifest.json").read_text())
    manifest["tables"][0]["path"] = path
    (other / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DiffError, match="leaves the release"):
        diff_folders(release, other)


def test_a_link_out_of_the_release_is_an_error(tmp_path) -> None:
    release = write_release(tmp_path / "one", {"flows": (FLOWS, ["region"])})
    other = write_release(tmp_path / "two", {"flows": (FLOWS, ["region"])})
    (other / "tables" / "flows.parquet").unlink()
    (other / "tables" / "flows.parquet").symlink_to(release / "tables" / "flows.parquet")
    with pytest.raises(DiffError, match="a link to a place outside"):
        diff_folders(release, other)


def test_more_digits_than_a_sum_can_have_do_not_stop_the_comparison(tmp_path) -> None:
    huge = Decimal("9" * 32)
    old = pl.DataFrame({"id": [1, 2], "mass": pl.Series([huge, huge], dtype=pl.Decimal(38, 6))})
    new = old.with_columns(mass=-pl.col("mass"))
    for name, frame in (("old", old), ("new", new)):
        write_release(tmp_path / name, {"stock": (frame, ["id"])})
    (table,) = diff_folders(tmp_path / "old", tmp_path / "new").tables
    assert table.rows["changed"] == 2
    assert table.columns[0]["largest"][0]["absolute"] == "-" + "1" + "9" * 31 + "8.000000"


def test_hours_and_days_compare_as_they_are(tmp_path) -> None:
    old = pl.DataFrame(
        {
            "hour": [
                dt.datetime(2024, 1, 1, 0, tzinfo=dt.UTC),
                dt.datetime(2024, 1, 1, 1, tzinfo=dt.UTC),
            ],
            "day": [dt.date(2024, 1, 1), None],
        }
    )
    path = write_release(tmp_path / "old", {"hours": (old, ["hour"])})
    new = write_release(
        tmp_path / "new", {"hours": (old.with_columns(day=dt.date(2024, 1, 1)), ["hour"])}
    )
    (table,) = diff_folders(path, new).tables
    assert table.rows["changed"] == 1
    assert table.listed["changed"][0]["key"] == {"hour": "2024-01-01T01:00:00+00:00"}


def test_a_folder_of_tables_names_its_keys_in_its_files(tmp_path) -> None:
    for name, frame in (("old", FLOWS), ("new", FLOWS.head(2))):
        write_table(
            tmp_path / name / "tables" / "flows.parquet", frame, metadata={"primary_key": "region"}
        )
    (table,) = diff_folders(tmp_path / "old", tmp_path / "new").tables
    assert table.key == ("region",) and table.rows["removed"] == 1


def test_a_column_that_stands_twice_is_not_compared(tmp_path) -> None:
    for name in ("old", "new"):
        write_release(tmp_path / name, {"flows": (FLOWS, ["region"])})
    table = pa.table([["A"], [1], [2]], names=["region", "energy", "energy"])
    pq.write_table(table, tmp_path / "new" / "tables" / "flows.parquet")
    (found,) = diff_folders(tmp_path / "old", tmp_path / "new").tables
    assert found.reasons == ["File flows.parquet has two columns of the name energy."]


def test_a_huge_manifest_is_an_error(tmp_path) -> None:
    release = write_release(tmp_path / "one", {"flows": (FLOWS, ["region"])})
    other = write_release(tmp_path / "two", {"flows": (FLOWS, ["region"])})
    with (other / "manifest.json").open("wb") as stream:
        stream.truncate(canonical_json.MAXIMUM_BYTES + 1)
    with pytest.raises(DiffError, match=r"two cannot be read: .* bytes, more than"):
        diff_folders(release, other)
