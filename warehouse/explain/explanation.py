"""One factor's explanation: the factor, its method, its parts, its inputs, and whether it adds up.

Belongs here: putting the answers of the other modules together. Does not belong here: queries and
drawing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from warehouse.explain import inputs
from warehouse.explain.identify import find_factor
from warehouse.explain.parts import ROUNDING, gases_of, parts_of, sums_of
from warehouse.explain.tables import open_tables


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What is known of one factor.

    `factor` and `method` are rows of the release. `parts` add up to `sums["mix_value"]`, which
    with delivery is `sums["added_up"]`; `gases` (CO2e of combustion alone) add up to the factor a
    second time. Values are in kg per kWh, energy in MWh, amounts in kg.
    """

    factor: dict[str, Any]
    method: dict[str, Any]
    parts: list[dict[str, Any]]
    gases: list[dict[str, Any]]
    sums: dict[str, Any]
    inputs: inputs.Node

    @property
    def gases_add_up(self) -> bool:
        """Whether gas times GWP adds up to the factor; true where it is not taken apart by gas."""
        total = sum(gas["contribution"] for gas in self.gases)
        return not self.gases or abs(total - self.sums["published"]) <= 2 * ROUNDING

    @property
    def adds_up(self) -> bool:
        """Whether the parts, and the gases where there are any, add up to what was published."""
        return bool(self.sums["adds_up"]) and self.gases_add_up

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data, for JSON."""
        plain: dict[str, Any] = _plain(
            {
                "factor": self.factor,
                "method": self.method,
                "parts": self.parts,
                "gases": self.gases,
                "inputs": self.inputs.as_dict(),
                "check": {**self.sums, "gases_add_up": self.gases_add_up, "ok": self.adds_up},
            }
        )
        return plain


def explain(
    release: Path | Mapping[str, Path],
    factor_id: str,
    *,
    depth: int = inputs.CELLS,
    everything: bool = False,
) -> Explanation:
    """Explain one factor of a release.

    `release` is a release folder, or Parquet files by table name; `depth` how far the inputs are
    followed (0 not at all, 4 to single cells), `everything` shows all of them. Raises
    `UnknownFactor` and `ReleaseError`.
    """
    with open_tables(release) as tables:
        factor = find_factor(tables, factor_id)
        parts = parts_of(tables).to_dicts()
        names = {
            row["region_code"]: f"{row['name_en']} {row['name_zh']}"
            for row in tables.rows("select region_code, name_en, name_zh from region")
        }
        for part in parts:
            part["title"] = names.get(part["name"], part["name"])
        areas = [part["region_code"] for part in parts if part["region_code"]]
        if factor["factor_kind"] in ("residual_mix", "life_cycle_residual"):
            areas = inputs.origins_of(tables, factor)
        return Explanation(
            factor,
            tables.rows(
                "select * from calculation_method where method_id = ?", [factor["method_id"]]
            )[0],
            parts,
            gases_of(tables).to_dicts(),
            sums_of(tables).to_dicts()[0],
            inputs.inputs_of(
                tables,
                factor,
                areas or [factor["region_code"]],
                depth=depth,
                everything=everything,
            ),
        )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
