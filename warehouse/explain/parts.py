"""What factors are made of, as amounts that add up to them.

Belongs here: one query a kind that takes the selected factors apart, and the sum of the parts. The
equations are those of the table `calculation_method`. Does not belong here: showing it.

A factor is `sum(amount_kg) / sum(energy_mwh) / 1000` over its parts, in kg per kWh; at the user it
is that over (1 - loss) plus infrastructure. Numbers come from the published tables alone: the
amounts of a mix exactly, an import at the exporter's factor as it was published (rounded).
"""

from __future__ import annotations

import polars as pl

from warehouse.explain.tables import ReleaseTables

ROUNDING = 5.1e-9
ROUNDING_OF_SMALL_GASES = 5.1e-13
"""Half a unit of the last published digit (8 digits; 12 for CH4 and N2O), and a little for the
floating point. Factors that are made of published factors have it twice: their own and the parts'.
"""

# What a kg of each gas counts in the factor: by itself, or by its GWP set, taken whole from one
# document. Methane of combustion is the gas whose carbon is counted as CO2 already.
_WEIGHTED = """
with document as (
    select
        gwp_set,
        guideline,
        max(case when gas in ('CH4', 'CH4_biogenic_or_combustion') then value end) as ch4,
        max(case when gas = 'N2O' then value end) as n2o
    from gwp
    group by gwp_set, guideline
),

gwp_set as (
    select gwp_set, cast(ch4 as double) as ch4, cast(n2o as double) as n2o
    from document
    where ch4 is not null and n2o is not null
    qualify row_number() over (partition by gwp_set order by guideline) = 1
),

factor as (
    select
        selected.*,
        year(selected.period_start) as year,
        gwp_set.ch4 as gwp_ch4,
        gwp_set.n2o as gwp_n2o,
        case when gas_scope = 'CO2' or gwp_set.ch4 is not null then 1.0 else 0.0 end as weight_co2,
        case when gas_scope = 'CH4' then 1.0 else coalesce(gwp_set.ch4, 0.0) end as weight_ch4,
        case when gas_scope = 'N2O' then 1.0 else coalesce(gwp_set.n2o, 0.0) end as weight_n2o,
        case when selected.gwp_set = 'as_published' then 1.0 else 0.0 end as weight_lca
    from selected
    left join gwp_set on selected.gwp_set = gwp_set.gwp_set
),

life_cycle_cell as (
    select distinct
        year(period_start) as year, role, technology, item, child_id, cast(value as double) as value
    from factor_lineage
    where relation = 'input' and component = 'life_cycle'
),
"""

_PARTS = """
-- Generation, fossil power and the production mix: technologies.
mix as (
    select
        factor.factor_id,
        'technology' as part,
        mix.technology as name,
        cast(null as varchar) as region_code,
        cast(mix.generation_mwh as double) as energy_mwh,
        weight_co2 * cast(mix.co2_kg as double) + weight_ch4 * cast(mix.ch4_kg as double)
        + weight_n2o * cast(mix.n2o_kg as double)
        + weight_lca * cast(mix.lca_co2e_kg as double) as amount_kg,
        cast(null as varchar) as part_factor_id
    from factor
    inner join electricity_mix as mix
        on
            factor.region_code = mix.region_code
            and factor.period_start = mix.period_start
            and factor.resolution = mix.resolution
    where
        factor.factor_kind in ('generation_average', 'life_cycle_production')
        or (factor.factor_kind = 'fossil_power' and mix.technology in ('coal', 'gas', 'oil'))
),

-- Supply: own generation, and each import at the exporter's factor of the same basis.
own as (
    select
        factor.factor_id,
        'own_generation' as part,
        factor.region_code as name,
        factor.region_code,
        cast(sum(mix.generation_mwh) as double) as energy_mwh,
        any_value(weight_co2) * cast(sum(mix.co2_kg) as double)
        + any_value(weight_ch4) * cast(sum(mix.ch4_kg) as double)
        + any_value(weight_n2o) * cast(sum(mix.n2o_kg) as double) as amount_kg,
        cast(null as varchar) as part_factor_id
    from factor
    inner join electricity_mix as mix
        on
            factor.region_code = mix.region_code
            and factor.period_start = mix.period_start
            and factor.resolution = mix.resolution
    where factor.factor_kind = 'supply_average'
    group by factor.factor_id, factor.region_code
),

imported as (
    select
        factor.factor_id,
        'import' as part,
        flow.from_region_code as name,
        flow.from_region_code as region_code,
        cast(flow.energy_mwh as double) as energy_mwh,
        cast(flow.energy_mwh as double) * 1000 * cast(exporter.value as double) as amount_kg,
        exporter.factor_id as part_factor_id
    from factor
    inner join interchange as flow
        on
            factor.region_code = flow.to_region_code
            and factor.period_start = flow.period_start
            and factor.resolution = flow.resolution
    inner join electricity_factor as exporter
        on
            flow.from_region_code = exporter.region_code
            and factor.period_start = exporter.period_start
            and factor.resolution = exporter.resolution
            and factor.gas_scope = exporter.gas_scope
            and factor.gwp_set = exporter.gwp_set
            and case factor.import_factor_basis
                when 'generation' then exporter.factor_kind = 'generation_average'
                else
                    exporter.factor_kind = 'supply_average'
                    and exporter.import_factor_basis = 'network'
            end
    where factor.factor_kind = 'supply_average' and flow.quality_tier = 'modelled'
),

-- Consumption: the provinces in which it was generated.
origin as (
    select
        factor.factor_id,
        'origin' as part,
        origin.origin_region_code as name,
        origin.origin_region_code as region_code,
        cast(origin.energy_mwh as double) as energy_mwh,
        weight_co2 * cast(origin.co2_kg as double) + weight_ch4 * cast(origin.ch4_kg as double)
        + weight_n2o * cast(origin.n2o_kg as double)
        + weight_lca * cast(origin.lca_co2e_kg as double) as amount_kg,
        cast(null as varchar) as part_factor_id
    from factor
    inner join consumption_origin as origin
        on
            factor.region_code = origin.region_code
            and factor.period_start = origin.period_start
            and factor.resolution = origin.resolution
    where factor.factor_kind in ('consumption_mix', 'life_cycle_consumption')
),

-- Residual: the uncertified generation that arrives, and what the national pool gives or takes.
residual as (
    select
        factor.factor_id,
        side.part,
        side.part as name,
        cast(null as varchar) as region_code,
        cast(
            case side.part
                when 'uncertified' then balance.uncertified_mwh else balance.pool_mwh
            end as double
        ) as energy_mwh,
        case side.part
            when 'uncertified'
                then
                    weight_co2 * cast(balance.uncertified_co2_kg as double)
                    + weight_ch4 * cast(balance.uncertified_ch4_kg as double)
                    + weight_n2o * cast(balance.uncertified_n2o_kg as double)
            else
                weight_co2 * cast(balance.pool_co2_kg as double)
                + weight_ch4 * cast(balance.pool_ch4_kg as double)
                + weight_n2o * cast(balance.pool_n2o_kg as double)
        end as amount_kg,
        cast(null as varchar) as part_factor_id
    from factor
    inner join residual_balance as balance
        on
            factor.region_code = balance.region_code
            and factor.period_start = balance.period_start
            and factor.resolution = balance.resolution
    cross join (select unnest(['uncertified', 'pool']) as part) as side
    where factor.factor_kind = 'residual_mix'
),

residual_technology as (
    select
        factor.factor_id,
        'technology' as part,
        balance.technology as name,
        cast(null as varchar) as region_code,
        cast(balance.residual_mwh as double) as energy_mwh,
        cast(balance.lca_co2e_kg as double) as amount_kg,
        cast(null as varchar) as part_factor_id
    from factor
    inner join certificate_balance as balance
        on
            factor.region_code = balance.region_code
            and factor.period_start = balance.period_start
            and factor.resolution = balance.resolution
    where factor.factor_kind = 'life_cycle_residual'
),

-- One technology: the official value; for oil coal's, times the carbon of both fuels.
carbon as (
    select
        year,
        item as fuel,
        exp(sum(ln(value))) as carbon
    from life_cycle_cell
    where role = 'fuel_default' and technology = 'oil'
    group by year, item
),

official as (
    select
        factor.factor_id,
        'official_value' as part,
        cell.item as name,
        cast(null as varchar) as region_code,
        1.0 as energy_mwh,
        cell.value * 1000
        * case when factor.technology = 'oil' then oil.carbon / coal.carbon else 1 end as amount_kg,
        cast(null as varchar) as part_factor_id
    from factor
    inner join life_cycle_cell as cell
        on
            factor.year = cell.year
            and factor.technology = cell.technology
            and cell.role = 'official_value'
    left join carbon as oil on factor.year = oil.year and oil.fuel = 'fuel_oil'
    left join carbon as coal on factor.year = coal.year and coal.fuel = 'bituminous_coal'
    where factor.factor_kind = 'life_cycle_technology'
),

part as (
    select * from mix
    union all select * from own
    union all select * from imported
    union all select * from origin
    union all select * from residual
    union all select * from residual_technology
    union all select * from official
),
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
        _WEIGHTED
        + _PARTS.rstrip().rstrip(",")
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
        _WEIGHTED
        + _PARTS
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
        _WEIGHTED.rstrip().rstrip(",")
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
