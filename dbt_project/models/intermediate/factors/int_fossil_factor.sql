-- Fossil-power factor: CO2 over generation of the fossil technologies (METHODS a, equation 6).
with area as (

    select * from {{ ref('int_area_period') }}
    where technology in ('coal', 'gas', 'oil')

)

select
    level,
    area_code,
    year,
    period_start,
    period_end,
    resolution,
    maturity,
    sum(generation_mwh) as generation_mwh,
    sum(reported_mwh) as reported_mwh,
    cast(sum(co2_kg) as double) / sum(generation_mwh) / 1000 as value,
    cast(sum(intensity_variance_t2) as double)
    / pow(cast(sum(generation_mwh) as double), 2) as variance,
    cast(sum(dqr_co2_kg) as double) / nullif(sum(co2_kg), 0) as dqr,
    max(known_at) as known_at
from area
group by level, area_code, year, period_start, period_end, resolution, maturity
having sum(generation_mwh) > 0 and sum(co2_kg) > 0
