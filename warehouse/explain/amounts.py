"""SQL of what each kind of factor is made of: energy and amount of every part.

Belongs here: one query a kind, over the published tables and the table `selected`. Does not belong
here: adding up and comparing (`parts`). The equations are those of table `calculation_method`.
"""

# What a kg of each gas counts in the factor: by itself, or by its GWP set, taken whole from one
# document. Methane of combustion is the gas whose carbon is counted as CO2 already.
WEIGHTED = """
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

PARTS = """
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

-- What storage loses of it: users bear the emissions of energy that they do not get.
lost_of_consumption as (
    select
        factor.factor_id,
        'storage' as part,
        'storage' as name,
        cast(null as varchar) as region_code,
        -cast(sum(origin.storage_loss_mwh) as double) as energy_mwh,
        0.0 as amount_kg,
        cast(null as varchar) as part_factor_id
    from factor
    inner join consumption_origin as origin
        on
            factor.region_code = origin.region_code
            and factor.period_start = origin.period_start
            and factor.resolution = origin.resolution
    where factor.factor_kind in ('consumption_mix', 'life_cycle_consumption')
    group by factor.factor_id
    having sum(origin.storage_loss_mwh) <> 0
),

lost_of_residual as (
    select
        factor.factor_id,
        'storage' as part,
        'storage' as name,
        cast(null as varchar) as region_code,
        -cast(balance.storage_loss_mwh as double) as energy_mwh,
        0.0 as amount_kg,
        cast(null as varchar) as part_factor_id
    from factor
    inner join residual_balance as balance
        on
            factor.region_code = balance.region_code
            and factor.period_start = balance.period_start
            and factor.resolution = balance.resolution
    where
        factor.factor_kind in ('residual_mix', 'life_cycle_residual')
        and balance.storage_loss_mwh <> 0
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
    union all select * from lost_of_consumption
    union all select * from lost_of_residual
),
"""
