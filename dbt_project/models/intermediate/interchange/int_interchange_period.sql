-- Net interchange in the direction in which it ran, between provinces and between grid regions.
with signed as (

    select
        'province' as level,
        from_region_code,
        to_region_code,
        period_start,
        period_end,
        resolution,
        energy_mwh,
        capacity_mwh
    from {{ ref('int_province_flow_period') }}

    union all

    select
        'grid_region' as level,
        from_region_code,
        to_region_code,
        period_start,
        period_end,
        resolution,
        energy_mwh,
        cast(null as decimal(38, 6)) as capacity_mwh
    from {{ ref('int_region_flow_period') }}

)

select
    level,
    case when energy_mwh > 0 then from_region_code else to_region_code end as from_region_code,
    case when energy_mwh > 0 then to_region_code else from_region_code end as to_region_code,
    period_start,
    period_end,
    resolution,
    cast(abs(energy_mwh) as decimal(38, 6)) as energy_mwh,
    cast(capacity_mwh as decimal(38, 6)) as capacity_mwh
from signed
where energy_mwh <> 0
