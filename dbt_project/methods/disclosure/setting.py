"""Where the parameters of disclosure control come from.

Belongs here: reading the confidential setting, and the parameters of the demonstration. Does not
belong here: what the parameters mean (`rules`).

The setting is the environment variable `PCF_DISCLOSURE`: a JSON object, or the path of a file that
holds one, with `minimum_groups`, `dominance` (pairs of a number and a share), `p`, `q` and
`least_per_grade`. It is read where it is used and stands in no manifest, no log and no release.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dbt_project.methods.disclosure.rules import DisclosureError, DisclosureRules, rules_from

VARIABLE = "PCF_DISCLOSURE"

# The parameters of the worked example, which is synthetic: the one place where any are readable.
DEMONSTRATION = Path(__file__).parent / "demonstration.json"


@dataclass(frozen=True, repr=False)
class DisclosureSetting:
    """The rules, how many groups a grade needs, and whether this is the demonstration."""

    rules: DisclosureRules
    least_per_grade: int
    is_demonstration: bool

    def __repr__(self) -> str:
        """Say nothing of the parameters."""
        return f"DisclosureSetting(is_demonstration={self.is_demonstration})"


def read_setting(environment: Mapping[str, str]) -> DisclosureSetting:
    """Read the setting; the demonstration's where the variable is not set.

    Raises:
        DisclosureError: the setting is no JSON object, no readable file, or lacks a parameter. The
            message repeats nothing of it.
    """
    text = environment.get(VARIABLE, "").strip()
    values = _parsed(text or str(DEMONSTRATION))
    try:
        least = int(str(values["least_per_grade"]))
    except (KeyError, ValueError):
        raise DisclosureError(
            f"DC001: {VARIABLE} needs least_per_grade, a whole number: correct the setting"
        ) from None
    return DisclosureSetting(rules_from(values), least, is_demonstration=not text)


def _parsed(text: str) -> Mapping[str, object]:
    try:
        content = text if text.startswith("{") else Path(text).read_text(encoding="utf-8")
        values = json.loads(content)
    except (OSError, ValueError):
        raise DisclosureError(
            f"DC001: {VARIABLE} is neither a JSON object nor a file that holds one: correct the "
            "setting"
        ) from None
    if not isinstance(values, dict):
        raise DisclosureError(f"DC001: {VARIABLE} must hold a JSON object with the parameters")
    return values
