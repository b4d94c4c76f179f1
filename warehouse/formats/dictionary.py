"""The data dictionary: every published table and column, in both languages.

Belongs here: one renderer for Markdown and one for HTML, for the page of `docs/` as for the files
of a release. Does not belong here: where the descriptions come from.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Protocol

from warehouse.dbt_artifacts import PublishedColumn
from warehouse.formats.facts import TITLE_EN, TITLE_ZH, ReleaseFacts


class DescribedTable(Protocol):
    """What the dictionary needs to know of a table; a dbt model and a Parquet file both say it."""

    @property
    def name(self) -> str:
        """Name of the table."""

    @property
    def name_zh(self) -> str:
        """Chinese name."""

    @property
    def description_en(self) -> str:
        """What a row is, in English."""

    @property
    def description_zh(self) -> str:
        """What a row is, in Chinese."""

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Names of the columns of the primary key."""

    @property
    def access_class(self) -> str:
        """Who may read it."""

    @property
    def contract_version(self) -> str:
        """Version of its contract."""

    @property
    def columns(self) -> tuple[PublishedColumn, ...]:
        """Its columns in order."""


HEADING = "Published tables 发布数据表"
INTRODUCTION_EN = (
    "What a release holds, one section a table. Types are DuckDB's; in Parquet they are the same, "
    "and each column carries its unit and description as field metadata."
)
INTRODUCTION_ZH = (
    "发布版本的内容，每张表一节。类型按 DuckDB 记法，Parquet 中相同；"
    "每列的单位与说明亦写入字段元数据。"
)


def dictionary_markdown(tables: Sequence[DescribedTable], preamble: str = "") -> str:
    """Return the dictionary of tables as Markdown, `preamble` first."""
    parts = [preamble, f"# {HEADING}\n", f"{INTRODUCTION_EN}\n", f"{INTRODUCTION_ZH}\n"]
    return "\n".join([part for part in parts if part] + [_section(table) for table in tables])


def release_dictionary_markdown(tables: Sequence[DescribedTable], facts: ReleaseFacts) -> str:
    """Return the dictionary of one release as Markdown."""
    return dictionary_markdown(
        tables,
        f"**{TITLE_EN} {TITLE_ZH}, {facts.release_id}**\n\n"
        f"{_cell(facts.channel_en)} {_cell(facts.channel_zh)}\n",
    )


def release_dictionary_html(tables: Sequence[DescribedTable], facts: ReleaseFacts) -> str:
    """Return the dictionary of one release as one HTML page that loads nothing from elsewhere."""
    title = f"{TITLE_EN} {TITLE_ZH} {facts.release_id}"
    contents = "".join(
        f'<li><a href="#{html.escape(table.name)}"><code>{html.escape(table.name)}</code></a> '
        f'<span lang="zh">{html.escape(table.name_zh)}</span></li>\n'
        for table in tables
    )
    mood = "demo" if facts.is_demo else "stable"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{html.escape(HEADING)}</h1>\n<p><strong>{html.escape(title)}</strong></p>\n"
        f'<p class="{mood}">{html.escape(facts.channel_en)} '
        f'<span lang="zh">{html.escape(facts.channel_zh)}</span></p>\n'
        f"<p>{html.escape(INTRODUCTION_EN)}</p>\n"
        f'<p lang="zh">{html.escape(INTRODUCTION_ZH)}</p>\n'
        f'<nav aria-label="Tables">\n<ul>\n{contents}</ul>\n</nav>\n<main>\n'
        + "".join(_html_section(table) for table in tables)
        + "</main>\n</body>\n</html>\n"
    )


def _section(table: DescribedTable) -> str:
    key = ", ".join(f"`{column}`" for column in table.primary_key)
    lines = [
        f"## `{table.name}` {_cell(table.name_zh)}".rstrip(),
        "",
        _cell(table.description_en),
        "",
        *([_cell(table.description_zh), ""] if table.description_zh else []),
        f"Key: {key}. Access: {table.access_class}. Contract: {table.contract_version}.",
        "",
        "| Column | Type | Unit | Meaning | 含义 |",
        "|---|---|---|---|---|",
        *(
            f"| `{column.name}` | {column.data_type} | {_cell(column.unit)} "
            f"| {_cell(column.description_en)} | {_cell(column.description_zh)} |"
            for column in table.columns
        ),
    ]
    return "\n".join(lines) + "\n"


def _html_section(table: DescribedTable) -> str:
    rows = "".join(
        f"<tr><td><code>{html.escape(column.name)}</code>{_key_sign(table, column.name)}</td>"
        f"<td>{html.escape(column.data_type)}</td><td>{html.escape(column.unit)}</td>"
        f"<td>{html.escape(column.description_en)}</td>"
        f'<td lang="zh">{html.escape(column.description_zh)}</td></tr>\n'
        for column in table.columns
    )
    key = ", ".join(f"<code>{html.escape(column)}</code>" for column in table.primary_key)
    return (
        f'<section id="{html.escape(table.name)}">\n<h2><code>{html.escape(table.name)}</code> '
        f'<span lang="zh">{html.escape(table.name_zh)}</span></h2>\n'
        f"<p>{html.escape(table.description_en)}</p>\n"
        f'<p lang="zh">{html.escape(table.description_zh)}</p>\n'
        f"<p>Key 主键: {key}. Access 公开级别: {html.escape(table.access_class)}. "
        f"Contract 契约版本: {html.escape(table.contract_version)}.</p>\n"
        "<table>\n<thead><tr><th>Column 列</th><th>Type 类型</th><th>Unit 单位</th>"
        "<th>Meaning</th><th>含义</th></tr></thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n</section>\n"
    )


def _key_sign(table: DescribedTable, column: str) -> str:
    return " <small>key 主键</small>" if column in table.primary_key else ""


def _cell(text: str) -> str:
    """Return a text as the content of a Markdown table's cell: one line, no bar, no tag."""
    return re.sub(r"<(?=[A-Za-z/!?])", r"\\<", " ".join(text.split())).replace("|", "\\|")


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}"
    "nav ul{columns:18rem;padding-left:1.2rem}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top}"
    "th{background:#eef2f5;position:sticky;top:0}"
    "code{font-size:.9em}small{color:#555}"
    ".demo{color:#b00020;font-weight:bold}"
)
