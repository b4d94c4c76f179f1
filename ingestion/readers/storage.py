"""Storage: one line a province and kind of storage, one month a file.

Belongs here: this layout. A province without storage has no row.
Does not belong here: what the losses do to the consumption mix (dbt_project).
"""

import polars as pl

from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, stated_unit, title, warnings_of
from ingestion.readers.reading import Reading, agreed_month, table_rows, unit_of
from ingestion.text import match_key

_VALUES = ("charge_mwh", "discharge_mwh")
_WANTED = [
    Wanted("region_code", ("地区", "省份", "Province")),
    Wanted("storage", ("储能类型", "类型", "Storage")),
    Wanted("charge_mwh", ("充电量", "充电电量", "抽水（充电）电量", "Charge")),
    Wanted("discharge_mwh", ("放电量", "放电电量", "发电（放电）电量", "Discharge")),
]
_KINDS = {
    "抽水蓄能": "pumped_hydro",
    "电化学储能": "battery",
    "新型储能": "battery",
}


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of storage: one per row, for the month of the title. Energies are converted to MWh.

    FileRefused: unit_missing or unit_unknown without a unit of energy, period_mismatch when title
    and note name different months.
    """
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    month = agreed_month(title(sheet, header), delivered, sheet.name)
    stated = stated_unit(sheet, header)
    units = {name: unit_of(sheet, header, name, "energy", stated) for name in _VALUES}
    rows, short = table_rows(sheet, header)
    records = rows.with_columns(
        pl.lit(month).alias("period_month"),
        match_key(pl.col("storage")).replace(_KINDS).alias("storage"),
        *(pl.lit(units[name]).alias(f"{name}__unit") for name in _VALUES),
        *(pl.lit(header.columns[want.name].label).alias(f"{want.name}__label") for want in _WANTED),
    )
    return Reading(records, short, warnings_of(sheet, header, _WANTED))
