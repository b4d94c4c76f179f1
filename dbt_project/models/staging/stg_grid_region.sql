with known as (

    {{ as_known('grid_region', ['region_code']) }}

)

select
    region_code,
    grid_region_code,

    source_id,
    receipt_id,
    sheet,
    row_number,
    known_at
from known
