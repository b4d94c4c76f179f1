"""Contracts of the raw tables: what each column is, in which unit, from which codes.

Belongs here: reading `contracts/<table>.yml`, and everything that is generated from it: the Polars
schema, the base of the expectation suite, the data dictionary.
Does not belong here: the act of casting (cast.py) and checks that a column list cannot say (named
under `checks`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from ingestion.codes import code_rows

CONTRACTS = Path(__file__).parent / "contracts"

_TYPES: Mapping[str, pl.DataType] = {
    "string": pl.String(),
    "int32": pl.Int32(),
    "float64": pl.Float64(),
    "date": pl.Date(),
    "bool": pl.Boolean(),
    "decimal(38,6)": pl.Decimal(38, 6),
    "decimal(18,8)": pl.Decimal(18, 8),
}


class ContractError(ValueError):
    """A contract file that cannot be used; the message names the file and the line of the
    mistake.
    """


@dataclass(frozen=True)
class Column:
    """One column of a raw table.

    `cast` says how the cell becomes the value: text, code, region, regions, number, integer, year,
    date, bool. `quantity` and `unit` belong to numbers: the stated unit must be one of that
    quantity and is converted to `unit`. `zero_is_missing`: a zero is the source's way to say that
    a year-to-date value is not there. `marker_column`, `text_column`, `unit_column`: columns that
    keep what the source had. `ask`: the label in Chinese and English under which a questionnaire
    asks for the column; None where nobody is asked.
    """

    name: str
    type_name: str
    cast: str
    nullable: bool
    description_en: str
    description_zh: str
    unit: str | None = None
    quantity: str | None = None
    codes: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    zero_is_missing: bool = False
    marker_column: str | None = None
    text_column: str | None = None
    unit_column: str | None = None
    ask: tuple[str, str] | None = None

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the column."""
        return _TYPES[self.type_name]

    def allowed(self) -> list[str]:
        """The codes this column may hold, empty when it is not a coded column."""
        if self.codes:
            return list(self.codes)
        if self.cast == "region":
            return [
                row["region_code"] for row in code_rows("regions") if row["level"] in self.levels
            ]
        return []


LINEAGE = (
    Column("source_id", "string", "text", False, "Source the row came from", "数据来源标识"),
    Column(
        "receipt_id",
        "string",
        "text",
        False,
        "Receipt of the file the row came from",
        "文件回执编号",
    ),
    Column("file_name", "string", "text", False, "Name of the file", "文件名"),
    Column(
        "sheet", "string", "text", True, "Sheet of the workbook, null for CSV", "工作表名，CSV 为空"
    ),
    Column(
        "row_number",
        "int32",
        "integer",
        False,
        "Row in the sheet, counted from 1 as a person sees it",
        "表中行号，从 1 起",
    ),
    Column(
        "known_at",
        "date",
        "date",
        False,
        "Day on which the source published the file",
        "来源公布日期",
    ),
)
"""The columns that end every raw table."""


@dataclass(frozen=True)
class Contract:
    """The contract of one raw table."""

    table: str
    title_en: str
    title_zh: str
    grain_en: str
    grain_zh: str
    required: bool
    access_class: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    checks: tuple[str, ...] = ()
    expected_regions: str | None = None

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Own columns followed by the lineage columns."""
        return self.columns + LINEAGE

    @property
    def natural_key(self) -> tuple[str, ...]:
        """The key within one file."""
        return tuple(name for name in self.key if name != "receipt_id")

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when the contract has none."""
        return {column.name: column for column in self.all_columns}[name]

    def polars_schema(self) -> pl.Schema:
        """Names and types of all columns, lineage included, in order."""
        return pl.Schema({column.name: column.dtype for column in self.all_columns})

    def sort_columns(self) -> list[str]:
        """Key columns first, then lineage: the full order of rows in the table."""
        names = [*self.key, "receipt_id", "sheet", "row_number"]
        names += [column.name for column in self.all_columns]
        return list(dict.fromkeys(names))

    def expectations(self) -> list[dict[str, Any]]:
        """The base of the expectation suite, as {"type": ..., "kwargs": {...}}.

        The first is the exact column set; for required tables the second asks for at least one row.
        """
        suite: list[dict[str, Any]] = [
            _expect(
                "expect_table_columns_to_match_set",
                column_set=list(self.polars_schema()),
                exact_match=True,
            )
        ]
        if self.required:
            suite.append(_expect("expect_table_row_count_to_be_between", min_value=1))
        for column in self.all_columns:
            if not column.nullable:
                suite.append(_expect("expect_column_values_to_not_be_null", column=column.name))
            if allowed := column.allowed():
                suite.append(
                    _expect(
                        "expect_column_values_to_be_in_set", column=column.name, value_set=allowed
                    )
                )
            if column.minimum is not None or column.maximum is not None:
                bounds = {"min_value": column.minimum, "max_value": column.maximum}
                suite.append(
                    _expect(
                        "expect_column_values_to_be_between",
                        column=column.name,
                        **{name: bound for name, bound in bounds.items() if bound is not None},
                    )
                )
        return suite

    def dictionary_markdown(self) -> str:
        """The data dictionary of the table in English and Chinese, as Markdown."""
        lines = [
            f"### `{self.table}` - {self.title_en} / {self.title_zh}",
            "",
            f"{self.grain_en} {self.grain_zh}",
            "",
            f"Key: {', '.join(f'`{name}`' for name in self.key)}.",
            "",
            "| Column | Type | Unit | Null | Values | Meaning | 含义 |",
            "|---|---|---|---|---|---|---|",
        ]
        for column in self.all_columns:
            values = ", ".join(column.codes) or ", ".join(column.levels)
            lines.append(
                f"| `{column.name}` | {column.type_name} | {column.unit or ''} | "
                f"{'yes' if column.nullable else 'no'} | {values} | {column.description_en} | "
                f"{column.description_zh} |"
            )
        return "\n".join(lines) + "\n"


def _expect(kind: str, **kwargs: Any) -> dict[str, Any]:
    return {"type": kind, "kwargs": kwargs}


_COLUMN_FIELDS = {
    "type", "cast", "nullable", "en", "zh", "unit", "quantity", "codes", "levels", "minimum",
    "maximum", "zero_is_missing", "marker_column", "text_column", "unit_column", "ask",
}  # fmt: skip


def _column(table: str, name: str, entry: Mapping[str, Any]) -> Column:
    unknown = set(entry) - _COLUMN_FIELDS
    if unknown:
        raise ContractError(f"contracts/{table}.yml: column '{name}' has unknown fields {unknown}.")
    if entry.get("type", "string") not in _TYPES:
        raise ContractError(f"contracts/{table}.yml: column '{name}' has no known type.")
    return Column(
        name=name,
        type_name=entry.get("type", "string"),
        cast=entry.get("cast", "text"),
        nullable=bool(entry.get("nullable", False)),
        description_en=entry["en"],
        description_zh=entry["zh"],
        unit=entry.get("unit"),
        quantity=entry.get("quantity"),
        codes=tuple(entry.get("codes", ())),
        levels=tuple(entry.get("levels", ())),
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        zero_is_missing=bool(entry.get("zero_is_missing", False)),
        marker_column=entry.get("marker_column"),
        text_column=entry.get("text_column"),
        unit_column=entry.get("unit_column"),
        ask=(entry["ask"][0], entry["ask"][1]) if "ask" in entry else None,
    )


@cache
def load_contract(name: str) -> Contract:
    """The contract of the raw table `name`; ContractError when there is none or it is faulty."""
    path = CONTRACTS / f"{name}.yml"
    if not path.is_file():
        raise ContractError(f"There is no contract for a table '{name}'.")
    with path.open(encoding="utf-8") as stream:
        entry = yaml.safe_load(stream)
    try:
        return Contract(
            table=entry["table"],
            title_en=entry["title_en"],
            title_zh=entry["title_zh"],
            grain_en=entry["grain_en"],
            grain_zh=entry["grain_zh"],
            required=bool(entry["required"]),
            access_class=entry["access_class"],
            key=tuple(entry["key"]),
            columns=tuple(
                _column(name, column, fields) for column, fields in entry["columns"].items()
            ),
            checks=tuple(entry.get("checks", ())),
            expected_regions=entry.get("expected_regions"),
        )
    except KeyError as missing:
        raise ContractError(f"contracts/{name}.yml lacks {missing}.") from missing


@cache
def all_contracts() -> Mapping[str, Contract]:
    """Every contract by table name, in alphabetical order."""
    return {path.stem: load_contract(path.stem) for path in sorted(CONTRACTS.glob("*.yml"))}
