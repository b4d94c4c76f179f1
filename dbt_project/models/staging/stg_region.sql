with known as (

    {{ as_known('region', ['region_code']) }}

)

select
    region_code,
    level,
    parent_code,
    name_zh,
    name_en
from known
