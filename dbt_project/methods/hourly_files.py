"""Hourly factors from Parquet to Parquet, block by block.

Belongs here: reading, dividing into blocks of hours and writing, so that memory holds a block and
not a year. The arithmetic is `hourly`'s.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from dbt_project.methods.hourly import HourlyError, LifeCycle, hourly_factors

HOURS_A_BLOCK = 730
BATCH_ROWS = 65_536
# Blocks in work at the same time; one more waits to be written.
THREADS = 2
KEYS = ["hour", "area_code"]


def write_hourly_factors(
    nodes: Path, edges: Path, out: Path, life_cycle: LifeCycle, hours_a_block: int = HOURS_A_BLOCK
) -> int:
    """Derive every kind of factor for every hour and area of a file.

    Args:
        nodes: Parquet with the columns that `hourly_factors` wants of nodes, by hour.
        edges: Parquet with the columns that it wants of edges, by hour.
        out: Parquet to write; it appears whole or not at all.
        life_cycle: what weights generation for life-cycle factors.
        hours_a_block: how many hours are held at once.

    Returns:
        The number of rows written.

    Raises:
        HourlyError: rows that are not in the order of hours, no hour at all, a flow outside the
            hours of the nodes, or see `hourly_factors`.
    """
    blocks = _blocks(nodes, edges, dt.timedelta(hours=hours_a_block))
    part = out.with_name(out.name + ".part")
    rows, writer = 0, None
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            waiting: deque[Future[pa.Table]] = deque()
            while True:
                while len(waiting) <= THREADS and (block := next(blocks, None)) is not None:
                    waiting.append(pool.submit(_factors, *block, life_cycle))
                if not waiting:
                    break
                table = waiting.popleft().result()
                if writer is None:
                    # Hardly any number is there twice: dictionaries would cost time, save nothing.
                    writer = pq.ParquetWriter(
                        part, table.schema, compression="lz4", use_dictionary=KEYS
                    )
                writer.write_table(table)
                rows += table.num_rows
    except BaseException:
        if writer is not None:
            writer.close()
        part.unlink(missing_ok=True)
        raise
    if writer is None:
        raise HourlyError(f"{nodes.name} holds no hour")
    writer.close()
    part.replace(out)
    return rows


def _factors(nodes: pl.DataFrame, edges: pl.DataFrame, life_cycle: LifeCycle) -> pa.Table:
    factors = hourly_factors(nodes, edges, life_cycle)
    return factors.to_arrow(compat_level=pl.CompatLevel.oldest())


def _blocks(
    nodes: Path, edges: Path, block: dt.timedelta
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Read the nodes and edges of one span of hours after the other."""
    own, flows = _Rows(nodes), _Rows(edges)
    end = own.first_hour()
    while end is not None and own.first_hour() is not None:
        end += block
        here, arriving = own.take(end), flows.take(end)
        if here.height or arriving.height:
            yield here, arriving
    late = flows.first_hour()
    if late is not None:
        raise HourlyError(f"hour {late} of {edges.name} is not in {nodes.name}")


class _Rows:
    """The rows of a Parquet file in the order of their hours, each read once."""

    def __init__(self, file: Path) -> None:
        self._name = file.name
        parquet = pq.ParquetFile(file)
        self._batches = parquet.iter_batches(batch_size=BATCH_ROWS)
        self._rest = pl.DataFrame(parquet.schema_arrow.empty_table())
        self._last: dt.datetime | None = None
        self._fill()

    def first_hour(self) -> dt.datetime | None:
        """Return the hour of the next row, None at the end."""
        return None if self._rest.is_empty() else self._rest["hour"][0]

    def take(self, end: dt.datetime) -> pl.DataFrame:
        """Return all rows before an hour."""
        taken = []
        while True:
            cut = int(self._rest["hour"].search_sorted(end))
            taken.append(self._rest[:cut])
            self._rest = self._rest[cut:]
            if not self._rest.is_empty() or not self._fill():
                return pl.concat(taken)

    def _fill(self) -> bool:
        """Read on, when nothing is left; return whether there was anything."""
        batch = next((batch for batch in self._batches if batch.num_rows), None)
        if batch is None:
            return False
        self._rest = pl.DataFrame(pa.Table.from_batches([batch]))
        hours = self._rest["hour"]
        if (
            hours.null_count()
            or not hours.is_sorted()
            or (self._last is not None and hours[0] < self._last)
        ):
            raise HourlyError(f"the rows of {self._name} are not in the order of their hours")
        self._last = hours[-1]
        return True
