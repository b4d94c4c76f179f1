"""The documents of a comparison: valid, escaped, and the same bytes every time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from tests.warehouse.diff.invented_factors import NASTY, factors, release, revisions
from tests.warehouse.diff.releases_to_compare import entries
from warehouse import canonical_json
from warehouse.diff import DIFF_FILES, Diff, DiffError, diff_folders, write_diff
from warehouse.diff.markdown import as_markdown, escaped
from warehouse.diff.page import as_page
from warehouse.diff.report import schema

OLD = {"supply.340000.2023-01": "0.5", f"supply.{NASTY.replace('.', '')}.2023-01": "0.4"}
NEW = dict.fromkeys(OLD, "0.6") | {"grid.340000.2023-02": "0.1"}


def facts(**more) -> dict:
    return {
        "parameters": {"as_of": "2024-01-15", NASTY: NASTY},
        "inputs": [{"receipt_id": "r1", "source_id": "s", "file_name": NASTY}],
        **more,
    }


@pytest.fixture
def pair(tmp_path) -> tuple[Path, Path]:
    return (
        release(tmp_path / "2023.12.0", factors(OLD), revisions()),
        release(tmp_path / "2024.01.0", factors(NEW), revisions(), **facts()),
    )


def staged(previous: Path | None, folder: Path, **changes) -> Diff:
    tables = {
        "electricity_factor": (pl.DataFrame(), ["factor_id"]),
        "factor_revision": (pl.DataFrame(), ["factor_id", "known_on"]),
    }
    asked = {
        "release_id": "2024.01.0", "release_month": "2024-01", "channel": "demo",
        "tables": entries(tables), "code_version": "2", **facts(), **changes,
    }  # fmt: skip
    return write_diff(previous, folder, **asked)


class Tags(HTMLParser):
    """Collects what the page would do."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)


def test_the_schema_is_one_and_every_document_keeps_it(pair, tmp_path) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    old, new = pair
    only = release(tmp_path / "2024.02.0", factors(OLD))
    for first, second in ((old, new), (new, old), (old, old), (old, only), (only, old)):
        found = diff_folders(first, second)
        jsonschema.validate(json.loads(found.as_bytes()), schema())
    (new / "tables" / "electricity_factor.parquet").write_bytes(b"")
    jsonschema.validate(diff_folders(old, new).as_record(), schema())


def test_the_schema_refuses_what_is_no_such_document(pair) -> None:
    record = diff_folders(*pair).as_record()
    for change in ({"result": "fine"}, {"tables": [{}]}, {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**record, **change}, schema())


def test_the_documents_of_a_staged_release_are_written_and_say_the_same(pair) -> None:
    old, new = pair
    found = staged(old, new)
    assert found.result == "differs"
    assert all((new / name).is_file() for name in DIFF_FILES)
    record = canonical_json.load(new / "diff.json")
    assert record == json.loads(found.as_bytes())
    assert record["old"]["release_id"] == "2023.12.0" and record["old"]["manifest_sha256"]
    assert record["new"] == {"release_id": "2024.01.0", "manifest_sha256": None}
    assert {"name": "as_of", "old": None, "new": "2024-01-15"} in record["parameters"]
    assert [each["file_name"] for each in record["inputs"]["added"]] == [NASTY]
    jsonschema.validate(record, json.loads((new / "diff.schema.json").read_bytes()))


def test_a_first_release_says_that_it_is_one(pair) -> None:
    _, new = pair
    found = staged(None, new)
    assert found.result == "first"
    record = canonical_json.load(new / "diff.json")
    jsonschema.validate(record, schema())
    assert record["old"] is None
    for name in ("diff.md", "diff.html", "CHANGELOG.md"):
        assert "First release" in (new / name).read_text(encoding="utf-8")


def test_the_page_is_self_contained_and_does_nothing(pair) -> None:
    page = as_page(diff_folders(*pair).as_record())
    tags = Tags(page)
    assert not {"script", "link", "img", "iframe", "form", "a", "object"} & set(tags.tags)
    assert not {name for name in tags.attributes if name.startswith("on")}
    assert not {"src", "href", "style", "action"} & tags.attributes
    assert "default-src 'none'" in page
    assert "alert(" in page and "<script" not in page
    assert not re.search(r"https?://", page)


def test_the_page_shows_movers_in_both_languages(pair) -> None:
    page = as_page(diff_folders(*pair).as_record())
    for words in (
        "各类最大变动 Largest movers by kind",
        "安徽 Anhui",
        "+20.0000 %",
        "0.500000000000",
    ):
        assert words in page


def test_no_value_becomes_markup_of_markdown(pair) -> None:
    text = as_markdown(diff_folders(*pair).as_record())
    assert "alert(" in text and "<script" not in text.replace("\\<", "")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    for row in rows:
        assert not re.search(r"(?<!\\)[`*]", row), row
    assert escaped("a|b\n# c_d _e_") == "a\\|b \\# c_d \\_e\\_"


def test_the_changelog_grows_at_the_top_and_keeps_what_was(pair, tmp_path) -> None:
    old, new = pair
    staged(None, old, release_id="2023.12.0", release_month="2023-12")
    staged(old, new)
    third = release(tmp_path / "2024.02.0", factors(OLD), revisions())
    staged(new, third, release_id="2024.02.0", release_month="2024-02")
    text = (third / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^#+ (.*)$", text, re.MULTILINE) == [
        "Changelog 更新日志", "2024.02.0", "2024.01.0", "2023.12.0",
    ]  # fmt: skip
    before = (new / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.endswith(before[before.index("## 2024.01.0") :])
    assert "1 added 新增" in before and "2 changed 变更" in before


def test_a_release_before_changelogs_is_named(pair) -> None:
    old, new = pair
    staged(old, new)
    text = (new / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.endswith("## 2023.12.0\n\nNo changelog was kept. 当时无更新日志。\n")


def test_a_changelog_in_another_encoding_is_an_error(pair) -> None:
    old, new = pair
    (old / "CHANGELOG.md").write_bytes("更新".encode("gb18030"))
    with pytest.raises(DiffError, match=r"CHANGELOG\.md of release 2023\.12\.0 cannot be read"):
        staged(old, new)


def test_bytes_depend_on_neither_hash_seed_nor_threads_nor_place(pair, tmp_path) -> None:
    code = (
        "import sys; from pathlib import Path; from warehouse.diff import diff_folders;"
        "from warehouse.diff.page import as_page; from warehouse.diff.markdown import as_markdown;"
        "found = diff_folders(*map(Path, sys.argv[1:])); record = found.as_record();"
        "sys.stdout.buffer.write(found.as_bytes() + as_page(record).encode()"
        " + as_markdown(record).encode())"
    )
    root = Path(__file__).parents[3]
    written = {
        subprocess.run(
            [sys.executable, "-c", code, *map(str, pair)],
            check=True,
            capture_output=True,
            cwd=tmp_path if threads == "1" else root,
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": threads,
                 "POLARS_MAX_THREADS": threads, "TZ": zone},
        ).stdout
        for threads, zone in (("1", "Asia/Shanghai"), ("2", "America/New_York"))
    }  # fmt: skip
    assert len(written) == 1 and len(written.pop()) > 1000
