"""The audit against Tau-Argus, the program of the statistical offices.

Its own files of a table (JJ) want whole numbers that add up exactly; it runs in a process of its
own, for it ends the process on a file that it does not understand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dbt_project.methods.disclosure.audit import Published, audit_cells
from tests.methods.disclosure_worlds import RULES

pytest.importorskip("pytauargus", reason="Tau-Argus has no wheel for this platform")

AUDIT = """
import json, sys
from pytauargus._tauargus import audit_jj
print(json.dumps([[r["cell"], r["min"], r["max"]] for r in audit_jj(sys.argv[1])]))
"""


@pytest.mark.parametrize("seed", range(4))
def test_intervals_of_withheld_cells_are_those_of_tau_argus(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    atoms = 8
    value = np.round(rng.lognormal(9, 0.6, atoms))
    totals = [list(range(4)), list(range(4, 8)), list(range(8)), [0, 4], [1, 5], [2, 6], [3, 7]]
    hidden = sorted({int(a) for a in rng.choice(4, 2, replace=False)} | {4, 5, 6})
    cells = [*value, *(value[t].sum() for t in totals)]
    lines = ["0", str(len(cells))]
    for number, each in enumerate(cells):
        status = ("u" if number == hidden[0] else "m") if number in hidden else "s"
        low, high = each * (1 - RULES.q), each * (1 + RULES.q)
        lines.append(f"{number} {each:.0f} 1 {status} {low:.4f} {high:.4f} 1 1 0")
    lines.append(str(len(totals)))
    for number, parts in enumerate(totals):
        terms = " ".join(f"{p} (1)" for p in parts)
        lines.append(f"0 {len(parts) + 1} : {atoms + number} (-1) {terms} ")
    (tmp_path / "table.jj").write_text("\n".join(lines) + "\n")
    run = subprocess.run(
        [sys.executable, "-c", AUDIT, str(tmp_path / "table.jj")],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    theirs = {cell: (low, high) for cell, low, high in json.loads(run.stdout.splitlines()[-1])}

    shown = [np.eye(atoms)[a] for a in range(atoms) if a not in hidden]
    shown += [np.isin(np.arange(atoms), t).astype(float) for t in totals]
    holds = np.array(shown)
    known = Published(np.array([f"G{a}" for a in range(atoms)]), value, holds, holds @ value,
                      np.zeros(len(holds)))  # fmt: skip
    withheld = {str(a): np.arange(atoms) == a for a in hidden}
    ours = audit_cells(known, withheld, RULES)
    assert set(theirs) == set(hidden)
    # Theirs are whole numbers.
    for cell, low, high in ours.select("cell_id", "lower", "upper").rows():
        assert low == pytest.approx(theirs[int(cell)][0], abs=1.0)
        assert high == pytest.approx(theirs[int(cell)][1], abs=1.0)
