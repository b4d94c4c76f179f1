"""Texts that a spreadsheet program would take for a formula, and the mark that stops it.

Belongs here: which texts are dangerous, the mark, and how to take it off. Does not belong here:
writing files. Numbers are never marked: a negative number is a number.

A text is marked with one apostrophe in front when it begins with what starts a formula in some
program or locale - `=`, `+`, `-`, `@`, their full-width, small, raised and lowered forms -
also behind spaces, control or invisible characters that an import may drop; when it begins with a
tab, a carriage return or a line feed; or when it begins with an apostrophe, so that taking one
leading apostrophe off always gives the text back.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

MARK = "'"

STARTERS = "=+-@＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌⩵⩶−﬩"
"""Every character that is or normalises to the start of a formula, and the minus sign."""

_STARTS = "".join(f"\\x{{{ord(letter):x}}}" for letter in STARTERS)
_DANGEROUS = rf"^(?:[\s\p{{Z}}\p{{Cc}}\p{{Cf}}]*[{_STARTS}]|[\t\r\n'])"

NOTE_EN = (
    "A text that a spreadsheet program could take for a formula carries one apostrophe (') in "
    "front; so does a text that begins with an apostrophe. Take one leading apostrophe off to get "
    "the value. Numbers are never marked."
)
NOTE_ZH = (
    "可能被电子表格程序当作公式的文本，其前加一个半角单引号（'）；原本以单引号开头的文本同样处理。"
    "去掉开头的一个单引号即得原值。数字不加标记。"
)


def marked(column: str) -> pl.Expr:
    """Return a text column with the mark where it is needed; nulls stay nulls."""
    text = pl.col(column)
    is_dangerous = text.str.contains(_DANGEROUS)
    return pl.when(is_dangerous).then(MARK + text).otherwise(text).alias(column)


def marked_texts(texts: Iterable[str]) -> list[str]:
    """Return single texts with the mark where it is needed."""
    frame = pl.DataFrame({"text": list(texts)}, schema={"text": pl.String})
    return frame.select(marked("text"))["text"].to_list()


def unmarked(text: str) -> str:
    """Return the value of a text as it was before it was marked."""
    return text.removeprefix(MARK)
