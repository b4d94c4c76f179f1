"""The data dictionary names every table and column in both languages, and runs nothing."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser
from pathlib import Path

import pytest

from orchestration.docs import published_dictionary
from tests.warehouse.formats import small_release
from warehouse.formats import PublishedTable, published_tables
from warehouse.formats.dictionary import (
    dictionary_markdown,
    release_dictionary_html,
    release_dictionary_markdown,
)

VOID = {"meta", "br", "hr", "link", "img", "input"}


class Page(HTMLParser):
    """Collects what a browser would: open tags, ids, links, texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
            if name in {"src", "srcset", "data"} or name.startswith("on"):
                self.loads.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes <{self.open[-1:]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def tables(small: Path) -> list[PublishedTable]:
    return published_tables(small)


def test_markdown_has_every_table_column_type_unit_and_key(small: Path) -> None:
    text = (small / "data_dictionary.md").read_text("utf-8")
    for name, columns in small_release.COLUMNS.items():
        section = text.split(f"## `{name}` 表\n")[1].split("\n## ")[0]
        assert f"One row per {name}" in section
        assert "每项一行" in section
        assert f"Key: {', '.join(f'`{key}`' for key in small_release.KEYS[name])}." in section
        assert "Contract: 1.2.0." in section
        for column, kind in columns.items():
            unit = small_release.UNITS.get(column, "")
            told = f"The {column} \\<b>\\|\\</b>"
            assert f"| `{column}` | {kind} | {unit} | {told} | 列&说明 |" in section


def test_html_says_the_same_well_formed_and_escaped(small: Path) -> None:
    page = Page((small / "data_dictionary.html").read_text("utf-8"))
    assert page.open == []
    assert "b" not in page.tags, "a tag in a description must not become one"
    for name, columns in small_release.COLUMNS.items():
        assert f"One row per {name} - a < b." in page.texts
        for column, kind in columns.items():
            assert {column, kind, f"The {column} <b>|</b>", "列&说明"} <= set(page.texts)


def test_html_loads_nothing_and_its_contents_lead_to_every_table(small: Path) -> None:
    page = Page((small / "data_dictionary.html").read_text("utf-8"))
    assert page.loads == []
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert page.links == [f"#{name}" for name in sorted(small_release.COLUMNS)]
    assert page.ids == sorted(small_release.COLUMNS)


def test_drill_a_description_that_is_a_script(tables: list[PublishedTable]) -> None:
    evil = dataclasses.replace(
        tables[0],
        description_en="<script>alert(1)</script>",
        name_zh='"><script>',
        description_zh="</section><img src=x onerror=alert(1)>",
    )
    page = Page(release_dictionary_html([evil], small_release.FACTS))
    assert not page.tags & {"script", "img"}
    assert page.loads == []
    assert "<script" not in release_dictionary_markdown([evil], small_release.FACTS).replace(
        "\\<", ""
    )


def test_a_demo_release_says_so_first(tables: list[PublishedTable]) -> None:
    text = release_dictionary_markdown(tables, small_release.DEMO)
    assert "合成数据" in text.split("# ")[0]
    assert 'class="demo"' in release_dictionary_html(tables, small_release.DEMO)
    assert 'class="demo"' not in release_dictionary_html(tables, small_release.FACTS)


def test_the_page_of_docs_comes_from_the_same_renderer(tables: list[PublishedTable]) -> None:
    node = {
        "name": "gwp",
        "resource_type": "model",
        "schema": "marts",
        "description": "One row per gas.",
        "config": {
            "meta": {
                "published": True, "access_class": "public", "primary_key": ["gas"],
                "name_zh": "潜势", "description_zh": "每种气体一行",
            }
        },
        "columns": {
            "gas": {
                "name": "gas", "data_type": "varchar", "description": "Gas",
                "config": {"meta": {"unit": "", "description_zh": "气体"}},
            }
        },
    }  # fmt: skip
    page = published_dictionary({"nodes": {"model.gwp": node}})
    assert page.startswith("<!-- Generated by `make docs`;")
    assert "## `gwp` 潜势\n\nOne row per gas.\n\n每种气体一行\n\nKey: `gas`." in page
    assert "| `gas` | varchar |  | Gas | 气体 |" in page
    assert (
        page.split("# Published")[1].split("\n## ")[0]
        == (dictionary_markdown(tables).split("# Published")[1].split("\n## ")[0])
    )
