{% set key = ['period_month', 'region_code', 'flow', 'technology'] %}

with known as (

    {{ as_known('electricity_bulletin', key) }}

),

correction as (

    {{ corrections_of('electricity_bulletin', 'energy_ytd_mwh') }}

),

corrected as (

    select
        -- ids
        known.region_code,
        known.flow,
        known.technology,

        -- period
        known.period_month,
        cast(extract(year from known.period_month) as integer) as year,
        cast(extract(month from known.period_month) as integer) as month,

        -- quantities
        known.energy_ytd_mwh as energy_ytd_reported_mwh,
        case
            when known.energy_ytd_mwh = cast(correction.expect as decimal(38, 6))
                then cast(correction.value as decimal(38, 6))
            else known.energy_ytd_mwh
        end as energy_ytd_mwh,
        known.missing_marker,

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
