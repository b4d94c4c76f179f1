with known as (

    {{ as_known('grid_region', ['region_code']) }}

)

select
    region_code,
    grid_region_code,

    source_id,
    known_at
from known
