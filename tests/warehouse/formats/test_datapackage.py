"""`datapackage.json` as frictionless, its consumer, judges it - with the data."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import frictionless
import pytest

from tests.warehouse.formats import small_release
from warehouse import canonical_json
from warehouse.formats.datapackage import DATAPACKAGE


def judge(release: Path) -> frictionless.Report:
    return frictionless.validate(str(release / DATAPACKAGE))


def errors(release: Path) -> set[tuple[str, str]]:
    return {(task.name, error.type) for task in judge(release).tasks for error in task.errors}


def rewrite(release: Path, name: str, old: str, new: str) -> None:
    """Change a CSV file and the size and hash that the descriptor states of it."""
    path = release / "exports/csv" / f"{name}.csv"
    content = path.read_bytes()
    assert old.encode() in content
    changed = content.replace(old.encode(), new.encode(), 1)
    path.write_bytes(changed)
    descriptor = json.loads((release / DATAPACKAGE).read_bytes())
    for resource in descriptor["resources"]:
        if resource["path"] == f"exports/csv/{name}.csv":
            resource["bytes"] = len(changed)
            resource["hash"] = "sha256:" + hashlib.sha256(changed).hexdigest()
    (release / DATAPACKAGE).write_bytes(canonical_json.dumps(descriptor))


def test_frictionless_accepts_the_package_and_every_file_in_it(small: Path) -> None:
    report = judge(small)
    assert report.valid, report.flatten(["type", "note"])
    judged = {task.name: task.stats.get("rows") for task in report.tasks}
    assert judged["electricity_factor.csv"] == 26
    assert set(judged) == {
        *(f"{name}.{form}" for name in small_release.COLUMNS for form in ("csv", "parquet")),
        "carbon_factors.xlsx",
    }


def test_fields_carry_type_unit_key_and_both_languages(small: Path) -> None:
    package = frictionless.Package(str(small / DATAPACKAGE))
    schema = package.get_resource("electricity_factor.csv").schema
    value = schema.get_field("value")
    assert (value.type, value.custom["unit"], value.custom["scale"]) == ("number", "kg per kWh", 12)
    assert value.description == "The value <b>|</b>"
    assert value.custom["description_zh"] == "列&说明"
    assert schema.primary_key == ["factor_id"]
    assert schema.get_field("factor_id").required
    assert not schema.get_field("note_zh").required
    types = {field.name: field.type for field in schema.fields}
    assert types["period_start"] == "date"
    assert types["includes_td_losses"] == "boolean"
    assert types["row_number"] == "integer"


def test_the_package_names_release_licence_and_sources(small: Path) -> None:
    content = canonical_json.load(small / DATAPACKAGE)
    assert content["version"] == "2023.12.0"
    assert content["channel"] == "stable"
    assert content["as_of"] == "2024-01-31"
    assert [licence["name"] for licence in content["licenses"]] == ["Apache-2.0"]
    assert [source["source_id"] for source in content["sources"]] == ["bulletin", "yearbook"]
    assert content["sources"][0]["licence"] == "CC BY 4.0"
    assert (small / DATAPACKAGE).read_bytes() == canonical_json.dumps(content)
    tables = [each for each in content["resources"] if each["format"] != "xlsx"]
    assert {each["contract_version"] for each in tables} == {"1.2.0"}


def test_drill_a_value_of_another_type(mine: Path) -> None:
    rewrite(mine, "electricity_factor", "2022-01-01", "1 Jan 22")
    assert errors(mine) == {("electricity_factor.csv", "type-error")}


def test_drill_a_key_twice(mine: Path) -> None:
    rewrite(mine, "electricity_factor", "f.001", "f.000")
    assert errors(mine) == {("electricity_factor.csv", "primary-key")}


def test_drill_a_key_left_out(mine: Path) -> None:
    rewrite(mine, "electricity_factor", "f.001", "")
    assert ("electricity_factor.csv", "constraint-error") in errors(mine)


def test_drill_a_column_renamed(mine: Path) -> None:
    rewrite(mine, "electricity_factor", "energy_mwh", "energy_gwh")
    assert ("electricity_factor.csv", "incorrect-label") in errors(mine)


def test_drill_a_row_lost(mine: Path) -> None:
    path = mine / "exports/csv/source.csv"
    last = path.read_text("utf-8-sig").splitlines()[-1] + "\n"
    rewrite(mine, "source", last, "")
    assert errors(mine) == {("source.csv", "row-count")}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("tables/source.parquet", "source.parquet"),
        ("exports/csv/source.csv", "source.csv"),
        ("exports/carbon_factors.xlsx", "carbon_factors.xlsx"),
    ],
)
def test_drill_a_byte_changed(mine: Path, path: str, name: str) -> None:
    content = bytearray((mine / path).read_bytes())
    content[-20] ^= 1
    (mine / path).write_bytes(content)
    assert (name, "hash-count") in errors(mine)
