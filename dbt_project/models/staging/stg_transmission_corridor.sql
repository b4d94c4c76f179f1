{% set key = ['from_region_code', 'to_region_code', 'year'] %}

with known as (

    {{ as_known('transmission_corridor', key) }}

),

to_correction as (

    {{ corrections_of('transmission_corridor', 'to_region_code') }}

),

capacity_correction as (

    {{ corrections_of('transmission_corridor', 'capacity_mw') }}

),

corrected as (

    select
        known.from_region_code,
        case
            when known.to_region_code = to_correction.expect then to_correction.value
            else known.to_region_code
        end as to_region_code,
        case
            when known.capacity_mw = cast(capacity_correction.expect as double)
                then cast(capacity_correction.value as double)
            else known.capacity_mw
        end as capacity_mw,
        known.year,

        known.source_id,
        known.known_at
    from known
    left join to_correction
        on {{ correction_key_matches('to_correction', key) }}
    left join capacity_correction
        on {{ correction_key_matches('capacity_correction', key) }}

),

-- A corridor has no direction: its ends are put in code order and parallel lines are added.
corridors as (

    select
        least(from_region_code, to_region_code) as from_region_code,
        greatest(from_region_code, to_region_code) as to_region_code,
        cast(sum(cast(capacity_mw as decimal(18, 3))) as double) as capacity_mw,
        min(source_id) as source_id,
        max(known_at) as known_at
    from corrected
    group by all

)

select *
from corridors
order by from_region_code, to_region_code
