"""What a candidate was made from, written beside it before it is judged.

Belongs here: `plan.json` of a candidate: the month, the parameters and the receipts. Does not
belong here: making a plan (`orchestration.plan`).

The gate report holds the hash of this file, so a candidate that is published later - after a second
person has approved it - is published with what it was made from, and not with what is known by
then.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from warehouse import canonical_json, files
from warehouse.candidate import Candidate
from warehouse.manifest import inputs_of

VERSION = 1


class PlanError(ValueError):
    """The plan of a candidate is missing or cannot be read."""


@dataclasses.dataclass(frozen=True)
class CandidatePlan:
    """Month (`YYYY-MM`), parameters and receipts, as the manifest of the release states them."""

    release_month: str
    parameters: Mapping[str, Any]
    inputs: Sequence[Mapping[str, Any]]


def write_plan(
    candidate: Candidate,
    *,
    release_month: str,
    parameters: Mapping[str, Any],
    receipts: Sequence[Mapping[str, Any]],
) -> None:
    """Write `plan.json` into a candidate; a gate report made before no longer fits."""
    files.replace_durably(
        candidate.plan,
        canonical_json.dumps(
            {
                "plan_version": VERSION,
                "release_month": release_month,
                "parameters": dict(parameters),
                "inputs": list(inputs_of(receipts)),
            }
        ),
    )


def read_plan(candidate: Candidate) -> CandidatePlan:
    """Read `plan.json`; raises `PlanError` with a sentence that says what is wrong."""
    try:
        content = canonical_json.load(candidate.plan)
        if content["plan_version"] != VERSION:
            raise ValueError(f"plan version {content['plan_version']!r} is not {VERSION}")
        return CandidatePlan(
            str(content["release_month"]), dict(content["parameters"]), list(content["inputs"])
        )
    except canonical_json.DocumentError as problem:
        raise PlanError(f"{problem} Make the candidate again.") from problem
    except (KeyError, TypeError, ValueError) as problem:
        raise PlanError(
            f"plan.json is not the plan of a candidate ({problem}). Make the candidate again."
        ) from problem
