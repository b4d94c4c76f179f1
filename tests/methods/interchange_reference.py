"""The interchange programme in the words of a general solver (HiGHS), unreduced: a proof.

Source: Huangfu and Hall (2018), 10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

import highspy
import numpy as np
import scipy.sparse as sp

from dbt_project.methods.interchange_programme import (
    FloatArray,
    InterchangeError,
    Programme,
)

# The solver's own 1e-7 would shift flows by parts in ten thousand.
_REGULARIZATION = 1e-12


def solve_reference(programme: Programme) -> FloatArray:
    """Return the optimal flows x (T, E) as HiGHS finds them.

    Columns: flows, differences, deviations, and the counted value of every part that is not simply
    added up (at least the part, at least l_j times it: the objective presses it down onto both).

    Raises:
        InterchangeError: the solver reports anything but an optimum.
    """
    months, provinces = programme.net_import.shape
    flows, differences = programme.capacity.size, months * provinces
    transfers = len(programme.transfer)
    parts = programme.part.reshape(-1, flows)
    counted = np.flatnonzero(programme.part_floor < 1.0)
    # Energies near one keep the solver's tolerances meaningful.
    unit = float(np.median(programme.capacity)) / 1e3
    added = np.zeros((transfers, flows))
    np.add.at(
        added, programme.part_of, np.where(programme.part_floor == 1.0, 1.0, 0.0)[:, None] * parts
    )
    pick = sp.csc_matrix(
        (np.ones(len(counted)), (programme.part_of[counted], np.arange(len(counted)))),
        shape=(transfers, len(counted)),
    )
    size = len(counted)
    matrix = sp.bmat(
        [
            [
                sp.kron(sp.eye(months), programme.incidence),
                sp.eye(differences),
                sp.csc_matrix((differences, transfers)),
                sp.csc_matrix((differences, size)),
            ],
            [
                sp.csc_matrix(added),
                sp.csc_matrix((transfers, differences)),
                -sp.eye(transfers),
                pick,
            ],
            [
                sp.csc_matrix(-parts[counted]),
                sp.csc_matrix((size, differences)),
                sp.csc_matrix((size, transfers)),
                sp.eye(size),
            ],
            [
                sp.csc_matrix(-programme.part_floor[counted, None] * parts[counted]),
                sp.csc_matrix((size, differences)),
                sp.csc_matrix((size, transfers)),
                sp.eye(size),
            ],
        ],
        format="csc",
    )
    curvature = np.concatenate(
        [
            unit / programme.capacity.ravel(),
            unit * programme.difference_weight.ravel(),
            unit * programme.transfer_weight,
            np.zeros(size),
        ]
    )
    capacity, infinite = programme.capacity.ravel() / unit, np.inf
    net_import, transfer = programme.net_import.ravel() / unit, programme.transfer / unit
    lower = np.concatenate(
        [
            -capacity,
            np.full(differences, -infinite),
            np.where(programme.is_bound, 0.0, -infinite),
            np.full(size, -infinite),
        ]
    )
    upper = np.concatenate([capacity, np.full(differences + transfers + size, infinite)])
    row_lower = np.concatenate(
        [net_import, np.where(programme.is_bound, -infinite, transfer), np.zeros(2 * size)]
    )
    row_upper = np.concatenate([net_import, transfer, np.full(2 * size, infinite)])
    found = _minimise(curvature, matrix, row_lower, row_upper, lower, upper)
    return found[:flows].reshape(programme.capacity.shape) * unit


def _minimise(
    curvature: FloatArray,
    matrix: sp.csc_matrix,
    row_lower: FloatArray,
    row_upper: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> FloatArray:
    """Minimise 1/2 x' diag(curvature) x with the matrix's rows and the columns in bounds."""
    rows, columns = matrix.shape
    model = highspy.HighsModel()
    model.lp_.num_col_, model.lp_.num_row_ = columns, rows
    model.lp_.col_cost_ = np.zeros(columns)
    model.lp_.col_lower_, model.lp_.col_upper_ = lower, upper
    model.lp_.row_lower_, model.lp_.row_upper_ = row_lower, row_upper
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
    solver.setOptionValue("qp_regularization_value", _REGULARIZATION)
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise InterchangeError(f"no optimum, the solver says {solver.modelStatusToString(status)}")
    return np.asarray(solver.getSolution().col_value, dtype=np.float64)
