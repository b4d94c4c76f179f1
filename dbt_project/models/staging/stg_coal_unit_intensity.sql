with known as (

    {{ as_known('coal_unit_intensity', ['year', 'region_code']) }}

)

select
    region_code,
    year,
    coal_capacity_mw,
    co2_kg_per_kwh,
    unit_count,

    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
