-- Net flows between provinces by month, and by year as the net of the year's months; positive
-- from the first code to the second.
with flow as (

    select * from {{ ref('int_interchange_estimate') }}
    where kind = 'flow'

),

by_year as (

    select
        from_region_code,
        to_region_code,
        make_date(cast(extract(year from period_month) as integer), 1, 1) as period_start,
        sum(energy_mwh) as energy_mwh,
        sum(capacity_mwh) as capacity_mwh
    from flow
    group by all
    having count(*) = 12

)

select
    from_region_code,
    to_region_code,
    period_month as period_start,
    last_day(period_month) as period_end,
    'month' as resolution,
    energy_mwh,
    capacity_mwh
from flow

union all

select
    from_region_code,
    to_region_code,
    period_start,
    make_date(cast(extract(year from period_start) as integer), 12, 31) as period_end,
    'year' as resolution,
    energy_mwh,
    capacity_mwh
from by_year
