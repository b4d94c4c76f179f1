with known as (

    {{ as_known(
        'interregional_transfer',
        ['from_region_code', 'to_region_codes', 'period_start', 'period_end', 'kind']
    ) }}

)

select
    -- ids
    from_region_code,
    to_region_codes,
    kind,

    -- period
    period_start,
    period_end,

    -- quantities
    energy_mwh,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
