"""Life-cycle scores with bw2calc: the yardstick of common practice.

Belongs here: what runs in the environment of `peers.lock`, which has none of what this project
needs. Does not belong here: anything else. Arguments: the matrices as `.npz`, demands to time.

Loading is left out everywhere: only solving is timed, factorisation included. Times are pairs: wall
clock and processor, the second of which other work on the machine touches less.
"""

import json
import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")
import bw2calc  # noqa: E402
import bw_processing as bwp  # noqa: E402

from benchmarks.memory import MB, peak_memory  # noqa: E402

FLOWS = 1_000_000
CATEGORY = ("gwp",)
MONTE_CARLO = 2


def _indices(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    table = np.empty(rows.size, dtype=bwp.INDICES_DTYPE)
    table["row"], table["col"] = rows, columns
    return table


def _lognormal(amount: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    table = np.full(amount.size, np.nan, dtype=bwp.UNCERTAINTY_DTYPE)
    table["uncertainty_type"] = np.where(sigma > 0, 2, 0)
    table["loc"] = np.where(sigma > 0, np.log(amount), amount)
    table["scale"], table["negative"] = np.where(sigma > 0, sigma, np.nan), False
    return table


def _package(given: dict[str, np.ndarray]) -> object:
    size = int(given["size"])
    own = np.arange(size)
    package = bwp.create_datapackage()
    inputs, sigma = given["input"], given["input_sigma"]
    amounts = np.concatenate([np.ones(size), inputs])
    package.add_persistent_vector(
        matrix="technosphere_matrix",
        data_array=amounts,
        indices_array=_indices(
            np.concatenate([own, given["input_row"]]), np.concatenate([own, given["input_column"]])
        ),
        flip_array=np.arange(amounts.size) >= size,
        distributions_array=_lognormal(amounts, np.concatenate([np.zeros(size), sigma])),
    )
    package.add_persistent_vector(
        matrix="biosphere_matrix",
        data_array=given["emission"],
        indices_array=_indices(FLOWS + given["emission_row"], given["emission_column"]),
        distributions_array=_lognormal(given["emission"], given["emission_sigma"]),
    )
    flows = FLOWS + np.arange(given["factor"].size)
    package.add_persistent_vector(
        matrix="characterization_matrix",
        identifier=list(CATEGORY),
        data_array=given["factor"],
        indices_array=_indices(flows, np.zeros_like(flows)),
    )
    return package


Seconds = tuple[float, float]


def _now() -> np.ndarray:
    return np.array([time.perf_counter(), time.process_time()])


def _fast(package: object, size: int, demands: int, direction: str) -> tuple[Seconds, np.ndarray]:
    """Time the fastest class for many demands; return seconds and scores."""
    chosen = np.linspace(0, size - 1, demands).astype(int)
    lca = bw2calc.FastScoresOnlyMultiLCA(
        demands={str(product): {int(product): 1} for product in chosen},
        method_config={"impact_categories": [CATEGORY]},
        data_objs=[package],
        direction=direction,
    )
    lca._load_datapackages()
    lca.build_precalculated()
    begun = _now()
    scores = lca.calculate()
    wall, processor = _now() - begun
    return (wall, processor), np.asarray(scores).ravel()


def _monte_carlo(kind: type, package: object) -> Seconds:
    """Time one iteration for one demand: drawing, building the matrices, solving."""
    lca = kind({0: 1}, data_objs=[package], use_distributions=True, seed_override=1)
    lca.lci()
    lca.lcia()
    next(lca)
    begun = _now()
    for _ in range(MONTE_CARLO):
        next(lca)
    wall, processor = (_now() - begun) / MONTE_CARLO
    return wall, processor


def main(path: str, demands: int) -> None:
    """Measure and print one line of JSON."""
    with np.load(path) as file:
        given = {name: file[name] for name in file.files}
    size = int(given["size"])
    package = _package(given)
    few = max(1, demands // 10)
    short, _ = _fast(package, size, few, "forward")
    long, forward = _fast(package, size, demands, "forward")
    adjoint, scores = _fast(package, size, size, "adjoint")
    chosen = np.linspace(0, size - 1, demands).astype(int)
    assert np.allclose(scores[chosen], forward, rtol=1e-9)
    assert np.allclose(scores, given["score"], rtol=1e-9), "bw2calc and we differ"
    print(
        json.dumps(
            {
                "version": bw2calc.__version__,
                "demands": demands,
                "forward_few": short,
                "forward": long,
                "adjoint": adjoint,
                "monte_carlo": _monte_carlo(bw2calc.LCA, package),
                "monte_carlo_iterative": _monte_carlo(bw2calc.IterativeLCA, package),
                "memory_mb": peak_memory() / MB,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
