"""Brightway's calculator, an independent implementation, comes to the same scores and moments."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.life_cycle_sampling import sample_scores
from dbt_project.methods.life_cycle_scores import inventory, solve_scores
from dbt_project.methods.technosphere import LifeCycleSystem
from tests.methods.life_cycle_databases import random_database

with warnings.catch_warnings():
    # It warns at import that a faster solver is not installed.
    warnings.simplefilter("ignore")
    import bw2calc
    import bw_processing

FLOWS = 10_000


def datapackage(system: LifeCycleSystem, *, uncertain: bool = False) -> bw_processing.Datapackage:
    """Write the exchanges as Brightway's matrices take them: inputs positive and flipped."""
    package = bw_processing.create_datapackage()
    exchanges = system.exchanges
    bought = exchanges["row"].is_not_null().to_numpy()
    coefficient = exchanges["coefficient"].to_numpy()
    column = exchanges["column"].to_numpy()
    sigma = exchanges["sigma"].to_numpy()

    def indices(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return np.array(
            list(zip(rows.tolist(), columns.tolist(), strict=True)),
            dtype=bw_processing.INDICES_DTYPE,
        )

    def distributions(at: np.ndarray, certain: int) -> dict[str, np.ndarray]:
        if not uncertain:
            return {}
        table = np.zeros(certain + at.size, dtype=bw_processing.UNCERTAINTY_DTYPE)
        table["scale"] = table["shape"] = table["minimum"] = table["maximum"] = np.nan
        table["loc"] = np.concatenate([np.ones(certain), np.log(coefficient[at])])
        table["scale"][certain:] = sigma[at]
        table["uncertainty_type"][certain:] = 2
        return {"distributions_array": table}

    own = np.arange(system.size)
    at = np.flatnonzero(bought)
    package.add_persistent_vector(
        matrix="technosphere_matrix",
        data_array=np.concatenate([np.ones(system.size), coefficient[at]]),
        indices_array=indices(
            np.concatenate([own, exchanges["row"].drop_nulls().to_numpy()]),
            np.concatenate([own, column[at]]),
        ),
        flip_array=np.concatenate([np.zeros(system.size, bool), np.ones(at.size, bool)]),
        **distributions(at, system.size),
    )
    at = np.flatnonzero(~bought)
    flow = exchanges["flow"].drop_nulls().to_numpy()
    package.add_persistent_vector(
        matrix="biosphere_matrix",
        data_array=coefficient[at],
        indices_array=indices(FLOWS + flow, column[at]),
        **distributions(at, 0),
    )
    flows = FLOWS + np.arange(system.flow_ids.len())
    package.add_persistent_vector(
        matrix="characterization_matrix",
        data_array=system.characterisation[0],
        indices_array=indices(flows, np.zeros_like(flows)),
    )
    return package


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["direct", "iterative"]))
def test_scores_and_inventories_of_hub_structured_systems_agree(seed: int, method: str) -> None:
    system = random_database(seed, size=40, inputs=8).system()
    scores = solve_scores(system, method)  # type: ignore[arg-type]
    lca = bw2calc.LCA({0: 1}, data_objs=[datapackage(system)])
    lca.lci()
    lca.lcia()
    for product in range(0, system.size, 3):
        lca.lcia({product: 1})
        assert scores.values[product, 0] == pytest.approx(lca.score, rel=1e-12)
    last = system.processes["process_id"][product]
    flows = np.asarray(lca.inventory.sum(axis=1)).ravel()
    np.testing.assert_allclose(inventory(scores, [last])["amount"], flows, rtol=1e-12)


@pytest.mark.filterwarnings("ignore")
def test_monte_carlo_has_the_same_moments() -> None:
    """1,500 draws on each side: mean and deviation of ln(score) within four standard errors.

    Brightway keeps scale as float32 and draws independently of us, so moments are all there is.
    """
    draws = 1_500
    system = random_database(11, size=10, sigma=0.2).system()
    scores = solve_scores(system)
    names = system.processes["process_id"].to_list()
    ours = np.log(sample_scores(scores, draws=draws, seed=5, keep=names).samples[:, :, 0])
    lca = bw2calc.LCA(
        {0: 1},
        data_objs=[datapackage(system, uncertain=True)],
        use_distributions=True,
        seed_override=42,
    )
    lca.lci()
    lca.lcia()
    direct = system.characterisation[0]
    theirs = np.empty((draws, system.size))
    for draw in range(draws):
        next(lca)
        # All scores of the draw at once from its own matrices, dense: ten processes.
        right = np.asarray(direct @ lca.biosphere_matrix)
        theirs[draw] = np.log(np.linalg.solve(lca.technosphere_matrix.toarray().T, right))
    error = np.hypot(ours.std(axis=0), theirs.std(axis=0)) / np.sqrt(draws)
    assert np.all(np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 4 * error)
    spread = ours.std(axis=0) / theirs.std(axis=0)
    assert np.all(np.abs(spread - 1) < 4 * np.sqrt(1 / draws))
    # And the draws are correlated between datasets as theirs are.
    gap = np.abs(np.corrcoef(ours.T) - np.corrcoef(theirs.T))
    assert gap.max() < 4 * np.sqrt(2 / draws)
