"""What README.md shows works as written."""

import re

import pytest

from orchestration.settings import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_there_are_snippets_for_duckdb_polars_and_pandas():
    assert all(any(f"import {name}" in code for code in SNIPPETS) for name in ("duckdb", "polars"))
    assert any("import pandas" in code for code in SNIPPETS)


@pytest.mark.slow
@pytest.mark.release
@pytest.mark.parametrize("code", SNIPPETS, ids=range(len(SNIPPETS)))
def test_a_snippet_runs_as_written_and_shows_rows(code, built, tmp_path, monkeypatch, capsys):
    (tmp_path / "var").symlink_to(built.home)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    shown = capsys.readouterr().out
    assert re.search(r"\d", shown), "a snippet must show figures"


def test_every_linked_page_is_there():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    missing = [link for link in links if not (PROJECT_ROOT / link).exists()]
    assert not missing


def test_every_make_target_that_is_named_exists():
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
