-- Edges of the network systems: net interchange in its direction, by level and period.
with official_structure as (

    select
        level,
        period_start,
        resolution,
        from_region_code,
        to_region_code,
        energy_mwh
    from {{ ref('int_interchange_period') }}

),

consumption_network as (

    select
        'node' as level,
        period_month as period_start,
        'month' as resolution,
        from_node as from_region_code,
        to_node as to_region_code,
        energy_mwh
    from {{ ref('int_node_edge') }}

),

edge as (

    select * from official_structure
    union all
    select * from consumption_network

)

select
    level,
    period_start,
    resolution,
    from_region_code,
    to_region_code,
    cast(energy_mwh as double) as energy_mwh
from edge
order by level, period_start, resolution, from_region_code, to_region_code
