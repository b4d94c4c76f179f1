-- Which fuels a province burns for power and heat, as shares of heat, and how much more CO2 its
-- coal-type plants give off per unit of heat than with coal alone. Blast-furnace gas holds 2.7
-- times the carbon of coal: this is what sets the steel provinces apart. The last inventory year
-- counts; provinces without an inventory take the nation's structure.
with sector as (

    select
        region_code,
        fuel_group,
        cast(co2_t as decimal(38, 6)) as co2_t
    from {{ ref('stg_sector_fuel_co2') }}
    where fuel_group in ('coal', 'natural_gas', 'other_gas', 'coke_oven_gas', 'oil')
    qualify year = max(year) over (partition by region_code)

),

heat as (

    select
        sector.region_code,
        fuel_group.technology,
        sector.fuel_group,
        sector.co2_t,
        cast(sector.co2_t * 1000 / carbon.co2_kg_per_gj as decimal(38, 6)) as heat_gj
    from sector
    inner join {{ ref('fuel_group') }} as fuel_group
        on sector.fuel_group = fuel_group.fuel_group
    inner join {{ ref('int_fuel_carbon') }} as carbon on fuel_group.fuel = carbon.fuel

),

province as (

    select
        region_code,
        sum(heat_gj) as heat_gj,
        sum(case when fuel_group = 'coal' then heat_gj else 0 end) as coal_gj,
        sum(case when technology = 'coal' then heat_gj else 0 end) as coal_type_gj,
        sum(case when technology = 'coal' then co2_t else 0 end) as coal_type_co2_t,
        sum(case when technology = 'gas' then heat_gj else 0 end) as gas_gj,
        sum(case when technology = 'oil' then heat_gj else 0 end) as oil_gj
    from heat
    group by region_code

),

nation as (

    select
        sum(heat_gj) as heat_gj,
        sum(coal_gj) as coal_gj,
        sum(coal_type_gj) as coal_type_gj,
        sum(coal_type_co2_t) as coal_type_co2_t,
        sum(gas_gj) as gas_gj,
        sum(oil_gj) as oil_gj
    from province

),

every_province as (

    select
        region.region_code,
        coalesce(province.heat_gj, nation.heat_gj) as heat_gj,
        coalesce(province.coal_gj, nation.coal_gj) as coal_gj,
        coalesce(province.coal_type_gj, nation.coal_type_gj) as coal_type_gj,
        coalesce(province.coal_type_co2_t, nation.coal_type_co2_t) as coal_type_co2_t,
        coalesce(province.gas_gj, nation.gas_gj) as gas_gj,
        coalesce(province.oil_gj, nation.oil_gj) as oil_gj
    from {{ ref('stg_region') }} as region
    cross join nation
    left join province on region.region_code = province.region_code
    where region.level = 'province'

)

select
    every_province.region_code,
    cast(every_province.coal_gj as double) / every_province.heat_gj as coal_share,
    cast(every_province.coal_type_gj - every_province.coal_gj as double)
    / every_province.heat_gj as byproduct_gas_share,
    cast(every_province.gas_gj as double) / every_province.heat_gj as gas_share,
    cast(every_province.oil_gj as double) / every_province.heat_gj as oil_share,
    every_province.coal_type_co2_t * 1000
    / cast(every_province.coal_type_gj as double)
    / coal.co2_kg_per_gj as carbon_ratio
from every_province
inner join {{ ref('int_fuel_carbon') }} as coal on coal.fuel = 'bituminous_coal'
