"""Hourly factors in a loop over hours, in data frames: the yardstick of common practice.

Belongs here: the columns of `hourly_factors` derived the way hourly tools are commonly written:
take the rows of an hour, pivot its flows into a matrix, solve, divide, append. Does not belong
here: anything that publishes a number.

It is written to be fair: hours are grouped once and not searched for, all properties of an hour are
solved at once, and reading and writing files stay out.
"""

import numpy as np
import pandas as pd

from dbt_project.methods.hourly import FOSSIL, GASES, TECHNOLOGIES, LifeCycle


def loop_over_hours(
    nodes: pd.DataFrame, edges: pd.DataFrame, life_cycle: LifeCycle
) -> pd.DataFrame:
    """Derive the columns of `hourly_factors` hour by hour in data frames."""
    flows = dict(list(edges.groupby("hour")))
    done = [
        _one_hour(hour, rows.set_index("area_code"), flows.get(hour), life_cycle)
        for hour, rows in nodes.groupby("hour")
    ]
    return pd.concat(done, ignore_index=True)


def _one_hour(
    hour: object, rows: pd.DataFrame, flows: pd.DataFrame | None, life_cycle: LifeCycle
) -> pd.DataFrame:
    areas = rows.index
    imports = pd.DataFrame(0.0, index=areas, columns=areas)
    if flows is not None:
        imports = flows.pivot_table(
            index="to_area_code", columns="from_area_code", values="energy_mwh", aggfunc="sum"
        ).reindex(index=areas, columns=areas).fillna(0.0)  # fmt: skip
    energy = rows[[f"{technology}_mwh" for technology in TECHNOLOGIES]]
    energy.columns = list(TECHNOLOGIES)
    gases = rows[[f"{gas}_kg" for gas in GASES]]
    gases.columns = list(GASES)
    certified = rows.filter(like="certified_")
    certified.columns = [name.split("_")[1] for name in certified.columns]
    left_over = energy.sub(certified.reindex(columns=energy.columns).fillna(0.0))
    total, bought = energy.sum(axis=1), imports.sum(axis=1)
    through, consumed = total + bought, total + bought - imports.sum(axis=0)
    carried = pd.concat([gases, energy, left_over.add_prefix("left_")], axis=1)
    # A node that nothing runs through is taken out by a row that says zero.
    dead = through <= 0
    matrix = np.diag(np.where(dead, 1.0, through)) - imports.to_numpy()
    mix = pd.DataFrame(
        np.linalg.solve(matrix, carried.to_numpy()), index=areas, columns=carried.columns
    )
    mix[dead] = np.nan
    factors = pd.Series(life_cycle.kg_per_kwh)[list(TECHNOLOGIES)]
    average = gases.div(total.where(total > 0), axis=0)
    bases = gases.add(imports.to_numpy() @ average.fillna(0.0).to_numpy())
    result = pd.DataFrame({"hour": hour, "area_code": areas, "consumed_mwh": consumed}, index=areas)
    for gas in GASES:
        result[f"generation_average_{gas}"] = average[gas] / 1000
        result[f"supply_average_generation_{gas}"] = bases[gas] / through.where(through > 0) / 1000
        result[f"supply_average_network_{gas}"] = mix[gas] / 1000
        result[f"consumption_mix_{gas}"] = mix[gas] / 1000
    fossil = energy[list(FOSSIL)].sum(axis=1)
    result["fossil_power_co2"] = gases["co2"] / fossil.where(fossil > 0) / 1000
    busbar = {
        "production": (energy * factors).sum(axis=1) / total.where(total > 0),
        "consumption": (mix[list(TECHNOLOGIES)] * factors).sum(axis=1, skipna=False),
    }
    for technology in TECHNOLOGIES:
        result[f"consumption_share_{technology}"] = mix[technology]
    if "claimed_mwh" in rows:
        left = mix[[f"left_{technology}" for technology in TECHNOLOGIES]]
        left.columns = list(TECHNOLOGIES)
        arriving = pd.concat([mix[list(GASES)], left], axis=1).fillna(0.0).mul(consumed, axis=0)
        uncertified = arriving[list(TECHNOLOGIES)].sum(axis=1)
        net = uncertified - (consumed - rows["claimed_mwh"])
        spare, lack = net.clip(lower=0), (-net).clip(lower=0)
        going = arriving.mul((spare / uncertified).fillna(0.0), axis=0)
        kept = arriving - going
        if lack.sum() > 0:
            taken = np.outer(lack / lack.sum(), going.sum())
            kept = kept + pd.DataFrame(taken, index=areas, columns=kept.columns)
        rest = kept[list(TECHNOLOGIES)].sum(axis=1)
        result["residual_mwh"], result["attribute_net_mwh"] = rest, net
        for gas in GASES:
            result[f"residual_mix_{gas}"] = kept[gas] / rest.where(rest > 0) / 1000
        weighted = (kept[list(TECHNOLOGIES)] * factors).sum(axis=1)
        busbar["residual"] = weighted / rest.where(rest > 0)
    added = life_cycle.network_kg_per_kwh
    for kind, value in busbar.items():
        result[f"life_cycle_{kind}_busbar"] = value
        result[f"life_cycle_{kind}_user_without_losses"] = value + added
        result[f"life_cycle_{kind}_user"] = value / (1 - life_cycle.loss) + added
    return result
