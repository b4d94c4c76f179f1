with known as (

    {{ as_known('sector_fuel_co2', ['year', 'region_code', 'fuel_group']) }}

)

select
    region_code,
    year,
    fuel_group,
    co2_t,

    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
