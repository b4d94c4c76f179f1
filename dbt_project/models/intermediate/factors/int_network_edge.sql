-- Edges of the network system: net interchange in its direction, by level and period.
select
    level,
    period_start,
    resolution,
    from_region_code,
    to_region_code,
    cast(energy_mwh as double) as energy_mwh
from {{ ref('int_interchange_period') }}
order by level, period_start, resolution, from_region_code, to_region_code
