"""Which inputs a factor's variance comes from.

Belongs here: regression of drawn values on the inputs' draws. Does not belong here: drawing
(`random_inputs`), the factors themselves (`propagation`).

With independent standard normal inputs z and a nearly linear model, y = b_0 + sum_i b_i z_i + e,
the share of input i is to first order

    (b_i^2 - se_i^2) / (sum_j (b_j^2 - se_j^2) + s^2)

with the slopes' standard errors se and the residual's variance s^2: squared regression coefficients
(Saltelli et al. 2008, Global Sensitivity Analysis, 1.2.5) without what sampling alone puts into
them, over the variance that independent inputs would have - draws are few enough to correlate by
chance. R^2 says how linear the model is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class TooFewDrawsError(ValueError):
    """There are not enough draws to tell the inputs apart."""


def variance_shares(inputs: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Regress all values on all inputs with one factorisation.

    Args:
        inputs: z, shape (D, M).
        values: y, shape (D, V).

    Returns:
        Shares, shape (M, V), 0 to 1, and R^2, shape (V,), corrected for the number of inputs; both
        zero for a value that does not vary.

    Raises:
        TooFewDrawsError: D is not above M + 1.
    """
    draws, count = inputs.shape
    if draws <= count + 1:
        raise TooFewDrawsError(
            f"{count} inputs cannot be told apart by {draws} draws: at least {count + 2} are needed"
        )
    centred = inputs - inputs.mean(axis=0)
    wanted = values - values.mean(axis=0)
    basis, triangle = np.linalg.qr(centred)
    projected = basis.T @ wanted
    inverse = np.linalg.inv(triangle)
    slopes = inverse @ projected
    residual = np.sum((wanted - basis @ projected) ** 2, axis=0) / (draws - count - 1)
    variance = np.sum(wanted**2, axis=0) / (draws - 1)
    explained = slopes**2 - np.sum(inverse**2, axis=1)[:, np.newaxis] * residual
    # Rounding is no variance: a constant value has none.
    varies = variance > (1e-12 * np.abs(values).max(axis=0, initial=0.0)) ** 2
    total = np.maximum(explained.sum(axis=0) + residual, explained.max(axis=0, initial=0.0))
    shares = np.maximum(explained, 0.0) / np.where(varies, total, 1.0)
    r_squared = 1.0 - residual / np.where(varies, variance, 1.0)
    return np.where(varies, shares, 0.0), np.where(varies, np.clip(r_squared, 0.0, 1.0), 0.0)
