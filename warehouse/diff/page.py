"""Draws the document of a comparison as one self-contained web page.

Belongs here: `diff.html`, from the plain document. Does not belong here: comparing, and Markdown.
Every text is escaped; the page has no script, loads nothing, and forbids both by its own policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from warehouse.diff.labels import (
    CAUSES,
    RESULTS,
    STATES,
    key_text,
    percent,
    period_text,
    schema_lines,
)

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --up: #c0392b; --down: #1e8449; }
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2rem auto;
  max-width: 78rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; font-size: .87rem; margin: .8rem 0; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; background: Canvas; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.up { color: var(--up); } td.down { color: var(--down); }
code { font-size: .82rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } .bad { color: var(--up); font-weight: 600; }
details { margin: .8rem 0; } summary { cursor: pointer; font-weight: 600; }
""".strip()  # noqa: E501 - a style sheet


def as_page(record: dict[str, Any]) -> str:
    """Draw a comparison's document (as `Diff.as_record` gives it) as an HTML page."""
    old = record["old"]["release_id"] if record["old"] else None
    new = record["new"]["release_id"]
    title = f"{old} → {new}" if old else str(new)
    compared = record["compared"]
    parts = [
        '<!doctype html>\n<html lang="zh-Hans">\n<head>\n<meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)} · 版本差异 Differences</title>",
        f"<style>\n{_STYLE}\n</style>\n</head>\n<body>",
        f"<h1>版本差异 Differences: {escape(title)}</h1>",
        f"<p><strong>{RESULTS[record['result']]}</strong> "
        f"{compared['tables']} tables and {compared['rows']} rows of both sides compared. "
        f"已比较 {compared['tables']} 个数据表、两侧共 {compared['rows']} 行。</p>",
        _tables(record["tables"]),
        _circumstances(record),
    ]
    if record["factors"]:
        parts += _factors(record["factors"])
    parts += [
        _one_table(table)
        for table in record["tables"]
        if table["state"] in ("differs", "not_compared") or table["reasons"]
    ]
    parts.append("</body>\n</html>")
    return "\n".join(part for part in parts if part) + "\n"


def _tables(tables: Sequence[dict[str, Any]]) -> str:
    return _table(
        "数据表 Tables",
        ("数据表 Table", "状态 State", "原行数 Old rows", "新行数 New rows", "新增 Added",
         "删除 Removed", "变更 Changed"),
        (
            [
                _cell(table["name"]),
                _cell(STATES[table["state"]], "bad" if table["state"] == "not_compared" else ""),
                *(
                    _number(table["rows"][which])
                    for which in ("old", "new", "added", "removed", "changed")
                ),
            ]
            for table in tables
        ),
    )  # fmt: skip


def _circumstances(record: dict[str, Any]) -> str:
    """Say what else is different about the releases: code, parameters, inputs."""
    if record["old"] is None:
        return ""
    items = []
    if version := record["code_version"]:
        items.append(f"代码版本 Code: {_code(version['old'])} → {_code(version['new'])}")
    items += [
        f"参数 Parameter {_code(each['name'])}: {_code(each['old'])} → {_code(each['new'])}"
        for each in record["parameters"]
    ]
    for which, label in (("added", "新增输入 New inputs"), ("removed", "移除输入 Inputs gone")):
        if inputs := record["inputs"][which]:
            named = ", ".join(_code(each["file_name"]) for each in inputs)
            items.append(f"{label} ({len(inputs)}): {named}")
    if not items:
        return ""
    return "<h2>背景 Circumstances</h2>\n<ul>\n" + _items(items) + "\n</ul>"


def _factors(factors: dict[str, Any]) -> list[str]:
    causes = "; ".join(
        f"{CAUSES[cause]}: {count}" for cause, count in factors["by_cause"].items() if count
    )
    parts = [
        "<h2>因子 Factors</h2>",
        f"<p>新增 Added: {factors['added']}. 删除 Removed: {factors['removed']}. "
        f"变更 Changed: {factors['changed']}. {causes}</p>",
        _table(
            "",
            ("种类 Kind", "单位 Unit", "新增 Added", "删除 Removed", "变更 Changed"),
            (
                [_cell(each["factor_kind"]), _cell(each["unit"]),
                 *(_number(each[which]) for which in ("added", "removed", "changed"))]
                for each in factors["by_kind"]
            ),
        ),
    ]  # fmt: skip
    if factors["movers"]:
        parts.append("<h2>各类最大变动 Largest movers by kind</h2>")
        kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for mover in factors["movers"]:
            kinds.setdefault((mover["factor_kind"], mover["unit"]), []).append(mover)
        parts += [_movers(f"{kind} [{unit}]", movers) for (kind, unit), movers in kinds.items()]
        parts.append("<h2>各区域最大变动 Largest movers by region</h2>")
        parts.append(_matrix(factors["movers_by_region"]))
        regions: dict[str, list[dict[str, Any]]] = {}
        for mover in factors["movers_by_region"]:
            regions.setdefault(mover["region_code"] or "", []).append(mover)
        for code, movers in regions.items():
            name = " ".join(filter(None, (code, *_names(movers[0]))))
            parts.append(
                f"<details><summary>{escape(name)}</summary>{_movers('', movers)}</details>"
            )
    return parts


def _movers(caption: str, movers: Sequence[dict[str, Any]]) -> str:
    return _table(
        caption,
        ("区域 Region", "时期 Period", "因子 Factor", "单位 Unit", "原值 Old", "新值 New",
         "变化 Change", "相对 Relative", "原因 Cause"),
        (
            [
                _cell(" ".join(_names(mover)) or mover["region_code"]),
                _cell(period_text(mover)),
                f"<td>{_code(mover['factor_id'])}</td>",
                _cell(mover["unit"]),
                _number(mover["old"]), _number(mover["new"]),
                _signed(mover["absolute"], mover["absolute"]),
                _signed(percent(mover["relative"]), mover["relative"]),
                _cell(CAUSES[mover["cause"]] + _parts(mover["parts"])),
            ]
            for mover in movers
        ),
    )  # fmt: skip


def _matrix(movers: Sequence[dict[str, Any]]) -> str:
    """Draw regions by kinds: the largest relative change of each."""
    kinds = sorted({mover["factor_kind"] or "" for mover in movers})
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for mover in movers:
        rows.setdefault(mover["region_code"] or "", {})[mover["factor_kind"] or ""] = mover
    return _table(
        "最大相对变化 Largest relative change",
        ("区域 Region", *(escape(kind) for kind in kinds)),
        (
            [_cell(" ".join(_names(next(iter(row.values())))) or code)]
            + [
                _signed(percent(row[kind]["relative"]), row[kind]["relative"])
                if kind in row
                else _number("")
                for kind in kinds
            ]
            for code, row in rows.items()
        ),
    )


def _parts(parts: dict[str, str] | None) -> str:
    """Return the parts of a change when it has more than one cause."""
    moved = {name: part for name, part in (parts or {}).items() if float(part or 0) != 0}
    if len(moved) < 2:
        return ""
    return " (" + "; ".join(f"{CAUSES[name]} {part}" for name, part in moved.items()) + ")"


def _one_table(table: dict[str, Any]) -> str:
    parts = [f"<h2>{escape(table['name'])}</h2>"]
    notes = [
        f'<span class="bad">{STATES["not_compared"]}</span>: {escape(reason)}'
        for reason in table["reasons"]
    ]
    notes += [f"{label}: {escape(text)}" for label, text in schema_lines(table["schema"])]
    if notes:
        parts.append("<ul>\n" + _items(notes) + "\n</ul>")
    changed = [column for column in table["columns"] if column.get("changed")]
    if changed:
        parts.append(
            _table(
                "",
                ("列 Column", "单位 Unit", "变更 Changed", "原合计 Old sum", "新合计 New sum",
                 "变化 Change", "相对 Relative", "最大变动 Largest movers"),
                (
                    [
                        f"<td>{_code(column['name'])}</td>", _cell(column["unit"]),
                        _number(column["changed"]), _number(column.get("sum_old")),
                        _number(column.get("sum_new")),
                        _signed(column.get("absolute"), column.get("absolute")),
                        _signed(percent(column.get("relative")), column.get("relative")),
                        "<td>" + "<br>".join(
                            f"{_code(key_text(mover['key']))}: {escape(str(mover['old']))} → "
                            f"{escape(str(mover['new']))} ({percent(mover['relative'])})"
                            for mover in column.get("largest") or ()
                        ) + "</td>",
                    ]
                    for column in changed
                ),
            )
        )  # fmt: skip
    parts += [
        _rows(label, table["rows"][which], table["listed"][which])
        for which, label in (
            ("added", "新增的行 Rows added"),
            ("removed", "删除的行 Rows removed"),
        )
    ]
    parts.append(_changed_rows(table))
    return "\n".join(part for part in parts if part)


def _rows(label: str, count: int | None, keys: Sequence[dict[str, Any]]) -> str:
    if not keys:
        return ""
    listed = "\n".join(f"<li>{_code(key_text(key))}</li>" for key in keys)
    return (
        f"<details><summary>{label}: {len(keys)} / {count}</summary><ol>\n{listed}\n</ol></details>"
    )


def _changed_rows(table: dict[str, Any]) -> str:
    rows = table["listed"]["changed"]
    if not rows:
        return ""
    listed = "\n".join(
        f"<li>{_code(key_text(row['key']))}: "
        + "; ".join(
            f"{escape(each['column'])} {escape(str(each['old']))} → {escape(str(each['new']))}"
            for each in row["columns"]
        )
        + "</li>"
        for row in rows
    )
    return (
        f"<details><summary>变更的行 Rows changed: {len(rows)} / {table['rows']['changed']}"
        f"</summary><ol>\n{listed}\n</ol></details>"
    )


def _names(mover: dict[str, Any]) -> list[str]:
    return [name for name in (mover.get("region_name_zh"), mover.get("region_name_en")) if name]


def _table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{label}</th>" for label in header)
    body = "\n".join("<tr>" + "".join(row) + "</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide"><table>{title}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _items(items: Iterable[str]) -> str:
    return "\n".join(f"<li>{item}</li>" for item in items)


def _code(value: object) -> str:
    return f"<code>{escape('-' if value is None else str(value))}</code>"


def _cell(value: object, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f"<td{attribute}>{escape('-' if value is None else str(value))}</td>"


def _number(value: object) -> str:
    return f'<td class="n">{escape("-" if value is None else str(value))}</td>'


def _signed(shown: str | None, value: str | None) -> str:
    """Return a cell coloured by the sign of its value."""
    sign = "" if value is None or float(value) == 0 else " up" if float(value) > 0 else " down"
    return f'<td class="n{sign}">{escape("-" if shown is None else shown)}</td>'
