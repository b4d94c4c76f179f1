"""The benchmark's database is what the benchmark says it is."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import connected_components

from benchmarks.life_cycle_database import synthetic_database
from dbt_project.methods.readiness import judge


def test_the_measured_database_has_hubs_loops_and_small_column_sums_and_is_ready() -> None:
    frames = synthetic_database(500)
    report = judge(*frames)
    assert report.is_ready and report.system is not None
    inputs = report.system.inputs
    assert connected_components(inputs, directed=True, connection="strong")[0] == 1
    assert inputs.sum(axis=0).max() < 0.8
    buyers = np.sort(np.bincount(inputs.indices, minlength=500))[::-1]
    # Zipf: each of the first ten serves over a fifth of all, half of all serve next to nobody.
    assert buyers[:10].min() > 100 and np.median(buyers) < 12
    assert 8 < inputs.nnz / 500 < 16
    for again, first in zip(synthetic_database(500), frames, strict=True):
        assert again.equals(first)
