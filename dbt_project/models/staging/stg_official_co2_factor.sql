with known as (

    {{ as_known('official_co2_factor', ['year', 'region_code', 'factor_kind']) }}

)

select
    region_code,
    year,
    factor_kind,
    value_kg_per_kwh,
    announcement,
    announced_on,

    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
