"""Random networks for property tests: flows that can be, nodes that are hard.

Belongs here: hypothesis strategies that the tests of `network` and `residual` share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

KINDS = 4


@dataclass(frozen=True)
class Network:
    """One period: generation (N,) by kind (N, KINDS), factors of each kind, flows (N, N)."""

    generation: np.ndarray
    by_kind: np.ndarray
    factors: np.ndarray
    imports: np.ndarray

    @property
    def emissions(self) -> np.ndarray:
        """What generation emits, shape (N,)."""
        return self.by_kind @ self.factors

    @property
    def consumed(self) -> np.ndarray:
        """What stays at each node, shape (N,)."""
        stays = self.generation + self.imports.sum(axis=1) - self.imports.sum(axis=0)
        return np.where(np.abs(stays) < 2e-6, 0.0, stays)


@st.composite
def networks(draw: st.DrawFn, least: int = 1, most: int = 7) -> Network:
    """A network in which no node consumes less than nothing.

    Flows are drawn first, generation then covers at least what a node exports beyond its imports.
    What it generates on top is nothing, next to nothing or much: so there are nodes that nothing
    runs through, that only pass power on, that stand alone, and circles that next to nothing
    feeds (nearly singular systems).
    """
    count = draw(st.integers(least, most))
    node = st.integers(0, count - 1)
    flow = st.floats(0.01, 1e4).map(lambda energy: round(energy, 3))
    imports = np.zeros((count, count))
    shape = draw(st.sampled_from(["any", "chain", "two-way chain", "circle", "none"]))
    if shape == "any":
        pairs = draw(st.lists(st.tuples(node, node), max_size=2 * count, unique=True))
    elif shape == "none":
        pairs = []
    else:
        pairs = [(i + 1, i) for i in range(count - 1)]
        if shape == "two-way chain":
            pairs += [(i, i + 1) for i in range(count - 1)]
        elif shape == "circle":
            pairs.append((0, count - 1))
    several = st.lists(flow, min_size=len(pairs), max_size=len(pairs))
    flows = draw(st.one_of(flow.map(lambda same: [same] * len(pairs)), several))
    for (i, j), energy in zip(pairs, flows, strict=True):
        imports[i, j] = energy if i != j else 0.0
    needed = np.round(np.maximum(imports.sum(axis=0) - imports.sum(axis=1), 0.0), 6)
    own = st.one_of(st.just(0.0), st.floats(1e-5, 1e-3), st.floats(1.0, 1e4))
    generation = needed + np.array(draw(st.lists(own, min_size=count, max_size=count)))
    # Base 4: one number says the parts that a node's generation has of each kind.
    codes = draw(st.lists(st.integers(1, 4**KINDS - 1), min_size=count, max_size=count))
    weights = np.array([[code // 4**k % 4 for k in range(KINDS)] for code in codes], dtype=float)
    by_kind = generation[:, None] * weights / weights.sum(axis=1, keepdims=True)
    factors = np.array(draw(st.lists(st.floats(0, 1200), min_size=KINDS, max_size=KINDS)))
    return Network(generation, by_kind, factors, imports)


def feeders(network: Network) -> np.ndarray:
    """Who feeds whom: [i, j] is true where power generated at j can reach i; by walking."""
    count = len(network.generation)
    reach = np.zeros((count, count), dtype=bool)
    for origin in np.flatnonzero(network.generation > 0):
        waiting = [origin]
        while waiting:
            here = waiting.pop()
            if not reach[here, origin]:
                reach[here, origin] = True
                waiting += list(np.flatnonzero(network.imports[:, here] > 0))
    return reach
