"""Casting: records of text become typed rows by contract, and what cannot be cast is named.

Belongs here: one small function per kind of cast, bounds, and duplicates. All of them are Polars
expressions over the records; a problem is a row in a frame until somebody has to read it.
Does not belong here: reading layouts (readers) and checks that know a table's subject
(plausibility.py, official_values.py).

A record frame has `record` (u32), `sheet`, `row_number`, and for each contract column the text to
cast (or a value of the final type). A number column `x` may be joined by `x__unit` (the unit as
stated) and `x__label` (its header label).
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from ingestion import codes
from ingestion.contract import Column, Contract
from ingestion.numbers import PARSED, is_number, missing_marker, parsed_number
from ingestion.text import normalised

RECORD = "record"
PROBLEM_SCHEMA = pl.Schema(
    {
        RECORD: pl.UInt32(),
        "rule_id": pl.String(),
        "column": pl.String(),
        "found": pl.String(),
        "expected": pl.String(),
        "hint": pl.String(),
        "hint_zh": pl.String(),
    }
)
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_YEAR = r"^(19|20)\d{2}年?$"
_TRUE = ("yes", "true", "1", "是")
_FALSE = ("no", "false", "0", "否")


@dataclass(frozen=True)
class Cast:
    """Typed rows (contract columns without lineage, plus record, sheet, row_number) and the
    problems found.
    """

    rows: pl.DataFrame
    problems: pl.DataFrame


def problems_where(
    frame: pl.DataFrame,
    condition: pl.Expr,
    rule_id: str,
    column: pl.Expr | str,
    found: pl.Expr,
    expected: pl.Expr | str = "",
    hint: pl.Expr | str = "",
    hint_zh: pl.Expr | str = "",
) -> pl.DataFrame:
    """One problem per record of `frame` for which `condition` holds."""

    def text(value: pl.Expr | str) -> pl.Expr:
        return pl.lit(value) if isinstance(value, str) else value.cast(pl.String).fill_null("")

    return frame.filter(condition).select(
        pl.col(RECORD),
        pl.lit(rule_id).alias("rule_id"),
        text(column).alias("column"),
        text(found).alias("found"),
        text(expected).alias("expected"),
        text(hint).alias("hint"),
        text(hint_zh).alias("hint_zh"),
    )


def no_problems() -> pl.DataFrame:
    """A problem frame without rows."""
    return pl.DataFrame(schema=PROBLEM_SCHEMA)


def cast(records: pl.DataFrame, contract: Contract) -> Cast:
    """Type the records by `contract`.

    Records with a problem keep their place in `rows` (with null where the cast failed); the caller
    sets them aside.
    """
    frame = records
    problems: list[pl.DataFrame] = []
    for column in contract.columns:
        if column.name not in frame.columns:
            continue
        empty = _left_empty(frame, column)
        done = _KINDS[column.cast](frame, column)
        frame = done.rows
        problems.append(done.problems.filter(~pl.col(RECORD).is_in(empty)))
    missing = [
        pl.lit(None, dtype=column.dtype).alias(column.name)
        for column in contract.columns
        if column.name not in frame.columns
    ]
    frame = frame.with_columns(missing).select(
        RECORD, "sheet", "row_number", *(column.name for column in contract.columns)
    )
    problems.append(_needed(frame, contract, problems))
    return Cast(frame, pl.concat([no_problems(), *problems]))


def _left_empty(frame: pl.DataFrame, column: Column) -> list[int]:
    """Records whose cell says that there is nothing, where the contract lets a coded cell or a day
    be empty. Numbers and texts have ways of their own to say so.
    """
    if not column.nullable or column.cast in ("number", "integer", "text"):
        return []
    if frame.schema[column.name] != pl.String:
        return []
    text = pl.col(column.name)
    nothing = text.is_null() | missing_marker(text).is_not_null()
    return frame.filter(nothing)[RECORD].to_list()


def duplicates(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Problems of rows that share the natural key: copies of equal value after the first, or all
    when values differ.
    """
    key = list(contract.natural_key)
    values = [c.name for c in contract.columns if c.name not in key and c.name != "reported_text"]
    groups = rows.with_columns(
        _copies=pl.len().over(key),
        _values=pl.struct(values).n_unique().over(key) if values else pl.lit(1),
        _nth=pl.int_range(pl.len()).over(key),
    ).filter(pl.col("_copies") > 1)
    named = pl.concat_str([pl.col(name).cast(pl.String) for name in key], separator=" ")
    shown = "region_code" if "region_code" in key else key[0]
    same = (pl.col("_values") == 1) & (pl.col("_nth") > 0)
    differ = pl.col("_values") > 1
    return pl.concat(
        [
            problems_where(groups, same, "duplicate_identical", shown, named),
            problems_where(groups, differ, "duplicate_conflicting", shown, named),
        ]
    )


def _needed(frame: pl.DataFrame, contract: Contract, found: list[pl.DataFrame]) -> pl.DataFrame:
    """Records that lack a value the contract needs, unless another problem already says why."""
    explained = pl.concat([no_problems(), *found])[RECORD].unique().to_list()
    rest = frame.filter(~pl.col(RECORD).is_in(explained))
    problems = [no_problems()]
    for column in contract.columns:
        if not column.nullable:
            absent = pl.col(column.name).is_null()
            problems.append(problems_where(rest, absent, "value_missing", column.name, pl.lit("")))
    return pl.concat(problems)


def _label(frame: pl.DataFrame, column: Column) -> pl.Expr:
    name = f"{column.name}__label"
    return pl.col(name) if name in frame.columns else pl.lit(column.name)


def _typed(frame: pl.DataFrame, column: Column) -> bool:
    return frame.schema[column.name] == column.dtype


def _text(frame: pl.DataFrame, column: Column) -> Cast:
    value = normalised(pl.col(column.name))
    value = pl.when(value == "").then(None).otherwise(value)
    keep = column.name.startswith("reported_") or column.name == "missing_marker"
    return Cast(frame if keep else frame.with_columns(value.alias(column.name)), no_problems())


def _code(frame: pl.DataFrame, column: Column) -> Cast:
    value = normalised(pl.col(column.name))
    bad = ~value.is_in(list(column.codes))
    expected = ", ".join(column.codes)
    problems = problems_where(
        frame, bad, "code_unknown", _label(frame, column), pl.col(column.name), expected
    )
    return Cast(
        frame.with_columns(pl.when(~bad).then(value).otherwise(None).alias(column.name)), problems
    )


def _coded(index: codes.CodeIndex) -> Callable[[pl.DataFrame, Column], Cast]:
    """Cast of a label by a code index; an unknown label is a problem with the nearest names as
    hint.
    """

    def kind(frame: pl.DataFrame, column: Column) -> Cast:
        texts = frame[column.name].unique().drop_nulls().to_list()
        allowed = list(column.codes) or None
        found = {text: index.find(text) for text in texts}
        known = {t: c for t, c in found.items() if c and (allowed is None or c in allowed)}
        near = {text: index.nearest(text, allowed) for text in texts if text not in known}
        expected = ", ".join(column.codes) or "the code table"
        return _mapped(frame, column, known, near, "code_unknown", expected)

    return kind


def _mapped(
    frame: pl.DataFrame,
    column: Column,
    known: dict[str, str],
    near: dict[str, list[str]],
    rule_id: str,
    expected: str,
) -> Cast:
    text = pl.col(column.name)
    english = {t: f"Did you mean {' or '.join(names)}?" for t, names in near.items() if names}
    chinese = {t: f"是否为 {'、'.join(names)}？" for t, names in near.items() if names}
    table = "If the name is right, add it to the code tables in ingestion/codes."
    table_zh = "如名称无误，请加入 ingestion/codes 代码表。"
    problems = problems_where(
        frame,
        ~text.is_in(list(known)) | text.is_null(),
        rule_id,
        _label(frame, column),
        text,
        expected,
        text.replace_strict(
            list(english), list(english.values()), default=table, return_dtype=pl.String
        ),
        text.replace_strict(
            list(chinese), list(chinese.values()), default=table_zh, return_dtype=pl.String
        ),
    )
    value = text.replace_strict(
        list(known), list(known.values()), default=None, return_dtype=pl.String
    )
    return Cast(frame.with_columns(value.alias(column.name)), problems)


def _region(frame: pl.DataFrame, column: Column) -> Cast:
    index, levels = codes.regions(), codes.region_levels()
    texts = frame[column.name].unique().drop_nulls().to_list()
    found = {text: code for text in texts if (code := index.find(text))}
    known = {text: code for text, code in found.items() if levels[code] in column.levels}
    of_level = [code for code, level in levels.items() if level in column.levels]
    near = {text: index.nearest(text, of_level) for text in texts if text not in found}
    elsewhere = [text for text in found if text not in known]
    expected = ", ".join(column.levels)
    wrong = problems_where(
        frame,
        pl.col(column.name).is_in(elsewhere),
        "region_level_wrong",
        _label(frame, column),
        pl.col(column.name),
        expected,
    )
    rest = frame.filter(~pl.col(column.name).is_in(elsewhere) | pl.col(column.name).is_null())
    unknown = _mapped(rest, column, known, near, "region_unknown", expected).problems
    value = pl.col(column.name).replace_strict(
        list(known), list(known.values()), default=None, return_dtype=pl.String
    )
    return Cast(frame.with_columns(value.alias(column.name)), pl.concat([wrong, unknown]))


_ALL_OTHERS = ("ALL", "其他各省", "其他省份", "all other provinces")


def _regions(frame: pl.DataFrame, column: Column) -> Cast:
    """Several regions in one cell, joined by +; or all others."""
    index, levels = codes.regions(), codes.region_levels()
    known: dict[str, str] = {}
    near: dict[str, list[str]] = {}
    for text in frame[column.name].unique().drop_nulls().to_list():
        if text.strip() in _ALL_OTHERS:
            known[text] = "ALL"
            continue
        parts = [part for part in text.replace("、", "+").replace("＋", "+").split("+") if part]
        found = [index.find(part) for part in parts]
        if parts and all(code and levels[code] in column.levels for code in found):
            known[text] = "+".join(code for code in found if code)
        else:
            near[text] = [n for p in parts if index.find(p) is None for n in index.nearest(p)][:3]
    return _mapped(frame, column, known, near, "region_unknown", ", ".join(column.levels))


def _number(frame: pl.DataFrame, column: Column) -> Cast:
    if _typed(frame, column):
        return _bounds(frame, column, no_problems())
    text = pl.col(column.name)
    label = _label(frame, column)
    unit_name = f"{column.name}__unit"
    stated = pl.col(unit_name) if unit_name in frame.columns else pl.lit(column.unit)
    if unit_name in frame.columns:
        texts = frame[unit_name].unique().drop_nulls().to_list()
    else:
        texts = [column.unit] if column.unit else []
    found = {t: unit for t in texts if (unit := codes.find_unit(t))}
    fits = {
        t: u
        for t, u in found.items()
        if column.quantity is None or u.quantity in column.quantity.split("|")
    }
    factors = {t: str(u.factor if column.quantity else 1) for t, u in fits.items()}
    frame = frame.with_columns(
        _text=normalised(text),
        _marker=missing_marker(text),
        _parsed=parsed_number(text),
        _factor=stated.replace_strict(
            list(factors), list(factors.values()), default=None, return_dtype=pl.String
        ).cast(PARSED),
    )
    if column.zero_is_missing:
        zero = pl.when(pl.col("_parsed") == 0).then(pl.lit("0")).otherwise(pl.col("_marker"))
        frame = frame.with_columns(_marker=zero)
    product = (pl.col("_parsed") * pl.col("_factor")).cast(
        column.dtype if isinstance(column.dtype, pl.Decimal) else PARSED
    )
    value = pl.when(pl.col("_marker").is_null()).then(product.cast(column.dtype))
    problems = [
        problems_where(
            frame,
            pl.col("_marker").is_null() & ~is_number(text),
            "number_unreadable",
            label,
            text,
            hint=_number_hint(),
            hint_zh=_number_hint(chinese=True),
        ),
        problems_where(
            frame,
            pl.col("_factor").is_null() & pl.col("_marker").is_null(),
            "unit_unknown_row",
            label,
            stated,
            column.quantity or "the unit table",
        ),
    ]
    if not column.nullable:
        problems.append(
            problems_where(frame, pl.col("_marker").is_not_null(), "value_missing", label, text)
        )
    kept = {column.text_column: text, column.unit_column: stated}
    kept[column.marker_column] = pl.col("_marker")
    frame = frame.with_columns(
        value.alias(column.name),
        *(expr.cast(pl.String).alias(name) for name, expr in kept.items() if name),
    )
    return _bounds(frame, column, pl.concat(problems))


def _number_hint(*, chinese: bool = False) -> pl.Expr:
    scientific = pl.col("_text").str.contains(r"^[+-]?\d+(\.\d+)?[eE][+-]?\d+$")
    grouped = pl.col("_text").str.contains(r"^[+-]?[\d, ]+(\.\d*)?$")
    if chinese:
        texts = ("科学计数法会丢失位数，请写出全部数字。", "千位分隔须每三位一组。")
        return pl.when(scientific).then(pl.lit(texts[0])).when(grouped).then(pl.lit(texts[1]))
    return (
        pl.when(scientific)
        .then(pl.lit("Scientific notation loses digits: write the number out."))
        .when(grouped)
        .then(pl.lit("Thousands must be grouped by three digits."))
    )


def _bounds(frame: pl.DataFrame, column: Column, problems: pl.DataFrame) -> Cast:
    value = pl.col(column.name)
    low, high = column.minimum, column.maximum
    shown = pl.col("_text") if "_text" in frame.columns else value.cast(pl.String)
    found = [problems]
    if low == 0:
        found.append(
            problems_where(frame, value < 0, "value_negative", _label(frame, column), shown)
        )
    elif low is not None:
        found.append(_outside(frame, column, value < low, shown))
    if high is not None:
        found.append(_outside(frame, column, value > high, shown))
    helpers = [name for name in ("_text", "_marker", "_parsed", "_factor") if name in frame.columns]
    return Cast(frame.drop(helpers), pl.concat(found))


def _outside(frame: pl.DataFrame, column: Column, where: pl.Expr, shown: pl.Expr) -> pl.DataFrame:
    low = column.minimum if column.minimum is not None else ""
    high = column.maximum if column.maximum is not None else ""
    expected = f"{low} to {high} {column.unit or ''}".strip()
    return problems_where(
        frame, where, "value_out_of_range", _label(frame, column), shown, expected
    )


def _integer(frame: pl.DataFrame, column: Column) -> Cast:
    done = _number(frame.with_columns(pl.col(column.name).alias("_given")), _as_float(column))
    whole = pl.col(column.name).cast(pl.Int32, strict=False)
    fraction = problems_where(
        done.rows,
        pl.col(column.name).is_not_null() & (whole.cast(pl.Float64) != pl.col(column.name)),
        "number_unreadable",
        _label(frame, column),
        pl.col("_given"),
        hint="A whole number is needed.",
        hint_zh="须为整数。",
    )
    rows = done.rows.with_columns(whole.alias(column.name)).drop("_given")
    return Cast(rows, pl.concat([done.problems, fraction]))


def _as_float(column: Column) -> Column:
    return Column(
        column.name, "float64", "number", column.nullable, "", "", unit="1",
        minimum=column.minimum, maximum=column.maximum,
    )  # fmt: skip


def _year(frame: pl.DataFrame, column: Column) -> Cast:
    if _typed(frame, column):
        return Cast(frame, no_problems())
    text = normalised(pl.col(column.name))
    good = text.str.contains(_YEAR)
    value = pl.when(good).then(text.str.slice(0, 4)).otherwise(None).cast(pl.Int32)
    problems = problems_where(
        frame, ~good, "date_unreadable", _label(frame, column), pl.col(column.name), "2024"
    )
    return Cast(frame.with_columns(value.alias(column.name)), problems)


def _date(frame: pl.DataFrame, column: Column) -> Cast:
    if _typed(frame, column):
        return Cast(frame, no_problems())
    text = normalised(pl.col(column.name))
    day = (
        pl.when(text.str.contains(_DAY))
        .then(text)
        .otherwise(None)
        .str.to_date("%Y-%m-%d", strict=False)
    )
    frame = frame.with_columns(day.alias("_day"))
    problems = problems_where(
        frame,
        pl.col("_day").is_null(),
        "date_unreadable",
        _label(frame, column),
        pl.col(column.name),
        "2024-03-20",
    )
    return Cast(frame.with_columns(pl.col("_day").alias(column.name)).drop("_day"), problems)


def _bool(frame: pl.DataFrame, column: Column) -> Cast:
    if _typed(frame, column):
        return Cast(frame, no_problems())
    text = normalised(pl.col(column.name)).str.to_lowercase()
    yes, no = text.is_in(list(_TRUE)), text.is_in(list(_FALSE))
    problems = problems_where(
        frame, ~(yes | no), "code_unknown", _label(frame, column), pl.col(column.name), "yes, no"
    )
    value = pl.when(yes).then(pl.lit(value=True)).when(no).then(pl.lit(value=False))
    return Cast(frame.with_columns(value.alias(column.name)), problems)


_KINDS: dict[str, Callable[[pl.DataFrame, Column], Cast]] = {
    "text": _text,
    "code": _code,
    "region": _region,
    "regions": _regions,
    "technology": lambda frame, column: _coded(codes.technologies())(frame, column),
    "fuel": lambda frame, column: _coded(codes.fuels())(frame, column),
    "number": _number,
    "integer": _integer,
    "year": _year,
    "date": _date,
    "bool": _bool,
}
