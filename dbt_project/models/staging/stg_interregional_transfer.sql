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
    -- What one unit of the last digit stands for: 37 in 100 GWh is known to 100 GWh.
    cast(
        coalesce(
            energy_mwh
            / nullif(try_cast(replace(reported_text, ',', '') as double), 0)
            / pow(10, length(split_part(reported_text, '.', 2))),
            0
        ) as decimal(38, 6)
    ) as last_digit_mwh,

    -- evidence
    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
