"""Background datasets in the formats of LCA software: openLCA JSON-LD, ILCD, Brightway.

Belongs here: turning the published tables of a release into archives that such software imports,
and the checks of what no importer could read. Does not belong here: the tables, their CSV and
workbook (`formats`), deriving or protecting any figure.

Every format is made from one reading of the staged Parquet files (`system`) and written by one
writer of archives (`archive`). Nothing here reads a clock: the same tables and facts give the same
bytes. Software that reads these formats is a dependency of the tests alone.
"""

from warehouse.exchange.errors import ExchangeError
from warehouse.exchange.system import ExchangeSystem, read_system
from warehouse.exchange.write import write_exchange

__all__ = ["ExchangeError", "ExchangeSystem", "read_system", "write_exchange"]
