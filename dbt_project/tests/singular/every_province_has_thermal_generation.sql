-- All 31 provinces have a thermal series. A month without it lost a row, a column or a file on its
-- way in; the province's factor would come out far too low.
{{ config(meta={'dagster': {'ref': {'name': 'int_generation_cell'}}}) }}

with province as (

    select region_code from {{ ref('stg_region') }}
    where level = 'province'

),

month as (

    select distinct period_month from {{ ref('int_generation_cell') }}

),

thermal as (

    select
        region_code,
        period_month
    from {{ ref('int_generation_cell') }}
    where technology = 'thermal' and component = 'series'

)

select
    province.region_code,
    month.period_month
from province
cross join month
left join thermal
    on province.region_code = thermal.region_code and month.period_month = thermal.period_month
where thermal.region_code is null
