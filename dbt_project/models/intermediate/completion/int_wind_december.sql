-- The wind series has no December: the utilisation hours between the November and the December
-- statistics, times the mean of both capacities.
with capacity as (

    select * from {{ ref('stg_capacity_utilisation') }}
    where technology = 'wind' and scope = 'above_6mw'

),

paired as (

    select
        december.region_code,
        december.year,
        december.period_month,
        december.utilisation_hours_ytd - november.utilisation_hours_ytd as hours,
        (december.capacity_mw + november.capacity_mw) / 2 as capacity_mw,
        december.source_id,
        greatest(december.known_at, november.known_at) as known_at
    from capacity as december
    inner join capacity as november
        on
            december.region_code = november.region_code
            and december.year = november.year
            and november.month = 11
    where december.month = 12

)

select
    region_code,
    'wind' as technology,
    year,
    12 as month,
    period_month,
    {{ energy('hours * capacity_mw') }} as energy_mwh,
    'capacity_times_hours' as method_id,
    source_id,
    known_at
from paired
where hours >= 0 and capacity_mw >= 0
