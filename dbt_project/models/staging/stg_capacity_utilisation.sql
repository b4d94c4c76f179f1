{% set key = ['period_month', 'region_code', 'technology', 'scope'] %}

with known as (

    {{ as_known('capacity_utilisation', key) }}

),

correction as (

    {{ corrections_of('capacity_utilisation', 'capacity_mw') }}

),

corrected as (

    select
        -- ids
        known.region_code,
        known.technology,
        known.scope,

        -- period
        known.period_month,
        cast(extract(year from known.period_month) as integer) as year,
        cast(extract(month from known.period_month) as integer) as month,

        -- quantities
        case
            when known.capacity_mw = cast(correction.expect as double)
                then cast(correction.value as double)
            else known.capacity_mw
        end as capacity_mw,
        known.utilisation_hours_ytd,

        -- evidence
        known.source_id,
        known.receipt_id,
        known.sheet,
        known.row_number,
        known.known_at
    from known
    left join correction
        on {{ correction_key_matches('correction', key) }}

)

select *
from corrected
