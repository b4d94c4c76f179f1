"""The derivation is read from dbt's manifest, and its version names what is carried out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dbt_project.vintages.derivation import DerivationError, load

SQL = 'select * from \'/somewhere/raw/bulletin/*.parquet\', "memory"."staging"."stg_as_of"'


def node(name: str, code: str, *parents: str, kind: str = "model") -> dict[str, object]:
    return {
        "name": name, "resource_type": kind, "language": "sql", "schema": "staging",
        "database": "memory", "compiled_code": code, "original_file_path": f"{name}.csv",
        "config": {"meta": {}}, "depends_on": {"nodes": list(parents)},
    }  # fmt: skip


@pytest.fixture
def write(tmp_path):
    """Write a manifest of a target, its staging model, a seed and a mart; return it loaded."""

    def written(name="manifest", sql=SQL, mart="select 1", layer: str | None = "statistics"):
        manifest = {
            "nodes": {
                "m.as_of": node("stg_as_of", "select 1"),
                "m.stg": node("stg_bulletin", sql, "m.as_of", "s.bulletin", "seed.kind"),
                "m.period": node("int_period", "select 1", "m.stg"),
                "m.below": node("int_below", "select 2", "m.period", "m.stg"),
                "m.target": node("target", "select 3", "m.below"),
                "m.mart": node("mart", mart, "m.target"),
                "seed.kind": node("kind", "", kind="seed"),
            },
            "sources": {"s.bulletin": {"name": "bulletin", "meta": {"layer": layer}}},
        }
        (tmp_path / "kind.csv").touch()
        file: Path = tmp_path / f"{name}.json"
        file.write_text(json.dumps(manifest))
        return load(file, tmp_path, ["target"])

    return written


def test_models_come_parents_first_and_only_those_that_lead_to_the_target(write):
    derivation = write()
    names = [model.name for model in derivation.models]
    assert set(names) == {
        "stg_as_of", "stg_bulletin", "kind", "int_period", "int_below", "target",
    }  # fmt: skip
    for model in derivation.models:
        assert all(names.index(parent) < names.index(model.name) for parent in model.parents)
    assert derivation.below == {"int_below", "target"}
    assert derivation.frontier == ("int_period", "stg_bulletin")


def test_raw_tables_are_read_from_where_a_replay_puts_them(write):
    (model,) = [model for model in write().models if model.name == "stg_bulletin"]
    assert model.code == 'select * from raw.bulletin, "staging"."stg_as_of"'
    assert model.raw == ("bulletin",)
    assert model.parents == ("stg_as_of", "kind")


def test_the_version_is_that_of_what_is_carried_out(write, tmp_path):
    version = write().version
    assert write("elsewhere", SQL.replace("somewhere", "elsewhere")).version == version
    assert write("mart", mart="select 2").version == version
    assert write("changed", SQL + " where true").version != version
    (tmp_path / "kind.csv").write_text("kind\ncoal\n")
    (derivation,) = [load(tmp_path / "manifest.json", tmp_path, ["target"])]
    assert derivation.version != version


def test_a_raw_table_without_a_layer_and_a_lost_target_are_named(write, tmp_path):
    with pytest.raises(DerivationError, match="bulletin belongs to no layer"):
        write("layerless", layer=None)
    write()
    with pytest.raises(DerivationError, match="no model lost"):
        load(tmp_path / "manifest.json", tmp_path, ["lost"])
