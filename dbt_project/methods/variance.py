"""Which inputs a factor's variance comes from.

Belongs here: regression of drawn values on the inputs' draws. Does not belong here: drawing
(`random_inputs`), the factors themselves (`propagation`).

With standard normal inputs z and a nearly linear model, y = b_0 + sum_i b_i z_i + e, the share of
input i is b_i^2 var(z_i) / var(y) to first order: standardised regression coefficients squared
(Saltelli et al. 2008, Global Sensitivity Analysis, 1.2.5). R^2 says how linear the model is.
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
        First-order shares, shape (M, V), and R^2, shape (V,), corrected for the number of inputs;
        both zero for a value that does not vary.

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
    slopes = np.linalg.solve(triangle, projected)
    total = np.sum(wanted**2, axis=0)
    # Rounding is no variance: a constant value has none.
    varies = total > draws * (1e-12 * np.abs(values).max(axis=0, initial=0.0)) ** 2
    safe = np.where(varies, total, 1.0)
    shares = slopes**2 * np.sum(centred**2, axis=0)[:, np.newaxis] / safe
    residual = np.sum((wanted - basis @ projected) ** 2, axis=0) / safe
    r_squared = 1.0 - residual * (draws - 1) / (draws - count - 1)
    return np.where(varies, shares, 0.0), np.where(varies, np.clip(r_squared, 0.0, 1.0), 0.0)
