"""The dbt project by itself: its unit tests run, its contracts hold, nothing in it is outdated."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from expectations.published import published_tables

pytestmark = pytest.mark.slow


def test_every_unit_test_runs_and_passes(dbt, built, tmp_path) -> None:
    # Unit tests ask the models of a database for the types of their columns.
    database = shutil.copy(built.candidate / "candidate.duckdb", tmp_path)
    tested = dbt(
        "test", "--select", "test_type:unit", raw=built.home / "raw", database=Path(database)
    )
    defined = set(tested.nodes()["unit_tests"])
    ran = tested.results()
    # A mistyped selection runs nothing and still exits with 0.
    assert set(ran) == defined
    assert len(defined) >= 9
    assert set(ran.values()) == {"pass"}, tested.printed


def test_nothing_deprecated_is_used(dbt, built) -> None:
    parsed = dbt("parse", "--show-all-deprecations", "--no-partial-parse", raw=built.home / "raw")
    assert parsed.returncode == 0, parsed.printed
    assert "deprecat" not in parsed.printed.lower(), parsed.printed


def test_contracts_stand_in_the_candidate_as_constraints(built) -> None:
    import duckdb

    with duckdb.connect(built.candidate / "candidate.duckdb", read_only=True) as connection:
        kinds = dict(
            connection.execute(
                """
                select table_name, list(distinct constraint_type order by constraint_type)
                from duckdb_constraints() where schema_name = 'marts' group by all
                """
            ).fetchall()
        )
    assert sorted(kinds) == published_tables()
    for table, found in kinds.items():
        assert {"NOT NULL", "PRIMARY KEY"} <= set(found), table
    for table in ("electricity_factor", "electricity_mix", "interchange"):
        assert "CHECK" in kinds[table]


def test_every_published_column_is_described_in_both_languages(built) -> None:
    manifest = built.candidate / "target" / "manifest.json"
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    published = [node for node in nodes if node["config"].get("meta", {}).get("published")]
    assert sorted(node["name"] for node in published) == published_tables()
    for node in published:
        assert node["config"]["contract"]["enforced"], node["name"]
        assert node["description"].startswith("One row per"), node["name"]
        assert node["config"]["meta"]["description_zh"], node["name"]
        for column in node["columns"].values():
            where = f"{node['name']}.{column['name']}"
            assert column["description"], where
            assert column["config"]["meta"]["description_zh"], where
            assert "unit" in column["config"]["meta"], where
