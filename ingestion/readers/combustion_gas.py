"""Default factors of combustion gases: one line a fuel and gas, with the bounds of the factor.

Belongs here: this layout. Every value column states its unit in its header.
Does not belong here: which fuel stands for a technology (dbt_project).
"""

import polars as pl

from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, warnings_of
from ingestion.readers.reading import Reading, table_rows, unit_of

_VALUES = ("kg_per_tj", "lower", "upper")
_WANTED = [
    Wanted("fuel", ("燃料品种", "燃料", "Fuel")),
    Wanted("gas", ("气体", "Gas")),
    Wanted("kg_per_tj", ("排放因子", "缺省值", "Default emission factor")),
    Wanted("lower", ("下限", "Lower")),
    Wanted("upper", ("上限", "Upper")),
]


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of combustion_gas: one per row. The guideline's key stands in the delivery note.

    FileRefused: unit_missing or unit_unknown when a value column states no unit of mass per energy.
    """
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    units = {name: unit_of(sheet, header, name, "gas_factor") for name in _VALUES}
    rows, short = table_rows(sheet, header)
    records = rows.with_columns(
        *(pl.lit(units[name]).alias(f"{name}__unit") for name in _VALUES),
        *(pl.lit(header.columns[want.name].label).alias(f"{want.name}__label") for want in _WANTED),
        pl.lit(delivered.details.get("guideline", delivered.source_id)).alias("guideline"),
    )
    return Reading(records, short, warnings_of(sheet, header, _WANTED))
