-- Net flows between provinces by month, and by year as `interchange_treatment` says; positive from
-- the first code to the second.
with flow as (

    select
        from_region_code,
        to_region_code,
        period_month,
        energy_mwh,
        capacity_mwh
    from {{ ref('int_interchange_estimate') }}
    where kind = 'flow'

),

by_year as (

    {{ year_of_flows('flow', ['energy_mwh', 'capacity_mwh']) }}

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
    period_end,
    resolution,
    cast(energy_mwh as decimal(38, 6)) as energy_mwh,
    cast(capacity_mwh as decimal(38, 6)) as capacity_mwh
from by_year
