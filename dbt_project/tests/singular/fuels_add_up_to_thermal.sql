-- Splitting thermal generation by fuel neither makes nor loses energy.
{{ config(meta={'dagster': {'ref': {'name': 'int_generation_month'}}}) }}

with cells as (

    select
        region_code,
        period_month,
        sum(energy_mwh) as thermal_mwh
    from {{ ref('int_generation_cell') }}
    where technology = 'thermal'
    group by region_code, period_month

),

fuels as (

    select
        region_code,
        period_month,
        sum(generation_mwh) as fuels_mwh
    from {{ ref('int_generation_month') }}
    where technology in ('coal', 'gas', 'oil', 'biomass')
    group by region_code, period_month

)

select
    cells.*,
    fuels.fuels_mwh
from cells
left join fuels
    on cells.region_code = fuels.region_code and cells.period_month = fuels.period_month
where fuels.fuels_mwh is distinct from cells.thermal_mwh
