"""The exact optimum of a year's interchange programme.

Belongs here: how the active set of `interchange_programme` is found. What the programme is and what
an active set leaves to be solved stand there.

First a primal-dual active set method (Hintermueller, Ito and Kunisch 2002,
10.1137/S1052623401383558): correct the whole choice where the result contradicts it, and repeat; a
choice that contradicts nothing is the optimum. It takes some five steps for the real years. Where
choices come back, bounds are met one at a time instead, each step downhill: a primal active set
method (Fletcher 1987) on the pieces of a piecewise quadratic.
"""

from __future__ import annotations

import numpy as np

from dbt_project.methods.interchange_programme import (
    ActiveSet,
    FloatArray,
    InterchangeError,
    Programme,
    Solution,
    solve_given,
)

_STEPS = 60
_WALK = 5_000
# A value counts as beyond its bound by this share of the bound: below it lies rounding.
_TOLERANCE = 1e-11
_ROUNDING = 1e-10


def solve(programme: Programme) -> Solution:
    """Return the optimum of a year; a pure function of its arrays.

    Raises:
        InterchangeError: no active set was found that holds.
    """
    active = ActiveSet(
        np.zeros(programme.capacity.shape, dtype=np.int64),
        ~programme.is_bound,
        np.ones(len(programme.part_of)),
    )
    return _iterate(programme, active) or _descend(programme)


def _iterate(programme: Programme, active: ActiveSet) -> Solution | None:
    """Correct an active set until it holds; None where sets come back or no system is left."""
    seen: set[bytes] = set()
    for _ in range(_STEPS):
        try:
            solution, held = solve_given(programme, active)
        except (np.linalg.LinAlgError, InterchangeError):
            return None
        corrected = _corrected(programme, solution, held)
        if corrected.key() == active.key():
            return solution
        if corrected.key() in seen:
            return None
        seen.add(corrected.key())
        active = corrected
    return None


def _corrected(programme: Programme, solution: Solution, held: FloatArray) -> ActiveSet:
    """The active set that a stationary point speaks for."""
    active = solution.active
    use = solution.flows / programme.capacity
    full = np.where(
        active.full == 0,
        np.where(use > 1.0 + _TOLERANCE, 1, np.where(use < -1.0 - _TOLERANCE, -1, 0)),
        np.where(active.full * solution.bound_multiplier < 0, 0, active.full),
    ).astype(np.int64)
    excess = programme.transfer_values(solution.flows) - programme.transfer
    pulls = ~programme.is_bound | (excess > _TOLERANCE * programme.transfer)

    values = programme.part_values(solution.flows)
    force = solution.transfer_multiplier[programme.part_of]
    floor = programme.part_floor
    running = np.where(values < 0, floor, 1.0)
    pulled = active.pulls[programme.part_of] & pulls[programme.part_of]
    was_held = np.isnan(active.slope)
    # A part held at zero stays while its multiplier lies between both slopes' forces; a part that
    # would turn round while its transfer pulls is held.
    released = np.where(held > force, 1.0, floor)
    inside = (held <= force) & (held >= floor * force)
    turned = np.where(was_held, False, pulled & (running != active.slope) & (floor < 1.0))
    slope = np.where(
        pulled & was_held,
        np.where(inside, np.nan, released),
        np.where(turned, np.nan, running),
    )
    slope = np.where(floor == 1.0, 1.0, slope)
    return ActiveSet(full, pulls, slope)


def _descend(programme: Programme) -> Solution:
    """Walk down from zero flow, one bound at a time: slower, and it always comes to an end.

    On the way every full corridor and every held part is met with a direction that it blocks, so
    that no two of them depend on each other; each step lowers the objective (a primal active set
    method, Fletcher 1987, on the pieces of a piecewise quadratic).
    """
    flows = np.zeros(programme.capacity.shape)
    full = np.zeros(flows.shape, dtype=np.int64)
    pulls, slope = ~programme.is_bound, np.ones(len(programme.part_of))
    for _ in range(_WALK):
        solution, held = solve_given(programme, ActiveSet(full, pulls, slope))
        step, event, place = _first_block(programme, flows, solution)
        if event == "none":
            flows = solution.flows
            worst, event, place = _worst(programme, solution, held)
            if event == "none":
                return solution
            if event == "corridor":
                full.flat[place] = 0
            else:
                slope[place] = worst
            continue
        direction = solution.flows - flows
        flows = flows + step * direction
        if event == "corridor":
            full.flat[place] = int(np.sign(direction.flat[place]))
        elif event == "transfer":
            pulls[place] = ~pulls[place]
        elif pulls[programme.part_of[place]]:
            slope[place] = np.nan
        else:
            slope[place] = programme.part_floor[place] if slope[place] == 1.0 else 1.0
    raise InterchangeError("no active set holds")


def _first_block(
    programme: Programme, flows: FloatArray, solution: Solution
) -> tuple[float, str, int]:
    """Return what stops the way to a stationary point first: how far, what kind, its place."""
    active, direction = solution.active, solution.flows - flows
    # Less than this is rounding: following it would hold what depends on what is held already.
    least = _ROUNDING * programme.capacity.max()
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(direction > 0, programme.capacity - flows, -programme.capacity - flows)
        corridor = np.where(
            (active.full == 0) & (np.abs(direction) > least), room / direction, np.inf
        )
        value = programme.part_values(flows)
        change = programme.part_values(direction)
        against = np.where(active.slope == 1.0, change < -least, change > least)
        against &= (programme.part_floor < 1.0) & ~np.isnan(active.slope)
        part = np.where(against, -value / change, np.inf)
        along = np.nan_to_num(active.slope)
        counts = len(programme.transfer)
        excess = np.bincount(programme.part_of, along * value, counts) - programme.transfer
        growth = np.bincount(programme.part_of, along * change, counts)
        switches = programme.is_bound & np.where(active.pulls, growth < -least, growth > least)
        transfer = np.where(switches, -excess / growth, np.inf)
    nearest = [
        (float(max(each.flat[place], 0.0)), kind, place)
        for kind, each in (("corridor", corridor), ("transfer", transfer), ("part", part))
        if each.size
        for place in [int(np.argmin(each))]
    ]
    first = min(nearest, key=lambda each: each[0])
    return first if first[0] < 1.0 else (1.0, "none", -1)


def _worst(programme: Programme, solution: Solution, held: FloatArray) -> tuple[float, str, int]:
    """Return the bound that the objective would most like to leave: slope, kind, place."""
    inward = np.where(
        solution.active.full != 0, -solution.active.full * solution.bound_multiplier, 0.0
    )
    force = solution.transfer_multiplier[programme.part_of]
    above = np.nan_to_num(held - force, nan=0.0)
    below = np.nan_to_num(programme.part_floor * force - held, nan=0.0)
    tolerance = _TOLERANCE * (1.0 + np.abs(force).max(initial=0.0))
    corridor = int(np.argmax(inward))
    found = [(float(inward.flat[corridor]), "corridor", corridor, 0.0)]
    if len(held):
        for excess, slope in ((above, np.ones(len(held))), (below, programme.part_floor)):
            place = int(np.argmax(excess))
            found.append((float(excess[place]), "part", place, float(slope[place])))
    violation, kind, place, slope_after = max(found, key=lambda each: each[0])
    return (slope_after, kind, place) if violation > tolerance else (0.0, "none", -1)
