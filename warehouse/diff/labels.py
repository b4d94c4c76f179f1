"""The words of the readable documents, in both languages.

Belongs here: labels. Does not belong here: sentences of errors.
"""

from __future__ import annotations

STATES = {
    "same": "same 相同",
    "differs": "differs 不同",
    "only_old": "removed 删除",
    "only_new": "new 新增",
    "not_compared": "NOT COMPARED 未能比较",
}
RESULTS = {
    "first": "First release: there is nothing before it. 首个版本，无可比较",
    "same": "No difference. 无差异",
    "differs": "The releases differ. 存在差异",
    "not_compared": "Nothing could be compared. 未能比较",
}
CAUSES = {
    "data": "own statistics 本区域数据",
    "upstream": "statistics of others 其他区域数据",
    "method": "parameters 方法参数",
    "correction": "correction 更正",
    "unknown": "not known 原因不明",
}
SCHEMA = {
    "added": "column added 新增列",
    "removed": "column removed 删除列",
    "retyped": "type changed 类型变更",
    "unit_changed": "unit changed 单位变更",
    "reordered": "columns in another order 列序变更",
    "key": "key changed 主键变更",
    "contract_version": "contract version 契约版本",
}


def percent(relative: str | None) -> str:
    """Return a relative change as people read it: `0.01234567` gives `+1.2346 %`."""
    if relative is None:
        return "-"
    from decimal import Decimal

    value = Decimal(relative) * 100
    return f"{value:+.4f} %" if abs(value) < 10**9 else f"{value:+.4e} %"


def schema_lines(schema: dict) -> list[tuple[str, str]]:
    """Return the changes of a table's schema as label and text."""
    lines: list[tuple[str, str]] = []
    for which in ("added", "removed"):
        lines += [
            (SCHEMA[which], f"{column['name']} ({column['type']}, {column['unit'] or '-'})")
            for column in schema.get(which, ())
        ]
    for which in ("retyped", "unit_changed"):
        lines += [
            (SCHEMA[which], f"{each['name']}: {each['old'] or '-'} → {each['new'] or '-'}")
            for each in schema.get(which, ())
        ]
    if schema.get("reordered"):
        lines.append((SCHEMA["reordered"], ", ".join(schema["reordered"])))
    if key := schema.get("key"):
        lines.append((SCHEMA["key"], f"{', '.join(key['old'])} → {', '.join(key['new'])}"))
    if version := schema.get("contract_version"):
        lines.append((SCHEMA["contract_version"], f"{version['old']} → {version['new']}"))
    return lines


def key_text(key: dict) -> str:
    """Return the values of a key in one line."""
    return " · ".join("null" if value is None else str(value) for value in key.values())


def period_text(mover: dict) -> str:
    """Return the period of a factor: a year, a month, or its first day."""
    start = mover.get("period_start") or ""
    length = {"year": 4, "month": 7}.get(mover.get("resolution") or "", 10)
    return str(start)[:length]
