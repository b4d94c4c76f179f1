"""The client: how long one factor takes, from a fresh process and from an open release.

Belongs here: the measurements and their floors. Does not belong here: printing (`__main__`).

The client runs in processes of its own, with nothing but its own source on the path. Floors: for
the first look-up, a process that only imports the Parquet reader; for the next ones, one filter of
Arrow over the region codes of the same table, already in memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.timing import Measurement, best_of

_SOURCE = Path(__file__).resolve().parent.parent / "clients" / "python" / "src"
_QUESTION = ("supply_average", "2023-05")
_DIMENSIONS = {"gas_scope": "CO2", "import_factor_basis": "network"}

# Looks one factor up to open the tables, then measures other regions of the same kind, another
# kind, and what was known on a day; prints the seconds of each and of the floor.
_WARM = """
import sys, time
import pyarrow.compute as pc
import carbon_factors as cf

release = cf.open_release(sys.argv[1])
question = dict(gas_scope="CO2", import_factor_basis="network")

def ask(region):
    return release.factor(region, "supply_average", "2023-05", **question)

def ask_then(region):
    return release.factor_as_of(region, "supply_average", "2023-05", "2023-08-15", **question)

def best(task):
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        task()
        times.append(time.perf_counter() - begun)
    return min(times)

ask("370000")
ask_then("370000")
regions = ["440000", "江苏", "Sichuan", "GRID_EAST", "CN"]
codes = release.arrow("electricity_factor", ["region_code"])
print(max(best(lambda: ask(region)) for region in regions))
print(max(best(lambda: ask_then(region)) for region in regions))
print(best(lambda: codes.filter(pc.equal(codes["region_code"], "370000"))))
"""


def measure_client(release: Path) -> list[Measurement]:
    """Measure looking up one factor of a release folder, cold and warm.

    Cold is the whole process, Python's start included; warm is the slowest of five regions.
    """
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_SOURCE)}

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, env=environment, cwd=release.parent, check=True, capture_output=True, text=True
        )
        return done.stdout

    options = [f"--{name.replace('_', '-')}={value}" for name, value in _DIMENSIONS.items()]
    get = ["-m", "carbon_factors", "get", "370000", *_QUESTION, *options]
    cold = best_of(10, lambda: run(*get, "--no-lock", "--registry", str(release)))
    bare = best_of(10, lambda: run("-c", "import pyarrow.parquet"))
    warm, known, filtered = (float(line) for line in run("-c", _WARM, str(release)).split())
    in_memory = "one Arrow filter of the column region_code in memory"
    return [
        Measurement("client, one factor, whole process", cold, bare, "importing pyarrow.parquet"),
        Measurement("client, one factor, release open", warm, filtered, in_memory),
        Measurement("client, one factor as known on a day", known, filtered, in_memory),
    ]
