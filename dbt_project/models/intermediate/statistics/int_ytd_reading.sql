-- A year-to-date series may not fall. Where it does, the later value stands, because statistics
-- restate a year's total and not a month's; every earlier value above it is set aside.
with bulletin as (

    select * from {{ ref('stg_electricity_bulletin') }}
    where energy_ytd_mwh is not null

),

later as (

    select
        *,
        min(energy_ytd_mwh) over (
            partition by region_code, flow, technology, year
            order by month
            rows between 1 following and unbounded following
        ) as lowest_later_mwh
    from bulletin

)

select
    region_code,
    flow,
    technology,
    year,
    month,
    period_month,
    energy_ytd_mwh,
    lowest_later_mwh,
    coalesce(energy_ytd_mwh > lowest_later_mwh, false) as is_set_aside,
    source_id,
    known_at
from later
