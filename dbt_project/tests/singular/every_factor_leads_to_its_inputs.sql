-- Every area and period that has a factor leads on: a province's month to the cells of its
-- generation, consumption, emissions and life cycle, a province's year to its months, any other
-- area to its provinces.
{{ config(meta={'dagster': {'ref': {'name': 'factor_lineage'}}}) }}

with factor as (

    select distinct
        factor.region_code,
        factor.period_start,
        factor.resolution,
        region.level
    from {{ ref('electricity_factor') }} as factor
    inner join {{ ref('region') }} as region on factor.region_code = region.region_code

),

found as (

    select
        region_code,
        period_start,
        resolution,
        count(distinct case when relation = 'input' then component end) filter (
            where component in ('series', 'consumption', 'fuel_split', 'emission', 'life_cycle')
        ) as components,
        count(case when relation = 'member' then 1 end) as members,
        count(case when relation = 'month' then 1 end) as months
    from {{ ref('factor_lineage') }}
    group by region_code, period_start, resolution

)

select
    factor.region_code,
    factor.period_start,
    factor.resolution,
    found.components,
    found.members,
    found.months
from factor
left join found
    on
        factor.region_code = found.region_code
        and factor.period_start = found.period_start
        and factor.resolution = found.resolution
where
    found.region_code is null
    or (factor.level = 'province' and factor.resolution = 'month' and found.components < 5)
    or (factor.level <> 'province' and found.members = 0)
    or (factor.resolution = 'year' and found.months <> 12)
