"""The command line: fast help, exit codes, sentences instead of traces."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from orchestration.cli import app

HEAVY = {
    "polars", "pyarrow", "pandas", "numpy", "scipy", "duckdb", "dagster", "dagster_dbt", "dbt",
    "great_expectations", "pydantic", "pydantic_settings", "ingestion", "expectations", "warehouse",
}  # fmt: skip
COMMANDS = [
    "ingest", "release", "ls", "verify", "explain", "history", "as-of", "doctor", "ui",
]  # fmt: skip

run = CliRunner().invoke


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    monkeypatch.setenv("CARBON_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")


def test_help_imports_nothing_heavy():
    code = "import sys, orchestration.cli; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not HEAVY.intersection(loaded)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_both_languages_with_an_example(command):
    result = run(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"carbon-warehouse {command}" in result.stdout
    assert any("\u4e00" <= letter <= "\u9fff" for letter in result.stdout)


def test_help_lists_every_command_and_the_exit_codes():
    result = run(app, ["--help"])
    assert all(command in result.stdout for command in COMMANDS)
    assert "130 stopped by Ctrl-C" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [["release"], ["nonsense"], ["release", "--mnoth", "2023-12"], ["ingest", "no/such/folder"]],
)
def test_wrong_use_ends_with_2(arguments):
    assert run(app, arguments).exit_code == 2


def test_a_wrong_setting_ends_with_1_and_a_sentence(monkeypatch):
    monkeypatch.setenv("CARBON_HOME_REGION", "Anhui")
    result = run(app, ["ls"])
    assert result.exit_code == 1
    assert "Setting `home_region`" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_month_that_is_none_is_refused_with_the_form(tmp_path):
    result = run(app, ["release", "--month", "2023-13"])
    assert result.exit_code == 2
    assert "write it as YYYY-MM" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list((tmp_path / "home" / "logs").glob("*"))


def test_an_error_keeps_its_trace_in_a_log(tmp_path, monkeypatch):
    def fail(**_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("orchestration.cli._settings", fail)
    result = run(app, ["release", "--month", "2023-12"])
    assert result.exit_code == 1
    assert "the disk is gone" in result.stderr
    assert "Traceback" not in result.stderr
    (log,) = (tmp_path / "home" / "logs").glob("release-*.log")
    assert "Traceback" in log.read_text()


def test_stopping_is_told_and_ends_with_130(monkeypatch):
    def stop(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestration.cli._settings", stop)
    result = run(app, ["ls"])
    assert result.exit_code == 130
    assert "No release is half made" in result.stderr


def test_without_releases_ls_says_how_to_make_one():
    result = run(app, ["ls"])
    assert result.exit_code == 0
    assert "carbon-warehouse release --month" in result.stdout


def test_verifying_a_release_that_is_not_there_is_wrong_use():
    result = run(app, ["verify", "2099.01.0"])
    assert result.exit_code == 2
    assert "There is no release 2099.01.0" in result.stderr
