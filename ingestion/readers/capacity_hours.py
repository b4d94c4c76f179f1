"""Capacity and utilisation hours: provinces in rows, a technology over each group of columns.

Belongs here: the two-row header of these tables, whose upper row holds merged cells - only the
first cell of a group is filled in CSV and XLSX alike, so the technology is carried to the right.
Does not belong here: filling what is not stated.
"""

import re
from datetime import date

import polars as pl

from ingestion import codes
from ingestion.codes import find_unit
from ingestion.delivery import Delivered
from ingestion.grid import ROW, Grid, Sheet
from ingestion.header import Found, Header, Wanted, need_header, split_unit, title
from ingestion.readers.reading import Reading, agreed_month, joined, table_rows
from ingestion.rules import Problem, refuse
from ingestion.text import key_of, normalise

_ANCHOR = [Wanted("region_code", ("地区", "省份", "Province"))]
_MEASURES = {
    key_of(label): measure
    for measure, labels in {
        ("capacity_mw", "above_6mw"): ("6000千瓦及以上装机容量", "6000千瓦及以上电厂装机容量"),
        ("capacity_mw", "all"): ("全口径装机容量", "装机容量"),
        ("utilisation_hours_ytd", None): ("平均利用小时", "利用小时", "发电设备平均利用小时"),
    }.items()
    for label in labels
}
_BRACKET = re.compile(r"^(?P<label>.*?)\((?P<unit>[^()]*)\)$")
_QUANTITY = {"capacity_mw": "power", "utilisation_hours_ytd": "duration"}
Measured = tuple[str, str, str | None, Found]


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of capacity_utilisation: one per province, technology and scope."""
    records: list[pl.DataFrame] = []
    set_aside: list[Problem] = []
    warnings: list[Problem] = []
    for sheet, anchor in need_header(grid.sheets, _ANCHOR):
        month = agreed_month(title(sheet, anchor), delivered, sheet.name)
        measures, unknown = _measures(sheet, anchor)
        warnings += unknown
        columns = {"region_code": anchor.columns["region_code"]}
        columns |= {f"m{number}": found for number, (*_, found) in enumerate(measures)}
        rows, short = table_rows(sheet, Header(anchor.row_number + 1, columns))
        set_aside += short
        records += [
            _group(rows, measures, technology, scope, month)
            for technology, scope in _groups(measures)
        ]
    return Reading(joined(records), set_aside, warnings)


def _measures(sheet: Sheet, anchor: Header) -> tuple[list[Measured], list[Problem]]:
    """What each column measures: (quantity column, technology, scope, where); and columns nobody
    asked for.
    """
    text = sheet.text
    upper = text.filter(pl.col(ROW) == anchor.row_number).row(0, named=True)
    lower_rows = text.filter(pl.col(ROW) == anchor.row_number + 1)
    if lower_rows.is_empty():
        raise refuse("table_empty", sheet=sheet.name)
    lower = lower_rows.row(0, named=True)
    measures: list[Measured] = []
    problems: list[Problem] = []
    technology: str | None = None
    for column in sheet.columns:
        if upper[column]:
            technology = codes.technologies().find(upper[column])
        if column == anchor.columns["region_code"].column or not lower[column]:
            continue
        label, unit = split_unit(lower[column])
        measure = _MEASURES.get(key_of(label))
        if bracketed := _unit_nobody_knows(lower[column]):
            quantity = _QUANTITY[bracketed[0]]
            raise refuse("unit_unknown", sheet=sheet.name, found=bracketed[1], expected=quantity)
        if technology is None or measure is None:
            problems.append(Problem("column_unknown", sheet=sheet.name, found=lower[column]))
            continue
        name, scope = measure
        if unit is None:
            raise refuse("unit_missing", sheet=sheet.name, column=lower[column])
        if unit.quantity != _QUANTITY[name]:
            raise refuse(
                "unit_unknown", sheet=sheet.name, found=unit.text, expected=_QUANTITY[name]
            )
        measures.append((name, technology, scope, Found(column, lower[column], unit)))
    if not measures:
        expected = "'6000千瓦及以上装机容量（万千瓦）', '平均利用小时（小时）'"
        raise refuse("header_not_found", sheet=sheet.name, expected=expected)
    return measures, problems


def _unit_nobody_knows(label: str) -> tuple[str, str] | None:
    """Measure and bracket of a label that is one of ours but for a unit that is in no table."""
    match = _BRACKET.match(normalise(label))
    if match is None or find_unit(match["unit"]) is not None:
        return None
    measure = _MEASURES.get(key_of(match["label"]))
    return (measure[0], match["unit"]) if measure else None


def _groups(measures: list[Measured]) -> list[tuple[str, str]]:
    """Technology and scope of each group of records. Hours without a scope stand in each scope of
    the technology.
    """
    scopes = [(technology, scope) for _, technology, scope, _ in measures if scope]
    alone = [
        (technology, "above_6mw")
        for _, technology, _, _ in measures
        if technology not in {known for known, _ in scopes}
    ]
    return list(dict.fromkeys(scopes + alone))


def _group(
    rows: pl.DataFrame, measures: list[Measured], technology: str, scope: str, month: date
) -> pl.DataFrame:
    values: list[pl.Expr] = []
    for number, (name, of_technology, of_scope, found) in enumerate(measures):
        if of_technology == technology and of_scope in (scope, None):
            assert found.unit is not None
            values += [
                pl.col(f"m{number}").alias(name),
                pl.lit(found.unit.text).alias(f"{name}__unit"),
                pl.lit(f"{technology} {found.label}").alias(f"{name}__label"),
            ]
    return rows.select(
        "sheet",
        ROW,
        "region_code",
        *values,
        pl.lit(month).alias("period_month"),
        pl.lit(technology).alias("technology"),
        pl.lit(scope).alias("scope"),
    )
