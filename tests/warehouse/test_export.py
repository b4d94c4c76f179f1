"""Export: the candidate's tables as Parquet, typed, described, ordered, the same every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.warehouse import synthetic
from warehouse import files
from warehouse.candidate import Candidate
from warehouse.dbt_artifacts import ArtifactError, arrow_type
from warehouse.export import ExportError, export_tables


def edit_manifest(candidate: Candidate, model: str, change) -> None:
    path = candidate.target / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["nodes"][f"model.synthetic.{model}"])
    path.write_text(json.dumps(content), encoding="utf-8")


def run_sql(candidate: Candidate, sql: str) -> None:
    with duckdb.connect(str(candidate.database)) as connection:
        connection.execute(sql)


def test_every_published_model_becomes_one_file(candidate: Candidate) -> None:
    exported = export_tables(candidate)
    assert {each.table for each in exported} == set(synthetic.COLUMNS)
    assert {path.name for path in candidate.tables.iterdir()} == {
        f"{name}.parquet" for name in synthetic.COLUMNS
    }
    for each in exported:
        assert (each.rows > 0) != (each.table in synthetic.EMPTY), each.table
        assert each.sha256 == files.sha256_of(each.path)


def test_columns_carry_unit_and_both_descriptions(candidate: Candidate) -> None:
    export_tables(candidate)
    schema = pq.read_schema(candidate.tables / "electricity_mix.parquet")
    field = schema.field("generation_mwh")
    assert field.metadata == {
        b"unit": b"MWh",
        b"description_en": b"The generation_mwh.",
        b"description_zh": "列".encode(),
    }
    assert schema.metadata[b"primary_key"] == b"region_code,period_start,resolution,technology"
    assert schema.metadata[b"access_class"] == b"public"


def test_a_table_states_its_contract_version_and_is_described_in_both_languages(
    candidate: Candidate,
) -> None:
    edit_manifest(
        candidate,
        "gwp",
        lambda node: node["config"]["meta"].update(
            contract_version="2.1.0", description_zh="每种气体一行"
        ),
    )
    export_tables(candidate)
    stated = pq.read_schema(candidate.tables / "gwp.parquet").metadata
    assert stated[b"contract_version"] == b"2.1.0"
    assert stated[b"description_en"] == b"Synthetic gwp."
    assert stated[b"description_zh"].decode() == "每种气体一行"
    silent = pq.read_schema(candidate.tables / "region.parquet").metadata
    assert silent[b"contract_version"] == b"1.0.0"


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "1.0.0-beta", "1.00.0", 1.1])
def test_a_contract_version_that_is_no_version_is_named(candidate: Candidate, version) -> None:
    edit_manifest(
        candidate, "gwp", lambda node: node["config"]["meta"].update(contract_version=version)
    )
    with pytest.raises(ArtifactError, match=r"gwp: meta.contract_version .* is no version"):
        export_tables(candidate)


def test_rows_stand_in_the_order_of_the_primary_key(candidate: Candidate) -> None:
    export_tables(candidate)
    for name, key in synthetic.KEYS.items():
        frame = pl.read_parquet(candidate.tables / f"{name}.parquet").select(key)
        assert frame.equals(frame.sort(key)), name


def test_a_second_export_gives_the_same_bytes_and_leaves_nothing_stale(
    candidate: Candidate,
) -> None:
    first = {each.table: each.sha256 for each in export_tables(candidate)}
    (candidate.tables / "old.parquet").write_bytes(b"left over")
    assert {each.table: each.sha256 for each in export_tables(candidate)} == first
    assert not (candidate.tables / "old.parquet").exists()


@pytest.mark.parametrize(("threads", "seed"), [("1", "0"), ("2", "1")])
def test_threads_and_hash_seed_do_not_change_a_byte(
    candidate: Candidate, template: Candidate, threads: str, seed: str, tmp_path: Path
) -> None:
    code = (
        "import sys, pathlib; from warehouse.candidate import Candidate; "
        "from warehouse.export import export_tables; "
        "export_tables(Candidate(pathlib.Path(sys.argv[1])))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads, "TZ": "UTC"}
    root = Path(__file__).parents[2]
    environment["PYTHONPATH"] = str(root)
    subprocess.run(
        [sys.executable, "-c", code, str(candidate.folder)],
        check=True,
        env=environment,
        cwd=tmp_path,
    )
    for path in template.tables.iterdir():
        assert files.sha256_of(candidate.tables / path.name) == files.sha256_of(path)


def test_a_model_that_is_not_public_is_not_exported(candidate: Candidate) -> None:
    edit_manifest(
        candidate, "gwp", lambda node: node["config"]["meta"].update(access_class="confidential")
    )
    assert "gwp" not in {each.table for each in export_tables(candidate)}
    assert not (candidate.tables / "gwp.parquet").exists()


def test_a_model_without_an_access_class_is_not_exported(candidate: Candidate) -> None:
    edit_manifest(candidate, "gwp", lambda node: node["config"]["meta"].pop("access_class"))
    assert "gwp" not in {each.table for each in export_tables(candidate)}


def test_a_table_of_another_type_than_its_contract_is_named(candidate: Candidate) -> None:
    run_sql(candidate, "alter table marts.gwp alter value type double")
    with pytest.raises(ExportError, match=r"gwp does not keep its contract: value is double"):
        export_tables(candidate)


def test_a_missing_table_is_named(candidate: Candidate) -> None:
    run_sql(candidate, "drop table marts.gwp")
    with pytest.raises(ExportError, match="gwp cannot be read"):
        export_tables(candidate)


def test_a_missing_database_is_a_sentence(candidate: Candidate) -> None:
    candidate.database.unlink()
    with pytest.raises(ExportError, match="build the candidate first"):
        export_tables(candidate)


def test_nothing_public_is_an_error_and_not_an_empty_release(candidate: Candidate) -> None:
    for name in synthetic.COLUMNS:
        edit_manifest(candidate, name, lambda node: node["config"]["meta"].update(published=False))
    with pytest.raises(ExportError, match="nothing to export"):
        export_tables(candidate)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda node: node["config"]["meta"].pop("primary_key"), "states no meta.primary_key"),
        (lambda node: node.update(columns={}), "states no columns"),
        (
            lambda node: node["config"]["meta"].update(primary_key=["nothing"]),
            "key column 'nothing' does not exist",
        ),
        (
            lambda node: node["columns"]["value"].update(data_type="integer[]"),
            "has no place in a published table",
        ),
    ],
)
def test_a_model_that_says_too_little_is_named(candidate: Candidate, change, sentence) -> None:
    edit_manifest(candidate, "gwp", change)
    with pytest.raises(ArtifactError, match=sentence) as caught:
        export_tables(candidate)
    assert "gwp" in str(caught.value)


def test_bare_decimal_is_refused() -> None:
    with pytest.raises(ArtifactError, match="decimal"):
        arrow_type("decimal")
