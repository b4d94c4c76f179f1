"""The same release gives the same bytes: other folder, time zone, language, hash seed, threads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.warehouse.exchange import background_release as releases
from tests.warehouse.exchange.conftest import HERE
from warehouse import export
from warehouse.exchange import write_exchange

ROOT = HERE.parents[2]
PROGRAM = """
import json, sys
from pathlib import Path
from tests.warehouse.exchange import background_release as releases
from warehouse.exchange import write_exchange
found = write_exchange(Path(sys.argv[1]), releases.FACTS, None)
print(json.dumps({each.path: [each.bytes, each.sha256] for each in found}))
"""


def built(tables, folder, **environment: str) -> dict[str, list]:
    shutil.copytree(tables, folder / "tables")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder], cwd=ROOT, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.slow
def test_two_machines_unlike_each_other_build_the_same_archives(written, tmp_path):
    here = {each.path: [each.bytes, each.sha256] for each in written[1]}
    first = built(
        written[0] / "tables",
        tmp_path / "one", PYTHONHASHSEED="0", TZ="Asia/Shanghai", LC_ALL="C", PYTHONUTF8="0",
        POLARS_MAX_THREADS="1", OMP_NUM_THREADS="1",
    )  # fmt: skip
    second = built(
        written[0] / "tables",
        tmp_path / "other folder", PYTHONHASHSEED="4711", TZ="America/St_Johns",
        LC_ALL="C.UTF-8", POLARS_MAX_THREADS="4",
    )  # fmt: skip
    assert len(first) == 4
    assert first == second == here


def test_the_order_of_rows_and_the_day_of_the_build_change_nothing(written, tmp_path, monkeypatch):
    folder = releases.write(tmp_path / "reversed", releases.small())
    for path in (folder / "tables").glob("*.parquet"):
        schema = pq.read_schema(path)
        export.write_parquet(pl.read_parquet(path).reverse().to_arrow().cast(schema), path)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert write_exchange(folder, releases.FACTS, None) == written[1]


def test_another_amount_gives_other_bytes(written, tmp_path):
    frames = releases.small()
    moved = frames["background_exchange"].with_columns(pl.col("amount") * (1 + 1e-15))
    folder = releases.write(tmp_path, {**frames, "background_exchange": moved})
    changed = [
        before.path.split("/")[1]
        for before, after in zip(
            written[1], write_exchange(folder, releases.FACTS, None), strict=True
        )
        if before.sha256 != after.sha256
    ]
    assert changed == ["brightway", "ilcd", "openlca"]
