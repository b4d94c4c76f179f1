"""The comparison of two releases: made-up releases of ten million factors, and its measurement.

Belongs here: the releases, the measurement of `diff_folders` against a bare DuckDB full outer join
of the same files and against datacompy on Polars frames, and the peak of memory. Does not belong
here: comparing, and the environment of datacompy (`peers`).

Every run has a process of its own, so that its peak of memory is its own. The join is told to say
of every value column in how many rows it differs; the comparison writes its whole document.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.memory import peak_memory
from benchmarks.peers import PeersMissing, peers_python
from benchmarks.timing import Measurement

ROWS = 10_000_000
PEER_ROWS = 2_000_000
REPEATS = 2
TABLE = "electricity_factor"
KEY = "factor_id"

# One row in a hundred has another value, one in fifty another tier, one in a thousand is gone or
# new: a month in which much was revised.
_FACTORS = f"""
    select
        unnest(case when {{is_new}} and hash(i) % 1000 = 11 then ['', 'a'] else [''] end) as suffix,
        printf('electricity.supply_average.network.co2.%010d', i) || suffix as {KEY},
        printf('%02d0000', (i % 31)::integer + 11) as region_code,
        date '2015-01-01' + (i // 31 % 4000)::integer as period_start,
        list_extract(
            ['supply_average', 'consumption_mix', 'generation_average', 'residual_mix'],
            1 + i // 7 % 4
        ) as factor_kind,
        'kgCO2/kWh' as unit,
        (hash(i) % 800000000000 / 1e12)::decimal(18, 12)
            + if({{is_new}} and hash(i) % 100 = 0, 0.001, 0)::decimal(18, 12) as value,
        (hash(i + 1) % 800000000000 / 1e12)::decimal(18, 12) as median,
        (hash(i + 2) % 800000000000 / 1e12)::decimal(18, 12) as lower_95,
        (hash(i + 3) % 800000000000 / 1e12)::decimal(18, 12) as upper_95,
        (hash(i + 4) % 500 / 100)::decimal(4, 2) as dqr,
        (hash(i + 5) % 100000000 / 1e8)::decimal(9, 8) as reported_share,
        hash(i + 6) % 1000000 / 7 as generation_mwh,
        (hash(i + 7) % 5)::integer as factor_version,
        if(
            {{is_new}} and hash(i) % 50 = 3, 'estimated', list_extract(['measured', 'reported'], 1 + i % 2)
        ) as quality_tier,
        if(i % 3 = 0, 'provisional', 'final') as maturity,
        date '2024-01-01' + (i % 300)::integer as known_at
    from range({{rows}}) as numbers (i)
    where not ({{is_new}} and hash(i) % 1000 = 7)
"""  # noqa: E501


def factors(rows: int, *, is_new: bool = False) -> str:
    """Return the query of so many made-up factors; new ones differ here and there from old."""
    return _FACTORS.format(is_new=str(is_new).lower(), rows=rows)


def make_releases(home: Path, rows: int) -> tuple[Path, Path]:
    """Write two releases of one table with so many rows each; return their folders."""
    import duckdb

    folders = home / f"old-{rows}", home / f"new-{rows}"
    for folder, is_new in zip(folders, (False, True), strict=True):
        file = folder / "tables" / f"{TABLE}.parquet"
        file.parent.mkdir(parents=True)
        with duckdb.connect() as connection:
            connection.execute(
                "copy (select * exclude (suffix) from "
                f"({factors(rows, is_new=is_new)})) to '{file}' "
                "(format parquet, row_group_size 65536, compression zstd, compression_level 1)"
            )
        manifest = {
            "release_id": folder.name, "code_version": "", "parameters": {}, "inputs": [],
            "tables": [
                {"name": TABLE, "path": f"tables/{TABLE}.parquet", "primary_key": [KEY]},
            ],
        }  # fmt: skip
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folders


def measure_diff(rows: int = ROWS, peer_rows: int = PEER_ROWS) -> tuple[list[Measurement], str]:
    """Measure; fail unless all find the same. Return also a sentence about what was left out."""
    with tempfile.TemporaryDirectory() as scratch:
        folders = make_releases(Path(scratch), rows)
        # In turns, so that both meet the same moments of a busy machine.
        runs = [(_run("ours", folders), _run("join", folders)) for _ in range(REPEATS)]
        ours, join = (min(each, key=lambda run: run["seconds"]) for each in zip(*runs, strict=True))
        assert ours["found"] == join["found"], (ours, join)
        peaks = [max(run["peak"] for run in each) / 2**30 for each in zip(*runs, strict=True)]
        what = f"diff of two releases of {rows:,} rows (peak {peaks[0]:.1f} GiB)"
        floor = f"bare DuckDB full outer join, same files (peak {peaks[1]:.1f} GiB)"
        measured = [Measurement(what, ours["seconds"], join["seconds"], floor)]
        try:
            python = peers_python()
        except PeersMissing as problem:
            return measured, str(problem)
        folders = make_releases(Path(scratch), peer_rows)
        ours = min((_run("ours", folders) for _ in range(3)), key=lambda run: run["seconds"])
        script = Path(__file__).with_name("diff_datacompy.py")
        theirs = _json_of([python, script, *map(_file, folders), KEY])
        assert theirs["found"] == {which: ours["found"][which] for which in theirs["found"]}
        what = f"datacompy's Polars comparison, two releases of {peer_rows:,} rows"
        measured.append(Measurement(what, theirs["seconds"], ours["seconds"], "ours, same files"))
        return measured, ""


def _file(folder: Path) -> Path:
    return folder / "tables" / f"{TABLE}.parquet"


def _run(which: str, folders: tuple[Path, Path]) -> dict:
    return _json_of([sys.executable, "-m", "benchmarks.diff", which, *folders])


def _json_of(command: list) -> dict:
    done = subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True
    )
    found: dict = json.loads(done.stdout)
    return found


def _ours(old: Path, new: Path) -> dict[str, int]:
    from warehouse.diff import diff_folders

    found = diff_folders(old, new)
    found.as_bytes()
    (table,) = found.tables
    rows = table.rows
    return {
        **{which: int(rows[which] or 0) for which in ("added", "removed", "changed")},
        **{column["name"]: column["changed"] for column in table.columns},
    }


def _join(old: Path, new: Path) -> dict[str, int]:
    import duckdb

    with duckdb.connect() as connection:
        columns = [
            name
            for name, *_ in connection.execute(f"describe '{_file(new)}'").fetchall()
            if name != KEY
        ]
        both = f"a.{KEY} is not null and b.{KEY} is not null"
        differs = {name: f"a.{name} is distinct from b.{name}" for name in columns}
        counts = {
            "added": f"a.{KEY} is null",
            "removed": f"b.{KEY} is null",
            "changed": f"{both} and ({' or '.join(differs.values())})",
            **{name: f"{both} and {condition}" for name, condition in differs.items()},
        }
        (found,) = connection.execute(
            "select " + ", ".join(f"count(*) filter ({each})" for each in counts.values())
            + f" from '{_file(old)}' as a full outer join '{_file(new)}' as b using ({KEY})"
        ).fetchall()  # fmt: skip
        return dict(zip(counts, found, strict=True))


def main() -> int:
    """Run one comparison, `ours` or `join`, and print what it found, its time and its peak."""
    which, old, new = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    import duckdb  # noqa: F401 - imports are no part of the time
    import polars  # noqa: F401

    import warehouse.diff  # noqa: F401

    begun = time.perf_counter()
    found = (_ours if which == "ours" else _join)(old, new)
    seconds = time.perf_counter() - begun
    print(json.dumps({"found": found, "seconds": seconds, "peak": peak_memory()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
