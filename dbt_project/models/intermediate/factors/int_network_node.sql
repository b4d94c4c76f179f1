-- Nodes of the network system: generation and its CO2, by level, period and area.
select
    level,
    period_start,
    resolution,
    area_code,
    cast(generation_mwh as double) as generation_mwh,
    cast(co2_kg as double) as co2_kg
from {{ ref('int_generation_factor') }}
where level in ('province', 'grid_region')
order by level, period_start, resolution, area_code
