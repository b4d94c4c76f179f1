"""The first sheet of the workbook: what it is, how to read it, how to cite it, in both languages.

Belongs here: its words and their layout. Does not belong here: the sheets of tables (`workbook`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from warehouse.formats import facts as database
from warehouse.formats.facts import ReleaseFacts
from warehouse.formats.formula_mark import NOTE_EN, NOTE_ZH, marked_texts
from warehouse.formats.sheets import Sheet

TITLE = "readme"
_NO_CSV = "none, too long 无（行数过多）"

_MARKS = (
    (
        "Quality of a value 数据质量 (quality_tier)",
        "measured, reported, estimated, modelled, default, synthetic - from best to invented. "
        "A synthetic value was made by a generator and says nothing about the world.",
        "measured 实测、reported 上报、estimated 估算、modelled 模型、default 缺省、"
        "synthetic 合成，依次由优至劣；合成数据由生成器编造，不反映实际。",
    ),
    (
        "Maturity 成熟度 (maturity)",
        "nowcast: before the statistics of the month are out; provisional: may still be revised; "
        "final: the annual statistics are in.",
        "nowcast：当月统计尚未公布时的即时预测；provisional：暂定，可能修订；final：年度统计已齐全。",
    ),
    (
        "Empty cell 空单元格",
        "Not known or not applicable; never zero.",
        "未知或不适用，不等于零。",
    ),
    (
        "Numbers 数字",
        "Rounded to the 15 digits of a spreadsheet. All digits stand in the Parquet and CSV files.",
        "按电子表格的 15 位有效数字存放，完整数字见 Parquet 与 CSV 文件。",
    ),
    (
        "Header 表头",
        "First row: name of the column, with its description as a note. Second row: unit, filters.",
        "第一行为列名，批注为说明；第二行为单位，并带筛选。",
    ),
    ("Texts 文本", NOTE_EN, NOTE_ZH),
    (
        "What a factor means 因子含义",
        "factor_kind, import_factor_basis, technology, gas_scope, gwp_set, system_boundary, "
        "includes_td_losses and resolution are part of the meaning; factor_id names them all. "
        "Factors are derived by this project and are not official values: see "
        "official_comparison.",
        "factor_kind、import_factor_basis、technology、gas_scope、gwp_set、system_boundary、"
        "includes_td_losses 与 resolution 均为因子含义的一部分，factor_id 包含全部。"
        "本库因子为推算值，并非官方公布值；对照见 official_comparison。",
    ),
)


def write_readme(
    book: Any, sheets: Sequence[Sheet], facts: ReleaseFacts, csv_paths: Mapping[str, str]
) -> None:
    """Add the first sheet to an open workbook of XlsxWriter."""
    page = book.add_worksheet(TITLE)
    head = book.add_format({"bold": True, "font_size": 16})
    label = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    red = book.add_format(
        {"text_wrap": True, "valign": "top", "bold": True, "font_color": "#C00000"}
    )
    count = book.add_format({"num_format": "#,##0", "valign": "top"})
    title = book.add_format({"bold": True, "bg_color": "#DCE6EE", "bottom": 1, "text_wrap": True})
    link = book.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top"})
    for place, width in enumerate((34, 60, 60, 12, 12, 34, 44, 44)):
        page.set_column(place, place, width)

    page.write_string(0, 0, f"{database.TITLE_EN} {database.TITLE_ZH}", head)
    line = 2
    channel = red if facts.is_demo else text
    for name, english, chinese, look in [
        ("Release 版本", facts.release_id, facts.release_id, text),
        ("Month 月份", facts.release_month, facts.release_month, text),
        ("Channel 渠道", facts.channel_en, facts.channel_zh, channel),
        *([("Sources known on 数据截止", facts.as_of, facts.as_of, text)] if facts.as_of else []),
        ("Code version 代码版本", facts.code_version, facts.code_version, text),
        ("What it is 内容", database.SUMMARY_EN, database.SUMMARY_ZH, text),
        ("Licence 许可", database.LICENCE_NOTE_EN, database.LICENCE_NOTE_ZH, text),
        ("How to cite 引用格式", facts.citation, facts.citation, text),
        *((*mark, text) for mark in _MARKS),
    ]:
        page.write_string(line, 0, name, label)
        for place, words in enumerate(marked_texts([english, chinese]), 1):
            page.write_string(line, place, words, look)
        line += 1

    line += 1
    for place, words in enumerate(
        (
            "Sheet 工作表", "One row per", "每行内容", "Rows here 本表行数",
            "Rows in all 总行数", "Which rows 收录范围", "Whole table: Parquet", "Whole table: CSV",
        )
    ):  # fmt: skip
        page.write_string(line, place, words, title)
    for sheet in sheets:
        line += 1
        table = sheet.table
        if sheet.rows is None:
            page.write_string(line, 0, table.name, text)
        else:
            page.write_url(line, 0, f"internal:'{sheet.title}'!A1", link, sheet.title)
        english, chinese = marked_texts(
            [
                table.description_en,
                "：".join(text for text in (table.name_zh, table.description_zh) if text),
            ]
        )
        page.write_string(line, 1, english, text)
        page.write_string(line, 2, chinese, text)
        page.write_number(line, 3, sheet.height, count)
        page.write_number(line, 4, table.rows, count)
        page.write_string(line, 5, f"{sheet.note_en} {sheet.note_zh}", text)
        page.write_string(line, 6, table.path, text)
        page.write_string(line, 7, csv_paths.get(table.name, _NO_CSV), text)
    page.freeze_panes(1, 0)
