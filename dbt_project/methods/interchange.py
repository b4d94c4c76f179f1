"""Interchange between provinces: the flows that close every balance.

Belongs here: the quadratic programme and its solution. Balances, corridors and reported transfers
come from SQL; what flows mean for factors is the business of `network` and of SQL.

No province-to-province flow matrix is public. For each month the estimate is the solution of

    minimise    1/2 sum_e x_e^2 / c_e  +  w/2 sum_k (a_k x - t_k)^2 / t_k  +  M/2 sum_p r_p^2 / d_p
    subject to  sum_{e into p} x_e - sum_{e out of p} x_e + r_p = n_p   for every province p
                -c_e <= x_e <= c_e                                      for every corridor e

x_e is the net flow on corridor e (MWh), c_e its capacity times the hours of the month, n_p the
net import that the balance of p asks for, d_p its consumption, t_k a reported transfer between
grid regions and a_k the corridors that it crosses. The first term spreads power over parallel
paths as their capacities do; the second pulls towards what was reported. r_p is the statistical
difference: generation and consumption come from two statistics and the southern grid is all but
an island, so that some months cannot close with any flow. M makes it negligible where corridors
suffice (below 0.01 % of consumption) and shares it by consumption where they do not: least
squares with the same relative uncertainty for every province. The problem is strictly convex:
one solution.

Source: quasi-input-output view of Chinese interchange, Qu, Liang and Xu (2017),
10.1021/acs.est.7b01814, for balances; least-squares spreading is this project's own choice.
Solver: HiGHS (Huangfu and Hall 2018, 10.1007/s12532-017-0130-5).
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

import highspy
import numpy as np
import polars as pl
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# The programme is solved in GWh: numbers near one keep the solver's tolerances meaningful.
_MWH_PER_UNIT = 1_000.0
# M. Using a corridor to its last MWh costs 1 at the margin and hardly any path is longer than ten
# corridors: a difference of 1e-4 of consumption costs as much.
_DIFFERENCE_COST = 100_000.0


class InterchangeError(RuntimeError):
    """The solver found no optimum; the message names the month."""


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
    targets: pl.DataFrame,
    grid_regions: pl.DataFrame,
    *,
    transfer_weight: float = 1.0,
) -> pl.DataFrame:
    """Estimate net flows for every month of `balance`.

    Args:
        balance: `region_code`, `period_month`, `net_import_mwh` (float; sums to zero a month),
            `consumption_mwh` (positive).
        corridors: `from_region_code`, `to_region_code`, `capacity_mw`, one row a corridor.
        targets: `from_region_code` (grid region), `to_region_codes` (joined by "+"),
            `period_month`, `energy_mwh`: reported transfers.
        grid_regions: `region_code`, `grid_region_code`.
        transfer_weight: w of the programme; 0 leaves reported transfers out.

    Returns:
        `period_month`, `kind` (flow, residual), `from_region_code`, `to_region_code` (empty for a
        residual), `energy_mwh` (Decimal(38, 6); a negative flow runs the other way; a residual
        is the import that no corridor brings, the statistical difference), `capacity_mwh` (of a
        residual: the consumption of the province), sorted by all keys.

    Raises:
        InterchangeError: a month has no solution (never because of tight corridors).
    """
    provinces = balance["region_code"].unique().sort().to_list()
    network = Network.from_frames(provinces, corridors)
    grid = dict(grid_regions.select("region_code", "grid_region_code").iter_rows())
    months = [
        _estimate_month(month, group, network, grid, targets, transfer_weight)
        for (month,), group in balance.sort("period_month", "region_code").group_by(
            ["period_month"], maintain_order=True
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
    return pl.concat([empty, *months]).sort(
        "period_month", "kind", "from_region_code", "to_region_code"
    )


def solve_flows(
    network: Network,
    net_import: FloatArray,
    consumption: FloatArray,
    capacity: FloatArray,
    crossings: FloatArray,
    transfers: FloatArray,
    transfer_weight: float,
) -> tuple[FloatArray, FloatArray]:
    """Solve the programme of the module's docstring once.

    Args:
        network: provinces (P) and corridors (E).
        net_import: n, shape (P,), any energy unit.
        consumption: d, shape (P,), positive, same unit.
        capacity: c, shape (E,), positive, same unit.
        crossings: a, shape (K, E).
        transfers: t, shape (K,), positive, same unit.
        transfer_weight: w.

    Returns:
        Flows x, shape (E,), and statistical differences r, shape (P,).

    Raises:
        InterchangeError: the solver reports anything but an optimum.
    """
    provinces, corridors = network.incidence.shape
    targets = len(transfers) if transfer_weight > 0 else 0
    # Columns: flows, statistical differences, deviation from each transfer.
    matrix = np.zeros((provinces + targets, corridors + provinces + targets))
    matrix[:provinces, :corridors] = network.incidence
    matrix[:provinces, corridors : corridors + provinces] = np.eye(provinces)
    if targets:
        matrix[provinces:, :corridors] = crossings
        matrix[provinces:, corridors + provinces :] = -np.eye(targets)
    right_hand_side = np.concatenate([net_import, transfers[:targets]])
    curvature = np.concatenate(
        [1.0 / capacity, _DIFFERENCE_COST / consumption, transfer_weight / transfers[:targets]]
    )
    free = np.full(provinces + targets, np.inf)
    solution = _minimise(
        curvature,
        matrix,
        right_hand_side,
        np.concatenate([-capacity, -free]),
        np.concatenate([capacity, free]),
    )
    return solution[:corridors], solution[corridors : corridors + provinces]


def _estimate_month(
    month: object,
    balance: pl.DataFrame,
    network: Network,
    grid: dict[str, str],
    targets: pl.DataFrame,
    transfer_weight: float,
) -> pl.DataFrame:
    assert isinstance(month, dt.date)
    hours = 24.0 * calendar.monthrange(month.year, month.month)[1]
    placed = pl.DataFrame({"region_code": network.provinces}).join(
        balance, on="region_code", how="left", maintain_order="left"
    )
    net_import = placed["net_import_mwh"].fill_null(0.0).to_numpy()
    consumption = placed["consumption_mwh"].fill_null(0.0).clip(lower_bound=1.0).to_numpy()
    reported = targets.filter((pl.col("period_month") == month) & (pl.col("energy_mwh") > 0)).sort(
        "from_region_code", "to_region_codes"
    )
    crossings = np.array(
        [
            network.crossing(grid, sender, frozenset(receivers.split("+")))
            for sender, receivers in reported.select(
                "from_region_code", "to_region_codes"
            ).iter_rows()
        ]
    ).reshape(-1, len(network.ends))
    reachable = np.abs(crossings).sum(axis=1) > 0
    capacity = network.capacity_mw * hours
    if not np.all(np.isfinite(net_import)):
        raise InterchangeError(f"interchange of {month:%Y-%m}: a province's net import is missing")
    try:
        flows, residual = solve_flows(
            network,
            net_import / _MWH_PER_UNIT,
            consumption / _MWH_PER_UNIT,
            capacity / _MWH_PER_UNIT,
            crossings[reachable],
            reported["energy_mwh"].to_numpy()[reachable] / _MWH_PER_UNIT,
            transfer_weight,
        )
    except InterchangeError as error:
        raise InterchangeError(f"interchange of {month:%Y-%m}: {error}") from error
    codes = np.array(network.provinces, dtype=object)
    flow_rows = pl.DataFrame(
        {
            "kind": "flow",
            "from_region_code": codes[network.ends[:, 0]],
            "to_region_code": codes[network.ends[:, 1]],
            "energy_mwh": flows * _MWH_PER_UNIT,
            "capacity_mwh": capacity,
        }
    )
    residual_rows = pl.DataFrame(
        {
            "kind": "residual",
            "from_region_code": network.provinces,
            "to_region_code": "",
            "energy_mwh": residual * _MWH_PER_UNIT,
            "capacity_mwh": consumption,
        }
    )
    return (
        pl.concat([flow_rows, residual_rows])
        .with_columns(
            pl.lit(month).alias("period_month"),
            pl.col("energy_mwh", "capacity_mwh").round(6).cast(pl.Decimal(38, 6)),
        )
        .select(
            "period_month",
            "kind",
            "from_region_code",
            "to_region_code",
            "energy_mwh",
            "capacity_mwh",
        )
    )


def _minimise(
    curvature: FloatArray,
    matrix: FloatArray,
    right_hand_side: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> FloatArray:
    """Minimise 1/2 x' diag(curvature) x with matrix x = right_hand_side, in bounds."""
    rows, columns = matrix.shape
    column_of_entry, row_of_entry = np.nonzero(matrix.T)
    model = highspy.HighsModel()
    model.lp_.num_col_, model.lp_.num_row_ = columns, rows
    model.lp_.col_cost_ = np.zeros(columns)
    model.lp_.col_lower_, model.lp_.col_upper_ = lower, upper
    model.lp_.row_lower_ = model.lp_.row_upper_ = right_hand_side
    model.lp_.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.lp_.a_matrix_.start_ = np.searchsorted(column_of_entry, np.arange(columns + 1))
    model.lp_.a_matrix_.index_ = row_of_entry
    model.lp_.a_matrix_.value_ = matrix[row_of_entry, column_of_entry]
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
