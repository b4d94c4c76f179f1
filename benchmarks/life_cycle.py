"""Life-cycle scores and their draws, against bw2calc, on a synthetic database of growing size.

Belongs here: the measurements, their peer and how they grow with the size. Does not belong here:
the database (`life_cycle_database`), what runs in the peer's environment (`life_cycle_bw2calc`).

Ours: all scores, solved with the proof of convergence and the residual, as the peer does; the same
with every check that a release asks for (forward, closure, signs); all draws with their
percentiles. Each size runs in a process of its own, so that its peak memory is its own.

Peer: bw2calc's `FastScoresOnlyMultiLCA` with MKL PARDISO, solving alone. Its usual direction,
forward, is measured at 200 and at 2,000 demands, and the line through both is drawn to all
products: its factorisation counts once. Its adjoint direction (new in bw2calc 3.1) answers for all
products at once, as ours does, and is measured whole. Its Monte Carlo is timed for one iteration of
one demand; one of our draws answers for all products.

Alone: `python -m benchmarks.life_cycle`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.life_cycle_database import synthetic_database
from benchmarks.memory import MB, peak_memory
from benchmarks.peers import PeersMissing, peers_python
from benchmarks.timing import Measurement
from dbt_project.methods.life_cycle_sampling import sample_scores
from dbt_project.methods.life_cycle_scores import LifeCycleScores, solve_scores
from dbt_project.methods.life_cycle_solver import RESIDUAL_TOLERANCE, TechnosphereSolver
from dbt_project.methods.technosphere import LifeCycleSystem, build_system

SIZES = (2_000, 5_000, 20_000)
DRAWS, DEMANDS, CORES = 1_000, 2_000, 2
REPEATS = 5
WIDTH = 40

PEER = "benchmarks.life_cycle_bw2calc"
ROOT = Path(__file__).parents[1]

Seconds = tuple[float, float]


def measure_life_cycle() -> tuple[list[Measurement], str]:
    """Measure all sizes; return the largest's measurements, and a page of text for the rest."""
    lines = [f"life cycle, load at the start {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"]
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for size in SIZES:
            matrices = Path(scratch) / f"{size}.npz"
            ours.append(_child([sys.executable, "-m", "benchmarks.life_cycle", size, matrices]))
            try:
                theirs.append(_child([peers_python(), "-m", PEER, matrices, DEMANDS]))
            except PeersMissing as missing:
                lines.append(str(missing))
                return [], "\n".join(lines)
    lines += [_line(*pair) for pair in zip(ours, theirs, strict=True)]
    lines += _plot("all scores, s", [(f"{one['size']:6d}", one["scores"][0]) for one in ours])
    lines += _plot(
        "the same with bw2calc forward, s",
        [(f"{one['size']:6d}", _forward(one, his)[0]) for one, his in _pairs(ours, theirs)],
    )
    lines += _plot(f"{DRAWS} draws, s", [(f"{one['size']:6d}", one["draws"][0]) for one in ours])
    lines.append(f"load at the end {os.getloadavg()[0]:.1f}")
    own, peer = ours[-1], theirs[-1]
    products = f"{own['size']:,}"
    measurements = [
        Measurement(
            f"all {products} life-cycle scores, with all checks",
            own["scores"][0],
            _forward(own, peer)[0],
            f"bw2calc {peer['version']} forward, {DEMANDS:,} demands scaled",
        ),
        Measurement(
            f"all {products} life-cycle scores, solved alone",
            own["solved"][0],
            peer["adjoint"][0],
            f"bw2calc {peer['version']} adjoint, all demands",
        ),
        Measurement(
            f"one draw of {DRAWS:,}, all {products} scores",
            own["draws"][0] / DRAWS,
            peer["monte_carlo"][0],
            "one Monte Carlo iteration of bw2calc's LCA, one score",
        ),
        Measurement(
            f"one draw of {DRAWS:,}, all {products} scores",
            own["draws"][0] / DRAWS,
            peer["monte_carlo_iterative"][0],
            "one Monte Carlo iteration of bw2calc's IterativeLCA, one score",
        ),
    ]
    return measurements, "\n".join(lines)


def _pairs(ours: list[dict], theirs: list[dict]) -> list[tuple[dict, dict]]:
    return list(zip(ours, theirs, strict=True))


def _forward(own: dict[str, Any], peer: dict[str, Any]) -> Seconds:
    """Draw the line through few and many demands to all products."""
    few = DEMANDS // 10
    wall, processor = (
        many + max(0.0, many - less) / (DEMANDS - few) * (own["size"] - DEMANDS)
        for less, many in zip(peer["forward_few"], peer["forward"], strict=True)
    )
    return wall, processor


def _line(own: dict[str, Any], peer: dict[str, Any]) -> str:
    """Say of one size what was measured: wall clock, and in brackets processor time."""

    def seconds(pair: Seconds) -> str:
        return f"{pair[0]:.3g} s ({pair[1]:.3g})"

    def times(pair: Seconds, floor: Seconds) -> str:
        return f"{pair[0] / floor[0]:.0f}x ({pair[1] / floor[1]:.0f}x)"

    draw = (own["draws"][0] / DRAWS, own["draws"][1] / DRAWS)
    forward, adjoint = _forward(own, peer), peer["adjoint"]
    return (
        f"n = {own['size']:,}, {own['inputs']:,} inputs, column sums up to {own['column']:.2f}:\n"
        f"  matrices {seconds(own['build'])}; all scores solved {seconds(own['solved'])}, with all "
        f"checks {seconds(own['scores'])}, by factorisation {seconds(own['direct'])}\n"
        f"  bw2calc forward {seconds(forward)}, {times(forward, own['solved'])} ours solved, "
        f"{times(forward, own['scores'])} with all checks\n"
        f"  bw2calc adjoint {seconds(adjoint)}, {times(adjoint, own['solved'])} ours solved, "
        f"{times(adjoint, own['scores'])} with all checks\n"
        f"  {DRAWS:,} draws {seconds(own['draws'])} on {CORES} cores, {own['factorised']} "
        f"factorised, residual {own['residual']:.0e}\n"
        f"  one draw of all scores {seconds(draw)}; one iteration of one score: bw2calc LCA "
        f"{times(peer['monte_carlo'], draw)}, IterativeLCA "
        f"{times(peer['monte_carlo_iterative'], draw)} ours\n"
        f"  peak memory: scores {own['memory_scores']:.0f} MB, draws {own['memory_draws']:.0f} MB, "
        f"bw2calc {peer['memory_mb']:.0f} MB"
    )


def _plot(title: str, points: list[tuple[str, float]]) -> list[str]:
    """Draw bars of logarithms: equal lengths more are equal factors."""
    values = np.log10([value for _, value in points])
    low = np.floor(values.min()) - 1
    unit = WIDTH / (np.ceil(values.max()) - low)
    bars = ("#" * max(1, round(float((value - low) * unit))) for value in values)
    return [
        f"{title} (logarithmic)",
        *(f"  {name} {bar} {value:.3g}" for (name, value), bar in zip(points, bars, strict=True)),
    ]


def _child(command: list[object]) -> dict[str, Any]:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no reason given"])[-1])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _timed(task: Callable[[], object], repeats: int = 1) -> Seconds:
    """Return the shortest wall clock of some runs, and the shortest processor time."""
    wall, processor = [], []
    for _ in range(repeats):
        begun = time.perf_counter(), time.process_time()
        task()
        wall.append(time.perf_counter() - begun[0])
        processor.append(time.process_time() - begun[1])
    return min(wall), min(processor)


def _save(scores: LifeCycleScores, path: Path) -> None:
    """Write the matrices down for the peer, entry by entry."""
    exchanges = scores.system.exchanges
    bought = exchanges["row"].is_not_null().to_numpy()
    columns: dict[str, Any] = {"size": scores.system.size, "score": scores.values[:, 0]}
    for name, place, mask in (("input", "row", bought), ("emission", "flow", ~bought)):
        columns[name] = exchanges["coefficient"].to_numpy()[mask]
        columns[f"{name}_sigma"] = exchanges["sigma"].to_numpy()[mask]
        columns[f"{name}_column"] = exchanges["column"].to_numpy()[mask]
        columns[f"{name}_row"] = exchanges[place].drop_nulls().to_numpy()
    np.savez(path, factor=scores.system.characterisation[0], **columns)


def _solve_barely(system: LifeCycleSystem) -> None:
    """Solve for all scores and take the residual, from the matrices on."""
    solver = TechnosphereSolver(system.inputs, "iterative")
    values = solver.transposed(system.direct)
    assert solver.residual(values, system.direct).max() < RESIDUAL_TOLERANCE


def measure_one(size: int, matrices: Path) -> dict[str, Any]:
    """Measure one size in this process; write its matrices down."""
    frames = synthetic_database(size)
    built: list[LifeCycleSystem] = []
    build = _timed(lambda: built.append(build_system(*frames)))
    (system,) = built
    solved = _timed(lambda: _solve_barely(system), REPEATS)
    timed = _timed(lambda: solve_scores(system, "iterative"), REPEATS)
    scores = solve_scores(system, "iterative")
    assert not scores.solver.is_direct
    _save(scores, matrices)
    memory_scores = peak_memory() / MB
    found: list[Any] = []
    draws = _timed(lambda: found.append(sample_scores(scores, draws=DRAWS, seed=1, threads=CORES)))
    memory_draws = peak_memory() / MB
    return {
        "size": size,
        "inputs": int(system.inputs.nnz),
        "column": float(system.inputs.sum(axis=0).max()),
        "build": build,
        "solved": solved,
        "scores": timed,
        "draws": draws,
        "factorised": found[0].factorised,
        "residual": found[0].residual,
        "memory_scores": memory_scores,
        "memory_draws": memory_draws,
        "direct": _timed(lambda: solve_scores(system, "direct")),
    }


def main() -> int:
    """Measure one size for the parent, or all of them for a reader."""
    if len(sys.argv) == 3:
        print(json.dumps(measure_one(int(sys.argv[1]), Path(sys.argv[2]))))
        return 0
    measurements, text = measure_life_cycle()
    print(text)
    for item in measurements:
        print(
            f"{item.what}: {item.seconds:.3g} s; {item.floor_is}: {item.floor:.3g} s, "
            f"{item.floor / item.seconds:.0f} times as long"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
