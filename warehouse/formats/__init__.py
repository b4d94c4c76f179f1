"""The forms in which a release is handed out beside its Parquet files.

Belongs here: CSV, workbook, data package, citation, data dictionary, registry for pooch; each a
module, each made from the staged Parquet files and what stands in their metadata. Does not belong
here: the Parquet files themselves (`export`), the snapshot, the manifest, and when all of it is
written (`publish`).

Nothing here reads a clock: the same tables and facts give the same bytes.
"""

from warehouse.formats.errors import FormatError
from warehouse.formats.facts import ReleaseFacts
from warehouse.formats.pooch_registry import registry_txt
from warehouse.formats.published_table import PublishedTable, published_tables, read_table
from warehouse.formats.write import write_formats

__all__ = [
    "FormatError",
    "PublishedTable",
    "ReleaseFacts",
    "published_tables",
    "read_table",
    "registry_txt",
    "write_formats",
]
