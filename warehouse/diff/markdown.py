"""Draws the document of a comparison as Markdown, and a release's section of the changelog.

Belongs here: `diff.md` and the lines of `CHANGELOG.md`, from the plain document. Does not belong
here: comparing, and the page (`page`). Text from the data is escaped: no value becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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

_MARKUP = re.compile(r"([\\`*{}\[\]<>#|~&!]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z]))")


def escaped(value: object) -> str:
    """Return text of the data so that Markdown and HTML read it as text, on one line."""
    if value is None:
        return "-"
    line = " ".join(str(value).split())
    return _MARKUP.sub(r"\\\1", line)


def as_markdown(record: dict[str, Any]) -> str:
    """Draw a comparison's document (as `Diff.as_record` gives it) as Markdown."""
    old = record["old"]["release_id"] if record["old"] else None
    new = record["new"]["release_id"]
    title = f"{escaped(old)} → {escaped(new)}" if old else escaped(new)
    lines = [f"# Differences 版本差异: {title}", "", RESULTS[record["result"]], ""]
    lines += _table(
        ("Table 数据表", "State 状态", "Old rows 原行数", "New rows 新行数", "Added 新增",
         "Removed 删除", "Changed 变更"),
        (
            (
                escaped(table["name"]),
                STATES[table["state"]],
                *(_count(table["rows"][which]) for which in ("old", "new", "added")),
                *(_count(table["rows"][which]) for which in ("removed", "changed")),
            )
            for table in record["tables"]
        ),
    )  # fmt: skip
    lines += _circumstances(record)
    if record["factors"]:
        lines += _factors(record["factors"])
    for table in record["tables"]:
        if table["state"] in ("differs", "not_compared") or table["reasons"]:
            lines += _one_table(table)
    return "\n".join(lines).rstrip() + "\n"


def _circumstances(record: dict[str, Any]) -> list[str]:
    """Say what else is different about the releases: code, parameters, inputs."""
    lines = []
    if version := record["code_version"]:
        lines.append(f"- Code 代码版本: {escaped(version['old'])} → {escaped(version['new'])}")
    lines += [
        f"- Parameter 参数 {escaped(each['name'])}: {escaped(each['old'])} → {escaped(each['new'])}"
        for each in record["parameters"]
    ]
    for which, label in (("added", "New inputs 新增输入"), ("removed", "Inputs gone 移除输入")):
        inputs = record["inputs"][which]
        if inputs:
            named = ", ".join(escaped(each["file_name"]) for each in inputs[:20])
            more = f" … (+{len(inputs) - 20})" if len(inputs) > 20 else ""
            lines.append(f"- {label} ({len(inputs)}): {named}{more}")
    return ["## Circumstances 背景", "", *lines, ""] if lines and record["old"] else []


def _factors(factors: dict[str, Any]) -> list[str]:
    lines = ["## Factors 因子", "", _factor_counts(factors), ""]
    lines += _table(
        ("Kind 种类", "Unit 单位", "Added 新增", "Removed 删除", "Changed 变更"),
        (
            (escaped(each["factor_kind"]), escaped(each["unit"]), str(each["added"]),
             str(each["removed"]), str(each["changed"]))
            for each in factors["by_kind"]
        ),
    )  # fmt: skip
    if factors["movers"]:
        lines += ["### Largest movers by kind 各类最大变动", ""]
        lines += _movers(factors["movers"])
        lines += ["### Largest movers by region 各区域最大变动", ""]
        lines += _movers(_largest_a_region(factors["movers_by_region"]))
    return lines


def _movers(movers: Sequence[dict[str, Any]]) -> list[str]:
    return _table(
        ("Kind 种类", "Region 区域", "Period 时期", "Factor 因子", "Old 原值", "New 新值",
         "Change 变化", "Relative 相对", "Unit 单位", "Cause 原因"),
        (
            (
                escaped(mover["factor_kind"]),
                escaped(mover.get("region_name_zh") or mover["region_code"]),
                escaped(period_text(mover)),
                escaped(mover["factor_id"]),
                escaped(mover["old"]), escaped(mover["new"]), escaped(mover["absolute"]),
                percent(mover["relative"]), escaped(mover["unit"]), CAUSES[mover["cause"]],
            )
            for mover in movers
        ),
    )  # fmt: skip


def _largest_a_region(movers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return of each region the mover with the largest relative change, in order of region."""
    largest: dict[str, dict[str, Any]] = {}
    for mover in movers:
        region = mover["region_code"] or ""
        if region not in largest or _size(mover) > _size(largest[region]):
            largest[region] = mover
    return [largest[region] for region in sorted(largest)]


def _size(mover: dict[str, Any]) -> float:
    return abs(float(mover["relative"])) if mover["relative"] is not None else -1.0


def _one_table(table: dict[str, Any]) -> list[str]:
    lines = [f"## {escaped(table['name'])}", ""]
    lines += [f"- {STATES['not_compared']}: {escaped(reason)}" for reason in table["reasons"]]
    lines += [f"- {label}: {escaped(text)}" for label, text in schema_lines(table["schema"])]
    if len(lines) > 2:
        lines.append("")
    changed = [column for column in table["columns"] if column.get("changed")]
    if changed:
        lines += _table(
            ("Column 列", "Unit 单位", "Changed 变更", "Old sum 原合计", "New sum 新合计",
             "Change 变化", "Relative 相对", "Largest mover 最大变动"),
            (
                (
                    escaped(column["name"]), escaped(column["unit"] or "-"),
                    str(column["changed"]), escaped(column.get("sum_old")),
                    escaped(column.get("sum_new")), escaped(column.get("absolute")),
                    percent(column.get("relative")), _first_mover(column),
                )
                for column in changed
            ),
        )  # fmt: skip
    return lines


def _first_mover(column: dict[str, Any]) -> str:
    movers = column.get("largest") or []
    if not movers:
        return "-"
    first = movers[0]
    return f"{escaped(key_text(first['key']))}: {escaped(first['old'])} → {escaped(first['new'])}"


def _factor_counts(factors: dict[str, Any]) -> str:
    causes = ", ".join(
        f"{count} {CAUSES[cause]}" for cause, count in factors["by_cause"].items() if count
    )
    return (
        f"{factors['added']} added 新增, {factors['removed']} removed 删除, "
        f"{factors['changed']} changed 变更" + (f" ({causes})" if causes else "") + "."
    )


def section(record: dict[str, Any], release_month: str, channel: str) -> str:
    """Draw the section of a release for the changelog, from its document."""
    lines = [f"## {record['new']['release_id']}", ""]
    lines.append(f"Month 月份 {escaped(release_month)}, channel 渠道 {escaped(channel)}.")
    tables = record["tables"]
    if record["old"] is None:
        rows = sum(table["rows"]["new"] or 0 for table in tables)
        lines += ["", f"- {RESULTS['first']} {len(tables)} tables 数据表, {rows} rows 行."]
        return "\n".join(lines) + "\n"
    lines[-1] += f" Compared with 对比 {record['old']['release_id']}: "
    lines[-1] += RESULTS[record["result"]]
    lines.append("")
    for table in tables:
        name = escaped(table["name"])
        if table["state"] in ("only_old", "only_new"):
            lines.append(f"- Table 数据表 {name}: {STATES[table['state']]}")
        lines += [
            f"- {name}: {STATES['not_compared']}: {escaped(reason)}" for reason in table["reasons"]
        ]
        lines += [
            f"- {name}: {label}: {escaped(text)}" for label, text in schema_lines(table["schema"])
        ]
    if factors := record["factors"]:
        lines.append(f"- Factors 因子: {_factor_counts(factors)}")
        lines += [
            f"  - {escaped(mover['factor_kind'])}: {escaped(mover['factor_id'])} "
            f"{escaped(mover['old'])} → {escaped(mover['new'])} {escaped(mover['unit'])} "
            f"({percent(mover['relative'])}), {CAUSES[mover['cause']]}"
            for mover in _first_a_kind(factors["movers"])
        ]
    lines += [
        f"- {escaped(table['name'])}: {_count(table['rows']['added'])} rows added 新增, "
        f"{_count(table['rows']['removed'])} removed 删除, {_count(table['rows']['changed'])} "
        "changed 变更"
        for table in tables
        if any(table["rows"][which] for which in ("added", "removed", "changed"))
    ]
    lines += [line for line in _circumstances(record)[2:] if line]
    return "\n".join(lines).rstrip() + "\n"


def _first_a_kind(movers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for mover in movers:
        first.setdefault((mover["factor_kind"], mover["unit"]), mover)
    return list(first.values())


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(header) + " |",
        "|" + " --- |" * len(header),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]
