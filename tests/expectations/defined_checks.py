"""All checks that the project defines, gathered from where they are defined.

Belongs here: asking contracts, suites, dbt and invariants for the ids of their checks. Run as a
program it writes `expectations/required_checks.yml` anew; read the difference before you commit it:

    python -m tests.expectations.defined_checks
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from expectations.boundary import raw_check_ids
from expectations.published import published_tables
from expectations.required import (
    REQUIRED_CHECKS_FILE,
    defined_invariants,
    defined_published,
    render,
)
from warehouse.dbt_artifacts import data_tests, load_manifest
from warehouse.gate import gate_check_ids


def defined_checks(target: Path) -> dict[str, list[str]]:
    """Return the ids of all checks by boundary; dbt parses the project into `target`."""
    from ingestion.contract import all_contracts
    from orchestration.checks import region_coverage
    from orchestration.dbt import parse

    parse(target, target / "raw")
    tests = [test.name for test in data_tests(load_manifest(target))]
    gate = gate_check_ids(published_tables(), tests)
    return {
        "raw": [
            check_id
            for table, contract in all_contracts().items()
            for check_id in raw_check_ids(
                table,
                contract.expectations(),
                with_schema=True,
                coverage=region_coverage(contract),
            )
        ],
        "published": defined_published() + [each for each in gate if each.startswith("published.")],
        "dbt": [each for each in gate if each.startswith("dbt.")],
        "invariant": defined_invariants(),
    }


def main() -> None:
    """Write the list of required checks from what is defined."""
    with tempfile.TemporaryDirectory() as folder:
        REQUIRED_CHECKS_FILE.write_text(render(defined_checks(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
