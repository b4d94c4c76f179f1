"""Random and real programmes for the tests of the interchange estimate."""

from __future__ import annotations

import numpy as np

from dbt_project.methods.interchange_programme import FloatArray, Programme


def random_programme(seed: int, *, months: int = 2, provinces: int = 6) -> Programme:
    """Build a connected programme whose corridors, bounds and parts are tight at random."""
    random = np.random.default_rng(seed)
    ends = [(p, p + 1) for p in range(provinces - 1)]
    ends += [tuple(sorted(random.choice(provinces, 2, replace=False))) for _ in range(4)]
    incidence = np.zeros((provinces, len(ends)))
    for corridor, (start, end) in enumerate(ends):
        incidence[start, corridor], incidence[end, corridor] = -1.0, 1.0
    net_import = random.normal(0, 100, (months, provinces))
    net_import -= net_import.mean(axis=1, keepdims=True)
    capacity = random.uniform(20, 400, (months, len(ends)))
    # Two transfers as they stand, one province's bound, one sum of sizes, one sum of exports.
    shape = (months, len(ends))
    part = [random.integers(-1, 2, shape).astype(float) for _ in range(2)]
    part_of, floor = [0, 1], [1.0, 1.0]
    part.append(np.tile(-incidence[0], (months, 1)))
    part_of, floor = [*part_of, 2], [*floor, 1.0]
    for corridor in range(4):
        only = np.zeros(shape)
        only[:, corridor] = 1.0
        part.append(only)
    part_of, floor = [*part_of, *[3] * 4], [*floor, *[-1.0] * 4]
    part += [np.tile(-incidence[p], (months, 1)) for p in range(provinces)]
    part_of, floor = [*part_of, *[4] * provinces], [*floor, *[0.0] * provinces]
    return Programme(
        incidence=incidence,
        net_import=net_import,
        consumption=random.uniform(200, 2000, (months, provinces)),
        capacity=capacity,
        transfer=random.uniform(20, 300, 5),
        transfer_sd=random.uniform(0.01, 0.1, 5),
        is_bound=np.array([False, False, True, True, True]),
        part=np.array(part),
        part_of=np.array(part_of),
        part_floor=np.array(floor),
        consumption_sd=0.02,
    )


def plain_programme(
    incidence: FloatArray,
    net_import: FloatArray,
    consumption: FloatArray,
    capacity: FloatArray,
    consumption_sd: float = 0.02,
) -> Programme:
    """Build a programme without reported transfers."""
    none = np.zeros(0)
    return Programme(
        incidence, net_import, consumption, capacity, none, none, none.astype(bool),
        np.zeros((0, *capacity.shape)), none.astype(np.int64), none, consumption_sd,
    )  # fmt: skip
