-- Years whose consumption was restated in December: the last step is more than twice November
-- and more than twice the mean of the other months. Demand does not double in a month; the year's
-- total took in what the months had left out (self-supplied industry).
with month as (

    select * from {{ ref('int_reported_month') }}
    where flow = 'consumption'

),

compared as (

    select
        region_code,
        technology,
        year,
        count(*) as months,
        sum(energy_mwh) as year_mwh,
        max(case when month = 12 then energy_mwh end) as december_mwh,
        max(case when month = 11 then energy_mwh end) as november_mwh,
        cast(sum(case when month < 12 then energy_mwh else 0 end) as double) / 11 as mean_mwh
    from month
    group by region_code, technology, year

)

select
    region_code,
    technology,
    year,
    year_mwh,
    december_mwh,
    november_mwh
from compared
where
    months = 12
    and december_mwh > {{ var('restated_december_ratio') }} * november_mwh
    and december_mwh > {{ var('restated_december_ratio') }} * mean_mwh
