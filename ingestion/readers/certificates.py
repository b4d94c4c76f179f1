"""Green certificates and green power: one batch a line, with province, month and retirement.

Belongs here: this layout, the words it uses for states and instruments, months written in any of
the usual ways, and the technologies that cannot have a certificate.
Does not belong here: whether a retirement is right (ingestion/certificates.py) and whether the
electricity was generated at all (dbt_project).
"""

import polars as pl

from ingestion import codes
from ingestion.delivery import Delivered
from ingestion.grid import ROW, Grid
from ingestion.header import Header, Wanted, need_header, stated_unit, warnings_of
from ingestion.readers.reading import Reading, joined, table_rows, unit_of
from ingestion.rules import Problem
from ingestion.text import key_of, match_key, normalised

_WANTED = [
    Wanted("certificate_id", ("证书编号", "批次编号", "绿证编号", "Certificate")),
    Wanted("issuing_region_code", ("核发省份", "发电省份", "项目所在省份", "Issuing province")),
    Wanted("technology", ("发电类型", "技术类型", "电源类型", "Technology")),
    Wanted("period_month", ("发电月份", "电量生产月份", "Month of generation")),
    Wanted("energy_mwh", ("对应电量", "电量", "Energy")),
    Wanted("instrument", ("交易类型", "品种", "Instrument")),
    Wanted("status", ("状态", "Status")),
    Wanted("retiring_region_code", ("核销省份", "消费省份", "Retiring province")),
    Wanted("retired_on", ("核销日期", "Retired on")),
]
_STATUS = {
    "已核发": "issued",
    "核发": "issued",
    "已划转": "traded",
    "已交易": "traded",
    "已核销": "retired",
    "核销": "retired",
    "已过期": "expired",
    "过期": "expired",
}
_INSTRUMENTS = {
    "绿证": "gec",
    "绿证交易": "gec",
    "GEC": "gec",
    "绿电": "green_power",
    "绿电交易": "green_power",
}
_SAME = {"solar_pv": "solar", "csp": "solar"}
_ELIGIBLE = ("wind", "solar", "hydro", "biomass")
_MONTH = r"^(\d{4})[-/年.](\d{1,2})月?$"
_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00$"


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of certificate: one per row of every sheet with a table. Energies are converted to
    MWh.

    Rows of a technology that no certificate is issued for are set aside here. FileRefused:
    unit_missing or unit_unknown without a unit of energy.
    """
    records: list[pl.DataFrame] = []
    set_aside: list[Problem] = []
    warnings: list[Problem] = []
    for sheet, header in need_header(grid.sheets, _WANTED):
        unit = unit_of(sheet, header, "energy_mwh", "energy", stated_unit(sheet, header))
        rows, short = table_rows(sheet, header)
        barred, rows = _without_barred(rows, sheet.name, header)
        set_aside += short + barred
        warnings += warnings_of(sheet, header, _WANTED)
        labels = {want.name: header.columns[want.name].label for want in _WANTED}
        records.append(
            rows.with_columns(
                _day(pl.col("period_month")).str.replace(_MONTH, "$1-0$2-01").pipe(_two_digits),
                _day(pl.col("retired_on")),
                match_key(pl.col("status")).replace(_keyed(_STATUS)),
                match_key(pl.col("instrument")).replace(_keyed(_INSTRUMENTS)),
                pl.lit(unit).alias("energy_mwh__unit"),
                *(pl.lit(label).alias(f"{name}__label") for name, label in labels.items()),
                pl.lit(None, dtype=pl.String).alias("reported_text"),
                pl.lit(None, dtype=pl.String).alias("reported_unit"),
            )
        )
    return Reading(joined(records), set_aside, warnings)


def _keyed(words: dict[str, str]) -> dict[str, str]:
    return {key_of(word): code for word, code in words.items()}


def _day(text: pl.Expr) -> pl.Expr:
    """A workbook's day at midnight as the day alone."""
    return normalised(text).str.replace(_MIDNIGHT, "$1")


def _two_digits(month: pl.Expr) -> pl.Expr:
    return month.str.replace(r"^(\d{4})-0(\d{2})-01$", "$1-$2-01")


def _without_barred(
    rows: pl.DataFrame, sheet: str | None, header: Header
) -> tuple[list[Problem], pl.DataFrame]:
    """Problems of rows whose technology is known but has no certificates, and the other rows with
    the technology's code where it is known.
    """
    index = codes.technologies()
    texts = rows["technology"].unique().drop_nulls().to_list()
    found = {text: _SAME.get(code, code) for text in texts if (code := index.find(text))}
    barred = [text for text, code in found.items() if code not in _ELIGIBLE]
    is_barred = pl.col("technology").is_in(barred)
    problems = [
        Problem(
            "certificate_technology_not_eligible",
            sheet=sheet,
            row_number=row[ROW],
            column=header.columns["technology"].label,
            found=row["technology"],
            expected=", ".join(_ELIGIBLE),
        )
        for row in rows.filter(is_barred).iter_rows(named=True)
    ]
    return problems, rows.filter(~is_barred).with_columns(pl.col("technology").replace(found))
