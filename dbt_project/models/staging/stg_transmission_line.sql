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

        -- evidence
        known.source_id,
        known.receipt_id,
        known.sheet,
        known.row_number,
        known.known_at
    from known
    left join to_correction
        on {{ correction_key_matches('to_correction', key) }}
    left join capacity_correction
        on {{ correction_key_matches('capacity_correction', key) }}

)

select *
from corrected
