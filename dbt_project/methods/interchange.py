"""Interchange between provinces: the flows that close every balance.

Belongs here: from data frames to the programme of a year and back. The programme's equations are in
`interchange_programme`, its solution in `interchange_optimum`, how flows answer to other inputs in
`interchange_response`. Balances, corridors and what a reported transfer counts come from SQL; what
flows mean for factors is the business of `network` and of SQL.

No province-to-province flow matrix is public. The estimate reconciles what is: balances by month,
corridors, and transfers that are reported for a span of months. Net flows within capacity close
every balance up to a statistical difference, meet the reported transfers or stay below them, and
otherwise spread over parallel paths as their capacities do. Generation and consumption come from
two statistics, known to a relative standard deviation; so does each reported transfer. Where they
contradict each other, as for the southern grid, both give way by their uncertainty: least-squares
data reconciliation.

Source: balances as in Qu, Liang and Xu (2017), 10.1021/acs.est.7b01814; reconciliation as in
Stone, Champernowne and Meade (1942), 10.2307/2967664.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from dbt_project.methods.interchange_optimum import solve
from dbt_project.methods.interchange_programme import (
    FloatArray,
    IntArray,
    InterchangeError,
    Programme,
    Solution,
)
from dbt_project.methods.interchange_response import Response, response

__all__ = ["InterchangeError", "Network", "Year", "estimate", "responses", "years"]

_FLOOR = {"signed": 1.0, "positive": 0.0, "absolute": -1.0}


@dataclass(frozen=True)
class Network:
    """Provinces and corridors as matrices.

    Attributes:
        provinces: sorted codes, length P.
        ends: corridor ends as positions in `provinces`, shape (E, 2).
        capacity_mw: shape (E,).
        incidence: shape (P, E): +1 where a corridor's positive flow arrives, -1 where it starts.
    """

    provinces: list[str]
    ends: IntArray
    capacity_mw: FloatArray
    incidence: FloatArray

    @classmethod
    def from_frames(cls, provinces: list[str], corridors: pl.DataFrame) -> Network:
        """Build from codes and `from_region_code`, `to_region_code`, `capacity_mw` rows."""
        known = corridors.filter(
            pl.col("from_region_code").is_in(provinces) & pl.col("to_region_code").is_in(provinces)
        ).sort("from_region_code", "to_region_code")
        position = {code: index for index, code in enumerate(provinces)}
        ends = np.array(
            [
                known["from_region_code"].replace_strict(position, return_dtype=pl.Int64),
                known["to_region_code"].replace_strict(position, return_dtype=pl.Int64),
            ],
            dtype=np.int64,
        ).T.reshape(-1, 2)
        incidence = np.zeros((len(provinces), len(ends)))
        corridor = np.arange(len(ends))
        incidence[ends[:, 0], corridor] = -1.0
        incidence[ends[:, 1], corridor] = 1.0
        return cls(provinces, ends, known["capacity_mw"].to_numpy().astype(np.float64), incidence)

    @property
    def corridor_names(self) -> list[str]:
        """Both ends of every corridor in one word."""
        return [f"{self.provinces[a]}-{self.provinces[b]}" for a, b in self.ends]


@dataclass(frozen=True, eq=False)
class Year:
    """One year's programme (energies in MWh) and the names of its axes.

    Attributes:
        months: T first days of months.
        network: P provinces and E corridors.
        constraint_ids: names of the K reported transfers in the programme.
        programme: the arrays.
    """

    months: list[dt.date]
    network: Network
    constraint_ids: list[str]
    programme: Programme

    def solve(self) -> Solution:
        """Return the optimum; InterchangeError names the year."""
        try:
            return solve(self.programme)
        except InterchangeError as error:
            raise InterchangeError(f"interchange of {self.months[0].year}: {error}") from error


def years(
    balance: pl.DataFrame,
    corridors: pl.DataFrame,
    constraints: pl.DataFrame,
    parts: pl.DataFrame,
    *,
    consumption_sd: float,
) -> Iterator[Year]:
    """Yield the programme of every year of `balance`, in order.

    Args:
        balance: `region_code`, `period_month`, `net_import_mwh` (float; sums to zero a month),
            `consumption_mwh` (positive).
        corridors: `from_region_code`, `to_region_code`, `capacity_mw`, one row a corridor.
        constraints: `constraint_id`, `use` (equality, upper_bound), `measure` (signed, positive,
            absolute: how a part counts), `first_month`, `last_month` (dates of one year),
            `energy_mwh` (positive), `relative_sd`; further columns are ignored.
        parts: `constraint_id`, `part`, `from_region_code`, `to_region_code` (a corridor),
            `coefficient`: what each part of a constraint sums.
        consumption_sd: s_d, relative.

    Raises:
        InterchangeError: a value is missing or not positive.
    """
    provinces = balance["region_code"].unique().sort().to_list()
    network = Network.from_frames(provinces, corridors)
    for _, group in balance.sort("period_month", "region_code").group_by(
        [pl.col("period_month").dt.year()], maintain_order=True
    ):
        yield _year(group, network, constraints, parts, consumption_sd)


def estimate(
    balance: pl.DataFrame,
    corridors: pl.DataFrame,
    constraints: pl.DataFrame,
    parts: pl.DataFrame,
    *,
    consumption_sd: float = 0.02,
) -> pl.DataFrame:
    """Estimate net flows for every month of `balance`, year by year.

    Args:
        balance, corridors, constraints, parts, consumption_sd: as for `years`.

    Returns:
        `period_month`, `kind` (flow, residual), `from_region_code`, `to_region_code` (empty for a
        residual), `energy_mwh` (Decimal(38, 6); a negative flow runs the other way; a residual
        is the import that no flow brings, the statistical difference), `capacity_mwh` (of a
        residual: the consumption of the province), `multiplier` (Decimal(38, 9), no unit: of a
        flow that of its bound, of a residual that of the balance), sorted by all keys.

    Raises:
        InterchangeError: a year has no solution (never because of tight corridors).
    """
    empty = pl.DataFrame(
        schema={
            "period_month": pl.Date,
            "kind": pl.String,
            "from_region_code": pl.String,
            "to_region_code": pl.String,
            "energy_mwh": pl.Decimal(38, 6),
            "capacity_mwh": pl.Decimal(38, 6),
            "multiplier": pl.Decimal(38, 9),
        }
    )
    found = [
        _rows(year, year.solve())
        for year in years(balance, corridors, constraints, parts, consumption_sd=consumption_sd)
    ]
    return pl.concat([empty, *found]).sort(
        "period_month", "kind", "from_region_code", "to_region_code"
    )


def responses(
    balance: pl.DataFrame,
    corridors: pl.DataFrame,
    constraints: pl.DataFrame,
    parts: pl.DataFrame,
    *,
    consumption_sd: float = 0.02,
) -> list[tuple[Year, Response]]:
    """Return every year's axes and how its flows answer to draws; same inputs as `estimate`.

    `Year.months`, `Year.network.provinces`, `Year.network.ends` and `Year.constraint_ids` name the
    axes T, P, E and K of the `Response`; energies are in MWh.
    """
    return [
        (year, response(year.programme, year.solve()))
        for year in years(balance, corridors, constraints, parts, consumption_sd=consumption_sd)
    ]


def _year(
    balance: pl.DataFrame,
    network: Network,
    constraints: pl.DataFrame,
    parts: pl.DataFrame,
    consumption_sd: float,
) -> Year:
    months: list[dt.date] = balance["period_month"].unique().sort().to_list()
    hours = np.array([24.0 * calendar.monthrange(m.year, m.month)[1] for m in months])
    placed = (
        pl.DataFrame({"period_month": months})
        .join(pl.DataFrame({"region_code": network.provinces}), how="cross")
        .join(balance, on=["period_month", "region_code"], how="left", maintain_order="left")
    )
    shape = (len(months), len(network.provinces))
    within = constraints.filter(
        pl.col("use").is_in(["equality", "upper_bound"])
        & pl.col("first_month").is_in(months)
        & pl.col("last_month").is_in(months)
    ).sort("constraint_id")
    ids = within["constraint_id"].to_list()
    part, part_of, part_floor = _parts(within, parts, months, network)
    try:
        programme = Programme(
            network.incidence,
            placed["net_import_mwh"].fill_null(0.0).to_numpy().reshape(shape),
            placed["consumption_mwh"]
            .fill_null(0.0)
            .clip(lower_bound=1.0)
            .to_numpy()
            .reshape(shape),
            hours[:, np.newaxis] * network.capacity_mw[np.newaxis, :],
            within["energy_mwh"].cast(pl.Float64).to_numpy(),
            within["relative_sd"].cast(pl.Float64).to_numpy(),
            (within["use"] == "upper_bound").to_numpy(),
            part,
            part_of,
            part_floor,
            consumption_sd,
        )
    except InterchangeError as error:
        raise InterchangeError(f"interchange of {months[0].year}: {error}") from error
    return Year(months, network, ids, programme)


def _parts(
    constraints: pl.DataFrame, parts: pl.DataFrame, months: list[dt.date], network: Network
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Coefficients of every part by month and corridor (J, T, E), its constraint, its floor."""
    corridor = pl.DataFrame(
        {"name": network.corridor_names, "corridor": range(len(network.ends))},
        schema={"name": pl.String, "corridor": pl.Int64},
    )
    placed = (
        parts.with_columns(
            pl.concat_str("from_region_code", "to_region_code", separator="-").alias("name")
        )
        .join(corridor, on="name", how="inner")
        .join(constraints.with_row_index("place"), on="constraint_id", how="inner")
        .sort("place", "part", "corridor")
        .with_columns(
            (pl.struct("place", "part").rle_id()).cast(pl.Int64).alias("row"),
            pl.col("measure").replace_strict(_FLOOR, return_dtype=pl.Float64).alias("floor"),
        )
    )
    one = placed.unique("row", keep="first", maintain_order=True)
    by_corridor = np.zeros((one.height, len(network.ends)))
    by_corridor[placed["row"].to_numpy(), placed["corridor"].to_numpy()] = (
        placed["coefficient"].cast(pl.Float64).to_numpy()
    )
    month = np.array(months, dtype="datetime64[D]")
    first = one["first_month"].to_numpy().astype("datetime64[D]")
    last = one["last_month"].to_numpy().astype("datetime64[D]")
    span = (month >= first[:, np.newaxis]) & (month <= last[:, np.newaxis])
    return (
        span[:, :, np.newaxis] * by_corridor[:, np.newaxis, :],
        one["place"].cast(pl.Int64).to_numpy(),
        one["floor"].to_numpy(),
    )


def _rows(year: Year, solution: Solution) -> pl.DataFrame:
    network, months = year.network, len(year.months)
    codes = np.array(network.provinces, dtype=object)
    dates = np.array(year.months, dtype="datetime64[D]")
    flows = pl.DataFrame(
        {
            "period_month": np.repeat(dates, len(network.ends)),
            "kind": "flow",
            "from_region_code": np.tile(codes[network.ends[:, 0]], months),
            "to_region_code": np.tile(codes[network.ends[:, 1]], months),
            "energy_mwh": solution.flows.ravel(),
            "capacity_mwh": year.programme.capacity.ravel(),
            "multiplier": solution.bound_multiplier.ravel(),
        }
    )
    residuals = pl.DataFrame(
        {
            "period_month": np.repeat(dates, len(codes)),
            "kind": "residual",
            "from_region_code": np.tile(codes, months),
            "to_region_code": "",
            "energy_mwh": solution.difference.ravel(),
            "capacity_mwh": year.programme.consumption.ravel(),
            "multiplier": solution.balance_multiplier.ravel(),
        }
    )
    return pl.concat([flows, residuals], how="vertical_relaxed").with_columns(
        pl.col("energy_mwh", "capacity_mwh").round(6).cast(pl.Decimal(38, 6)),
        pl.col("multiplier").round(9).cast(pl.Decimal(38, 9)),
    )
