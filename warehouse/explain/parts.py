"""What factors are made of, as amounts that add up to them.

Belongs here: the parts of the selected factors, their sum, and how far it lies from the factor.
Does not belong here: where the parts come from (`amounts`), and showing them.

A factor is `sum(amount_kg) / sum(energy_mwh) / 1000` over its parts, in kg per kWh; at the user it
is that over (1 - loss) plus infrastructure. What storage loses is a part of negative energy and no
amount. Numbers come from the published tables alone: the amounts of a mix exactly, an import at the
exporter's factor as it was published (rounded).
"""

from __future__ import annotations

import polars as pl

from warehouse.explain.amounts import PARTS, WEIGHTED
from warehouse.explain.tables import ReleaseTables

ROUNDING = 5.1e-9
ROUNDING_OF_SMALL_GASES = 5.1e-13
"""Half a unit of the last published digit (8 digits; 12 for CH4 and N2O), and a little for the
floating point. Factors that are made of published factors have it twice: their own and the parts'.
"""

# What delivery adds: the loss rate that the official pair of terms implies, and infrastructure.
_DELIVERY = """
delivery as (
    select
        year,
        max(case when role = 'infrastructure' then value end) as infrastructure_kg_per_kwh,
        max(case when item = 'average' then value end) as average,
        max(case when role = 'delivery_loss' and item = 'td_excl_losses' then value end)
            as without_losses,
        max(case when role = 'delivery_loss' and item = 'td_incl_losses' then value end)
            as with_losses,
        (with_losses - without_losses) / average as lost_per_delivered,
        lost_per_delivered / (1 + lost_per_delivered) as loss_rate
    from life_cycle_cell
    where role in ('infrastructure', 'delivery_loss')
    group by year
),
"""

_ADDED = """
added as (
    select
        factor_id,
        count(*) as parts,
        sum(energy_mwh order by part, name) as energy_mwh,
        sum(amount_kg order by part, name) as amount_kg
    from part
    group by factor_id
),

summed as (
    select
        factor.factor_id,
        factor.gas_scope,
        factor.factor_kind,
        cast(factor.value as double) as published,
        coalesce(added.parts, 0) as parts,
        added.energy_mwh,
        added.amount_kg,
        added.amount_kg / added.energy_mwh / 1000 as mix_value,
        case
            when factor.system_boundary <> 'cradle_to_user' then mix_value
            when factor.includes_td_losses
                then mix_value / (1 - delivery.loss_rate) + delivery.infrastructure_kg_per_kwh
            else mix_value + delivery.infrastructure_kg_per_kwh
        end as added_up,
        case
            when factor.system_boundary = 'cradle_to_user' then delivery.loss_rate
        end as loss_rate,
        case
            when factor.system_boundary = 'cradle_to_user' then delivery.infrastructure_kg_per_kwh
        end as infrastructure_kg_per_kwh,
        factor.gwp_ch4,
        factor.gwp_n2o
    from factor
    left join added on factor.factor_id = added.factor_id
    left join delivery on factor.year = delivery.year
)
"""


def parts_of(tables: ReleaseTables) -> pl.DataFrame:
    """Return the parts of the selected factors, the largest contribution first.

    Columns: factor_id, part, name, region_code (the other area that a part comes from),
    energy_mwh, amount_kg, part_factor_id (the exporter's factor), kg_per_kwh, contribution
    (kg per kWh of the factor's mix; they add up to it).
    """
    return tables.frame(
        WEIGHTED
        + PARTS.rstrip().rstrip(",")
        + """
        select
            *,
            amount_kg / nullif(energy_mwh, 0) / 1000 as kg_per_kwh,
            amount_kg / sum(energy_mwh) over (partition by factor_id) / 1000 as contribution
        from part
        order by factor_id, abs(amount_kg) desc, abs(energy_mwh) desc, part, name
        """
    )


def sums_of(tables: ReleaseTables) -> pl.DataFrame:
    """Add the parts of each selected factor up and compare with what was published.

    Columns: factor_id, published, parts (how many), energy_mwh, amount_kg, mix_value, added_up,
    loss_rate and infrastructure_kg_per_kwh (null but at the user), gwp_ch4, gwp_n2o, difference,
    tolerance, adds_up. A factor without parts does not add up.
    """
    return tables.frame(
        WEIGHTED
        + PARTS
        + _DELIVERY
        + _ADDED
        + """
        select
            * exclude (gas_scope, factor_kind),
            added_up - published as difference,
            case when gas_scope in ('CH4', 'N2O') then ? else ? end
            * case when factor_kind = 'supply_average' then 2 else 1 end as tolerance,
            coalesce(abs(difference) <= tolerance, false) as adds_up
        from summed
        order by factor_id
        """,
        [ROUNDING_OF_SMALL_GASES, ROUNDING],
    )


def gases_of(tables: ReleaseTables) -> pl.DataFrame:
    """Take the selected CO2e factors of combustion apart by gas: kg gas per kWh times its GWP.

    Columns: factor_id, gas, kg_per_kwh, gwp, contribution, part_factor_id (the factor of the gas).
    No rows for single gases and for life-cycle factors, whose CO2e is as published.
    """
    return tables.frame(
        WEIGHTED.rstrip().rstrip(",")
        + """
        select
            factor.factor_id,
            gas.gas_scope as gas,
            cast(gas.value as double) as kg_per_kwh,
            case gas.gas_scope
                when 'CO2' then 1.0 when 'CH4' then factor.gwp_ch4 else factor.gwp_n2o
            end as gwp,
            kg_per_kwh * gwp as contribution,
            gas.factor_id as part_factor_id
        from factor
        inner join electricity_factor as gas
            on
                factor.region_code = gas.region_code
                and factor.period_start = gas.period_start
                and factor.resolution = gas.resolution
                and factor.factor_kind = gas.factor_kind
                and factor.import_factor_basis = gas.import_factor_basis
                and factor.technology = gas.technology
                and gas.gas_scope in ('CO2', 'CH4', 'N2O')
        where factor.gas_scope = 'CO2e' and factor.gwp_ch4 is not null
        order by factor.factor_id, gas.gas_scope
        """
    )
