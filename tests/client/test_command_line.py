"""The command line: help, JSON, exit codes, and what importing the client costs."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import carbon_factors as cf
import pytest
from carbon_factors import errors
from carbon_factors.cli import main

from tests.client.conftest import CLIENT

COMMANDS = ("list", "show", "get", "pin", "verify", "load")
MODULES = sorted(path.stem for path in (CLIENT / "src" / "carbon_factors").glob("*.py"))
PIPELINE = ("ingestion", "warehouse", "orchestration", "expectations", "dbt_project", "dbt")
HEAVY = (
    "dagster",
    "great_expectations",
    "polars",
    "pandas",
    "duckdb",
    "fsspec",
    "urllib.request",
    "cryptography",
    "pyarrow.compute",
    "pyarrow.dataset",
)


def run_fresh(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the client alone on its path."""
    environment = {"PYTHONPATH": str(CLIENT / "src"), "PATH": ""}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_fresh_process_imports_nothing_of_the_pipeline(unsigned):
    program = (
        "import sys, carbon_factors as cf\n"
        f"release = cf.open_release({str(unsigned.folder)!r})\n"
        "release.factor('CN', 'consumption_mix', '2022'); release.arrow('region')\n"
        "cf.pin(sys.argv[1], lock=sys.argv[2])\n"
        f"names = {[*PIPELINE, *HEAVY]!r}\n"
        "print([name for name in names if name in sys.modules])\n"
    )
    lock = unsigned.folder.parent / "carbon-factors.lock"
    done = run_fresh("-c", program, str(unsigned.folder), str(lock))
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert lock.is_file()


def test_no_module_of_the_client_names_the_pipeline():
    for module in MODULES:
        tree = ast.parse((CLIENT / "src" / "carbon_factors" / f"{module}.py").read_text())
        named = {
            name.split(".")[0]
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert not named & {*PIPELINE, "dagster", "great_expectations"}, module


def test_no_clock_decides_anything():
    """A wrong clock changes nothing: no module asks what time it is."""
    for module in MODULES:
        tree = ast.parse((CLIENT / "src" / "carbon_factors" / f"{module}.py").read_text())
        called = {
            node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        assert not called & {"now", "utcnow", "today", "time", "monotonic", "getmtime"}, module


def test_importing_the_client_imports_no_arrow():
    done = run_fresh(
        "-c", "import sys, carbon_factors.cli; print('pyarrow' in sys.modules, 're' in sys.modules)"
    )
    assert done.stdout.split()[0] == "False"


@pytest.mark.parametrize("module", [name for name in MODULES if name != "__main__"])
def test_examples_in_docstrings_run(module):
    name = "carbon_factors" if module == "__init__" else f"carbon_factors.{module}"
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_examples_of_the_readme_run(unsigned, monkeypatch, tmp_path):
    (tmp_path / "work" / "releases").symlink_to(unsigned.folder)
    text = (CLIENT / "README.md").read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text, {}, "README.md", "README.md", 0)
    assert len(examples.examples) >= 8
    assert doctest.DocTestRunner().run(examples).failed == 0


def test_commands_of_the_readme_run(unsigned, tmp_path, capsys):
    """Each `carbon-factors` line in a console block ends with 0."""
    (tmp_path / "work" / "releases").symlink_to(unsigned.folder)
    text = (CLIENT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\$ carbon-factors (.+)$", text, re.MULTILINE)
    assert {line.split()[0] for line in lines} == set(COMMANDS)
    import shlex

    for line in lines:
        assert main(shlex.split(line, comments=True)) == 0, line
        assert capsys.readouterr().out


def test_the_readme_and_the_help_name_every_exit_code(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    help_text = capsys.readouterr().out
    readme = (CLIENT / "README.md").read_text(encoding="utf-8")
    raised = [
        error
        for error in vars(errors).values()
        if isinstance(error, type)
        and issubclass(error, errors.CarbonFactorsError)
        and error not in {errors.CarbonFactorsError, errors.VerificationError}
    ]
    codes = [error.exit_code for error in raised]
    assert len(set(codes)) == len(codes)
    for error in raised:
        assert re.search(rf"\b{error.exit_code}  ", help_text), error
        assert f"| {error.exit_code} | `{error.__name__}` |" in readme
        assert error.__name__ in cf.__all__


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert "exit codes:" in capsys.readouterr().out


def test_list_and_show_as_json(unsigned, capsys):
    unsigned.state("2023.11.0", "withdrawn", "a wrong unit", "2023.12.0")
    assert main(["list", str(unsigned.folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [(each["release_id"], each["state"]) for each in said] == [
        ("2023.11.0", "withdrawn"),
        ("2023.12.0", "published"),
    ]
    assert said[0]["replacement"] == "2023.12.0"
    assert main(["show", str(unsigned.folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["release_id"] == "2023.12.0"
    assert [table["name"] for table in said["tables"]] == [
        "electricity_factor",
        "factor_history",
        "region",
    ]
    assert main(["show", str(unsigned.folder), "--table", "electricity_factor", "--json"]) == 0
    columns = {each["name"]: each for each in json.loads(capsys.readouterr().out)["columns"]}
    assert columns["value"]["unit"] == "kg per kWh"
    assert main(["list", str(unsigned.folder)]) == 0
    assert "a wrong unit; replaced by 2023.12.0" in capsys.readouterr().out


def test_get_as_json_and_its_errors(unsigned, capsys):
    question = ["get", "山东", "supply_average", "2024-03", "--registry", str(unsigned.folder)]
    told = ["--gas-scope", "CO2", "--import-factor-basis", "network"]
    assert main([*question, "--json"]) == 5
    said = json.loads(capsys.readouterr().out)
    assert said["choices"]["gas_scope"] == ["CO2", "CO2e"]
    assert main([*question, *told, "--json"]) == 6
    assert json.loads(capsys.readouterr().out)["error"] == "NoFactorError"
    assert main([*question, *told, "--fallback", "other_period", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["match"]["quality"] == "other_period"
    assert said["period_start"] == "2023-11-01"
    assert main([*question, *told, "--fallback", "other_period", "--unit", "kgCO2e/kWh"]) == 7
    assert main([*question, *told, "--fallback", "other_period"]) == 0
    assert "match other_period\n  There is no factor for 2024-03" in capsys.readouterr().out


def test_get_as_of(unsigned, capsys):
    question = ["get", "山东", "supply_average", "2023-05", "--registry", str(unsigned.folder)]
    question += ["--gas-scope", "CO2", "--import-factor-basis", "network", "--as-of"]
    assert main([*question, "2023-07-01", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["known_on"], said["superseded_on"]) == ("2023-06-20", "2023-07-20")
    assert main([*question, "2023-07-01", "--unit", "gCO2/kWh"]) == 0
    assert "superseded on 2023-07-20" in capsys.readouterr().out
    assert main([*question, "2023-01-01"]) == 6
    assert main([*question, "2023-07-01", "--fallback", "other_period"]) == 4


def test_without_registry_and_lock_it_says_what_to_do(capsys, monkeypatch, unsigned):
    assert main(["verify"]) == 20
    assert "Name one with --registry" in capsys.readouterr().err
    monkeypatch.setenv("CARBON_FACTORS_REGISTRY", str(unsigned.folder))
    assert main(["verify"]) == 0


def test_a_lock_file_decides_unless_it_is_set_aside(unsigned, capsys):
    assert main(["pin", str(unsigned.folder), "--release", "2023.11.0"]) == 0
    assert main(["show", "--json"]) == 0
    assert '"release_id": "2023.11.0"' in capsys.readouterr().out
    assert main(["show", "--release", "2023.12.0"]) == 20
    assert main(["show", str(unsigned.folder / "2023.12.0")]) == 20
    assert main(["show", str(unsigned.folder), "--no-lock"]) == 0
    assert "2023.12.0" in capsys.readouterr().out


def test_a_command_that_is_not_understood_ends_with_2():
    with pytest.raises(SystemExit) as caught:
        main(["fetch"])
    assert caught.value.code == 2


def test_what_nobody_foresaw_shows_no_traceback(unsigned, monkeypatch, capsys):
    def unforeseen(_: object) -> int:
        raise RuntimeError("the moon")

    monkeypatch.setattr("carbon_factors.commands.run_verify", unforeseen)
    assert main(["verify"]) == 1
    said = capsys.readouterr().err
    assert "RuntimeError: the moon" in said
    assert "Traceback" not in said


def test_the_version_is_that_of_the_distribution():
    import tomllib

    project = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]
    assert project["version"] == cf.__version__
    assert project["scripts"] == {"carbon-factors": "carbon_factors.cli:main"}
    assert Path(CLIENT / "src" / "carbon_factors" / "py.typed").is_file()
