"""`carbon-warehouse diff`: exit codes, forms of output, sentences instead of traces."""

from __future__ import annotations

import json

import jsonschema
import pytest
import typer
from typer.testing import CliRunner

from orchestration.commands_diff import register
from tests.warehouse.diff.invented_factors import factors, release, revisions
from warehouse.diff.report import schema

OLD = {"supply.340000.2023-01": "0.5"}


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("CARBON_HOME", str(tmp_path))
    release(tmp_path / "releases" / "2023.12.0", factors(OLD), revisions())
    release(tmp_path / "releases" / "2024.01.0", factors({**OLD, "a.340000.2023-01": "1"}))
    app = typer.Typer()
    register(app)
    app.command("other")(lambda: None)

    def invoked(*arguments: object):
        return CliRunner().invoke(app, ["diff", *map(str, arguments)])

    return invoked


def test_the_same_releases_exit_with_0(run) -> None:
    result = run("2023.12.0", "2023.12.0")
    assert result.exit_code == 0 and "No difference." in result.stdout


def test_releases_that_differ_exit_with_1(run) -> None:
    result = run("2023.12.0", "2024.01.0")
    assert result.exit_code == 1
    assert "electricity_factor" in result.stdout and "The releases differ." in result.stdout


def test_folders_are_compared_too(run, tmp_path) -> None:
    assert run(tmp_path / "releases" / "2023.12.0", "2023.12.0").exit_code == 0


def test_an_unknown_release_exits_with_2_and_names_those_there_are(run) -> None:
    result = run("2023.12.0", "2031.01.0")
    assert result.exit_code == 2
    assert "There is no release or folder 2031.01.0. Releases: 2023.12.0, 2024.01.0." in (
        result.stderr
    )


def test_an_id_is_no_way_out_of_the_releases(run, tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert run("2023.12.0", "../elsewhere").exit_code == 2


def test_a_release_that_cannot_be_read_exits_with_2(run, tmp_path) -> None:
    (tmp_path / "releases" / "2024.01.0" / "manifest.json").write_text("{")
    result = run("2023.12.0", "2024.01.0")
    assert result.exit_code == 2 and "2024.01.0 cannot be read" in result.stderr


def test_a_comparison_of_nothing_exits_with_2(run) -> None:
    result = run("2023.12.0", "2024.01.0", "--table", "factor_revision")
    assert result.exit_code == 2 and "Nothing could be compared" in result.stdout


def test_an_unknown_table_exits_with_2(run) -> None:
    result = run("2023.12.0", "2024.01.0", "--table", "steel")
    assert result.exit_code == 2 and "has a table 'steel'" in result.stderr


def test_json_alone_stands_on_standard_output_and_keeps_the_schema(run) -> None:
    result = run("2023.12.0", "2024.01.0", "--json")
    assert result.exit_code == 1
    record = json.loads(result.stdout)
    jsonschema.validate(record, schema())
    assert record["factors"]["added"] == 1


def test_markdown_and_a_page(run, tmp_path) -> None:
    page = tmp_path / "diff.html"
    result = run("2023.12.0", "2024.01.0", "--markdown", "--html", page)
    assert result.exit_code == 1 and result.stdout.startswith("# Differences 版本差异: 2023.12.0")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_exits_with_2(run, tmp_path) -> None:
    result = run("2023.12.0", "2024.01.0", "--html", tmp_path / "nowhere" / "diff.html")
    assert result.exit_code == 2 and "Traceback" not in result.output


def test_json_and_markdown_at_once_are_refused(run) -> None:
    assert run("2023.12.0", "2024.01.0", "--json", "--markdown").exit_code == 2
