"""Tables of three provinces and the nation in which every kind of factor is worked out by hand.

Belongs here: invented amounts, and the factors that follow from them by the equations of the
methods, written out here a second time. Does not belong here: whole candidates (`synthetic`).

Electricity runs from the first province to the second and on to the third, so that both import
bases differ. Amounts are given as arrays of whole numbers: MWh, then kg of CO2, CH4, N2O and CO2e.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tests.warehouse.synthetic_evidence import COLUMNS, RECEIPT, make_evidence

PROVINCES = ("110000", "120000", "340000")
AREAS = (*PROVINCES, "CN")
TECHNOLOGIES = ("biomass", "coal", "gas", "hydro", "nuclear", "oil", "solar", "wind")
FOSSIL = ("coal", "gas", "oil")
CARRIED = ("co2_kg", "ch4_kg", "n2o_kg", "lca_co2e_kg")
MONTH = dt.date(2019, 1, 1)

GWP = {"AR4": (25, 298), "AR5": (28, 265), "AR6": (27, 273)}
OFFICIAL = {"coal": "0.944", "wind": "0.0336"}
AVERAGE, WITHOUT_LOSSES, WITH_LOSSES = Fraction("0.5777"), Fraction("0.0046"), Fraction("0.0327")
INFRASTRUCTURE = Fraction("0.0036")
CARBON = {"fuel_oil": ("21.1", "0.98"), "bituminous_coal": ("25.77", "0.97")}

Amounts = npt.NDArray[np.int64]
Parts = list[tuple[Fraction, Fraction]]
"""Energy in MWh and amount in kg of each part of a factor."""


@dataclasses.dataclass(frozen=True)
class System:
    """Amounts of one month; the last axis of each array is MWh, CO2, CH4, N2O, CO2e."""

    mix: Amounts  # 3 provinces x 8 technologies x 5
    flows: Amounts  # first to second province, second to third
    origin: Amounts  # 3 provinces x 3 origins x 5
    uncertified: Amounts  # 3 provinces x 5
    pool: Amounts  # 3 provinces x 5, of either sign
    residual: Amounts  # 3 provinces x 8 technologies x (MWh, CO2e)
    lost: Amounts  # 3 provinces x (percent of consumption, of the residual) lost in storage


def an_example(seed: int = 1) -> System:
    """Return a system of plausible size."""
    draw = np.random.default_rng(seed)

    def amounts(*shape: int) -> Amounts:
        sizes = np.array([10**6, 8 * 10**8, 10**4, 10**4, 10**9])
        return draw.integers(sizes // 10, sizes, (*shape, 5))

    return System(
        amounts(3, 8), draw.integers(10**5, 10**6, 2), amounts(3, 3), amounts(3) * 10,
        amounts(3) * np.array([[1], [-1], [-2]]) // 2, amounts(3, 8)[:, :, [0, 4]],
        np.array([[2, 1], [0, 0], [10, 10]]),
    )  # fmt: skip


def make_explained(system: System) -> dict[str, pl.DataFrame]:
    """Return the tables that an explanation needs, with the factors of the system."""
    return {
        **make_evidence(),
        "electricity_factor": pl.DataFrame(_factors(system), infer_schema_length=None),
        "electricity_mix": _long(
            (code, {"technology": technology}, row)
            for code, rows in zip(AREAS, _with_nation(system.mix), strict=True)
            for technology, row in zip(TECHNOLOGIES, rows, strict=True)
        ).rename({"energy_mwh": "generation_mwh"}),
        "consumption_origin": _long(
            (code, {"origin_region_code": origin, "storage_loss_mwh": _decimal(loss)}, row)
            for code, rows, losses in zip(
                AREAS, _with_nation(system.origin), _lost_of_origins(system), strict=True
            )
            for origin, row, loss in zip(PROVINCES, rows, losses, strict=True)
        ),
        "interchange": _flows(system),
        "residual_balance": _residual_balance(system),
        "certificate_balance": pl.DataFrame(
            [
                {
                    "region_code": code, "period_start": MONTH, "resolution": "month",
                    "technology": technology, "residual_mwh": Decimal(int(row[0])),
                    "lca_co2e_kg": Decimal(int(row[1])),
                }
                for code, rows in zip(AREAS, _with_nation(system.residual), strict=True)
                for technology, row in zip(TECHNOLOGIES, rows, strict=True)
            ]
        ),
        "gwp": pl.DataFrame(
            [
                {"gwp_set": name, "gas": gas, "guideline": name, "value": Decimal(value)}
                for name, values in GWP.items()
                for gas, value in zip(("CH4", "N2O"), values, strict=True)
            ]
        ),
        "region": pl.DataFrame(
            {
                "region_code": AREAS, "name_en": ["Beijing", "Tianjin", "Anhui", "China"],
                "name_zh": ["北京", "天津", "安徽", "全国"],
            }
        ),
        "calculation_method": _methods(),
        "factor_lineage": _lineage(),
    }  # fmt: skip


def _with_nation(amounts: Amounts) -> Amounts:
    return np.concatenate([amounts, amounts.sum(axis=0, keepdims=True)])


def _lost_of_origins(system: System) -> list[list[Fraction]]:
    """Return what storage lost by area and origin; the nation loses what its provinces do."""
    lost = [
        [Fraction(int(share), 100) * int(energy) for energy in rows[:, 0]]
        for rows, share in zip(system.origin, system.lost[:, 0], strict=True)
    ]
    return [*lost, [sum(column, Fraction()) for column in zip(*lost, strict=True)]]


def _lost_of_consumption(system: System) -> dict[str, Fraction]:
    lost = (sum(each, Fraction()) for each in _lost_of_origins(system))
    return dict(zip(AREAS, lost, strict=True))


def _lost_of_residual(system: System) -> dict[str, Fraction]:
    """Return what storage lost of the residual by area."""
    both = np.minimum(
        system.residual[:, :, 0].sum(axis=1), system.uncertified[:, 0] + system.pool[:, 0]
    )
    lost = [
        Fraction(int(share), 100) * int(energy)
        for energy, share in zip(both, system.lost[:, 1], strict=True)
    ]
    return dict(zip(AREAS, [*lost, sum(lost, Fraction())], strict=True))


def _decimal(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.000001"))


def _weigh(row: npt.NDArray[np.int64], gas_scope: str, gwp_set: str) -> Fraction:
    """Return the kg of a scope in a row of amounts."""
    co2, ch4, n2o, lca = (Fraction(int(each)) for each in row[1:])
    if gwp_set in GWP:
        return co2 + GWP[gwp_set][0] * ch4 + GWP[gwp_set][1] * n2o
    return {"CO2": co2, "CH4": ch4, "N2O": n2o, "CO2e": lca}[gas_scope]


def _mean(parts: Parts) -> Fraction:
    return sum((kg for _, kg in parts), Fraction()) / sum(mwh for mwh, _ in parts) / 1000


def _factors(system: System) -> list[dict[str, Any]]:
    scopes = [("CO2", "none"), ("CH4", "none"), ("N2O", "none"), *(("CO2e", each) for each in GWP)]
    rows = [
        row for gas_scope, gwp_set in scopes for row in _direct_factors(system, gas_scope, gwp_set)
    ]
    kinds: list[tuple[str, str, Amounts, dict[str, Fraction]]] = [
        ("life_cycle_production", "none", system.mix, {}),
        ("life_cycle_consumption", "network", system.origin, _lost_of_consumption(system)),
        ("life_cycle_residual", "network", system.residual, _lost_of_residual(system)),
    ]
    for kind, basis, amounts, lost in kinds:
        for code, parts in _rows_of(amounts).items():
            weighed = [(Fraction(int(row[0])), Fraction(int(row[-1]))) for row in parts]
            value = _mean([*weighed, (-lost.get(code, Fraction()), Fraction())])
            rows += _delivered(kind, basis, code, value)
    for code in AREAS:
        for technology in ("coal", "oil", "wind"):
            value = Fraction(OFFICIAL.get(technology, OFFICIAL["coal"]))
            if technology == "oil":
                oil, coal = (
                    Fraction(content) * Fraction(burnt) for content, burnt in CARBON.values()
                )
                value *= oil / coal
            rows += _delivered("life_cycle_technology", "none", code, value, technology)
    return rows


def _rows_of(amounts: Amounts) -> dict[str, Amounts]:
    return dict(zip(AREAS, _with_nation(amounts), strict=True))


def _direct_factors(system: System, gas_scope: str, gwp_set: str) -> list[dict[str, Any]]:
    def weighed(rows: Amounts) -> Parts:
        return [(Fraction(int(row[0])), _weigh(row, gas_scope, gwp_set)) for row in rows]

    def factor(kind: str, basis: str, code: str, value: Fraction) -> dict[str, Any]:
        return _factor(kind, basis, code, value, gas_scope, gwp_set)

    rows = []
    own = {code: weighed(mix) for code, mix in _rows_of(system.mix).items()}
    for code, parts in own.items():
        rows.append(factor("generation_average", "none", code, _mean(parts)))
        burnt = [part for part, name in zip(parts, TECHNOLOGIES, strict=True) if name in FOSSIL]
        rows.append(factor("fossil_power", "none", code, _mean(burnt)))
    for code, origin in _rows_of(system.origin).items():
        lost = (-_lost_of_consumption(system)[code], Fraction())
        rows.append(factor("consumption_mix", "network", code, _mean([*weighed(origin), lost])))
    for basis in ("generation", "network"):
        upstream = Fraction()
        for place, code in enumerate(PROVINCES):
            imported = Fraction(int(system.flows[place - 1])) if place else Fraction()
            value = _mean([*own[code], (imported, imported * 1000 * upstream)])
            rows.append(factor("supply_average", basis, code, value))
            upstream = _mean(own[code]) if basis == "generation" else value
        rows.append(factor("supply_average", basis, "CN", _mean(own["CN"])))
    sides = zip(_with_nation(system.uncertified), _with_nation(system.pool), strict=True)
    for code, (uncertified, pool) in zip(AREAS, sides, strict=True):
        lost = (-_lost_of_residual(system)[code], Fraction())
        parts = [*weighed(np.stack([uncertified, pool])), lost]
        rows.append(factor("residual_mix", "network", code, _mean(parts)))
    return rows


def _delivered(
    kind: str, basis: str, code: str, value: Fraction, technology: str = "all"
) -> list[dict[str, Any]]:
    """Return a life-cycle factor at the busbar and, with and without losses, at the user."""
    lost = (WITH_LOSSES - WITHOUT_LOSSES) / AVERAGE
    rate = lost / (1 + lost)
    boundaries = [
        ("busbar", "cradle_to_busbar", False, value),
        ("user_without_losses", "cradle_to_user", False, value + INFRASTRUCTURE),
        ("user", "cradle_to_user", True, value / (1 - rate) + INFRASTRUCTURE),
    ]
    prefix = "" if technology == "all" else f"{technology}_"
    return [
        _factor(kind, basis, code, at, "CO2e", "as_published")
        | {
            "technology": technology,
            "system_boundary": boundary,
            "includes_td_losses": with_losses,
            "factor_id": f"electricity.{kind}.{prefix}{variant}.co2e.{code}.2019-01",
        }
        for variant, boundary, with_losses, at in boundaries
    ]


def _factor(
    kind: str, basis: str, code: str, value: Fraction, gas_scope: str, gwp_set: str
) -> dict[str, Any]:
    digits = 12 if gas_scope in ("CH4", "N2O") else 8
    published = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(
        Decimal(10) ** -digits, ROUND_HALF_EVEN
    )
    scope = gas_scope.lower() + (f"_{gwp_set.lower()}" if gwp_set in GWP else "")
    return {
        "factor_id": f"electricity.{kind}.{basis}.{scope}.{code}.2019-01",
        "region_code": code, "region_name_en": f"Area {code}", "region_name_zh": "某地",
        "period_start": MONTH, "period_end": dt.date(2019, 1, 31), "resolution": "month",
        "factor_kind": kind, "technology": "all", "gas_scope": gas_scope, "gwp_set": gwp_set,
        "system_boundary": "direct_combustion", "includes_td_losses": False,
        "import_factor_basis": basis, "method_id": kind, "value": published,
        "unit": f"kg{gas_scope}/kWh", "median": published, "lower_95": published,
        "upper_95": published, "dqr": Decimal("2.0"),
        **{f"dqr_{part}": Decimal("2.0")
           for part in ("technological", "geographical", "temporal", "precision")},
        "quality_tier": "modelled", "maturity": "final", "reported_share": Decimal("0.5"),
        "completed_share": Decimal("0.25"), "modelled_share": Decimal("0.25"),
        "known_at": dt.date(2019, 4, 20), "source_ids": "bulletin",
        "note_en": "An example", "note_zh": "示例",
    }  # fmt: skip


def _long(rows: Any) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "region_code": code, "period_start": MONTH, "resolution": "month", **key,
                **dict(zip(("energy_mwh", *CARRIED), (Decimal(int(each)) for each in row),
                           strict=True)),
            }
            for code, key, row in rows
        ]
    )  # fmt: skip


def _flows(system: System) -> pl.DataFrame:
    pairs = zip(PROVINCES, PROVINCES[1:], system.flows, strict=False)
    return pl.DataFrame(
        [
            {
                "from_region_code": sender, "to_region_code": receiver, "period_start": MONTH,
                "resolution": "month", "quality_tier": tier, "energy_mwh": Decimal(int(energy)),
            }
            for sender, receiver, energy in pairs
            if energy
            for tier in ("modelled", "reported")
        ],
        schema={
            "from_region_code": pl.String, "to_region_code": pl.String, "period_start": pl.Date,
            "resolution": pl.String, "quality_tier": pl.String, "energy_mwh": pl.Decimal(38, 6),
        },
    )  # fmt: skip


def _residual_balance(system: System) -> pl.DataFrame:
    sides = {"uncertified": _rows_of(system.uncertified), "pool": _rows_of(system.pool)}
    return pl.DataFrame(
        [
            {
                "region_code": code, "period_start": MONTH, "resolution": "month",
                "storage_loss_mwh": _decimal(_lost_of_residual(system)[code]),
                **{
                    f"{side}_{name}": Decimal(int(each))
                    for side, rows in sides.items()
                    for name, each in zip(("mwh", *CARRIED), rows[code], strict=True)
                },
            }
            for code in AREAS
        ]
    )  # fmt: skip


def _methods() -> pl.DataFrame:
    one = make_evidence()["calculation_method"].head(1)
    kinds = pl.DataFrame(
        {
            "method_id": [
                "generation_average", "supply_average", "consumption_mix", "fossil_power",
                "residual_mix", "life_cycle_technology", "life_cycle_production",
                "life_cycle_consumption", "life_cycle_residual",
            ]
        }
    )  # fmt: skip
    return kinds.join(one.drop("method_id"), how="cross")


def _lineage() -> pl.DataFrame:
    """Return the cells, readings and life-cycle terms of each province, and who belongs to whom."""
    terms = [
        *(("official_value", name, name, value) for name, value in OFFICIAL.items()),
        ("official_value", "oil", "coal", OFFICIAL["coal"]),
        ("infrastructure", None, "td_excl_losses", INFRASTRUCTURE),
        ("delivery_loss", None, "average", AVERAGE),
        ("delivery_loss", None, "td_excl_losses", WITHOUT_LOSSES),
        ("delivery_loss", None, "td_incl_losses", WITH_LOSSES),
        *(("fuel_default", "oil", fuel, each) for fuel, both in CARBON.items() for each in both),
    ]
    cells = [
        ("life_cycle", role, technology, item, value, "official_lca_factor", row)
        for row, (role, technology, item, value) in enumerate(terms, start=1)
    ] + [
        ("series", "reading", name, name, 1000 + row, "electricity_bulletin", row)
        for row, name in enumerate(("thermal", "wind", "solar", "hydro", "nuclear"), start=4)
    ]
    common = {**dict.fromkeys(COLUMNS["factor_lineage"]), "period_start": MONTH,
              "resolution": "month"}  # fmt: skip
    rows = [
        common
        | {
            "region_code": province, "relation": "input", "child_id": f"{component}/{row}/{role}",
            "component": component, "role": role, "technology": technology, "item": item,
            "method_id": "reported", "raw_table": table, "quantity": "value", "unit": "MWh",
            "value": Decimal(f"{float(value):.8f}"), "quality_tier": "reported",
            "receipt_id": RECEIPT, "sheet": "Sheet1", "row_number": row,
            "cell_region_code": province, "cell_period": "2019-01",
        }
        for province in PROVINCES
        for component, role, technology, item, value, table, row in cells
    ] + [
        common
        | {
            "region_code": "CN", "relation": "member", "child_id": province,
            "child_region_code": province, "child_resolution": "month", "child_period_start": MONTH,
        }
        for province in PROVINCES
    ]  # fmt: skip
    return pl.DataFrame(
        rows,
        infer_schema_length=None,
        schema_overrides={
            "value": pl.Decimal(38, 8), "child_period_start": pl.Date, "sheet": pl.String,
        },
    )  # fmt: skip
