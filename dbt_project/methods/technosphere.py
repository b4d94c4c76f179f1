"""From exchanges of unit processes to the matrices of life-cycle calculation.

Belongs here: the frames' columns, their order, signs and normalisation, and the three matrices.
Does not belong here: whether the frames are fit for it (`readiness`), and solving.

    T = I - A   products x processes, one product for each process; A[i, j] is what process j takes
                of product i for one unit of its own
    B           elementary flows x processes
    h = (C B)'  what a process emits itself, in the unit of each indicator

Rules of signs. Amounts are positive and the direction carries the sign: an input of a product is an
entry of A; an output of a product that names a provider is a credit (system expansion: the
provider's product is avoided) and a negative entry. A process's own product is implied by its
reference amount; a row that repeats it is left out. Waste is an input: of a treatment service, in
the unit of the waste treated; it is not modelled as a negative service. Elementary flows stand in
B as their amount whether they enter or leave, and a flow does one of the two everywhere: carbon
taken up is a flow of its own, and its characterisation factor is negative.

Order is part of the result: processes and flows by their identifier, exchanges by their whole key,
repeated entries of one cell added in order of size. So the matrices do not depend on the order of
the rows given, to the byte.

Source: Heijungs and Suh (2002), The Computational Structure of Life Cycle Assessment,
10.1007/978-94-015-9900-9, chapter 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int64]

PROCESS: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "process_id": pl.String,
    "product_code": pl.String,
    "technology": pl.String,
    "region_code": pl.String,
    "year": pl.Int64,
    "allocation": pl.String,
    "unit": pl.String,
    "reference_amount": pl.Float64,
    "process_type": pl.String,
    "n_groups": pl.Int64,
}
EXCHANGE: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "process_id": pl.String,
    "exchange_no": pl.Int64,
    "kind": pl.String,
    "direction": pl.String,
    "flow_id": pl.String,
    "provider_id": pl.String,
    "product_code": pl.String,
    "amount": pl.Float64,
    "unit": pl.String,
    "origin": pl.String,
    "stage": pl.String,
    "sigma": pl.Float64,
    "share_group": pl.String,
    "dqr_te": pl.Float64,
    "dqr_ge": pl.Float64,
    "dqr_ti": pl.Float64,
    "dqr_p": pl.Float64,
}
CHARACTERISATION: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "flow_id": pl.String,
    "indicator": pl.String,
    "factor": pl.Float64,
}

KINDS = ("elementary", "product", "waste")
DIRECTIONS = ("input", "output")


class TechnosphereError(ValueError):
    """The frames are no system of matrices; the message says which row and what to do."""


@dataclass(frozen=True)
class LifeCycleSystem:
    """The matrices of one database, in canonical order, and the names of their axes.

    Attributes:
        processes: the frame given, sorted by `process_id`; row j is column j of the matrices and
            product j.
        flow_ids: elementary flows, sorted; rows of `biosphere`.
        indicators: sorted; columns of `direct`.
        exchanges: what the matrices are made of, sorted by process and by what is exchanged:
            `EXCHANGE` and `column` (of its process), `row` (of its provider; null for
            elementary flows), `flow` (null for products) and `coefficient`: per unit of the
            process's product, signed as in A and B.
        inputs: A, shape (n, n), CSC.
        biosphere: B, shape (flows, n), CSC, in the flow's unit.
        characterisation: C, shape (indicators, flows).
        direct: h, shape (n, indicators), in the indicator's unit per unit of product.
    """

    processes: pl.DataFrame
    flow_ids: pl.Series
    indicators: tuple[str, ...]
    exchanges: pl.DataFrame
    inputs: sparse.csc_array
    biosphere: sparse.csc_array
    characterisation: FloatArray
    direct: FloatArray

    @property
    def size(self) -> int:
        """Return n, the number of processes and of products."""
        return self.processes.height

    @property
    def technosphere(self) -> sparse.csc_array:
        """Return T = I - A, shape (n, n), CSC with sorted indices."""
        system = sparse.csc_array(sparse.eye_array(self.size, format="csc") - self.inputs)
        system.sort_indices()
        return system

    def positions(self, process_ids: list[str]) -> IndexArray:
        """Return the columns of some processes.

        Raises:
            TechnosphereError: a process that is not in the database.
        """
        at = dict(zip(self.processes["process_id"], range(self.size), strict=True))
        unknown = sorted(set(process_ids) - at.keys())
        if unknown:
            raise TechnosphereError(
                f"process {unknown[0]} is not in the database of {self.size} processes"
            )
        return np.array([at[process] for process in process_ids], dtype=np.int64)

    def indicator(self, name: str) -> int:
        """Return the column of an indicator.

        Raises:
            TechnosphereError: an indicator without factors.
        """
        if name not in self.indicators:
            raise TechnosphereError(
                f"indicator {name} has no factors; there are {', '.join(self.indicators)}"
            )
        return self.indicators.index(name)


def typed(
    frame: pl.DataFrame, columns: Mapping[str, type[pl.DataType] | pl.DataType], name: str
) -> pl.DataFrame:
    """Return the columns wanted, with the types wanted; others are left out.

    Raises:
        TechnosphereError: a column that is missing or that does not take its type.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise TechnosphereError(
            f"columns_missing: {name} lacks {', '.join(missing)}; wanted are {', '.join(columns)}"
        )
    try:
        return frame.select(pl.col(column).cast(kind) for column, kind in columns.items())
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise TechnosphereError(
            f"column_type: {name} has a column of a wrong type: {reason}"
        ) from (error)


def build_system(
    process: pl.DataFrame, exchange: pl.DataFrame, characterisation: pl.DataFrame
) -> LifeCycleSystem:
    """Build the matrices of a database.

    `readiness.judge_frames` says of every row what is wrong with it; this says only what keeps the
    matrices from being built, and of the first row alone.

    Args:
        process: `PROCESS`, one row for each process.
        exchange: `EXCHANGE`, amounts per `reference_amount` of the process.
        characterisation: `CHARACTERISATION`; a flow without a row for an indicator counts nothing.

    Returns:
        The system; amounts are per one unit of each process's product.

    Raises:
        TechnosphereError: columns missing, identifiers repeated, a provider, flow or process
            that is not there, a reference amount that is not a positive number, or an
            amount or factor that is not finite.
    """
    process = typed(process, PROCESS, "process").sort("process_id")
    exchange = typed(exchange, EXCHANGE, "exchange")
    characterisation = typed(characterisation, CHARACTERISATION, "characterisation")
    _check_unique(process, ["process_id"], "process")
    _check_unique(exchange, ["process_id", "exchange_no"], "exchange")
    _check_unique(characterisation, ["flow_id", "indicator"], "characterisation")
    _refuse(
        process.filter(~(pl.col("reference_amount") > 0) | ~_finite("reference_amount")),
        "reference_missing: process {process_id} has the reference amount {reference_amount}; "
        "a number above zero is wanted",
    )
    _refuse(
        exchange.filter(~_finite("amount")),
        "amount_not_finite: process {process_id}, exchange {exchange_no}: the amount is {amount}",
    )
    _refuse(
        characterisation.filter(~_finite("factor")),
        "factor_not_finite: flow {flow_id}, {indicator}: the factor is {factor}",
    )
    flow_ids = (
        exchange.filter(kind="elementary")["flow_id"].drop_nulls().unique().sort().rename("flow_id")
    )
    indicators = tuple(characterisation["indicator"].unique().sort())
    exchanges = _arrange(process, exchange, flow_ids)
    size = process.height
    products = exchanges.filter(pl.col("row").is_not_null())
    elementary = exchanges.filter(pl.col("flow").is_not_null())
    inputs = _matrix(products, "row", (size, size))
    biosphere = _matrix(elementary, "flow", (flow_ids.len(), size))
    factors = np.zeros((len(indicators), flow_ids.len()))
    known = characterisation.join(
        flow_ids.to_frame().with_row_index("flow"), on="flow_id", how="inner"
    ).join(
        pl.DataFrame({"indicator": list(indicators)}, schema={"indicator": pl.String})
        .with_row_index("at"), on="indicator",
    )  # fmt: skip
    factors[known["at"].to_numpy(), known["flow"].to_numpy()] = known["factor"].to_numpy()
    return LifeCycleSystem(
        processes=process,
        flow_ids=flow_ids,
        indicators=indicators,
        exchanges=exchanges,
        inputs=inputs,
        biosphere=biosphere,
        characterisation=factors,
        direct=np.asarray(sparse.csr_array(biosphere.T) @ np.ascontiguousarray(factors.T)),
    )


def _arrange(process: pl.DataFrame, exchange: pl.DataFrame, flow_ids: pl.Series) -> pl.DataFrame:
    """Place every exchange in its matrix, normalise it, and sort."""
    _refuse(
        exchange.filter(~pl.col("kind").is_in(KINDS) | pl.col("kind").is_null()),
        f"kind_unknown: process {{process_id}}, exchange {{exchange_no}}: the kind is {{kind}}, "
        f"not one of {', '.join(KINDS)}",
    )
    _refuse(
        exchange.filter(~pl.col("direction").is_in(DIRECTIONS) | pl.col("direction").is_null()),
        "direction_unknown: process {process_id}, exchange {exchange_no}: the direction is "
        "{direction}, not input or output",
    )
    _refuse(
        exchange.filter((pl.col("kind") == "waste") & (pl.col("direction") == "output")),
        "waste_output: process {process_id}, exchange {exchange_no}: waste is an input of the "
        "service that treats it",
    )
    _refuse(
        exchange.filter((pl.col("kind") == "elementary") & pl.col("flow_id").is_null()),
        "flow_missing: process {process_id}, exchange {exchange_no} names no elementary flow",
    )
    columns = process.select(
        "process_id", pl.row_index("column").cast(pl.Int64), "reference_amount"
    )
    providers = process.select(
        pl.col("process_id").alias("provider_id"), pl.row_index("row").cast(pl.Int64)
    )
    flows = flow_ids.to_frame().with_columns(pl.row_index("flow").cast(pl.Int64))
    elementary = pl.col("kind") == "elementary"
    placed = (
        exchange.filter(~is_reference())
        .join(columns, on="process_id", how="left")
        .join(providers, on="provider_id", how="left")
        .join(flows, on="flow_id", how="left")
        .with_columns(
            pl.when(~elementary).then("row").alias("row"),
            pl.when(elementary).then("flow").alias("flow"),
        )
    )
    _refuse(
        placed.filter(pl.col("column").is_null()),
        "exchange_without_process: exchange {exchange_no} belongs to process {process_id}, which "
        "is not there",
    )
    _refuse(
        placed.filter(~elementary & pl.col("row").is_null()),
        "provider_unknown: process {process_id}, exchange {exchange_no}: provider {provider_id} "
        "of {product_code} is not there",
    )
    credit = ~elementary & (pl.col("direction") == "output")
    return placed.with_columns(
        (
            pl.when(credit).then(-pl.col("amount")).otherwise("amount") / pl.col("reference_amount")
        ).alias("coefficient")
    ).select(*EXCHANGE, "column", "row", "flow", "coefficient").sort(
        # By size before number, so that the sum of a cell does not depend on how rows are numbered.
        "column", "row", "flow", "coefficient", "exchange_no", nulls_last=True,
    )  # fmt: skip


def is_reference() -> pl.Expr:
    """Say which rows only repeat the process's own product."""
    own = pl.col("provider_id").is_null() | (pl.col("provider_id") == pl.col("process_id"))
    return (pl.col("kind") == "product") & (pl.col("direction") == "output") & own


def _matrix(exchanges: pl.DataFrame, row: str, shape: tuple[int, int]) -> sparse.csc_array:
    """Add up what falls into one cell, in the order given; cells come sorted by column and row."""
    if not exchanges.height:
        return sparse.csc_array(shape, dtype=np.float64)
    rows, columns = exchanges[row].to_numpy(), exchanges["column"].to_numpy()
    fresh = np.ones(rows.size, dtype=np.bool_)
    fresh[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    data = np.add.reduceat(exchanges["coefficient"].to_numpy(), np.flatnonzero(fresh))
    starts = np.zeros(shape[1] + 1, dtype=np.int64)
    np.cumsum(np.bincount(columns[fresh], minlength=shape[1]), out=starts[1:])
    return sparse.csc_array((data, rows[fresh], starts), shape=shape)


def _finite(column: str) -> pl.Expr:
    return pl.col(column).is_finite().fill_null(value=False)


def _check_unique(frame: pl.DataFrame, keys: list[str], name: str) -> None:
    twice = frame.filter(frame.select(keys).is_duplicated()).sort(keys)
    if twice.height:
        key = ", ".join(str(part) for part in twice.select(keys).row(0))
        raise TechnosphereError(f"{name}_repeated: {key} is given more than once")


def _refuse(rows: pl.DataFrame, sentence: str) -> None:
    """Raise for the first of some rows."""
    if rows.height:
        first = rows.sort(rows.columns[:2]).row(0, named=True)
        raise TechnosphereError(sentence.format(**first))
