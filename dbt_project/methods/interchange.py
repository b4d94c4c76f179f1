"""Interchange between provinces: the flows that close every balance.

Belongs here: the quadratic programme and its solution. Balances, corridors and reported transfers
come from SQL; what flows mean for factors is the business of `network` and of SQL.

No province-to-province flow matrix is public. The estimate reconciles what is: balances by month,
corridors, and transfers between grid regions reported for a span of months. For the months m of a
year it is the solution of

    minimise    1/2 sum_me x_me^2 / c_me
                + 1/2 sum_mp r_mp^2 / (s_d^2 d_mp)  +  1/2 sum_k (a_k x - t_k)^2 / (s_t^2 t_k)
    subject to  sum_{e into p} x_me - sum_{e out of p} x_me + r_mp = n_mp    for every m and p
                -c_me <= x_me <= c_me                                        for every m and e

x_me is the net flow on corridor e (MWh), c_me its capacity times the hours of the month, n_mp the
net import that the balance of p asks for, d_mp its consumption, t_k a reported transfer and a_k the
corridors and months that it sums. The first term spreads power over parallel paths as their
capacities do; it is weak beside the others. r_mp is the statistical difference: generation and
consumption come from two statistics, known to a relative standard deviation s_d; transfers are
metered and known to s_t. Where a reported transfer contradicts the balances, as for the southern
grid, both give way by their uncertainty: least-squares data reconciliation. The problem is strictly
convex: one solution.

Source: balances as in Qu, Liang and Xu (2017), 10.1021/acs.est.7b01814; reconciliation as in
Stone, Champernowne and Meade (1942), 10.2307/2967664. Solver: HiGHS (Huangfu and Hall 2018,
10.1007/s12532-017-0130-5).
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

import highspy
import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# The programme is solved in GWh: numbers near one keep the solver's tolerances meaningful.
_MWH_PER_UNIT = 1_000.0


class InterchangeError(RuntimeError):
    """The solver found no optimum; the message names the year."""


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
    ends: NDArray[np.int64]
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

    def crossing(self, grid: dict[str, str], sender: str, receivers: frozenset[str]) -> FloatArray:
        """Signs with which corridors count towards a transfer between grid regions, shape (E,)."""
        region = np.array([grid.get(code, "") for code in self.provinces])
        start, end = region[self.ends[:, 0]], region[self.ends[:, 1]]
        to_receiver = np.isin(end, list(receivers)) & (start == sender)
        from_receiver = np.isin(start, list(receivers)) & (end == sender)
        return to_receiver.astype(np.float64) - from_receiver.astype(np.float64)


def estimate(
    balance: pl.DataFrame,
    corridors: pl.DataFrame,
    transfers: pl.DataFrame,
    grid_regions: pl.DataFrame,
    *,
    consumption_sd: float = 0.02,
    transfer_sd: float = 0.02,
) -> pl.DataFrame:
    """Estimate net flows for every month of `balance`, year by year.

    Args:
        balance: `region_code`, `period_month`, `net_import_mwh` (float; sums to zero a month),
            `consumption_mwh` (positive).
        corridors: `from_region_code`, `to_region_code`, `capacity_mw`, one row a corridor.
        transfers: `from_region_code` (grid region), `to_region_codes` (joined by "+"),
            `first_month`, `last_month` (dates of one year), `energy_mwh`: reported transfers over
            spans of months that do not overlap.
        grid_regions: `region_code`, `grid_region_code`.
        consumption_sd: s_d, relative.
        transfer_sd: s_t, relative.

    Returns:
        `period_month`, `kind` (flow, residual), `from_region_code`, `to_region_code` (empty for a
        residual), `energy_mwh` (Decimal(38, 6); a negative flow runs the other way; a residual
        is the import that no flow brings, the statistical difference), `capacity_mwh` (of a
        residual: the consumption of the province), sorted by all keys.

    Raises:
        InterchangeError: a year has no solution (never because of tight corridors).
    """
    provinces = balance["region_code"].unique().sort().to_list()
    network = Network.from_frames(provinces, corridors)
    grid = dict(grid_regions.select("region_code", "grid_region_code").iter_rows())
    years = [
        _estimate_year(group, network, grid, transfers, consumption_sd, transfer_sd)
        for _, group in balance.sort("period_month", "region_code").group_by(
            [pl.col("period_month").dt.year()], maintain_order=True
        )
    ]
    empty = pl.DataFrame(
        schema={
            "period_month": pl.Date,
            "kind": pl.String,
            "from_region_code": pl.String,
            "to_region_code": pl.String,
            "energy_mwh": pl.Decimal(38, 6),
            "capacity_mwh": pl.Decimal(38, 6),
        }
    )
    return pl.concat([empty, *years]).sort(
        "period_month", "kind", "from_region_code", "to_region_code"
    )


def solve_flows(
    network: Network,
    net_import: FloatArray,
    consumption: FloatArray,
    capacity: FloatArray,
    crossings: FloatArray,
    transfers: FloatArray,
    *,
    consumption_sd: float,
    transfer_sd: float,
) -> tuple[FloatArray, FloatArray]:
    """Solve the programme of the module's docstring once.

    Args:
        network: provinces (P) and corridors (E).
        net_import: n, shape (T, P), any energy unit.
        consumption: d, shape (T, P), positive, same unit.
        capacity: c, shape (T, E), positive, same unit.
        crossings: a, shape (K, T, E).
        transfers: t, shape (K,), positive, same unit.
        consumption_sd: s_d, relative.
        transfer_sd: s_t, relative.

    Returns:
        Flows x, shape (T, E), and statistical differences r, shape (T, P).

    Raises:
        InterchangeError: the solver reports anything but an optimum.
    """
    months, provinces = net_import.shape
    flows, differences, reported = capacity.size, net_import.size, len(transfers)
    # Columns: flows, statistical differences, deviations from each transfer.
    matrix = sp.bmat(
        [
            [
                sp.kron(sp.eye(months), network.incidence),
                sp.eye(differences),
                sp.csc_matrix((differences, reported)),
            ],
            [
                sp.csc_matrix(crossings.reshape(reported, flows)),
                sp.csc_matrix((reported, differences)),
                -sp.eye(reported),
            ],
        ],
        format="csc",
    )
    curvature = np.concatenate(
        [
            1.0 / capacity.ravel(),
            1.0 / (consumption_sd**2 * consumption.ravel()),
            1.0 / (transfer_sd**2 * transfers),
        ]
    )
    free = np.full(differences + reported, np.inf)
    solution = _minimise(
        curvature,
        matrix,
        np.concatenate([net_import.ravel(), transfers]),
        np.concatenate([-capacity.ravel(), -free]),
        np.concatenate([capacity.ravel(), free]),
    )
    return (
        solution[:flows].reshape(capacity.shape),
        solution[flows : flows + differences].reshape(months, provinces),
    )


def _estimate_year(
    balance: pl.DataFrame,
    network: Network,
    grid: dict[str, str],
    transfers: pl.DataFrame,
    consumption_sd: float,
    transfer_sd: float,
) -> pl.DataFrame:
    months: list[dt.date] = balance["period_month"].unique().sort().to_list()
    year = months[0].year
    hours = np.array([24.0 * calendar.monthrange(m.year, m.month)[1] for m in months])
    placed = (
        pl.DataFrame({"period_month": months})
        .join(pl.DataFrame({"region_code": network.provinces}), how="cross")
        .join(balance, on=["period_month", "region_code"], how="left", maintain_order="left")
    )
    shape = (len(months), len(network.provinces))
    net_import = placed["net_import_mwh"].fill_null(0.0).to_numpy().reshape(shape)
    consumption = placed["consumption_mwh"].fill_null(0.0).clip(lower_bound=1.0)
    if not np.all(np.isfinite(net_import)):
        raise InterchangeError(f"interchange of {year}: a province's net import is missing")
    crossings, reported = _reported(transfers, months, network, grid)
    capacity = hours[:, np.newaxis] * network.capacity_mw[np.newaxis, :]
    try:
        flows, differences = solve_flows(
            network,
            net_import / _MWH_PER_UNIT,
            consumption.to_numpy().reshape(shape) / _MWH_PER_UNIT,
            capacity / _MWH_PER_UNIT,
            crossings,
            reported / _MWH_PER_UNIT,
            consumption_sd=consumption_sd,
            transfer_sd=transfer_sd,
        )
    except InterchangeError as error:
        raise InterchangeError(f"interchange of {year}: {error}") from error
    codes = np.array(network.provinces, dtype=object)
    flow_rows = pl.DataFrame(
        {
            "period_month": np.repeat(np.array(months, dtype="datetime64[D]"), len(network.ends)),
            "kind": "flow",
            "from_region_code": np.tile(codes[network.ends[:, 0]], len(months)),
            "to_region_code": np.tile(codes[network.ends[:, 1]], len(months)),
            "energy_mwh": flows.ravel() * _MWH_PER_UNIT,
            "capacity_mwh": capacity.ravel(),
        }
    )
    residual_rows = placed.select(
        "period_month",
        pl.lit("residual").alias("kind"),
        pl.col("region_code").alias("from_region_code"),
        pl.lit("").alias("to_region_code"),
        pl.Series("energy_mwh", differences.ravel() * _MWH_PER_UNIT),
        consumption.alias("capacity_mwh"),
    )
    return pl.concat([flow_rows, residual_rows]).with_columns(
        pl.col("energy_mwh", "capacity_mwh").round(6).cast(pl.Decimal(38, 6))
    )


def _reported(
    transfers: pl.DataFrame, months: list[dt.date], network: Network, grid: dict[str, str]
) -> tuple[FloatArray, FloatArray]:
    """Transfers whose whole span lies in `months` and crosses a corridor: a (K, T, E), t (K,)."""
    within = transfers.filter(
        pl.col("first_month").is_in(months)
        & pl.col("last_month").is_in(months)
        & (pl.col("energy_mwh") > 0)
    ).sort("from_region_code", "to_region_codes", "first_month")
    crossings, energies = [], []
    for row in within.iter_rows(named=True):
        signs = network.crossing(
            grid, row["from_region_code"], frozenset(row["to_region_codes"].split("+"))
        )
        if np.any(signs != 0):
            span = [row["first_month"] <= month <= row["last_month"] for month in months]
            crossings.append(np.outer(span, signs))
            energies.append(row["energy_mwh"])
    shape = (len(energies), len(months), len(network.ends))
    return np.array(crossings, dtype=np.float64).reshape(shape), np.array(energies, dtype=float)


def _minimise(
    curvature: FloatArray,
    matrix: sp.csc_matrix,
    right_hand_side: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> FloatArray:
    """Minimise 1/2 x' diag(curvature) x with matrix x = right_hand_side, in bounds."""
    rows, columns = matrix.shape
    model = highspy.HighsModel()
    model.lp_.num_col_, model.lp_.num_row_ = columns, rows
    model.lp_.col_cost_ = np.zeros(columns)
    model.lp_.col_lower_, model.lp_.col_upper_ = lower, upper
    model.lp_.row_lower_ = model.lp_.row_upper_ = right_hand_side
    model.lp_.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.lp_.a_matrix_.start_ = matrix.indptr
    model.lp_.a_matrix_.index_ = matrix.indices
    model.lp_.a_matrix_.value_ = matrix.data
    model.hessian_.dim_ = columns
    model.hessian_.format_ = highspy.HessianFormat.kTriangular
    model.hessian_.start_ = np.arange(columns + 1)
    model.hessian_.index_ = np.arange(columns)
    model.hessian_.value_ = curvature
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise InterchangeError(f"no optimum, the solver says {solver.modelStatusToString(status)}")
    return np.asarray(solver.getSolution().col_value, dtype=np.float64)
